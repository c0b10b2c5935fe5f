import { AnalyticsBrowser } from '@segment/analytics-next';

/** Sends the known set as a shop's page would; resolves when every call was delivered or the SDK gave up. */
window.send = async ({ origin, key, known, batching }) => {
  const segmentIo = { apiHost: `${origin.replace('http://', '')}/v1`, protocol: 'http' };
  if (batching) segmentIo.deliveryStrategy = { strategy: 'batching', config: { size: 7, timeout: 500 } };
  const analytics = AnalyticsBrowser.load({ writeKey: key, cdnURL: origin }, { integrations: { 'Segment.io': segmentIo } });
  await analytics.ready();
  const { page, screen, sdk, user } = known;
  await analytics.identify(user, known.traits);
  for (const { event, properties } of known.events) await analytics.track(event, properties);
  for (let n = 0; n < known.ticks; n += 1) await analytics.track('Ticked', { n, sdk });
  await analytics.page(page.category, page.name, page.properties);
  await analytics.screen(screen.category, screen.name, screen.properties);
  await analytics.group(known.group.id, known.group.traits);
  await analytics.alias(user, known.previous);
};
