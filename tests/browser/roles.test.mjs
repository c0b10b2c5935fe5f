// Signing in and out, and what each role finds in its navigation.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, api, healthy, launch, open, settled, signIn, signedIn } from './browser.mjs';

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
  auditor: ['Overview', 'Segments', 'Campaigns', 'Lists', 'Trash', 'Sources', 'Events and traits', 'Recounts', 'Audit trail'],
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

test('an auditor reads campaigns and lists, and finds nothing to change', async () => {
  const page = await signedIn(browser, 'auditor');
  const campaign = (await api(page, 'GET', '/campaigns')).items[0];
  for (const path of ['/lists', '/trash', '/campaigns', `/campaigns/${campaign.id}`]) {
    await page.goto(path);
    await settled(page);
    for (const name of [/^new/i, /delete/i, /save/i, /send/i, /^test$/i, /empty/i]) {
      const controls = page.getByRole('main').getByRole('button', { name }).or(page.getByRole('main').getByRole('link', { name }));
      assert.equal(await controls.count(), 0, `${name} on ${path}`);
    }
  }
  await page.getByText(campaign.subject, { exact: true }).first().waitFor();
  healthy(page, 'auditor');
  await page.context().close();
});

test('a person changes their own password', async () => {
  const admin = await signedIn(browser, 'admin');
  await api(admin, 'POST', '/users', { email: 'changes@demo.example', name: 'Cleo', role: 'marketer', password: 'the first one' });
  const page = await open(browser);
  await signIn(page, 'changes', 'the first one');
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'));
  await page.getByRole('button', { name: 'Account of Cleo' }).click();
  await page.getByRole('menuitem', { name: 'Change password' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Current password').fill('not this one');
  await form.getByLabel('New password', { exact: false }).first().fill('the second one');
  await form.getByLabel('New password again').fill('the second one');
  page.expected.add(422);
  await form.getByRole('button', { name: 'Change password' }).click();
  await form.getByText('This is not your current password.').waitFor();
  await accessible(page, 'the password form');
  await form.getByLabel('Current password').fill('the first one');
  await form.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Your password is changed').waitFor();
  await api(page, 'GET', '/segments'); // still signed in
  const again = await open(browser);
  await signIn(again, 'changes', 'the second one');
  await again.waitForURL((address) => !address.pathname.startsWith('/sign-in'));
  for (const each of [admin, page, again]) await each.context().close();
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
