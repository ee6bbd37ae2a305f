import type { Client } from '@clearline/sdk';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Language } from '../i18n/texts.ts';
import { makeBar, type Bar } from './bar.ts';
import { useSeconds } from './hooks.ts';

const backShownMs = 2_000;

/** What is to be said about the line, kept up to date while it is down. */
export function useBar(client: Client, language: Language): Bar | null {
  const { state } = client;
  useSeconds(state.phase !== 'open' && state.phase !== 'idle');
  return makeBar(state, Date.now(), navigator.onLine, language);
}

interface ConnectionBarProps {
  client: Client;
  language: Language;
  bar: Bar | null;
}

/** Says how the line is when it is not as it should be, and for a moment that it is again. */
export function ConnectionBar({ client, language, bar }: ConnectionBarProps) {
  const { phase } = client.state;
  const wasShown = useRef(false);
  const [isBack, setBack] = useState(false);

  useEffect(() => {
    if (bar) wasShown.current = true;
    if (phase !== 'open' || !wasShown.current) return;
    wasShown.current = false;
    setBack(true);
  }, [bar, phase]);

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
        isBack && phase === 'open' && <div class="bar back">{language.ui.backOnline}</div>
      )}
    </div>
  );
}
