// What is said across the top when the line has been down for longer than a moment.
import { useEffect, useState } from 'preact/hooks';
import { statusEntry } from '@clearline/protocol';
import { iconAlert } from '@clearline/tokens/icons';
import { useConsole } from '../app/context.ts';
import { sentence, t } from '../i18n/index.ts';
import { Icon } from '../ui/icon.tsx';
import { useConnectionWords } from './connection-status.tsx';

export function ConnectionBar() {
  const { store } = useConsole();
  const { tone, word, quietMs } = useConnectionWords();
  const { phase, downSince, until } = store.connection.value;
  const ending = store.lastEnding.value;
  const [now, setNow] = useState(Date.now());
  const isDown = phase !== 'open' && downSince !== null;

  useEffect(() => {
    setNow(Date.now());
    if (!isDown) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [isDown, phase]);

  const shown = isDown && now - downSince >= quietMs;
  const seconds = until === null ? undefined : Math.max(0, Math.ceil((until - now) / 1000));
  const told = ending === null ? null : statusEntry(ending.status).text;
  const words =
    word === 'youAreOffline'
      ? t('barOffline')
      : sentence(told ?? 'reconnecting', {
          // A countdown to the very second would be a promise that timers do not keep.
          ...(seconds === undefined || seconds < 3 ? {} : { seconds }),
          ...(ending?.bye?.message === undefined ? {} : { id: ending.bye.message }),
        });

  return (
    <div class="bar-place" role={tone === 'bad' ? 'alert' : 'status'}>
      {shown && (
        <div class={`bar bar-${tone}`}>
          <Icon path={iconAlert} size={16} />
          <span class="bar-words">{words}</span>
          <button type="button" class="button button-small" onClick={() => store.client.retryNow()}>
            {t('retryNow')}
          </button>
        </div>
      )}
    </div>
  );
}
