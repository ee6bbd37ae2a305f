import { closeCode, type LogEvent } from '@clearline/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bindPage, CredentialRefused, type Client, type Phase } from '../src/index.ts';
import { Harness, pass, stored, texts } from './harness.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_763_812_345_678 }));
afterEach(() => void vi.useRealTimers());

function phases(client: Client): Phase[] {
  const seen: Phase[] = [];
  client.on('state', ({ phase }) => seen.push(phase));
  return seen;
}

async function opened(harness = new Harness()): Promise<{ harness: Harness; visitor: Client }> {
  const visitor = harness.visitor();
  visitor.connect();
  await pass(200);
  expect(visitor.state.phase).toBe('open');
  return { harness, visitor };
}

/** The only conversation on the server. */
function conversation(harness: Harness) {
  const [only] = harness.server.chat.conversations.values();
  if (!only) throw new Error('no conversation yet');
  return only;
}

const refusal = (error: string, retryable: boolean, retry_after_ms?: number) => ({
  error,
  message: error,
  retryable,
  ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
});

describe('opening', () => {
  it('says hello, keeps the token, and comes back as the same visitor', async () => {
    const { harness, visitor } = await opened();
    const first = visitor.welcome?.visitor;
    visitor.disconnect();
    const again = harness.visitor();
    again.connect();
    await pass(200);
    expect(again.welcome?.visitor?.id).toBe(first?.id);
    expect(harness.server.chat.visitorsByToken.size).toBe(1);
  });

  it('goes from idle over connecting to open', async () => {
    const visitor = new Harness().visitor();
    const seen = phases(visitor);
    visitor.connect();
    await pass(200);
    expect(seen).toEqual(['connecting', 'open']);
  });

  it('gives a hung handshake up after 8 s and tries anew', async () => {
    const harness = new Harness();
    harness.network.hangs = true;
    const visitor = harness.visitor();
    visitor.connect();
    await pass(7_999);
    expect(visitor.state.phase).toBe('connecting');
    harness.network.hangs = false;
    await pass(1_000);
    expect(visitor.state.phase).toBe('open');
    expect(harness.sockets).toHaveLength(2);
  });

  it('gives a handshake without welcome up as well', async () => {
    const harness = new Harness();
    harness.network.silent = true;
    const visitor = harness.visitor();
    visitor.connect();
    await pass(8_500);
    expect(visitor.state).toMatchObject({ ending: { cause: 'handshake_timeout' } });
  });

  it('stops when no ticket is to be had, and waits when it could not be asked for', async () => {
    const harness = new Harness();
    const refused = harness.agent({ getTicket: () => Promise.reject(new CredentialRefused('401')) });
    refused.connect();
    const offline = harness.agent({ getTicket: () => Promise.reject(new TypeError('network')) });
    offline.connect();
    await pass(1);
    expect(refused.state).toMatchObject({ phase: 'stopped', ending: { status: closeCode.unauthorized } });
    expect(offline.state.phase).toBe('waiting');
    expect(harness.sockets).toHaveLength(0);
  });

  it('makes one visitor of two tabs that open at once', async () => {
    const harness = new Harness();
    const tabs = [harness.visitor(), harness.visitor()];
    for (const [index, tab] of tabs.entries()) {
      tab.connect();
      tab.own.send(`from tab ${index}`);
    }
    await pass(2_000);
    expect(tabs[0]?.welcome?.visitor?.id).toBe(tabs[1]?.welcome?.visitor?.id);
    expect(stored(harness).sort()).toEqual(['from tab 0', 'from tab 1']);
    for (const tab of tabs) expect(texts(tab).sort()).toEqual(['from tab 0', 'from tab 1']);
  });
});

