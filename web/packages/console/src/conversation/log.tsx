// The messages: days, notices, groups; scrolling that never jumps.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ConversationState, LogEvent } from '@clearline/protocol';
import type { ConversationView } from '@clearline/sdk';
import { iconArrowDown } from '@clearline/tokens/icons';
import { useConsole } from '../app/context.ts';
import { formatLocale, t } from '../i18n/index.ts';
import { receivedAfter, timelineOf, type TimelineItem } from '../model/timeline.ts';
import { dayName } from '../model/time-words.ts';
import { movedEnd, shownRange, type SeqRange } from '../model/window.ts';
import { Icon } from '../ui/icon.tsx';
import { visitorName } from '../ui/names.ts';
import { LogSkeleton } from '../ui/skeleton.tsx';
import { Message } from './message.tsx';

/** This near to the end counts as the end. */
const bottomPx = 48;
/** Older messages are fetched before the reader arrives at the first one. */
const earlierPx = 400;

type Notice = Extract<TimelineItem, { kind: 'notice' }>;

function noticeWords({ event }: Notice, me: string, visitor: string): string {
  const own = event.from.id === me;
  const name = event.from.role === 'visitor' ? visitor : (event.from.name ?? '');
  if (event.kind === 'closed') return own ? t('byYouClosed') : t('closedBy', { name });
  return own ? t('byYouReopened') : t('reopenedBy', { name });
}

function Item({ item, state }: { readonly item: TimelineItem; readonly state: ConversationState }) {
  const { store } = useConsole();
  switch (item.kind) {
    case 'message':
      return <Message item={item} visitor={state.visitor.id} />;
    case 'day':
      return (
        <li class="day">
          <span>{dayName(item.at, store.now.value, formatLocale.value)}</span>
        </li>
      );
    case 'unread':
      return (
        <li class="unread-divider">
          <span>{t('unreadDivider')}</span>
        </li>
      );
    case 'notice':
      return (
        <li class="notice">
          <span>{noticeWords(item, store.agent.id, visitorName(state.visitor.id))}</span>
        </li>
      );
  }
}

interface Anchor {
  readonly key: string;
  readonly top: number;
}

/** The first message that is in sight, and where. */
function anchorOf(scroller: HTMLElement): Anchor | null {
  const { top } = scroller.getBoundingClientRect();
  for (const element of scroller.querySelectorAll<HTMLElement>('[data-message]')) {
    const box = element.getBoundingClientRect();
    if (box.bottom > top) return { key: element.dataset.message ?? '', top: box.top };
  }
  return null;
}

/** Puts it back where it was, whatever was put in above it. */
function restore(scroller: HTMLElement, { key, top }: Anchor): void {
  const element = scroller.querySelector(`[data-message="${CSS.escape(key)}"]`);
  if (element) scroller.scrollTop += element.getBoundingClientRect().top - top;
}

const seqRange = (events: readonly LogEvent[]): SeqRange => ({
  from: events[0]?.seq ?? 1,
  to: events.at(-1)?.seq ?? 0,
});

export interface LogProps {
  readonly view: ConversationView;
  readonly state: ConversationState;
  /** The person looks at this window. */
  readonly looking: boolean;
}

