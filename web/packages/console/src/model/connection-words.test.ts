import { describe, expect, it } from 'vitest';
import { closeCode } from '@clearline/protocol';
import type { ConnectionState, Ending, Phase } from '@clearline/sdk';
import { connectionWords, needsSignIn, quietMs, whatEndedIt, type LineFacts } from './connection-words.ts';

const second = 1_000;

function ending(status: number): Ending {
  return { status, cause: 'peer_closed', bye: null, at: 1 };
}

function state(phase: Phase, status?: number): ConnectionState {
  return {
    phase,
    downSince: phase === 'open' ? null : 0,
    until: null,
    ending: status === undefined ? null : ending(status),
  };
}

function words(now: ConnectionState, change: Partial<LineFacts> = {}) {
  return connectionWords({ state: now, ending: now.ending, wasOpen: false, offline: false, now: second, ...change });
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
    expect(words(now)).toMatchObject({ word, tone });
  });

  it('speaks of being offline only while no connection proves the device wrong', () => {
    const offline = { offline: true };
    expect(words(state('open'), offline).word).toBe('connected');
    expect(words(state('waiting', closeCode.abnormal_closure), offline).word).toBe('youAreOffline');
    expect(words(state('stopped', closeCode.forbidden), offline).word).toBe('disconnected');
  });

  it('is patient with short drops and says at once that nothing more comes', () => {
    expect(words(state('waiting', closeCode.abnormal_closure)).quietMs).toBe(quietMs);
    expect(words(state('stopped', closeCode.forbidden)).quietMs).toBe(0);
  });

  it('calls a restart one until it takes too long for one', () => {
    const failing = state('waiting', closeCode.abnormal_closure);
    const restart = { ending: ending(closeCode.service_restart), wasOpen: true };
    expect(words(failing, { ...restart, now: 59 * second }).word).toBe('restarting');
    expect(words(failing, { ...restart, now: 60 * second }).word).toBe('reconnecting');
  });
});

describe('what took the line down', () => {
  it('is the end of the open connection, not the attempts that found nobody there', () => {
    const first = whatEndedIt(null, 'open', state('waiting', closeCode.service_restart));
    expect(first?.status).toBe(closeCode.service_restart);
    expect(whatEndedIt(first, 'connecting', state('waiting', closeCode.abnormal_closure))).toBe(first);
    expect(whatEndedIt(first, 'open', state('waiting', closeCode.abnormal_closure))?.status).toBe(
      closeCode.abnormal_closure,
    );
  });

  it('is also what a refused attempt was told', () => {
    const first = whatEndedIt(null, 'open', state('waiting', closeCode.abnormal_closure));
    const busy = whatEndedIt(first, 'connecting', state('waiting', closeCode.try_again_later));
    expect(busy?.status).toBe(closeCode.try_again_later);
  });

  it('is remembered when the line is back', () => {
    const first = ending(closeCode.service_restart);
    expect(whatEndedIt(first, 'connecting', state('open'))).toBe(first);
  });
});

it('asks for the password only when the session, and not the line, is gone', () => {
  expect(needsSignIn(state('stopped', closeCode.unauthorized))).toBe(true);
  expect(needsSignIn(state('stopped', closeCode.signed_out_elsewhere))).toBe(true);
  expect(needsSignIn(state('waiting', closeCode.unauthorized))).toBe(false);
  expect(needsSignIn(state('stopped', closeCode.forbidden))).toBe(false);
});
