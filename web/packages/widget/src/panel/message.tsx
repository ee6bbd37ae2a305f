import { notSentText, fillText } from '@clearline/protocol';
import type { Client } from '@clearline/sdk';
import { iconAlert, iconCheck, iconChecks, iconClock } from '@clearline/tokens/icons';
import type { Language } from '../i18n/texts.ts';
import type { Dates } from './dates.ts';
import { Icon } from './icon.tsx';
import { linkify } from './linkify.ts';
import type { MessageRow, MessageStatus } from './rows.ts';

const statusIcons: Record<MessageStatus, string> = {
  sending: iconClock,
  sent: iconCheck,
  delivered: iconChecks,
  seen: iconChecks,
  failed: iconAlert,
};

interface MessageProps {
  row: MessageRow;
  client: Client;
  language: Language;
  dates: Dates;
  onEdit: (text: string) => void;
}

export function Message({ row, client, language, dates, onEdit }: MessageProps) {
  const { ui } = language;
  const { status } = row;
  const classes = ['message', row.own ? 'own' : 'peer', row.first && 'first', row.last && 'last', status];
  return (
    <li class={classes.filter(Boolean).join(' ')}>
      {row.first && row.name !== undefined && (
        <span class="sender" dir="auto">
          {row.name}
        </span>
      )}
      <div class="bubble" dir="auto">
        <Text text={row.text} />
      </div>
      {row.last && (
        <span class="meta">
          {status !== 'failed' && <time>{dates.time(row.at)}</time>}
          {status && (
            <span class={`status ${status}`}>
              <Icon path={statusIcons[status]} size={14} />
              <span class={status === 'failed' || (status === 'seen' && row.newestOwn) ? undefined : 'visually-hidden'}>
                {ui[status]}
              </span>
            </span>
          )}
        </span>
      )}
      {row.error !== undefined && (
        <Failure row={row} error={row.error} client={client} language={language} onEdit={onEdit} />
      )}
    </li>
  );
}

/** Text, and web addresses in it as links. There is no other markup, so nothing has to be made harmless. */
function Text({ text }: { text: string }) {
  return (
    <>
      {linkify(text).map((part, index) =>
        typeof part === 'string' ? (
          part
        ) : (
          <a key={index} href={part.href} target="_blank" rel="noopener nofollow">
            {part.text}
          </a>
        ),
      )}
    </>
  );
}

interface FailureProps {
  row: MessageRow;
  error: string;
  client: Client;
  language: Language;
  onEdit: (text: string) => void;
}

function Failure({ row, error, client, language: { ui, connection }, onEdit }: FailureProps) {
  const edit = () => {
    onEdit(row.text);
    client.discard(row.clientId);
  };
  return (
    <div class="failure" role="alert">
      <p>{fillText(connection[notSentText(error)])}</p>
      <div class="failure-actions">
        <button type="button" class="link-button" onClick={() => client.retry(row.clientId)}>
          {ui.retry}
        </button>
        <button type="button" class="link-button" onClick={edit}>
          {ui.edit}
        </button>
        <button type="button" class="link-button" onClick={() => client.discard(row.clientId)}>
          {ui.delete}
        </button>
      </div>
    </div>
  );
}
