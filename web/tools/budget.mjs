// The sizes that a visitor and an agent pay for, after brotli. Above its limit a build fails.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { brotli, filesBelow } from './precompress.mjs';

const kilobyte = 1024;

/** Each sum counts the files that its pattern names, relative to dist. */
const budgets = [
  { name: 'loader, on every page', pattern: /^widget\.js$/, limit: 1.5 * kilobyte },
  // Preact takes 5 of them, the SDK with the registry 7; the next smallest product in the field starts at 62.
  { name: 'panel with SDK, style and one language', pattern: /^widget\/index-[^/]+\.js$/, limit: 22 * kilobyte },
  {
    name: 'a further language of the panel',
    pattern: /^widget\/(?!index-)[^/]+\.js$/,
    limit: 2 * kilobyte,
    each: true,
  },
  { name: 'console, script at first load', pattern: /^console\/assets\/index-[^/]+\.js$/, limit: 60 * kilobyte },
  { name: 'console, style', pattern: /^console\/assets\/[^/]+\.css$/, limit: 12 * kilobyte },
];

export function checkBudgets(dist) {
  const sizes = filesBelow(dist)
    .filter((path) => /\.(js|css)$/.test(path))
    .map((path) => ({ name: relative(dist, path).replaceAll('\\', '/'), size: brotli(readFileSync(path)).length }));
  let ok = true;
  for (const { name, pattern, limit, each } of budgets) {
    const matching = sizes.filter((file) => pattern.test(file.name));
    if (matching.length === 0) continue;
    const groups = each ? matching.map((file) => [file]) : [matching];
    for (const files of groups) {
      const size = files.reduce((sum, file) => sum + file.size, 0);
      const verdict = size <= limit ? 'ok' : 'TOO LARGE';
      if (size > limit) ok = false;
      const what = each ? `${name} (${basename(files[0].name)})` : name;
      console.log(`${what}: ${size} of ${limit} bytes, ${verdict}`);
    }
  }
  return ok;
}

if (process.argv[1] === import.meta.filename) {
  const dist = join(import.meta.dirname, '../dist');
  process.exit(existsSync(dist) && checkBudgets(dist) ? 0 : 1);
}
