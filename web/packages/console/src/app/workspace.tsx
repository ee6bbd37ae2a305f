// The panes, and what the keyboard does to them.
import { useEffect, useMemo } from 'preact/hooks';
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { notSentText, type Agent } from '@clearline/protocol';
import { iconClose } from '@clearline/tokens/icons';
import { ConversationPane } from '../conversation/conversation.tsx';
import { replyFieldId } from '../conversation/composer.tsx';
import { Details } from '../details/details.tsx';
import { sentence, t } from '../i18n/index.ts';
import { InboxList } from '../inbox/list.tsx';
import { commandOf, type Command } from '../model/keymap.ts';
import { ConnectionBar } from '../rail/connection-bar.tsx';
import { Rail } from '../rail/rail.tsx';
import { Icon } from '../ui/icon.tsx';
import { ConsoleProvider, useConsole, type Console } from './context.ts';
import { Help } from './help.tsx';
import type { Preferences } from './preferences.ts';
import type { Router } from './router.ts';
import type { Store } from './store.ts';
import { showUnread } from './title.ts';
import { useLooking, useMatches, useOffline } from './window-state.ts';

interface WorkspaceProps {
  readonly store: Store;
  readonly preferences: Preferences;
  readonly router: Router;
  readonly signOut: (agent: Agent) => void;
}

const tickMs = 5_000;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.matches('input, textarea, select') || target.isContentEditable);
}

function focusById(id: string): void {
  document.getElementById(id)?.focus();
}

function Notice() {
  const { store } = useConsole();
  const notice = store.notice.value;
  return (
    <div class="toast-place" role="alert">
      {notice !== null && (
        <div class="toast">
          <span>{sentence(notSentText(notice))}</span>
          <button
            type="button"
            class="icon-button icon-button-small"
            aria-label={t('close')}
            onClick={() => (store.notice.value = null)}
          >
            <Icon path={iconClose} size={15} />
          </button>
        </div>
      )}
    </div>
  );
}

export function Workspace({ store, preferences, router, signOut }: WorkspaceProps) {
  const wide = useMatches('(min-width: 1100px)');
  const narrow = useMatches('(max-width: 719.98px)');
  const looking = useLooking();
  const offline = useOffline();
  const helpOpen = useSignal(false);
  const drawerOpen = useSignal(false);
  // Beside the conversation the details are a choice that lasts; above it they are a look.
  const detailsOpen = wide.value ? preferences.details : drawerOpen;
  const selected = useComputed(() => store.selected.value).value;
  const state = store.selectedState.value;

  const console = useMemo<Console>(
    () => ({
      store,
      preferences,
      route: router.route,
      wide,
      narrow,
      helpOpen,
      detailsOpen,
      offline,
      go: (change) => router.go({ ...currentPlace(), ...change }),
      signOut: () => signOut(store.agent),
    }),
    [store, detailsOpen],
  );

  function currentPlace() {
    const route = router.route.peek();
    return { ...route, site: store.site.peek()?.site ?? route.site };
  }

  useEffect(() => {
    const tick = (): void => store.tick(Date.now());
    tick();
    const timer = setInterval(tick, tickMs);
    return () => clearInterval(timer);
  }, [store]);

  useSignalEffect(() => showUnread(document, store.unread.value, t('product')));

  // Whoever opens a conversation wants to read and answer. On a phone the keyboard would cover what is to be read.
  useEffect(() => {
    drawerOpen.value = false;
    if (selected !== null) focusById(narrow.peek() ? 'conversation-title' : replyFieldId);
  }, [selected, state === null]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
      const command = commandOf(event, isTyping(event.target));
      if (command !== null && run(command)) event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [console]);

  /** @returns whether there was something to do */
  function run(command: Command): boolean {
    const conv = store.selected.peek();
    switch (command) {
      case 'next_conversation':
        return step(1);
      case 'previous_conversation':
        return step(-1);
      case 'close_conversation':
        if (conv === null || store.selectedState.peek()?.status !== 'open') return false;
        void store.closeConversation(conv);
        return true;
      case 'focus_reply':
        focusById(replyFieldId);
        return true;
      case 'toggle_details':
        if (conv === null) return false;
        console.detailsOpen.value = !console.detailsOpen.peek();
        return true;
      case 'help':
        helpOpen.value = true;
        return true;
      case 'escape':
        return escape();
    }
  }

  function step(by: 1 | -1): boolean {
    const rows = store.rows.peek();
    const index = rows.findIndex(({ conv }) => conv === store.selected.peek());
    const next = index < 0 ? rows[0] : rows[index + by];
    if (next !== undefined) console.go({ conv: next.conv, status: next.status });
    return true;
  }

  function escape(): boolean {
    if (drawerOpen.peek() && !wide.peek()) {
      drawerOpen.value = false;
      return true;
    }
    const conv = store.selected.peek();
    if (document.activeElement?.id === replyFieldId && conv !== null) {
      const row = document.querySelector<HTMLElement>(`a[data-conv="${CSS.escape(conv)}"]`);
      if (row !== null) row.focus();
      else (document.activeElement as HTMLElement).blur();
      return true;
    }
    if (narrow.peek() && conv !== null) {
      console.go({ conv: null });
      return true;
    }
    return false;
  }

  const showsDetails = state !== null && selected !== null && detailsOpen.value;
  return (
    <ConsoleProvider value={console}>
      <div class={selected === null ? 'workspace' : 'workspace workspace-conversation'}>
        <ConnectionBar />
        <div class={showsDetails && wide.value ? 'panes panes-details' : 'panes'}>
          <Rail />
          <main class="main">
            <InboxList />
            <ConversationPane conv={selected} looking={looking.value} />
          </main>
          {showsDetails && (
            <>
              {!wide.value && <div class="scrim" onClick={() => (drawerOpen.value = false)} />}
              <Details state={state} />
            </>
          )}
        </div>
        <Notice />
        {helpOpen.value && <Help onClose={() => (helpOpen.value = false)} />}
      </div>
    </ConsoleProvider>
  );
}
