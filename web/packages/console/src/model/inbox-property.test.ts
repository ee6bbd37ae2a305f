// Events + snapshot == fresh load: a server whose conversations change at random, and a console that gets pages and
// changes late, in random interleavings, over connections that break. Once the line is quiet, its lists are the server's.
import { expect, it } from 'vitest';
import type { ConversationId, ConversationSummary, InboxAnswer, VisitorId } from '@clearline/protocol';
import * as inbox from './inbox.ts';

const site = 'demo';
const pageSize = 5;

/** mulberry32: a failing seed is printed and can be run again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

class Server {
  readonly conversations = new Map<string, ConversationSummary>();
  private clock = 1000;
  private made = 0;
  private readonly random: (below: number) => number;

  constructor(random: (below: number) => number) {
    this.random = random;
  }

  /** One change; returns what the agents are told. */
  change(): ConversationSummary {
    this.clock += this.random(3); // equal times happen
    const known = [...this.conversations.values()];
    const pick = known[this.random(known.length + 3)];
    const next = pick === undefined ? this.fresh() : this.changed(pick);
    this.conversations.set(next.conv, next);
    return next;
  }

  /** The process was restored from a backup: versions start anew. */
  restore(): void {
    for (const [conv, summary] of this.conversations) this.conversations.set(conv, { ...summary, version: 1 });
  }

  page(status: inbox.Status, cursor: string | undefined): InboxAnswer {
    const all = this.list(status);
    const [time, conv] = cursor === undefined ? [Infinity, ''] : (JSON.parse(cursor) as [number, string]);
    const after = all.filter((one) => one.last_at < time || (one.last_at === time && one.conv < conv));
    const conversations = after.slice(0, pageSize);
    const last = conversations.at(-1);
    const more = after.length > pageSize;
    return {
      t: 'inbox',
      id: 0,
      site,
      status,
      conversations,
      more,
      ...(more && last !== undefined ? { cursor: JSON.stringify([last.last_at, last.conv]) } : {}),
    };
  }

  list(status: inbox.Status): ConversationSummary[] {
    return [...this.conversations.values()]
      .filter((summary) => summary.status === status)
      .sort((one, other) => other.last_at - one.last_at || (one.conv < other.conv ? 1 : -1));
  }

  private fresh(): ConversationSummary {
    this.made += 1;
    const id = String(this.made).padStart(4, '0');
    return {
      conv: `c${id}` as ConversationId,
      site,
      version: 1,
      status: 'open',
      created_at: this.clock,
      visitor: { id: `v${id}` as VisitorId, online: true },
      last_seq: 1,
      last_at: this.clock,
      last: { kind: 'message', role: 'visitor', text: 'hello' },
      unread: 1,
      waiting_since: this.clock,
      visitor_delivered: 1,
      visitor_seen: 1,
      agents_delivered: 0,
      agents_seen: 0,
    };
  }

  private changed(summary: ConversationSummary): ConversationSummary {
    const version = summary.version + 1;
    switch (this.random(4)) {
      case 0:
        return { ...summary, version, unread: 0, agents_seen: summary.last_seq };
      case 1:
        return { ...summary, version, visitor: { ...summary.visitor, online: !summary.visitor.online } };
      case 2: {
        const status = summary.status === 'open' ? 'closed' : 'open';
        return { ...summary, version, status, last_seq: summary.last_seq + 1, last_at: this.clock };
      }
      default:
        return {
          ...summary,
          version,
          last_seq: summary.last_seq + 1,
          last_at: this.clock,
          unread: summary.unread + 1,
        };
    }
  }
}

/** What is on its way to the console, in the order of the connection. */
type Delivery =
  | { kind: 'changed'; summaries: ConversationSummary[] }
  | { kind: 'page'; answer: InboxAnswer; cursor: string | undefined };

class Console {
  state = inbox.emptyInbox;
  private line: Delivery[] = [];
  private readonly asked = new Set<string>();
  private readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  connect(): void {
    this.line = [];
    this.asked.clear();
    this.state = inbox.connected(this.state);
  }

  tell(summary: ConversationSummary): void {
    this.line.push({ kind: 'changed', summaries: [summary] });
  }

  /** Asks for the page that is missing next; the answer has the server's state of this moment. */
  ask(status: inbox.Status): boolean {
    const list = inbox.listOf(this.state, site, status);
    const fresh = list.generation === this.state.generation;
    if (fresh && !list.more) return false;
    const cursor = fresh ? list.cursor : undefined;
    const question = `${status} ${cursor ?? ''}`;
    if (this.asked.has(question)) return false;
    this.asked.add(question);
    this.line.push({ kind: 'page', answer: this.server.page(status, cursor), cursor });
    return true;
  }

  deliver(): boolean {
    const next = this.line.shift();
    if (next === undefined) return false;
    this.state =
      next.kind === 'changed'
        ? inbox.changed(this.state, next.summaries)
        : inbox.pageLoaded(this.state, next.answer, next.cursor);
    return true;
  }
}

function run(seed: number): void {
  const random = randomOf(seed);
  const server = new Server(random);
  const pageOf = new Console(server);
  pageOf.connect();
  for (let step = 0; step < 150; step += 1) {
    const what = random(20);
    if (what < 9) pageOf.tell(server.change());
    else if (what < 13) pageOf.ask(random(2) === 0 ? 'open' : 'closed');
    else if (what < 18) pageOf.deliver();
    else if (what === 18) {
      // Changes that nobody is told of: the line is down.
      for (let missed = random(6); missed > 0; missed -= 1) server.change();
      if (random(5) === 0) server.restore();
      pageOf.connect();
    } else while (pageOf.deliver());
    expectNoDoubles(pageOf.state, seed);
  }
  for (const status of ['open', 'closed'] as const) {
    do while (pageOf.deliver());
    while (pageOf.ask(status));
  }
  for (const status of ['open', 'closed'] as const) {
    expect(inbox.rowsOf(pageOf.state, site, status, 'activity'), `seed ${seed}`).toEqual(server.list(status));
  }
}

/** At any moment: no conversation is in both lists, or twice in one. */
function expectNoDoubles(state: inbox.Inbox, seed: number): void {
  const rows = (['open', 'closed'] as const).flatMap((status) => inbox.rowsOf(state, site, status, 'activity'));
  expect(new Set(rows.map(({ conv }) => conv)).size, `seed ${seed}`).toBe(rows.length);
}

it('shows what a fresh load would show, after 300 random histories', () => {
  for (let seed = 1; seed <= 300; seed += 1) run(seed);
});
