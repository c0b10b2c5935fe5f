// A marketer builds a segment and believes its numbers: counts while building, save, list, recount, a new version.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { accessible, api, healthy, launch, settled, shot, signedIn, url } from './browser.mjs';

/** 40 people: team "blue" if n < 15, else "green"; watched n % 5 times; allows advertising if n is even. */
const PEOPLE = Array.from({ length: 40 }, (_, n) => n);
const blue = (n) => n < 15;
const watched = (n) => n % 5;
const BLUE = PEOPLE.filter(blue).length;
const VIEWERS = PEOPLE.filter((n) => watched(n) >= 3);
const BOTH = PEOPLE.filter((n) => blue(n) && watched(n) >= 3);

let browser;

before(async () => {
  browser = await launch();
  const page = await signedIn(browser, 'admin');
  const source = await api(page, 'POST', '/sources', { name: 'Browser test' });
  const batch = PEOPLE.flatMap((n) => [
    { type: 'identify', userId: `t${n}`, traits: { test_team: blue(n) ? 'blue' : 'green', consent_ads: n % 2 === 0 } },
    ...Array.from({ length: watched(n) }, (_, episode) => ({
      type: 'track', userId: `t${n}`, event: 'Test Watched', properties: { test_episode: episode + 1, test_minutes: 10 },
    })),
  ]).map((message, index) => ({ ...message, messageId: `browser-${index}` }));
  const answer = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${source.write_key}:`).toString('base64')}` },
    body: JSON.stringify({ batch }),
  });
  assert.equal(answer.status, 200, await answer.text());
  const taken = async () => (await api(page, 'GET', `/sources/${source.id}/ledger`)).totals;
  for (let waited = 0; (await taken()).accepted < batch.length; waited += 1) {
    assert.ok(waited < 100, JSON.stringify(await taken()));
    await page.waitForTimeout(100);
  }
  await page.context().close();
});
after(() => browser.close());

const line = (page, kind) => page.locator(`.rb-line[data-kind="${kind}"]`);
const countOf = (locator) => locator.locator('.rb-count-number').first();

