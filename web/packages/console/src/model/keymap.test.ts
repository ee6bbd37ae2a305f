import { describe, expect, it } from 'vitest';
import { commandOf, movedIndex, shortcuts, type KeyPress } from './keymap.ts';

const press = (change: Partial<KeyPress>): KeyPress => ({
  code: '',
  key: '',
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  isComposing: false,
  ...change,
});

describe('shortcuts', () => {
  it.each([
    ['KeyJ', 'next_conversation'],
    ['KeyK', 'previous_conversation'],
    ['KeyE', 'close_conversation'],
    ['KeyL', 'focus_reply'],
    ['KeyO', 'toggle_details'],
  ] as const)('Alt and %s: %s, in any layout and while typing', (code, command) => {
    expect(commandOf(press({ code, key: '∆', altKey: true }), false)).toBe(command);
    expect(commandOf(press({ code, key: 'ت', altKey: true }), true)).toBe(command);
  });

  it('leaves letters without Alt, AltGr and the system keys alone', () => {
    expect(commandOf(press({ code: 'KeyJ', key: 'j' }), false)).toBeNull();
    expect(commandOf(press({ code: 'KeyE', key: '€', altKey: true, ctrlKey: true }), true)).toBeNull();
    expect(commandOf(press({ code: 'KeyL', key: 'l', altKey: true, metaKey: true }), false)).toBeNull();
    expect(commandOf(press({ code: 'KeyZ', key: 'z', altKey: true }), false)).toBeNull();
  });

  it('takes "?" for help only where it is not text', () => {
    expect(commandOf(press({ code: 'Slash', key: '?' }), false)).toBe('help');
    expect(commandOf(press({ code: 'Slash', key: '?' }), true)).toBeNull();
  });

  it('takes Escape anywhere but from an input method', () => {
    expect(commandOf(press({ code: 'Escape', key: 'Escape' }), true)).toBe('escape');
    expect(commandOf(press({ code: 'Escape', key: 'Escape', isComposing: true }), true)).toBeNull();
    expect(commandOf(press({ code: 'KeyJ', key: 'j', altKey: true, isComposing: true }), true)).toBeNull();
  });

  it('shows each command once in the help', () => {
    const commands = shortcuts.map(({ command }) => command);
    expect(new Set(commands).size).toBe(commands.length);
    expect(commands).toHaveLength(7);
  });
});

describe('moving in a list', () => {
  it.each([
    ['ArrowDown', 0, 1],
    ['ArrowDown', 4, 4],
    ['ArrowUp', 4, 3],
    ['ArrowUp', 0, 0],
    ['Home', 3, 0],
    ['End', 1, 4],
    ['Enter', 1, null],
  ] as const)('%s from row %d of 5', (key, from, to) => {
    expect(movedIndex(key, from, 5)).toBe(to);
  });

  it('has nowhere to go in an empty list', () => {
    expect(movedIndex('ArrowDown', -1, 0)).toBeNull();
  });

  it('enters at the first row', () => {
    expect(movedIndex('ArrowDown', -1, 3)).toBe(0);
  });
});