export function Log({ view, state, looking }: LogProps) {
  const { store } = useConsole();
  const { conv } = state;
  const scroller = useRef<HTMLDivElement>(null);
  /** The end of the log is, and stays, in sight. */
  const sticks = useRef(true);
  const [atBottom, setAtBottom] = useState(true);
  const [end, setEnd] = useState<number | null>(null);
  const [leftAt, setLeftAt] = useState(0);
  const [unreadAfter, setUnreadAfter] = useState<number | null>(() =>
    view.marks.agent.seen < (view.events.at(-1)?.seq ?? 0) ? view.marks.agent.seen : null,
  );

  const log = seqRange(view.events);
  const shown = shownRange(log, end);
  const whole = shown.to === log.to;
  const items = useMemo(
    () =>
      timelineOf({
        events: view.events.slice(shown.from - log.from, shown.to - log.from + 1),
        unsent: whole ? view.pending.map((item) => ({ ...item, failure: item.error })) : [],
        me: store.agent,
        visitor_delivered: view.marks.visitor.delivered,
        visitor_seen: view.marks.visitor.seen,
        unreadAfter,
      }),
    [view, shown.from, shown.to, unreadAfter],
  );

  // Read before the update, put back after it.
  const anchor = scroller.current !== null && !sticks.current ? anchorOf(scroller.current) : null;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    if (sticks.current) element.scrollTop = element.scrollHeight;
    else if (anchor !== null) restore(element, anchor);
  }, [items]);

  // Opened at the first unread message, if there is more of it than fits.
  useLayoutEffect(() => {
    const element = scroller.current;
    const divider = element?.querySelector<HTMLElement>('.unread-divider');
    if (!element || !divider) return;
    const above = divider.getBoundingClientRect().top - element.getBoundingClientRect().top;
    if (above < 0) element.scrollTop += above - 16;
    onScroll();
  }, []);

  useEffect(() => {
    const element = scroller.current;
    if (element === null || typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(() => {
      if (sticks.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // A short page may leave the scroller without a scroll bar to ask for more with.
  useEffect(() => {
    const element = scroller.current;
    if (element !== null && view.more && element.scrollHeight <= element.clientHeight) store.loadEarlier(conv);
  }, [view]);

  useEffect(() => {
    if (looking && atBottom && log.to > 0) store.markSeen(conv, log.to);
  }, [looking, atBottom, log.to]);

  // Whoever comes back sees what is new since.
  useEffect(() => {
    if (!looking) setUnreadAfter(log.to);
  }, [looking]);

  // An own message is a wish to be at the end.
  const pendingCount = view.pending.length;
  const knownPending = useRef(pendingCount);
  useLayoutEffect(() => {
    if (pendingCount > knownPending.current) toBottom();
    knownPending.current = pendingCount;
  }, [pendingCount]);

  function onScroll(): void {
    const element = scroller.current;
    if (element === null) return;
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    const bottom = whole && left < bottomPx;
    sticks.current = bottom;
    if (bottom !== atBottom) {
      setAtBottom(bottom);
      if (!bottom) setLeftAt(log.to);
    }
    // At the end nobody asks for what is before: a page may arrive in parts, each one higher than the last.
    if (bottom) return;
    if (element.scrollTop < earlierPx) {
      if (shown.from > log.from) setEnd(movedEnd(log, end, -1));
      else if (view.more) store.loadEarlier(conv);
    } else if (!whole && left < earlierPx) {
      setEnd(movedEnd(log, end, 1));
    }
  }

  function toBottom(): void {
    sticks.current = true;
    setEnd(null);
    setAtBottom(true);
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }

  const fresh = atBottom ? 0 : receivedAfter(view.events, leftAt, store.agent.id);

  return (
    <div class="log-place">
      <div
        class="log"
        ref={scroller}
        role="log"
        aria-live={atBottom ? 'polite' : 'off'}
        aria-label={t('messages')}
        aria-busy={view.loadingEarlier}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div class="log-top">
          {view.loadingEarlier && <span class="muted">{t('loadingEarlier')}</span>}
          {!view.more && shown.from === log.from && log.to > 0 && <span class="muted">{t('conversationStart')}</span>}
        </div>
        <ol class="timeline">
          {items.map((item) => (
            <Item key={item.key} item={item} state={state} />
          ))}
        </ol>
      </div>
      {!atBottom && (
        <button type="button" class={fresh > 0 ? 'pill pill-new' : 'pill'} onClick={toBottom}>
          <Icon path={iconArrowDown} size={15} />
          <span>{fresh > 0 ? t('newMessages', { count: fresh }) : t('toNewest')}</span>
        </button>
      )}
    </div>
  );
}

export function LogLoading() {
  return (
    <div class="log-place">
      <p class="visually-hidden" role="status">
        {t('loadingMessages')}
      </p>
      <LogSkeleton />
    </div>
  );
}
