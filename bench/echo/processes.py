"""The processes of a comparison: servers on one core, their clients on another, and what they say."""

import dataclasses
import json
import os
import re
import resource
import select
import shlex
import shutil
import signal
import socket
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ADDRESS = re.compile(r"127\.0\.0\.1:(\d+)")
# Of a connection phase: 10,000 handshakes with a server that polls.
READY_S = 120


class Failure(Exception):
    """A server or client that did not do its part; the text says which and how."""


@dataclasses.dataclass(frozen=True)
class Cell:
    """What is measured: messages of so many bytes, so many under way, on so many connections."""

    payload_bytes: int
    in_flight: int
    connections: int

    @staticmethod
    def parse(text: str) -> "Cell":
        match = re.fullmatch(r"(\d+)x(\d+)x(\d+)", text)
        if not match or not all(int(number) > 0 for number in match.groups()):
            raise ValueError(f'"{text}" is no cell: BYTESxIN_FLIGHTxCONNECTIONS, for example 1024x16x200')
        return Cell(*map(int, match.groups()))

    def __str__(self) -> str:
        return f"{self.payload_bytes}x{self.in_flight}x{self.connections}"

    def answer_bytes(self) -> int:
        """The length of an unmasked frame (RFC 6455 section 5.2)."""
        return self.payload_bytes + (2 if self.payload_bytes < 126 else 4 if self.payload_bytes < 65536 else 10)

    def request_bytes(self) -> int:
        """A mask is four bytes longer."""
        return self.answer_bytes() + 4


@dataclasses.dataclass(frozen=True)
class Peer:
    """A kind of server. `command` may hold {port}; otherwise the server prints 127.0.0.1:PORT when it listens."""

    name: str
    command: tuple[str, ...]
    raw: bool = False

    def missing(self) -> str:
        """Why it cannot be measured here; empty if it can."""
        program = self.command[0]
        if shutil.which(program) is None:
            return f"{program} is not there"
        script = self.command[1] if len(self.command) > 1 else ""
        if script.endswith("ws_echo.mjs") and not os.path.isdir(os.path.join(ROOT, "web", "node_modules", "ws")):
            return "npm ws is not installed (cd web && npm ci)"
        if script.endswith("websockets_echo.py"):
            found = subprocess.run([program, "-c", "import websockets"], capture_output=True, check=False)
            return "" if found.returncode == 0 else "python3-websockets is not installed"
        return ""


def known_peers(build: str) -> list[Peer]:
    def built(name: str) -> str:
        return os.path.join(build, "bin", name)

    system_python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else "python3"
    sizes = ("--request-bytes", "{request_bytes}", "--answer-bytes", "{answer_bytes}")
    return [
        Peer("clearline", (built("echo_server"), "--port", "0")),
        Peer("floor", (built("raw_echo"), *sizes), raw=True),
        Peer("beast", (built("beast_echo"),)),
        Peer("libwebsockets", (built("lws_echo"),)),
        Peer("ws", ("node", os.path.join(HERE, "peers", "ws_echo.mjs"))),
        Peer("websockets", (system_python, os.path.join(HERE, "peers", "websockets_echo.py"))),
    ]


def external_peer(text: str) -> Peer:
    name, equals, command = text.partition("=")
    if not equals or not name or not shlex.split(command):
        raise ValueError(f'"{text}" is no peer: NAME=COMMAND')
    return Peer(name, tuple(shlex.split(command)))


def raise_descriptor_limit() -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A child pinned to one core, whose output is read a line at a time."""

    def __init__(self, command: list[str], core: int | None):
        def pin() -> None:
            if core is not None:
                os.sched_setaffinity(0, {core})

        self.child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
            preexec_fn=pin,
        )

    @property
    def pid(self) -> int:
        return self.child.pid

    def write_line(self, text: str) -> None:
        try:
            self.child.stdin.write(text + "\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            pass  # the next read_line() says why

    def read_line(self, timeout_s: float) -> str:
        ready, _, _ = select.select([self.child.stdout], [], [], timeout_s)
        line = self.child.stdout.readline() if ready else ""
        if line:
            return line.strip()
        self.child.kill()
        last_words = self.child.communicate()[1].strip().splitlines()
        raise Failure(last_words[-1] if last_words else "ended" if ready else f"no word for {timeout_s:.0f} s")

    def stop(self) -> None:
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
        self.child.communicate()

    def resident_bytes(self) -> int:
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()


class Pair:
    """A server and the client that loads it."""

    def __init__(self, build: str, peer: Peer, cell: Cell, cores: tuple[int | None, int | None], options: list[str]):
        self.peer = peer
        port = free_port() if any("{port}" in word for word in peer.command) else 0
        values = {"port": port, "request_bytes": cell.request_bytes(), "answer_bytes": cell.answer_bytes()}
        self.client: Process | None = None
        self.server = Process([word.format(**values) for word in peer.command], cores[0])
        try:
            self.port = port or self._read_port()
            numbers = {"port": self.port, "pid": self.server.pid, "connections": cell.connections}
            numbers |= {"in-flight": cell.in_flight, "bytes": cell.payload_bytes}
            words = [word for name, value in numbers.items() for word in (f"--{name}", str(value))]
            program = os.path.join(build, "bin", "echo_load")
            self.client = Process([program, *words, *(["--raw"] if peer.raw else []), *options], cores[1])
            if self.client.read_line(READY_S) != "ready":
                raise Failure("the client did not become ready")
        except Failure:
            self.stop()
            raise

    def _read_port(self) -> int:
        while True:
            match = ADDRESS.search(self.server.read_line(READY_S))
            if match:
                return int(match.group(1))

    def command(self, text: str, timeout_s: float) -> dict:
        assert self.client is not None
        self.client.write_line(text)
        return json.loads(self.client.read_line(timeout_s))

    def stop(self) -> None:
        if self.client is not None:
            self.client.stop()
        self.server.stop()
