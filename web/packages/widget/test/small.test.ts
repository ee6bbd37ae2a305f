import { describe, expect, it } from 'vitest';
import { chooseLanguage } from '../src/i18n/choose.ts';
import { language as ar } from '../src/i18n/ar.ts';
import { language as en } from '../src/i18n/en.ts';
import { language as zh } from '../src/i18n/zh.ts';
import { fill } from '../src/i18n/texts.ts';
import { onAccent } from '../src/loader/colour.ts';
import { makeDates } from '../src/panel/dates.ts';
import { Draft } from '../src/panel/draft.ts';
import { isBlank, limitState } from '../src/panel/limit.ts';

const bytes = (text: string) => new TextEncoder().encode(text).length;

describe('the limit of a text', () => {
  it('is no concern until nine tenths of it', () => {
    expect(limitState('a'.repeat(899), 1000)).toBeNull();
    expect(limitState('a'.repeat(900), 1000)).toEqual({ left: 100, isOver: false });
    expect(limitState('字'.repeat(333), 1000)).toEqual({ left: 0, isOver: false });
  });

  it('says exactly how many characters are too many', () => {
    for (const text of ['a'.repeat(1001), '字'.repeat(400), '👍'.repeat(300), `${'a'.repeat(999)}👍`]) {
      const state = limitState(text, 1000);
      expect(state?.isOver).toBe(true);
      const characters = Array.from(text);
      expect(bytes(characters.slice(0, state?.left).join(''))).toBeLessThanOrEqual(1000);
      expect(bytes(characters.slice(0, (state?.left ?? 0) + 1).join('') || text)).toBeGreaterThan(1000);
    }
  });

  it('knows an empty text as the server does', () => {
    for (const text of ['', ' ', '\u00a0', '\u3000\n\t', '\u2000\u200a\u2028']) expect(isBlank(text)).toBe(true);
    for (const text of ['\u200b', '\ufeff', '\u0000', '.', '\u2060']) expect(isBlank(text)).toBe(false);
  });
});

describe('languages', () => {
  it('are chosen by the first wish that can be met', () => {
    expect(chooseLanguage([undefined, 'pt-BR', 'zh-Hant-TW', 'en'], ['en', 'zh'])).toBe('zh');
    expect(chooseLanguage(['', null, 'AR'], ['en', 'ar'])).toBe('ar');
    expect(chooseLanguage(['xx'], ['en', 'ar'])).toBe('en');
  });

  it('have the same places to fill in each sentence', () => {
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const language of [zh, ar]) {
      for (const [key, text] of Object.entries(en.ui)) {
        const own = language.ui[key as keyof typeof en.ui];
        expect(places(own), `${language.code}.${key}`).toEqual(places(text as string));
        expect(own).not.toBe('');
      }
    }
  });

  it('fill a place even with a text that looks like one', () => {
    expect(fill('Chat with {site}', { site: '{site} $& $1' })).toBe('Chat with {site} $& $1');
  });
});

describe('dates', () => {
  const now = new Date(2026, 10, 22, 14, 5).getTime();
  const hour = 3_600_000;

  it('are today, yesterday, a day of the year, or a day of another', () => {
    const dates = makeDates('en', () => now);
    expect(dates.day(now - 2 * hour)).toBe('Today');
    expect(dates.day(now - 24 * hour)).toBe('Yesterday');
    expect(dates.day(new Date(2026, 2, 3).getTime())).toBe('Tuesday, March 3');
    expect(dates.day(new Date(2024, 2, 3).getTime())).toBe('March 3, 2024');
  });

  it('speak the language', () => {
    expect(makeDates('zh', () => now).day(now)).toBe('今天');
    expect(makeDates('ar', () => now).day(now)).toBe('اليوم');
  });

  it('have one key a day', () => {
    const { dayKey } = makeDates('en', () => now);
    expect(dayKey(new Date(2026, 10, 22, 0, 0).getTime())).toBe(dayKey(new Date(2026, 10, 22, 23, 59).getTime()));
    expect(dayKey(new Date(2026, 10, 22).getTime())).not.toBe(dayKey(new Date(2026, 10, 21).getTime()));
  });
});

describe('the ink on an accent', () => {
  it.each([
    ['#000000', '#fff'],
    ['#ffffff', '#000'],
    ['#2152d9', '#fff'],
    ['#ffd000', '#000'],
    ['#FF0000', '#000'],
  ])('on %s is %s', (colour, ink) => {
    expect(onAccent(colour)).toBe(ink);
  });

  it('is none for what is no plain colour', () => {
    for (const colour of ['', 'red', '#fff', 'url(x)', '#12345g']) expect(onAccent(colour)).toBeUndefined();
  });
});

describe('a draft', () => {
  it('outlives what wrote it', () => {
    const kept = new Map<string, string>();
    const storage = {
      length: 0,
      key: () => null,
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    new Draft(storage, 'draft').keep('half a thought');
    expect(new Draft(storage, 'draft').text).toBe('half a thought');
    new Draft(storage, 'draft').keep('');
    expect(kept.size).toBe(0);
  });

  it('lives in memory where nothing may be stored', () => {
    const refuse = () => {
      throw new Error('denied');
    };
    const denied = { length: 0, key: refuse, getItem: refuse, setItem: refuse, removeItem: refuse };
    for (const storage of [denied, null]) {
      const draft = new Draft(storage, 'draft');
      draft.keep('still here');
      expect(draft.text).toBe('still here');
    }
  });
});
