// Chromium, people who sign in, and what holds on every page.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';

export const url = process.env.ROLLCALL_TEST_URL;
export const password = 'rollcall-demo';
const screens = new URL('../.cache/screens/', import.meta.url).pathname;
mkdirSync(screens, { recursive: true });

export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  });

/** A window of its own, with everything that goes wrong in it written down. */
export async function open(browser, { viewport = desktop, scheme = 'light' } = {}) {
  const context = await browser.newContext({ viewport, colorScheme: scheme, baseURL: url, reducedMotion: 'reduce' });
  await context.addInitScript((value) => {
    if (window === window.top) localStorage.setItem('mantine-color-scheme-value', value); // a sandboxed frame has none
  }, scheme);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.faults = [];
  page.expected = new Set(); // statuses that a test provokes on purpose
  page.on('pageerror', (error) => page.faults.push(`exception: ${error}`));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const provoked = [...page.expected].some((status) => message.text().includes(`status of ${status}`));
    if (!provoked) page.faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && /^https?:/.test(request.url())) page.faults.push(`left the house: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && !page.expected.has(response.status())) {
      page.faults.push(`${response.status()} ${response.request().method()} ${response.url()}`);
    }
  });
  return page;
}

export async function signIn(page, role, word = password) {
  page.expected.add(401); // "is anybody signed in?"
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(`${role}@demo.example`);
  await page.getByLabel('Password', { exact: true }).fill(word);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function signedIn(browser, role, options) {
  const page = await open(browser, options);
  await signIn(page, role);
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'));
  page.expected.delete(401);
  return page;
}

/** Loaded, and standing still. */
export async function settled(page) {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.mantine-Skeleton-root[data-visible], .mantine-Loader-root').length === 0);
  await page.waitForTimeout(150);
}

export const shot = (page, name) => page.screenshot({ path: `${screens}${name}.png`, fullPage: true });

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function accessible(page, where) {
  // The mail preview's frame may run nothing, axe neither: it would be waited for without end.
  const { violations } = await new AxeBuilder({ page }).exclude('iframe').withTags(rules).analyze();
  const found = violations.map(({ id, help, nodes }) => `${id} (${help}): ${nodes.map((node) => node.target.join(' ')).join(' | ')}`);
  assert.deepEqual(found, [], where);
}

export function healthy(page, where) {
  assert.deepEqual(page.faults, [], where);
}

/** The REST API as the page uses it, for what a test needs beside the page. */
export async function api(page, method, path, body) {
  return page.evaluate(
    async ([verb, route, content]) => {
      const session = await (await fetch('/api/v1/session')).json();
      const answer = await fetch(`/api/v1${route}`, {
        method: verb,
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf_token },
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${verb} ${route}: ${answer.status} ${text}`);
      return text ? JSON.parse(text) : null;
    },
    [method, path, body],
  );
}
