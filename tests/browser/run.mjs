// Loads the demo organisation, starts the real server on a free port, runs every test file against it, stops it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const target = process.env.CARGO_TARGET_DIR ?? join(cache, 'rollcall', 'target');
const binary = process.env.ROLLCALL_TEST_BIN ?? join(target, 'release', 'rollcall');

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

const folder = mkdtempSync(join(tmpdir(), 'rollcall-browser-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const env = {
  ...process.env,
  ROLLCALL_DATA_DIR: join(folder, 'data'),
  ROLLCALL_LISTEN: `127.0.0.1:${port}`,
  ROLLCALL_PUBLIC_URL: url,
  ROLLCALL_SMTP__HOST: '127.0.0.1', // nothing is ever sent
};
delete env.ROLLCALL_TEST_BIN;

const demo = spawnSync(binary, ['demo', '--data-dir', env.ROLLCALL_DATA_DIR, '--users', '3000', '--events', '40000'], {
  env,
  encoding: 'utf8',
  timeout: 300_000,
});
if (demo.status !== 0) {
  console.error(demo.stdout, demo.stderr, demo.error ?? '');
  process.exit(1);
}

const logFile = join(folder, 'rollcall.log');
const log = openSync(logFile, 'a');
const server = spawn(binary, ['serve'], { env, stdio: ['ignore', log, log] });
const stop = () => server.kill('SIGTERM');
process.on('exit', stop);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

const ready = async () => {
  for (let attempt = 0; attempt < 600 && server.exitCode === null; attempt += 1) {
    if (await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false)) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
};
let code = 1;
if (await ready()) {
  const chosen = process.argv.slice(2);
  const files = chosen.length > 0 ? chosen : readdirSync(here).filter((name) => name.endsWith('.test.mjs')).sort();
  const options = ['--test', '--test-concurrency=1', '--test-timeout=900000'];
  const tests = spawn(process.execPath, [...options, ...files.map((name) => join(here, name))], {
    env: { ...env, ROLLCALL_TEST_URL: url },
    stdio: 'inherit',
  });
  code = await new Promise((resolve) => tests.on('exit', (status) => resolve(status ?? 1)));
}
if (code !== 0) console.error(readFileSync(logFile, 'utf8').split('\n').slice(-30).join('\n'));
stop();
await new Promise((resolve) => (server.exitCode === null ? server.on('exit', resolve) : resolve()));
rmSync(folder, { recursive: true, force: true });
process.exit(code);
