// What the fake server knows: sites, people, logs. The rules are those of docs/reference/protocol.md.
import type {
  Agent,
  AgentId,
  ClientId,
  ConversationId,
  ConversationState,
  ConversationSummary,
  Epoch,
  LogEvent,
  Role,
  Sender,
  VisitorId,
} from '@clearline/protocol';

export interface FakeConversation {
  id: ConversationId;
  site: string;
  visitor: VisitorId;
  createdAt: number;
  version: number;
  log: LogEvent[];
  byClientId: Map<ClientId, LogEvent>;
  marks: Record<Role, { delivered: number; seen: number }>;
}

export interface FakeAgent extends Agent {
  password: string;
}

export interface Stored {
  event: LogEvent;
  /** What else the log got on the way: a closed conversation is reopened by a message. */
  before: LogEvent[];
  duplicate: boolean;
}

export const pageEvents = 50;
export const resumeEvents = 1000;

const digits = '0123456789abcdefghjkmnpqrstvwxyz';

export class FakeChat {
  epoch = '5f3a9c0d11e2b744' as Epoch;
  readonly sites = new Map([['demo', 'Demo shop']]);
  readonly visitorsByToken = new Map<string, { id: VisitorId; conv: ConversationId; site: string }>();
  readonly conversations = new Map<ConversationId, FakeConversation>();
  readonly agents: FakeAgent[] = [
    { id: 'a0000000000001' as AgentId, name: 'ada', display_name: 'Ada', role: 'admin', password: 'correct horse' },
    { id: 'a0000000000002' as AgentId, name: 'bob', display_name: 'Bob', role: 'agent', password: 'battery staple' },
  ];
  readonly now: () => number;
  private ids = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  makeId(letter: string): string {
    let number = ++this.ids;
    let text = '';
    for (let digit = 0; digit < 13; ++digit) {
      text = (digits[number % 32] ?? '') + text;
      number = Math.floor(number / 32);
    }
    return letter + text;
  }

  newVisitor(site: string): { id: VisitorId; conv: ConversationId; token: string } {
    const visitor = { id: this.makeId('v') as VisitorId, conv: this.makeId('c') as ConversationId, site };
    const token = `token-${visitor.id}`;
    this.visitorsByToken.set(token, visitor);
    this.conversations.set(visitor.conv, {
      id: visitor.conv,
      site,
      visitor: visitor.id,
      createdAt: this.now(),
      version: 0,
      log: [],
      byClientId: new Map(),
      marks: { visitor: { delivered: 0, seen: 0 }, agent: { delivered: 0, seen: 0 } },
    });
    return { id: visitor.id, conv: visitor.conv, token };
  }

  store(conversation: FakeConversation, from: Sender, clientId: ClientId, text: string): Stored | 'duplicate_mismatch' {
    const known = conversation.byClientId.get(clientId);
    if (known) {
      if (known.kind !== 'message' || known.text !== text) return 'duplicate_mismatch';
      return { event: known, before: [], duplicate: true };
    }
    const before: LogEvent[] = [];
    const base = () => ({ seq: conversation.log.length + 1, at: this.now() });
    if (this.statusOf(conversation) === 'closed') {
      const reopened: LogEvent = { ...base(), kind: 'reopened', from };
      conversation.log.push(reopened);
      before.push(reopened);
    }
    const event: LogEvent = { ...base(), kind: 'message', from, client_id: clientId, text };
    conversation.log.push(event);
    conversation.byClientId.set(clientId, event);
    conversation.version += 1;
    return { event, before, duplicate: false };
  }

  close(conversation: FakeConversation, from: Sender): LogEvent {
    const event: LogEvent = { seq: conversation.log.length + 1, at: this.now(), kind: 'closed', from };
    conversation.log.push(event);
    conversation.version += 1;
    return event;
  }

  statusOf({ log }: FakeConversation): 'open' | 'closed' {
    return log.at(-1)?.kind === 'closed' ? 'closed' : 'open';
  }

  stateOf(conversation: FakeConversation, online: boolean): ConversationState {
    const { log, marks } = conversation;
    const last = log.at(-1);
    const lastText = log.findLast((event) => event.kind === 'message');
    return {
      conv: conversation.id,
      site: conversation.site,
      status: this.statusOf(conversation),
      created_at: conversation.createdAt,
      visitor: { id: conversation.visitor, online },
      last_seq: log.length,
      last_at: last?.at ?? conversation.createdAt,
      last: lastText ? { kind: 'message', role: lastText.from.role, text: lastText.text.slice(0, 120) } : null,
      visitor_delivered: marks.visitor.delivered,
      visitor_seen: marks.visitor.seen,
      agents_delivered: marks.agent.delivered,
      agents_seen: marks.agent.seen,
    };
  }

  summaryOf(conversation: FakeConversation, online: boolean): ConversationSummary {
    const messages = conversation.log.filter((event) => event.kind === 'message');
    const answered = messages.findLastIndex((event) => event.from.role === 'agent');
    return {
      ...this.stateOf(conversation, online),
      version: conversation.version,
      unread: this.unread(conversation, 'agent'),
      waiting_since: messages.slice(answered + 1)[0]?.at ?? null,
    };
  }

  /** How many of the other side's messages this side has not seen. */
  unread({ log, marks }: FakeConversation, role: Role): number {
    return log.filter((e) => e.kind === 'message' && e.from.role !== role && e.seq > marks[role].seen).length;
  }
}
