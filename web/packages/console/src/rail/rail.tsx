import { useComputed } from '@preact/signals';
import {
  iconArchive,
  iconChat,
  iconInbox,
  iconKeyboard,
  iconMonitor,
  iconMoon,
  iconSignOut,
  iconSun,
} from '@clearline/tokens/icons';
import { useConsole } from '../app/context.ts';
import { themes, type Theme } from '../app/preferences.ts';
import { isLocale, locales, t, type WordKey } from '../i18n/index.ts';
import { unreadConversations, type Status } from '../model/inbox.ts';
import { formatRoute } from '../model/route.ts';
import { Avatar, initial } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { Popover } from '../ui/popover.tsx';
import { ConnectionStatus } from './connection-status.tsx';

function SiteSwitcher() {
  const { store, go } = useConsole();
  const site = store.site.value;
  const sites = store.sites.value;
  if (site === null) return <span class="site-name">{t('product')}</span>;
  if (sites.length === 1) {
    return (
      <span class="site-name" title={site.name}>
        {site.name}
      </span>
    );
  }
  return (
    <select
      class="site-select"
      aria-label={t('site')}
      value={site.site}
      onChange={(event) => go({ site: event.currentTarget.value, conv: null })}
    >
      {sites.map(({ site: key, name }) => {
        const unread = unreadConversations(store.inbox.value, store.seenHere.value, key);
        return (
          <option key={key} value={key}>
            {unread > 0 ? `${name} (${unread})` : name}
          </option>
        );
      })}
    </select>
  );
}

function ListLink({ status, icon }: { readonly status: Status; readonly icon: string }) {
  const { store, route, go } = useConsole();
  const site = store.site.value?.site ?? null;
  const unread = useComputed(() =>
    status === 'open' && store.site.value !== null
      ? unreadConversations(store.inbox.value, store.seenHere.value, store.site.value.site)
      : 0,
  ).value;
  const target = { site, status, conv: null };
  return (
    <a
      class="rail-link"
      href={formatRoute(target)}
      aria-current={route.value.status === status ? 'page' : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(target);
      }}
    >
      <Icon path={icon} />
      <span class="rail-link-words">{t(status)}</span>
      {unread > 0 && (
        <span class="count">
          <span aria-hidden="true">{unread}</span>
          <span class="visually-hidden">{t('unreadConversations', { count: unread })}</span>
        </span>
      )}
    </a>
  );
}

const themeIcons: Record<Theme, string> = { system: iconMonitor, light: iconSun, dark: iconMoon };
const themeWords: Record<Theme, WordKey> = { system: 'themeSystem', light: 'themeLight', dark: 'themeDark' };

function ThemeChoice() {
  const { preferences } = useConsole();
  return (
    <fieldset class="segments">
      <legend class="field-label">{t('theme')}</legend>
      <div class="segments-track">
        {themes.map((theme) => (
          <label key={theme} class="segment">
            <input
              type="radio"
              name="theme"
              value={theme}
              checked={preferences.theme.value === theme}
              onChange={() => (preferences.theme.value = theme)}
            />
            <span class="segment-face">
              <Icon path={themeIcons[theme]} size={15} />
              {t(themeWords[theme])}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function LanguageChoice() {
  const { preferences } = useConsole();
  return (
    <label class="field">
      <span class="field-label">{t('language')}</span>
      <select
        class="select"
        value={preferences.locale.value}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (isLocale(value)) preferences.locale.value = value;
        }}
      >
        {locales.map(({ locale, name }) => (
          <option key={locale} value={locale} lang={locale}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function AgentMenu({ place }: { readonly place: 'above' | 'below' }) {
  const { store, helpOpen, signOut } = useConsole();
  const { agent } = store;
  return (
    <Popover
      label={t('settings')}
      place={place}
      triggerClass="rail-agent"
      trigger={
        <>
          <Avatar id={agent.id} letters={initial(agent.display_name)} size="small" />
          <span class="rail-agent-name">{agent.display_name}</span>
        </>
      }
    >
      {(close) => (
        <div class="agent-menu">
          <div class="agent-menu-head">
            <Avatar id={agent.id} letters={initial(agent.display_name)} />
            <span>
              <strong>{agent.display_name}</strong>
              <span class="muted">{t(agent.role === 'admin' ? 'role_admin' : 'role_agent')}</span>
            </span>
          </div>
          <ThemeChoice />
          <LanguageChoice />
          <button
            type="button"
            class="menu-item"
            onClick={() => {
              close();
              helpOpen.value = true;
            }}
          >
            <Icon path={iconKeyboard} />
            <span>{t('keyboardShortcuts')}</span>
            <kbd>?</kbd>
          </button>
          <button type="button" class="menu-item" onClick={signOut}>
            <Icon path={iconSignOut} directed />
            <span>{t('signOut')}</span>
          </button>
        </div>
      )}
    </Popover>
  );
}

export function Rail() {
  const place = useConsole().narrow.value ? 'below' : 'above';
  return (
    <nav class="rail" aria-label={t('mainNavigation')}>
      <div class="rail-head">
        <span class="logo" aria-hidden="true">
          <Icon path={iconChat} size={17} />
        </span>
        <SiteSwitcher />
      </div>
      <div class="rail-links">
        <ListLink status="open" icon={iconInbox} />
        <ListLink status="closed" icon={iconArchive} />
      </div>
      <div class="rail-foot">
        <ConnectionStatus place={place} />
        <AgentMenu place={place} />
      </div>
    </nav>
  );
}