describe('sending', () => {
  it('shows a message at once and turns it into an event when it is stored', async () => {
    const { visitor } = await opened();
    visitor.own.send('Hello!');
    expect(visitor.own.view.pending).toMatchObject([{ text: 'Hello!', stored: false }]);
    await pass(100);
    expect(visitor.own.view.pending).toEqual([]);
    expect(texts(visitor)).toEqual(['Hello!']);
  });

  it('keeps messages written before there is a line, also over a reload', async () => {
    const harness = new Harness();
    harness.network.reachable = false;
    const before = harness.visitor();
    before.connect();
    before.own.send('one');
    before.own.send('two');
    await pass(3_000);
    before.suspend();
    harness.network.reachable = true;
    const after = harness.visitor();
    expect(after.own.view.pending.map(({ text }) => text)).toEqual(['one', 'two']);
    after.connect();
    await pass(500);
    expect(texts(after)).toEqual(['one', 'two']);
    expect(harness.storage.length).toBe(1);
  });

  it('keeps the order when the server is too busy for the first of several', async () => {
    const { harness, visitor } = await opened();
    let answers = 0;
    harness.server.refuse = () => (++answers <= 2 ? refusal('busy', true, 700) : null);
    for (const text of ['one', 'two', 'three']) visitor.own.send(text);
    await pass(600);
    expect(stored(harness)).toEqual([]);
    await pass(2_000);
    expect(stored(harness)).toEqual(['one', 'two', 'three']);
  });

  it('marks a refused message with the reason and goes on with the rest', async () => {
    const { harness, visitor } = await opened();
    harness.server.refuse = (_, command) =>
      command.t === 'send' && command.text === '' ? refusal('text_empty', false) : null;
    const bad = visitor.own.send('');
    visitor.own.send('good');
    await pass(300);
    expect(stored(harness)).toEqual(['good']);
    expect(visitor.own.view.pending).toMatchObject([{ clientId: bad, error: 'text_empty' }]);
    harness.server.refuse = () => null;
    visitor.retry(bad);
    await pass(100);
    expect(stored(harness)).toEqual(['good', '']);
  });

  it('never sends half a surrogate pair, which the server could not even blame on its message', async () => {
    const { harness, visitor } = await opened();
    const bad = visitor.own.send('half \ud83d');
    visitor.own.send('whole 😀');
    await pass(300);
    expect(stored(harness)).toEqual(['whole 😀']);
    expect(visitor.own.view.pending).toMatchObject([{ clientId: bad, error: 'lone_surrogate' }]);
    visitor.retry(bad);
    await pass(100);
    expect(visitor.own.view.pending).toMatchObject([{ text: 'half \ud83d', error: 'lone_surrogate' }]);
  });

  it('forgets a discarded message for good', async () => {
    const { harness, visitor } = await opened();
    harness.server.refuse = (_, command) => (command.t === 'send' ? refusal('too_large', false) : null);
    const id = visitor.own.send('x');
    await pass(100);
    expect(harness.visitor().own.view.pending).toHaveLength(1);
    visitor.discard(id);
    expect(visitor.own.view.pending).toEqual([]);
    expect(harness.visitor().own.view.pending).toEqual([]);
  });

  it('sends again what was not acknowledged, and it is stored once', async () => {
    const { harness, visitor } = await opened();
    visitor.own.send('once');
    await pass(21);
    expect(stored(harness)).toEqual(['once']);
    harness.socket.cut();
    await pass(3_000);
    expect(stored(harness)).toEqual(['once']);
    expect(texts(visitor)).toEqual(['once']);
    expect(visitor.own.view.pending).toEqual([]);
  });

  it('blames the message under way for 1009 and never sends it again', async () => {
    const { harness, visitor } = await opened();
    visitor.own.send('too long');
    visitor.own.send('short');
    harness.socket.session?.bye(closeCode.message_too_big, 'message_too_big');
    await pass(3_000);
    expect(visitor.own.view.pending).toMatchObject([{ text: 'too long', error: 'message_too_big' }]);
    expect(stored(harness)).toEqual(['short']);
  });

  it('sets a message aside that was under way at three internal errors running', async () => {
    const { harness, visitor } = await opened();
    harness.server.refuse = (session, command) => {
      if (command.t !== 'send' || command.text !== 'poison') return null;
      session.bye(closeCode.internal_error, 'internal_error');
      return refusal('internal', true);
    };
    visitor.own.send('poison');
    visitor.own.send('water');
    await pass(60_000);
    expect(visitor.own.view.pending).toMatchObject([{ text: 'poison', error: 'internal_error' }]);
    expect(texts(visitor)).toContain('water');
  });
});

