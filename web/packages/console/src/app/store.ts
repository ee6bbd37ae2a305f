// What the console knows and does once an agent is signed in. The decisions are the model's; here they meet the SDK.
import { batch, computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type {
  Agent,
  AgentWelcome,
  ClientId,
  ConversationId,
  ConversationState,
  ConversationSummary,
  InboxAnswer,
  Site,
  SiteKey,
  TimeMs,
} from '@clearline/protocol';
import {
  Client,
  CommandError,
  type ConnectionState,
  type ConversationView,
  type Ending,
  type Environment,
  type KeyValueStorage,
} from '@clearline/sdk';
import { whatEndedIt } from '../model/connection-words.ts';
import { Drafts } from '../model/drafts.ts';
import * as inbox from '../model/inbox.ts';
import type { Route } from '../model/route.ts';
import { nextWatchSet, rowsWatched } from '../model/watch-set.ts';

export interface StoreOptions {
  readonly agent: Agent;
  readonly socketUrl: string;
  readonly getTicket: () => Promise<string>;
  readonly storage: KeyValueStorage | null;
  readonly route: ReadonlySignal<Route>;
  readonly sort: ReadonlySignal<inbox.Sort>;
  readonly visible: () => boolean;
  readonly environment?: Partial<Environment>;
}

export type ListProblem = 'failed' | null;

/** Of an open list this many rows are loaded without being asked for, so that unread counts are whole. */
const rowsLoadedUnasked = 500;
const pageRows = 50;

const listName = (site: SiteKey, status: inbox.Status): string => `${status} ${site}`;

export class Store {
  readonly agent: Agent;
  readonly client: Client;
  readonly drafts: Drafts;

  readonly connection = signal<ConnectionState>({ phase: 'idle', downSince: null, until: null, ending: null });
  readonly welcome = signal<AgentWelcome | null>(null);
  readonly openedAt = signal<TimeMs | null>(null);
  /** What took the line down the last time. Kept after the next connection opened: "what was that?" is asked when it is over. */
  readonly lastEnding = signal<Ending | null>(null);
  /** The server's clock, as well as it is known here. */
  readonly now = signal<TimeMs>(Date.now());

  readonly inbox = signal<inbox.Inbox>(inbox.emptyInbox);
  readonly loadingLists = signal<ReadonlySet<string>>(new Set());
  readonly failedLists = signal<ReadonlySet<string>>(new Set());
  readonly seenHere = signal<ReadonlyMap<ConversationId, number>>(new Map());
  readonly typing = signal<ReadonlySet<ConversationId>>(new Set());
  readonly view = signal<ConversationView | null>(null);
  readonly notice = signal<string | null>(null);

  readonly sites = computed<readonly Site[]>(() => this.welcome.value?.sites ?? []);
  readonly site = computed<Site | null>(() => {
    const { site } = this.options.route.value;
    const sites = this.sites.value;
    return sites.find((one) => one.site === site) ?? sites[0] ?? null;
  });
  readonly rows = computed<readonly ConversationSummary[]>(() => {
    const site = this.site.value;
    if (site === null) return [];
    return inbox.rowsOf(this.inbox.value, site.site, this.options.route.value.status, this.options.sort.value);
  });
  readonly unread = computed(() => inbox.unreadConversations(this.inbox.value, this.seenHere.value));
  readonly selected = computed(() => this.options.route.value.conv);
  /** What is known of the selected conversation, from its log or from its row. */
  readonly selectedState = computed<ConversationState | null>(() => {
    const conv = this.selected.value;
    if (conv === null) return null;
    const view = this.view.value;
    const state = view?.id === conv ? view.state : null;
    return state ?? this.inbox.value.entries.get(conv)?.summary ?? null;
  });

  /** How far the server's clock is ahead of this device's. */
  clockAhead = 0;

  private readonly options: StoreOptions;
  private readonly stops: (() => void)[] = [];
  private watched: readonly ConversationId[] = [];

  constructor(options: StoreOptions) {
    this.options = options;
    this.agent = options.agent;
    this.drafts = new Drafts(options.storage);
    this.client = new Client({
      url: options.socketUrl,
      role: 'agent',
      getTicket: options.getTicket,
      info: { name: 'console', version: '0.1.0' },
      storage: options.storage,
      storagePrefix: `clearline:agent:${options.agent.id}:`,
      visible: options.visible,
      ...(options.environment ? { environment: options.environment } : {}),
    });
    this.listen();
  }

  start(): void {
    this.stops.push(
      effect(() => this.loadWhatIsMissing()),
      effect(() => this.watchWhatIsWanted()),
    );
    this.client.connect();
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop();
    this.client.disconnect();
  }

  tick(now: TimeMs): void {
    this.now.value = now + this.clockAhead;
  }

  // What a person does.

  send(conv: ConversationId, text: string): void {
    this.client.watch(conv).send(text);
  }

  setDraft(conv: ConversationId, text: string): void {
    this.drafts.set(this.agent.id, conv, text);
    this.client.watch(conv).setTyping(text !== '');
  }

  stopTyping(conv: ConversationId): void {
    if (this.watched.includes(conv)) this.client.watch(conv).setTyping(false);
  }

  retry(clientId: ClientId): void {
    this.client.retry(clientId);
  }

  discard(clientId: ClientId): void {
    this.client.discard(clientId);
  }

  async closeConversation(conv: ConversationId): Promise<void> {
    try {
      await this.client.closeConversation(conv);
    } catch (error) {
      // A colleague was quicker: that is what was wanted.
      if (error instanceof CommandError && error.error === 'conversation_closed') return;
      this.notice.value = error instanceof CommandError ? error.error : 'internal';
    }
  }

  /** The end of the conversation is on the screen of somebody who looks at it. */
  markSeen(conv: ConversationId, seq: number): void {
    this.client.watch(conv).markSeen();
    if ((this.seenHere.peek().get(conv) ?? 0) < seq) {
      this.seenHere.value = new Map(this.seenHere.peek()).set(conv, seq);
    }
  }

  loadEarlier(conv: ConversationId): void {
    this.client
      .watch(conv)
      .loadEarlier()
      .catch(() => {
        // The next scroll asks again.
      });
  }

  loadMore(site: SiteKey, status: inbox.Status): void {
    void this.loadPage(site, status);
  }

  // What the server says.

  private listen(): void {
    const { client } = this;
    client.on('state', (state) => {
      batch(() => {
        this.lastEnding.value = whatEndedIt(this.lastEnding.peek(), this.connection.peek().phase, state);
        this.connection.value = state;
      });
    });
    client.on('welcome', (welcome) => {
      if (welcome.visitor) return;
      batch(() => {
        this.clockAhead = welcome.time - Date.now();
        this.openedAt.value = welcome.time;
        this.welcome.value = welcome;
        this.inbox.value = inbox.connected(this.inbox.peek());
        this.loadingLists.value = new Set();
        this.failedLists.value = new Set();
      });
    });
    client.on('conversations', ({ changed }) => {
      this.inbox.value = inbox.changed(this.inbox.peek(), changed);
    });
    client.on('presence', ({ conv, online }) => {
      this.inbox.value = inbox.presenceChanged(this.inbox.peek(), conv, online);
    });
    client.on('conversation', ({ view }) => {
      if (view.id === null) return;
      if (view.id === this.selected.peek()) this.view.value = view;
      this.takeTyping(
        view.id,
        view.typing.some(({ role }) => role === 'visitor'),
      );
    });
  }

  private takeTyping(conv: ConversationId, on: boolean): void {
    const known = this.typing.peek();
    if (known.has(conv) === on) return;
    const next = new Set(known);
    if (on) next.add(conv);
    else next.delete(conv);
    this.typing.value = next;
  }

  /** First pages of what is shown and of every open list, over each new connection. */
  private loadWhatIsMissing(): void {
    if (this.connection.value.phase !== 'open' || this.welcome.value === null) return;
    const shown = this.site.value;
    const { status } = this.options.route.value;
    const wanted: [SiteKey, inbox.Status][] = this.sites.value.map(({ site }) => [site, 'open']);
    if (shown !== null && status === 'closed') wanted.push([shown.site, 'closed']);
    const state = this.inbox.value;
    for (const [site, list] of wanted) {
      const name = listName(site, list);
      if (this.loadingLists.value.has(name) || this.failedLists.value.has(name)) continue;
      const fresh = inbox.isFresh(state, site, list);
      const unasked =
        list === 'open' &&
        inbox.listOf(state, site, list).more &&
        inbox.rowsOf(state, site, list, 'activity').length < rowsLoadedUnasked;
      if (!fresh || unasked) void this.loadPage(site, list);
    }
  }

  private async loadPage(site: SiteKey, status: inbox.Status): Promise<void> {
    const name = listName(site, status);
    const { generation } = this.inbox.peek();
    if (this.loadingLists.peek().has(name)) return;
    const fresh = inbox.isFresh(this.inbox.peek(), site, status);
    const cursor = fresh ? inbox.listOf(this.inbox.peek(), site, status).cursor : undefined;
    if (fresh && cursor === undefined) return;
    this.loadingLists.value = new Set(this.loadingLists.peek()).add(name);
    this.failedLists.value = without(this.failedLists.peek(), name);
    let page: InboxAnswer | null = null;
    try {
      page = await this.client.inbox({ site, status, limit: pageRows, ...(cursor === undefined ? {} : { cursor }) });
    } catch {
      page = null;
    }
    // Another connection has opened meanwhile: it has begun anew, and its marks are not ours to change.
    if (generation !== this.inbox.peek().generation) return;
    batch(() => {
      this.loadingLists.value = without(this.loadingLists.peek(), name);
      if (page !== null) this.inbox.value = inbox.pageLoaded(this.inbox.peek(), page, cursor, generation);
      else if (this.connection.peek().phase === 'open') {
        this.failedLists.value = new Set(this.failedLists.peek()).add(name);
      }
    });
  }

  private watchWhatIsWanted(): void {
    const selected = this.selected.value;
    const site = this.site.value;
    const newest =
      site === null ? [] : inbox.rowsOf(this.inbox.value, site.site, 'open', 'activity').slice(0, rowsWatched);
    const wanted = [...(selected === null ? [] : [selected]), ...newest.map(({ conv }) => conv)];
    const next = nextWatchSet(this.watched, wanted);
    const kept = new Set(next);
    for (const conv of this.watched) {
      if (!kept.has(conv)) {
        this.client.unwatch(conv);
        this.takeTyping(conv, false);
      }
    }
    this.watched = next;
    for (const conv of next) this.client.watch(conv);
    const view = selected === null ? null : this.client.watch(selected).view;
    if (this.view.peek() !== view) this.view.value = view;
  }
}

function without(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const rest = new Set(names);
  rest.delete(name);
  return rest;
}
