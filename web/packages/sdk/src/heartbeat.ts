import type { Environment, TimerHandle } from './environment.ts';

/** Nothing heard for this long after a ping: the line is dead. */
export const answerDeadlineMs = 15_000;
/** The same after the page woke up: a phone's socket is often dead then without knowing it. */
export const wakeDeadlineMs = 3_000;
/** A timer that is later than any browser makes a hidden page wait: the page or the machine slept. */
const sleptMs = 90_000;

/**
 * Notices a dead line. Browsers tell nothing for minutes, and answer protocol pings even for pages that sleep, so the
 * pings are messages. Timers are late in hidden pages and stand still while a machine sleeps: only clocks are compared.
 */
export class Heartbeat {
  readonly #environment: Environment;
  readonly #intervalMs: number;
  readonly #ping: (n: number) => void;
  readonly #dead: () => void;
  #n = 0;
  #interval: TimerHandle = null;
  #deadline: TimerHandle = null;
  #deadlineAt = Infinity;

  constructor(environment: Environment, intervalMs: number, ping: (n: number) => void, dead: () => void) {
    this.#environment = environment;
    this.#intervalMs = intervalMs;
    this.#ping = ping;
    this.#dead = dead;
    this.#schedule();
  }

  /** Any message is a sign of life. */
  heard(): void {
    this.#environment.clearTimer(this.#deadline);
    this.#deadlineAt = Infinity;
  }

  /** Asks for a sign of life within the time. A question that is open already keeps its earlier deadline. */
  probe(withinMs: number): void {
    this.#schedule();
    const at = this.#environment.now() + withinMs;
    if (at < this.#deadlineAt) this.#expect(at);
    this.#ping(++this.#n);
  }

  stop(): void {
    this.#environment.clearTimer(this.#interval);
    this.#environment.clearTimer(this.#deadline);
  }

  #schedule(): void {
    const environment = this.#environment;
    environment.clearTimer(this.#interval);
    const due = environment.now() + this.#intervalMs;
    this.#interval = environment.setTimer(() => {
      const slept = environment.now() - due > sleptMs;
      this.probe(slept ? wakeDeadlineMs : answerDeadlineMs);
    }, this.#intervalMs);
  }

  #expect(at: number): void {
    const environment = this.#environment;
    environment.clearTimer(this.#deadline);
    this.#deadlineAt = at;
    this.#deadline = environment.setTimer(() => {
      this.#deadlineAt = Infinity;
      // After a sleep the answer may lie in the queue behind this timer: ask once more.
      if (environment.now() - at > sleptMs) this.probe(wakeDeadlineMs);
      else this.#dead();
    }, at - environment.now());
  }
}
