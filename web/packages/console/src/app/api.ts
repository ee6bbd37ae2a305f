// The HTTP side of the console: signing in, tickets for the socket, signing out. Same origin, session cookie.
import type { Agent, SessionAnswer, SignInAnswer, TicketAnswer } from '@clearline/protocol';

export type SignInResult =
  | { readonly outcome: 'ok'; readonly agent: Agent; readonly ticket: string }
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'too_many'; readonly retryAfterS: number }
  | { readonly outcome: 'unreachable' }
  | { readonly outcome: 'fault' };

export type SessionResult =
  | { readonly outcome: 'ok'; readonly agent: Agent }
  | { readonly outcome: 'none' }
  | { readonly outcome: 'unreachable' };

export type TicketResult =
  | { readonly outcome: 'ok'; readonly ticket: string }
  | { readonly outcome: 'none' }
  | { readonly outcome: 'unreachable' };

export interface Api {
  signIn(name: string, password: string): Promise<SignInResult>;
  session(): Promise<SessionResult>;
  ticket(): Promise<TicketResult>;
  signOut(): Promise<void>;
}

/** A request that hangs would leave a button spinning for ever. */
const timeoutMs = 10_000;
const defaultRetryAfterS = 30;

export function httpApi(base = '/api/v1'): Api {
  async function call(method: 'GET' | 'POST', path: string, body?: object): Promise<Response | null> {
    try {
      return await fetch(base + path, {
        method,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: AbortSignal.timeout(timeoutMs),
        ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
      });
    } catch {
      return null;
    }
  }

  return {
    async signIn(name, password) {
      const response = await call('POST', '/sign-in', { name, password });
      if (response === null) return { outcome: 'unreachable' };
      if (response.ok) {
        const { agent, ticket } = (await response.json()) as SignInAnswer;
        return { outcome: 'ok', agent, ticket };
      }
      if (response.status === 401) return { outcome: 'wrong' };
      if (response.status === 429) {
        const wait = Number(response.headers.get('retry-after'));
        return { outcome: 'too_many', retryAfterS: wait > 0 ? Math.ceil(wait) : defaultRetryAfterS };
      }
      return { outcome: response.status === 503 ? 'unreachable' : 'fault' };
    },

    async session() {
      const response = await call('GET', '/session');
      if (response?.ok) return { outcome: 'ok', agent: ((await response.json()) as SessionAnswer).agent };
      return { outcome: response?.status === 401 ? 'none' : 'unreachable' };
    },

    async ticket() {
      const response = await call('POST', '/tickets');
      if (response?.ok) return { outcome: 'ok', ticket: ((await response.json()) as TicketAnswer).ticket };
      return { outcome: response?.status === 401 ? 'none' : 'unreachable' };
    },

    async signOut() {
      await call('POST', '/sign-out');
    },
  };
}
