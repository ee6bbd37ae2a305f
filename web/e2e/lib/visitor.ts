// A visitor without a browser: the SDK in this process, as a widget would use it.
import WebSocket from 'ws';
import { closeCode, type ConversationId } from '@clearline/protocol';
import { Client, type ConversationView, type Socket } from '@clearline/sdk';

const patienceMs = 20_000;

export class Visitor {
  readonly client: Client;

  constructor(origin: string, site = 'demo') {
    this.client = new Client({
      url: `${origin.replace(/^http/, 'ws')}/ws`,
      role: 'visitor',
      site,
      environment: {
        openSocket: (url, subprotocol) => {
          const socket = new WebSocket(url, [subprotocol], { origin });
          // A browser's socket says no more than "closed", which follows.
          socket.on('error', () => undefined);
          return socket as unknown as Socket;
        },
      },
    });
    this.client.connect();
  }

  static async open(origin: string, site?: string): Promise<Visitor> {
    const visitor = new Visitor(origin, site);
    await visitor.until(({ loaded }) => loaded);
    return visitor;
  }

  get view(): ConversationView {
    return this.client.own.view;
  }

  get conv(): ConversationId {
    const { id } = this.client.own;
    if (id === null) throw new Error('the visitor has not been welcomed yet');
    return id;
  }

  /** The end of the visitor's id, which is the visitor's name for agents. */
  get label(): string {
    const id = this.client.welcome?.visitor?.id;
    if (id === undefined) throw new Error('the visitor has not been welcomed yet');
    return `Visitor ${id.slice(-4).toUpperCase()}`;
  }

  get texts(): string[] {
    return this.view.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
  }

  /** Sends, and waits until the server has stored it. */
  async send(...texts: string[]): Promise<void> {
    for (const text of texts) this.client.own.send(text);
    await this.until(({ pending }) => pending.length === 0);
  }

  /** Waits until the conversation is as wanted. */
  async until(isSo: (view: ConversationView) => boolean): Promise<void> {
    if (isSo(this.view)) return;
    await new Promise<void>((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        stop();
      };
      const stop = this.client.on('conversation', () => {
        if (!isSo(this.view)) return;
        done();
        resolve();
      });
      const timer = setTimeout(() => {
        done();
        const { events, pending, marks, typing, state } = this.view;
        const view = { events: events.length, last: events.at(-1), pending: pending.length, marks, typing, state };
        reject(new Error(`the visitor waited in vain; its view: ${JSON.stringify(view)}`));
      }, patienceMs);
    });
  }

  leave(): void {
    this.client.disconnect(closeCode.page_hidden);
  }
}
