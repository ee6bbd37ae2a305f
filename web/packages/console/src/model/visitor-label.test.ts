import { expect, it } from 'vitest';
import type { VisitorId } from '@clearline/protocol';
import { avatarColour, shortId } from './visitor-label.ts';

it('names a visitor by the end of the id', () => {
  expect(shortId('v01kb3f7q8x2vd' as VisitorId)).toBe('X2VD');
});

it('gives an id the same colour each time and uses all eight', () => {
  const colours = Array.from({ length: 200 }, (_, index) => avatarColour(`v01kb3f7q8x${1000 + index}`));
  expect(avatarColour('v01kb3f7q8x1007')).toBe(colours[7]);
  expect([...new Set(colours)].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
