// npm run build: web/dist exactly as the server serves it.
//   dist/widget.js                    the loader, one classic script, short-lived cache
//   dist/widget/<name>-<hash>.js      the panel and its languages, immutable
//   dist/console/, dist/demo/         pages; everything below assets/ has a hash in its name
// and beside each compressible file its .br and .gz.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { checkBudgets } from './budget.mjs';
import { precompress } from './precompress.mjs';
import { webRoot } from './run.mjs';
import { common, page, panelOutput, pruneTokens } from './vite.mjs';

const dist = join(webRoot, 'dist');
const { version } = JSON.parse(readFileSync(join(webRoot, 'package.json'), 'utf8'));
rmSync(dist, { recursive: true, force: true });

// Built as libraries: Vite then leaves import() alone, instead of wrapping it for style sheets that are not there.
const widget = common('packages/widget');
const [panel] = await build({
  ...widget,
  define: { __VERSION__: JSON.stringify(version) },
  plugins: [pruneTokens(join(webRoot, 'packages/widget/src/panel/panel.css'))],
  build: {
    ...widget.build,
    outDir: join(dist, 'widget'),
    lib: { entry: 'src/panel/index.tsx', formats: ['es'] },
    rolldownOptions: { output: panelOutput },
  },
});
const panelFile = panel.output.find((file) => file.type === 'chunk' && file.isEntry).fileName;

await build({
  ...widget,
  define: { __PANEL_FILE__: JSON.stringify(`widget/${panelFile}`) },
  build: {
    ...widget.build,
    outDir: dist,
    emptyOutDir: false,
    lib: { entry: 'src/loader/index.ts', formats: ['iife'], name: 'clearline', fileName: () => 'widget.js' },
  },
});

for (const name of ['console', 'demo']) {
  if (existsSync(join(webRoot, 'packages', name, 'index.html'))) await build(page(name, join(dist, name)));
}

precompress(dist);
process.exit(checkBudgets(dist) ? 0 : 1);
