export { Client, CommandError, createClient, type ClientEvents, type ClientOptions } from './client.ts';
export { CredentialRefused, type ConnectionState, type Phase } from './connection.ts';
export { Conversation, type ConversationView, type PendingMessage, type ReadMarks } from './conversation.ts';
export { platformEnvironment, type Environment, type Socket, type TimerHandle } from './environment.ts';
export { type OutboxItem } from './outbox.ts';
export { bindPage, type PageEvents } from './page.ts';
export { type Ending } from './policy.ts';
export { type KeyValueStorage } from './storage.ts';
