import { describe, expect, it } from 'vitest';
import { movedEnd, shownRange, visibleRows } from './window.ts';

describe('rows of one height', () => {
  it('are those on the screen and some beyond', () => {
    expect(visibleRows(0, 700, 70, 1000, 5)).toEqual({ start: 0, end: 15 });
    expect(visibleRows(7000, 700, 70, 1000, 5)).toEqual({ start: 95, end: 115 });
    expect(visibleRows(69_300, 700, 70, 1000, 5)).toEqual({ start: 985, end: 1000 });
  });

  it('stay within a list that became shorter than the scroll position, or bounces', () => {
    expect(visibleRows(69_300, 700, 70, 10, 5)).toEqual({ start: 9, end: 10 });
    expect(visibleRows(-120, 700, 70, 1000, 5)).toEqual({ start: 0, end: 15 });
    expect(visibleRows(0, 700, 70, 0, 5)).toEqual({ start: 0, end: 0 });
  });
});

describe('the shown part of a log', () => {
  const log = { from: 1, to: 1200 };

  it('follows the newest message and never exceeds its limit', () => {
    expect(shownRange({ from: 1, to: 30 }, null, 500)).toEqual({ from: 1, to: 30 });
    expect(shownRange(log, null, 500)).toEqual({ from: 701, to: 1200 });
    expect(shownRange(log, 950, 500)).toEqual({ from: 451, to: 950 });
    expect(shownRange(log, 3, 500)).toEqual({ from: 1, to: 500 });
  });

  it('stays where it is while messages arrive at one end and are loaded at the other', () => {
    const shown = shownRange({ from: 400, to: 1200 }, 950, 500);
    expect(shownRange({ from: 400, to: 1230 }, 950, 500)).toEqual(shown);
    expect(shownRange({ from: 350, to: 1230 }, 950, 500)).toEqual(shown);
  });

  it('moves by half its size at an edge and stops at both ends of the log', () => {
    expect(movedEnd(log, null, -1, 500)).toBe(950);
    expect(movedEnd(log, 700, -1, 500)).toBe(500);
    expect(movedEnd(log, 950, 1, 500)).toBeNull();
    expect(movedEnd(log, 800, 1, 500)).toBe(1050);
    expect(movedEnd({ from: 1, to: 100 }, null, -1, 500)).toBeNull();
  });
});
