export { FakeChat, type FakeAgent, type FakeConversation } from './chat.ts';
export { seeded } from './random.ts';
export { FakeServer } from './server.ts';
export { Session, type Wire } from './session.ts';
export { FakeSocket, type FakeNetwork } from './socket.ts';
export { MemoryStorage } from './storage.ts';
