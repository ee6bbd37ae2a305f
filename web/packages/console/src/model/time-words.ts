// Times in the words of a language. All take `now`, so that a test, and a clock that ticks, decide what it is.
import type { TimeMs } from '@clearline/protocol';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Intl's formatters are slow to make and free to use. */
function cached<Key extends string, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}

const unit = (name: string): ((locale: string) => Intl.NumberFormat) =>
  cached((locale) => new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'narrow' }));
const seconds = unit('second');
const minutes = unit('minute');
const hours = unit('hour');
const days = unit('day');
const relative = cached((locale: string) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }));
const clock = cached((locale: string) => new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }));
const weekday = cached((locale: string) => new Intl.DateTimeFormat(locale, { weekday: 'short' }));
const dayMonth = cached((locale: string) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }));
const dayMonthYear = cached(
  (locale: string) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' }),
);
const wholeDay = cached(
  (locale: string) => new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }),
);
const wholeDayYear = cached(
  (locale: string) =>
    new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
);
const full = cached((locale: string) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }));

/** Calendar days between two times, where the person is: yesterday evening is one day ago this morning. */
export function daysBetween(at: TimeMs, now: TimeMs): number {
  const midnight = (time: TimeMs): number => {
    const date = new Date(time);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((midnight(now) - midnight(at)) / dayMs);
}

/** Two times belong to one day of the person's calendar when this is equal. */
export function dayKey(at: TimeMs): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** For a row of a list: as short as can be. */
export function ago(at: TimeMs, now: TimeMs, locale: string): string {
  const passedMs = now - at;
  // A clock that is a little ahead must not show the future.
  if (passedMs < minuteMs) return relative(locale).format(0, 'second');
  const passedDays = daysBetween(at, now);
  if (passedMs < hourMs) return minutes(locale).format(Math.floor(passedMs / minuteMs));
  if (passedDays === 0) return hours(locale).format(Math.floor(passedMs / hourMs));
  if (passedDays === 1) return relative(locale).format(-1, 'day');
  if (passedDays < 7) return weekday(locale).format(at);
  const thisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (thisYear ? dayMonth : dayMonthYear)(locale).format(at);
}

/** A length of time in its largest whole unit: "20s", "1m", "2h", "3d". */
export function duration(lengthMs: number, locale: string): string {
  if (lengthMs < minuteMs) return seconds(locale).format(Math.max(0, Math.floor(lengthMs / secondMs)));
  if (lengthMs < hourMs) return minutes(locale).format(Math.floor(lengthMs / minuteMs));
  if (lengthMs < dayMs) return hours(locale).format(Math.floor(lengthMs / hourMs));
  return days(locale).format(Math.floor(lengthMs / dayMs));
}

export function clockTime(at: TimeMs, locale: string): string {
  return clock(locale).format(at);
}

/** The head of a day in a conversation. */
export function dayName(at: TimeMs, now: TimeMs, locale: string): string {
  const passedDays = daysBetween(at, now);
  if (passedDays === 0 || passedDays === 1) {
    const words = relative(locale).format(-passedDays, 'day');
    return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
  }
  const thisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (thisYear ? wholeDay : wholeDayYear)(locale).format(at);
}

export function fullTime(at: TimeMs, locale: string): string {
  return full(locale).format(at);
}
