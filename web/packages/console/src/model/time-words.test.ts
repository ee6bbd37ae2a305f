import { describe, expect, it } from 'vitest';
import { ago, dayKey, dayName, daysBetween, duration } from './time-words.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = new Date(2026, 10, 22, 15, 30).getTime(); // a Sunday

describe('ago', () => {
  it.each([
    [0, 'now'],
    [-5000, 'now'],
    [59_000, 'now'],
    [minute, '1m'],
    [59 * minute, '59m'],
    [hour, '1h'],
    [15 * hour, '15h'],
    [16 * hour, 'yesterday'],
    [2 * 24 * hour, 'Fri'],
    [6 * 24 * hour, 'Mon'],
    [7 * 24 * hour, 'Nov 15'],
    [400 * 24 * hour, 'Oct 18, 2025'],
  ])('%d ms ago is "%s"', (passedMs, words) => {
    expect(ago(now - passedMs, now, 'en')).toBe(words);
  });

  it('counts minutes over midnight, not "yesterday"', () => {
    const afterMidnight = new Date(2026, 10, 22, 0, 10).getTime();
    expect(ago(afterMidnight - 20 * minute, afterMidnight, 'en')).toBe('20m');
  });

  it('speaks the language of the page', () => {
    expect(ago(now - 3 * minute, now, 'zh')).toBe('3分钟');
    expect(ago(now - 24 * hour, now, 'ar')).toBe('أمس');
  });
});

describe('duration', () => {
  it.each([
    [-3_000, '0s'],
    [0, '0s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [119_000, '1m'],
    [2 * minute, '2m'],
    [hour, '1h'],
    [25 * hour, '1d'],
  ])('%d ms is "%s"', (lengthMs, words) => {
    expect(duration(lengthMs, 'en')).toBe(words);
  });
});

describe('days', () => {
  it('are those of the calendar', () => {
    expect(daysBetween(new Date(2026, 10, 21, 23, 59).getTime(), new Date(2026, 10, 22, 0, 1).getTime())).toBe(1);
    expect(daysBetween(new Date(2026, 10, 22, 0, 1).getTime(), new Date(2026, 10, 22, 23, 59).getTime())).toBe(0);
    expect(dayKey(new Date(2026, 0, 2, 3).getTime())).toBe('2026-1-2');
  });

  it('have names', () => {
    expect(dayName(now, now, 'en')).toBe('Today');
    expect(dayName(now - 24 * hour, now, 'en')).toBe('Yesterday');
    expect(dayName(now - 48 * hour, now, 'en')).toBe('Friday, November 20');
    expect(dayName(new Date(2025, 10, 20).getTime(), now, 'en')).toBe('Thursday, November 20, 2025');
  });
});
