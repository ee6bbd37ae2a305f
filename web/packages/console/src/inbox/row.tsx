import type { ConversationSummary, TimeMs } from '@clearline/protocol';
import { iconClock } from '@clearline/tokens/icons';
import { formatLocale, t } from '../i18n/index.ts';
import { formatRoute } from '../model/route.ts';
import { ago, duration } from '../model/time-words.ts';
import { waitingLevel } from '../model/waiting.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { preview, visitorLetters, visitorName } from '../ui/names.ts';

interface RowProps {
  readonly summary: ConversationSummary;
  readonly unread: number;
  readonly typing: boolean;
  readonly selected: boolean;
  readonly tabbable: boolean;
  readonly index: number;
  readonly count: number;
  readonly now: TimeMs;
  readonly onOpen: (summary: ConversationSummary) => void;
  readonly onFocus: (index: number) => void;
}

function Waiting({ since, now }: { readonly since: TimeMs; readonly now: TimeMs }) {
  const length = duration(now - since, formatLocale.value);
  return (
    <span class={`waiting waiting-${waitingLevel(since, now)}`} title={t('waitingFor', { duration: length })}>
      <Icon path={iconClock} size={12} />
      <span class="visually-hidden">{t('waitingFor', { duration: length })}</span>
      <span aria-hidden="true">{length}</span>
    </span>
  );
}

export function Row(props: RowProps) {
  const { summary, unread, typing, selected, tabbable, index, count, now } = props;
  const { visitor, conv, site, status } = summary;
  return (
    <li aria-posinset={index + 1} aria-setsize={count}>
      <a
        class={unread > 0 ? 'row row-unread' : 'row'}
        href={formatRoute({ site, status, conv })}
        aria-current={selected ? 'true' : undefined}
        tabIndex={tabbable ? 0 : -1}
        data-index={index}
        data-conv={conv}
        onFocus={() => props.onFocus(index)}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          props.onOpen(summary);
        }}
      >
        <Avatar id={visitor.id} letters={visitorLetters(visitor.id)} online={visitor.online} />
        <span class="row-body">
          <span class="row-line">
            <span class="row-name">{visitorName(visitor.id)}</span>
            {visitor.online && <span class="visually-hidden">{t('online')}</span>}
            <span class="row-time">{ago(summary.last_at, now, formatLocale.value)}</span>
          </span>
          <span class="row-line">
            {typing ? (
              <span class="row-preview row-typing">{t('typing')}</span>
            ) : (
              <span class="row-preview" dir="auto">
                {preview(summary)}
              </span>
            )}
            {summary.waiting_since !== null && status === 'open' && <Waiting since={summary.waiting_since} now={now} />}
            {unread > 0 && (
              <span class="count count-strong">
                <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
                <span class="visually-hidden">{t('unreadMessages', { count: unread })}</span>
              </span>
            )}
          </span>
        </span>
      </a>
    </li>
  );
}
