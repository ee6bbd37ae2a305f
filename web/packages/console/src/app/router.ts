// The fragment of the address as a signal.
import { signal, type ReadonlySignal } from '@preact/signals';
import { formatRoute, parseRoute, type Route } from '../model/route.ts';

export interface Router {
  readonly route: ReadonlySignal<Route>;
  /** A new place in the history, so that "back" leads from a conversation to its list. */
  go(route: Route): void;
  stop(): void;
}

export function startRouter(window: Window): Router {
  const route = signal(parseRoute(window.location.hash));
  const follow = (): void => {
    route.value = parseRoute(window.location.hash);
  };
  window.addEventListener('hashchange', follow);
  window.addEventListener('popstate', follow);
  return {
    route,
    go(next) {
      const hash = formatRoute(next);
      if (hash !== window.location.hash) window.history.pushState(null, '', hash);
      follow();
    },
    stop() {
      window.removeEventListener('hashchange', follow);
      window.removeEventListener('popstate', follow);
    },
  };
}
