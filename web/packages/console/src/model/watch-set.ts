// Which conversations the console listens to: typing and receipts come only for those, and they open at once.
import type { ConversationId } from '@clearline/protocol';

/** Of the newest open conversations, this many. */
export const rowsWatched = 20;
/** The protocol allows 200; each brings a page of its log. */
export const watchedMax = 60;

/**
 * The new watch set, most recently wanted first. Rows that fell out of sight stay while there is room: order changes
 * all the time, and a conversation that goes and comes back should not be loaded anew.
 */
export function nextWatchSet(
  watched: readonly ConversationId[],
  wanted: readonly ConversationId[],
  max: number = watchedMax,
): ConversationId[] {
  return [...new Set([...wanted, ...watched])].slice(0, Math.max(max, new Set(wanted).size));
}
