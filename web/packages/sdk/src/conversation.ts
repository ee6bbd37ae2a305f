import type {
  ClientId,
  ConversationId,
  ConversationState,
  ConversationSummary,
  Epoch,
  LogEvent,
  Receipt,
  Role,
  Sender,
  Watching,
} from '@clearline/protocol';
import type { Environment, TimerHandle } from './environment.ts';
import type { OutboxItem } from './outbox.ts';

/** A sign of typing is worth this long. */
const typingShownMs = 6_000;
/** And is repeated at most this often while the person goes on. */
const typingEveryMs = 3_000;

export interface ReadMarks {
  delivered: number;
  seen: number;
}

/** A message on its way. It gives way to its event when that arrives. */
export interface PendingMessage extends OutboxItem {
  /** Acknowledged, but earlier events are still missing here. */
  readonly stored: boolean;
}

/** What a screen shows of a conversation; a new object after each change. */
export interface ConversationView {
  readonly id: ConversationId | null;
  /** False until the log has been loaded for the first time, and again after a reset. */
  readonly loaded: boolean;
  readonly events: readonly LogEvent[];
  /** There are events before the first one here. */
  readonly more: boolean;
  readonly loadingEarlier: boolean;
  /** Own messages that are not in the log yet, in order, failed ones included (they have an `error`). */
  readonly pending: readonly PendingMessage[];
  readonly typing: readonly Sender[];
  readonly marks: Readonly<Record<Role, ReadMarks>>;
  readonly state: ConversationState | ConversationSummary | null;
  /** The name of the error with which the server refused to show it; null unless it did. */
  readonly problem: string | null;
}

/** What a conversation wants of its client. */
export interface ConversationHost {
  readonly role: Role;
  readonly environment: Environment;
  pending(conversation: Conversation): readonly OutboxItem[];
  settle(clientId: ClientId): void;
  signalTyping(conversation: Conversation, on: boolean): void;
  signalReceipt(conversation: Conversation, delivered: number, seen: number): void;
  /** Asks for what comes after `last`. */
  repair(conversation: Conversation): void;
  history(conversation: Conversation, before: number): Promise<{ events: LogEvent[]; more: boolean }>;
  post(conversation: Conversation, text: string): ClientId;
  changed(conversation: Conversation): void;
  taken(conversation: Conversation, event: LogEvent, live: boolean): void;
}

/** One conversation's log as far as this client has it, and the signals around it. */
export class Conversation {
  id: ConversationId | null;
  epoch: Epoch | null = null;
  /** The highest seq up to which nothing is missing; null before the log was loaded. */
  last: number | null = null;
  repairing = false;

  readonly #host: ConversationHost;
  #events: readonly LogEvent[] = [];
  #more = false;
  #loadingEarlier = false;
  #state: ConversationView['state'] = null;
  #problem: string | null = null;
  /** Up to here events are not news: they were in the log when it was opened. */
  #oldNewsUpTo: number | null = null;
  readonly #acknowledged = new Map<ClientId, OutboxItem>();
  readonly #typists = new Map<string, { sender: Sender; timer: TimerHandle }>();
  #marks: Record<Role, ReadMarks> = { visitor: { delivered: 0, seen: 0 }, agent: { delivered: 0, seen: 0 } };
  #typingSentAt = -Infinity;
  #seen = 0;
  #receiptSent: ReadMarks = { delivered: 0, seen: 0 };
  #receiptTimer: TimerHandle = null;
  #cached: ConversationView | null = null;

  constructor(host: ConversationHost, id: ConversationId | null) {
    this.#host = host;
    this.id = id;
  }

