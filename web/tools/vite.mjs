// What every Vite build here has in common.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { webRoot } from './run.mjs';

/** ES2022 is what Chrome 94, Firefox 93 and Safari 16.4 speak. */
export const target = ['es2022', 'chrome94', 'firefox93', 'safari16.4'];

export function common(folder) {
  return {
    root: join(webRoot, folder),
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { target, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: false, reportCompressedSize: false },
  };
}

export const panelOutput = {
  format: 'es',
  entryFileNames: '[name]-[hash].js',
  chunkFileNames: '[name]-[hash].js',
  assetFileNames: '[name]-[hash][extname]',
};

/** A page of its own, served below /<name>/ under a policy without inline script and style. */
export function page(name, outDir) {
  const shared = common(`packages/${name}`);
  const publicDirectory = join(shared.root, 'public');
  return {
    ...shared,
    base: `/${name}/`,
    publicDir: existsSync(publicDirectory) ? publicDirectory : false,
    build: { ...shared.build, outDir },
  };
}
