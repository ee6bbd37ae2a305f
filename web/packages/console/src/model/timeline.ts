// A conversation's log as it is drawn: days, notices, the unread divider, and messages in groups by who wrote them.
import type { AgentId, ClientId, LogEvent, MessageEvent, Sender, TimeMs } from '@clearline/protocol';
import { dayKey } from './time-words.ts';

/** A message of this agent that the server has not acknowledged. */
export interface Unsent {
  readonly clientId: ClientId;
  readonly text: string;
  readonly at: TimeMs;
  /** Why it will not be sent again by itself; undefined while it is under way. */
  readonly failure?: string | undefined;
}

/** received: somebody else's. The rest is how far a message of the agents' side has come. */
export type Progress = 'received' | 'sending' | 'failed' | 'sent' | 'delivered' | 'seen';

export interface TimelineMessage {
  readonly key: string;
  readonly clientId: ClientId;
  readonly at: TimeMs;
  readonly text: string;
  readonly progress: Progress;
  /** The progress is spelt out: at the last message that has come this far. */
  readonly marked: boolean;
  readonly failure?: string | undefined;
}

export type Side = 'visitor' | 'own' | 'colleague';

/**
 * Each message is an item of its own, so that older ones can be put before it, and newer ones behind it, without
 * touching it; `first` and `last` say where its group begins and ends.
 */
export interface MessageItem {
  readonly kind: 'message';
  readonly key: string;
  readonly side: Side;
  readonly from: Sender;
  readonly message: TimelineMessage;
  readonly first: boolean;
  readonly last: boolean;
}

export type TimelineItem =
  | MessageItem
  | { readonly kind: 'day'; readonly key: string; readonly at: TimeMs }
  | { readonly kind: 'unread'; readonly key: string }
  | { readonly kind: 'notice'; readonly key: string; readonly event: Exclude<LogEvent, MessageEvent> };

export interface TimelineInput {
  readonly events: readonly LogEvent[];
  readonly unsent: readonly Unsent[];
  readonly me: { readonly id: AgentId; readonly display_name: string };
  readonly visitor_delivered: number;
  readonly visitor_seen: number;
  /** The agents had seen up to here when the conversation was opened; null for no divider. */
  readonly unreadAfter: number | null;
}

const groupGapMs = 5 * 60_000;

function progressOf(event: MessageEvent, input: TimelineInput): Progress {
  if (event.from.role === 'visitor') return 'received';
  if (event.seq <= input.visitor_seen) return 'seen';
  return event.seq <= input.visitor_delivered ? 'delivered' : 'sent';
}

function sideOf(from: Sender, me: AgentId): Side {
  if (from.role === 'visitor') return 'visitor';
  return from.id === me ? 'own' : 'colleague';
}

class Builder {
  readonly items: TimelineItem[] = [];
  private readonly input: TimelineInput;
  private currentDay = '';
  private dividerDrawn = false;

  constructor(input: TimelineInput) {
    this.input = input;
  }

  event(event: LogEvent): void {
    this.day(event.at);
    switch (event.kind) {
      case 'message':
        this.divider(event);
        this.message(sideOf(event.from, this.input.me.id), event.from, {
          key: event.client_id,
          clientId: event.client_id,
          at: event.at,
          text: event.text,
          progress: progressOf(event, this.input),
          marked: false,
        });
        break;
      case 'closed':
      case 'reopened':
        this.items.push({ kind: 'notice', key: `notice ${event.seq}`, event });
        break;
      default:
      // A kind younger than this page has its place in the order and nothing to show.
    }
  }

  unsent(message: Unsent): void {
    this.day(message.at);
    const { me } = this.input;
    this.message(
      'own',
      { role: 'agent', id: me.id, name: me.display_name },
      {
        key: message.clientId,
        clientId: message.clientId,
        at: message.at,
        text: message.text,
        progress: message.failure === undefined ? 'sending' : 'failed',
        marked: false,
        failure: message.failure,
      },
    );
  }

  private day(at: TimeMs): void {
    const day = dayKey(at);
    if (day === this.currentDay) return;
    this.currentDay = day;
    this.items.push({ kind: 'day', key: `day ${day} ${this.items.length}`, at });
  }

  private divider(event: MessageEvent): void {
    const { unreadAfter } = this.input;
    if (unreadAfter === null || this.dividerDrawn) return;
    if (event.from.role !== 'visitor' || event.seq <= unreadAfter) return;
    this.dividerDrawn = true;
    // Where everything is new there is nothing to divide it from.
    if (event.seq === this.input.events[0]?.seq) return;
    this.items.push({ kind: 'unread', key: 'unread' });
  }

  private message(side: Side, from: Sender, message: TimelineMessage): void {
    const before = this.items.at(-1);
    const continues =
      before?.kind === 'message' && before.from.id === from.id && message.at - before.message.at < groupGapMs;
    if (continues) this.items[this.items.length - 1] = { ...before, last: false };
    this.items.push({ kind: 'message', key: message.key, side, from, message, first: !continues, last: true });
  }
}

/** Spells out each progress once, at the last message that has come this far; what failed always says so. */
function mark(items: TimelineItem[]): void {
  const spelt = new Set<Progress>(['received']);
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const item = items[index];
    if (item?.kind !== 'message') continue;
    const { progress } = item.message;
    if (progress === 'failed' || !spelt.has(progress)) {
      items[index] = { ...item, message: { ...item.message, marked: true } };
    }
    spelt.add(progress);
    // Who saw this message saw all before it: an older "delivered" or "sent" would only be noise.
    if (progress === 'seen') spelt.add('delivered').add('sent');
    if (progress === 'delivered') spelt.add('sent');
  }
}

/**
 * Unsent messages stand at the end, in the order in which they were written. One that the log already holds is left
 * out: its ack and its event may both be under way.
 */
export function timelineOf(input: TimelineInput): TimelineItem[] {
  const builder = new Builder(input);
  const logged = new Set<ClientId>();
  for (const event of input.events) {
    if (event.kind === 'message') logged.add(event.client_id);
    builder.event(event);
  }
  for (const message of input.unsent) {
    if (!logged.has(message.clientId)) builder.unsent(message);
  }
  mark(builder.items);
  return builder.items;
}

/** Messages by others after `seq`: what the "new messages" pill counts. */
export function receivedAfter(events: readonly LogEvent[], seq: number, me: AgentId): number {
  return events.filter((event) => event.seq > seq && event.kind === 'message' && event.from.id !== me).length;
}