  get view(): ConversationView {
    this.#cached ??= {
      id: this.id,
      loaded: this.last !== null,
      events: this.#events,
      more: this.#more,
      loadingEarlier: this.#loadingEarlier,
      pending: [
        ...[...this.#acknowledged.values()].map((item) => ({ ...item, stored: true })),
        ...this.#host.pending(this).map((item) => ({ ...item, stored: false })),
      ],
      typing: [...this.#typists.values()].map(({ sender }) => sender),
      marks: this.#marks,
      state: this.#state,
      problem: this.#problem,
    };
    return this.#cached;
  }

  /** Something that the view shows is different now. */
  touch(): void {
    this.#cached = null;
    this.#host.changed(this);
  }

  /** Queues a message; it is sent as soon as there is a line, and survives reload and restart until it is stored. */
  send(text: string): ClientId {
    const clientId = this.#host.post(this, text);
    this.#typingSentAt = -Infinity;
    return clientId;
  }

  /** Loads the page before the first event. */
  async loadEarlier(): Promise<void> {
    const first = this.#events[0]?.seq;
    if (!this.#more || this.#loadingEarlier || first === undefined) return;
    const { epoch } = this;
    this.#loadingEarlier = true;
    this.touch();
    try {
      const page = await this.#host.history(this, first);
      // A reset in between: the page belongs to a log that is gone.
      if (this.epoch === epoch && this.#events[0]?.seq === first) {
        this.#events = [...page.events, ...this.#events];
        this.#more = page.more;
      }
    } finally {
      this.#loadingEarlier = false;
      this.touch();
    }
  }

  /** Call it with each change of the text being written; it speaks to the server as seldom as it may. */
  setTyping(on: boolean): void {
    const now = this.#host.environment.now();
    const wasOn = this.#typingSentAt > -Infinity;
    if (on ? now - this.#typingSentAt < typingEveryMs : !wasOn) return;
    this.#typingSentAt = on ? now : -Infinity;
    this.#host.signalTyping(this, on);
  }

  /** The person has seen everything that is here. */
  markSeen(): void {
    const { last } = this;
    if (last === null || last <= this.#seen) return;
    this.#seen = last;
    // The server tells it to the others only.
    this.receipt({ role: this.#host.role, delivered: last, seen: last });
    this.#planReceipt();
  }

  // What the client hands on from the server.

  watching(message: Watching): void {
    this.repairing = false;
    this.#problem = null;
    if (this.last === null || this.epoch !== message.epoch || message.first_seq > this.last + 1) {
      this.#drop();
      this.last = message.first_seq - 1;
      this.#more = message.more;
    }
    this.epoch = message.epoch;
    this.#oldNewsUpTo ??= message.last_seq;
    this.takeState(message.state);
    this.touch();
  }

  /** The server will not show it. */
  refused(error: string): void {
    this.#problem = error;
    this.touch();
  }

  take(events: readonly LogEvent[]): void {
    const before = this.last;
    for (const event of events) this.#takeOne(event);
    if (this.last !== before) this.#planReceipt();
    this.touch();
  }

  /** An own message was stored. The ack stands for the event, which will not come as well. */
  acked(item: OutboxItem, event: LogEvent, duplicate: boolean): void {
    const isNew = this.last === null || event.seq > this.last;
    if (isNew) this.#acknowledged.set(item.clientId, item);
    // The event of a duplicate was, or is being, sent by itself.
    if (!duplicate) this.take([event]);
    else if (isNew) this.#repair();
    this.touch();
  }

  reset(): void {
    this.#drop();
    this.touch();
  }

  /** A new connection: what lasts no longer than a connection is said again. */
  reconnected(): void {
    this.repairing = false;
    this.#receiptSent = { delivered: 0, seen: 0 };
    this.#typingSentAt = -Infinity;
    this.#planReceipt();
  }

  typed(sender: Sender, on: boolean): void {
    const { environment } = this.#host;
    environment.clearTimer(this.#typists.get(sender.id)?.timer);
    if (on) {
      const timer = environment.setTimer(() => this.typed(sender, false), typingShownMs);
      this.#typists.set(sender.id, { sender, timer });
    } else {
      this.#typists.delete(sender.id);
    }
    this.touch();
  }

  receipt({ role, delivered, seen }: Pick<Receipt, 'role' | 'delivered' | 'seen'>): void {
    const old = this.#marks[role];
    this.#marks = {
      ...this.#marks,
      [role]: { delivered: Math.max(old.delivered, delivered), seen: Math.max(old.seen, seen) },
    };
    this.touch();
  }

  visitorPresence(online: boolean): void {
    if (!this.#state) return;
    this.#state = { ...this.#state, visitor: { ...this.#state.visitor, online } };
    this.touch();
  }

  takeState(state: ConversationState | ConversationSummary): void {
    this.#state = state;
    this.receipt({ role: 'visitor', delivered: state.visitor_delivered, seen: state.visitor_seen });
    this.receipt({ role: 'agent', delivered: state.agents_delivered, seen: state.agents_seen });
  }

  #takeOne(event: LogEvent): void {
    if (event.kind === 'message') this.#host.settle(event.client_id);
    if (this.last === null || event.seq <= this.last) return;
    if (event.seq > this.last + 1) {
      this.#repair();
      return;
    }
    this.last = event.seq;
    this.#events = [...this.#events, event];
    if (event.kind === 'message') {
      this.#acknowledged.delete(event.client_id);
      if (this.#typists.has(event.from.id)) this.typed(event.from, false);
    }
    if (this.#state) this.#state = { ...this.#state, status: event.kind === 'closed' ? 'closed' : 'open' };
    this.#host.taken(this, event, event.seq > (this.#oldNewsUpTo ?? 0));
  }

  #repair(): void {
    if (this.repairing) return;
    this.repairing = true;
    this.#host.repair(this);
  }

  #drop(): void {
    this.#events = [];
    this.last = null;
    this.epoch = null;
    this.#more = false;
    this.#seen = 0;
    this.#oldNewsUpTo = null;
    this.#acknowledged.clear();
    this.#receiptSent = { delivered: 0, seen: 0 };
    this.#marks = { visitor: { delivered: 0, seen: 0 }, agent: { delivered: 0, seen: 0 } };
  }

  /** All receipts of one turn are one message. */
  #planReceipt(): void {
    const { environment } = this.#host;
    environment.clearTimer(this.#receiptTimer);
    this.#receiptTimer = environment.setTimer(() => {
      const delivered = this.last ?? 0;
      const seen = Math.max(this.#seen, this.#receiptSent.seen);
      if (delivered <= this.#receiptSent.delivered && seen <= this.#receiptSent.seen) return;
      this.#receiptSent = { delivered, seen };
      this.#host.signalReceipt(this, delivered, seen);
    }, 0);
  }
}
