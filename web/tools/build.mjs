// npm run build: web/dist exactly as the server serves it.
//   dist/widget.js                    the loader, one classic script, short-lived cache
//   dist/widget/<name>-<hash>.js      the panel and its languages, immutable
//   dist/console/, dist/demo/         pages; everything below assets/ has a hash in its name
// and beside each compressible file its .br and .gz.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { checkBudgets } from './budget.mjs';
import { precompress } from './precompress.mjs';
import { webRoot } from './run.mjs';
import { common, page, panelOutput } from './vite.mjs';

const dist = join(webRoot, 'dist');
rmSync(dist, { recursive: true, force: true });

const panel = await build({
  ...common('packages/widget'),
  build: {
    ...common('packages/widget').build,
    outDir: join(dist, 'widget'),
    rolldownOptions: { input: 'src/panel/index.tsx', preserveEntrySignatures: 'strict', output: panelOutput },
  },
});
const panelFile = panel.output.find((file) => file.type === 'chunk' && file.isEntry).fileName;

await build({
  ...common('packages/widget'),
  define: { __PANEL_FILE__: JSON.stringify(`widget/${panelFile}`) },
  build: {
    ...common('packages/widget').build,
    outDir: dist,
    emptyOutDir: false,
    rolldownOptions: { input: 'src/loader/index.ts', output: { format: 'iife', entryFileNames: 'widget.js' } },
  },
});

for (const name of ['console', 'demo']) {
  if (existsSync(join(webRoot, 'packages', name, 'index.html'))) await build(page(name, join(dist, name)));
}

precompress(dist);
process.exit(checkBudgets(dist) ? 0 : 1);
