// @vitest-environment happy-dom
// The whole page against a server in this process: what a person sees, and what a person does.
import { render } from 'preact';
import { afterEach, beforeEach, expect, describe, it, vi } from 'vitest';
import { closeCode, type Agent } from '@clearline/protocol';
import { createClient, type Client, type Environment } from '@clearline/sdk';
import { FakeServer, FakeSocket, MemoryStorage, type FakeNetwork } from '@clearline/testkit';
import { setLocale } from '../i18n/index.ts';
import type { Api, SessionResult, SignInResult } from './api.ts';
import { App } from './app.tsx';
import { loadPreferences } from './preferences.ts';
import { startRouter, type Router } from './router.ts';

class Screen {
  readonly server = new FakeServer();
  readonly network: FakeNetwork = { latencyMs: () => 0, reachable: true, silent: false, hangs: false };
  readonly storage = new MemoryStorage();
  readonly clients: Client[] = [];
  signInAnswer: SignInResult = { outcome: 'wrong' };
  sessionAnswer: SessionResult = { outcome: 'none' };
  private readonly root = document.body.appendChild(document.createElement('div'));
  private router: Router | null = null;

  get agent(): Agent {
    return this.server.chat.agents[0]!;
  }

  get environment(): Partial<Environment> {
    return { openSocket: () => new FakeSocket(this.server, this.network) };
  }

  open(session: SessionResult = { outcome: 'ok', agent: this.agent }): void {
    this.sessionAnswer = session;
    const api: Api = {
      session: () => Promise.resolve(this.sessionAnswer),
      signIn: () => Promise.resolve(this.signInAnswer),
      ticket: () => Promise.resolve({ outcome: 'ok', ticket: this.server.makeTicket() }),
      signOut: () => Promise.resolve(),
    };
    this.router = startRouter(window);
    render(
      <App
        api={api}
        preferences={loadPreferences(this.storage, ['en'])}
        router={this.router}
        socketUrl="ws://test/ws"
        storage={this.storage}
        environment={this.environment}
      />,
      this.root,
    );
  }

  close(): void {
    for (const client of this.clients) client.disconnect();
    // A session that is over lets its store end the line.
    for (const session of [...this.server.sessions]) session.close(closeCode.signed_out_elsewhere);
    render(null, this.root);
    this.root.remove();
    this.router?.stop();
  }

  async visitor(...texts: string[]): Promise<Client> {
    const visitor = createClient({ url: 'ws://test/ws', role: 'visitor', site: 'demo', environment: this.environment });
    this.clients.push(visitor);
    visitor.connect();
    for (const text of texts) visitor.own.send(text);
    await vi.waitFor(() => expect(visitor.own.view.pending).toEqual([]));
    await vi.waitFor(() => expect(visitor.own.view.events).toHaveLength(texts.length));
    return visitor;
  }

  // The caller knows what it looks for, as with querySelector.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  find<E extends Element = HTMLElement>(selector: string): E {
    const element = this.root.querySelector<E>(selector);
    if (element === null) throw new Error(`nothing is ${selector} in: ${this.root.textContent}`);
    return element;
  }

  async sees(text: string | RegExp): Promise<void> {
    await vi.waitFor(() => expect(this.root.textContent).toMatch(text), { timeout: 3000 });
  }

  button(words: string): HTMLButtonElement {
    const all = [...this.root.querySelectorAll('button')];
    const found = all.find((one) => (one.getAttribute('aria-label') ?? one.textContent).trim() === words);
    if (found === undefined) throw new Error(`no button says ${words}`);
    return found;
  }

  type(selector: string, text: string): void {
    const field = this.find<HTMLInputElement>(selector);
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }

  press(selector: string, init: KeyboardEventInit): void {
    this.find(selector).dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
  }
}

let screen: Screen;

beforeEach(async () => {
  await setLocale('en');
  window.location.hash = '';
  screen = new Screen();
});

afterEach(() => screen.close());

