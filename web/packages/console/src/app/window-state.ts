// Facts about the window as signals.
import { useEffect } from 'preact/hooks';
import { useSignal, type ReadonlySignal } from '@preact/signals';

/** A value that is read anew whenever one of the events comes. */
function useReading<Value>(read: () => Value, listen: (update: () => void) => () => void): ReadonlySignal<Value> {
  const reading = useSignal(read());
  useEffect(() => {
    const update = (): void => {
      reading.value = read();
    };
    update();
    return listen(update);
  }, []);
  return reading;
}

function listenAll(targets: readonly (readonly [EventTarget, string])[]): (update: () => void) => () => void {
  return (update) => {
    for (const [target, type] of targets) target.addEventListener(type, update);
    return () => {
      for (const [target, type] of targets) target.removeEventListener(type, update);
    };
  };
}

export function useMatches(query: string): ReadonlySignal<boolean> {
  const list = window.matchMedia(query);
  return useReading(() => list.matches, listenAll([[list, 'change']]));
}

/** Somebody looks at this window: only then are messages seen. */
export function useLooking(): ReadonlySignal<boolean> {
  return useReading(
    () => document.visibilityState === 'visible' && document.hasFocus(),
    listenAll([
      [window, 'focus'],
      [window, 'blur'],
      [document, 'visibilitychange'],
    ]),
  );
}

export function useOffline(): ReadonlySignal<boolean> {
  return useReading(
    () => !navigator.onLine,
    listenAll([
      [window, 'online'],
      [window, 'offline'],
    ]),
  );
}
