import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contrast } from './contrast';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

/** Every colour token with its light and its dark value. */
function colours(): Map<string, { light: string; dark: string }> {
  const found = new Map<string, { light: string; dark: string }>();
  for (const match of css.matchAll(/^\s*--cl-([\w-]+):\s*light-dark\((#\w{6}),\s*(#\w{6})\);$/gm)) {
    found.set(match[1] ?? '', { light: match[2] ?? '', dark: match[3] ?? '' });
  }
  for (const match of css.matchAll(/^\s*--cl-([\w-]+):\s*(#\w{6});$/gm)) {
    found.set(match[1] ?? '', { light: match[2] ?? '', dark: match[2] ?? '' });
  }
  return found;
}

const textSurfaces = ['canvas', 'surface', 'surface-raised', 'surface-sunken', 'hover', 'selected'];

const pairs: [text: string, background: string, least: number][] = [
  ...['text', 'text-muted', 'text-faint', 'accent-text'].flatMap((text) =>
    textSurfaces.map((surface): [string, string, number] => [text, surface, 4.5]),
  ),
  ['text', 'thumb', 4.5],
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-hover', 4.5],
  ['on-danger', 'danger', 4.5],
  ['accent-text', 'accent-soft', 4.5],
  ...['success', 'warning', 'danger'].flatMap((tone): [string, string, number][] => [
    [`${tone}-text`, `${tone}-soft`, 4.5],
    [`${tone}-text`, 'surface', 4.5],
    [`${tone}-text`, 'selected', 4.5],
    [`${tone}-text`, 'hover', 4.5],
    [`${tone}-text`, 'canvas', 4.5],
    [tone, 'surface', 3],
    [tone, 'canvas', 3],
  ]),
  ...['own', 'peer'].flatMap((side): [string, string, number][] => [
    [`bubble-${side}-text`, `bubble-${side}`, 4.5],
    [`bubble-${side}-muted`, `bubble-${side}`, 4.5],
  ]),
  ['accent-text', 'bubble-own', 4.5],
  ['accent-text', 'bubble-peer', 4.5],
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((n): [string, string, number] => [`avatar-${n}-text`, `avatar-${n}`, 4.5]),
  ...['focus', 'border-control', 'offline'].flatMap((mark) =>
    ['canvas', 'surface', 'surface-raised', 'surface-sunken'].map((surface): [string, string, number] => [
      mark,
      surface,
      3,
    ]),
  ),
];

describe('contrast of the design tokens', () => {
  const table = colours();

  it.each(['light', 'dark'] as const)('is enough for every pair in use, %s', (theme) => {
    const shortOf = pairs
      .map(([text, background, least]) => {
        const over = table.get(text)?.[theme];
        const under = table.get(background)?.[theme];
        if (over === undefined || under === undefined) return `${text} or ${background} is not a token`;
        const ratio = contrast(over, under);
        return ratio < least ? `${text} on ${background}: ${ratio.toFixed(2)} instead of ${least}` : '';
      })
      .filter((complaint) => complaint !== '');
    expect(shortOf).toEqual([]);
  });

  it('measures black on white as 21:1 and a known grey as the standard does', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
  });
});
