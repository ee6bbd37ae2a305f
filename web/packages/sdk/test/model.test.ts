// Two people talk over a network that breaks at random, in every way that a network can break. Whatever happens, each
// message arrives exactly once, in its writer's order, and both read the same log.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeCode } from '@clearline/protocol';
import { seeded } from '@clearline/testkit';
import type { Client } from '../src/index.ts';
import { Harness, pass } from './harness.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_763_812_345_678 }));
afterEach(() => void vi.useRealTimers());

const read = (view: { events: readonly { kind: string }[] }) =>
  view.events.flatMap((event) => ('text' in event ? [event.text as string] : []));

async function talk(seed: number): Promise<void> {
  const random = seeded(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const harness = new Harness(seed);
  harness.network.latencyMs = () => 5 + pick(200);
  harness.server.loses = () => random() < 0.1;
  harness.server.refuse = (_, command) =>
    command.t === 'send' && random() < 0.1
      ? { error: 'busy', message: 'busy', retryable: true, retry_after_ms: pick(2_000) }
      : null;

  let visitor = harness.visitor();
  const second = harness.visitor();
  visitor.connect();
  await pass(2_000);
  second.connect();
  const agent = harness.agent();
  agent.connect();
  await pass(3_000);
  const conv = [...harness.server.chat.conversations.keys()][0]!;
  agent.watch(conv);

  const written: Record<'visitor' | 'agent' | 'second', string[]> = { visitor: [], agent: [], second: [] };
  const write = (who: keyof typeof written, client: Client) => {
    const text = `${who} ${written[who].length}`;
    written[who].push(text);
    (who === 'agent' ? client.watch(conv) : client.own).send(text);
  };
  const faults = [
    () => harness.sockets[pick(harness.sockets.length)]?.cut(),
    () => harness.socket.session?.bye(closeCode.service_restart, 'drain', { retry_after_ms: 100, spread_ms: 500 }),
    () => harness.socket.session?.close(closeCode.try_again_later),
    () => [...harness.server.sessions][0]?.bye(closeCode.timeout, 'heartbeat_timeout'),
    () => (harness.network.silent = !harness.network.silent),
    () => (harness.network.reachable = !harness.network.reachable),
    () => {
      // The page is loaded anew: what was unsent is found again.
      visitor.suspend();
      visitor = harness.visitor();
      visitor.connect();
    },
    () => {
      second.suspend();
      second.resume();
    },
  ];
  for (let step = 0; step < 150; ++step) {
    const choice = random();
    if (choice < 0.25) write('visitor', visitor);
    else if (choice < 0.4) write('second', second);
    else if (choice < 0.6) write('agent', agent);
    else if (choice < 0.75) faults[pick(faults.length)]?.();
    await pass(pick(800));
  }

  harness.network.silent = false;
  harness.network.reachable = true;
  harness.server.loses = () => false;
  harness.server.refuse = () => null;
  for (const client of [visitor, second, agent]) client.online();
  await pass(400_000);
  // What was lost behind the last event shows when the next one comes.
  write('agent', agent);
  await pass(2_000);

  const log = harness.server.chat.conversations
    .get(conv)!
    .log.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
  for (const [who, texts] of Object.entries(written)) {
    expect(
      log.filter((text) => text.startsWith(who)),
      `seed ${seed}: ${who}`,
    ).toEqual(texts);
  }
  for (const client of [visitor, second, agent]) {
    expect(client.state.phase, `seed ${seed}`).toBe('open');
    const view = client === agent ? client.watch(conv).view : client.own.view;
    expect(view.pending, `seed ${seed}`).toEqual([]);
    // A page that was loaded late has the newest 50 at least; all of it is the server's log, in order.
    const texts = read(view);
    expect(texts, `seed ${seed}`).toEqual(log.slice(log.length - texts.length));
    expect(texts.length).toBeGreaterThanOrEqual(Math.min(50, log.length));
  }
  expect(harness.storage.length, `seed ${seed}: nothing is left in the outbox`).toBe(1);
}

describe('a conversation over a network that breaks', () => {
  it.each(Array.from({ length: 40 }, (_, index) => index + 1))('stays whole (seed %i)', talk);
});
