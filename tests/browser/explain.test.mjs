// A marketer asks why one person is in a segment or not, from the members, from the look-up and by hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, api, healthy, launch, phone, settled, shot, signedIn, url } from './browser.mjs';

const DAY = 86_400_000;
const ago = (days) => new Date(Date.now() - days * DAY).toISOString();
const view = (user, days, show) => ({
  type: 'track', userId: user, event: 'Why Watched', timestamp: ago(days), properties: { why_show: show, why_minutes: 10 },
});
const batch = [
  { type: 'identify', userId: 'why-in', timestamp: ago(60), traits: { why_team: 'blue', consent_ads: true } },
  { type: 'identify', userId: 'why-out', timestamp: ago(60), traits: { why_team: 'blue' } },
  ...[1, 2, 3, 4].map((days) => view('why-in', days, 'Harbour')),
  view('why-out', 2, 'Harbour'), view('why-out', 3, 'Harbour'), view('why-out', 34.5, 'Harbour'), view('why-out', 4, 'Summit'),
];
const rule = {
  all: [
    { trait: 'why_team', op: 'eq', value: 'blue' },
    { event: 'Why Watched', where: [{ property: 'why_show', op: 'eq', value: 'Harbour' }], window: { last: '30d' }, op: 'gte', value: 3 },
    { not: { event: 'Why Bought' } },
  ],
};

let browser;
let segment;

before(async () => {
  browser = await launch();
  const page = await signedIn(browser, 'admin');
  const source = await api(page, 'POST', '/sources', { name: 'Why test' });
  const answer = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${source.write_key}:`).toString('base64')}` },
    body: JSON.stringify({ batch: batch.map((message, index) => ({ ...message, messageId: `why-${index}` })) }),
  });
  assert.equal(answer.status, 200, await answer.text());
  const taken = async () => (await api(page, 'GET', `/sources/${source.id}/ledger`)).totals;
  for (let waited = 0; (await taken()).accepted < batch.length; waited += 1) {
    assert.ok(waited < 100, JSON.stringify(await taken()));
    await page.waitForTimeout(100);
  }
  segment = await api(page, 'POST', '/segments', { name: 'Blue Harbour viewers', rule });
  await page.context().close();
});
after(() => browser.close());

const ask = async (page, user) => {
  await page.getByLabel('User id').fill(user);
  await page.getByRole('button', { name: 'Explain' }).click();
};

test('from the members: why somebody is in, without the id in the address', async () => {
  const page = await signedIn(browser, 'marketer');
  await page.goto(`/segments/${segment.id}?tab=members`);
  await settled(page);
  await page.getByRole('link', { name: 'why? why-in' }).click();
  await page.getByRole('heading', { name: 'why-in is in' }).waitFor();
  assert.ok(!page.url().includes('why-in'), page.url());
  await page.getByText('4 times in the window.').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'why-in is in' }).waitFor();
  healthy(page, 'from the members');
  await page.context().close();
});

test('by hand: why somebody is out, and as of another time', async () => {
  const page = await signedIn(browser, 'marketer');
  await page.goto(`/segments/${segment.id}`);
  await settled(page);
  await page.getByRole('tab', { name: 'Why in or out?' }).click();
  await ask(page, 'why-out');
  await page.getByRole('heading', { name: 'why-out is not in' }).waitFor();
  await page.getByText(/^2 of 3 times in the window\. One on .* is 4 days too early\.$/).waitFor();
  const near = page.getByRole('region', { name: 'What nearly matched' });
  await near.getByText(/but the rule wants: why_show is Harbour/).waitFor();
  await settled(page);
  await shot(page, 'explain-1440');
  await accessible(page, 'an explanation');
  // By keyboard: the evidence of a line closes and opens.
  const toggle = page.getByRole('button', { name: /^Evidence of did “Why Watched”/ });
  await toggle.focus();
  await page.keyboard.press('Enter');
  await near.waitFor({ state: 'detached' });
  await page.keyboard.press('Space');
  await near.waitFor();

  const then = new Date(Date.now() - 61 * DAY);
  const two = (number) => String(number).padStart(2, '0');
  await page.getByLabel('As of').fill(`${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}T12:00`);
  await ask(page, 'why-out');
  await page.getByRole('heading', { name: 'Not known yet at that time' }).waitFor();
  await page.getByLabel('As of').fill('');
  await ask(page, 'nobody at all');
  await page.getByRole('heading', { name: 'Nobody with this id is known' }).waitFor();
  await accessible(page, 'an unknown user');
  healthy(page, 'by hand');
  await page.context().close();
});

test('a failure is told, and can be tried again', async () => {
  const page = await signedIn(browser, 'marketer');
  await page.goto(`/segments/${segment.id}?tab=explain`);
  await settled(page);
  page.expected.add(503);
  const problem = { title: 'Not available', status: 503, detail: 'Try again shortly.', code: 'unavailable', type: 'about:blank' };
  await page.route('**/rules/explain', (route) => route.fulfill({ status: 503, json: problem }), { times: 1 });
  await ask(page, 'why-in');
  await page.getByRole('alert').getByText('Try again shortly.').waitFor();
  await accessible(page, 'a failed explanation');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'why-in is in' }).waitFor();
  await page.context().close();
});

test('from the look-up, in the dark and on a phone', async () => {
  for (const [name, options] of [
    ['explain-dark-1440', { scheme: 'dark' }],
    ['explain-390', { viewport: phone }],
    ['explain-dark-390', { viewport: phone, scheme: 'dark' }],
  ]) {
    const page = await signedIn(browser, 'marketer', options);
    await page.goto('/lookup');
    await settled(page);
    await page.getByLabel('User id').fill('why-in');
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByRole('link', { name: 'why? Blue Harbour viewers' }).click();
    await page.getByRole('heading', { name: 'why-in is in' }).waitFor();
    await ask(page, 'why-out');
    await page.getByRole('heading', { name: 'why-out is not in' }).waitFor();
    await settled(page);
    await shot(page, name);
    await accessible(page, name);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
    healthy(page, name);
    await page.context().close();
  }
});

test('an auditor is not asked in', async () => {
  const page = await signedIn(browser, 'auditor');
  await page.goto(`/segments/${segment.id}?tab=explain`);
  await settled(page);
  assert.equal(await page.getByRole('tab', { name: 'Why in or out?' }).count(), 0);
  await page.getByRole('tab', { name: 'Members' }).click();
  await page.getByText(/^p_[0-9a-f]{16}$/).first().waitFor();
  assert.equal(await page.getByRole('link', { name: /why\?/ }).count(), 0);
  healthy(page, 'an auditor');
  await page.context().close();
});
