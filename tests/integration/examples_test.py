"""examples/: what echo_client and broadcast do, and what all three say to wrong usage. echo_server_test has the rest."""

import asyncio
import base64
import os
import signal
import socket
import struct
import subprocess
import unittest

import websockets

DEADLINE_S = 60
DIRECTORY = os.path.dirname(os.environ["ECHO_SERVER"])
PROGRAMS = ("echo_server", "echo_client", "broadcast")


def path_of(program: str) -> str:
    return os.path.join(DIRECTORY, program)


def run(program: str, *arguments: str, words: str | bytes = "") -> subprocess.CompletedProcess:
    words = words.encode() if isinstance(words, str) else words
    done = subprocess.run([path_of(program), *arguments], input=words, capture_output=True, timeout=DEADLINE_S, check=False)
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    assert "Sanitizer" not in done.stderr, done.stderr
    return done


class Example:
    """One of the servers on a port of its own."""

    def __init__(self, test: unittest.TestCase, program: str, *arguments: str):
        command = [path_of(program), "--port", "0", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        self.address = self.process.stdout.readline().split()[2]
        self.port = self.address.rsplit(":", 1)[1]
        self.url = f"ws://{self.address}/"
        self.log = ""
        test.addCleanup(self.check)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.log += self.process.communicate(timeout=DEADLINE_S)[1]
        return self.process.returncode

    def check(self) -> None:
        status = self.stop() if self.process.poll() is None else self.process.returncode
        assert status == 0 and "Sanitizer" not in self.log, f"ended with {status}:\n{self.log}"


class UsageTest(unittest.TestCase):
    def test_help(self):
        for program in PROGRAMS:
            done = run(program, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(done.stdout.startswith(f"Usage: {program} "), done.stdout)

    def test_errors_name_the_argument(self):
        for program in PROGRAMS:
            for arguments, words in (
                (("--port", "70000"), "--port needs a number from"),
                (("--port", "1x"), 'not "1x"'),
                (("--port", "-1"), "--port needs a number from"),
                (("--port",), "--port needs a value"),
                (("--frobnicate",), '"--frobnicate"'),
            ):
                with self.subTest(program=program, arguments=arguments):
                    done = run(program, *arguments)
                    self.assertEqual((done.returncode, done.stdout), (2, ""))
                    self.assertTrue(done.stderr.startswith(f"{program}: "), done.stderr)
                    self.assertIn(words, done.stderr)
                    self.assertIn(f"\nUsage: {program} ", done.stderr)

    def test_address_that_is_none(self):
        for program in ("echo_server", "broadcast"):
            done = run(program, "--host", "nowhere.invalid")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("nowhere.invalid", done.stderr)

    def test_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            for program in ("echo_server", "broadcast"):
                done = run(program, "--port", str(taken.getsockname()[1]))
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn("Address already in use", done.stderr)

    def test_client_needs_a_port(self):
        done = run("echo_client", "hello")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--port is missing", done.stderr)

    def test_client_refuses_a_bad_target(self):
        done = run("echo_client", "--port", "1", "--target", "no slash")
        self.assertEqual(done.returncode, 2)
        self.assertIn("target", done.stderr)


class EchoClientTest(unittest.TestCase):
    CLEAN = "ended: 1000 Normal Closure, by us, clean, cause purpose_fulfilled: purpose_fulfilled"

    def test_sends_its_arguments(self):
        server = Example(self, "echo_server")
        done = run("echo_client", "--port", server.port, "one", "two words", "日本語")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines(), ["one", "two words", "日本語", self.CLEAN])

    def test_sends_the_lines_of_its_input(self):
        server = Example(self, "echo_server")
        lines = [f"line {number} {'x' * (number % 500)}" for number in range(2000)]
        done = run("echo_client", "--port", server.port, words="\n".join(lines))
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.splitlines(), [*lines, self.CLEAN])

    def test_finds_localhost(self):
        server = Example(self, "echo_server")
        done = run("echo_client", "--host", "localhost", "--port", server.port, "found")
        self.assertEqual((done.returncode, done.stdout.splitlines()[0]), (0, "found"))

    def test_input_that_is_no_text(self):
        server = Example(self, "echo_server")
        done = run("echo_client", "--port", server.port, words=b"good\nbad \xff\nnever sent\n")
        self.assertEqual(done.stdout.splitlines(), ["good", self.CLEAN])
        self.assertIn("message 2 is not valid UTF-8", done.stderr)

    def test_explains_what_went_wrong(self):
        server = Example(self, "echo_server")
        done = run("echo_client", "--port", server.port, "--target", "/elsewhere", "x")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cause handshake_refused: HTTP 404 Not Found", done.stdout)
        with socket.socket() as closed:  # bound and not listening: nobody else gets the port meanwhile
            closed.bind(("127.0.0.1", 0))
            done = run("echo_client", "--port", str(closed.getsockname()[1]), "x")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ended: 1006 Abnormal Closure, by the network, not clean, cause connect_failed", done.stdout)

    def test_too_long_a_message(self):
        server = Example(self, "echo_server", "--max-message", "10")
        done = run("echo_client", "--port", server.port, "x" * 10, "x" * 11)
        self.assertEqual(done.stdout.splitlines()[0], "x" * 10)
        self.assertIn("ended: 1009 Message Too Big, by the peer, clean, cause peer_closed", done.stdout)

    def test_server_that_stops_while_it_waits_for_a_line(self):
        server = Example(self, "echo_server")
        with subprocess.Popen(
            [path_of("echo_client"), "--port", server.port],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        ) as client:
            client.stdin.write("hello\n")
            client.stdin.flush()
            self.assertEqual(client.stdout.readline(), "hello\n")
            self.assertEqual(server.stop(), 0)
            self.assertEqual(client.wait(DEADLINE_S), 0)
            self.assertIn("ended: 1001 Going Away, by the peer, clean", client.stdout.read())


