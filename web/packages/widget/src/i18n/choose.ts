/** The first wish that there are words for; English otherwise. A wish is a language tag: "zh-Hant-TW" is served by zh. */
export function chooseLanguage(wishes: readonly (string | null | undefined)[], known: readonly string[]): string {
  for (const wish of wishes) {
    const primary = (wish ?? '').toLowerCase().split('-')[0] ?? '';
    if (known.includes(primary)) return primary;
  }
  return 'en';
}
