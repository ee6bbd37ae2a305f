/** A string that cannot be taken for another kind of string. */
export type Brand<Name extends string> = string & { readonly __brand: Name };

export type ConversationId = Brand<'conversation'>;
export type VisitorId = Brand<'visitor'>;
export type AgentId = Brand<'agent'>;
/** A UUID in lower case, made by the sender of a message. */
export type ClientId = Brand<'client'>;
/** Names one history of the logs; another epoch makes every cursor void. */
export type Epoch = Brand<'epoch'>;
export type SiteKey = string;
/** Milliseconds since 1970-01-01 UTC. */
export type TimeMs = number;
