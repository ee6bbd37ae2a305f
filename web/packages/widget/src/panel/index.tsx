import { bindPage, createClient, type KeyValueStorage } from '@clearline/sdk';
import tokens from '@clearline/tokens/tokens.css?inline';
import { render } from 'preact';
import { liveKey, openKey, storagePrefix, type PanelControl, type WidgetContext } from '../context.ts';
import { Draft } from './draft.ts';
import { smallScreen } from './full-screen.ts';
import { loadLanguage } from './language.ts';
import { Launcher } from './launcher.ts';
import { Panel } from './panel.tsx';
import style from './panel.css?inline';
import { unreadCount } from './rows.ts';
import { fill } from '../i18n/texts.ts';

/** Called by the loader, once a page: the chat begins, with the panel still closed. */
export async function start(context: WidgetContext): Promise<PanelControl> {
  const { shadow, mount, origin, site } = context;
  const language = await loadLanguage(context.language);
  mount.lang = language.code;
  mount.dir = language.direction;
  addStyle(shadow, tokens + style);

  const prefix = storagePrefix(origin, site);
  const storage = localStorageOrNull();
  const client = createClient({
    url: `${origin.replace(/^http/, 'ws')}/ws`,
    role: 'visitor',
    site,
    info: { name: 'widget', version: __VERSION__ },
    storage,
    storagePrefix: prefix,
    visible: () => !document.hidden,
  });
  bindPage(client, window, document);

  const draft = new Draft(storage, `${prefix}draft`);
  const container = mount.appendChild(document.createElement('div'));
  let isOpen = false;
  let takeFocus = false;

  const draw = () => {
    const panel = (
      <Panel
        client={client}
        context={context}
        language={language}
        draft={draft}
        takeFocus={takeFocus}
        onClose={close}
      />
    );
    render(isOpen ? panel : null, container);
    announce();
  };
  const launcher = new Launcher(context.launcher);
  const announce = () => {
    const { view } = client.own;
    const unread = unreadCount(view, 'visitor');
    const { openChat, openChatUnread, closeChat } = language.ui;
    const label = isOpen ? closeChat : unread > 0 ? fill(openChatUnread, { count: unread }) : openChat;
    launcher.show(label, isOpen ? 0 : unread, isOpen);
  };
  const open = (withFocus: boolean) => {
    if (isOpen) return;
    isOpen = true;
    takeFocus = withFocus;
    remember(sessionStorageOrNull(), prefix + openKey, true);
    client.connect();
    draw();
  };
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    remember(sessionStorageOrNull(), prefix + openKey, false);
    draw();
    context.launcher.focus();
    // Without a word said there is nothing to wait for.
    if (!isLive()) client.disconnect();
  };
  const isLive = () => {
    const { view } = client.own;
    return view.pending.length > 0 || (view.events.length > 0 && view.state?.status !== 'closed');
  };

  client.on('conversation', ({ view }) => {
    if (view.loaded) remember(storage, prefix + liveKey, isLive());
    announce();
  });
  announce();

  return {
    toggle: () => {
      if (isOpen) close();
      else open(true);
    },
    restore: (wasOpen) => {
      // On a small screen it would hide the page that the person went to.
      if (wasOpen && !matchMedia(smallScreen).matches) open(false);
      else client.connect();
    },
  };
}

function addStyle(shadow: ShadowRoot, text: string): void {
  // Not a style element: the page's policy may forbid inline style, and constructed sheets are not inline.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
}

function remember(storage: KeyValueStorage | null, key: string, value: boolean): void {
  try {
    if (value) storage?.setItem(key, '1');
    else storage?.removeItem(key);
  } catch {
    // A full or forbidden storage: the next page then waits for a click.
  }
}

/** Reading the property alone may throw where storage is forbidden. */
function localStorageOrNull(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function sessionStorageOrNull(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
