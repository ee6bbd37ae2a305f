// The messages of clearline.v1 as types. docs/reference/protocol.md says what they mean; the section numbers here are
// that page's.
import type { AgentId, ClientId, ConversationId, Epoch, SiteKey, TimeMs, VisitorId } from './ids.ts';

export const subprotocol = 'clearline.v1';

export type Role = 'visitor' | 'agent';

// Section 2: opening.

export interface ResumePoint {
  conv: ConversationId;
  epoch: Epoch;
  seq: number;
}

export interface ClientInfo {
  name: string;
  version: string;
}

export interface Hello {
  t: 'hello';
  role: Role;
  site?: SiteKey;
  token?: string;
  ticket?: string;
  client?: ClientInfo;
  resume?: ResumePoint[];
  visible?: boolean;
}

export interface Limits {
  text_bytes: number;
  message_bytes: number;
  page_events: number;
  resume_events: number;
}

export interface Agent {
  id: AgentId;
  name: string;
  display_name: string;
  role: 'agent' | 'admin';
}

export interface Site {
  site: SiteKey;
  name: string;
}

interface WelcomeBase {
  t: 'welcome';
  connection: string;
  server: ClientInfo;
  time: TimeMs;
  epoch: Epoch;
  heartbeat_ms: number;
  limits: Limits;
}

export interface VisitorWelcome extends WelcomeBase {
  visitor: {
    id: VisitorId;
    conv: ConversationId;
    /** Present when it was newly made. */
    token?: string;
  };
  agents_online: boolean;
  agent?: undefined;
}

export interface AgentWelcome extends WelcomeBase {
  agent: Agent;
  sites: Site[];
  visitor?: undefined;
}

export type Welcome = VisitorWelcome | AgentWelcome;

// Sections 3 and 4: messages and events.

export interface Sender {
  role: Role;
  id: VisitorId | AgentId;
  /** An agent's display name; visitors have none. */
  name?: string;
}

interface EventBase {
  seq: number;
  at: TimeMs;
}

export interface MessageEvent extends EventBase {
  kind: 'message';
  from: Sender;
  client_id: ClientId;
  text: string;
}

export interface ClosedEvent extends EventBase {
  kind: 'closed';
  from: Sender;
}

export interface ReopenedEvent extends EventBase {
  kind: 'reopened';
  from: Sender;
}

/** A client may meet kinds that are younger than itself: it counts their seq and shows nothing. */
export type LogEvent = MessageEvent | ClosedEvent | ReopenedEvent;

// Section 7: summaries.

export interface LastEvent {
  kind: LogEvent['kind'];
  role: Role;
  text?: string;
}

/** What both sides know of a conversation. */
export interface ConversationState {
  conv: ConversationId;
  site: SiteKey;
  status: 'open' | 'closed';
  created_at: TimeMs;
  visitor: { id: VisitorId; online: boolean };
  last_seq: number;
  last_at: TimeMs;
  last: LastEvent | null;
  visitor_delivered: number;
  visitor_seen: number;
  agents_delivered: number;
  agents_seen: number;
}

/** The agents' view of it. */
export interface ConversationSummary extends ConversationState {
  version: number;
  unread: number;
  waiting_since: TimeMs | null;
}

// From the server.

export interface Ack {
  t: 'ack';
  id: number;
  conv: ConversationId;
  client_id: ClientId;
  seq: number;
  at: TimeMs;
  epoch: Epoch;
  duplicate: boolean;
}

export interface OneEvent {
  t: 'event';
  conv: ConversationId;
  event: LogEvent;
}

export interface ManyEvents {
  t: 'events';
  conv: ConversationId;
  events: LogEvent[];
}

export interface Watching {
  t: 'watching';
  /** Missing for the answer to a resume point of hello. */
  id?: number;
  conv: ConversationId;
  epoch: Epoch;
  first_seq: number;
  last_seq: number;
  more: boolean;
  state: ConversationState | ConversationSummary;
}

export interface Reset {
  t: 'reset';
  conv: ConversationId;
  reason: 'epoch' | 'cursor' | 'too_far';
}

export interface HistoryPage {
  t: 'page';
  id: number;
  conv: ConversationId;
  events: LogEvent[];
  more: boolean;
}

export interface Typing {
  t: 'typing';
  conv: ConversationId;
  from: Sender;
  on: boolean;
}

export interface Receipt {
  t: 'receipt';
  conv: ConversationId;
  role: Role;
  delivered: number;
  seen: number;
  unread: number;
}

export interface VisitorPresence {
  t: 'presence';
  conv: ConversationId;
  online: boolean;
}

export interface AgentsPresence {
  t: 'presence';
  site: SiteKey;
  agents_online: boolean;
}

export interface InboxAnswer {
  t: 'inbox';
  id: number;
  site: SiteKey;
  status: 'open' | 'closed';
  conversations: ConversationSummary[];
  more: boolean;
  cursor?: string;
}

export interface ConversationsChanged {
  t: 'conversations';
  site: SiteKey;
  changed: ConversationSummary[];
}

export interface Pong {
  t: 'pong';
  n: number;
  time: TimeMs;
}

export interface ErrorAnswer {
  t: 'error';
  id?: number;
  error: string;
  message: string;
  retryable: boolean;
  retry_after_ms?: number;
}

export interface Bye {
  t: 'bye';
  code: number;
  cause: string;
  message?: string;
  retry_after_ms?: number;
  spread_ms?: number;
  resume?: boolean;
}

export type ServerMessage =
  | Welcome
  | Ack
  | OneEvent
  | ManyEvents
  | Watching
  | Reset
  | HistoryPage
  | Typing
  | Receipt
  | VisitorPresence
  | AgentsPresence
  | InboxAnswer
  | ConversationsChanged
  | Pong
  | ErrorAnswer
  | Bye;

// From the client.

export interface Send {
  t: 'send';
  id: number;
  conv: ConversationId;
  client_id: ClientId;
  text: string;
}

export interface Watch {
  t: 'watch';
  id: number;
  conv: ConversationId;
  epoch?: Epoch;
  after?: number;
}

export interface Unwatch {
  t: 'unwatch';
  conv: ConversationId;
}

export interface HistoryRequest {
  t: 'history';
  id: number;
  conv: ConversationId;
  before: number;
  limit: number;
}

export interface TypingSignal {
  t: 'typing';
  conv: ConversationId;
  on: boolean;
}

export interface ReceiptSignal {
  t: 'receipt';
  conv: ConversationId;
  delivered: number;
  seen: number;
}

export interface InboxRequest {
  t: 'inbox';
  id: number;
  site: SiteKey;
  status: 'open' | 'closed';
  limit?: number;
  cursor?: string;
}

export interface CloseConversation {
  t: 'close_conversation';
  id: number;
  conv: ConversationId;
  client_id: ClientId;
}

export interface Ping {
  t: 'ping';
  n: number;
  visible: boolean;
}

export type ClientMessage =
  | Hello
  | Send
  | Watch
  | Unwatch
  | HistoryRequest
  | TypingSignal
  | ReceiptSignal
  | InboxRequest
  | CloseConversation
  | Ping;

/** The commands that are answered: each carries an id, and the answer carries it back. */
export type Command = Extract<ClientMessage, { id: number }>;
