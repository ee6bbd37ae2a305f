import type { KeyValueStorage } from '@clearline/sdk';

/** What is written but not sent. It outlives the panel, the page and the browser. */
export class Draft {
  text = '';
  private readonly storage: KeyValueStorage | null;
  private readonly key: string;

  constructor(storage: KeyValueStorage | null, key: string) {
    this.storage = storage;
    this.key = key;
    this.attempt(() => (this.text = storage?.getItem(key) ?? ''));
  }

  keep(text: string): void {
    this.text = text;
    this.attempt(() => {
      if (text === '') this.storage?.removeItem(this.key);
      else this.storage?.setItem(this.key, text);
    });
  }

  /** Without room or permission it lives as long as this page. */
  private attempt(use: () => void): void {
    try {
      use();
    } catch {
      // Kept in memory.
    }
  }
}
