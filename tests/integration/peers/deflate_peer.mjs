// npm ws with permessage-deflate, as an echo server or as a client that checks its echoes.
//
//   deflate_peer.mjs server '{"serverMaxWindowBits": 12}'       prints its port
//   deflate_peer.mjs client URL '{"clientMaxWindowBits": 12}'   reads messages, a JSON array, and prints what came back
import { WebSocket, WebSocketServer } from '../../../web/node_modules/ws/wrapper.mjs';

const MESSAGE_BYTES_MAX = 4 << 20;

function serve(perMessageDeflate) {
  const server = new WebSocketServer({
    host: '127.0.0.1', port: 0, maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: perMessageDeflate && { ...perMessageDeflate, threshold: 0 },
  });
  server.on('listening', () => console.log(server.address().port));
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => {});
  });
}

async function talk(url, perMessageDeflate) {
  const input = [];
  for await (const chunk of process.stdin) input.push(chunk);
  const messages = JSON.parse(Buffer.concat(input).toString());
  const received = [];
  const socket = new WebSocket(url, { perMessageDeflate: { ...perMessageDeflate, threshold: 0 } });
  socket.on('open', () => messages.forEach((message) => socket.send(message)));
  socket.on('message', (data) => {
    received.push(data.toString());
    if (received.length === messages.length) socket.close(1000);
  });
  socket.on('error', (error) => console.error(error.message));
  socket.on('close', (code) => console.log(JSON.stringify({ received, code, extensions: socket.extensions })));
}

const [mode, ...rest] = process.argv.slice(2);
if (mode === 'server') serve(JSON.parse(rest[0]));
else await talk(rest[0], JSON.parse(rest[1]));
