import type { ClientId, LogEvent } from '@clearline/protocol';
import type { ConversationView, PendingMessage } from '@clearline/sdk';
import { describe, expect, it } from 'vitest';
import { makeRows, unreadCount, type MessageRow } from '../src/panel/rows.ts';

const minute = 60_000;
const dayOf = (at: number) => String(Math.floor(at / 86_400_000));

function message(seq: number, from: 'visitor' | 'ada' | 'bob', at: number): LogEvent {
  const sender = from === 'visitor' ? { role: 'visitor', id: 'v' } : { role: 'agent', id: from, name: from };
  return { seq, at, kind: 'message', from: sender, client_id: `id ${seq}`, text: `text ${seq}` } as LogEvent;
}

function view(events: LogEvent[], more: Partial<ConversationView> = {}): ConversationView {
  const marks = { visitor: { delivered: 0, seen: 0 }, agent: { delivered: 0, seen: 0 } };
  return {
    id: null,
    loaded: true,
    events,
    more: false,
    loadingEarlier: false,
    pending: [],
    typing: [],
    marks,
    state: null,
    problem: null,
    ...more,
  };
}

const messages = (given: ConversationView) =>
  makeRows(given, 'visitor', dayOf).filter((row): row is MessageRow => row.kind === 'message');

describe('the rows of the log', () => {
  it('groups what one sender says within five minutes', () => {
    const rows = messages(
      view([
        message(1, 'ada', 0),
        message(2, 'ada', 4 * minute),
        message(3, 'ada', 10 * minute),
        message(4, 'bob', 10 * minute),
        message(5, 'visitor', 10 * minute),
        message(6, 'visitor', 10 * minute),
      ]),
    );
    expect(rows.map(({ first, last }) => [first, last])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
      [true, false],
      [false, true],
    ]);
    expect(rows.map(({ newestOwn }) => newestOwn)).toEqual([false, false, false, false, false, true]);
  });

  it('begins each day with its date, and lets no group reach over it', () => {
    const rows = makeRows(view([message(1, 'ada', 86_399_000), message(2, 'ada', 86_401_000)]), 'visitor', dayOf);
    expect(rows.map(({ kind }) => kind)).toEqual(['day', 'message', 'day', 'message']);
    expect(rows[3]).toMatchObject({ first: true });
  });

  it('tells how far a message has come', () => {
    const marks = { visitor: { delivered: 9, seen: 9 }, agent: { delivered: 2, seen: 1 } };
    const pending = [
      { clientId: 'p1' as ClientId, conv: null, text: 'p1', at: 1, order: 1, stored: true },
      { clientId: 'p2' as ClientId, conv: null, text: 'p2', at: 1, order: 2, stored: false },
      { clientId: 'p3' as ClientId, conv: null, text: 'p3', at: 1, order: 3, stored: false, error: 'too_large' },
    ] satisfies PendingMessage[];
    const events = [message(1, 'visitor', 0), message(2, 'visitor', 0), message(3, 'visitor', 0)];
    expect(messages(view(events, { marks, pending })).map(({ status }) => status)).toEqual([
      'seen',
      'delivered',
      'sent',
      'sent',
      'sending',
      'failed',
    ]);
  });

  it('keeps a message in place when its event takes over, so that its node stays', () => {
    const item = { clientId: 'id 1' as ClientId, conv: null, text: 'text 1', at: 0, order: 1, stored: false };
    const [before] = messages(view([], { pending: [item] }));
    const [after] = messages(view([message(1, 'visitor', 5)]));
    expect(after?.key).toBe(before?.key);
  });

  it('shows an end and a beginning, and nothing for a kind that is younger than itself', () => {
    const from = { role: 'agent', id: 'ada' };
    const events = [
      { seq: 1, at: 0, kind: 'closed', from },
      { seq: 2, at: 0, kind: 'rated', from },
      { seq: 3, at: 0, kind: 'reopened', from },
    ] as LogEvent[];
    expect(makeRows(view(events), 'visitor', dayOf)).toMatchObject([{ what: 'closed' }, { what: 'reopened' }]);
  });

  it('counts what the other side said and the person has not seen', () => {
    const events = [message(1, 'ada', 0), message(2, 'visitor', 0), message(3, 'ada', 0), message(4, 'bob', 0)];
    const marks = { visitor: { delivered: 4, seen: 1 }, agent: { delivered: 0, seen: 0 } };
    expect(unreadCount(view(events, { marks }), 'visitor')).toBe(2);
  });
});
