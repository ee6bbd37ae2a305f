"""`clearline connect` as people and scripts use it: against our echo server, python3-websockets, and bare sockets."""

import base64
import contextlib
import hashlib
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

try:
    import websockets
except ImportError:
    print("skipped: this Python has no module websockets (package python3-websockets)")
    sys.exit(77)

import asyncio

from deflate_cases import DEADLINE_S, EchoServer, run_connect

BINARY = os.environ["CLEARLINE_BINARY"]


def connect(url: str, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess:
    """Plain output; everything as bytes."""
    return subprocess.run(
        [BINARY, "connect", url, *arguments], input=data, capture_output=True, timeout=DEADLINE_S, check=False
    )


def last_line(err: bytes) -> str:
    return err.decode().rstrip("\n").rsplit("\n", 1)[-1]


def unix_listener(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen()
    return listener


class BareServer:
    """Accepts one connection, answers its handshake, sends bytes, and does what the test says next."""

    def __init__(self, frames: bytes = b"", linger: bool = True, listener: socket.socket | None = None):
        self.listener = listener or socket.create_server(("127.0.0.1", 0))
        if listener is None:
            self.url = f"ws://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.frames, self.linger = frames, linger
        self.request = b""
        self.received = b""
        self.arrived = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        with self.listener, self.listener.accept()[0] as peer:
            while b"\r\n\r\n" not in self.request:
                self.request += peer.recv(4096)
            peer.sendall(self.handshake() + self.frames)
            with contextlib.suppress(ConnectionResetError):  # a second Ctrl-C resets
                while self.linger and (data := peer.recv(4096)):
                    self.received += data
                    self.arrived.set()

    def handshake(self) -> bytes:
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", self.request)[1]
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        return (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )

    def join(self) -> None:
        self.thread.join(DEADLINE_S)


class ConnectTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.echo = EchoServer("--deflate", "--max-message", "1000000")

    @classmethod
    def tearDownClass(cls):
        cls.echo.stop()

    # --- Messages

    def test_lines_go_and_come_back(self):
        done = connect(self.echo.url, "--receive", "4", data="one\n\ntwo é\nlast".encode())
        self.assertEqual(done.stdout.decode(), "one\n\ntwo é\nlast\n")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"open: " + self.echo.url.encode() + b"; subprotocol none, extensions none\n", done.stderr)
        self.assertEqual(
            last_line(done.stderr),
            "connection ended: 1000 Normal Closure; cause purpose_fulfilled, origin us, clean; sent 1000, "
            "received 1000",
        )

    def test_waits_for_answers_after_the_input(self):
        done = connect(self.echo.url, "--wait", "2", data=b"hello\n")
        self.assertEqual((done.stdout, done.returncode), (b"hello\n", 0))

    def test_binary_messages_are_hexadecimal(self):
        done = connect(self.echo.url, "--binary", "--receive", "1", data=b"\x00\xff\x80\n")
        self.assertEqual((done.stdout, done.returncode), (b"binary: 00ff80\n", 0))

    def test_much_input_through_one_connection(self):
        lines = [f"{n} " + "x" * (n % 3000) for n in range(5000)]
        done = connect(self.echo.url, "--receive", str(len(lines)), data="\n".join(lines).encode())
        self.assertEqual(done.stdout.decode().splitlines(), lines)
        self.assertEqual(done.returncode, 0)

    def test_input_from_a_file(self):
        path = os.path.join(os.path.dirname(__file__), "..", "data", "dialogues-sample.jsonl")
        with open(path, "rb") as file:
            expected = file.read()
        with open(path, "rb") as file:
            done = subprocess.run(
                [BINARY, "connect", self.echo.url, "--receive", str(expected.count(b"\n"))],
                stdin=file, capture_output=True, timeout=DEADLINE_S, check=False,
            )
        self.assertEqual((done.stdout, done.returncode), (expected, 0))

    def test_input_that_is_not_utf8(self):
        done = connect(self.echo.url, data=b"good\n\xff\nnever sent\n")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"line 2 of the input is not UTF-8", done.stderr)
        self.assertIn("1000 Normal Closure", last_line(done.stderr))

    # --- Endings

    def test_closes_with_the_code_asked_for(self):
        status, events, err = run_connect(self.echo.url, "--no-input", "--close", "4321:so long")
        self.assertEqual(status, 0, err)
        self.assertEqual([event["event"] for event in events], ["open", "end"])
        end = events[-1]
        self.assertEqual((end["status"], end["reason"], end["clean"]), (4321, "so long", True))
        self.assertEqual((end["sent_code"], end["received_code"]), (4321, 4321))
        self.assertEqual((end["origin"], end["cause"], end["exit_status"]), ("us", "application_closed", 0))

    def test_refused_handshake(self):
        done = connect(self.echo.url + "elsewhere", "--no-input")
        self.assertEqual(done.returncode, 3)
        self.assertIn("cause handshake_refused, origin peer", last_line(done.stderr))
        self.assertIn("HTTP 404 Not Found", last_line(done.stderr))

    def test_unix_socket(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "s")
            server = BareServer(b"\x81\x02hi", listener=unix_listener(path))
            done = connect(f"ws+unix:{path}:/live", "--receive", "1")
            server.join()
        self.assertEqual(done.stdout, b"hi\n")
        self.assertTrue(server.request.startswith(b"GET /live HTTP/1.1\r\nHost: localhost\r\n"), server.request)

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        done = connect(f"ws://127.0.0.1:{port}/", "--no-input")
        self.assertEqual(done.returncode, 4)
        self.assertIn("cause connect_failed, origin network", last_line(done.stderr))
        self.assertIn("Connection refused", last_line(done.stderr))

    def test_server_that_never_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            done = connect(f"ws://127.0.0.1:{silent.getsockname()[1]}/", "--no-input", "--timeout", "0.3")
        self.assertEqual(done.returncode, 4)
        self.assertIn("cause handshake_timeout", last_line(done.stderr))

    def test_server_that_breaks_the_protocol(self):
        server = BareServer(frames=b"\x83\x00")
        done = connect(server.url, "--no-input")
        server.join()
        self.assertEqual(done.returncode, 6)
        self.assertIn("1002 Protocol error; cause reserved_opcode, origin us", last_line(done.stderr))

    def test_connection_that_is_cut(self):
        server = BareServer(frames=b"\x81\x02hi", linger=False)
        done = connect(server.url, "--no-input")
        server.join()
        self.assertEqual(done.returncode, 7)
        self.assertEqual(done.stdout, b"hi\n")
        self.assertIn("1006 Abnormal Closure; cause ", last_line(done.stderr))
        self.assertIn("received no Close", last_line(done.stderr))

    def test_server_closes_with_an_error(self):
        server = BareServer(frames=b"\x88\x07" + (1011).to_bytes(2, "big") + b"\x1b[2Jx"[:5])
        done = connect(server.url, "--no-input")
        server.join()
        self.assertEqual(done.returncode, 8)
        self.assertIn("1011 Internal Error; cause peer_closed, origin peer, clean; reason: \\x1b[2Jx",
                      last_line(done.stderr))

    def test_required_extension(self):
        self.assertEqual(run_connect(self.echo.url, "--require", "permessage-deflate", "--close", "1000",
                                     "--no-input")[0], 0)
        server = BareServer()
        status, events, err = run_connect(server.url, "--require", "permessage-deflate", "--require", "x-other")
        server.join()
        self.assertEqual(status, 9, err)
        self.assertIn("permessage-deflate", server.request.decode())
        self.assertIn("x-other", server.request.decode())
        self.assertEqual(events[-1]["reason"], "permessage-deflate, x-other")
        self.assertEqual((events[-1]["status"], events[-1]["origin"]), (1010, "us"))

    def test_no_answer_to_our_close(self):
        server = BareServer()
        done = connect(server.url, "--no-input", "--close", "1000", "--timeout", "0.3")
        server.join()
        self.assertEqual(done.returncode, 7)
        self.assertIn("not clean (close_timeout)", last_line(done.stderr))

    def test_heartbeat(self):
        process = subprocess.Popen(
            [BINARY, "connect", self.echo.url, "--no-input", "--ping", "0.05", "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        )
        pongs = []
        while len(pongs) < 3:
            event = json.loads(process.stdout.readline())
            if event["event"] == "pong":
                pongs.append(event)
        self.assertTrue(all(pong["round_trip_ms"] > 0 for pong in pongs))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE_S)
        self.assertEqual(process.returncode, 130)

    def test_heartbeat_that_is_not_answered(self):
        server = BareServer()
        done = connect(server.url, "--no-input", "--ping", "0.1", "--timeout", "0.3")
        server.join()
        self.assertEqual(done.returncode, 7)
        self.assertIn(b"no pong within 0.1 s", done.stderr)
        self.assertIn("cause heartbeat_lost, origin us, not clean", last_line(done.stderr))

    def test_interrupt_closes_with_1001(self):
        process = subprocess.Popen(
            [BINARY, "connect", self.echo.url, "--no-input"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.assertIn(b"open: ", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=DEADLINE_S)[1]
        self.assertEqual(process.returncode, 130)
        self.assertIn("1001 Going Away; cause application_closed, origin us, clean; reason: interrupted", last_line(err))

    def test_second_interrupt_does_not_wait(self):
        server = BareServer()
        process = subprocess.Popen(
            [BINARY, "connect", server.url, "--no-input", "--timeout", "600"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self.assertIn(b"open: ", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        self.assertTrue(server.arrived.wait(DEADLINE_S))  # our Close
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=DEADLINE_S)[1]
        server.join()
        self.assertEqual(process.returncode, 130)
        self.assertIn("1001 Going Away", last_line(err))

    def test_reader_that_goes_away(self):
        process = subprocess.Popen(
            [BINARY, "connect", self.echo.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        process.stdout.close()
        process.stdin.write(b"hello\n")
        process.stdin.flush()
        with process.stderr:
            err = process.stderr.read()
        process.stdin.close()
        self.assertEqual(process.wait(DEADLINE_S), 1)
        self.assertIn(b"standard output takes no more", err)
        self.assertIn("1001 Going Away", last_line(err))

    # --- On a terminal

    def test_what_arrives_does_not_garble_what_is_typed(self):
        screen = Terminal([BINARY, "connect", self.echo.url])
        screen.wait_for("open: ")
        screen.wait_for("> ")
        screen.type("hello\r")
        screen.wait_for("\r\x1b[K< hello\r\n\r\x1b[K> ")
        # Half of a line is there when a message comes: it is drawn again behind it.
        screen.type("first\rhalf")
        screen.wait_for("\x1b[K< first\r\n\r\x1b[K> half")
        screen.type(" a line\r")
        screen.wait_for("< half a line\r\n")
        screen.type("\x04")
        self.assertEqual(screen.wait(), 0)
        self.assertIn("connection ended: 1000 Normal Closure", screen.text)

    def test_ctrl_c_on_a_terminal(self):
        screen = Terminal([BINARY, "connect", self.echo.url])
        screen.wait_for("> ")
        screen.type("\x03")
        self.assertEqual(screen.wait(), 130)
        self.assertIn("1001 Going Away", screen.text)


class Terminal:
    """A process on a terminal of its own."""

    def __init__(self, command: list[str]):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(command[0], command)

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def read(self) -> bool:
        try:
            data = os.read(self.fd, 4096)
        except OSError:  # how a terminal says that nobody has it open any more
            return False
        self.text += data.decode()
        return bool(data)

    def wait_for(self, text: str) -> None:
        while text not in self.text:
            assert self.read(), f"{text!r} did not come in {self.text!r}"
        self.text = self.text[self.text.index(text) + len(text):]

    def wait(self) -> int:
        while self.read():
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class ConnectToPythonTest(unittest.IsolatedAsyncioTestCase):
    async def test_handshake_options_and_events(self):
        seen = {}

        async def talk(peer):
            seen["headers"] = peer.request_headers
            await peer.send("welcome")
            await peer.send(b"\x01\x02")
            await peer.ping(b"are you there")
            await peer.close(1000, "enough")

        async with websockets.serve(talk, "127.0.0.1", 0, subprotocols=["chat.v1"]) as server:
            port = server.sockets[0].getsockname()[1]
            status, events, err = await asyncio.to_thread(
                run_connect, f"ws://127.0.0.1:{port}/live?x=1", "--subprotocol", "chat.v2", "--subprotocol", "chat.v1",
                "--header", "Authorization: Bearer xyz", "--origin", "https://shop.example", "--no-input",
            )
        self.assertEqual(status, 0, err)
        self.assertEqual(seen["headers"]["Authorization"], "Bearer xyz")
        self.assertEqual(seen["headers"]["Origin"], "https://shop.example")
        self.assertEqual(events[0]["subprotocol"], "chat.v1")
        self.assertEqual(
            [event["event"] for event in events], ["open", "message", "message", "ping", "end"]
        )
        self.assertEqual(events[1]["text"], "welcome")
        self.assertEqual((events[2]["type"], events[2]["hex"]), ("binary", "0102"))
        self.assertEqual(bytes.fromhex(events[3]["hex"]), b"are you there")
        self.assertEqual((events[4]["status"], events[4]["origin"], events[4]["reason"]), (1000, "peer", "enough"))

    async def test_message_that_is_too_big(self):
        async def talk(peer):
            await peer.send("x" * 1001)
            await peer.wait_closed()

        async with websockets.serve(talk, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            status, events, _ = await asyncio.to_thread(
                run_connect, f"ws://127.0.0.1:{port}/", "--max-message", "1000", "--no-input"
            )
        self.assertEqual((status, events[-1]["status"]), (6, 1009))


if __name__ == "__main__":
    unittest.main()
