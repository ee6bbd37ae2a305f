// What a client must know of the close-status registry: which step follows a status, and which words go with it.
import { closeCode, entries, errors, policies, type Again, type TextId } from './registry.generated.ts';

export { closeCode };
export type { Again, Cause, ErrorName, Origin, TextId, Texts } from './registry.generated.ts';

export type AgainAction = 'none' | 'stop' | 'stop_if_ours' | 'connect';
export type OutboxRule = 'keep' | 'fail_oldest' | 'set_aside_after_three';

/** When a client connects again. It follows from the status alone, never from the reason text. */
export interface AgainPolicy {
  action: AgainAction;
  /** Get a new credential first. */
  renewToken?: boolean;
  /** Drop the cursors and load afresh. */
  resync?: boolean;
  /** Load the page's assets afresh, once. */
  reload?: boolean;
  /** The bye's retry_after_ms and spread_ms replace floor and first window. */
  honoursHint?: boolean;
  /** Unless false: coming online, focus or a person's wish shortens the wait. */
  mayHurry?: boolean;
  /** The first try comes after floor + a random part of this. */
  firstWindowMs?: number;
  /** No try earlier than this. */
  floorMs?: number;
  /** Try n comes after floor + a random part of min(cap, base * 2^n). */
  backoffBaseMs?: number;
  backoffCapMs?: number;
  /** Then stop; 0: no limit. */
  triesMax?: number;
  /** The same status again within this time: stop. */
  stopIfRepeatedWithinMs?: number;
  /** What happens to the messages that are not acknowledged; keep unless given. */
  outbox?: OutboxRule;
}

export interface StatusEntry {
  id: string;
  name: string;
  again: Again;
  policy: AgainPolicy;
  /** The key of what the person is told, or null for nothing. */
  text: TextId | null;
  /** A connection that is back within this time is not worth a word. */
  quietMs: number;
}

/** The entry of a status: its own, or that of its range. */
export function statusEntry(status: number): StatusEntry {
  const found = entries.find(([first, last]) => first <= status && status <= last);
  if (!found) return statusEntry(closeCode.abnormal_closure);
  const [, , id, name, again, text, quietMs] = found;
  return { id, name, again, policy: policies[again], text, quietMs };
}

/**
 * What the person is told of a message that was not sent: `name` is an error's name, or the id of the status that the
 * message brought about. One that is younger than this client gets the general sentence.
 */
export function notSentText(name: string): TextId {
  const error = errors.find(([known]) => known === name);
  if (error) return error[2];
  const status = entries.find(([, , id]) => id === name);
  return status?.[5] ?? 'not_sent';
}
