// What every Vite build here has in common.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { webRoot } from './run.mjs';

/** What has constructed style sheets in shadow roots, class fields and color-mix(): browsers from spring 2023 on. */
export const target = ['es2022', 'chrome111', 'firefox114', 'safari16.4'];

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
  // Vite keeps the white space of libraries, for their users' bundlers; here browsers are the users.
  minify: true,
  entryFileNames: '[name]-[hash].js',
  chunkFileNames: '[name]-[hash].js',
  assetFileNames: '[name]-[hash][extname]',
};

/**
 * Leaves out of the shared tokens what a style sheet does not use: the widget is downloaded by every visitor, and its
 * screens are few.
 */
export function pruneTokens(styleFile) {
  const used = new Set(readFileSync(styleFile, 'utf8').match(/--cl-[\w-]+/g));
  return {
    name: 'prune-tokens',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('/tokens.css')) return undefined;
      const declaration = /\/\*[^]*?\*\/|(--cl-[\w-]+):[^;]*;/g;
      const keepUses = (text) => {
        for (const name of text.match(/var\((--cl-[\w-]+)/g) ?? []) used.add(name.slice(4));
      };
      for (const [text, name] of code.matchAll(declaration)) if (used.has(name)) keepUses(text);
      return code.replace(declaration, (text, name) => (used.has(name) ? text : ''));
    },
  };
}

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
