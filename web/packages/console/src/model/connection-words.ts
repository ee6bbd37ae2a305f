// What the agent is told about the line. It follows from the SDK's state and the registry, so that it is never a lie.
import { closeCode, statusEntry } from '@clearline/protocol';
import type { ConnectionState } from '@clearline/sdk';
import type { WordKey } from '../i18n/index.ts';

export type Tone = 'good' | 'waiting' | 'bad';

export interface ConnectionWords {
  readonly tone: Tone;
  readonly word: WordKey;
  /** How long the line may be down before it is worth more than a dot. */
  readonly quietMs: number;
}

/** Drops that are over within this time need no words (and 0 quietMs of the registry means "no rule of its own"). */
export const quietMs = 5_000;

/** `offline`: the device says that it has no network. It counts only while there is no connection to prove it wrong. */
export function connectionWords(state: ConnectionState, wasOpen: boolean, offline: boolean): ConnectionWords {
  const { phase, ending } = state;
  if (phase === 'open') return { tone: 'good', word: 'connected', quietMs };
  if (phase === 'stopped') return { tone: 'bad', word: 'disconnected', quietMs: 0 };
  if (offline) return { tone: 'bad', word: 'youAreOffline', quietMs };
  if (ending === null) return { tone: 'waiting', word: wasOpen ? 'reconnecting' : 'connecting', quietMs };
  const quiet = Math.max(quietMs, statusEntry(ending.status).quietMs);
  switch (ending.status) {
    case closeCode.service_restart:
    case closeCode.going_away:
      return { tone: 'waiting', word: 'restarting', quietMs: quiet };
    case closeCode.try_again_later:
    case closeCode.bad_gateway:
      return { tone: 'waiting', word: 'busy', quietMs: quiet };
    default:
      return { tone: 'waiting', word: 'reconnecting', quietMs: quiet };
  }
}

/** An ending after which only a person's credentials open the console again. */
export function needsSignIn(state: ConnectionState): boolean {
  if (state.phase !== 'stopped' || state.ending === null) return false;
  const { status } = state.ending;
  return status === closeCode.unauthorized || status === closeCode.signed_out_elsewhere;
}
