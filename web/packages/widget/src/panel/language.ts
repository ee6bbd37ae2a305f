import { language as en } from '../i18n/en.ts';
import type { Language } from '../i18n/texts.ts';

const others: Record<string, () => Promise<{ language: Language }>> = {
  ar: () => import('../i18n/ar.ts'),
  zh: () => import('../i18n/zh.ts'),
};

/** English is at hand; the others are files of their own. One that cannot be had is no reason for no chat. */
export async function loadLanguage(code: string): Promise<Language> {
  try {
    return (await others[code]?.())?.language ?? en;
  } catch {
    return en;
  }
}
