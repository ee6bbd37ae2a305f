// What the agent is told about the line. It follows from the SDK's state and the registry, so that it is never a lie.
import { closeCode, statusEntry, type TimeMs } from '@clearline/protocol';
import type { ConnectionState, Ending, Phase } from '@clearline/sdk';
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

/** A restart that takes longer than this is none any more. */
const restartMaxMs = 60_000;

/**
 * What took the line down, which is what people want to know. An attempt that found nobody there says nothing new;
 * one that was refused for a reason does.
 */
export function whatEndedIt(known: Ending | null, before: Phase, state: ConnectionState): Ending | null {
  const { ending } = state;
  if (ending === null) return known;
  const isNews = before === 'open' || known === null || ending.status !== closeCode.abnormal_closure;
  return isNews ? ending : known;
}

export interface LineFacts {
  readonly state: ConnectionState;
  /** What took the line down; it counts only while the line is down. */
  readonly ending: Ending | null;
  readonly wasOpen: boolean;
  /** The device says that it has no network; it counts only while there is no connection to prove it wrong. */
  readonly offline: boolean;
  readonly now: TimeMs;
}

export function connectionWords({ state, ending, wasOpen, offline, now }: LineFacts): ConnectionWords {
  const { phase, downSince } = state;
  if (phase === 'open') return { tone: 'good', word: 'connected', quietMs };
  if (phase === 'stopped') return { tone: 'bad', word: 'disconnected', quietMs: 0 };
  if (offline) return { tone: 'bad', word: 'youAreOffline', quietMs };
  if (!wasOpen && state.ending === null) return { tone: 'waiting', word: 'connecting', quietMs };
  const quiet = Math.max(quietMs, ending === null ? 0 : statusEntry(ending.status).quietMs);
  switch (ending?.status) {
    case closeCode.service_restart:
    case closeCode.going_away: {
      const restarts = downSince === null || now - downSince < restartMaxMs;
      return { tone: 'waiting', word: restarts ? 'restarting' : 'reconnecting', quietMs: quiet };
    }
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
