// What every sender is given: `node SENDER URL KEY KNOWN [option]`.
export const [url, key, knownJson, option] = process.argv.slice(2);
export const known = JSON.parse(knownJson);
