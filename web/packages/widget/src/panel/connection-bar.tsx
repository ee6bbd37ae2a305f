import type { Client } from '@clearline/sdk';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Language } from '../i18n/texts.ts';
import { makeBar } from './bar.ts';
import { useSeconds } from './hooks.ts';

const backShownMs = 2_000;

/** Says how the line is when it is not as it should be, and for a moment that it is again. */
export function ConnectionBar({ client, language }: { client: Client; language: Language }) {
  const { state } = client;
  const isDown = state.phase !== 'open' && state.phase !== 'idle';
  useSeconds(isDown);
  const bar = makeBar(state, Date.now(), navigator.onLine, language);
  const wasShown = useRef(false);
  const [isBack, setBack] = useState(false);

  useEffect(() => {
    if (bar) wasShown.current = true;
    if (state.phase !== 'open' || !wasShown.current) return undefined;
    wasShown.current = false;
    setBack(true);
    return undefined;
  }, [bar, state.phase]);

  useEffect(() => {
    if (!isBack) return undefined;
    const timer = setTimeout(() => setBack(false), backShownMs);
    return () => clearTimeout(timer);
  }, [isBack]);

  return (
    <div class="bar-place" role="status">
      {bar ? (
        <div class={`bar ${bar.tone}`}>
          <span class="bar-text">{bar.text}</span>
          {bar.canTry && (
            <button type="button" class="link-button" onClick={() => client.retryNow()}>
              {language.ui.tryNow}
            </button>
          )}
        </div>
      ) : (
        isBack && state.phase === 'open' && <div class="bar back">{language.ui.backOnline}</div>
      )}
    </div>
  );
}
