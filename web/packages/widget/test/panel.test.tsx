// @vitest-environment happy-dom
import { createClient, type Client } from '@clearline/sdk';
import { FakeServer, FakeSocket } from '@clearline/testkit';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WidgetContext } from '../src/context.ts';
import { language } from '../src/i18n/en.ts';
import { Draft } from '../src/panel/draft.ts';
import { Panel } from '../src/panel/panel.tsx';

const network = { latencyMs: () => 5, reachable: true, silent: false, hangs: false };
let server: FakeServer;
let client: Client;
let container: HTMLElement;
let onClose: ReturnType<typeof vi.fn<() => void>>;

const pass = (ms: number) =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });
const query = (selector: string): Element => {
  const found = container.querySelector(selector);
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
};
const field = () => query('textarea') as HTMLTextAreaElement;
const bubbles = () => [...container.querySelectorAll('.bubble')].map((bubble) => bubble.textContent);

async function type(text: string): Promise<void> {
  const input = field();
  input.value = text;
  await act(() => void input.dispatchEvent(new Event('input', { bubbles: true })));
}

const press = (key: string, more: KeyboardEventInit = {}) =>
  act(() => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
    query('textarea').dispatchEvent(event);
  });

const click = (label: string) =>
  act(() => {
    const button = [...container.querySelectorAll('button')].find((one) => one.textContent === label);
    if (!button) throw new Error(`there is no button "${label}"`);
    button.click();
  });

beforeEach(async () => {
  vi.useFakeTimers({ now: 1_763_812_345_678 });
  server = new FakeServer();
  client = createClient({
    url: 'ws://test/ws',
    role: 'visitor',
    site: 'demo',
    environment: { openSocket: () => new FakeSocket(server, network) },
  });
  client.connect();
  container = document.body.appendChild(document.createElement('div'));
  onClose = vi.fn();
  const context = { host: container, name: 'Demo shop' } as unknown as WidgetContext;
  await act(() =>
    render(
      <Panel
        client={client}
        context={context}
        language={language}
        draft={new Draft(null, 'draft')}
        takeFocus={true}
        onClose={onClose}
      />,
      container,
    ),
  );
  await pass(100);
});

afterEach(() => {
  render(null, container);
  container.remove();
  client.disconnect();
  vi.useRealTimers();
});

describe('the panel', () => {
  it('is a dialog with a log, and its composer has the focus', () => {
    expect(query('[role=dialog]').getAttribute('aria-label')).toBe('Chat with Demo shop');
    expect(query('[role=log]').getAttribute('aria-label')).toBe('Messages');
    expect(document.activeElement).toBe(query('textarea'));
  });

  it('sends on Enter, breaks the line on Shift+Enter, and leaves Enter to a composition', async () => {
    await type('你好');
    await press('Enter', { isComposing: true });
    await press('Enter', { keyCode: 229 });
    await press('Enter', { shiftKey: true });
    expect(bubbles()).toEqual([]);
    await press('Enter');
    expect(bubbles()).toEqual(['你好']);
    expect(field().value).toBe('');
  });

  it('does not send white space, and does not take it away', async () => {
    await type(' \n ');
    await press('Enter');
    expect(bubbles()).toEqual([]);
    expect(field().value).toBe(' \n ');
  });

  it('shows markup as the text that it is', async () => {
    await type('<img src=x onerror=alert(1)> <b>bold</b> javascript:alert(1)');
    await press('Enter');
    expect(bubbles()).toEqual(['<img src=x onerror=alert(1)> <b>bold</b> javascript:alert(1)']);
    expect(query('.bubble').children).toHaveLength(0);
  });

  it('says why a message was not sent, and lets it be tried again, edited or deleted', async () => {
    let refuse = true;
    server.refuse = (_, command) =>
      command.t === 'send' && refuse ? { error: 'too_large', message: 'too long', retryable: false } : null;
    await type('too long, says the server');
    await press('Enter');
    await pass(100);
    expect(query('.failure').getAttribute('role')).toBe('alert');
    expect(query('.failure p').textContent).toBe(language.connection.message_too_long);

    await click('Edit');
    expect(bubbles()).toEqual([]);
    expect(field().value).toBe('too long, says the server');
    await press('Enter');
    await pass(100);
    refuse = false;
    await click('Try again');
    await pass(100);
    expect(container.querySelector('.failure')).toBeNull();
    expect(query('.status').textContent).toBe('Sent');

    refuse = true;
    await type('another');
    await press('Enter');
    await pass(100);
    await click('Delete');
    expect(bubbles()).toEqual(['too long, says the server']);
  });

  it('keeps keys from the page around, and closes on Escape', async () => {
    const heard = vi.fn();
    document.addEventListener('keydown', heard);
    await press('k');
    await press('Escape', { isComposing: true });
    expect(onClose).not.toHaveBeenCalled();
    await press('Escape');
    document.removeEventListener('keydown', heard);
    expect(onClose).toHaveBeenCalledOnce();
    expect(heard).not.toHaveBeenCalled();
  });

  it('does not pretend to know who is there while the line is down', async () => {
    expect(query('.presence').textContent).toBe('Away. Leave us a message.');
    network.reachable = false;
    for (const session of [...server.sessions]) session.close(1001);
    await pass(8_000);
    expect(query('.bar').textContent).not.toBe('');
    expect(query('.presence').textContent).toBe('Connecting…');
    network.reachable = true;
  });
});
