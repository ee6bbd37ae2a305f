import type { ClientId, LogEvent, Role } from '@clearline/protocol';
import type { ConversationView, PendingMessage } from '@clearline/sdk';

export type MessageStatus = 'sending' | 'sent' | 'delivered' | 'seen' | 'failed';

export interface MessageRow {
  kind: 'message';
  key: string;
  own: boolean;
  /** The sender's name, where there is one. */
  name: string | undefined;
  /** Opens a group of one sender's messages. */
  first: boolean;
  /** Ends it: time and status stand here. */
  last: boolean;
  text: string;
  at: number;
  /** The newest own message: its status is told in words. */
  newestOwn: boolean;
  /** Own messages only. */
  status: MessageStatus | undefined;
  /** Why it was not sent. */
  error: string | undefined;
  clientId: ClientId;
}

export type Row =
  MessageRow | { kind: 'day'; key: string; at: number } | { kind: 'notice'; key: string; what: 'closed' | 'reopened' };

/** Messages further apart than this do not share a group. */
const groupMs = 5 * 60_000;

/** What the log shows, from top to bottom. `dayOf` names a time's day in the reader's time zone. */
export function makeRows(view: ConversationView, role: Role, dayOf: (at: number) => string): Row[] {
  const rows: Row[] = [];
  let previous: MessageRow | null = null;
  let day = '';
  const add = (row: MessageRow) => {
    if (dayOf(row.at) !== day) {
      day = dayOf(row.at);
      rows.push({ kind: 'day', key: `day ${day}`, at: row.at });
      previous = null;
    }
    const joins =
      previous?.own === row.own &&
      previous.name === row.name &&
      row.at - previous.at < groupMs &&
      previous.status !== 'failed' &&
      row.status !== 'failed';
    if (joins && previous) previous.last = false;
    row.first = !joins;
    rows.push(row);
    previous = row;
  };
  for (const event of view.events) {
    if (event.kind === 'message') {
      add(eventRow(event, view, role));
    } else if ((event.kind as string) === 'closed' || (event.kind as string) === 'reopened') {
      rows.push({ kind: 'notice', key: `notice ${event.seq}`, what: event.kind });
      previous = null;
    }
  }
  for (const message of view.pending) add(pendingRow(message));
  const newestOwn = rows.findLast((row) => row.kind === 'message' && row.own);
  if (newestOwn?.kind === 'message') newestOwn.newestOwn = true;
  return rows;
}

function eventRow(event: Extract<LogEvent, { kind: 'message' }>, view: ConversationView, role: Role): MessageRow {
  const own = event.from.role === role;
  const marks = view.marks[role === 'visitor' ? 'agent' : 'visitor'];
  const read = marks.seen >= event.seq ? 'seen' : marks.delivered >= event.seq ? 'delivered' : 'sent';
  return {
    kind: 'message',
    key: event.client_id,
    own,
    name: own ? undefined : event.from.name,
    first: true,
    last: true,
    newestOwn: false,
    text: event.text,
    at: event.at,
    status: own ? read : undefined,
    error: undefined,
    clientId: event.client_id,
  };
}

function pendingRow(message: PendingMessage): MessageRow {
  return {
    kind: 'message',
    key: message.clientId,
    own: true,
    name: undefined,
    first: true,
    last: true,
    newestOwn: false,
    text: message.text,
    at: message.at,
    status: message.error !== undefined ? 'failed' : message.stored ? 'sent' : 'sending',
    error: message.error,
    clientId: message.clientId,
  };
}

/** How many of the other side's messages here the person has not seen. */
export function unreadCount(view: ConversationView, role: Role): number {
  const { seen } = view.marks[role];
  return view.events.filter((event) => event.kind === 'message' && event.from.role !== role && event.seq > seen).length;
}
