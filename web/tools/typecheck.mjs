// Checks all types, and the SDK once more without DOM and Node: it has to run in both.
import { run } from './run.mjs';

export async function typecheck() {
  const whole = await run('tsc', ['-p', 'tsconfig.json']);
  const sdk = await run('tsc', ['-p', 'packages/sdk/tsconfig.json']);
  return whole === 0 && sdk === 0;
}

if (process.argv[1] === import.meta.filename) process.exit((await typecheck()) ? 0 : 1);
