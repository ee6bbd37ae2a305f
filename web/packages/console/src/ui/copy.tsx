import { useEffect, useState } from 'preact/hooks';
import { iconCheck, iconCopy } from '@clearline/tokens/icons';
import { t } from '../i18n/index.ts';
import { Icon } from './icon.tsx';

const copiedShownMs = 2_000;

/** The clipboard needs a secure context; a console in an intranet may be on http. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    document.body.append(area);
    area.select();
    // Deprecated, and the only way left there.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

interface CopyButtonProps {
  readonly text: string;
  readonly label?: string;
  readonly quiet?: boolean;
}

export function CopyButton({ text, label, quiet = false }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), copiedShownMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const words = copied ? t('copied') : (label ?? t('copy'));
  return (
    <button
      type="button"
      class={quiet ? 'icon-button icon-button-small' : 'button button-small'}
      aria-label={quiet ? words : undefined}
      title={quiet ? words : undefined}
      onClick={() => void copyText(text).then(setCopied)}
    >
      <Icon path={copied ? iconCheck : iconCopy} size={15} />
      {!quiet && <span aria-live="polite">{words}</span>}
    </button>
  );
}
