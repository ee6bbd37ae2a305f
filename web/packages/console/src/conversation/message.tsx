import type { TimelineMessage, Progress } from '../model/timeline.ts';
import { notSentText } from '@clearline/protocol';
import { iconAlert, iconCheck, iconChecks, iconClock, iconRefresh, iconTrash } from '@clearline/tokens/icons';
import { useConsole } from '../app/context.ts';
import { formatLocale, sentence, t, type WordKey } from '../i18n/index.ts';
import { clockTime, fullTime } from '../model/time-words.ts';
import { Icon } from '../ui/icon.tsx';

const progressIcon: Record<Exclude<Progress, 'received'>, string> = {
  sending: iconClock,
  failed: iconAlert,
  sent: iconCheck,
  delivered: iconChecks,
  seen: iconChecks,
};

const progressWords: Record<Exclude<Progress, 'received'>, WordKey> = {
  sending: 'progress_sending',
  failed: 'progress_failed',
  sent: 'progress_sent',
  delivered: 'progress_delivered',
  seen: 'progress_seen',
};

function ProgressMark({ progress, spelt }: { readonly progress: Progress; readonly spelt: boolean }) {
  if (progress === 'received') return null;
  const words = t(progressWords[progress]);
  return (
    <span class={`progress progress-${progress}`} title={words}>
      <Icon path={progressIcon[progress]} size={14} />
      <span class={spelt ? undefined : 'visually-hidden'}>{words}</span>
    </span>
  );
}

function Failure({ message }: { readonly message: TimelineMessage }) {
  const { store } = useConsole();
  return (
    <div class="failure">
      <p>{sentence(notSentText(message.failure ?? ''))}</p>
      <button type="button" class="button button-small" onClick={() => store.retry(message.clientId)}>
        <Icon path={iconRefresh} size={14} />
        {t('retry')}
      </button>
      <button type="button" class="button button-small" onClick={() => store.discard(message.clientId)}>
        <Icon path={iconTrash} size={14} />
        {t('delete')}
      </button>
    </div>
  );
}

export function Message({ message, last }: { readonly message: TimelineMessage; readonly last: boolean }) {
  const { progress, marked, at, text } = message;
  const locale = formatLocale.value;
  return (
    <div class={`message message-${progress}`} data-message={message.key} data-progress={progress}>
      <div class="bubble" dir="auto" title={fullTime(at, locale)}>
        {text}
      </div>
      {progress === 'failed' && <Failure message={message} />}
      {(last || marked) && progress !== 'failed' && (
        <div class="message-meta">
          <time dateTime={new Date(at).toISOString()}>{clockTime(at, locale)}</time>
          <ProgressMark progress={progress} spelt={marked} />
        </div>
      )}
    </div>
  );
}
