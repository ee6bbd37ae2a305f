import type { Command, ErrorAnswer, LogEvent, Role, ServerMessage, SiteKey } from '@clearline/protocol';
import { FakeChat, type FakeAgent, type FakeConversation } from './chat.ts';
import { Session, type Wire } from './session.ts';

type Refusal = Omit<ErrorAnswer, 't' | 'id'>;

/**
 * A server that speaks clearline.v1 from memory, without a socket of its own: transports hand it wires. It is for tests
 * and for work on the screens. Tests put faults in: cut sessions, answers to refuse, events to lose.
 */
export class FakeServer {
  readonly chat: FakeChat;
  readonly sessions = new Set<Session>();
  heartbeatMs = 20_000;
  /** Decides whether a command is answered with an error. */
  refuse: (session: Session, command: Command) => Refusal | null = () => null;
  /** Decides whether an event is lost on its way to a session, as a hint on a bus may be. */
  loses: (session: Session, event: LogEvent) => boolean = () => false;
  private readonly tickets = new Map<string, FakeAgent>();

  constructor(now: () => number = () => Date.now()) {
    this.chat = new FakeChat(now);
  }

  accept(wire: Wire): Session {
    const session = new Session(this, wire);
    this.sessions.add(session);
    return session;
  }

  makeTicket(agent: FakeAgent | undefined = this.chat.agents[0]): string {
    if (!agent) throw new Error('there is no agent');
    const ticket = this.chat.makeId('t');
    this.tickets.set(ticket, agent);
    return ticket;
  }

  takeTicket(ticket: string): FakeAgent | undefined {
    const agent = this.tickets.get(ticket);
    this.tickets.delete(ticket);
    return agent;
  }

  agentsOnline(site: SiteKey): boolean {
    return this.chat.sites.has(site) && [...this.sessions].some(({ self }) => self?.role === 'agent');
  }

  isOnline({ id }: FakeConversation): boolean {
    return [...this.sessions].some(({ self, watched }) => self?.role === 'visitor' && watched.has(id));
  }

  left(session: Session): void {
    this.sessions.delete(session);
    if (session.self?.role === 'agent') this.agentsChanged();
    else for (const conv of session.watched) this.presenceChanged(conv);
  }

  agentsChanged(): void {
    for (const { self, site, send } of this.bound()) {
      if (self?.role === 'visitor' && site) {
        send({ t: 'presence', site, agents_online: this.agentsOnline(site) });
      }
    }
  }

  presenceChanged(conv: FakeConversation['id']): void {
    const conversation = this.chat.conversations.get(conv);
    if (!conversation) return;
    const online = this.isOnline(conversation);
    for (const { self, send } of this.bound()) {
      if (self?.role === 'agent') send({ t: 'presence', conv, online });
    }
  }

  /** Everyone who watches, but for the connection whose ack stands for the event. */
  publish(conversation: FakeConversation, event: LogEvent, except: Session | null): void {
    for (const session of [...this.sessions]) {
      if (session === except || !session.watched.has(conversation.id) || this.loses(session, event)) continue;
      session.send({ t: 'event', conv: conversation.id, event });
    }
    this.summaryChanged(conversation);
  }

  relay(conversation: FakeConversation, from: Session, message: ServerMessage): void {
    for (const session of [...this.sessions]) {
      if (session !== from && session.watched.has(conversation.id)) session.send(message);
    }
  }

  receipt(conversation: FakeConversation, from: Session, role: Role, delivered: number, seen: number): void {
    const mark = conversation.marks[role];
    mark.delivered = Math.max(mark.delivered, delivered);
    mark.seen = Math.max(mark.seen, seen);
    conversation.version += 1;
    const unread = this.chat.unread(conversation, role);
    this.relay(conversation, from, { t: 'receipt', conv: conversation.id, role, ...mark, unread });
    this.summaryChanged(conversation);
  }

  private summaryChanged(conversation: FakeConversation): void {
    if (conversation.log.length === 0) return;
    const { site } = conversation;
    const changed = [this.chat.summaryOf(conversation, this.isOnline(conversation))];
    for (const { self, send } of this.bound()) {
      if (self?.role === 'agent') send({ t: 'conversations', site, changed });
    }
  }

  private bound() {
    return [...this.sessions].map((session) => ({
      self: session.self,
      site: session.site,
      send: (message: ServerMessage) => session.send(message),
    }));
  }
}
