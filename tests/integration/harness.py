"""What the integration tests share: the real server as a process, and clients that speak clearline.v1 to it.

Nothing here sleeps to wait for something: every wait is for an event, and its deadline only ends a test that hangs.
"""

import asyncio
import contextlib
import http.client
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import sys
import unittest
import uuid

try:
    import websockets
except ImportError:
    print("skipped: this Python has no module websockets (package python3-websockets)")
    sys.exit(77)

# The debug mode of unittest's loop reports every callback that waits for a process or an HTTP answer.
logging.getLogger("asyncio").setLevel(logging.ERROR)

DEADLINE_S = 60
SUBPROTOCOL = "clearline.v1"
NO_CONVERSATION = "c0000000000001"  # well-formed, and nobody's
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA_DIRECTORY = os.path.join(ROOT, "tests", "data")
DEFAULT_BINARY = os.path.join(ROOT, "build", "dev", "bin", "clearline")


def data_rows(name: str) -> list[dict]:
    with open(os.path.join(DATA_DIRECTORY, name), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def new_client_id() -> str:
    return str(uuid.uuid4())


def status_over(family: int, address) -> int:
    """The status of /api/v1/status, asked over a socket of this kind."""
    connection = http.client.HTTPConnection("clearline.test", timeout=DEADLINE_S)
    connection.sock = socket.socket(family)
    connection.sock.settimeout(DEADLINE_S)
    connection.sock.connect(address)
    connection.request("GET", "/api/v1/status")
    status = connection.getresponse().status
    connection.close()
    return status


class Server:
    """The binary under test on a port and a data directory of its own."""

    def __init__(self, arguments: tuple[str, ...] = ()):
        self.binary = os.environ.get("CLEARLINE_BINARY", DEFAULT_BINARY)
        self.arguments = arguments
        self.directory = tempfile.mkdtemp(prefix="clearline-test-")
        self.data = os.path.join(self.directory, "data")
        self.port = 0
        self.agent_name = ""
        self.password = ""
        self.process: subprocess.Popen | None = None
        self.printed: list[str] = []

    def start(self) -> "Server":
        """Starts, or starts again on the same port, and reads what it prints until it listens."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
                env=self.environment(),
                pass_fds=self.passed_fds(),
            )
        self.printed = []
        for line in self.process.stdout:
            self.printed.append(line)
            if line.startswith("Ctrl-C"):
                self.read_printed()
                return self
        raise RuntimeError(f"the server did not start:\n{''.join(self.printed)}{self.log()}")

    def command(self) -> list[str]:
        port = [] if "--listen" in self.arguments else ["--port", str(self.port)]
        return [self.binary, "serve", *port, "--data", self.data, *self.arguments]

    def passed_fds(self) -> list[int]:
        """Descriptors that the process inherits beside the standard ones."""
        return []

    def read_printed(self) -> None:
        for line in self.printed:
            if line.startswith(("listening on http://", "listening on https://")) and not self.port:
                self.port = int(line.rsplit(":", 1)[1])
            words = line.split()
            if line.startswith("  first agent"):
                self.agent_name = words[2]
            if line.startswith("  password"):
                self.password = words[1]

    @property
    def database_path(self) -> str:
        return os.path.join(self.data, "clearline.db")

    @property
    def log_path(self) -> str:
        return os.path.join(self.directory, "log")

    def log(self) -> str:
        with open(self.log_path, encoding="utf-8") as file:
            return file.read()

    def environment(self) -> dict[str, str]:
        return {**os.environ, "XDG_RUNTIME_DIR": self.directory}

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        """The exit status; what it printed meanwhile is in `printed`."""
        rest, _ = self.process.communicate(timeout=DEADLINE_S)
        self.printed.append(rest)
        return self.process.returncode

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.wait()

    async def drain(self) -> int:
        """stop(), while the clients of the test answer."""
        return await asyncio.to_thread(self.stop)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait()

    def remove(self) -> None:
        """Ends it if it runs and removes its files. A sanitizer's findings fail the test that calls this."""
        status = 0
        if self.process and self.process.poll() is None:
            status = self.stop()
        log = self.log()
        shutil.rmtree(self.directory)
        if status != 0 or "Sanitizer" in log:
            raise AssertionError(f"the server ended with status {status}:\n{log}")

    def admin(self, *arguments: str, password: str | None = None) -> str:
        """Runs `clearline admin`; raises with its words if it fails."""
        command = [self.binary, "admin", *arguments, "--data", self.data]
        if password is not None:
            command.append("--password-stdin")
        done = subprocess.run(
            command, input=password, capture_output=True, encoding="utf-8", timeout=DEADLINE_S, env=self.environment()
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def wait_for_site(self, key: str, status: int = 200) -> None:
        """Until the running server has seen what admin wrote, within a second."""
        while self.request("GET", f"/api/v1/widget?site={key}").status != status:
            time.sleep(0.02)  # between two looks

    # --- HTTP

    def request(self, method: str, path: str, body=None, headers: dict | None = None) -> "HttpAnswer":
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            text = json.dumps(body) if isinstance(body, dict) else body
            connection.request(method, path, text, headers or {})
            return HttpAnswer(connection.getresponse())
        finally:
            connection.close()

    def sign_in(self, name: str = "", password: str = "", headers: dict | None = None) -> "HttpAnswer":
        credentials = {"name": name or self.agent_name, "password": password or self.password}
        return self.request("POST", "/api/v1/sign-in", credentials, headers)

    def ticket(self, cookie: str) -> str:
        answer = self.request("POST", "/api/v1/tickets", headers={"Cookie": cookie})
        assert answer.status == 200, answer
        return answer.json["ticket"]

    # --- WebSocket

    async def connect(self, **options) -> "Client":
        options = {"subprotocols": [SUBPROTOCOL], "ping_interval": None, "compression": None, **options}
        socket_ = await websockets.connect(
            f"ws://127.0.0.1:{self.port}/ws", max_queue=None, close_timeout=DEADLINE_S, **options
        )
        return Client(socket_)

    async def visitor(self, token: str = "", site: str = "demo", resume=None, hello=None, **options) -> "Client":
        """A visitor that has been welcomed and has the state of its conversation."""
        client = await self.connect(**options)
        words = {"t": "hello", "role": "visitor", "site": site, **(hello or {})}
        if token:
            words["token"] = token
        if resume is not None:
            words["resume"] = resume
        await client.say(words)
        client.welcome = await client.expect("welcome")
        client.token = client.welcome["visitor"].get("token", token)
        client.conv = client.welcome["visitor"]["conv"]
        client.epoch = client.welcome["epoch"]
        if resume is None:
            client.watching = await client.until("watching")
        return client

    async def agent(self, ticket: str, hello=None, **options) -> "Client":
        client = await self.connect(**options)
        await client.say({"t": "hello", "role": "agent", "ticket": ticket, **(hello or {})})
        client.welcome = await client.expect("welcome")
        client.epoch = client.welcome["epoch"]
        return client


class HttpAnswer:
    def __init__(self, response: http.client.HTTPResponse):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def cookie(self) -> str:
        """What a browser would send back."""
        return self.headers["Set-Cookie"].split(";")[0]

    def __repr__(self) -> str:
        return f"HTTP {self.status} {self.headers.items()} {self.body!r}"


class Ended(Exception):
    """The connection ended while a message was sent or awaited."""

    def __init__(self, code: int, reason: str):
        super().__init__(f"the connection ended with {code} {reason!r}")
        self.code = code
        self.reason = reason


@contextlib.contextmanager
def ended():
    """Tells the end of a connection in our words."""
    try:
        yield
    except websockets.ConnectionClosed as closed:
        received = closed.rcvd
        raise Ended(received.code if received else 1006, received.reason if received else "") from None


class Client:
    """One connection. Messages are taken in order; what is skipped while waiting stays in `skipped`."""

    def __init__(self, socket_):
        self.socket = socket_
        self.skipped: list[dict] = []
        self.next_id = 1
        self.welcome: dict = {}
        self.watching: dict = {}
        self.token = ""
        self.conv = ""
        self.epoch = ""

    async def say(self, message: dict) -> None:
        await self.say_text(json.dumps(message, ensure_ascii=False))

    async def say_text(self, text: str) -> None:
        with ended():
            await self.socket.send(text)

    async def receive(self) -> dict:
        with ended():
            text = await asyncio.wait_for(self.socket.recv(), DEADLINE_S)
        return json.loads(text)

    async def expect(self, kind: str, **members) -> dict:
        """The very next message is of this type and has these members.

        Changed summaries do not count: an agent gets them whenever a batch of them is due, so they may stand between
        any two messages.
        """
        message = await self.receive()
        while message["t"] == "conversations" != kind:
            self.skipped.append(message)
            message = await self.receive()
        check_members(message, {"t": kind, **members})
        return message

    async def until(self, kind: str, **members) -> dict:
        """The next message of this type with these members; others are skipped."""
        while True:
            message = await self.receive()
            if message["t"] == kind and all(message.get(name) == value for name, value in members.items()):
                return message
            self.skipped.append(message)

    async def command(self, kind: str, **members) -> dict:
        """Says it with an id and gives the answer that carries the id."""
        number = self.next_id
        self.next_id += 1
        await self.say({"t": kind, "id": number, **members})
        while True:
            message = await self.receive()
            if message.get("id") == number:
                return message
            self.skipped.append(message)

    async def send(self, text: str, client_id: str = "", conv: str = "") -> dict:
        return await self.command("send", conv=conv or self.conv, client_id=client_id or new_client_id(), text=text)

    async def watch(self, conv: str, **members) -> list[dict]:
        """Watches and gives all events up to the answer's last_seq."""
        self.watching = await self.command("watch", conv=conv, **members)
        check_members(self.watching, {"t": "watching", "conv": conv})
        return await self.page_events()

    async def page_events(self) -> list[dict]:
        """The events that `watching` announced."""
        events: list[dict] = []
        while self.watching["first_seq"] + len(events) <= self.watching["last_seq"]:
            message = await self.until("events", conv=self.watching["conv"])
            events += message["events"]
        return events

    async def pong(self) -> None:
        """Everything that was said before has been handled when this returns."""
        await self.say({"t": "ping", "n": 77})
        await self.until("pong", n=77)

    async def end(self) -> tuple[list[dict], int]:
        """What still comes, and the code that ends it."""
        messages = []
        try:
            while True:
                messages.append(await self.receive())
        except Ended as ended:
            return messages, ended.code

    async def close(self) -> None:
        await self.socket.close()


def check_members(message: dict, expected: dict) -> None:
    for name, value in expected.items():
        if name not in message or message[name] != value:
            raise AssertionError(f"{name} is not {value!r} in {message}")


class RawClient:
    """A WebSocket client that can say what no library would."""

    def __init__(self, port: int, subprotocol: str | None = SUBPROTOCOL, path: str = "/ws", receive_buffer: int = 0):
        self.socket = socket.socket()
        self.socket.settimeout(DEADLINE_S)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
        if subprotocol is not None:
            lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.input = b""
        while b"\r\n\r\n" not in self.input:
            self.input += self.receive_bytes()
        self.head, self.input = self.input.split(b"\r\n\r\n", 1)
        self.status = int(self.head.split()[1])

    def receive_bytes(self) -> bytes:
        received = self.socket.recv(65536)
        if not received:
            raise EOFError("the server closed TCP")
        return received

    def frame(self, payload: bytes, opcode: int = 1, final: bool = True) -> None:
        head = bytes([(0x80 if final else 0) | opcode])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 65536:
            head += bytes([0x80 | 126]) + len(payload).to_bytes(2, "big")
        else:
            head += bytes([0x80 | 127]) + len(payload).to_bytes(8, "big")
        self.socket.sendall(head + b"\0\0\0\0" + payload)  # masked with zeros

    def take(self, count: int) -> bytes:
        while len(self.input) < count:
            self.input += self.receive_bytes()
        taken, self.input = self.input[:count], self.input[count:]
        return taken

    def receive(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame."""
        first, second = self.take(2)
        length = second & 0x7F
        if length == 126:
            length = int.from_bytes(self.take(2), "big")
        elif length == 127:
            length = int.from_bytes(self.take(8), "big")
        return first & 0x0F, self.take(length)

    def end(self) -> tuple[list[dict], int]:
        """The JSON messages up to the Close frame, and its code."""
        messages = []
        while True:
            opcode, payload = self.receive()
            if opcode == 8:
                return messages, int.from_bytes(payload[:2], "big")
            messages.append(json.loads(payload))

    def close(self) -> None:
        self.socket.close()


class ServerTest(unittest.IsolatedAsyncioTestCase):
    """A test class with one server for all of its tests, and a signed-in agent."""

    server: Server
    cookie: str
    arguments: tuple[str, ...] = ()

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server(cls.arguments)
        cls.addClassCleanup(cls.server.remove)
        cls.server.start()
        cls.cookie = cls.server.sign_in().cookie

    async def asyncSetUp(self) -> None:
        asyncio.get_running_loop().set_debug(False)  # it records a traceback for every step
        self.clients: list[Client] = []

    async def asyncTearDown(self) -> None:
        await asyncio.gather(*(client.close() for client in self.clients))

    def keep(self, client: Client) -> Client:
        """Is closed at the end of the test."""
        self.clients.append(client)
        return client

    async def connect(self, **options) -> Client:
        return self.keep(await self.server.connect(**options))

    async def visitor(self, *arguments, **options) -> Client:
        return self.keep(await self.server.visitor(*arguments, **options))

    async def agent(self, ticket: str = "", **options) -> Client:
        return self.keep(await self.server.agent(ticket or self.server.ticket(self.cookie), **options))

    async def visitor_who_wrote(self, *texts: str) -> Client:
        visitor = await self.visitor()
        for text in texts or ("Hello!",):
            check_members(await visitor.send(text), {"t": "ack"})
        return visitor

    def raw(self, **options) -> RawClient:
        client = RawClient(self.server.port, **options)
        self.addCleanup(client.close)
        return client

    def raw_visitor(self, **options) -> tuple[RawClient, dict]:
        """Has been welcomed; `watching` is the next thing to come."""
        client = self.raw(**options)
        client.frame(json.dumps({"t": "hello", "role": "visitor", "site": "demo"}).encode())
        welcome = json.loads(client.receive()[1])
        return client, welcome

    def check_members(self, message: dict, **expected) -> None:
        check_members(message, expected)

    async def check_farewell(self, client: Client, code: int, cause: str, resume: bool | None = None) -> dict:
        """A bye with the code and the cause, then the Close with the same code."""
        messages, end_code = await client.end()
        self.assertEqual(messages[-1]["t"], "bye", messages)
        self.check_members(messages[-1], code=code, cause=cause)
        if resume is not None:
            self.assertEqual(messages[-1]["resume"], resume)
        self.assertEqual(end_code, code)
        return messages[-1]

    def agent_with_password(self, name: str, *options: str) -> str:
        """Makes an agent and gives its password."""
        password = f"password of {name}"
        self.server.admin("agents", "create", name, *options, password=password)
        return password