/** Waits for a text, so that a count that never comes is told with what stood there instead. */
async function shows(locator, text) {
  await locator.waitFor();
  for (let waited = 0; waited < 100; waited += 1) {
    if ((await locator.innerText()).trim() === String(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal((await locator.innerText()).trim(), String(text));
}

async function addTrait(page, path, value) {
  await page.getByRole('button', { name: 'Trait', exact: true }).last().click();
  const row = line(page, 'trait').last();
  await row.getByLabel('Trait').fill(path);
  await row.getByLabel('Value').fill(value);
  await page.keyboard.press('Escape');
  return row;
}

async function addBehaviour(page, event, atLeast) {
  await page.getByRole('button', { name: 'Behaviour', exact: true }).last().click();
  const row = line(page, 'event').last();
  await row.getByLabel('Events').fill(event);
  await page.getByRole('option', { name: new RegExp(`^${event}`) }).click();
  await page.keyboard.press('Escape');
  await row.getByLabel('Number', { exact: true }).fill(String(atLeast));
  return row;
}

test('a segment from an empty page to a proved list', async (t) => {
  const page = await signedIn(browser, 'marketer');
  const total = page.locator('.rb-total-number');

  await t.test('each line and the whole are counted while building', async () => {
    await page.goto('/segments');
    await settled(page);
    await page.getByRole('link', { name: 'New segment' }).click();
    await settled(page);
    await page.getByLabel('Name').fill('Blue viewers');
    const team = await addTrait(page, 'test_team', 'blue');
    await shows(countOf(team), BLUE);
    await shows(total, BLUE);
    const viewers = await addBehaviour(page, 'Test Watched', 3);
    await shows(countOf(viewers), VIEWERS.length);
    await shows(total, BOTH.length);
    await page.getByLabel('How the group’s lines combine').or(page.getByLabel("How the group's lines combine")).first().click();
    await page.getByRole('option', { name: 'Any of' }).click();
    await shows(total, BLUE + VIEWERS.length - BOTH.length);
    await page.getByRole('button', { name: 'Undo' }).click();
    await shows(total, BOTH.length);
    await shot(page, 'builder-1440');
    await accessible(page, 'the builder at work');
  });

  await t.test('the same rule is edited as text, with what is wrong underlined and nothing lost', async () => {
    const text = page.getByLabel('The rule as text');
    await page.getByText('Text', { exact: true }).click();
    await text.waitFor();
    const written = await text.inputValue();
    assert.equal(written, 'test_team = "blue" and did `Test Watched` 3 times');
    page.expected.add(422);
    await text.fill(`${written} and test_team ==`);
    await page.getByRole('button', { name: /^Line 1, column/ }).first().waitFor();
    assert.notEqual(await page.locator('.rb-underlined mark').first().textContent(), '');
    await shot(page, 'builder-text-1440');
    await accessible(page, 'the rule as text');
    await page.getByText('Repair or discard the text: Line 1').waitFor();
    await page.getByRole('button', { name: 'Save segment', disabled: true }).waitFor();
    await page.getByText('Builder', { exact: true }).click();
    await page.getByText('The text has a fault').waitFor();
    await shot(page, 'builder-text-fault-1440');
    await accessible(page, 'the builder beside a text with a fault');
    await page.getByRole('button', { name: 'Go to the text' }).click();
    await page.waitForFunction(() => document.activeElement?.id === 'rule-text');
    assert.equal(await text.inputValue(), `${written} and test_team ==`);
    page.expected.delete(422);
    await text.fill('count(`Test Watched`) >= 3');
    await shows(total, VIEWERS.length);
    await page.getByRole('button', { name: 'Save segment', disabled: false }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await shows(total, BOTH.length);
    assert.equal(await text.inputValue(), written);
    await page.getByText('Builder', { exact: true }).click();
  });

  await t.test('saved, it is counted and has a page', async () => {
    await page.getByRole('button', { name: 'Save segment' }).click();
    await page.waitForURL(/\/segments\/(?!new)[^/]+$/);
    await settled(page);
    await page.getByRole('heading', { level: 1, name: 'Blue viewers' }).waitFor();
    await shows(page.locator('.rc-stat').filter({ hasText: 'Members' }).locator('.rc-number').first(), BOTH.length);
  });

  await t.test('its list leaves with consent only', async () => {
    await page.getByRole('tab', { name: 'Export' }).click();
    const allowed = BOTH.filter((n) => n % 2 === 0).map((n) => `t${n}`);
    const link = page.getByRole('link', { name: `Download ${allowed.length} users` });
    await link.waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    const [head, ...rows] = readFileSync(await download.path(), 'utf8').trim().split(/\r?\n/);
    assert.equal(head, 'user_id');
    assert.deepEqual(rows.sort(), allowed.sort());
    await shot(page, 'export-1440');
    await accessible(page, 'the export');
  });

  await t.test('its members can be looked at', async () => {
    await page.getByRole('tab', { name: 'Members' }).click();
    await page.getByText(`t${BOTH[0]}`, { exact: true }).first().waitFor();
  });

  await t.test('recounted from raw events, it agrees', async () => {
    await page.getByRole('button', { name: 'Recount' }).click();
    await page.waitForURL(/\/recounts\//);
    await page.getByText('Both paths found the same set').waitFor({ timeout: 60_000 });
    await settled(page);
    await shot(page, 'recount-1440');
    await accessible(page, 'the recount');
    healthy(page, 'recount');
  });

  await t.test('an edit is a new version, and the old one stays to be seen', async () => {
    await page.goto('/segments');
    await page.getByRole('link', { name: 'Blue viewers' }).click();
    await settled(page);
    await page.getByRole('link', { name: 'Edit' }).click();
    await settled(page);
    await line(page, 'event').getByLabel('Number', { exact: true }).fill('4');
    await shows(total, PEOPLE.filter((n) => blue(n) && watched(n) >= 4).length);
    await page.getByRole('button', { name: 'Save as new version' }).click();
    await page.waitForURL(/\/segments\/[^/]+$/);
    await page.getByText('version 2').first().waitFor();
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByText(/version 1|^1$/i).first().waitFor();
    await shot(page, 'versions-1440');
    healthy(page, 'versions');
  });

  await t.test('in the trash and back', async () => {
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Move to trash' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Move to trash' }).click();
    await page.waitForURL(/\/segments$/);
    await page.goto('/trash');
    await settled(page);
    await page.getByText('Blue viewers').first().waitFor();
    await page.getByRole('row', { name: /Blue viewers/ }).getByRole('button', { name: 'Restore' }).click();
    await page.goto('/segments');
    await page.getByRole('link', { name: 'Blue viewers' }).waitFor();
    healthy(page, 'trash');
  });
  await page.context().close();
});

test('an unfinished line says that it keeps the segment from being saved, and Save goes there', async () => {
  const page = await signedIn(browser, 'marketer');
  await page.goto('/segments/new');
  await settled(page);
  await page.getByLabel('Name').fill('Unfinished');
  const row = await addBehaviour(page, 'Test Watched', 1);
  await row.getByRole('button', { name: 'Add a filter' }).click();
  await page.getByRole('option', { name: /test_episode/ }).waitFor(); // the list is open
  await page.keyboard.press('Escape');
  await page.getByText('Finish or remove the new filter of “Test Watched”: pick a property').waitFor();
  await row.getByLabel('Number', { exact: true }).focus();
  await page.getByRole('button', { name: 'Save segment' }).click({ force: true });
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Property');
  await page.keyboard.press('Escape');
  await row.getByRole('button', { name: 'Remove the filter' }).click();
  await page.getByRole('button', { name: 'Save segment', disabled: false }).waitFor();
  await accessible(page, 'an unfinished line');
  await page.context().close();
});

test('what is typed as text or JSON is what is saved', async () => {
  const page = await signedIn(browser, 'marketer');
  const made = await api(page, 'POST', '/segments', { name: 'Typed', rule: { trait: 'test_team', op: 'eq', value: 'blue' } });
  const total = page.locator('.rb-total-number');
  const save = (disabled) => page.getByRole('button', { name: 'Save as new version', disabled });
  await page.goto(`/segments/${made.id}/edit`);
  await settled(page);
  await shows(total, BLUE);
  await page.getByText('Text', { exact: true }).click();
  await page.getByLabel('The rule as text').fill('test_team = "green"');
  await page.getByText('Builder', { exact: true }).click();
  await shows(countOf(line(page, 'trait')), PEOPLE.length - BLUE);
  assert.equal(await line(page, 'trait').getByLabel('Value').inputValue(), 'green');

  await page.getByText('JSON', { exact: true }).click();
  const json = page.getByLabel('The rule as JSON');
  const typed = JSON.stringify({ event: 'Test Watched', op: 'gte', value: 3 });
  await json.fill(`${typed},`);
  await page.getByRole('button', { name: 'Discard the JSON', exact: true }).waitFor();
  await save(true).waitFor();
  await accessible(page, 'JSON with a fault');
  await page.getByText('Text', { exact: true }).click();
  await page.getByRole('button', { name: 'Discard the JSON', exact: true }).click();
  await page.getByLabel('The rule as text').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Go to the JSON' }).click();
  await json.fill(typed);
  await shows(total, VIEWERS.length);
  await save(false).click();
  await page.waitForURL(/\/segments\/(?!.*edit)[^/]+$/);
  assert.deepEqual((await api(page, 'GET', `/segments/${made.id}`)).rule, JSON.parse(typed));
  healthy(page, 'typed');
  await page.context().close();
});

test('a window that is a season is a sentence, made and changed without JSON', async () => {
  const page = await signedIn(browser, 'marketer');
  await page.goto('/segments/new');
  await settled(page);
  const row = await addBehaviour(page, 'video_view', 1);
  await row.getByLabel('When').click();
  await page.getByRole('option', { name: 'in a season' }).click();
  await row.getByLabel('Whose season').fill('NCIS');
  await page.keyboard.press('Escape');
  await row.getByLabel('Which season').click();
  await page.getByRole('option', { name: 'the previous season' }).click();
  await row.getByRole('group', { name: 'in the previous season of NCIS' }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.rb [data-stale]').length === 0);
  await shot(page, 'season-1440');
  await accessible(page, 'a season');
  await page.getByText('Text', { exact: true }).click();
  await page.waitForFunction(() => document.querySelector('#rule-text')?.value.includes('season previous of programme "NCIS"'));
  healthy(page, 'season');
  await page.context().close();
});

test('a fault is shown at its line, and nothing is saved', async () => {
  const page = await signedIn(browser, 'marketer');
  await page.goto('/segments/new');
  await settled(page);
  await page.getByLabel('Name').fill('Faulty');
  const team = await addTrait(page, 'test_team', 'blue');
  await shows(countOf(team), BLUE);
  await team.getByLabel('Comparison').click();
  await page.getByRole('option', { name: /regex|pattern/i }).click();
  page.expected.add(422);
  await team.getByLabel('Value').fill('(');
  await page.locator('.rb-line[data-state="faulty"]').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.rb [data-stale]').length === 0);
  assert.ok(await page.getByRole('button', { name: 'Save segment' }).isDisabled());
  await shot(page, 'fault-1440');
  await accessible(page, 'a faulty line');
  await page.context().close();
});

test('a new event moves the number on the page by itself', async () => {
  const page = await signedIn(browser, 'admin');
  const segment = await api(page, 'POST', '/segments', { name: 'Moving', rule: { event: 'Test Moved' } });
  await page.goto(`/segments/${segment.id}`);
  await settled(page);
  const members = page.locator('.rc-stat').filter({ hasText: 'Members' }).locator('.rc-number').first();
  await shows(members, 0);
  const source = (await api(page, 'GET', '/sources')).items.find((item) => item.name === 'Browser test');
  await fetch(`${url}/v1/track`, {
    method: 'POST',
    body: JSON.stringify({ writeKey: source.write_key, userId: 't1', event: 'Test Moved' }),
  });
  await shows(members, 1);
  await page.context().close();
});
