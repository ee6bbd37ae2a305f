/** The part of the Web Storage API that is used; localStorage fits. */
export interface KeyValueStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * Storage below a prefix, that never throws: a browser may deny it, or it may be full. Then this page's memory has to
 * do.
 */
export class SafeStorage {
  readonly #prefix: string;
  readonly #storage: KeyValueStorage | null;
  readonly #memory = new Map<string, string>();

  constructor(prefix: string, storage: KeyValueStorage | null) {
    this.#prefix = prefix;
    this.#storage = storage;
  }

  get(key: string): string | null {
    return this.#memory.get(key) ?? this.#attempt((storage) => storage.getItem(this.#prefix + key)) ?? null;
  }

  set(key: string, value: string): void {
    this.#memory.delete(key);
    const stored = this.#attempt((storage) => {
      storage.setItem(this.#prefix + key, value);
      return true;
    });
    if (!stored) this.#memory.set(key, value);
  }

  remove(key: string): void {
    this.#memory.delete(key);
    this.#attempt((storage) => {
      storage.removeItem(this.#prefix + key);
    });
  }

  /** The values whose keys begin so. */
  values(start: string): string[] {
    const stored = this.#attempt((storage) => {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
      return keys.filter((key) => key.startsWith(this.#prefix + start)).map((key) => storage.getItem(key) ?? '');
    });
    return [...(stored ?? []), ...[...this.#memory].filter(([key]) => key.startsWith(start)).map(([, value]) => value)];
  }

  #attempt<T>(use: (storage: KeyValueStorage) => T): T | undefined {
    try {
      return this.#storage ? use(this.#storage) : undefined;
    } catch {
      return undefined;
    }
  }
}
