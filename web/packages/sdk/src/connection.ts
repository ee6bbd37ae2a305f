import {
  closeCode,
  subprotocol,
  type Bye,
  type ClientMessage,
  type Hello,
  type ServerMessage,
  type Welcome,
} from '@clearline/protocol';
import type { Environment, Socket, TimerHandle } from './environment.ts';
import { answerDeadlineMs, Heartbeat, wakeDeadlineMs } from './heartbeat.ts';
import { toJson } from './json.ts';
import { Policy, type Ending, type Step } from './policy.ts';

/** A hung handshake blocks every later one of the page to that host: give up early. */
const connectTimeoutMs = 8_000;
/** Only a connection that lasted this long lets the waits start small again. */
const stableMs = 30_000;
/** How long the browser may take to answer the server's Close by itself after a bye. */
const echoMs = 2_000;
/** The whole wait that is left when something says that now is a good moment. */
const hurryMs = 500;

const openState = 1;

export type Phase =
  /** Not wanted: not begun, or ended by this side. */
  | 'idle'
  | 'connecting'
  /** Welcomed by the server. */
  | 'open'
  /** The next attempt comes by itself, at `until`. */
  | 'waiting'
  /** No attempt comes by itself; `ending` says why. */
  | 'stopped';

export interface ConnectionState {
  phase: Phase;
  /** Since when nothing can be delivered; null while open or idle. */
  downSince: number | null;
  /** When the next attempt begins; null unless waiting. */
  until: number | null;
  /** How the last connection ended; null while open and before the first end. */
  ending: Ending | null;
}

/** Thrown by whoever fetches a credential when there is no use in trying again: the person must sign in. */
export class CredentialRefused extends Error {
  override name = 'CredentialRefused';
}

export interface ConnectionHooks {
  /** Fetches what hello needs and a server must be asked for. */
  credential(): Promise<string> | undefined;
  hello(credential: string | undefined): Hello;
  opened(welcome: Welcome): void;
  received(message: ServerMessage): void;
  /** The connection is gone; `step` says what comes next. */
  ended(ending: Ending, step: Step, wasOpen: boolean): void;
  changed(state: ConnectionState): void;
  visible(): boolean;
}

/** One line to the server, opened again and again as the registry says. Knows nothing of conversations. */
export class Connection {
  state: ConnectionState = { phase: 'idle', downSince: null, until: null, ending: null };

  readonly #url: string;
  readonly #environment: Environment;
  readonly #hooks: ConnectionHooks;
  readonly #policy: Policy;
  #socket: Socket | null = null;
  #heartbeat: Heartbeat | null = null;
  #timer: TimerHandle = null;
  #openedAt = 0;
  #mayHurry = true;
  /** Tells a late answer of an earlier attempt from one of this attempt. */
  #attempts = 0;

  constructor(url: string, environment: Environment, hooks: ConnectionHooks) {
    this.#url = url;
    this.#environment = environment;
    this.#hooks = hooks;
    this.#policy = new Policy(() => environment.random());
  }

  connect(): void {
    if (this.state.phase === 'idle' || this.state.phase === 'stopped') this.#attempt();
  }

  /** Ends the connection by this side's choice and stays so until connect(). */
  disconnect(code: number): void {
    this.#leave(code);
    this.#change('idle', { downSince: null, ending: null });
  }

  /** Leaves this line for a new one at once. */
  replace(code: number): void {
    this.#leave(code);
    this.#attempt();
  }

