import { describe, expect, it } from 'vitest';
import type { ConversationId, ConversationSummary, InboxAnswer, VisitorId } from '@clearline/protocol';
import * as inbox from './inbox.ts';

const site = 'demo';

function summary(conv: string, change: Partial<ConversationSummary> = {}): ConversationSummary {
  return {
    conv: conv as ConversationId,
    site,
    version: 1,
    status: 'open',
    created_at: 0,
    visitor: { id: `v-${conv}` as VisitorId, online: true },
    last_seq: 1,
    last_at: 1000,
    last: { kind: 'message', role: 'visitor', text: 'hello' },
    unread: 1,
    waiting_since: null,
    visitor_delivered: 0,
    visitor_seen: 0,
    agents_delivered: 0,
    agents_seen: 0,
    ...change,
  };
}

function page(conversations: ConversationSummary[], change: Partial<InboxAnswer> = {}): InboxAnswer {
  return { t: 'inbox', id: 1, site, status: 'open', conversations, more: false, ...change };
}

const shown = (state: inbox.Inbox, status: inbox.Status = 'open', sort: inbox.Sort = 'activity'): string[] =>
  inbox.rowsOf(state, site, status, sort).map(({ conv, version }) => `${conv}/${version}`);

describe('merging', () => {
  it('keeps the summary with the highest version, whichever came first', () => {
    let state = inbox.connected(inbox.emptyInbox);
    state = inbox.changed(state, [summary('c1', { version: 3, unread: 0 })]);
    state = inbox.pageLoaded(state, page([summary('c1', { version: 2 }), summary('c2', { version: 5 })]), undefined);
    state = inbox.changed(state, [summary('c2', { version: 4 })]);
    expect(shown(state)).toEqual(['c2/5', 'c1/3']);
  });

  it('moves a conversation that a colleague closed to the other list', () => {
    let state = inbox.connected(inbox.emptyInbox);
    state = inbox.pageLoaded(state, page([summary('c1'), summary('c2')]), undefined);
    state = inbox.pageLoaded(state, page([], { status: 'closed' }), undefined);
    state = inbox.changed(state, [summary('c1', { version: 2, status: 'closed' })]);
    expect(shown(state)).toEqual(['c2/1']);
    expect(shown(state, 'closed')).toEqual(['c1/2']);
  });

  it('shows nothing of a list before its first page', () => {
    const state = inbox.changed(inbox.connected(inbox.emptyInbox), [summary('c1')]);
    expect(shown(state)).toEqual([]);
    expect(inbox.isFresh(state, site, 'open')).toBe(false);
  });
});

describe('a new connection', () => {
  const before = inbox.pageLoaded(
    inbox.connected(inbox.emptyInbox),
    page([summary('c1', { version: 9 }), summary('c2', { version: 9 })]),
    undefined,
  );

  it('leaves the old list on the screen until its own first page is here', () => {
    const state = inbox.connected(before);
    expect(shown(state)).toEqual(['c2/9', 'c1/9']);
    expect(inbox.isFresh(state, site, 'open')).toBe(false);
  });

  it('forgets what was closed while the line was down', () => {
    const state = inbox.pageLoaded(inbox.connected(before), page([summary('c1', { version: 10 })]), undefined);
    expect(shown(state)).toEqual(['c1/10']);
  });

  it('believes a server whose versions started anew', () => {
    const state = inbox.pageLoaded(inbox.connected(before), page([summary('c1', { version: 2 })]), undefined);
    expect(shown(state)).toEqual(['c1/2']);
  });

  it('takes no page that an older connection was asked for', () => {
    const old = before.generation;
    const state = inbox.pageLoaded(inbox.connected(before), page([summary('c3')]), undefined, old);
    expect(shown(state)).toEqual(['c2/9', 'c1/9']);
  });
});

describe('pages', () => {
  const first = page([summary('c9', { last_at: 900 }), summary('c8', { last_at: 800 })], { more: true, cursor: 'p2' });
  const state = inbox.pageLoaded(inbox.connected(inbox.emptyInbox), first, undefined);

  it('hide a change beyond the last loaded row: rows would be missing in between', () => {
    const later = inbox.changed(state, [summary('c1', { last_at: 100 })]);
    expect(shown(later)).toEqual(['c9/1', 'c8/1']);
    const second = page([summary('c5', { last_at: 500 }), summary('c1', { last_at: 100 })]);
    expect(shown(inbox.pageLoaded(later, second, 'p2'))).toEqual(['c9/1', 'c8/1', 'c5/1', 'c1/1']);
  });

  it('are not continued by an answer to a cursor that is not the present one', () => {
    const stray = inbox.pageLoaded(state, page([summary('c1', { last_at: 100 })]), 'p7');
    expect(shown(stray)).toEqual(['c9/1', 'c8/1']);
    expect(inbox.listOf(stray, site, 'open').cursor).toBe('p2');
  });
});

describe('order and counts', () => {
  it('sorts by activity, or the longest waiting first', () => {
    const state = inbox.pageLoaded(
      inbox.connected(inbox.emptyInbox),
      page([
        summary('c1', { last_at: 1000, waiting_since: 900 }),
        summary('c2', { last_at: 3000 }),
        summary('c3', { last_at: 2000, waiting_since: 100 }),
        summary('c4', { last_at: 2500 }),
      ]),
      undefined,
    );
    expect(shown(state)).toEqual(['c2/1', 'c4/1', 'c3/1', 'c1/1']);
    expect(shown(state, 'open', 'waiting')).toEqual(['c3/1', 'c1/1', 'c2/1', 'c4/1']);
  });

  it('counts a conversation as read as soon as its end was shown here', () => {
    const unread = summary('c1', { unread: 2, last_seq: 7 });
    expect(inbox.unreadOf(unread, undefined)).toBe(2);
    expect(inbox.unreadOf(unread, 6)).toBe(2);
    expect(inbox.unreadOf(unread, 7)).toBe(0);
  });

  it('counts open conversations with unread messages, of one site or of all', () => {
    let state = inbox.connected(inbox.emptyInbox);
    const other = summary('c3', { site: 'other' });
    const closed = summary('c4', { status: 'closed' });
    state = inbox.changed(state, [summary('c1'), summary('c2', { unread: 0 }), other, closed, summary('c5')]);
    expect(inbox.unreadConversations(state, new Map())).toBe(3);
    expect(inbox.unreadConversations(state, new Map(), 'other')).toBe(1);
    expect(inbox.unreadConversations(state, new Map([['c5' as ConversationId, 1]]), site)).toBe(1);
  });
});
