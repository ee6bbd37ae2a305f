import { iconChevronDown } from '@clearline/tokens/icons';
import type { Client } from '@clearline/sdk';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { WidgetContext } from '../context.ts';
import { fill, type Language } from '../i18n/texts.ts';
import { Composer } from './composer.tsx';
import { ConnectionBar, useBar } from './connection-bar.tsx';
import type { Draft } from './draft.ts';
import { useFullScreen } from './full-screen.ts';
import { useClient } from './hooks.ts';
import { Icon } from './icon.tsx';
import { Log } from './log.tsx';

export interface PanelProps {
  client: Client;
  context: WidgetContext;
  language: Language;
  draft: Draft;
  takeFocus: boolean;
  onClose: () => void;
}

export function Panel({ client, context, language, draft, takeFocus, onClose }: PanelProps) {
  useClient(client);
  const bar = useBar(client, language);
  const root = useRef<HTMLDivElement>(null);
  const isFullScreen = useFullScreen(root, context.host);
  /** Text that a refused message gives back to the composer. */
  const [given, setGiven] = useState<string | null>(null);
  const { ui } = language;
  const title = fill(ui.title, { site: context.name });

  useEffect(() => {
    if (takeFocus) root.current?.querySelector('textarea')?.focus();
  }, [takeFocus]);

  const onKeyDown = (event: KeyboardEvent) => {
    // What is typed here is no shortcut of the page around.
    event.stopPropagation();
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    onClose();
  };

  return (
    <div
      ref={root}
      class={isFullScreen ? 'panel full-screen' : 'panel'}
      role="dialog"
      aria-label={title}
      aria-modal={isFullScreen}
      onKeyDown={onKeyDown}
    >
      <Header client={client} name={context.name} language={language} isDown={bar !== null} onClose={onClose} />
      <ConnectionBar client={client} language={language} bar={bar} />
      <Log client={client} language={language} onEdit={setGiven} />
      <Composer client={client} language={language} draft={draft} given={given} onTaken={() => setGiven(null)} />
    </div>
  );
}

interface HeaderProps {
  client: Client;
  name: string;
  language: Language;
  isDown: boolean;
  onClose: () => void;
}

function Header({ client, name, language: { ui }, isDown, onClose }: HeaderProps) {
  // Without a line nobody knows who is there.
  const isKnown = client.welcome !== null && !isDown;
  const presence = !isKnown ? ui.connecting : client.agentsOnline ? ui.online : ui.away;
  const dot = !isKnown ? 'dot' : client.agentsOnline ? 'dot online' : 'dot away';
  return (
    <div class="header">
      <span class="mark" aria-hidden="true">
        {String.fromCodePoint(name.codePointAt(0) ?? 0x20).toUpperCase()}
      </span>
      <div class="heading">
        <h2 class="name">
          <bdi>{name}</bdi>
        </h2>
        <p class="presence">
          <span class={dot} />
          {presence}
        </p>
      </div>
      <button
        type="button"
        class="icon-button on-accent"
        aria-label={ui.closeChat}
        title={ui.closeChat}
        onClick={onClose}
      >
        <Icon path={iconChevronDown} />
      </button>
    </div>
  );
}
