// Who is here: nobody known yet, somebody who must sign in, or an agent with a workspace.
import { useEffect } from 'preact/hooks';
import { useSignal, useSignalEffect } from '@preact/signals';
import { CredentialRefused, bindPage, type Environment, type KeyValueStorage } from '@clearline/sdk';
import type { Agent } from '@clearline/protocol';
import { closeCode } from '@clearline/protocol';
import { direction, locale, setLocale, t, type WordKey } from '../i18n/index.ts';
import { needsSignIn } from '../model/connection-words.ts';
import { SignIn } from '../sign-in/sign-in.tsx';
import type { Api } from './api.ts';
import type { Preferences } from './preferences.ts';
import type { Router } from './router.ts';
import { Store } from './store.ts';
import { showUnread } from './title.ts';
import { Workspace } from './workspace.tsx';

type Session =
  | { readonly phase: 'checking' }
  | { readonly phase: 'unreachable' }
  | { readonly phase: 'signed_out'; readonly reason: WordKey | null }
  | { readonly phase: 'signed_in'; readonly store: Store };

export interface AppProps {
  readonly api: Api;
  readonly preferences: Preferences;
  readonly router: Router;
  readonly socketUrl: string;
  readonly storage: KeyValueStorage | null;
  readonly environment?: Partial<Environment>;
}

const recheckMs = 3_000;

export function App({ api, preferences, router, socketUrl, storage, environment }: AppProps) {
  const session = useSignal<Session>({ phase: 'checking' });

  /** `ticket`: one that came with signing in; it is as good as one that is asked for. */
  function signedIn(agent: Agent, ticket: string | null): void {
    let first = ticket;
    const getTicket = async (): Promise<string> => {
      const known = first;
      first = null;
      if (known !== null) return known;
      const result = await api.ticket();
      if (result.outcome === 'ok') return result.ticket;
      if (result.outcome === 'none') throw new CredentialRefused();
      throw new Error('no ticket: the server cannot be reached');
    };
    const store = new Store({
      agent,
      socketUrl,
      getTicket,
      storage,
      route: router.route,
      sort: preferences.sort,
      visible: () => document.visibilityState === 'visible',
      ...(environment ? { environment } : {}),
    });
    bindPage(store.client, window, document);
    session.value = { phase: 'signed_in', store };
    store.start();
  }

  async function check(): Promise<void> {
    const result = await api.session();
    const { phase } = session.peek();
    if (phase !== 'checking' && phase !== 'unreachable') return;
    if (result.outcome === 'ok') signedIn(result.agent, null);
    else if (result.outcome === 'none') session.value = { phase: 'signed_out', reason: null };
    else session.value = { phase: 'unreachable' };
  }

  function leave(store: Store, reason: WordKey | null): void {
    store.stop();
    session.value = { phase: 'signed_out', reason };
  }

  async function signOut(): Promise<void> {
    const now = session.peek();
    if (now.phase !== 'signed_in') return;
    leave(now.store, null);
    await api.signOut();
  }

  useEffect(() => {
    void check();
  }, []);

  // A server that is away is asked again: it may be starting.
  useSignalEffect(() => {
    if (session.value.phase !== 'unreachable') return undefined;
    const timer = setInterval(() => void check(), recheckMs);
    return () => clearInterval(timer);
  });

  useSignalEffect(() => {
    const now = session.value;
    if (now.phase !== 'signed_in' || !needsSignIn(now.store.connection.value)) return;
    const elsewhere = now.store.connection.value.ending?.status === closeCode.signed_out_elsewhere;
    leave(now.store, elsewhere ? 'signedOutElsewhere' : 'sessionEnded');
  });

  useSignalEffect(() => {
    const { theme } = preferences;
    if (theme.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });

  useSignalEffect(() => {
    setLocale(preferences.locale.value).catch(() => {
      // The language could not be loaded: the page goes on in the one that it has.
    });
  });

  useSignalEffect(() => {
    document.documentElement.lang = locale.value;
    document.documentElement.dir = direction.value;
    if (session.value.phase !== 'signed_in') showUnread(document, 0, t('product'));
  });

  const now = session.value;
  switch (now.phase) {
    case 'checking':
      return (
        <main class="splash" aria-busy="true">
          <p class="splash-words" role="status">
            {t('checkingSession')}
          </p>
        </main>
      );
    case 'unreachable':
      return (
        <main class="splash">
          <p role="alert">{t('serverUnreachable')}</p>
          <button type="button" class="button" onClick={() => void check()}>
            {t('retry')}
          </button>
        </main>
      );
    case 'signed_out':
      return <SignIn api={api} reason={now.reason} onSignedIn={signedIn} />;
    case 'signed_in':
      return <Workspace store={now.store} preferences={preferences} router={router} signOut={() => void signOut()} />;
  }
}
