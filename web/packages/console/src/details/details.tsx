import type { ComponentChildren } from 'preact';
import { iconClose } from '@clearline/tokens/icons';
import type { ConversationState } from '@clearline/protocol';
import { useConsole } from '../app/context.ts';
import { formatLocale, t } from '../i18n/index.ts';
import { ago, fullTime } from '../model/time-words.ts';
import { Avatar } from '../ui/avatar.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { visitorLetters, visitorName } from '../ui/names.ts';

function Fact({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Id({ value, label }: { readonly value: string; readonly label: string }) {
  return (
    <span class="id">
      <code dir="ltr">{value}</code>
      <CopyButton text={value} label={`${t('copy')}: ${label}`} quiet />
    </span>
  );
}

export function Details({ state }: { readonly state: ConversationState }) {
  const { store, detailsOpen } = useConsole();
  const locale = formatLocale.value;
  const { visitor } = state;
  const site = store.sites.value.find(({ site: key }) => key === state.site);
  return (
    <aside class="details" aria-label={t('details')}>
      <header class="pane-head">
        <h2 class="pane-title">{t('details')}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={t('hideDetails')}
          title={t('hideDetails')}
          onClick={() => (detailsOpen.value = false)}
        >
          <Icon path={iconClose} />
        </button>
      </header>
      <div class="details-body">
        <div class="details-person">
          <Avatar id={visitor.id} letters={visitorLetters(visitor.id)} size="large" online={visitor.online} />
          <strong>{visitorName(visitor.id)}</strong>
          <span class={visitor.online ? 'presence presence-online' : 'presence'}>
            {t(visitor.online ? 'online' : 'offline')}
          </span>
        </div>
        <dl class="facts">
          <Fact label={t('firstSeen')}>{fullTime(state.created_at, locale)}</Fact>
          <Fact label={t('lastActivity')}>
            <span title={fullTime(state.last_at, locale)}>{ago(state.last_at, store.now.value, locale)}</span>
          </Fact>
          <Fact label={t('site')}>{site?.name ?? state.site}</Fact>
          <Fact label={t('status')}>{t(state.status)}</Fact>
          <Fact label={t('visitorId')}>
            <Id value={visitor.id} label={t('visitorId')} />
          </Fact>
          <Fact label={t('conversationId')}>
            <Id value={state.conv} label={t('conversationId')} />
          </Fact>
        </dl>
      </div>
    </aside>
  );
}
