// analytics-next in Chromium, on a page of another origin than the server: with preflights, as in real life.
import { createServer } from 'node:http';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { key, known, option, url } from './known.mjs';

const bundle = await build({
  entryPoints: [new URL('page.js', import.meta.url).pathname],
  bundle: true,
  write: false,
  format: 'iife',
  define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
});
const script = bundle.outputFiles[0].text;
const site = createServer((request, response) => {
  const isScript = request.url === '/page.js';
  response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
  response.end(isScript ? script : '<!doctype html><title>Shop</title><script src="/page.js"></script>');
});
await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  ],
});
let failed = false;
try {
  const page = await browser.newPage();
  let lastAnswer = Date.now();
  page.on('response', () => { lastAnswer = Date.now(); });
  page.on('requestfailed', (request) => {
    failed = true;
    console.error(request.method(), request.url(), request.failure()?.errorText);
  });
  page.on('pageerror', (error) => { failed = true; console.error(error); });
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  await page.evaluate((given) => window.send(given), { origin: url, key, known, batching: option === 'batching' });
  const deadline = Date.now() + 15_000;
  while (Date.now() - lastAnswer < 1_500 && Date.now() < deadline) await page.waitForTimeout(100);
} finally {
  await browser.close();
  site.close();
}
process.exit(failed ? 1 : 0);
