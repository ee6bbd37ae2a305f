import type { Client } from '@clearline/sdk';
import { useEffect, useReducer } from 'preact/hooks';

/** Renders again when something that the client shows has changed. */
export function useClient(client: Client): void {
  const [, update] = useReducer<number, undefined>((count) => count + 1, 0);
  useEffect(() => {
    const ends = (['state', 'welcome', 'agents', 'conversation'] as const).map((name) =>
      client.on(name, () => update(undefined)),
    );
    return () => ends.forEach((end) => end());
  }, [client]);
}

/** Renders again every second while `isOn`. */
export function useSeconds(isOn: boolean): void {
  const [, update] = useReducer<number, undefined>((count) => count + 1, 0);
  useEffect(() => {
    if (!isOn) return undefined;
    const timer = setInterval(() => update(undefined), 1000);
    return () => clearInterval(timer);
  }, [isOn]);
}
