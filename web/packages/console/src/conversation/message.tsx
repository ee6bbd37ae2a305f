import { notSentText, type VisitorId } from '@clearline/protocol';
import { iconAlert, iconCheck, iconChecks, iconClock, iconRefresh, iconTrash } from '@clearline/tokens/icons';
import { useConsole } from '../app/context.ts';
import { formatLocale, sentence, t, type WordKey } from '../i18n/index.ts';
import { clockTime, fullTime } from '../model/time-words.ts';
import type { MessageItem, Progress, TimelineMessage } from '../model/timeline.ts';
import { Avatar, initial } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { visitorLetters, visitorName } from '../ui/names.ts';

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

export function Message({ item, visitor }: { readonly item: MessageItem; readonly visitor: VisitorId }) {
  const { side, from, message, first, last } = item;
  const { progress, marked, at, text } = message;
  const locale = formatLocale.value;
  const name = side === 'visitor' ? visitorName(visitor) : (from.name ?? '');
  const letters = side === 'visitor' ? visitorLetters(visitor) : initial(name);
  return (
    <li
      class={`message message-${side} message-${progress}${first ? ' message-first' : ''}${last ? ' message-last' : ''}`}
      data-message={message.key}
      data-progress={progress}
    >
      {side !== 'own' && first && <Avatar id={from.id} letters={letters} size="small" />}
      <div class="message-body">
        {first && (
          <span class={side === 'colleague' ? 'message-name' : 'visually-hidden'}>
            {side === 'own' ? t('you') : name}
          </span>
        )}
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
    </li>
  );
}
