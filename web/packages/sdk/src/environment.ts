// Everything that the SDK wants from the machine it runs on. Tests put their own clock, chance and sockets here.

/** The part of a browser's WebSocket that is used. */
export interface Socket {
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export type TimerHandle = unknown;

export interface Environment {
  openSocket(url: string, subprotocol: string): Socket;
  /** Milliseconds on a clock that goes on while the machine sleeps: the wall clock. */
  now(): number;
  setTimer(callback: () => void, delayMs: number): TimerHandle;
  clearTimer(handle: TimerHandle): void;
  /** At least 0, below 1. */
  random(): number;
  uuid(): string;
}

interface Platform {
  WebSocket: new (url: string, subprotocol: string) => Socket;
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
  crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };
}

const hexadecimal = (byte: number) => byte.toString(16).padStart(2, '0');

/** crypto.randomUUID exists only in secure contexts, and a shop may still be on http. */
function uuid(crypto: Platform['crypto']): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // Version 4, variant 10 (RFC 9562 section 5.4).
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return Array.from(bytes, hexadecimal)
    .join('')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The real one: browsers, and Node from version 22 on (before, pass an openSocket). */
export function platformEnvironment(): Environment {
  const platform = globalThis as unknown as Platform;
  return {
    openSocket: (url, subprotocol) => new platform.WebSocket(url, subprotocol),
    now: () => Date.now(),
    setTimer: (callback, delayMs) => platform.setTimeout(callback, delayMs),
    clearTimer: (handle) => platform.clearTimeout(handle),
    random: () => Math.random(),
    uuid: () => uuid(platform.crypto),
  };
}
