// An echo server on the npm package ws, as its README has it: what `clearline inspect` is tried on.
// Usage: node npm_ws.cjs PATH_OF_WS MESSAGE_BYTES_MAX
const { WebSocketServer } = require(process.argv[2]);

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  maxPayload: Number(process.argv[3]),
  perMessageDeflate: true,
});
server.on("listening", () => console.log(`listening on 127.0.0.1:${server.address().port}`));
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (message, isBinary) => socket.send(message, { binary: isBinary }));
});
