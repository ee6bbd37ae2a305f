import { expect, it } from 'vitest';
import type { ConversationId } from '@clearline/protocol';
import { formatRoute, parseRoute, startRoute, type Route } from './route.ts';

it.each<[string, Route]>([
  ['#/demo/open', { site: 'demo', status: 'open', conv: null }],
  ['#/demo/closed/c01kb3', { site: 'demo', status: 'closed', conv: 'c01kb3' as ConversationId }],
  ['#/a%2Fb%23/open', { site: 'a/b#', status: 'open', conv: null }],
])('%s is an address, both ways', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
  expect(formatRoute(route)).toBe(hash);
});

it.each(['', '#', '#/', '#/%E0%A4%A/open'])('starts at the beginning for "%s"', (hash) => {
  expect(parseRoute(hash)).toEqual(startRoute);
});

it('takes an unknown list for the open one', () => {
  expect(parseRoute('#/demo/spam/c1').status).toBe('open');
});
