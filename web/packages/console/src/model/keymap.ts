// The keyboard map. Letters go by event.code, the key's place, so that they work in every layout and script; each has
// a modifier, so that none can be typed by mistake (WCAG 2.1.4).

export type Command =
  | 'next_conversation'
  | 'previous_conversation'
  | 'close_conversation'
  | 'focus_reply'
  | 'toggle_details'
  | 'help'
  | 'escape';

export interface KeyPress {
  readonly code: string;
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly isComposing: boolean;
}

export interface Shortcut {
  readonly command: Command;
  readonly keys: readonly string[];
}

const withAlt: Readonly<Record<string, Command>> = {
  KeyJ: 'next_conversation',
  KeyK: 'previous_conversation',
  KeyE: 'close_conversation',
  KeyL: 'focus_reply',
  KeyO: 'toggle_details',
};

/** As the help shows them. */
export const shortcuts: readonly Shortcut[] = [
  { command: 'next_conversation', keys: ['Alt', 'J'] },
  { command: 'previous_conversation', keys: ['Alt', 'K'] },
  { command: 'focus_reply', keys: ['Alt', 'L'] },
  { command: 'close_conversation', keys: ['Alt', 'E'] },
  { command: 'toggle_details', keys: ['Alt', 'O'] },
  { command: 'help', keys: ['?'] },
  { command: 'escape', keys: ['Esc'] },
];

/** `typing`: the focus is where text goes, so a plain character is text. */
export function commandOf(press: KeyPress, typing: boolean): Command | null {
  // The input method owns every key while it composes, Escape included.
  if (press.isComposing) return null;
  // Ctrl and Alt together are AltGr, which types letters on many layouts.
  if (press.ctrlKey || press.metaKey) return null;
  if (press.altKey) return withAlt[press.code] ?? null;
  if (press.key === 'Escape') return 'escape';
  return press.key === '?' && !typing ? 'help' : null;
}

/** The row that an arrow, Home or End moves to in a list of `count`; null for any other key. */
export function movedIndex(key: string, index: number, count: number): number | null {
  if (count === 0) return null;
  switch (key) {
    case 'ArrowDown':
      return Math.min(index + 1, count - 1);
    case 'ArrowUp':
      return Math.max(index - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
