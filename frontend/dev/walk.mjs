// Walks through the page as people would, against the mock or a real server: node dev/walk.mjs BASE_URL OUT_DIR
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';

const [base, out] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
const page = await context.newPage();
page.on('pageerror', (error) => console.log('pageerror', error.message));
const shot = async (name) => {
  await page.screenshot({ path: `${out}/${name}.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  for (const found of violations) console.log(`axe  ${name}: ${found.id} x${found.nodes.length}: ${found.nodes[0].html.slice(0, 200)}`);
};
page.on('console', (message) => message.type() === 'error' && !message.text().includes('status of 4') && console.log('console', message.text().slice(0, 300)));
const total = () => page.locator('.rb-total-number').innerText();
const settled = async () => { await page.waitForTimeout(350); await page.waitForSelector('.rb-total-number:not([data-stale])'); };
const signIn = async (who) => {
  await page.fill('input[type=email]', `${who}@example.org`);
  await page.fill('input[type=password]', 'secret-secret');
  await page.click('button[type=submit]');
};
const step = async (name, run) => { try { await run(); console.log('ok  ', name); } catch (error) { console.log('FAIL', name, error.message.split('\n').slice(0, 6).join(' | ')); context.setDefaultTimeout(8_000); await shot(`fail-${name.replaceAll(' ', '-')}`); } };

await step('deep link survives sign-in', async () => {
  await page.goto(`${base}/segments/new`);
  await page.waitForSelector('h1:has-text("Sign in")');
  await page.fill('input[type=email]', 'admin@example.org');
  await page.fill('input[type=password]', 'wrong');
  await page.click('button[type=submit]');
  await page.waitForSelector('[role=alert]:has-text("E-mail or password")');
  await signIn('admin');
  await page.waitForSelector('h1:has-text("New segment")');
});
await step('trait line with suggestions counts', async () => {
  await page.click('.rb-add button:has-text("Trait")');
  await page.keyboard.type('gen');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForSelector('text=Give a value');
  await page.locator('.rb-value input').click();
  await page.waitForSelector('[role=option]:has-text("52,000 users")');
  await shot('suggestions');
  await page.locator('[role=option]:visible:has-text("52,000")').click();
  await settled();
  assert.match(await total(), /\d/);
});
await step('behaviour line with filter and window', async () => {
  await page.click('.rb-add button:has-text("Behaviour")');
  await page.keyboard.type('video');
  await page.click('[role=option]:visible:has-text("video_view")');
  await page.keyboard.press('Escape');
  await page.click('button:has-text("Add a filter")');
  await page.locator('.rb-filter input').first().fill('seconds');
  await page.keyboard.press('Escape');
  await page.locator('.rb-filter').getByRole('combobox', { name: 'Comparison' }).click();
  await page.click('[role=option]:visible:has-text("is at least")');
  await page.locator('.rb-filter').getByRole('textbox', { name: 'Value' }).fill('600');
  await page.getByRole('combobox', { name: 'When' }).click();
  await page.click('[role=option]:visible:has-text("in the last")');
  const before = await total();
  await page.getByRole('textbox', { name: 'Number', exact: true }).fill('5');
  await settled();
  assert.notEqual(await total(), before);
  await shot('behaviour');
});
await step('drag into a group and keyboard move', async () => {
  await page.click('.rb-add button:has-text("Group")');
  const line = page.locator('[data-kind=trait] .rb-grip').first();
  await line.dragTo(page.locator('.rb-group .rb-group .rb-children'));
  assert.equal(await page.locator('.rb-group .rb-group [data-kind=trait]').count(), 1);
  await page.locator('[data-kind=trait] .rb-grip').focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.locator('.rb-group .rb-group [data-kind=trait]').count(), 0);
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('.rb-group .rb-group [data-kind=trait]').count(), 1);
});
await step('negation and undo', async () => {
  await settled();
  const before = await total();
  await page.locator('[data-kind=trait]').getByRole('button', { name: 'Line actions' }).click();
  await page.getByRole('menuitem', { name: /Turn into/ }).click();
  await page.waitForSelector('.rb-not');
  await settled();
  assert.notEqual(await total(), before);
  await page.getByRole('button', { name: 'Undo' }).click();
  await settled();
  assert.equal(await total(), before);
});
await step('a faulty line is marked and the rest counted', async () => {
  await page.locator('[aria-label="View of the rule"]').getByText('JSON').click();
  const area = page.getByRole('textbox', { name: 'The rule as JSON' });
  const rule = JSON.parse(await area.inputValue());
  rule.all.push({ trait: 'age', op: 'eq', value: 'old' }, { sequence: [{ event: 'login' }, { event: 'purchase' }] });
  await area.fill(JSON.stringify(rule));
  await page.getByText('In step with the builder').waitFor();
  await page.locator('[aria-label="View of the rule"]').getByText('Builder').click();
  await page.waitForSelector('[role=alert]:has-text("age is a number")');
  await settled();
  await shot('fault');
  assert.match(await total(), /\d/);
  await page.locator('[data-state=faulty]').getByRole('button', { name: 'Line actions' }).click();
  await page.getByRole('menuitem', { name: 'Remove', exact: true }).click();
  await settled();
});
await step('leaving asks, saving does not', async () => {
  await page.click('.rc-navlink:has-text("Sources")');
  await page.getByRole('button', { name: 'Stay here' }).click();
  await page.getByLabel('Name').fill('Walked through');
  await page.getByRole('button', { name: 'Save segment' }).click();
  await page.waitForSelector('h1:has-text("Walked through")');
  await page.waitForSelector('.recharts-wrapper');
  await shot('saved');
});
await step('live debugger fills', async () => {
  await page.goto(`${base}/sources/web?tab=live`);
  await page.waitForSelector('.rc-live-row');
  const first = await page.locator('.rc-live-user').first().innerText();
  await page.waitForFunction((text) => document.querySelector('.rc-live-user').textContent !== text, first, { timeout: 8_000 });
  await page.locator('.rc-live-row').first().click();
  await shot('live-open');
});
await step('a list is pasted', async () => {
  await page.goto(`${base}/lists`);
  await page.getByRole('button', { name: 'New list' }).click();
  await page.getByLabel('Name').fill('Pasted');
  await page.getByLabel('User ids').fill('u1\nu2\nu2');
  await page.waitForSelector('text=2 different ids');
  await shot('list-form');
  await page.getByRole('button', { name: 'Create list' }).click();
  await page.waitForSelector('td:has-text("Pasted")');
});
await step('the theme is kept', async () => {
  await page.getByRole('button', { name: 'Switch to dark theme' }).click();
  await page.reload();
  await page.waitForSelector('[data-mantine-color-scheme=dark]');
});
await step('an auditor sees what is theirs', async () => {
  await page.getByRole('button', { name: /Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForSelector('h1:has-text("Sign in")');
  await signIn('auditor');
  await page.waitForSelector('h1:has-text("Overview")');
  const items = await page.locator('.rc-navlink').allInnerTexts();
  assert.deepEqual(items, ['Overview', 'Segments', 'Sources', 'Events and traits', 'Recounts', 'Audit trail']);
  await page.goto(`${base}/access`);
  await page.waitForSelector('text=Not part of your role');
  await page.goto(`${base}/segments/s1?tab=members`);
  await page.waitForSelector('td:has-text("p_")');
  assert.equal(await page.getByRole('link', { name: 'Edit' }).count(), 0);
  await shot('auditor');
});
await browser.close();
