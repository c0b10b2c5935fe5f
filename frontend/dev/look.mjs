// Screenshots and accessibility checks: node dev/look.mjs BASE_URL OUT_DIR [name-filter]
import { mkdirSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';

const [base, out, only] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const pages = [
  ['home', '/'], ['segments', '/segments'], ['new', '/segments/new'], ['edit', '/segments/s1/edit'], ['edit-raw', '/segments/s4/edit'],
  ['segment', '/segments/s1'], ['failing', '/segments/s5'], ['members', '/segments/s1?tab=members'], ['builds', '/segments/s1?tab=builds'], ['versions', '/segments/s1?tab=versions'], ['export', '/segments/s1?tab=export'], ['segment-recounts', '/segments/s1?tab=recounts'],
  ['sources', '/sources'], ['ledger', '/sources/web'], ['live', '/sources/web?tab=live'], ['quarantine', '/sources/web?tab=quarantine'], ['connect', '/sources/web?tab=connect'],
  ['imports', '/imports'], ['data', '/data'], ['traits', '/data?tab=traits'], ['lists', '/lists'], ['campaigns', '/campaigns'], ['campaign-new', '/campaigns/new'], ['campaign', '/campaigns/c1'], ['campaign-draft', '/campaigns/c2'], ['recipients', '/campaigns/c1?tab=recipients'],
  ['recounts', '/recounts'], ['recount', '/recounts/r1'], ['recount-differ', '/recounts/r2'], ['trail', '/audit-trail'], ['access', '/access'], ['keys', '/access?tab=keys'], ['trash', '/trash'], ['lookup', '/lookup'], ['missing', '/nothing-here'],
].filter(([name]) => !only || new RegExp(only).test(name));

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'] });
const looks = [['light', 1440, 900], ['dark', 1440, 900], ['light', 390, 844]];
let faults = 0;
for (const [scheme, width, height] of looks) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && console.log('console', message.text().slice(0, 300)));
  page.on('pageerror', (error) => console.log('pageerror', error.message.slice(0, 300)));
  await page.goto(`${base}/sign-in`);
  if (scheme === 'light' && !only) await page.screenshot({ path: `${out}/sign-in-${scheme}-${width}.png` });
  await page.fill('input[type=email]', 'admin@example.org');
  await page.fill('input[type=password]', 'secret-secret');
  await page.click('button[type=submit]');
  await page.waitForSelector('h1:has-text("Overview")');
  for (const [name, path] of pages) {
    await page.goto(base + path);
    await page.waitForSelector('h1');
    await page.waitForTimeout(700);
    await page.screenshot({ path: `${out}/${name}-${scheme}-${width}.png`, fullPage: width === 390 });
    const { violations } = await new AxeBuilder({ page }).exclude('iframe').analyze();
    for (const violation of violations) {
      faults += 1;
      console.log(`${name} ${scheme} ${width}: ${violation.id} x${violation.nodes.length}: ${violation.nodes[0].html.slice(0, 160)} | ${violation.nodes[0].any[0]?.message.slice(0, 140) ?? ''}`);
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) console.log(`${name} ${width}: ${wide} px wider than the screen`);
  }
  await context.close();
}
await browser.close();
console.log(`${faults} accessibility faults`);
