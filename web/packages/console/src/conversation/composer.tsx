import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ConversationState } from '@clearline/protocol';
import { iconSend } from '@clearline/tokens/icons';
import { useConsole } from '../app/context.ts';
import { t } from '../i18n/index.ts';
import { Icon } from '../ui/icon.tsx';
import { visitorName } from '../ui/names.ts';

export const replyFieldId = 'reply';

/** Until a welcome says otherwise. */
const textBytesDefault = 16_384;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** As tall as its text, between the limits of the style sheet. */
function fitHeight(field: HTMLTextAreaElement): void {
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}

export function Composer({ state }: { readonly state: ConversationState }) {
  const { store } = useConsole();
  const { conv, status, visitor } = state;
  const [text, setText] = useState(() => store.drafts.get(store.agent.id, conv));
  const field = useRef<HTMLTextAreaElement>(null);
  const limit = store.welcome.value?.limits.text_bytes ?? textBytesDefault;
  // No text of so few units can be over it: most key presses need no encoding.
  const over = text.length * 3 <= limit ? 0 : Math.max(0, bytesOf(text) - limit);
  const empty = text.trim() === '';

  useLayoutEffect(() => {
    if (field.current !== null) fitHeight(field.current);
  }, [text]);

  // Leaving the conversation in the middle of a word ends the typing for the visitor.
  useEffect(() => () => store.stopTyping(conv), []);

  function change(next: string): void {
    setText(next);
    store.setDraft(conv, next);
  }

  function send(): void {
    if (empty || over > 0) return;
    store.send(conv, text);
    change('');
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    // 229: an input method takes the key; some browsers say isComposing too late.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {status === 'closed' && <p class="composer-hint composer-reopen">{t('reopenHint')}</p>}
      <div class="composer-box">
        <textarea
          ref={field}
          id={replyFieldId}
          rows={1}
          dir={text === '' ? undefined : 'auto'}
          value={text}
          placeholder={t('replyPlaceholder')}
          aria-label={t('replyTo', { name: visitorName(visitor.id) })}
          aria-describedby="composer-hint"
          aria-invalid={over > 0}
          enterkeyhint="send"
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="send" aria-label={t('send')} title={t('send')} aria-disabled={empty || over > 0}>
          <Icon path={iconSend} />
        </button>
      </div>
      <p class={over > 0 ? 'composer-hint composer-over' : 'composer-hint'} id="composer-hint">
        {over > 0 ? <span role="alert">{t('textTooLong', { count: over })}</span> : t('sendHint')}
      </p>
    </form>
  );
}
