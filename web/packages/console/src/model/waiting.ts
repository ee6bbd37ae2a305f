// How long a visitor has waited for an answer, and when that becomes pressing.
import type { TimeMs } from '@clearline/protocol';

export const amberAfterMs = 2 * 60_000;
export const redAfterMs = 5 * 60_000;

export type WaitingLevel = 'calm' | 'amber' | 'red';

export function waitingLevel(waiting_since: TimeMs, now: TimeMs): WaitingLevel {
  const waitedMs = now - waiting_since;
  if (waitedMs >= redAfterMs) return 'red';
  return waitedMs >= amberAfterMs ? 'amber' : 'calm';
}
