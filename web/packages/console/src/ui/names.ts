// How people and times are called on the screen.
import type { ConversationSummary, VisitorId } from '@clearline/protocol';
import { t } from '../i18n/index.ts';
import { shortId } from '../model/visitor-label.ts';

export function visitorName(id: VisitorId): string {
  return t('visitor', { id: shortId(id) });
}

/** The first two digits of what tells visitors apart: enough for an avatar. */
export function visitorLetters(id: VisitorId): string {
  return shortId(id).slice(0, 2);
}

/** The line under the name in a list. */
export function preview({ last }: ConversationSummary): string {
  switch (last?.kind) {
    case undefined:
      return t('previewEmpty');
    case 'closed':
      return t('previewClosed');
    case 'reopened':
      return t('previewReopened');
    default: {
      const text = last?.text ?? '';
      return last?.role === 'agent' ? t('previewAnswer', { text }) : text;
    }
  }
}
