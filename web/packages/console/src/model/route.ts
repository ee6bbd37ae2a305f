// The address of what is shown, in the fragment: it survives a reload, can be bookmarked and never reaches a server.
//   #/demo/open                    a list
//   #/demo/open/c01kb3f7q8x2ve     and a conversation
import type { ConversationId, SiteKey } from '@clearline/protocol';
import type { Status } from './inbox.ts';

export interface Route {
  /** Null: the first site that the agent has. */
  readonly site: SiteKey | null;
  readonly status: Status;
  readonly conv: ConversationId | null;
}

export const startRoute: Route = { site: null, status: 'open', conv: null };

function decoded(part: string | undefined): string | null {
  if (part === undefined || part === '') return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

export function parseRoute(hash: string): Route {
  const [, site, status, conv] = hash.replace(/^#/, '').split('/');
  return {
    site: decoded(site),
    status: status === 'closed' ? 'closed' : 'open',
    conv: decoded(conv) as ConversationId | null,
  };
}

export function formatRoute({ site, status, conv }: Route): string {
  if (site === null) return '#/';
  const list = `#/${encodeURIComponent(site)}/${status}`;
  return conv === null ? list : `${list}/${encodeURIComponent(conv)}`;
}
