import { describe, expect, it } from 'vitest';
import { toJson } from '../src/json.ts';

const values = [
  null,
  true,
  -1.5e300,
  NaN,
  '',
  'quotes " and \\ and \u0000 and \ud83d\ude00 and a lone \ud800',
  [],
  [[], {}, [1, 'two', null]],
  { t: 'hello', resume: [{ conv: 'c1', seq: 3 }], token: undefined, nested: { 'a "name"': [] } },
];

/** Runs `task` on a page whose prototypes have a `toJSON`. */
function onPollutedPage(task: () => void): void {
  const prototypes = [Object.prototype, Array.prototype, String.prototype, Number.prototype];
  for (const prototype of prototypes)
    Object.defineProperty(prototype, 'toJSON', { value: () => 'broken', enumerable: true, configurable: true });
  try {
    task();
  } finally {
    for (const prototype of prototypes) Reflect.deleteProperty(prototype, 'toJSON');
  }
}

describe('toJson', () => {
  it('writes what JSON.stringify writes', () => {
    for (const value of values) expect(toJson(value)).toBe(JSON.stringify(value));
  });

  it('writes the same where a page has put toJSON on the prototypes', () => {
    const expected = values.map((value) => JSON.stringify(value));
    let written: string[] = [];
    onPollutedPage(() => {
      written = values.map((value) => toJson(value));
    });
    expect(written).toEqual(expected);
  });
});
