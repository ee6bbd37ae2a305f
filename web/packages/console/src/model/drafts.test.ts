import { expect, it } from 'vitest';
import type { AgentId, ConversationId } from '@clearline/protocol';
import { Drafts, type Storage } from './drafts.ts';

const ada = 'a1' as AgentId;
const conv = 'c1' as ConversationId;

class MemoryStorage implements Storage {
  readonly held = new Map<string, string>();
  getItem = (key: string): string | null => this.held.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.held.set(key, value);
  removeItem = (key: string): void => void this.held.delete(key);
}

it('keeps a draft per agent and conversation over a reload', () => {
  const storage = new MemoryStorage();
  new Drafts(storage).set(ada, conv, 'half a sentence');
  const afterReload = new Drafts(storage);
  expect(afterReload.get(ada, conv)).toBe('half a sentence');
  expect(afterReload.get('a2' as AgentId, conv)).toBe('');
  expect(afterReload.get(ada, 'c2' as ConversationId)).toBe('');
});

it('leaves nothing behind once the text was sent', () => {
  const storage = new MemoryStorage();
  const drafts = new Drafts(storage);
  drafts.set(ada, conv, 'text');
  drafts.set(ada, conv, '');
  expect(storage.held.size).toBe(0);
  expect(drafts.get(ada, conv)).toBe('');
});

it('works without storage, or with one that refuses', () => {
  const refuse = (): never => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  for (const storage of [null, { getItem: refuse, setItem: refuse, removeItem: refuse }]) {
    const drafts = new Drafts(storage);
    expect(drafts.get(ada, conv)).toBe('');
    drafts.set(ada, conv, 'kept in memory');
    expect(drafts.get(ada, conv)).toBe('kept in memory');
  }
});
