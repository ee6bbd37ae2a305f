"""permessage-deflate against python3-websockets: its client and our server, our client and its server."""

import sys
import unittest

try:
    import websockets
    from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory
except ImportError:
    print("skipped: this Python has no module websockets (package python3-websockets)")
    sys.exit(77)

import asyncio

from deflate_cases import CASES, EchoServer, chat_texts, elements, parameters, run_connect


class DeflateTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # unittest turns it on, and it complains of large messages

    async def test_their_client_our_server(self):
        for wanted, offered, agreed in CASES:
            with self.subTest(wanted=wanted, offered=offered):
                server = EchoServer("--deflate-parameters", wanted)
                self.addCleanup(server.stop)
                options = {"client_max_window_bits": None, **parameters(offered)}
                factory = ClientPerMessageDeflateFactory(**options)
                async with websockets.connect(
                    server.url, compression=None, extensions=[factory], max_size=None
                ) as socket:
                    answer = socket.response_headers["Sec-WebSocket-Extensions"]
                    self.assertEqual(elements(answer), elements("permessage-deflate" + agreed))
                    texts = chat_texts()
                    for text in texts:
                        await socket.send(text)
                    for text in texts:
                        self.assertEqual(await socket.recv(), text)

    async def test_our_client_their_server(self):
        async def echo(socket):
            async for message in socket:
                await socket.send(message)

        for wanted, offered, agreed in CASES:
            with self.subTest(wanted=wanted, offered=offered):
                factory = ServerPerMessageDeflateFactory(**parameters(wanted))
                async with websockets.serve(
                    echo, "127.0.0.1", 0, compression=None, extensions=[factory], max_size=None
                ) as server:
                    port = server.sockets[0].getsockname()[1]
                    texts = chat_texts()
                    status, events, err = await asyncio.to_thread(
                        run_connect, f"ws://127.0.0.1:{port}/", "--deflate-parameters", offered,
                        "--receive", str(len(texts)), lines=texts,
                    )
                self.assertEqual(status, 0, err)
                self.assertEqual(elements(events[0]["extensions"][0]), elements("permessage-deflate" + agreed))
                self.assertEqual([event["text"] for event in events if event["event"] == "message"], texts)

    async def test_bomb_stops_at_the_limit(self):
        server = EchoServer("--deflate", "--max-message", "65536")
        self.addCleanup(server.stop)
        socket = await websockets.connect(server.url, max_size=None)
        await socket.send("x" * 65536)
        self.assertEqual(await socket.recv(), "x" * 65536)
        await socket.send("x" * 50_000_000)
        with self.assertRaises(websockets.ConnectionClosed):
            await socket.recv()
        self.assertEqual(socket.close_code, 1009)

    async def test_bomb_stops_at_the_clients_limit(self):
        async def drop_one(socket):
            await socket.send("x" * 50_000_000)
            await socket.wait_closed()

        async with websockets.serve(drop_one, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            status, events, err = await asyncio.to_thread(
                run_connect, f"ws://127.0.0.1:{port}/", "--deflate", "--max-message", "65536", "--no-input"
            )
        self.assertEqual(status, 6, err)
        self.assertEqual(events[-1]["status"], 1009)
        self.assertEqual(events[-1]["cause"], "message_too_big")


if __name__ == "__main__":
    unittest.main()
