import { closeCode } from '@clearline/protocol';
import type { Client } from './client.ts';

/** What is used of a window and its document. */
export interface PageEvents {
  addEventListener(type: string, listener: (event: { persisted?: boolean }) => void): void;
}

/**
 * Tells a client what happens to its page. Browsers keep a page with an open socket asleep for its way back, and answer
 * the server's protocol pings meanwhile: so the line is closed on leaving, and opened again on return.
 */
export function bindPage(client: Client, window: PageEvents, document: PageEvents): void {
  window.addEventListener('pagehide', () => client.suspend(closeCode.page_hidden));
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) client.visibilityChanged();
  });
  window.addEventListener('online', () => client.online());
  window.addEventListener('offline', () => client.online());
  window.addEventListener('focus', () => client.online());
  document.addEventListener('visibilitychange', () => client.visibilityChanged());
  document.addEventListener('freeze', () => client.suspend(closeCode.page_frozen));
  document.addEventListener('resume', () => client.visibilityChanged());
}
