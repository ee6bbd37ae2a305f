import { closeCode, fillText, statusEntry } from '@clearline/protocol';
import type { ConnectionState } from '@clearline/sdk';
import type { Language } from '../i18n/texts.ts';

/** A line that is back within this time was a blip, and worth no word. */
const blipMs = 5_000;
/** A wait shorter than this needs no button. */
const buttonMs = 3_000;

export interface Bar {
  text: string;
  tone: 'waiting' | 'stopped';
  /** There is use in asking the person whether to try at once. */
  canTry: boolean;
}

/** What is said about the connection at this moment, or null for nothing. */
export function makeBar(state: ConnectionState, now: number, isOnline: boolean, language: Language): Bar | null {
  const { phase, downSince, until, ending } = state;
  if (phase === 'open' || phase === 'idle' || downSince === null) return null;
  const entry = wordsOf(ending?.status ?? closeCode.abnormal_closure);
  const left = Math.max(0, (until ?? now) - now);
  const text = fillText(language.connection[entry.text ?? 'reconnecting'], {
    ...(left >= 1000 ? { seconds: Math.ceil(left / 1000) } : {}),
  });
  if (phase === 'stopped') return { text, tone: 'stopped', canTry: entry.policy.action === 'connect' };
  // A wait that is known to be long is told at once; otherwise the time that has passed decides.
  if (now - downSince < blipMs && left < blipMs) return null;
  if (!isOnline) return { text: language.ui.offline, tone: 'waiting', canTry: false };
  if (!ending) return { text: language.ui.connecting, tone: 'waiting', canTry: false };
  return { text, tone: 'waiting', canTry: left > buttonMs && entry.policy.mayHurry !== false };
}

/** Ends of this side's own choice have no words of their own: to the person the line is just interrupted. */
function wordsOf(status: number) {
  const entry = statusEntry(status);
  return entry.text === null ? statusEntry(closeCode.abnormal_closure) : entry;
}
