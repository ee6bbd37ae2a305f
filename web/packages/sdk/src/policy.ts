// The next step after a connection has ended. It follows from the registry's entry of the status and from nothing else.
import { closeCode, statusEntry, type AgainPolicy, type Bye } from '@clearline/protocol';

/** How a connection ended, as this side knows it. */
export interface Ending {
  /** The bye's code if there was one (proxies and browsers lose Close codes), else the Close code, else 1006. */
  status: number;
  cause: string;
  /** What the server said before it closed. */
  bye: Bye | null;
  at: number;
}

export type Step =
  | { action: 'stop'; reload: boolean }
  | {
      action: 'connect';
      delayMs: number;
      mayHurry: boolean;
      renewToken: boolean;
      resync: boolean;
      outbox: NonNullable<AgainPolicy['outbox']>;
    };

/** A server's hint beyond this is a mistake, not a wish. */
const hintMaxMs = 600_000;

const hint = (value: number | undefined, otherwise: number) =>
  value === undefined ? otherwise : Math.min(Math.max(value, 0), hintMaxMs);

/** Remembers what a policy's limits count. `stable` is called when a connection has proved itself. */
export class Policy {
  #tries = 0;
  readonly #triesOf = new Map<string, number>();
  readonly #lastAt = new Map<number, number>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  stable(): void {
    this.#tries = 0;
    this.#triesOf.clear();
  }

  next(ending: Ending): Step {
    const { status, bye, at } = ending;
    let { again, policy } = statusEntry(status);
    if (policy.action === 'none' || (policy.action === 'stop_if_ours' && !bye)) {
      ({ again, policy } = statusEntry(closeCode.abnormal_closure));
    }
    const before = this.#lastAt.get(status) ?? -Infinity;
    this.#lastAt.set(status, at);
    const tries = (this.#triesOf.get(again) ?? 0) + 1;
    this.#triesOf.set(again, tries);

    const tooMany = policy.triesMax && tries > policy.triesMax;
    const repeated = policy.stopIfRepeatedWithinMs && at - before < policy.stopIfRepeatedWithinMs;
    if (policy.action !== 'connect' || tooMany || repeated) return { action: 'stop', reload: policy.reload === true };

    return {
      action: 'connect',
      // A dead line was waited for long enough: the first new attempt comes at once.
      delayMs: status === closeCode.heartbeat_lost && !this.#tries ? 0 : this.#delay(policy, bye),
      mayHurry: policy.mayHurry !== false,
      renewToken: policy.renewToken === true,
      resync: policy.resync === true,
      outbox: policy.outbox ?? 'keep',
    };
  }

  /** Counts an attempt; the waits grow until a connection proves stable. */
  attempted(): void {
    this.#tries += 1;
  }

  #delay(policy: AgainPolicy, bye: Bye | null): number {
    const told = policy.honoursHint ? bye : null;
    const floor = hint(told?.retry_after_ms, policy.floorMs ?? 0);
    const backoff = Math.min(policy.backoffCapMs ?? 0, (policy.backoffBaseMs ?? 0) * 2 ** this.#tries);
    const first = this.#tries === 0 && policy.firstWindowMs ? policy.firstWindowMs : backoff;
    // After the first try the server's spread can only widen the window.
    const spread = hint(told?.spread_ms, first);
    return floor + this.#random() * (this.#tries === 0 ? spread : Math.max(spread, first));
  }
}
