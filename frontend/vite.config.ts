import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const backend = process.env.ROLLCALL_URL ?? 'http://127.0.0.1:8080';
const served = ['/api', '/v1', '/u', '/docs', '/openapi.json', '/healthz', '/readyz'];
const proxy = Object.fromEntries(
  served.map((path) => [path, { target: backend, changeOrigin: false }]),
);

// What the binary sends, so that a preview breaks where the product would.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; " +
  "font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy },
  preview: { proxy, headers: { 'Content-Security-Policy': policy } },
  // The server's policy is `script-src 'self'`: nothing may be inlined as data or script.
  build: {
    assetsInlineLimit: 0,
    // light-dark() must reach the browser as it is: it follows the theme switch, a polyfill would not.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    chunkSizeWarningLimit: 900,
  },
  test: { include: ['src/**/*.test.ts'] },
});
