import { useEffect, useRef } from 'preact/hooks';
import { iconClose } from '@clearline/tokens/icons';
import { t, type WordKey } from '../i18n/index.ts';
import { shortcuts } from '../model/keymap.ts';
import { Icon } from '../ui/icon.tsx';

export function Help({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="help-title"
      onClose={onClose}
      onClick={(event) => {
        // The backdrop belongs to the element itself, what is drawn on it does not.
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id="help-title">{t('helpTitle')}</h2>
          <button type="button" class="icon-button" aria-label={t('close')} onClick={onClose}>
            <Icon path={iconClose} />
          </button>
        </header>
        <dl class="shortcuts">
          {shortcuts.map(({ command, keys }) => (
            <div key={command}>
              <dt>{t(`command_${command}` satisfies WordKey)}</dt>
              <dd dir="ltr">
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
        <p class="muted">{t('helpLists')}</p>
      </div>
    </dialog>
  );
}
