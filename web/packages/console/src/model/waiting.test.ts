import { expect, it } from 'vitest';
import { waitingLevel } from './waiting.ts';

it.each([
  [0, 'calm'],
  [-1000, 'calm'],
  [119_999, 'calm'],
  [120_000, 'amber'],
  [299_999, 'amber'],
  [300_000, 'red'],
  [86_400_000, 'red'],
] as const)('a visitor who has waited %d ms is a %s case', (waitedMs, level) => {
  expect(waitingLevel(1_763_812_300_000, 1_763_812_300_000 + waitedMs)).toBe(level);
});
