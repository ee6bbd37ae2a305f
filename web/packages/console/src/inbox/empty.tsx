import type { Site } from '@clearline/protocol';
import { iconArchive, iconExternal, iconInbox } from '@clearline/tokens/icons';
import { t } from '../i18n/index.ts';
import type { Status } from '../model/inbox.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';

/** The one line that puts the widget into a page. */
export function scriptTag(origin: string, site: string): string {
  const escaped = site.replace(/&/g, '&amp;').replace(/"/g, '&quot;');
  return `<script src="${origin}/widget.js" data-site="${escaped}" async></script>`;
}

export function EmptyList({ status, site }: { readonly status: Status; readonly site: Site | null }) {
  if (status === 'closed') {
    return (
      <div class="empty">
        <span class="empty-picture">
          <Icon path={iconArchive} size={26} />
        </span>
        <h2>{t('emptyClosedTitle')}</h2>
        <p>{t('emptyClosedLead')}</p>
      </div>
    );
  }
  const tag = scriptTag(window.location.origin, site?.site ?? '');
  return (
    <div class="empty">
      <span class="empty-picture">
        <Icon path={iconInbox} size={26} />
      </span>
      <h2>{t('emptyOpenTitle')}</h2>
      <p>{t('emptyOpenLead')}</p>
      <code class="code" dir="ltr" tabIndex={0}>
        {tag}
      </code>
      <div class="empty-actions">
        <CopyButton text={tag} />
        <a class="button button-small" href="/demo/" target="_blank" rel="noopener">
          <Icon path={iconExternal} size={15} directed />
          {t('tryDemo')}
        </a>
      </div>
    </div>
  );
}
