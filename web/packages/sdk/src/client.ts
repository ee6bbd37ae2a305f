import type {
  Ack,
  ClientId,
  ClientInfo,
  Command,
  ConversationId,
  ConversationsChanged,
  ErrorAnswer,
  HistoryPage,
  InboxAnswer,
  InboxRequest,
  LogEvent,
  Role,
  Sender,
  ServerMessage,
  VisitorId,
  Watching,
  Welcome,
} from '@clearline/protocol';
import { closeCode, statusEntry } from '@clearline/protocol';
import { Connection, type ConnectionState } from './connection.ts';
import { Conversation, type ConversationHost } from './conversation.ts';
import { Emitter } from './emitter.ts';
import { platformEnvironment, type Environment, type TimerHandle } from './environment.ts';
import { Outbox, type OutboxItem } from './outbox.ts';
import { SafeStorage, type KeyValueStorage } from './storage.ts';

export interface ClientOptions {
  /** Address of the server's /ws, with ws: or wss:. */
  url: string;
  role: Role;
  /** Visitors: the site's key. */
  site?: string;
  /** Agents: fetches a one-use ticket before each connection; throws CredentialRefused when the person must sign in. */
  getTicket?: () => Promise<string>;
  info?: ClientInfo;
  /** Where the visitor's token and unsent messages are kept, below the prefix. Without it they last as long as this object. */
  storage?: KeyValueStorage | null;
  storagePrefix?: string;
  environment?: Partial<Environment>;
  /** Whether the person can see the page. */
  visible?: () => boolean;
}

/** An answer of kind `error`, or the end of the connection before the answer. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly error: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number;

  constructor(answer: Pick<ErrorAnswer, 'error' | 'message' | 'retryable' | 'retry_after_ms'>) {
    super(answer.message);
    this.error = answer.error;
    this.retryable = answer.retryable;
    this.retryAfterMs = answer.retry_after_ms ?? 0;
  }
}

export interface ClientEvents {
  /** The connection's state; a new object each time. */
  state: ConnectionState;
  welcome: Welcome;
  /** Something in the conversation's view changed. */
  conversation: Conversation;
  /** An event was added to a log; `live` unless it was there when the log was opened. */
  event: { conversation: Conversation; event: LogEvent; live: boolean };
  /** Agents: summaries that changed. */
  conversations: ConversationsChanged;
  /** Visitors: whether an agent of the site is connected. */
  agents: boolean;
  /** Agents: whether a visitor is connected. */
  presence: { conv: ConversationId; online: boolean };
  /** The server found fault with something that no command of ours stands for. */
  fault: ErrorAnswer;
  /** The server wants this page's program to be loaded afresh: it is too old. */
  reload: undefined;
}

interface Waiting {
  resolve: (answer: never) => void;
  reject: (error: CommandError) => void;
}

type Unnumbered<C> = C extends unknown ? Omit<C, 'id'> : never;

/** More resume points than this are not read by the server; the rest is watched by command. */
const resumeMax = 100;
/** Before an error without a time is tried again. */
const retryMs = 1_000;

/**
 * Half a pair is no character, and JSON that has it is none for the server: its error could not say which message it
 * was. So such a text never leaves.
 */
const loneSurrogate = /\p{Surrogate}/u;

const connectionLost = { error: 'connection_lost', message: 'the connection ended first', retryable: true };

/**
 * A client of clearline.v1: one connection, the logs of the watched conversations, and the outbox. Sending never fails
 * for want of a connection; a message stays in the outbox until the server has stored it or refused it for good.
 */
export class Client extends Emitter<ClientEvents> {
  readonly role: Role;
  welcome: Welcome | null = null;
  agentsOnline = false;
  /** Visitors: the conversation. It is there before the server has named it, so that one can write at once. */
  readonly own: Conversation;

  readonly #options: ClientOptions;
  readonly #environment: Environment;
  readonly #storage: SafeStorage;
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  readonly #host: ConversationHost;
  readonly #conversations = new Map<ConversationId, Conversation>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #sends = new Map<number, ClientId>();
  #commands = 0;
  #posted = 0;
  #flushTimer: TimerHandle = null;
  #suspended = false;