  send(message: ClientMessage): boolean {
    if (this.state.phase !== 'open' || this.#socket?.readyState !== openState) return false;
    this.#socket.send(toJson(message));
    return true;
  }

  /** Now is a good moment: the network is back, or the person asks. An overloaded server is not hurried. */
  hurry(): void {
    const { phase, until } = this.state;
    if (phase !== 'waiting' || !this.#mayHurry || until === null) return;
    const left = until - this.#environment.now();
    if (left > hurryMs) this.#wait(this.#environment.random() * hurryMs);
  }

  /** The page was shown or hidden, or the network changed: tells the server, and finds out whether the line lives. */
  probe(): void {
    this.#heartbeat?.probe(this.#hooks.visible() ? wakeDeadlineMs : answerDeadlineMs);
  }

  #attempt(): void {
    const attempt = ++this.#attempts;
    const isStale = () => attempt !== this.#attempts;
    this.#environment.clearTimer(this.#timer);
    this.#change('connecting', { downSince: this.state.downSince ?? this.#environment.now() });
    const credential = this.#hooks.credential();
    if (!credential) {
      this.#open(undefined);
      return;
    }
    credential.then(
      (value) => {
        if (!isStale()) this.#open(value);
      },
      (error: unknown) => {
        if (isStale()) return;
        if (error instanceof CredentialRefused) this.#stop(closeCode.unauthorized, 'token_invalid');
        else this.#end(closeCode.abnormal_closure, 'connect_failed');
      },
    );
  }

  #open(credential: string | undefined): void {
    let socket: Socket;
    try {
      socket = this.#environment.openSocket(this.#url, subprotocol);
    } catch {
      // A page over https may not open ws:, for one; it will not be able to a moment later.
      this.#stop(closeCode.abnormal_closure, 'connect_failed');
      return;
    }
    this.#socket = socket;
    this.#expectWithin(connectTimeoutMs);
    socket.onopen = () => {
      this.#expectWithin(connectTimeoutMs);
      socket.send(toJson(this.#hooks.hello(credential)));
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#end(code, 'peer_closed');
  }

  #expectWithin(delayMs: number): void {
    this.#environment.clearTimer(this.#timer);
    this.#timer = this.#environment.setTimer(() => this.#end(closeCode.abnormal_closure, 'handshake_timeout'), delayMs);
  }

  #receive(data: unknown): void {
    let message: ServerMessage | null = null;
    try {
      message = JSON.parse(data as string) as ServerMessage | null;
    } catch {
      // Handled as what it is, below.
    }
    if (typeof message?.t !== 'string') {
      this.#end(closeCode.bad_frame, 'bad_message', null, closeCode.bad_frame);
      return;
    }
    this.#heartbeat?.heard();
    if (message.t === 'bye') this.#end(message.code, message.cause, message);
    else if (message.t === 'welcome') this.#welcome(message);
    else if (message.t !== 'pong') this.#hooks.received(message);
  }

  #welcome(welcome: Welcome): void {
    this.#environment.clearTimer(this.#timer);
    this.#openedAt = this.#environment.now();
    this.#heartbeat = new Heartbeat(
      this.#environment,
      welcome.heartbeat_ms,
      (n) => this.send({ t: 'ping', n, visible: this.#hooks.visible() }),
      () => this.#end(closeCode.heartbeat_lost, 'heartbeat_timeout', null, closeCode.heartbeat_lost),
    );
    this.state = { phase: 'open', downSince: null, until: null, ending: null };
    const opened = this.state;
    this.#hooks.opened(welcome);
    // Unless the hook has left this line again.
    if (this.state === opened) this.#hooks.changed(opened);
  }

  /** Lets go of the socket at once: its own end may come a minute later (Chromium), or never. */
  #leave(code?: number): void {
    const socket = this.#socket;
    this.#attempts += 1;
    this.#environment.clearTimer(this.#timer);
    this.#heartbeat?.stop();
    this.#heartbeat = null;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (code) socket.close(code);
    else this.#environment.setTimer(() => socket.close(), echoMs);
  }

  #end(status: number, cause: string, bye: Bye | null = null, closeWith?: number): void {
    const now = this.#environment.now();
    const wasOpen = this.state.phase === 'open';
    if (wasOpen && now - this.#openedAt >= stableMs) this.#policy.stable();
    const isTimeout = cause === 'handshake_timeout';
    this.#leave(closeWith ?? (isTimeout ? closeCode.heartbeat_lost : undefined));
    const ending: Ending = { status, cause, bye, at: now };
    const step = this.#policy.next(ending);
    this.#policy.attempted();
    this.state = { ...this.state, ending };
    this.#hooks.ended(ending, step, wasOpen);
    if (step.action === 'stop') {
      this.#change('stopped', { downSince: this.state.downSince ?? now });
    } else {
      this.#mayHurry = step.mayHurry;
      this.#wait(step.delayMs);
    }
  }

  #stop(status: number, cause: string): void {
    const now = this.#environment.now();
    this.#leave();
    this.#change('stopped', {
      downSince: this.state.downSince ?? now,
      ending: { status, cause, bye: null, at: now },
    });
  }

  #wait(delayMs: number): void {
    const now = this.#environment.now();
    this.#environment.clearTimer(this.#timer);
    this.#timer = this.#environment.setTimer(() => this.#attempt(), delayMs);
    this.#change('waiting', { downSince: this.state.downSince ?? now, until: now + delayMs });
  }

  #change(phase: Phase, rest: Partial<ConnectionState>): void {
    this.state = { ...this.state, until: null, ...rest, phase };
    this.#hooks.changed(this.state);
  }
}
