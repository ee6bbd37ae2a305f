import { closeCode, statusEntry } from '@clearline/protocol';
import type { ConnectionState } from '@clearline/sdk';
import { describe, expect, it } from 'vitest';
import { language as ar } from '../src/i18n/ar.ts';
import { language as en } from '../src/i18n/en.ts';
import { language as zh } from '../src/i18n/zh.ts';
import { makeBar } from '../src/panel/bar.ts';

const now = 1_000_000;

const down = (status: number | null, more: Partial<ConnectionState> = {}): ConnectionState => ({
  phase: 'waiting',
  downSince: now - 6_000,
  until: now + 1_000,
  ending: status === null ? null : { status, cause: 'test', bye: null, at: now - 6_000 },
  ...more,
});

describe('the bar', () => {
  it('says nothing while all is well, and nothing of a blip', () => {
    const open = { phase: 'open', downSince: null, until: null, ending: null } as const;
    expect(makeBar(open, now, true, en)).toBeNull();
    for (const phase of ['waiting', 'connecting'] as const) {
      const blip = down(closeCode.abnormal_closure, { phase, downSince: now - 4_900 });
      expect(makeBar(blip, now, true, en)).toBeNull();
    }
  });

  it('says what is the matter after five seconds', () => {
    expect(makeBar(down(closeCode.abnormal_closure), now, true, en)?.text).toBe(en.connection.reconnecting);
    expect(makeBar(down(closeCode.service_restart), now, true, en)?.text).toBe(en.connection.restarting);
  });

  it('says at once what is known to take longer, and how long', () => {
    const busy = down(closeCode.try_again_later, { downSince: now, until: now + 12_000 });
    expect(makeBar(busy, now, true, en)).toMatchObject({
      text: expect.stringContaining('12 s') as string,
      canTry: false,
    });
  });

  it('never mixes the device that is offline with a server that is away', () => {
    expect(makeBar(down(closeCode.abnormal_closure), now, false, en)?.text).toBe(en.ui.offline);
  });

  it('has words of the line for an end of its own', () => {
    expect(makeBar(down(closeCode.heartbeat_lost), now, true, en)?.text).toBe(en.connection.reconnecting);
  });

  it('tells a stop at once, and offers another try only where there is use in it', () => {
    const stopped = (status: number) => down(status, { phase: 'stopped', downSince: now, until: null });
    expect(makeBar(stopped(closeCode.replaced), now, true, en)).toMatchObject({ tone: 'stopped', canTry: false });
    expect(makeBar(stopped(closeCode.protocol_error), now, true, en)).toMatchObject({ tone: 'stopped', canTry: true });
  });

  it('has a sentence for every status in every language, with nothing left to fill in', () => {
    for (const language of [en, zh, ar]) {
      for (const status of [0, ...Object.values(closeCode), 2000, 3500, 4050, 4999, 65_535]) {
        const bar = makeBar(down(status), now, true, language);
        expect(bar?.text, `${language.code} ${status} ${statusEntry(status).id}`).toMatch(/^[^[\]{}]{5,}$/);
      }
    }
  });
});
