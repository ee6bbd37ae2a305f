// The agent's lists as a pure state: pages of a snapshot and live changes, merged so that, in whatever order they
// arrive, the result is what a fresh load would show.
//
// Two rules do it. Within one connection the highest `version` of a summary wins. A new connection starts a new
// generation: whatever it says wins over what an older one said, since changes may have been missed in between and a
// restored server may count its versions anew.
import type { ConversationId, ConversationSummary, InboxAnswer, SiteKey } from '@clearline/protocol';

export type Status = ConversationSummary['status'];

export interface Entry {
  readonly summary: ConversationSummary;
  readonly generation: number;
}

export interface List {
  /** The connection whose pages this list shows; 0 before the first page. */
  readonly generation: number;
  readonly more: boolean;
  readonly cursor: string | undefined;
  /** Every conversation of this list with activity at or after this time is known. */
  readonly horizon: number;
}

export interface Inbox {
  readonly generation: number;
  readonly entries: ReadonlyMap<ConversationId, Entry>;
  readonly lists: ReadonlyMap<string, List>;
}

export const emptyInbox: Inbox = { generation: 0, entries: new Map(), lists: new Map() };

const noList: List = { generation: 0, more: false, cursor: undefined, horizon: Infinity };

const listKey = (site: SiteKey, status: Status): string => `${status} ${site}`;

export function listOf(inbox: Inbox, site: SiteKey, status: Status): List {
  return inbox.lists.get(listKey(site, status)) ?? noList;
}

/** A list is fresh when its first page came over the present connection. */
export function isFresh(inbox: Inbox, site: SiteKey, status: Status): boolean {
  return inbox.generation > 0 && listOf(inbox, site, status).generation === inbox.generation;
}

/** A connection was welcomed: what is known stays on the screen until the new pages replace it. */
export function connected(inbox: Inbox): Inbox {
  return { ...inbox, generation: inbox.generation + 1 };
}

function newer(known: Entry | undefined, summary: ConversationSummary, generation: number): boolean {
  if (known === undefined) return true;
  if (known.generation !== generation) return known.generation < generation;
  return summary.version > known.summary.version;
}

function put(entries: Map<ConversationId, Entry>, summary: ConversationSummary, generation: number): void {
  if (newer(entries.get(summary.conv), summary, generation)) entries.set(summary.conv, { summary, generation });
}

/** Live changes, or the state that comes with a watched conversation. */
export function changed(inbox: Inbox, summaries: readonly ConversationSummary[]): Inbox {
  const entries = new Map(inbox.entries);
  for (const summary of summaries) put(entries, summary, inbox.generation);
  return { ...inbox, entries };
}

/** A visitor came or went. The summary that says the same may be on its way still. */
export function presenceChanged(inbox: Inbox, conv: ConversationId, online: boolean): Inbox {
  const known = inbox.entries.get(conv);
  if (known === undefined || known.summary.visitor.online === online) return inbox;
  const summary = { ...known.summary, visitor: { ...known.summary.visitor, online } };
  return { ...inbox, entries: new Map(inbox.entries).set(conv, { ...known, summary }) };
}

/**
 * A page of a list. `cursor` is the one that was asked with, undefined for the first page. `generation` is that of the
 * connection which answered: an answer of an older one is void.
 */
export function pageLoaded(
  inbox: Inbox,
  page: InboxAnswer,
  cursor: string | undefined,
  generation: number = inbox.generation,
): Inbox {
  if (generation !== inbox.generation) return inbox;
  const entries = new Map(inbox.entries);
  const first = cursor === undefined;
  if (first) {
    // Only what this connection has confirmed is true now: the rest was answered, closed or reopened in between.
    for (const [conv, { summary, generation: confirmed }] of entries) {
      if (summary.site === page.site && summary.status === page.status && confirmed < generation) entries.delete(conv);
    }
  }
  for (const summary of page.conversations) put(entries, summary, generation);

  const known = listOf(inbox, page.site, page.status);
  const continues = !first && known.generation === generation && known.cursor === cursor;
  if (!first && !continues) return { ...inbox, entries };
  const oldest = page.conversations.reduce((least, { last_at }) => Math.min(least, last_at), Infinity);
  const lists = new Map(inbox.lists).set(listKey(page.site, page.status), {
    generation,
    more: page.more,
    cursor: page.more ? page.cursor : undefined,
    horizon: page.more ? (first ? oldest : Math.min(known.horizon, oldest)) : -Infinity,
  });
  return { ...inbox, entries, lists };
}

export type Sort = 'activity' | 'waiting';

function byActivity(one: ConversationSummary, other: ConversationSummary): number {
  return other.last_at - one.last_at || (one.conv < other.conv ? 1 : -1);
}

/** Those who wait come first, the longest waiting at the top; then by activity. */
function byWaiting(one: ConversationSummary, other: ConversationSummary): number {
  const since = (summary: ConversationSummary): number => summary.waiting_since ?? Infinity;
  const difference = since(one) - since(other);
  return Number.isNaN(difference) || difference === 0 ? byActivity(one, other) : difference;
}

/** The list as it is shown: nothing beyond the horizon, where rows would be missing in between. */
export function rowsOf(inbox: Inbox, site: SiteKey, status: Status, sort: Sort): ConversationSummary[] {
  const { generation, horizon } = listOf(inbox, site, status);
  if (generation === 0) return [];
  const rows: ConversationSummary[] = [];
  for (const { summary } of inbox.entries.values()) {
    if (summary.site === site && summary.status === status && summary.last_at >= horizon) rows.push(summary);
  }
  return rows.sort(sort === 'activity' ? byActivity : byWaiting);
}

/** What this agent's own window has shown to the end counts as read before the server confirms it. */
export function unreadOf(summary: ConversationSummary, seenHere: number | undefined): number {
  return seenHere !== undefined && seenHere >= summary.last_seq ? 0 : summary.unread;
}

export function unreadConversations(
  inbox: Inbox,
  seenHere: ReadonlyMap<ConversationId, number>,
  site?: SiteKey,
): number {
  let count = 0;
  for (const { summary } of inbox.entries.values()) {
    const counts = summary.status === 'open' && (site === undefined || summary.site === site);
    if (counts && unreadOf(summary, seenHere.get(summary.conv)) > 0) count += 1;
  }
  return count;
}
