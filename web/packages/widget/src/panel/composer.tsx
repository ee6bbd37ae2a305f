import type { Client } from '@clearline/sdk';
import { iconSend } from '@clearline/tokens/icons';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { fill, type Language } from '../i18n/texts.ts';
import type { Draft } from './draft.ts';
import { Icon } from './icon.tsx';
import { isBlank, limitState } from './limit.ts';

/** Before the server has said its own. */
const textBytesMax = 16_384;

interface ComposerProps {
  client: Client;
  language: Language;
  draft: Draft;
  /** Text that a refused message gives back. */
  given: string | null;
  onTaken: () => void;
}

export function Composer({ client, language, draft, given, onTaken }: ComposerProps) {
  const { ui } = language;
  const [text, setShown] = useState(draft.text);
  const input = useRef<HTMLTextAreaElement>(null);
  const limit = limitState(text, client.welcome?.limits.text_bytes ?? textBytesMax);
  const canSend = !isBlank(text) && !limit?.isOver;

  const setText = (value: string) => {
    setShown(value);
    draft.keep(value);
  };

  useEffect(() => {
    if (given === null) return;
    const joined = draft.text === '' ? given : `${given}\n${draft.text}`;
    setShown(joined);
    draft.keep(joined);
    onTaken();
    input.current?.focus();
  }, [given, draft, onTaken]);

  useLayoutEffect(() => {
    const element = input.current;
    if (!element) return;
    // Its own height, up to what the style allows.
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  const change = (value: string) => {
    setText(value);
    client.own.setTyping(!isBlank(value));
  };
  const send = () => {
    if (!canSend) return;
    client.own.send(text);
    change('');
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter that ends a composition (of Chinese, say) belongs to it; Safari marks that by the old key code only.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="field">
        <textarea
          ref={input}
          rows={1}
          dir={text === '' ? undefined : 'auto'}
          value={text}
          aria-label={ui.composer}
          placeholder={ui.composer}
          aria-describedby={limit ? 'limit' : undefined}
          aria-invalid={limit?.isOver}
          enterkeyhint="send"
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="send" aria-label={ui.send} title={ui.send} aria-disabled={!canSend}>
          <Icon path={iconSend} size={18} />
        </button>
      </div>
      <div id="limit" class={limit?.isOver ? 'limit over' : 'limit'} role="status">
        {limit && fill(limit.isOver ? ui.charactersOver : ui.charactersLeft, { count: Math.abs(limit.left) })}
      </div>
    </form>
  );
}
