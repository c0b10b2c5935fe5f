// Signing in and out, and what each role finds in its navigation.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { healthy, launch, open, settled, signIn, signedIn } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const NAVIGATION = {
  admin: [
    'Overview', 'Segments', 'Campaigns', 'Lists', 'Look up a user', 'Trash', 'Sources', 'Imports', 'Events and traits', 'Recounts',
    'Audit trail', 'Accounts and keys',
  ],
  marketer: [
    'Overview', 'Segments', 'Campaigns', 'Lists', 'Look up a user', 'Trash', 'Sources', 'Imports', 'Events and traits', 'Recounts',
  ],
  auditor: ['Overview', 'Segments', 'Sources', 'Events and traits', 'Recounts', 'Audit trail'],
};

for (const [role, labels] of Object.entries(NAVIGATION)) {
  test(`${role} finds what they may use`, async () => {
    const page = await signedIn(browser, role);
    await settled(page);
    const shown = await page.getByRole('navigation', { name: 'Main' }).getByRole('link').allInnerTexts();
    assert.deepEqual(shown.map((text) => text.trim()), labels);
    healthy(page, role);
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(/sign-in/);
    page.expected.add(401);
    await page.goto('/segments');
    await page.waitForURL(/sign-in/);
    await page.context().close();
  });
}

test('a wrong password is told in words, and the right one leads on to where one was going', async () => {
  const page = await open(browser);
  page.expected.add(401);
  await page.goto('/recounts');
  await page.waitForURL(/sign-in/);
  await page.getByLabel('E-mail').fill('auditor@demo.example');
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').first().waitFor();
  await page.getByLabel('Password', { exact: true }).fill('rollcall-demo');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/recounts/);
  await page.context().close();
});

test('an auditor finds nothing to change on a segment', async () => {
  const page = await signedIn(browser, 'auditor');
  await page.goto('/segments');
  await settled(page);
  assert.equal(await page.getByRole('link', { name: /new segment/i }).count(), 0);
  await page.getByRole('main').getByRole('link').first().click();
  await settled(page);
  for (const name of [/^edit/i, /trash/i, /^export|^download/i]) {
    assert.equal(await page.getByRole('main').getByRole('button', { name }).count(), 0, String(name));
  }
  healthy(page, 'auditor');
  await page.context().close();
});

test('the whole sign-in works by keyboard', async () => {
  const page = await open(browser);
  await signIn(page, 'marketer', 'wrong');
  await page.getByRole('alert').first().waitFor();
  await page.getByRole('textbox', { name: 'E-mail' }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('rollcall-demo');
  await page.keyboard.press('Enter');
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'));
  await page.context().close();
});
