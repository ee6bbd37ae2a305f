"""`clearline inspect` on our own servers, on servers of others, and on what is no WebSocket server at all.

What others do is written down in peers/expected/, with the versions that it was taken from.
"""

import concurrent.futures
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

import websockets

from harness import DEADLINE_S, DEFAULT_BINARY, ROOT, SUBPROTOCOL, Server

BINARY = os.environ.get("CLEARLINE_BINARY", DEFAULT_BINARY)
PEERS = os.path.join(ROOT, "tests", "integration", "peers")
MESSAGE_BYTES_MAX = 1 << 20
# Long enough for a machine that is busy with other tests: nothing waits for it where the answer comes at once.
TIMEOUT_S = 20


def run_inspect(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([BINARY, "inspect", *arguments], capture_output=True, encoding="utf-8",
                          timeout=4 * DEADLINE_S, check=False)


def inspect_json(url: str, *arguments: str) -> tuple[int, dict]:
    done = run_inspect(url, "--json", "--timeout", str(TIMEOUT_S), *arguments)
    if done.returncode not in (0, 1):
        raise AssertionError(f"{done.returncode}: {done.stderr}")
    return done.returncode, json.loads(done.stdout)


def verdicts(report: dict) -> dict[str, str]:
    """Of every probe its verdict and note, times blotted out."""
    return {probe["name"]: re.sub(r"\d+\.\d s", "… s", f"{probe['verdict']}: {probe['note']}".rstrip(": "))
            for probe in report["probes"]}


class Peer:
    """A server that prints "listening on HOST:PORT"."""

    def __init__(self, *command: str):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.stop()
            raise AssertionError(f"{command} did not start: {line}")
        self.url = f"ws://{line.split()[2]}/"

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=DEADLINE_S)


