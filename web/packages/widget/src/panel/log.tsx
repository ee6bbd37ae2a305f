import { iconArrowDown } from '@clearline/tokens/icons';
import type { Client } from '@clearline/sdk';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { fill, type Language } from '../i18n/texts.ts';
import { makeDates } from './dates.ts';
import { Icon } from './icon.tsx';
import { Message } from './message.tsx';
import { makeRows } from './rows.ts';

/** So near to its end a log counts as read to the end. */
const endPx = 48;

interface LogProps {
  client: Client;
  language: Language;
  onEdit: (text: string) => void;
}

export function Log({ client, language, onEdit }: LogProps) {
  const { ui } = language;
  const conversation = client.own;
  const { view } = conversation;
  const dates = useMemo(() => makeDates(language.code), [language]);
  const rows = makeRows(view, 'visitor', dates.dayKey);
  const { scroller, isAtEnd, onScroll, toEnd } = useScroll(rows.length, rows[0]?.key, view.typing.length);

  const newest = view.events.at(-1)?.seq;
  useEffect(() => {
    const see = () => {
      if (isAtEnd && !document.hidden) conversation.markSeen();
    };
    see();
    document.addEventListener('visibilitychange', see);
    return () => document.removeEventListener('visibilitychange', see);
  }, [conversation, isAtEnd, newest]);

  const isWaiting = !view.loaded && rows.length === 0 && client.state.phase !== 'stopped';
  return (
    <div class="log-place">
      <div ref={scroller} class="log-scroll" onScroll={onScroll} tabIndex={0}>
        {view.more && (
          <button
            type="button"
            class="pill-button"
            disabled={view.loadingEarlier}
            // The connection bar says what is wrong with the line; the button stays for the next try.
            onClick={() => void conversation.loadEarlier().catch(() => undefined)}
          >
            {view.loadingEarlier ? ui.loading : ui.earlier}
          </button>
        )}
        {isWaiting && client.welcome === null && <Skeleton />}
        {rows.length === 0 && (!isWaiting || client.welcome !== null) && (
          <Greeting language={language} online={client.welcome ? client.agentsOnline : null} />
        )}
        <div role="log" aria-label={ui.messages} aria-busy={isWaiting || view.loadingEarlier}>
          <ol class="rows">
            {rows.map((row) =>
              row.kind === 'message' ? (
                <Message key={row.key} row={row} client={client} language={language} dates={dates} onEdit={onEdit} />
              ) : (
                <li key={row.key} class={row.kind}>
                  {row.kind === 'day' ? <time>{dates.day(row.at)}</time> : ui[row.what]}
                </li>
              ),
            )}
          </ol>
        </div>
        <div class="typing-place" role="status">
          {view.typing.length > 0 && (
            <div class="typing">
              <span class="typing-dots" aria-hidden="true">
                <i />
                <i />
                <i />
              </span>
              {fill(ui.typing, { name: view.typing.map(({ name }) => name ?? ui.team).join(', ') })}
            </div>
          )}
        </div>
      </div>
      {!isAtEnd && (
        <button type="button" class="to-end" onClick={toEnd}>
          <Icon path={iconArrowDown} size={16} />
          {ui.newMessages}
        </button>
      )}
    </div>
  );
}

/** Stays at the end as messages come, and in place as earlier ones are put before. */
function useScroll(count: number, firstKey: string | undefined, typing: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const before = useRef({ height: 0, top: 0, firstKey });

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const grown = element.scrollHeight - before.current.height;
    if (isAtEnd) element.scrollTop = element.scrollHeight;
    else if (firstKey !== before.current.firstKey) element.scrollTop = before.current.top + grown;
    before.current = { height: element.scrollHeight, top: element.scrollTop, firstKey };
  }, [count, firstKey, typing, isAtEnd]);

  useEffect(() => {
    const element = scroller.current;
    if (!element || typeof ResizeObserver === 'undefined') return undefined;
    // The keyboard comes up, the composer grows: the end stays in view.
    const observer = new ResizeObserver(() => {
      if (isAtEnd) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isAtEnd]);

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    before.current.top = element.scrollTop;
    before.current.height = element.scrollHeight;
    setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < endPx);
  };
  const toEnd = () => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  };
  return { scroller, isAtEnd, onScroll, toEnd };
}

function Greeting({ language: { ui }, online }: { language: Language; online: boolean | null }) {
  return (
    <div class="greeting">
      <p class="greeting-title">{ui.greeting}</p>
      {online !== null && <p>{online ? ui.greetingOnline : ui.greetingAway}</p>}
    </div>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      <span />
      <span class="own" />
      <span />
    </div>
  );
}
