// Starts a program of node_modules/.bin in web/ and tells how it ended.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const webRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** @returns {Promise<number>} the exit status; 1 if it ended by a signal */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(join(webRoot, 'node_modules/.bin', program), args, {
      cwd: webRoot,
      stdio: 'inherit',
      ...options,
    });
    child.on('error', reject);
    child.on('exit', (status) => resolve(status ?? 1));
  });
}
