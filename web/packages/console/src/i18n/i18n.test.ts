import { afterEach, describe, expect, it } from 'vitest';
import ar from './ar.json';
import en from './en.json';
import zh from './zh.json';
import { direction, formatLocale, preferredLocale, setLocale, t } from './index.ts';

type Table = Record<string, string | Record<string, string>>;

const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([whole]) => whole).sort();

afterEach(() => setLocale('en'));

describe.each([
  ['zh', zh as Table],
  ['ar', ar as Table],
])('the words of %s', (locale, words) => {
  it('are those of English, no more and no less', () => {
    expect(Object.keys(words).sort()).toEqual(Object.keys(en).sort());
  });

  it('have every plural form that the language needs', () => {
    const needed = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const [key, entry] of Object.entries(words)) {
      if (typeof entry !== 'string') expect(Object.keys(entry), key).toEqual(expect.arrayContaining(needed));
      expect(typeof entry, key).toBe(typeof (en as Table)[key]);
    }
  });

  it('fill in what English fills in', () => {
    for (const [key, entry] of Object.entries(words)) {
      const english = (en as Table)[key];
      if (typeof entry === 'string' && typeof english === 'string') expect(names(entry), key).toEqual(names(english));
    }
  });
});

describe('choosing words', () => {
  it('fills in values and chooses the plural form', async () => {
    expect(t('visitor', { id: '7Q8X' })).toBe('Visitor 7Q8X');
    expect(t('newMessages', { count: 1 })).toBe('1 new message');
    expect(t('newMessages', { count: 3 })).toBe('3 new messages');
    await setLocale('ar');
    expect(t('newMessages', { count: 2 })).toBe('رسالتان جديدتان');
    expect(t('newMessages', { count: 3 })).toBe('3 رسائل جديدة');
    expect(direction.value).toBe('rtl');
    expect(new Intl.NumberFormat(formatLocale.value).format(42)).toBe('42');
  });

  it('never takes a value for a pattern', () => {
    expect(t('previewAnswer', { text: '{count} $& $1' })).toBe('Answer: {count} $& $1');
  });

  it('finds the first language that is spoken here', () => {
    expect(preferredLocale(['fr-FR', 'zh-Hans-CN', 'en'])).toBe('zh');
    expect(preferredLocale(['fr'])).toBe('en');
    expect(preferredLocale([])).toBe('en');
  });
});
