// How people and times are called on the screen.
import type { ConversationSummary, VisitorId } from '@clearline/protocol';
import { t } from '../i18n/index.ts';
import { shortId } from '../model/visitor-label.ts';

export function visitorName(id: VisitorId): string {
  return t('visitor', { id: shortId(id) });
}

/** The last two digits of what tells visitors apart: ids count up, so these differ first. */
export function visitorLetters(id: VisitorId): string {
  return shortId(id).slice(-2);
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
