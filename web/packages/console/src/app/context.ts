// What every part of the screen can reach without being handed it.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Route } from '../model/route.ts';
import type { Preferences } from './preferences.ts';
import type { Store } from './store.ts';

export interface Console {
  readonly store: Store;
  readonly preferences: Preferences;
  readonly route: ReadonlySignal<Route>;
  /** The window has room for all panes; else the details lie above them. */
  readonly wide: ReadonlySignal<boolean>;
  /** There is room for one pane only. */
  readonly narrow: ReadonlySignal<boolean>;
  readonly helpOpen: Signal<boolean>;
  readonly detailsOpen: Signal<boolean>;
  readonly offline: ReadonlySignal<boolean>;
  readonly go: (change: Partial<Route>) => void;
  readonly signOut: () => void;
}

const ConsoleContext = createContext<Console | null>(null);

export const ConsoleProvider = ConsoleContext.Provider;

export function useConsole(): Console {
  const value = useContext(ConsoleContext);
  if (value === null) throw new Error('outside of the console');
  return value;
}
