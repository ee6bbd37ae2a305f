import { expect, it } from 'vitest';
import type { ConversationId } from '@clearline/protocol';
import { nextWatchSet } from './watch-set.ts';

const ids = (...names: string[]): ConversationId[] => names as ConversationId[];

it('keeps what is no longer wanted while there is room, the longest unwanted going first', () => {
  const first = nextWatchSet([], ids('c1', 'c2'), 4);
  const second = nextWatchSet(first, ids('c3'), 4);
  expect(second).toEqual(ids('c3', 'c1', 'c2'));
  expect(nextWatchSet(second, ids('c4', 'c2'), 4)).toEqual(ids('c4', 'c2', 'c3', 'c1'));
  expect(nextWatchSet(second, ids('c4', 'c5'), 4)).toEqual(ids('c4', 'c5', 'c3', 'c1'));
});

it('never drops what is wanted, nor names anything twice', () => {
  expect(nextWatchSet(ids('c9'), ids('c1', 'c2', 'c3', 'c1'), 2)).toEqual(ids('c1', 'c2', 'c3'));
});
