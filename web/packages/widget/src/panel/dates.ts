const dayMs = 86_400_000;

export interface Dates {
  /** The same for all times of one day, in the reader's time zone. */
  dayKey: (at: number) => string;
  /** Today, yesterday, or the date. */
  day: (at: number) => string;
  time: (at: number) => string;
}

export function makeDates(language: string, now: () => number = () => Date.now()): Dates {
  const time = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
  const date = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' });
  const dateWithYear = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', year: 'numeric' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const dayKey = (at: number) => new Date(at).toDateString();
  const capitalised = (text: string) => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
  return {
    dayKey,
    day: (at) => {
      if (dayKey(at) === dayKey(now())) return capitalised(relative.format(0, 'day'));
      if (dayKey(at) === dayKey(now() - dayMs)) return capitalised(relative.format(-1, 'day'));
      const isThisYear = new Date(at).getFullYear() === new Date(now()).getFullYear();
      return (isThisYear ? date : dateWithYear).format(at);
    },
    time: (at) => time.format(at),
  };
}
