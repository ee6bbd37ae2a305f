// One connection to the fake server.
import type {
  ClientMessage,
  ConversationId,
  Epoch,
  Hello,
  LogEvent,
  Sender,
  ServerMessage,
  SiteKey,
} from '@clearline/protocol';
import { closeCode } from '@clearline/protocol';
import { pageEvents, resumeEvents, type FakeConversation } from './chat.ts';
import type { FakeServer } from './server.ts';

/** What a session needs of its transport. */
export interface Wire {
  send(text: string): void;
  close(code: number): void;
}

export class Session {
  self: Sender | null = null;
  site: SiteKey | null = null;
  visible = true;
  readonly watched = new Set<ConversationId>();
  /** What the client said, for tests to look at. */
  readonly said: ClientMessage[] = [];
  readonly id: string;
  private readonly server: FakeServer;
  private readonly wire: Wire;
  private own: ConversationId | null = null;
  private isOpen = true;

  constructor(server: FakeServer, wire: Wire) {
    this.server = server;
    this.wire = wire;
    this.id = server.chat.makeId('k');
  }

  send(message: ServerMessage): void {
    if (this.isOpen) this.wire.send(JSON.stringify(message));
  }

  /** Ends the connection as a server does: the verdict in-band, then the Close frame. */
  bye(code: number, cause: string, hint: { retry_after_ms?: number; spread_ms?: number } = {}): void {
    this.send({ t: 'bye', code, cause, ...hint, resume: true });
    this.close(code);
  }

  close(code: number): void {
    if (!this.isOpen) return;
    this.ended();
    this.wire.close(code);
  }

  ended(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.server.left(this);
  }

  receive(text: string): void {
    if (!this.isOpen) return;
    const message = JSON.parse(text) as ClientMessage;
    this.said.push(message);
    if (message.t === 'hello') this.hello(message);
    else if (this.self) this.command(message, this.self);
    else this.bye(closeCode.unauthorized, 'token_missing');
  }

  private hello(hello: Hello): void {
    this.visible = hello.visible ?? true;
    if (hello.role === 'visitor') this.helloVisitor(hello);
    else this.helloAgent(hello);
  }

  private helloVisitor({ site = '', token, resume = [] }: Hello): void {
    const { chat } = this.server;
    if (!chat.sites.has(site)) {
      this.bye(closeCode.site_closed, 'site_closed');
      return;
    }
    const known = token === undefined ? undefined : chat.visitorsByToken.get(token);
    if (token !== undefined && !known) {
      this.bye(closeCode.unauthorized, 'token_invalid');
      return;
    }
    const visitor = known ?? chat.newVisitor(site);
    this.self = { role: 'visitor', id: visitor.id };
    this.site = site;
    this.own = visitor.conv;
    const { id, conv } = visitor;
    const fresh = 'token' in visitor ? { token: visitor.token } : {};
    this.welcome({ visitor: { id, conv, ...fresh }, agents_online: this.server.agentsOnline(site) });
    const point = resume.find((candidate) => candidate.conv === conv);
    this.watch(conv, point?.epoch, point?.seq);
    this.server.presenceChanged(conv);
  }

  private helloAgent({ ticket = '', resume = [] }: Hello): void {
    const agent = this.server.takeTicket(ticket);
    if (!agent) {
      this.bye(closeCode.unauthorized, 'token_invalid');
      return;
    }
    const { id, name, display_name, role } = agent;
    this.self = { role: 'agent', id, name: display_name };
    const sites = [...this.server.chat.sites].map(([site, title]) => ({ site, name: title }));
    this.welcome({ agent: { id, name, display_name, role }, sites });
    for (const { conv, epoch, seq } of resume) this.watch(conv, epoch, seq);
    this.server.agentsChanged();
  }

  private welcome(rest: object): void {
    const { chat, heartbeatMs } = this.server;
    this.send({
      t: 'welcome',
      connection: this.id,
      server: { name: 'fake', version: '0.1.0' },
      time: chat.now(),
      epoch: chat.epoch,
      heartbeat_ms: heartbeatMs,
      limits: { text_bytes: 16384, message_bytes: 65536, page_events: 100, resume_events: resumeEvents },
      ...rest,
    } as ServerMessage);
  }

