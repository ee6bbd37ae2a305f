// Writes <file>.br and <file>.gz beside each compressible file, at the highest level: it is done once, and the server
// then only chooses. A copy that is not smaller is left out.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const compressible = new Set(['.js', '.css', '.html', '.svg', '.json', '.webmanifest', '.txt']);

export function brotli(content) {
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}

export function filesBelow(directory) {
  return readdirSync(directory)
    .sort()
    .flatMap((name) => {
      const path = join(directory, name);
      return statSync(path).isDirectory() ? filesBelow(path) : [path];
    });
}

export function precompress(directory) {
  for (const path of filesBelow(directory)) {
    if (!compressible.has(extname(path))) continue;
    const content = readFileSync(path);
    for (const [suffix, packed] of [
      ['.br', brotli(content)],
      ['.gz', gzipSync(content, { level: 9 })],
    ]) {
      if (packed.length < content.length) writeFileSync(path + suffix, packed);
    }
  }
}
