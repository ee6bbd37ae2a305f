import type { ClientId, ConversationId } from '@clearline/protocol';
import { toJson } from './json.ts';
import type { SafeStorage } from './storage.ts';

export interface OutboxItem {
  readonly clientId: ClientId;
  /** Null: the visitor's conversation, whichever it turns out to be. */
  readonly conv: ConversationId | null;
  readonly text: string;
  readonly at: number;
  /** Breaks the tie of two messages in one millisecond. */
  readonly order: number;
  /** Why the server will not have it: an error's name, or message_too_big. Absent while it is being sent. */
  readonly error?: string;
}

const keyOf = (clientId: string) => `outbox:${clientId}`;

/** At how many ends of a connection in a row a message may have been the one under way. */
const setAsideAfter = 3;

/**
 * The messages that the server has not acknowledged. Each is stored before it is sent and until its ack has come, one
 * entry a message, so that tabs do not overwrite each other. Another tab may send the same message too: the client id
 * makes it one.
 */
export class Outbox {
  items: readonly OutboxItem[] = [];
  /** Sent on this connection and not answered: at most one a conversation, or a refused one would be overtaken. */
  readonly #underWay = new Set<ClientId>();
  readonly #heldUntil = new Map<ClientId, number>();
  readonly #misfortunes = new Map<ClientId, number>();
  readonly #storage: SafeStorage;

  constructor(storage: SafeStorage) {
    this.#storage = storage;
    this.load();
  }

  /** Takes up what earlier pages of this visitor could not send. */
  load(): void {
    const known = new Set(this.items.map((item) => item.clientId));
    const stored = this.#storage.values(keyOf('')).flatMap((value) => {
      try {
        const item = JSON.parse(value) as OutboxItem;
        return known.has(item.clientId) ? [] : [item];
      } catch {
        return [];
      }
    });
    this.items = [...this.items, ...stored].sort((a, b) => a.at - b.at || a.order - b.order);
  }

  add(item: OutboxItem): void {
    this.items = [...this.items, item];
    this.#store(item);
  }

  get(clientId: ClientId): OutboxItem | undefined {
    return this.items.find((item) => item.clientId === clientId);
  }

  remove(clientId: ClientId): void {
    this.items = this.items.filter((item) => item.clientId !== clientId);
    this.#underWay.delete(clientId);
    this.#heldUntil.delete(clientId);
    this.#misfortunes.delete(clientId);
    this.#storage.remove(keyOf(clientId));
  }

  /** Marked, it stays until the person deletes it or tries again. */
  fail(clientId: ClientId, error: string): void {
    this.#underWay.delete(clientId);
    this.#change(clientId, (item) => ({ ...item, error }));
  }

  /** Tries a failed one again, under its id: it may have been stored before its connection ended. */
  retry(clientId: ClientId): void {
    this.#change(clientId, ({ clientId, conv, text, at, order }) => ({ clientId, conv, text, at, order }));
  }

  hold(clientId: ClientId, until: number): void {
    this.#underWay.delete(clientId);
    this.#heldUntil.set(clientId, until);
  }

  /** What may be sent now: the first of each conversation, unless it is under way or held back. */
  due(now: number): OutboxItem[] {
    const blocked = new Set<ConversationId | null>();
    return this.items.filter((item) => {
      if (item.error !== undefined || blocked.has(item.conv)) return false;
      blocked.add(item.conv);
      return !this.#underWay.has(item.clientId) && (this.#heldUntil.get(item.clientId) ?? 0) <= now;
    });
  }

  sent(clientId: ClientId): void {
    this.#underWay.add(clientId);
  }

  /**
   * The connection is gone: what was under way will be sent again. The oldest of it may be what ended the connection;
   * `blame` says whether the status points at it.
   */
  disconnected(blame: 'keep' | 'fail_oldest' | 'set_aside_after_three', error: string): void {
    const oldest = this.items.find((item) => this.#underWay.has(item.clientId));
    this.#underWay.clear();
    if (blame === 'keep' || !oldest) {
      this.#misfortunes.clear();
      return;
    }
    const count = (this.#misfortunes.get(oldest.clientId) ?? 0) + 1;
    this.#misfortunes.clear();
    this.#misfortunes.set(oldest.clientId, count);
    if (blame === 'fail_oldest' || count >= setAsideAfter) this.fail(oldest.clientId, error);
  }

  #change(clientId: ClientId, edit: (item: OutboxItem) => OutboxItem): void {
    this.items = this.items.map((item) => {
      if (item.clientId !== clientId) return item;
      const edited = edit(item);
      this.#store(edited);
      return edited;
    });
  }

  #store(item: OutboxItem): void {
    this.#storage.set(keyOf(item.clientId), toJson(item));
  }
}