describe('the log', () => {
  const agentSays = (harness: Harness, text: string): LogEvent => {
    const { chat } = harness.server;
    const only = conversation(harness);
    const from = { role: 'agent', id: chat.agents[0]!.id, name: 'Ada' } as const;
    const result = chat.store(only, from, `agent-${only.log.length}` as never, text);
    if (result === 'duplicate_mismatch') throw new Error(result);
    harness.server.publish(only, result.event, null);
    return result.event;
  };

  it('repairs a gap', async () => {
    const { harness, visitor } = await opened();
    harness.server.loses = (_, { seq }) => seq === 2;
    for (const text of ['one', 'two', 'three', 'four']) agentSays(harness, text);
    await pass(200);
    expect(texts(visitor)).toEqual(['one', 'two', 'three', 'four']);
    const watches = harness.socket.session?.said.filter(({ t }) => t === 'watch');
    expect(watches).toHaveLength(1);
  });

  it('repairs a gap that an ack of its own shows', async () => {
    const { harness, visitor } = await opened();
    harness.server.loses = (_, { seq }) => seq === 1;
    agentSays(harness, 'lost');
    visitor.own.send('mine');
    await pass(30);
    await pass(200);
    expect(texts(visitor)).toEqual(['lost', 'mine']);
    expect(visitor.own.view.pending).toEqual([]);
  });

  it('drops what it has already', async () => {
    const { harness, visitor } = await opened();
    const event = agentSays(harness, 'one');
    harness.server.publish(conversation(harness), event, null);
    await pass(100);
    expect(texts(visitor)).toEqual(['one']);
  });

  it('gets what it missed after a break, and no more', async () => {
    const { harness, visitor } = await opened();
    agentSays(harness, 'one');
    await pass(100);
    harness.socket.cut();
    agentSays(harness, 'two');
    const events = vi.fn();
    visitor.on('event', events);
    await pass(2_000);
    expect(texts(visitor)).toEqual(['one', 'two']);
    expect(events).toHaveBeenCalledTimes(1);
    expect(events.mock.calls[0]?.[0]).toMatchObject({ live: true });
  });

  it('loads afresh when the server is another one than before, and keeps the outbox', async () => {
    const { harness, visitor } = await opened();
    agentSays(harness, 'old');
    await pass(100);
    harness.socket.cut();
    harness.network.reachable = false;
    const only = conversation(harness);
    only.log = [];
    only.byClientId.clear();
    harness.server.chat.epoch = 'another' as never;
    agentSays(harness, 'restored');
    visitor.own.send('unsent');
    harness.network.reachable = true;
    await pass(3_000);
    expect(texts(visitor)).toEqual(['restored', 'unsent']);
  });

  it('opens with the newest page and loads earlier ones on demand', async () => {
    const { harness, visitor } = await opened();
    visitor.disconnect();
    for (let n = 1; n <= 120; ++n) agentSays(harness, `message ${n}`);
    const reader = harness.visitor();
    reader.connect();
    await pass(200);
    expect(texts(reader)[0]).toBe('message 71');
    expect(reader.own.view.more).toBe(true);
    void reader.own.loadEarlier();
    expect(reader.own.view.loadingEarlier).toBe(true);
    await pass(100);
    void reader.own.loadEarlier();
    await pass(100);
    expect(texts(reader)).toEqual(Array.from({ length: 120 }, (_, n) => `message ${n + 1}`));
    expect(reader.own.view.more).toBe(false);
  });

  it('tells both sides how far the other one has read, and says it again after a break', async () => {
    const { harness, visitor } = await opened();
    const agent = harness.agent();
    agent.connect();
    visitor.own.send('Hello');
    await pass(200);
    const id = conversation(harness).id;
    const seenByAgent = agent.watch(id);
    await pass(200);
    expect(visitor.own.view.marks.agent).toEqual({ delivered: 1, seen: 0 });
    seenByAgent.markSeen();
    expect(seenByAgent.view.marks.agent).toEqual({ delivered: 1, seen: 1 });
    await pass(200);
    expect(visitor.own.view.marks.agent).toEqual({ delivered: 1, seen: 1 });
    conversation(harness).marks.agent = { delivered: 0, seen: 0 };
    harness.socket.cut();
    await pass(2_000);
    expect(conversation(harness).marks.agent).toEqual({ delivered: 1, seen: 1 });
  });

  it('lets typing be seen for 6 s and says it every 3 s at most', async () => {
    const { harness, visitor } = await opened();
    visitor.own.send('Hello');
    const agent = harness.agent();
    agent.connect();
    await pass(200);
    const log = agent.watch(conversation(harness).id);
    await pass(200);
    const said = () => harness.sockets[0]?.session?.said.filter(({ t }) => t === 'typing').length;
    for (let n = 0; n < 20; ++n) {
      visitor.own.setTyping(true);
      await pass(200);
    }
    expect(said()).toBe(2);
    expect(log.view.typing).toHaveLength(1);
    await pass(6_000);
    expect(log.view.typing).toEqual([]);
    visitor.own.setTyping(true);
    await pass(100);
    visitor.own.setTyping(false);
    await pass(100);
    expect(log.view.typing).toEqual([]);
    expect(said()).toBe(4);
  });
});