  constructor(options: ClientOptions) {
    super();
    this.#options = options;
    this.role = options.role;
    this.#environment = { ...platformEnvironment(), ...options.environment };
    this.#storage = new SafeStorage(options.storagePrefix ?? '', options.storage ?? null);
    this.#outbox = new Outbox(this.#storage);
    this.#host = this.#makeHost();
    this.own = new Conversation(this.#host, null);
    this.#connection = new Connection(options.url, this.#environment, {
      credential: () => options.getTicket?.(),
      hello: (ticket) => this.#hello(ticket),
      opened: (welcome) => this.#opened(welcome),
      received: (message) => this.#received(message),
      ended: (ending, step) => {
        if (step.action === 'connect' && step.renewToken && this.role === 'visitor') this.#storage.remove('token');
        if (step.action === 'connect' && step.resync) this.#watched().forEach((conversation) => conversation.reset());
        const blame = step.action === 'connect' ? step.outbox : 'keep';
        this.#lost(blame, statusEntry(ending.status).id);
        if (step.action === 'stop' && step.reload) this.emit('reload', undefined);
      },
      changed: (state) => this.emit('state', state),
      visible: () => this.#isVisible(),
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Opens the line and keeps it open. */
  connect(): void {
    this.#suspended = false;
    this.#connection.connect();
  }

  /** Closes the line; what is unsent stays in the outbox. */
  disconnect(code: number = closeCode.closed_by_person): void {
    this.#connection.disconnect(code);
    this.#lost('keep', '');
  }

  /** The person asks to try now. */
  retryNow(): void {
    if (this.state.phase === 'stopped') this.#connection.connect();
    else this.#connection.hurry();
  }

  // The page's life, told by bindPage() or by hand.

  /** The page goes away, perhaps to come back: a page that sleeps must not look present. */
  suspend(code: number = closeCode.page_hidden): void {
    const { phase } = this.state;
    if (phase === 'idle' || phase === 'stopped') return;
    this.disconnect(code);
    this.#suspended = true;
  }

  resume(): void {
    if (this.#suspended) this.connect();
  }

  /** The page was shown or hidden. */
  visibilityChanged(): void {
    if (!this.#isVisible()) {
      this.#connection.probe();
      return;
    }
    this.resume();
    this.#connection.hurry();
    this.#connection.probe();
  }

  /** The device says that it is on a network again, or on another one. */
  online(): void {
    this.#connection.hurry();
    this.#connection.probe();
  }

  // Conversations.

  /** The conversation by its id, watched from now on. */
  watch(id: ConversationId): Conversation {
    const known = this.#conversations.get(id);
    if (known) return known;
    const conversation = new Conversation(this.#host, id);
    this.#conversations.set(id, conversation);
    this.#startWatching(conversation);
    return conversation;
  }

  unwatch(id: ConversationId): void {
    if (!this.#conversations.delete(id)) return;
    this.#connection.send({ t: 'unwatch', conv: id });
  }

  /** The failed message is sent again. */
  retry(clientId: ClientId): void {
    this.#editOutbox(clientId, () => this.#outbox.retry(clientId));
  }

  /** The failed message is forgotten. */
  discard(clientId: ClientId): void {
    this.#editOutbox(clientId, () => this.#outbox.remove(clientId));
  }

  inbox(request: Omit<InboxRequest, 't' | 'id'>): Promise<InboxAnswer> {
    return this.command({ t: 'inbox', ...request });
  }

  async closeConversation(id: ConversationId): Promise<void> {
    const clientId = this.#environment.uuid() as ClientId;
    const ack = await this.command<Ack>({ t: 'close_conversation', conv: id, client_id: clientId });
    const from = this.#self();
    if (!ack.duplicate && from) this.#find(id)?.take([{ seq: ack.seq, at: ack.at, kind: 'closed', from }]);
  }

  /** Sends a command. Its promise fails with a CommandError. */
  command<Answer>(command: Unnumbered<Command>): Promise<Answer> {
    const id = ++this.#commands;
    return new Promise<Answer>((resolve, reject) => {
      if (this.#connection.send({ ...command, id })) this.#waiting.set(id, { resolve, reject });
      else reject(new CommandError(connectionLost));
    });
  }

  #makeHost(): ConversationHost {
    return {
      role: this.role,
      environment: this.#environment,
      pending: ({ id }) => this.#outbox.items.filter((item) => this.role === 'visitor' || item.conv === id),
      settle: (clientId) => {
        if (this.#outbox.get(clientId)) this.#outbox.remove(clientId);
      },
      signalTyping: ({ id }, on) => {
        if (id) this.#connection.send({ t: 'typing', conv: id, on });
      },
      signalReceipt: ({ id }, delivered, seen) => {
        if (id) this.#connection.send({ t: 'receipt', conv: id, delivered, seen });
      },
      repair: (conversation) => this.#startWatching(conversation),
      history: async ({ id }, before) => {
        if (!id) return { events: [], more: false };
        return this.command<HistoryPage>({ t: 'history', conv: id, before, limit: 50 });
      },
      post: (conversation, text) => this.#post(conversation, text),
      changed: (conversation) => this.emit('conversation', conversation),
      taken: (conversation, event, live) => this.emit('event', { conversation, event, live }),
    };
  }

  #isVisible(): boolean {
    return this.#options.visible?.() ?? true;
  }

  #watched(): Conversation[] {
    return this.role === 'visitor' ? [this.own] : [...this.#conversations.values()];
  }

  #find(id: ConversationId): Conversation | undefined {
    return this.own.id === id ? this.own : this.#conversations.get(id);
  }

  #self(): Sender | null {
    const { welcome } = this;
    if (welcome?.visitor) return { role: 'visitor', id: welcome.visitor.id };
    if (welcome) return { role: 'agent', id: welcome.agent.id, name: welcome.agent.display_name };
    return null;
  }

  #hello(ticket: string | undefined) {
    const { role, site, info } = this.#options;
    const resume = this.#watched().flatMap(({ id, epoch, last }) =>
      id && epoch && last !== null ? [{ conv: id, epoch, seq: last }] : [],
    );
    const token = this.#storage.get('token');
    return {
      t: 'hello' as const,
      role,
      ...(role === 'visitor' ? { site } : { ticket }),
      ...(role === 'visitor' && token ? { token } : {}),
      ...(info ? { client: info } : {}),
      resume: resume.slice(0, resumeMax),
      visible: this.#isVisible(),
    };
  }

  #opened(welcome: Welcome): void {
    if (welcome.visitor && !this.#claim(welcome.visitor)) {
      // Another tab got its identity first: come back as that visitor. Nothing was said under the new one yet.
      this.#connection.replace(closeCode.another_tab_leads);
      return;
    }
    this.welcome = welcome;
    for (const [index, conversation] of this.#watched().entries()) {
      conversation.reconnected();
      // Those with a resume point in hello are answered without being asked; so is the visitor's own.
      const resumed = conversation.last !== null && index < resumeMax;
      if (this.role === 'agent' && !resumed) this.#startWatching(conversation);
    }
    this.emit('welcome', welcome);
    if (welcome.visitor) this.#setAgentsOnline(welcome.agents_online);
    this.#flush();
  }

