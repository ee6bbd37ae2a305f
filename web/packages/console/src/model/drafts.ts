// What was typed and not sent, per agent and conversation, kept over reloads and sign-ins.
import type { AgentId, ConversationId } from '@clearline/protocol';

/** The part of localStorage that is used: a private window may refuse it, a full one may throw. */
export type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem'>;

const key = (agent: AgentId, conv: ConversationId): string => `clearline.draft.${agent}.${conv}`;

export class Drafts {
  private readonly held = new Map<string, string>();
  private readonly storage: Storage | null;

  constructor(storage: Storage | null) {
    this.storage = storage;
  }

  get(agent: AgentId, conv: ConversationId): string {
    const name = key(agent, conv);
    const known = this.held.get(name);
    if (known !== undefined) return known;
    try {
      return this.storage?.getItem(name) ?? '';
    } catch {
      return '';
    }
  }

  set(agent: AgentId, conv: ConversationId, text: string): void {
    const name = key(agent, conv);
    // Memory holds it even where the storage refuses.
    this.held.set(name, text);
    try {
      if (text === '') this.storage?.removeItem(name);
      else this.storage?.setItem(name, text);
    } catch {
      // Nothing better can be done: the text is still in the composer.
    }
  }
}
