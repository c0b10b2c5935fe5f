import { Analytics } from '@segment/analytics-node';
import { key, known, url } from './known.mjs';

const failures = [];
const analytics = new Analytics({ writeKey: key, host: url, flushAt: 7 });
analytics.on('error', (error) => failures.push(error));

const { user: userId, sdk } = known;
analytics.identify({ userId, traits: known.traits });
for (const { event, properties } of known.events) analytics.track({ userId, event, properties });
for (let n = 0; n < known.ticks; n += 1) analytics.track({ userId, event: 'Ticked', properties: { n, sdk } });
analytics.page({ userId, ...known.page });
analytics.screen({ userId, ...known.screen });
analytics.group({ userId, groupId: known.group.id, traits: known.group.traits });
analytics.alias({ userId, previousId: known.previous });
await analytics.closeAndFlush({ timeout: 20_000 });
if (failures.length > 0) {
  console.error(failures);
  process.exit(1);
}
