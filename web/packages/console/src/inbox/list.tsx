import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ConversationSummary } from '@clearline/protocol';
import { iconSort } from '@clearline/tokens/icons';
import { useConsole } from '../app/context.ts';
import { t } from '../i18n/index.ts';
import { isFresh, listOf, unreadOf, type Sort } from '../model/inbox.ts';
import { movedIndex } from '../model/keymap.ts';
import { visibleRows } from '../model/window.ts';
import { Icon } from '../ui/icon.tsx';
import { ListSkeleton } from '../ui/skeleton.tsx';
import { EmptyList } from './empty.tsx';
import { Row } from './row.tsx';

/** As in the style sheet. */
export const rowHeightPx = 68;
/** Up to here a browser is quick with all of them. */
const windowedAbove = 200;
const overscan = 8;
const loadMoreAtPx = 600;

/** The rows, all of them or those around the scroll position, with one tab stop and the arrow keys. */
function Rows({ rows }: { readonly rows: readonly ConversationSummary[] }) {
  const { store, go, route } = useConsole();
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 900 });
  const [focused, setFocused] = useState<number | null>(null);
  const wantsFocus = useRef<number | null>(null);
  const selected = store.selected.value;
  const list = listOf(store.inbox.value, rows[0]?.site ?? '', rows[0]?.status ?? 'open');

  const windowed = rows.length > windowedAbove;
  const range = windowed
    ? visibleRows(view.top, view.height, rowHeightPx, rows.length, overscan)
    : { start: 0, end: rows.length };
  const selectedIndex = rows.findIndex(({ conv }) => conv === selected);
  const tabStop = Math.min(focused ?? Math.max(0, selectedIndex), rows.length - 1);

  useLayoutEffect(() => {
    const index = wantsFocus.current;
    if (index === null) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);
    if (!row) return;
    wantsFocus.current = null;
    row.focus();
  });

  // Next and previous conversation by keyboard: the selected row comes into sight.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || selectedIndex < 0) return;
    const top = selectedIndex * rowHeightPx;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeightPx > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + rowHeightPx - element.clientHeight;
    }
  }, [selected]);

  function onScroll(): void {
    const element = scroller.current;
    if (element === null) return;
    if (windowed) setView({ top: element.scrollTop, height: element.clientHeight });
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    const site = store.site.value;
    if (left < loadMoreAtPx && list.more && site !== null) store.loadMore(site.site, route.value.status);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = movedIndex(event.key, tabStop, rows.length);
    const element = scroller.current;
    if (next === null || element === null) return;
    event.preventDefault();
    wantsFocus.current = next;
    setFocused(next);
    const top = next * rowHeightPx;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeightPx > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + rowHeightPx - element.clientHeight;
    }
    if (windowed) setView({ top: element.scrollTop, height: element.clientHeight });
  }

  return (
    <div class="rows" ref={scroller} onScroll={onScroll} onKeyDown={onKeyDown}>
      {/* The padding stands for the rows that are not in the document; a scroller's own padding would make it grow. */}
      <ul
        aria-label={t(route.value.status === 'open' ? 'openConversations' : 'closedConversations')}
        style={{
          paddingBlockStart: `${range.start * rowHeightPx}px`,
          paddingBlockEnd: `${(rows.length - range.end) * rowHeightPx}px`,
        }}
      >
        {rows.slice(range.start, range.end).map((summary, offset) => {
          const index = range.start + offset;
          return (
            <Row
              key={summary.conv}
              summary={summary}
              index={index}
              count={rows.length}
              unread={unreadOf(summary, store.seenHere.value.get(summary.conv))}
              typing={store.typing.value.has(summary.conv)}
              selected={summary.conv === selected}
              tabbable={index === tabStop}
              now={store.now.value}
              onFocus={setFocused}
              onOpen={({ conv, site, status }) => go({ site, status, conv })}
            />
          );
        })}
      </ul>
    </div>
  );
}

function SortChoice() {
  const { preferences } = useConsole();
  return (
    <label class="sort">
      <Icon path={iconSort} size={15} />
      <span class="visually-hidden">{t('sort')}</span>
      <select
        value={preferences.sort.value}
        onChange={(event) => (preferences.sort.value = event.currentTarget.value as Sort)}
      >
        <option value="activity">{t('sortActivity')}</option>
        <option value="waiting">{t('sortWaiting')}</option>
      </select>
    </label>
  );
}

export function InboxList() {
  const { store, route } = useConsole();
  const { status } = route.value;
  const site = store.site.value;
  const rows = store.rows.value;
  const name = site === null ? '' : `${status} ${site.site}`;
  const loaded = site !== null && listOf(store.inbox.value, site.site, status).generation > 0;
  const fresh = site !== null && isFresh(store.inbox.value, site.site, status);
  const failed = store.failedLists.value.has(name);

  return (
    <section class="list" aria-label={t(status === 'open' ? 'openConversations' : 'closedConversations')}>
      <header class="pane-head">
        <h1 class="pane-title">{t(status)}</h1>
        {rows.length > 0 && status === 'open' && <SortChoice />}
      </header>
      <div class="list-body" aria-busy={!fresh && !failed}>
        {failed && site !== null && (
          <div class="callout callout-danger list-problem" role="alert">
            <span>{t('listFailed')}</span>
            <button type="button" class="button button-small" onClick={() => store.loadMore(site.site, status)}>
              {t('retry')}
            </button>
          </div>
        )}
        {rows.length > 0 && <Rows key={name} rows={rows} />}
        {rows.length === 0 && loaded && <EmptyList status={status} site={site} />}
        {!loaded && !failed && store.welcome.value !== null && site === null && (
          <div class="empty">
            <h2>{t('noSitesTitle')}</h2>
            <p>{t('noSitesLead')}</p>
          </div>
        )}
        {!loaded && !failed && (site !== null || store.welcome.value === null) && (
          <>
            <p class="visually-hidden" role="status">
              {t('loadingConversations')}
            </p>
            <ListSkeleton />
          </>
        )}
      </div>
    </section>
  );
}
