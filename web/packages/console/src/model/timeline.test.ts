import { describe, expect, it } from 'vitest';
import type { AgentId, ClientId, LogEvent, VisitorId } from '@clearline/protocol';
import { receivedAfter, timelineOf, type TimelineInput, type TimelineItem } from './timeline.ts';

const ada = { id: 'a1' as AgentId, display_name: 'Ada' };
const noon = new Date(2026, 10, 22, 12, 0).getTime();
const minute = 60_000;

function said(seq: number, by: string, at = noon + seq * 1000): LogEvent {
  const from =
    by === 'visitor'
      ? { role: 'visitor' as const, id: 'v1' as VisitorId }
      : { role: 'agent' as const, id: by as AgentId, name: by };
  return { seq, at, kind: 'message', from, client_id: `client-${seq}` as ClientId, text: `text ${seq}` };
}

function built(change: Partial<TimelineInput>): TimelineItem[] {
  return timelineOf({
    events: [],
    unsent: [],
    me: ada,
    visitor_delivered: 0,
    visitor_seen: 0,
    unreadAfter: null,
    ...change,
  });
}

/** One line an item; the messages of a group are one line. */
function shape(items: TimelineItem[]): string[] {
  const lines: string[] = [];
  let open = false;
  for (const item of items) {
    if (item.kind !== 'message') {
      expect(open, 'a group ends before anything else').toBe(false);
      lines.push(item.kind);
      continue;
    }
    const { text, progress, marked } = item.message;
    const words = `${text} ${progress}${marked ? '!' : ''}`;
    expect(item.first).toBe(!open);
    if (item.first) lines.push(`${item.side}: ${words}`);
    else lines.push(`${lines.pop() ?? ''}, ${words}`);
    open = !item.last;
  }
  expect(open).toBe(false);
  return lines;
}

describe('grouping', () => {
  it('puts messages of one person together and parts persons', () => {
    const events = [said(1, 'visitor'), said(2, 'visitor'), said(3, 'a2'), said(4, 'visitor')];
    expect(shape(built({ events }))).toEqual([
      'day',
      'visitor: text 1 received, text 2 received',
      'colleague: text 3 sent!',
      'visitor: text 4 received',
    ]);
  });

  it('starts a new group after five silent minutes', () => {
    const events = [
      said(1, 'visitor', noon),
      said(2, 'visitor', noon + 4 * minute),
      said(3, 'visitor', noon + 9 * minute),
    ];
    expect(shape(built({ events }))).toEqual([
      'day',
      'visitor: text 1 received, text 2 received',
      'visitor: text 3 received',
    ]);
  });

  it('heads each day of the calendar once and parts a group at midnight', () => {
    const beforeMidnight = new Date(2026, 10, 22, 23, 59, 30).getTime();
    const events = [said(1, 'visitor', beforeMidnight), said(2, 'visitor', beforeMidnight + minute)];
    expect(shape(built({ events }))).toEqual(['day', 'visitor: text 1 received', 'day', 'visitor: text 2 received']);
  });

  it('tells of closing and reopening between the messages', () => {
    const from = { role: 'agent' as const, id: ada.id, name: 'Ada' };
    const closed: LogEvent = { seq: 2, at: noon + 2000, kind: 'closed', from };
    const items = built({ events: [said(1, 'visitor'), closed, said(3, 'visitor')] });
    expect(shape(items)).toEqual(['day', 'visitor: text 1 received', 'notice', 'visitor: text 3 received']);
  });

  it('passes over a kind that it does not know', () => {
    const unknown = { seq: 2, at: noon + 2000, kind: 'rated' } as unknown as LogEvent;
    expect(shape(built({ events: [said(1, 'visitor'), unknown, said(3, 'visitor')] }))).toEqual([
      'day',
      'visitor: text 1 received, text 3 received',
    ]);
  });
});

describe('progress', () => {
  const events = [1, 2, 3, 4].map((seq) => said(seq, ada.id));

  it('follows the receipts of the visitor and is spelt out at the last message that came so far', () => {
    const items = built({ events, visitor_seen: 2, visitor_delivered: 3 });
    expect(shape(items)).toEqual(['day', 'own: text 1 seen, text 2 seen!, text 3 delivered!, text 4 sent!']);
  });

  it('says nothing of "sent" before a message that was seen', () => {
    expect(shape(built({ events, visitor_seen: 4, visitor_delivered: 4 }))).toEqual([
      'day',
      'own: text 1 seen, text 2 seen, text 3 seen, text 4 seen!',
    ]);
  });

  it('shows own messages at once, at the end, and every failed one with its reason', () => {
    const unsent = [
      { clientId: 'client-8' as ClientId, text: 'text 8', at: noon + 8000, failure: 'too long' },
      { clientId: 'client-9' as ClientId, text: 'text 9', at: noon + 9000, failure: 'too long' },
      { clientId: 'client-10' as ClientId, text: 'text 10', at: noon + 10_000 },
    ];
    const items = built({ events: events.slice(0, 1), unsent });
    expect(shape(items)).toEqual(['day', 'own: text 1 sent!, text 8 failed!, text 9 failed!, text 10 sending!']);
    expect(items.flatMap((item) => (item.kind === 'message' ? [item.message.failure] : []))).toEqual([
      undefined,
      'too long',
      'too long',
      undefined,
    ]);
  });

  it('draws a message once while its ack and its event cross', () => {
    const unsent = [{ clientId: 'client-4' as ClientId, text: 'text 4', at: noon }];
    expect(shape(built({ events, unsent }))).toEqual(shape(built({ events })));
  });

  it('keeps the key of a message from "sending" to "seen", so that the screen does not blink', () => {
    const unsent = [{ clientId: 'client-4' as ClientId, text: 'text 4', at: noon + 4000 }];
    const keys = (items: TimelineItem[]): string[] => items.map(({ key }) => key);
    expect(keys(built({ events: events.slice(0, 3), unsent }))).toEqual(keys(built({ events })));
  });
});

describe('the unread divider', () => {
  it('stands before the first message of the visitor that no agent had seen', () => {
    const events = [said(1, 'visitor'), said(2, 'a2'), said(3, 'visitor'), said(4, 'visitor')];
    expect(shape(built({ events, unreadAfter: 1 }))).toEqual([
      'day',
      'visitor: text 1 received',
      'colleague: text 2 sent!',
      'unread',
      'visitor: text 3 received, text 4 received',
    ]);
  });

  it('is not drawn where everything is new', () => {
    expect(shape(built({ events: [said(1, 'visitor'), said(2, 'visitor')], unreadAfter: 0 }))).not.toContain('unread');
  });

  it('is not drawn before messages of agents only', () => {
    expect(shape(built({ events: [said(1, 'visitor'), said(2, 'a2')], unreadAfter: 1 }))).not.toContain('unread');
  });
});

describe('the count of new messages', () => {
  it('counts what others wrote after a place', () => {
    const events = [said(1, 'visitor'), said(2, 'visitor'), said(3, ada.id), said(4, 'a2')];
    expect(receivedAfter(events, 1, ada.id)).toBe(2);
    expect(receivedAfter(events, 4, ada.id)).toBe(0);
  });
});