class PeersTest(unittest.TestCase):
    """Our echo server and those of others, all at once: an inspection is mostly waiting."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.pool = concurrent.futures.ThreadPoolExecutor()
        cls.addClassCleanup(cls.pool.shutdown)
        size = str(MESSAGE_BYTES_MAX)
        cls.reports = {"echo_server": cls.begin(
            os.environ["ECHO_SERVER"], "--port", "0", "--deflate", "--max-message", size)}
        cls.reports["python-websockets"] = cls.begin(
            sys.executable, os.path.join(PEERS, "python_websockets.py"), size)
        ws_package = os.path.join(ROOT, "web", "node_modules", "ws")
        if shutil.which("node") and os.path.isdir(ws_package):
            cls.reports["npm-ws"] = cls.begin("node", os.path.join(PEERS, "npm_ws.cjs"), ws_package, size)
        if os.environ.get("BEAST_ECHO"):
            cls.reports["boost-beast"] = cls.begin(os.environ["BEAST_ECHO"], size)

    @classmethod
    def begin(cls, *command: str) -> concurrent.futures.Future:
        peer = Peer(*command)
        cls.addClassCleanup(peer.stop)
        return cls.pool.submit(inspect_json, peer.url, "--message-bytes-max", str(MESSAGE_BYTES_MAX))

    def report(self, peer: str) -> tuple[int, dict]:
        if peer not in self.reports:
            self.skipTest(f"the server of {peer} is not there")
        return self.reports[peer].result()

    def check_peer(self, peer: str, versions: dict[str, str]) -> None:
        """The whole report against what is written down; other versions may differ, so they are only shown."""
        status, report = self.report(peer)
        with open(os.path.join(PEERS, "expected", f"{peer}.json"), encoding="utf-8") as file:
            expected = json.load(file)
        self.assertTrue(report["server"]["echoes"], report["server"])
        self.assertTrue(report["server"]["grants_compression"], report["server"])
        seen = {name: verdict for name, verdict in verdicts(report).items() if verdict != "right"}
        if versions != expected["versions"]:
            differences = sorted(set(seen.items()) ^ set(expected["not_right"].items()))
            self.skipTest(f"taken from {expected['versions']}, not from {versions}; differences: {differences}")
        self.assertEqual(seen, expected["not_right"])
        self.assertEqual(status, 1 if any(verdict.startswith("wrong") for verdict in seen.values()) else 0)

    def test_our_own_echo_server_is_right_throughout(self):
        status, report = self.report("echo_server")
        for probe in report["probes"]:
            with self.subTest(probe=probe["name"]):
                self.assertEqual((probe["verdict"], probe["note"]), ("right", ""), probe["came_back"])
        self.assertEqual(status, 0)

    def test_python_websockets(self):
        self.check_peer("python-websockets", {"websockets": websockets.version.version})

    def test_npm_ws(self):
        if "npm-ws" not in self.reports:
            self.skipTest("node or the npm package ws is not there")
        with open(os.path.join(ROOT, "web", "node_modules", "ws", "package.json"), encoding="utf-8") as file:
            version = json.load(file)["version"]
        node = subprocess.run(["node", "--version"], capture_output=True, encoding="utf-8", check=True).stdout
        self.check_peer("npm-ws", {"ws": version, "node": node[1:].split(".")[0]})

    def test_boost_beast(self):
        self.check_peer("boost-beast", {"boost": os.environ.get("BOOST_VERSION", "")})


@unittest.skipUnless(shutil.which("openssl"), "there is no openssl command to make a certificate with")
class TlsTest(unittest.TestCase):
    """wss: the same probes with TLS around them. One server is enough: what is under test is our side."""

    @classmethod
    def setUpClass(cls) -> None:
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.certificate, key = (os.path.join(directory.name, name) for name in ("certificate.pem", "key.pem"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cls.certificate],
            capture_output=True, check=True, timeout=DEADLINE_S)
        peer = Peer(os.environ["ECHO_SERVER"], "--port", "0", "--deflate", "--max-message", str(MESSAGE_BYTES_MAX),
                    "--tls", cls.certificate, key)
        cls.addClassCleanup(peer.stop)
        cls.url = peer.url.replace("ws://", "wss://")

    def test_our_own_echo_server_is_right_throughout(self):
        status, report = inspect_json(self.url, "--ca-file", self.certificate, "--message-bytes-max",
                                      str(MESSAGE_BYTES_MAX))
        self.assertEqual({name: verdict for name, verdict in verdicts(report).items() if verdict != "right"}, {})
        self.assertEqual(status, 0)

    def test_a_certificate_of_nobody_is_refused_unless_told_otherwise(self):
        done = run_inspect(self.url)
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("the server's certificate comes from an unknown authority", done.stderr)
        done = run_inspect(self.url, "--insecure", "--only", "control")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_belongs_to_tls_is_refused_without_it(self):
        done = run_inspect(self.url.replace("wss://", "ws://"), "--insecure")
        self.assertEqual(done.returncode, 2)
        done = run_inspect(self.url.replace("wss://", "ws://"))
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        done = run_inspect(self.url, "--ca-file", "/nonexistent.pem")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nonexistent.pem", done.stderr)


class ClearlineTest(unittest.TestCase):
    def test_the_chat_server_gets_nothing_wrong(self):
        server = Server()
        self.addCleanup(server.remove)
        server.start()
        status, report = inspect_json(f"ws://127.0.0.1:{server.port}/ws", "--subprotocol", SUBPROTOCOL)
        # Who does not speak its protocol is refused before a connection exists, which the RFC allows.
        self.assertEqual({name: verdict for name, verdict in verdicts(report).items()
                          if not verdict.startswith(("right", "not applicable"))},
                         {"unknown-subprotocol": "allowed: refused"})
        self.assertEqual(status, 0)
        self.assertFalse(report["server"]["echoes"])
        self.assertGreater(report["counts"]["right"], 100)


class NoWebSocketTest(unittest.TestCase):
    """Exit status 3, and one line that says what is there instead."""

    def listen(self, answer: bytes | None) -> str:
        """A TCP server that answers so whatever it is sent; with None it closes at once."""
        listener = socket.create_server(("127.0.0.1", 0))
        connections = []

        def serve() -> None:
            try:
                while True:
                    connection, _ = listener.accept()
                    connections.append(connection)
                    if answer is None:
                        connection.close()
                    else:
                        connection.sendall(answer)
            except OSError:
                return  # the listener was closed

        thread = threading.Thread(target=serve)
        thread.start()

        def stop() -> None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join()
            for connection in connections:
                connection.close()

        self.addCleanup(stop)
        return f"ws://127.0.0.1:{listener.getsockname()[1]}/"

    def check(self, url: str, words: str, *arguments: str) -> None:
        done = run_inspect(url, *arguments)
        self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
        self.assertRegex(done.stderr, rf"\Aclearline inspect: {re.escape(url)}: .*{words}.*\n\Z")

    def test_a_plain_http_server(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        stderr, sys.stderr = sys.stderr, open(os.devnull, "w", encoding="utf-8")  # where it logs requests
        try:
            self.check(f"ws://127.0.0.1:{server.server_address[1]}/", "no WebSocket there: .* HTTP 501 Not Implemented")
        finally:
            sys.stderr.close()
            sys.stderr = stderr
        server.server_close()

    def test_a_closed_port(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.check(f"ws://127.0.0.1:{port}/", "Connection refused")

    def test_a_server_that_says_nothing(self):
        self.check(self.listen(b""), "no answer to the opening handshake within 500 ms", "--timeout", "0.5")

    def test_a_server_that_closes(self):
        self.check(self.listen(None), "closed the connection without an answer|Connection reset")

    def test_a_server_that_does_not_speak_http(self):
        self.check(self.listen(b"220 mail.example ESMTP\r\n\r\n"), "does not speak HTTP")

    def test_an_answer_that_no_client_may_take(self):
        answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        self.check(self.listen(answer), "not valid: .*Sec-WebSocket-Accept")


class CommandLineTest(unittest.TestCase):
    def test_lists_its_probes_without_a_server(self):
        listed = run_inspect("--list")
        self.assertEqual(listed.returncode, 0)
        self.assertIn("RFC 7692 7.2.3.1", listed.stdout)
        probes = json.loads(run_inspect("--list", "--json").stdout)["probes"]
        self.assertEqual(len(probes), len({probe["name"] for probe in probes}))
        for probe in probes:
            self.assertIn(f"\n{probe['name']} ", listed.stdout)
        chosen = json.loads(run_inspect("--list", "--json", "--only", "close-codes", "--only", "reset").stdout)["probes"]
        self.assertEqual({probe["group"] for probe in chosen}, {"close-codes", "closing"})

    def test_refuses_what_makes_no_sense(self):
        for arguments, words in (
            ((), "name the server"),
            (("http://127.0.0.1/",), "write ws://host"),
            (("ws://127.0.0.1:0/",), "is not a port"),
            (("ws://me:secret@127.0.0.1/",), "do not belong into a URL"),
            (("ws://127.0.0.1/", "--only", "nothing"), "there is no such probe or group"),
            (("ws://127.0.0.1/", "--header", "no colon"), "write \"Name: value\""),
            (("ws://127.0.0.1/", "--subprotocol", "a b"), "is not a token"),
            (("ws://127.0.0.1/", "--timeout", "0"), "--timeout"),
            (("ws://127.0.0.1/", "--message-bytes-max", "99999999999"), "--message-bytes-max"),
        ):
            with self.subTest(arguments=arguments):
                done = run_inspect(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
