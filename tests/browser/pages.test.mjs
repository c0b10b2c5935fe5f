// Every page, as every role that has it, in both themes, wide and narrow: it loads, nothing breaks; axe finds nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, api, desktop, healthy, launch, open, phone, settled, shot, signedIn } from './browser.mjs';

/** Who has which page in the navigation. */
const PAGES = {
  '/': ['admin', 'marketer', 'auditor'],
  '/segments': ['admin', 'marketer', 'auditor'],
  '/segments/new': ['admin', 'marketer'],
  '/segments/$segment': ['admin', 'marketer', 'auditor'],
  '/segments/$segment/edit': ['admin', 'marketer'],
  '/campaigns': ['admin', 'marketer', 'auditor'],
  '/campaigns/new': ['admin', 'marketer'],
  '/campaigns/$campaign': ['admin', 'marketer', 'auditor'],
  '/lists': ['admin', 'marketer', 'auditor'],
  '/lookup': ['admin', 'marketer'],
  '/trash': ['admin', 'marketer', 'auditor'],
  '/sources': ['admin', 'marketer', 'auditor'],
  '/sources/$source': ['admin', 'marketer', 'auditor'],
  '/imports': ['admin', 'marketer'],
  '/data': ['admin', 'marketer', 'auditor'],
  '/recounts': ['admin', 'marketer', 'auditor'],
  '/audit-trail': ['admin', 'auditor'],
  '/access': ['admin'],
  '/words': ['admin'],
  '/help/rules': ['admin', 'auditor'],
};

let browser;
const ids = {};

before(async () => {
  browser = await launch();
  const page = await signedIn(browser, 'admin');
  ids.$segment = (await api(page, 'GET', '/segments')).items[0].id;
  ids.$campaign = (await api(page, 'GET', '/campaigns')).items[0].id;
  ids.$source = (await api(page, 'GET', '/sources')).items[0].id;
  await page.context().close();
});
after(() => browser.close());

const address = (route) => route.replace(/\$\w+/, (name) => ids[name]);
const filename = (route) => route.replaceAll('$', '').replaceAll('/', '-').replace(/^-$/, '-home');

/** Whoever sees most is looked at in every light and by axe; of the others, what differs is what they may do. */
const VISITS = [
  { role: 'admin', scheme: 'light', narrow: true },
  { role: 'admin', scheme: 'dark', narrow: true },
  { role: 'marketer', scheme: 'light', narrow: false },
  { role: 'auditor', scheme: 'dark', narrow: false },
];

async function visit(page, route, { role, scheme, narrow }) {
  page.faults.length = 0;
  await page.setViewportSize(desktop);
  await page.goto(address(route));
  await settled(page);
  assert.equal(await page.locator('html').getAttribute('data-mantine-color-scheme'), scheme);
  assert.match(await page.title(), /Rollcall/);
  await shot(page, `${role}-${scheme}${filename(route)}-1440`);
  if (role === 'admin') await accessible(page, `${route} at 1440`);
  if (narrow) {
    await page.setViewportSize(phone);
    await settled(page);
    await shot(page, `${role}-${scheme}${filename(route)}-390`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${route} is ${overflow} px wider than a phone`);
    if (scheme === 'light') await accessible(page, `${route} at 390`);
  }
  healthy(page, route);
}

for (const who of VISITS) {
  test(`${who.role}, ${who.scheme}`, async (t) => {
    const page = await signedIn(browser, who.role, { scheme: who.scheme });
    for (const [route, roles] of Object.entries(PAGES)) {
      if (roles.includes(who.role)) await t.test(route, () => visit(page, route, who));
    }
    await page.context().close();
  });
}

test('the sign-in page', async () => {
  for (const scheme of ['light', 'dark']) {
    const page = await open(browser, { scheme });
    page.expected.add(401);
    await page.goto('/');
    await page.waitForURL(/sign-in/);
    await settled(page);
    await accessible(page, `sign-in, ${scheme}`);
    await shot(page, `nobody-${scheme}-sign-in-1440`);
    healthy(page, 'sign-in');
    await page.context().close();
  }
});

test('on a phone nothing of a table is out of sight', async () => {
  const page = await signedIn(browser, 'admin', { viewport: phone });
  for (const path of ['/segments', '/audit-trail', '/access', '/sources', '/campaigns', `/sources/${ids.$source}`]) {
    await page.goto(path);
    await settled(page);
    await page.getByRole('table').first().waitFor();
    const beyond = await page.locator('td, .mantine-Badge-root, [role=tab]').evaluateAll(
      (all, width) => all.filter((each) => each.getBoundingClientRect().right > width || each.scrollWidth > each.clientWidth + 1).map((each) => each.innerText),
      phone.width,
    );
    assert.deepEqual(beyond, [], path);
  }
  await page.context().close();
});

test('an address that does not exist says so', async () => {
  const page = await signedIn(browser, 'marketer');
  page.expected.add(404);
  await page.goto('/nothing-here');
  await page.getByRole('heading', { level: 1, name: 'Page not found' }).waitFor();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  await page.goto('/segments/00000000-0000-0000-0000-000000000000');
  await page.getByText(/not found|does not exist|no such/i).first().waitFor();
  await page.context().close();
});
