import type { ConversationId, ConversationState } from '@clearline/protocol';
import type { ConversationView } from '@clearline/sdk';
import { iconAlert, iconArchive, iconChat, iconChevronStart, iconDetails } from '@clearline/tokens/icons';
import { useConsole } from '../app/context.ts';
import { formatLocale, t } from '../i18n/index.ts';
import { ago } from '../model/time-words.ts';
import { shortcuts } from '../model/keymap.ts';
import { ConnectionDot } from '../rail/connection-status.tsx';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { visitorLetters, visitorName } from '../ui/names.ts';
import { Composer } from './composer.tsx';
import { Log, LogLoading } from './log.tsx';

function BackButton() {
  const { go } = useConsole();
  return (
    <button
      type="button"
      class="icon-button back"
      aria-label={t('back')}
      title={t('back')}
      onClick={() => go({ conv: null })}
    >
      <Icon path={iconChevronStart} directed size={20} />
    </button>
  );
}

function Head({ state }: { readonly state: ConversationState }) {
  const { store, detailsOpen, narrow } = useConsole();
  const { visitor, status } = state;
  const site = store.sites.value.find(({ site: key }) => key === state.site);
  // Alone on the screen it is what the page is about.
  const Heading = narrow.value ? 'h1' : 'h2';
  return (
    <header class="pane-head conversation-head">
      <BackButton />
      <Avatar id={visitor.id} letters={visitorLetters(visitor.id)} online={visitor.online} />
      <div class="conversation-names">
        <Heading class="pane-title" id="conversation-title" tabIndex={-1}>
          {visitorName(visitor.id)}
        </Heading>
        <p class="conversation-sub">
          <span class={visitor.online ? 'presence presence-online' : 'presence'}>
            {visitor.online
              ? t('online')
              : `${t('lastActivity')}: ${ago(state.last_at, store.now.value, formatLocale.value)}`}
          </span>
          {store.sites.value.length > 1 && site !== undefined && <span>{site.name}</span>}
        </p>
      </div>
      <span class={`chip chip-${status}`}>{t(status)}</span>
      <span class="conversation-line">
        <ConnectionDot />
      </span>
      {status === 'open' && (
        <button
          type="button"
          class="button"
          aria-label={t('closeConversationLong')}
          title={`${t('closeConversationLong')} (Alt+E)`}
          onClick={() => void store.closeConversation(state.conv)}
        >
          <Icon path={iconArchive} size={16} />
          <span class="button-words">{t('closeConversation')}</span>
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        aria-pressed={detailsOpen.value}
        aria-label={t('details')}
        title={`${t('details')} (Alt+O)`}
        onClick={() => (detailsOpen.value = !detailsOpen.value)}
      >
        <Icon path={iconDetails} directed />
      </button>
    </header>
  );
}

/** In a place of its own, so that its coming and going moves nothing. */
function TypingLine({ view, state }: { readonly view: ConversationView; readonly state: ConversationState }) {
  const typist = view.typing[0];
  const name = typist?.role === 'agent' ? (typist.name ?? '') : visitorName(state.visitor.id);
  return (
    <p class="typing-line" role="status">
      {typist !== undefined && (
        <>
          <span class="typing-dots" aria-hidden="true">
            <span />
            <span />
            <span />
          </span>
          {t('visitorTyping', { name })}
        </>
      )}
    </p>
  );
}

function NothingSelected() {
  return (
    <div class="empty empty-conversation">
      <span class="empty-picture">
        <Icon path={iconChat} size={28} />
      </span>
      <h2>{t('nothingSelectedTitle')}</h2>
      <p>{t('nothingSelectedLead')}</p>
      <p class="empty-keys" aria-hidden="true">
        {shortcuts.slice(0, 2).map(({ command, keys }) => (
          <span key={command}>
            {keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </span>
        ))}
      </p>
    </div>
  );
}

function Gone() {
  return (
    <>
      <header class="pane-head conversation-head">
        <BackButton />
        <h2 class="pane-title">{t('conversation')}</h2>
      </header>
      <div class="empty" role="alert">
        <span class="empty-picture">
          <Icon path={iconAlert} size={26} />
        </span>
        <p>{t('conversationGone')}</p>
      </div>
    </>
  );
}

/** The log's first page is here: the answer to `watch` comes before it. */
function hasPage(view: ConversationView, state: ConversationState): boolean {
  return view.loaded && (view.events.length > 0 || state.last_seq === 0);
}

export interface ConversationPaneProps {
  readonly conv: ConversationId | null;
  readonly looking: boolean;
}

export function ConversationPane({ conv, looking }: ConversationPaneProps) {
  const { store } = useConsole();
  const view = store.view.value;
  const state = store.selectedState.value;

  if (conv === null) {
    return (
      <section class="conversation" aria-label={t('conversation')}>
        <NothingSelected />
      </section>
    );
  }
  const present = view?.id === conv ? view : null;
  const refused = present !== null && present.problem !== null;
  const label = state === null ? t('conversation') : t('conversationWith', { name: visitorName(state.visitor.id) });
  return (
    <section class="conversation" aria-label={label} data-conv={conv}>
      {state === null && !refused && (
        <>
          <header class="pane-head conversation-head">
            <BackButton />
          </header>
          <LogLoading />
        </>
      )}
      {state === null && refused && <Gone />}
      {state !== null && (
        <>
          <Head state={state} />
          {present !== null && hasPage(present, state) ? (
            <Log key={conv} view={present} state={state} looking={looking} />
          ) : (
            <LogLoading />
          )}
          {present !== null && <TypingLine view={present} state={state} />}
          <Composer key={conv} state={state} />
        </>
      )}
    </section>
  );
}
