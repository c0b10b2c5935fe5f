// A marketer writes a campaign: preview with a real person, the waterfall before sending, nothing sent by accident.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, api, healthy, launch, settled, shot, signedIn } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const aDraft = async (page) => (await api(page, 'GET', '/campaigns')).items.find(({ state }) => state === 'draft');

test('the draft of the demo shows what would be sent, and to how many', async () => {
  const page = await signedIn(browser, 'marketer');
  const campaign = await aDraft(page);
  const { steps } = await api(page, 'GET', `/campaigns/${campaign.id}/waterfall`);
  const deliverable = steps.find((step) => step.name === 'deliverable').count;
  await page.goto('/campaigns');
  await settled(page);
  await page.getByRole('link', { name: campaign.name }).click();
  await settled(page);
  await page.getByRole('heading', { level: 1, name: campaign.name }).waitFor();
  await page.getByTitle('The message').waitFor();
  await shot(page, 'campaign-1440');
  await accessible(page, 'a campaign');
  await page.getByRole('tab', { name: 'Who would get it' }).click();
  await page.getByText(new Intl.NumberFormat('en-US').format(deliverable)).first().waitFor();
  await shot(page, 'campaign-waterfall-1440');
  healthy(page, 'a campaign');
  await page.context().close();
});

test('sending asks first', async () => {
  const page = await signedIn(browser, 'marketer');
  const campaign = await aDraft(page);
  await page.goto(`/campaigns/${campaign.id}`);
  await settled(page);
  await page.getByRole('button', { name: 'Send…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await accessible(page, 'the question before sending');
  await dialog.getByRole('button', { name: 'Not yet' }).click();
  assert.equal((await api(page, 'GET', `/campaigns/${campaign.id}`)).state, 'draft');
  healthy(page, 'sending asks first');
  await page.context().close();
});

test('without a mail server, sending is off and says why', async () => {
  const page = await signedIn(browser, 'marketer');
  const overview = await api(page, 'GET', '/overview');
  await page.route('**/api/v1/overview', (route) => route.fulfill({ json: { ...overview, mail_ready: false } }));
  const campaign = await aDraft(page);
  await page.goto(`/campaigns/${campaign.id}`);
  await settled(page);
  await page.getByText('no mail server').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Send…' }).isDisabled());
  await page.context().close();
});

test('a new campaign is saved as a draft', async () => {
  const page = await signedIn(browser, 'marketer');
  await page.goto('/campaigns/new');
  await settled(page);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('From the page');
  await page.getByRole('combobox', { name: 'Segment' }).click();
  await page.getByRole('option').first().click();
  await page.getByRole('textbox', { name: 'From, name' }).fill('Rollcall');
  await page.getByRole('textbox', { name: 'From, address' }).fill('news@demo.example');
  await page.getByRole('textbox', { name: 'Subject' }).fill('Hello');
  await page.getByRole('button', { name: 'Save as draft' }).click();
  await page.waitForURL(/\/campaigns\/(?!new)[^/]+$/);
  const saved = (await api(page, 'GET', '/campaigns')).items.find((item) => item.name === 'From the page');
  assert.equal(saved?.state, 'draft');
  healthy(page, 'a new campaign');
  await page.context().close();
});