describe('signing in', () => {
  it('says in words why it failed', async () => {
    screen.open({ outcome: 'none' });
    await screen.sees('Sign in to Clearline');
    screen.type('input[name=username]', 'ada');
    screen.type('input[name=password]', 'x');
    await vi.waitFor(() => expect(screen.find<HTMLInputElement>('input[name=password]').value).toBe('x'));
    screen.find<HTMLFormElement>('form').requestSubmit();
    await screen.sees('Wrong name or password.');

    screen.signInAnswer = { outcome: 'unreachable' };
    screen.find<HTMLFormElement>('form').requestSubmit();
    await screen.sees('The server cannot be reached.');

    screen.signInAnswer = { outcome: 'too_many', retryAfterS: 45 };
    screen.find<HTMLFormElement>('form').requestSubmit();
    await screen.sees(/Try again in 4[45] seconds\./);
    expect(screen.button('Sign in').getAttribute('aria-disabled')).toBe('true');
  });

  it('opens the console, and says why when the session is ended elsewhere', async () => {
    screen.open({ outcome: 'none' });
    await screen.sees('Sign in to Clearline');
    screen.signInAnswer = { outcome: 'ok', agent: screen.agent, ticket: screen.server.makeTicket() };
    screen.type('input[name=username]', 'ada');
    screen.type('input[name=password]', 'x');
    await vi.waitFor(() => expect(screen.find<HTMLInputElement>('input[name=username]').value).toBe('ada'));
    screen.find<HTMLFormElement>('form').requestSubmit();
    await screen.sees('Connected');

    for (const session of screen.server.sessions) session.bye(closeCode.signed_out_elsewhere, 'signed_out');
    await screen.sees('You were signed out. Sign in again; what you typed is kept.');
  });

  it('waits for a server that does not answer yet', async () => {
    screen.open({ outcome: 'unreachable' });
    await screen.sees('The server cannot be reached.');
    screen.sessionAnswer = { outcome: 'ok', agent: screen.agent };
    screen.button('Retry').click();
    await screen.sees('Connected');
  });
});

describe('the list', () => {
  it('shows the line to put into a page while there is nothing else', async () => {
    screen.open();
    await screen.sees('No open conversations');
    expect(screen.find('.empty .code').textContent).toMatch(/^<script src=".*\/widget\.js" data-site="demo" async>/);
  });

  it('says that it could not be loaded, and tries again when asked', async () => {
    await screen.visitor('Hello?');
    screen.server.refuse = (_, command) =>
      command.t === 'inbox' ? { error: 'internal', message: 'no', retryable: false } : null;
    screen.open();
    await screen.sees('The list could not be loaded.');
    screen.server.refuse = () => null;
    screen.button('Retry').click();
    await screen.sees('Hello?');
  });
});

describe('a conversation', () => {
  async function opened(text = 'Hello?'): Promise<Client> {
    const visitor = await screen.visitor(text);
    screen.open();
    await screen.sees(text);
    screen.find<HTMLAnchorElement>('a[data-conv]').click();
    await vi.waitFor(() => screen.find('#reply'));
    await vi.waitFor(() => screen.find('.bubble'));
    return visitor;
  }

  it('shows a reply at once, as being sent until the server has it', async () => {
    const visitor = await opened();
    screen.network.silent = true;
    screen.type('#reply', 'Good morning');
    await vi.waitFor(() => expect(screen.find('.send').getAttribute('aria-disabled')).toBe('false'));
    screen.press('#reply', { key: 'Enter' });
    await vi.waitFor(() => expect(screen.find('[data-progress=sending]').textContent).toContain('Good morning'));
    expect(screen.find<HTMLTextAreaElement>('#reply').value).toBe('');
    expect(visitor.own.view.events).toHaveLength(1);
  });

  it('marks what was refused with the reason, a retry and a way to delete it', async () => {
    const visitor = await opened();
    screen.server.refuse = (_, command) =>
      command.t === 'send' ? { error: 'forbidden', message: 'no', retryable: false } : null;
    screen.type('#reply', 'May I?');
    await vi.waitFor(() => expect(screen.find('.send').getAttribute('aria-disabled')).toBe('false'));
    screen.press('#reply', { key: 'Enter' });
    await screen.sees('You do not have the right to do this.');
    screen.server.refuse = () => null;
    screen.button('Retry').click();
    await vi.waitFor(() => expect(visitor.own.view.events).toHaveLength(2));
  });

  it('leaves Enter to an input method that composes', async () => {
    const visitor = await opened();
    screen.type('#reply', 'にほん');
    await vi.waitFor(() => expect(screen.find('.send').getAttribute('aria-disabled')).toBe('false'));
    screen.press('#reply', { key: 'Enter', isComposing: true });
    screen.press('#reply', { key: 'Enter', shiftKey: true });
    expect(screen.find<HTMLTextAreaElement>('#reply').value).toBe('にほん');
    screen.press('#reply', { key: 'Enter' });
    await vi.waitFor(() => expect(visitor.own.view.events).toHaveLength(2));
  });

  it('never takes a text for markup', async () => {
    await opened('<img src=x onerror=alert(1)><b>bold</b>');
    expect(screen.find('.bubble').textContent).toBe('<img src=x onerror=alert(1)><b>bold</b>');
    expect(screen.find('.bubble').children).toHaveLength(0);
  });
});
