import { FakeServer, FakeSocket, MemoryStorage, seeded, type FakeNetwork } from '@clearline/testkit';
import { vi } from 'vitest';
import { createClient, type Client, type ClientOptions, type Environment } from '../src/index.ts';

/** A server, a network and as many clients as a test likes, all on vitest's faked clock. */
export class Harness {
  readonly server = new FakeServer();
  readonly network: FakeNetwork = { latencyMs: () => 20, reachable: true, silent: false, hangs: false };
  readonly storage = new MemoryStorage();
  readonly sockets: FakeSocket[] = [];
  readonly random: () => number;
  private readonly uuidRandom: () => number;

  constructor(seed = 1) {
    this.random = seeded(seed);
    this.uuidRandom = seeded(seed + 1);
  }

  get environment(): Environment {
    return {
      openSocket: () => {
        const socket = new FakeSocket(this.server, this.network);
        this.sockets.push(socket);
        return socket;
      },
      now: () => Date.now(),
      setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
      clearTimer: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
      random: this.random,
      uuid: () =>
        `00000000-0000-4000-8000-${Math.floor(this.uuidRandom() * 2 ** 48)
          .toString(16)
          .padStart(12, '0')}`,
    };
  }

  visitor(options: Partial<ClientOptions> = {}): Client {
    const storage = this.storage;
    return createClient({
      url: 'ws://test/ws',
      role: 'visitor',
      site: 'demo',
      storage,
      environment: this.environment,
      ...options,
    });
  }

  agent(options: Partial<ClientOptions> = {}): Client {
    const getTicket = () => Promise.resolve(this.server.makeTicket());
    return createClient({ url: 'ws://test/ws', role: 'agent', getTicket, environment: this.environment, ...options });
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  }
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** The texts of a conversation, as a person reads them. */
export const texts = (client: Client) =>
  client.own.view.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));

/** The texts that the server has stored, in order. */
export const stored = (harness: Harness) =>
  [...harness.server.chat.conversations.values()].flatMap(({ log }) =>
    log.flatMap((event) => (event.kind === 'message' ? [event.text] : [])),
  );