class RawMember:
    """A member of the room that is nothing but a TCP connection: it answers no ping, and reads when it is told to."""

    def __init__(self, port: str):
        self.socket = socket.create_connection(("127.0.0.1", int(port)), DEADLINE_S)
        key = base64.b64encode(bytes(16)).decode()
        self.socket.sendall(
            f"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.stream = self.socket.makefile("rb")
        while self.stream.readline() != b"\r\n":
            pass

    def frame(self) -> tuple[int, bytes]:
        """The next unmasked frame: opcode and payload."""
        first, length = self.stream.read(2)
        if length == 126:
            (length,) = struct.unpack("!H", self.stream.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.stream.read(8))
        return first & 0x0F, self.stream.read(length)

    def close_code(self) -> int:
        """Reads on to the Close frame."""
        opcode, payload = self.frame()
        while opcode != 0x8:
            opcode, payload = self.frame()
        return struct.unpack("!H", payload[:2])[0]

    def close(self) -> None:
        self.stream.close()
        self.socket.close()


class BroadcastTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # unittest turns it on, and it complains of large messages

    async def join(self, room: Example):
        member = await websockets.connect(room.url, compression=None, ping_interval=None, max_queue=None)
        self.addAsyncCleanup(member.close)
        await (await member.ping())  # it is in the room now
        return member

    async def test_everybody_gets_every_message_in_one_order(self):
        room = Example(self, "broadcast")
        members = [await self.join(room) for _ in range(5)]
        texts = [f"{number} says {turn} €" for turn in range(20) for number in range(len(members))]
        for index, text in enumerate(texts):
            await members[index % len(members)].send(text)
        heard = [[await member.recv() for _ in texts] for member in members]
        self.assertEqual(sorted(heard[0]), sorted(texts))
        for other in heard[1:]:
            self.assertEqual(other, heard[0])

    async def test_binary_is_refused(self):
        member = await self.join(Example(self, "broadcast"))
        await member.send(b"\x00")
        await member.wait_closed()
        self.assertEqual(member.close_code, 1003)

    async def test_silent_member_is_asked_and_then_given_up(self):
        room = Example(self, "broadcast", "--heartbeat-ms", "300")
        alive = await self.join(room)  # answers pings by itself
        silent = RawMember(room.port)
        self.addCleanup(silent.close)
        opcode, _ = await asyncio.to_thread(silent.frame)
        self.assertEqual(opcode, 0x9)
        self.assertEqual(await asyncio.to_thread(silent.close_code), 3008)
        await alive.send("still here")
        self.assertEqual(await alive.recv(), "still here")

    async def test_slow_member_is_closed_and_holds_up_nobody(self):
        room = Example(self, "broadcast", "--queue-max", str(1 << 20))
        slow = RawMember(room.port)
        self.addCleanup(slow.close)
        fast = await self.join(room)
        text = "x" * 60_000
        # More than the kernel's buffers of both sides and the queue hold: 6 MB, 1 MB and what is read on from now.
        for _ in range(400):
            await fast.send(text)
            self.assertEqual(len(await fast.recv()), len(text))
        self.assertEqual(await asyncio.to_thread(slow.close_code), 1013)

    async def test_stops_with_1012(self):
        room = Example(self, "broadcast")
        members = [await self.join(room) for _ in range(3)]
        self.assertEqual(await asyncio.to_thread(room.stop), 0)
        for member in members:
            await member.wait_closed()
            self.assertEqual(member.close_code, 1012)
        self.assertEqual(room.log.count("status=1012 cause=drain origin=us clean=true"), 3)


if __name__ == "__main__":
    unittest.main()
