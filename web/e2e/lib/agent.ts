// An agent without a screen: the SDK in this process.
import { CredentialRefused, createClient, type Client, type Conversation, type Socket } from '@clearline/sdk';
import type { TicketAnswer } from '@clearline/protocol';
import WebSocket from 'ws';
import type { ClearlineServer } from './server.ts';

const patienceMs = 20_000;

export class Agent {
  readonly client: Client;

  private constructor(server: ClearlineServer, cookie: string) {
    this.client = createClient({
      url: `${server.origin.replace(/^http/, 'ws')}/ws`,
      role: 'agent',
      getTicket: async () => {
        const answer = await fetch(`${server.origin}/api/v1/tickets`, { method: 'POST', headers: { cookie } });
        if (answer.status === 401) throw new CredentialRefused('signed out');
        return ((await answer.json()) as TicketAnswer).ticket;
      },
      environment: { openSocket: (url, subprotocol) => openSocket(url, subprotocol) },
    });
  }

  static async signIn(server: ClearlineServer): Promise<Agent> {
    const answer = await fetch(`${server.origin}/api/v1/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: server.agent, password: server.password }),
    });
    if (!answer.ok) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
    const cookie = answer.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const agent = new Agent(server, cookie);
    agent.client.connect();
    await until(() => agent.client.state.phase === 'open', 'the agent is connected');
    return agent;
  }

  /** The conversation whose newest message has this text, as soon as the inbox shows it. */
  async conversation(lastText: string): Promise<Conversation> {
    let found: Conversation | undefined;
    await until(async () => {
      const { conversations } = await this.client.inbox({ site: 'demo', status: 'open' });
      const summary = conversations.find(({ last }) => last?.text === lastText);
      if (summary) found = this.client.watch(summary.conv);
      return found?.view.loaded === true;
    }, `the inbox shows "${lastText}"`);
    if (!found) throw new Error('unreachable');
    return found;
  }

  leave(): void {
    this.client.disconnect();
  }
}

function openSocket(url: string, subprotocol: string): Socket {
  const socket = new WebSocket(url, [subprotocol]);
  // A connection that cannot be opened says so by its close event, too.
  socket.on('error', () => undefined);
  return socket as unknown as Socket;
}

export const textsOf = ({ view }: Conversation) =>
  view.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));

export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  withinMs = patienceMs,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
