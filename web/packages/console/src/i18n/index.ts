// The words of the page: its own, and the registry's sentences for what happens to connections and messages. English is
// part of the first load and the pattern for the others, which are loaded when they are chosen.
import { computed, signal } from '@preact/signals';
import { fillText, type TextId, type TextPlaceholder, type Texts } from '@clearline/protocol';
import { agent as enSentences } from '@clearline/protocol/texts/en';
import en from './en.json';

type Plural = Partial<Record<Intl.LDMLPluralRule, string>>;
type Words = Record<string, string | Plural>;
export type WordKey = keyof typeof en;
export type Locale = 'en' | 'zh' | 'ar';

/** Each language in its own name: whoever looks for it may not read the present one. */
export const locales: readonly { readonly locale: Locale; readonly name: string }[] = [
  { locale: 'en', name: 'English' },
  { locale: 'zh', name: '中文' },
  { locale: 'ar', name: 'العربية' },
];

interface Loaded {
  readonly words: Words;
  readonly sentences: Texts;
}

const loaders: Record<Locale, () => Promise<Loaded>> = {
  en: () => Promise.resolve({ words: en, sentences: enSentences }),
  zh: () => import('./zh.ts').then(({ loaded }) => loaded),
  ar: () => import('./ar.ts').then(({ loaded }) => loaded),
};

interface Language extends Loaded {
  readonly locale: Locale;
  readonly plurals: Intl.PluralRules;
}

const language = signal<Language>({
  locale: 'en',
  words: en,
  sentences: enSentences,
  plurals: new Intl.PluralRules('en'),
});

export const locale = computed(() => language.value.locale);
export const direction = computed(() => (language.value.locale === 'ar' ? 'rtl' : 'ltr'));

/**
 * What Intl's formatters are asked with. Arabic is read with the digits of the ids and codes around it: one kind of
 * digit on a screen.
 */
export const formatLocale = computed(() => (language.value.locale === 'ar' ? 'ar-u-nu-latn' : language.value.locale));

export async function setLocale(chosen: Locale): Promise<void> {
  const loaded = await loaders[chosen]();
  language.value = { locale: chosen, ...loaded, plurals: new Intl.PluralRules(chosen) };
}

export function isLocale(text: string | null): text is Locale {
  return locales.some(({ locale }) => locale === text);
}

/** The first language of the person that the page speaks. */
export function preferredLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const short = tag.toLowerCase().split('-')[0] ?? '';
    if (isLocale(short)) return short;
  }
  return 'en';
}

export type Values = Readonly<Record<string, string | number | undefined>> & { readonly count?: number };

function filled(pattern: string, values: Values): string {
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value);
  });
}

/** A text in the language of the page; `count` chooses the plural form. */
export function t(key: WordKey, values: Values = {}): string {
  const { words, plurals } = language.value;
  const entry: string | Plural = words[key] ?? en[key];
  if (typeof entry === 'string') return filled(entry, values);
  const form = plurals.select(values.count ?? 0);
  return filled(entry[form] ?? entry.other ?? '', values);
}

/** The registry's sentence for an agent. */
export function sentence(id: TextId, values: Partial<Record<TextPlaceholder, string | number>> = {}): string {
  return fillText(language.value.sentences[id], values);
}
