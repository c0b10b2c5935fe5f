// A marketer uploads user ids and learns which are unknown; the rule reference answers what a word means.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { accessible, api, healthy, launch, phone, settled, shot, signedIn } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const text = (name, ids) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(ids.join('\n')) });

async function known(page, most) {
  const { items } = await api(page, 'GET', '/segments');
  const largest = items.sort((a, b) => b.latest.count - a.latest.count)[0];
  const members = await api(page, 'GET', `/segments/${largest.id}/members?limit=${most}`);
  return members.items.map((member) => member.user_id);
}

test('a file of ids becomes a list, with its unknown ids to download', async (t) => {
  const page = await signedIn(browser, 'marketer');
  const users = await known(page, 3);
  await page.goto('/lists');
  await settled(page);

  await t.test('uploaded', async () => {
    await page.getByRole('button', { name: 'New list' }).first().click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name').fill('Competition');
    await form.getByText('Upload a file').click();
    await page.locator('input[type=file]').setInputFiles(text('ids.txt', [...users, 'stranger-1', 'stranger-2']));
    await shot(page, 'list-form-1440');
    await accessible(page, 'the form of a list');
    await form.getByRole('button', { name: 'Create list' }).click();
    await form.getByText('Competition has 5 ids').waitFor();
    await form.getByText('3 of them are known users. 2 are unknown').waitFor();
    await shot(page, 'list-uploaded-1440');
    await accessible(page, 'what became of an upload');
  });

  await t.test('its unknown ids', async () => {
    const saved = page.waitForEvent('download');
    await page.getByRole('dialog').getByRole('link', { name: 'Download the unknown ids of Competition' }).click();
    const file = await saved;
    assert.match(file.suggestedFilename(), /^competition-unknown-\d{4}-\d\d-\d\d\.csv$/);
    assert.equal(await readFile(await file.path(), 'utf8'), 'user_id\r\nstranger-1\r\nstranger-2\r\n');
    await page.getByRole('button', { name: 'Done' }).click();
  });

  await t.test('replaced by a file that is dropped', async () => {
    const row = page.getByRole('row', { name: /Competition/ });
    await row.getByRole('button', { name: 'Change' }).click();
    const form = page.getByRole('dialog');
    await form.getByText('Replace the list').click();
    await form.getByText('Upload a file').click();
    const dropped = await page.evaluateHandle((ids) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([ids.join('\n')], 'again.csv', { type: 'text/csv' }));
      return transfer;
    }, ['user_id', users[0], 'stranger-3']);
    await form.locator('.rc-drop').dispatchEvent('drop', { dataTransfer: dropped });
    await form.getByText('again.csv').waitFor();
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Competition has 2 ids').waitFor();
    await form.getByRole('button', { name: 'Done' }).click();
    await row.getByText('stranger-3').waitFor();
    await shot(page, 'lists-with-unknown-1440');
    await page.setViewportSize(phone);
    await settled(page);
    await shot(page, 'lists-with-unknown-390');
    await accessible(page, 'lists at 390');
  });
  healthy(page, 'lists');

  await t.test('an auditor sees how many, and no id', async () => {
    const other = await signedIn(browser, 'auditor');
    await other.goto('/lists');
    await other.getByRole('row', { name: /Competition/ }).waitFor();
    assert.equal(await other.getByText('stranger-3').count(), 0);
    assert.equal(await other.getByRole('link', { name: /Download the unknown/ }).count(), 0);
    healthy(other, 'lists of an auditor');
    await other.context().close();
  });
  const made = (await api(page, 'GET', '/lists')).items.find((list) => list.name === 'Competition');
  await api(page, 'DELETE', `/lists/${made.id}`);
  await page.context().close();
});

test('the rule reference is searched from the builder, by keyboard', async () => {
  const page = await signedIn(browser, 'marketer');
  await page.goto('/segments/new');
  const opened = page.context().waitForEvent('page');
  await page.getByRole('link', { name: 'Rule reference, in a new tab' }).click();
  const help = await opened;
  await help.getByRole('heading', { level: 1, name: 'Rule reference' }).waitFor();
  await help.getByLabel('Search the rule reference').focus();
  await help.keyboard.type('season');
  await help.waitForURL(/q=season/);
  await help.getByRole('heading', { level: 3, name: /A season/ }).waitFor();
  assert.equal(await help.getByRole('heading', { level: 3 }).first().innerText(), 'A season season');
  await help.keyboard.press('Tab');
  await help.keyboard.press('Enter');
  await help.waitForURL(/#windows$/);
  await help.getByLabel('Search the rule reference').fill('no such word anywhere');
  await help.getByText('Nothing found').waitFor();
  healthy(page, 'the rule reference');
  await page.context().close();
});
