// npm run e2e [-- playwright's arguments]: the browser tests against the real server. Ends with: N passed, N failed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.mjs';

const directory = mkdtempSync(join(tmpdir(), 'clearline-playwright-'));
const report = join(directory, 'report.json');
try {
  const args = ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json', ...process.argv.slice(2)];
  const status = await run('playwright', args, { env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report } });
  const { stats, errors } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that cannot be loaded is an error outside of every test; it must not pass for nothing.
  const failed = stats.unexpected + stats.flaky + errors.length || (status === 0 ? 0 : 1);
  console.log(`${stats.expected} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true });
}
