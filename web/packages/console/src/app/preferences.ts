// What a person has chosen on this device.
import { signal, type Signal } from '@preact/signals';
import { isLocale, preferredLocale, type Locale } from '../i18n/index.ts';
import type { Storage } from '../model/drafts.ts';
import type { Sort } from '../model/inbox.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export interface Preferences {
  readonly theme: Signal<Theme>;
  readonly locale: Signal<Locale>;
  readonly sort: Signal<Sort>;
  readonly details: Signal<boolean>;
}

function read(storage: Storage | null, name: string): string | null {
  try {
    return storage?.getItem(`clearline.${name}`) ?? null;
  } catch {
    return null;
  }
}

function write(storage: Storage | null, name: string, value: string): void {
  try {
    storage?.setItem(`clearline.${name}`, value);
  } catch {
    // Then it is chosen for this page only.
  }
}

export function loadPreferences(storage: Storage | null, languages: readonly string[]): Preferences {
  const theme = read(storage, 'theme');
  const chosen = read(storage, 'locale');
  const preferences = {
    theme: signal<Theme>(themes.find((one) => one === theme) ?? 'system'),
    locale: signal<Locale>(isLocale(chosen) ? chosen : preferredLocale(languages)),
    sort: signal<Sort>(read(storage, 'sort') === 'waiting' ? 'waiting' : 'activity'),
    details: signal(read(storage, 'details') !== 'hidden'),
  };
  preferences.theme.subscribe((value) => write(storage, 'theme', value));
  // A language that the browser asked for is not a choice: it may change.
  let first = true;
  preferences.locale.subscribe((value) => {
    if (!first) write(storage, 'locale', value);
    first = false;
  });
  preferences.sort.subscribe((value) => write(storage, 'sort', value));
  preferences.details.subscribe((value) => write(storage, 'details', value ? 'shown' : 'hidden'));
  return preferences;
}
