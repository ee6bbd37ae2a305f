import type { FakeServer } from './server.ts';
import type { Session } from './session.ts';

const connecting = 0;
const open = 1;
const closed = 3;

/** How a network between page and server behaves. Change it while it is in use. */
export interface FakeNetwork {
  /** Of each message, each way. */
  latencyMs: () => number;
  /** False: connections are refused at once. */
  reachable: boolean;
  /** True: nothing arrives any more, and nobody is told. A line that has lost something so stays dead: TCP has no holes. */
  silent: boolean;
  /** True: the handshake gets no answer. */
  hangs: boolean;
}

/** A WebSocket of a page, connected to a FakeServer in the same process. Uses the (faked) timers of the platform. */
export class FakeSocket {
  readyState = connecting;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  /** The code that the page closed it with. */
  closedWith: number | undefined;
  session: Session | null = null;
  private readonly server: FakeServer;
  private readonly network: FakeNetwork;
  private hasLost = false;
  /** When the last message of each direction arrives: none overtakes another. */
  private arrivalUp = 0;
  private arrivalDown = 0;

  constructor(server: FakeServer, network: FakeNetwork) {
    this.server = server;
    this.network = network;
    if (network.hangs) return;
    setTimeout(() => this.opened(), network.latencyMs());
  }

  send(text: string): void {
    if (this.readyState !== open) throw new Error('InvalidStateError');
    this.arrivalUp = Math.max(this.arrivalUp, Date.now() + this.network.latencyMs());
    setTimeout(() => {
      if (this.isAlive()) this.session?.receive(text);
    }, this.arrivalUp - Date.now());
  }

  close(code?: number): void {
    this.closedWith ??= code;
    this.gone();
  }

  /** The line breaks: both ends are told nothing but that. What was on its way is lost. */
  cut(code = 1006): void {
    const wasOpen = this.readyState !== closed;
    this.gone();
    if (wasOpen) this.onclose?.({ code, reason: '' });
  }

  private opened(): void {
    if (this.readyState !== connecting) return;
    if (!this.network.reachable) {
      this.cut();
      return;
    }
    this.readyState = open;
    this.session = this.server.accept({
      send: (text) => this.deliver(() => this.onmessage?.({ data: text })),
      close: (code) =>
        this.deliver(() => {
          this.readyState = closed;
          this.onclose?.({ code, reason: '' });
        }),
    });
    this.onopen?.();
  }

  private deliver(action: () => void): void {
    this.arrivalDown = Math.max(this.arrivalDown, Date.now() + this.network.latencyMs());
    setTimeout(() => {
      if (this.readyState === open && this.isAlive()) action();
    }, this.arrivalDown - Date.now());
  }

  private isAlive(): boolean {
    this.hasLost ||= this.network.silent;
    return !this.hasLost;
  }

  private gone(): void {
    this.readyState = closed;
    this.session?.ended();
    this.session = null;
  }
}
