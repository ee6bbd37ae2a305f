// npm ws, as the web client's tests install it, without its optional native helpers.
import { WebSocketServer } from '../../../web/node_modules/ws/wrapper.mjs';

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  backlog: 4096,
  perMessageDeflate: process.argv.includes('--deflate'),
  maxPayload: 64 << 20,
});
server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
  socket.on('error', () => {});
});
