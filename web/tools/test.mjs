// npm test: lint, format, types, unit tests. Ends with one line: N passed, N failed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.mjs';
import { typecheck } from './typecheck.mjs';

let passed = 0;
let failed = 0;

function count(name, ok) {
  if (ok) passed += 1;
  else failed += 1;
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}`);
}

count('prettier', (await run('prettier', ['--check', '--log-level', 'warn', '.'])) === 0);
count('types', await typecheck());
count('eslint', (await run('eslint', ['.'])) === 0);

const directory = mkdtempSync(join(tmpdir(), 'clearline-vitest-'));
try {
  const report = join(directory, 'report.json');
  const status = await run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
  passed += numPassedTests;
  // A file that cannot be loaded fails as a suite and has no tests; it must not pass for nothing.
  failed += numFailedTests || numFailedTestSuites;
  if (status !== 0 && numFailedTests + numFailedTestSuites === 0) failed += 1;
} finally {
  rmSync(directory, { recursive: true });
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