describe('agents', () => {
  it('list, answer, close; a message of the visitor reopens', async () => {
    const { harness, visitor } = await opened();
    const agent = harness.agent();
    agent.connect();
    const summaries = vi.fn();
    agent.on('conversations', summaries);
    await pass(200);
    expect(visitor.agentsOnline).toBe(true);
    visitor.own.send('Is it in stock?');
    await pass(200);
    expect(summaries.mock.lastCall?.[0]).toMatchObject({ changed: [{ unread: 1 }] });
    const inbox = agent.inbox({ site: 'demo', status: 'open' });
    await pass(100);
    const [summary] = (await inbox).conversations;
    expect(summary).toMatchObject({ last: { text: 'Is it in stock?' }, unread: 1 });
    const log = agent.watch(summary!.conv);
    await pass(100);
    log.send('It is.');
    await pass(100);
    expect(texts(visitor)).toEqual(['Is it in stock?', 'It is.']);
    void agent.closeConversation(summary!.conv);
    await pass(100);
    expect(log.view.events.at(-1)).toMatchObject({ kind: 'closed', seq: 3 });
    expect(visitor.own.view.state).toMatchObject({ status: 'closed' });
    visitor.own.send('One more thing');
    await pass(200);
    expect(log.view.events.map(({ kind }) => kind)).toEqual(['message', 'message', 'closed', 'reopened', 'message']);
    expect(visitor.own.view.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('fail a command whose connection ends, and watch again after it', async () => {
    const { harness, visitor } = await opened();
    visitor.own.send('Hello');
    const agent = harness.agent();
    agent.connect();
    await pass(200);
    const log = agent.watch(conversation(harness).id);
    const inbox = agent.inbox({ site: 'demo', status: 'open' });
    harness.socket.cut();
    await expect(inbox).rejects.toMatchObject({ error: 'connection_lost', retryable: true });
    await pass(2_000);
    expect(log.view.loaded).toBe(true);
    visitor.own.send('again');
    await pass(200);
    expect(log.view.events).toHaveLength(2);
  });
});

describe('the line', () => {
  it('is dead after 15 s without an answer to a ping, and replaced at once', async () => {
    const { harness } = await opened();
    harness.network.silent = true;
    const [first] = harness.sockets;
    await pass(20_000 + 14_000);
    expect(harness.sockets).toHaveLength(1);
    harness.network.silent = false;
    await pass(1_500);
    expect(first?.closedWith).toBe(closeCode.heartbeat_lost);
    expect(harness.sockets).toHaveLength(2);
  });

  it('is asked with a deadline of 3 s when the page is shown again', async () => {
    const { harness, visitor } = await opened();
    await pass(5_000);
    harness.network.silent = true;
    visitor.visibilityChanged();
    await pass(3_100);
    expect(harness.sockets).toHaveLength(2);
  });

  it('stays when the answer is only late by a sleeping clock', async () => {
    const { harness } = await opened();
    await pass(20_010);
    // The machine sleeps: clocks go on, timers stand still, and the pong is still on its way.
    vi.setSystemTime(Date.now() + 3_600_000);
    await pass(16_000);
    expect(harness.sockets).toHaveLength(1);
  });

  it('believes the bye, not the Close code, and does not wait for a Close', async () => {
    const { harness, visitor } = await opened();
    const session = harness.socket.session!;
    session.send({ t: 'bye', code: closeCode.site_closed, cause: 'site_closed' });
    await pass(21);
    expect(visitor.state).toMatchObject({ phase: 'stopped', ending: { status: closeCode.site_closed } });
  });

  it('does not hurry back to an overloaded server', async () => {
    const { harness, visitor } = await opened();
    harness.socket.session?.bye(closeCode.try_again_later, 'connection_limit', { retry_after_ms: 30_000 });
    await pass(100);
    visitor.online();
    visitor.retryNow();
    visitor.visibilityChanged();
    await pass(29_000);
    expect(harness.sockets).toHaveLength(1);
    await pass(15_000);
    expect(harness.sockets).toHaveLength(2);
  });

  it('hurries when the network is back', async () => {
    const { harness, visitor } = await opened();
    harness.network.reachable = false;
    harness.socket.cut();
    await pass(120_000);
    harness.network.reachable = true;
    visitor.online();
    await pass(600);
    expect(visitor.state.phase).toBe('open');
  });

  it('grows its waits over connections that do not last', async () => {
    const { harness } = await opened();
    for (let n = 0; n < 6; ++n) {
      harness.socket.cut();
      const before = harness.sockets.length;
      while (harness.sockets.length === before) await pass(50);
      await pass(100);
    }
    harness.socket.cut();
    await pass(600);
    expect(harness.socket.readyState).toBe(3);
  });

  it('closes on pagehide and comes back on pageshow', async () => {
    const { harness, visitor } = await opened();
    const listeners = new Map<string, (event: { persisted?: boolean }) => void>();
    const target = {
      addEventListener: (type: string, listener: (event: { persisted?: boolean }) => void) =>
        void listeners.set(type, listener),
    };
    bindPage(visitor, target, target);
    listeners.get('pagehide')?.({ persisted: true });
    expect(harness.socket.closedWith).toBe(closeCode.page_hidden);
    expect(visitor.state.phase).toBe('idle');
    visitor.own.send('written while asleep');
    listeners.get('pageshow')?.({ persisted: true });
    await pass(500);
    expect(stored(harness)).toEqual(['written while asleep']);
  });

  it('becomes a new visitor when its token is refused, and loses no word', async () => {
    const { harness, visitor } = await opened();
    harness.server.chat.visitorsByToken.clear();
    harness.socket.cut();
    visitor.own.send('still here');
    await pass(5_000);
    expect(texts(visitor)).toEqual(['still here']);
  });

  it('ends a line that talks nonsense', async () => {
    const { harness } = await opened();
    const [first] = harness.sockets;
    first?.onmessage?.({ data: 'not json' });
    expect(first?.closedWith).toBe(closeCode.bad_frame);
    await pass(2_000);
    expect(harness.sockets).toHaveLength(2);
  });
});
