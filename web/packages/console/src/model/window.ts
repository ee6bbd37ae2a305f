// Which part of a long list is in the document.

export interface Range {
  readonly start: number;
  /** One past the last. */
  readonly end: number;
}

/** Rows of one height: those on the screen and some beyond either edge. */
export function visibleRows(
  scrollTop: number,
  viewportHeight: number,
  rowHeight: number,
  count: number,
  overscan: number,
): Range {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const last = Math.ceil((Math.max(0, scrollTop) + viewportHeight) / rowHeight);
  const start = Math.min(Math.max(0, first - overscan), Math.max(0, count - 1));
  return { start, end: Math.max(start, Math.min(count, last + overscan)) };
}

/** How many messages a conversation keeps in the document. */
export const messagesShownMax = 500;

/** The first and the last seq of a part of a log; the log itself has no holes. */
export interface SeqRange {
  readonly from: number;
  readonly to: number;
}

/** The part of a log that is shown. `end` is where it ends while older messages are read; null follows the newest. */
export function shownRange(log: SeqRange, end: number | null, shownMax: number = messagesShownMax): SeqRange {
  const to = Math.min(log.to, Math.max(end ?? log.to, log.from + shownMax - 1));
  return { from: Math.max(log.from, to - shownMax + 1), to };
}

/** The new end after scrolling to the upper (-1) or lower (+1) edge of the shown part. */
export function movedEnd(log: SeqRange, end: number | null, edge: -1 | 1, shownMax: number = messagesShownMax) {
  const moved = Math.max((end ?? log.to) + edge * Math.floor(shownMax / 2), log.from + shownMax - 1);
  return moved >= log.to ? null : moved;
}
