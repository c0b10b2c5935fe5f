import Analytics from '@rudderstack/rudder-sdk-node';
import { key, known, url } from './known.mjs';

const client = new Analytics(key, { dataPlaneUrl: url, flushAt: 7, flushInterval: 200, logLevel: 'error' });

/** Each call tells its own delivery: `flush()` alone sends one batch only. */
const delivered = [];
const send = (kind, message) => {
  delivered.push(
    new Promise((resolve, reject) => client[kind](message, (error) => (error ? reject(error) : resolve()))),
  );
};

const { user: userId, sdk } = known;
send('identify', { userId, traits: known.traits });
for (const { event, properties } of known.events) send('track', { userId, event, properties });
for (let n = 0; n < known.ticks; n += 1) send('track', { userId, event: 'Ticked', properties: { n, sdk } });
send('page', { userId, ...known.page });
send('screen', { userId, ...known.screen });
send('group', { userId, groupId: known.group.id, traits: known.group.traits });
send('alias', { userId, previousId: known.previous });
await Promise.all(delivered);
process.exit(0); // its timers keep the process alive
