// npm run dev [PORT]: serves web/dist with a server that keeps everything in memory, for work on the screens.
// Its agents are ada ("correct horse") and bob ("battery staple").
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { webRoot } from './run.mjs';

const { module } = await runnerImport(join(webRoot, 'packages/testkit/src/http.ts'), { configFile: false });
const server = new module.FakeHttpServer({
  dist: join(webRoot, 'dist'),
  port: Number(process.argv[2] ?? 0),
  origins: process.argv.slice(3),
});
console.log(`listening on ${await server.listen()}`);
console.log('agents: ada, password: correct horse; bob, password: battery staple');
