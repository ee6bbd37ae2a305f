import { describe, expect, it } from 'vitest';
import { closeCode } from '@clearline/protocol';
import type { ConnectionState } from '@clearline/sdk';
import { connectionWords, needsSignIn, quietMs } from './connection-words.ts';

function state(phase: ConnectionState['phase'], status?: number): ConnectionState {
  const ending = status === undefined ? null : { status, cause: 'peer_closed', bye: null, at: 1 };
  return { phase, downSince: phase === 'open' ? null : 1, until: null, ending };
}

describe('the words for a connection', () => {
  it.each([
    [state('open'), 'connected', 'good'],
    [state('connecting'), 'connecting', 'waiting'],
    [state('waiting', closeCode.abnormal_closure), 'reconnecting', 'waiting'],
    [state('connecting', closeCode.abnormal_closure), 'reconnecting', 'waiting'],
    [state('waiting', closeCode.service_restart), 'restarting', 'waiting'],
    [state('waiting', closeCode.try_again_later), 'busy', 'waiting'],
    [state('stopped', closeCode.forbidden), 'disconnected', 'bad'],
  ] as const)('%o', (now, word, tone) => {
    expect(connectionWords(now, false, false)).toMatchObject({ word, tone });
  });

  it('speaks of being offline only while no connection proves the device wrong', () => {
    expect(connectionWords(state('open'), true, true).word).toBe('connected');
    expect(connectionWords(state('waiting', closeCode.abnormal_closure), true, true).word).toBe('youAreOffline');
    expect(connectionWords(state('stopped', closeCode.forbidden), true, true).word).toBe('disconnected');
  });

  it('is patient with short drops and says at once that nothing more comes', () => {
    expect(connectionWords(state('waiting', closeCode.abnormal_closure), true, false).quietMs).toBe(quietMs);
    expect(connectionWords(state('stopped', closeCode.forbidden), true, false).quietMs).toBe(0);
  });
});

it('asks for the password only when the session, and not the line, is gone', () => {
  expect(needsSignIn(state('stopped', closeCode.unauthorized))).toBe(true);
  expect(needsSignIn(state('stopped', closeCode.signed_out_elsewhere))).toBe(true);
  expect(needsSignIn(state('waiting', closeCode.unauthorized))).toBe(false);
  expect(needsSignIn(state('stopped', closeCode.forbidden))).toBe(false);
});
