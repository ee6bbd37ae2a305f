import { closeCode, statusEntry, type Bye } from '@clearline/protocol';
import { seeded } from '@clearline/testkit';
import { describe, expect, it } from 'vitest';
import { Policy, type Ending } from '../src/policy.ts';

const statuses = [...Array(5001).keys(), 65535];
const ending = (status: number, at = 0, bye: Bye | null = null): Ending => ({ status, cause: 'test', bye, at });
const byeOf = (code: number, hint: Partial<Bye> = {}): Bye => ({ t: 'bye', code, cause: 'test', ...hint });

/** Walks one status through several endings and gives the steps. */
function steps(status: number, count: number, random: () => number, bye: Bye | null = null) {
  const policy = new Policy(random);
  return Array.from({ length: count }, (_, n) => {
    const step = policy.next(ending(status, n * 100_000, bye));
    policy.attempted();
    return step;
  });
}

describe('the policy', () => {
  it('keeps every delay of every status inside the window that the registry gives', () => {
    const random = seeded(7);
    for (const status of statuses) {
      const entry = statusEntry(status);
      const isForeign = entry.policy.action === 'none' || entry.policy.action === 'stop_if_ours';
      const { policy } = isForeign ? statusEntry(closeCode.abnormal_closure) : entry;
      for (const [n, step] of steps(status, 8, random).entries()) {
        if (step.action === 'stop') continue;
        const floor = policy.floorMs ?? 0;
        const backoff = Math.min(policy.backoffCapMs ?? 0, (policy.backoffBaseMs ?? 0) * 2 ** n);
        const window = n === 0 && policy.firstWindowMs ? policy.firstWindowMs : backoff;
        if (status === closeCode.heartbeat_lost && n === 0) expect(step.delayMs).toBe(0);
        else expect(step.delayMs, `${status}, try ${n}`).toBeGreaterThanOrEqual(floor);
        expect(step.delayMs, `${status}, try ${n}`).toBeLessThanOrEqual(floor + window);
      }
    }
  });

  it('spreads clients over the whole window', () => {
    const random = seeded(3);
    const delays = Array.from({ length: 1000 }, () => {
      const [step] = steps(closeCode.abnormal_closure, 1, random);
      return step?.action === 'connect' ? step.delayMs : NaN;
    });
    expect(Math.min(...delays)).toBeLessThan(20);
    expect(Math.max(...delays)).toBeGreaterThan(480);
  });

  it('stops for every final code, and only after the tries that others allow', () => {
    for (const status of statuses) {
      const { policy } = statusEntry(status);
      const actions = steps(status, 7, () => 0.5).map((step) => step.action);
      if (policy.action === 'stop') expect(actions[0], String(status)).toBe('stop');
      else if (policy.triesMax) expect(actions.indexOf('stop'), String(status)).toBe(policy.triesMax);
      else expect(actions, String(status)).not.toContain('stop');
    }
  });

  it('takes an unexplained 1000 for a broken line, and one with a bye for the end', () => {
    const code = closeCode.normal_closure;
    expect(new Policy(() => 0).next(ending(code)).action).toBe('connect');
    expect(new Policy(() => 0).next(ending(code, 0, byeOf(code))).action).toBe('stop');
  });

  it('honours retry-after and spread where the registry says so, and only there', () => {
    const hint = { retry_after_ms: 40_000, spread_ms: 8_000 };
    for (const status of statuses) {
      const { policy } = statusEntry(status);
      const [step] = steps(status, 1, () => 0.5, byeOf(status, hint));
      if (step?.action !== 'connect') continue;
      if (policy.honoursHint) expect(step.delayMs, String(status)).toBe(44_000);
      else expect(step.delayMs, String(status)).toBeLessThan(40_000);
    }
  });

  it('does not believe a retry-after of a year', () => {
    const code = closeCode.try_again_later;
    const [step] = steps(code, 1, () => 0, byeOf(code, { retry_after_ms: 3e10 }));
    expect(step).toMatchObject({ delayMs: 600_000 });
  });

  it('asks for a new credential once, and stops when that is refused within the minute', () => {
    const policy = new Policy(() => 0);
    expect(policy.next(ending(closeCode.unauthorized, 0))).toMatchObject({ action: 'connect', renewToken: true });
    policy.stable();
    expect(policy.next(ending(closeCode.unauthorized, 59_000)).action).toBe('stop');
    expect(policy.next(ending(closeCode.unauthorized, 200_000))).toMatchObject({ action: 'connect', renewToken: true });
  });

  it('starts small again only after stable()', () => {
    const policy = new Policy(() => 1);
    const delays = () => {
      const step = policy.next(ending(closeCode.abnormal_closure));
      policy.attempted();
      return step.action === 'connect' ? step.delayMs : NaN;
    };
    expect([delays(), delays(), delays(), delays()]).toEqual([500, 1000, 2000, 4000]);
    policy.stable();
    expect(delays()).toBe(500);
  });
});