  private command(message: Exclude<ClientMessage, Hello>, self: Sender): void {
    const { server } = this;
    if (message.t === 'ping') {
      this.visible = message.visible;
      this.send({ t: 'pong', n: message.n, time: server.chat.now() });
      return;
    }
    const refusal = 'id' in message ? server.refuse(this, message) : null;
    if (refusal && 'id' in message) {
      this.send({ t: 'error', id: message.id, ...refusal });
      return;
    }
    if (message.t === 'inbox') {
      this.inbox(message);
      return;
    }
    const conversation = this.mayUse(message.conv);
    if (!conversation) {
      const id = 'id' in message ? { id: message.id } : {};
      this.send({ t: 'error', ...id, error: 'not_found', message: 'no such conversation', retryable: false });
      return;
    }
    switch (message.t) {
      case 'send': {
        const stored = server.chat.store(conversation, self, message.client_id, message.text);
        if (stored === 'duplicate_mismatch') {
          this.send({ t: 'error', id: message.id, error: stored, message: stored, retryable: false });
          return;
        }
        const { event, before, duplicate } = stored;
        for (const earlier of before) server.publish(conversation, earlier, null);
        this.ack(message.id, conversation, message.client_id, event, duplicate);
        if (!duplicate) server.publish(conversation, event, this);
        break;
      }
      case 'close_conversation':
        if (server.chat.statusOf(conversation) === 'closed') {
          const error = 'conversation_closed';
          this.send({ t: 'error', id: message.id, error, message: 'it is closed already', retryable: false });
        } else {
          const event = server.chat.close(conversation, self);
          this.ack(message.id, conversation, message.client_id, event, false);
          server.publish(conversation, event, this);
        }
        break;
      case 'watch':
        this.watch(message.conv, message.epoch, message.after, message.id);
        break;
      case 'unwatch':
        this.watched.delete(message.conv);
        break;
      case 'history': {
        const before = conversation.log.filter(({ seq }) => seq < message.before);
        const events = before.slice(-message.limit);
        const more = events.length < before.length;
        this.send({ t: 'page', id: message.id, conv: message.conv, events, more });
        break;
      }
      case 'typing':
        server.relay(conversation, this, { t: 'typing', conv: message.conv, from: self, on: message.on });
        break;
      case 'receipt':
        server.receipt(conversation, this, self.role, message.delivered, message.seen);
        break;
    }
  }

  private ack(
    id: number,
    { id: conv }: FakeConversation,
    client_id: string,
    event: LogEvent,
    duplicate: boolean,
  ): void {
    const { seq, at } = event;
    const { epoch } = this.server.chat;
    this.send({ t: 'ack', id, conv, client_id, seq, at, epoch, duplicate } as ServerMessage);
  }

  private inbox(message: Extract<ClientMessage, { t: 'inbox' }>): void {
    const { id, site, status, limit = 50, cursor = '0' } = message;
    const { chat } = this.server;
    const all = [...chat.conversations.values()]
      .filter((conversation) => conversation.log.length > 0)
      .filter((conversation) => conversation.site === site && chat.statusOf(conversation) === status)
      .map((conversation) => chat.summaryOf(conversation, this.server.isOnline(conversation)))
      .sort((a, b) => b.last_at - a.last_at);
    const from = Number(cursor);
    const conversations = all.slice(from, from + limit);
    const more = from + limit < all.length;
    this.send({ t: 'inbox', id, site, status, conversations, more, cursor: String(from + limit) });
  }

  private mayUse(conv: ConversationId): FakeConversation | undefined {
    if (this.own && conv !== this.own) return undefined;
    return this.server.chat.conversations.get(conv);
  }

  private watch(conv: ConversationId, epoch?: Epoch, after?: number, id?: number): void {
    const conversation = this.mayUse(conv);
    if (!conversation) return;
    const { chat } = this.server;
    const last = conversation.log.length;
    let from = after;
    if (epoch !== undefined && after !== undefined) {
      const reason = epoch !== chat.epoch ? 'epoch' : after > last ? 'cursor' : null;
      if (reason ?? last - after > resumeEvents) {
        this.send({ t: 'reset', conv, reason: reason ?? 'too_far' });
        from = undefined;
      }
    }
    const first = from === undefined ? Math.max(1, last - pageEvents + 1) : from + 1;
    const online = this.server.isOnline(conversation);
    const state = this.own ? chat.stateOf(conversation, online) : chat.summaryOf(conversation, online);
    const number = id === undefined ? {} : { id };
    this.watched.add(conv);
    const common = { conv, epoch: chat.epoch, last_seq: last, first_seq: first, more: first > 1, state };
    this.send({ t: 'watching', ...number, ...common });
    const events = conversation.log.slice(first - 1);
    if (events.length > 0) this.send({ t: 'events', conv, events });
  }
}
