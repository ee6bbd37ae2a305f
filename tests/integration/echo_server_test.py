"""examples/echo_server against python3-websockets, an implementation of RFC 6455 that is not ours."""

import asyncio
import os
import random
import signal
import subprocess
import unittest

import websockets

DEADLINE_S = 60


class EchoServer:
    def __init__(self, *arguments: str):
        command = [os.environ["ECHO_SERVER"], "--port", "0", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        line = self.process.stdout.readline()
        assert line.startswith("listening on 127.0.0.1:"), line
        self.url = f"ws://{line.split()[2]}/"

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        self.log = self.process.communicate(timeout=DEADLINE_S)[1]
        return self.process.returncode


class EchoServerTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.server = EchoServer("--max-message", str(4 << 20))

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # unittest turns it on, and it complains of large messages

    def tearDown(self):
        if self.server.process.poll() is None:
            self.assertEqual(self.server.stop(), 0)
        self.assertNotIn("Sanitizer", self.server.log)

    def connect(self, **options):
        return websockets.connect(self.server.url, max_size=None, compression=None, **options)

    async def test_echoes_text_and_binary_of_all_sizes(self):
        async with self.connect() as socket:
            for size in (0, 1, 125, 126, 4095, 4096, 4097, 65535, 65536, 1 << 20, 4 << 20):
                payload = random.randbytes(size)
                await socket.send(payload)
                self.assertEqual(await socket.recv(), payload)
            for text in ("", "é", "漢字" * 5000, "😀" * 30000):
                await socket.send(text)
                self.assertEqual(await socket.recv(), text)

    async def test_joins_fragments(self):
        async with self.connect() as socket:
            await socket.send(["one ", "two ", "", "thr€e"])
            self.assertEqual(await socket.recv(), "one two thr€e")

    async def test_many_in_flight_come_back_in_order(self):
        async with self.connect() as socket:
            for i in range(3000):
                await socket.send(f"{i}:" + "x" * (i % 700))
            for i in range(3000):
                self.assertEqual(await socket.recv(), f"{i}:" + "x" * (i % 700))

    async def test_answers_pings(self):
        async with self.connect() as socket:
            await asyncio.wait_for(await socket.ping(b"payload"), DEADLINE_S)

    async def test_closes_as_asked(self):
        for code in (1000, 1001, 1011, 3000, 4999):
            socket = await self.connect()
            await socket.close(code, "bye")
            self.assertEqual(socket.close_code, code)

    async def test_fails_with_the_right_code(self):
        socket = await self.connect()
        await socket.send(bytes((4 << 20) + 1))
        with self.assertRaises(websockets.ConnectionClosed):
            await socket.recv()
        self.assertEqual(socket.close_code, 1009)

    async def test_refuses_another_path(self):
        with self.assertRaises(websockets.InvalidStatusCode) as raised:
            await websockets.connect(self.server.url + "elsewhere")
        self.assertEqual(raised.exception.status_code, 404)

    async def test_hundred_clients_at_once(self):
        async def talk(number: int):
            async with self.connect() as socket:
                for turn in range(20):
                    text = f"{number} says {turn}"
                    await socket.send(text)
                    self.assertEqual(await socket.recv(), text)

        await asyncio.gather(*(talk(number) for number in range(100)))

    async def test_ends_by_signal_with_clients_connected(self):
        async with self.connect() as socket:
            await socket.send("hello")
            await socket.recv()
            self.assertEqual(await asyncio.to_thread(self.server.stop, signal.SIGINT), 0)
            with self.assertRaises(websockets.ConnectionClosed):
                await socket.recv()
            self.assertEqual(socket.close_code, 1001)

    async def test_shards_share_the_port(self):
        sharded = EchoServer("--shards", "4")
        for number in range(40):
            async with websockets.connect(sharded.url) as socket:
                await socket.send(str(number))
                self.assertEqual(await socket.recv(), str(number))
        self.assertEqual(sharded.stop(), 0)


if __name__ == "__main__":
    unittest.main()