  /** @returns whether this tab may go on as this visitor */
  #claim(visitor: { id: VisitorId; conv: ConversationId; token?: string }): boolean {
    const { token, conv } = visitor;
    if (token) {
      const other = this.#storage.get('token');
      if (other) return false;
      this.#storage.set('token', token);
    }
    if (this.own.id !== conv) {
      this.own.id = conv;
      this.own.reset();
    }
    return true;
  }

  #received(message: ServerMessage): void {
    switch (message.t) {
      case 'ack':
        this.#acked(message);
        break;
      case 'error':
        this.#failed(message);
        break;
      case 'page':
      case 'inbox':
        this.#answer(message.id, message);
        break;
      case 'watching':
        this.#find(message.conv)?.watching(message);
        if (message.id !== undefined) this.#answer(message.id, message);
        break;
      case 'event':
        this.#find(message.conv)?.take([message.event]);
        this.#flush();
        break;
      case 'events':
        this.#find(message.conv)?.take(message.events);
        this.#flush();
        break;
      case 'reset':
        this.#find(message.conv)?.reset();
        break;
      case 'typing':
        this.#find(message.conv)?.typed(message.from, message.on);
        break;
      case 'receipt':
        this.#find(message.conv)?.receipt(message);
        break;
      case 'presence':
        if ('conv' in message) {
          this.#find(message.conv)?.visitorPresence(message.online);
          this.emit('presence', message);
        } else {
          this.#setAgentsOnline(message.agents_online);
        }
        break;
      case 'conversations':
        for (const summary of message.changed) this.#find(summary.conv)?.takeState(summary);
        this.emit('conversations', message);
        break;
      default:
        // A type that is younger than this client.
        break;
    }
  }

  #setAgentsOnline(online: boolean): void {
    this.agentsOnline = online;
    this.emit('agents', online);
  }

  #answer(id: number, answer: ServerMessage): void {
    this.#waiting.get(id)?.resolve(answer as never);
    this.#waiting.delete(id);
  }

  #acked(ack: Ack): void {
    this.#sends.delete(ack.id);
    const item = this.#outbox.get(ack.client_id);
    const from = this.#self();
    if (item && from) {
      this.#outbox.remove(item.clientId);
      const { seq, at, duplicate } = ack;
      const event: LogEvent = { seq, at, kind: 'message', from, client_id: item.clientId, text: item.text };
      this.#find(ack.conv)?.acked(item, event, duplicate);
    }
    this.#answer(ack.id, ack);
    this.#flush();
  }

  #failed(answer: ErrorAnswer): void {
    const { id } = answer;
    const clientId = id === undefined ? undefined : this.#sends.get(id);
    if (id !== undefined && clientId) {
      this.#sends.delete(id);
      this.#sendFailed(clientId, answer);
    } else if (id !== undefined && this.#waiting.has(id)) {
      this.#waiting.get(id)?.reject(new CommandError(answer));
      this.#waiting.delete(id);
    } else {
      this.emit('fault', answer);
    }
  }

  #sendFailed(clientId: ClientId, answer: ErrorAnswer): void {
    if (answer.retryable) this.#outbox.hold(clientId, this.#environment.now() + (answer.retry_after_ms ?? retryMs));
    else this.#outbox.fail(clientId, answer.error);
    this.#touchOwner(this.#outbox.get(clientId));
    this.#flush();
    if (answer.retryable) {
      this.#environment.clearTimer(this.#flushTimer);
      this.#flushTimer = this.#environment.setTimer(() => this.#flush(), answer.retry_after_ms ?? retryMs);
    }
  }

  #post(conversation: Conversation, text: string): ClientId {
    const clientId = this.#environment.uuid() as ClientId;
    const conv = this.role === 'visitor' ? null : conversation.id;
    this.#outbox.add({ clientId, conv, text, at: this.#environment.now(), order: ++this.#posted });
    conversation.touch();
    this.#flush();
    return clientId;
  }

  #flush(): void {
    if (this.state.phase !== 'open') return;
    for (const item of this.#outbox.due(this.#environment.now())) {
      const conv = item.conv ?? this.own.id;
      if (!conv) continue;
      if (loneSurrogate.test(item.text)) {
        this.#outbox.fail(item.clientId, 'lone_surrogate');
        this.#touchOwner(item);
        this.#flush();
        return;
      }
      const id = ++this.#commands;
      if (!this.#connection.send({ t: 'send', id, conv, client_id: item.clientId, text: item.text })) return;
      this.#sends.set(id, item.clientId);
      this.#outbox.sent(item.clientId);
    }
  }

  #startWatching(conversation: Conversation): void {
    const { id, epoch, last } = conversation;
    if (!id || this.state.phase !== 'open') return;
    const point = epoch && last !== null ? { epoch, after: last } : {};
    this.command<Watching>({ t: 'watch', conv: id, ...point }).catch((error: unknown) => {
      conversation.repairing = false;
      if (!(error instanceof CommandError) || error.error === connectionLost.error) return;
      if (!error.retryable) {
        conversation.refused(error.error);
        return;
      }
      this.#environment.setTimer(() => this.#startWatching(conversation), error.retryAfterMs || retryMs);
    });
  }

  #editOutbox(clientId: ClientId, edit: () => void): void {
    const item = this.#outbox.get(clientId);
    edit();
    this.#touchOwner(item);
    this.#flush();
  }

  #touchOwner(item: OutboxItem | undefined): void {
    if (!item) return;
    (item.conv ? this.#find(item.conv) : this.own)?.touch();
  }

  #lost(blame: 'keep' | 'fail_oldest' | 'set_aside_after_three', error: string): void {
    this.#sends.clear();
    this.#outbox.disconnected(blame, error);
    for (const { reject } of [...this.#waiting.values()]) reject(new CommandError(connectionLost));
    this.#waiting.clear();
    if (blame !== 'keep') this.#watched().forEach((conversation) => conversation.touch());
  }
}

export const createClient = (options: ClientOptions) => new Client(options);
