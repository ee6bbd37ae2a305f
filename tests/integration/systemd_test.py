"""Sockets that a service manager passes, and what the server tells it (sd_listen_fds(3), sd_notify(3))."""

import configparser
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from harness import DEADLINE_S, ROOT, Server, status_over

# In place of systemd: puts the sockets where they belong, says so, and becomes the server.
ACTIVATE = """
import os, sys
names, fds, command = sys.argv[1], [int(fd) for fd in sys.argv[2].split(",") if fd], sys.argv[3:]
kept = [os.dup(fd) for fd in fds]
while kept and min(kept) < 3 + len(kept):
    kept = [os.dup(fd) for fd in kept]
for place, fd in enumerate(kept, 3):
    os.dup2(fd, place)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(kept)), LISTEN_FDNAMES=names)
os.execv(command[0], command)
"""
UNITS = os.path.join(ROOT, "docs", "operating", "systemd")


class ActivatedServer(Server):
    """The server as systemd would start it."""

    def __init__(self, sockets: dict[str, socket.socket], arguments: tuple[str, ...], notify: str = ""):
        super().__init__(("--listen", *arguments) if arguments else ())
        self.sockets = sockets
        self.notify = notify

    def command(self) -> list[str]:
        fds = ",".join(map(str, self.passed_fds()))
        return [sys.executable, "-c", ACTIVATE, ":".join(self.sockets), fds, *super().command()]

    def environment(self) -> dict[str, str]:
        return {**super().environment(), **({"NOTIFY_SOCKET": self.notify} if self.notify else {})}

    def passed_fds(self) -> list[int]:
        return [one.fileno() for one in self.sockets.values()]

    def refusal(self) -> tuple[int, str]:
        """The exit status and the words of a server that does not start."""
        done = subprocess.run(
            self.command(),
            capture_output=True,
            encoding="utf-8",
            timeout=DEADLINE_S,
            env=self.environment(),
            pass_fds=self.passed_fds(),
        )
        return done.returncode, done.stderr


class SystemdTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="clearline-")
        self.addCleanup(shutil.rmtree, self.directory)

    def listening(self, family: int = socket.AF_INET, address=("127.0.0.1", 0)) -> socket.socket:
        one = socket.socket(family)
        self.addCleanup(one.close)
        one.bind(address)
        one.listen()
        return one

    def server(self, sockets: dict[str, socket.socket], *arguments: str, notify: str = "") -> ActivatedServer:
        server = ActivatedServer(sockets, arguments, notify)
        self.addCleanup(shutil.rmtree, server.directory, ignore_errors=True)
        return server

    def test_serves_on_what_was_passed(self):
        path = os.path.join(self.directory, "chat.sock")
        sockets = {"http": self.listening(), "local": self.listening(socket.AF_UNIX, path)}
        server = self.server(sockets, "systemd").start()
        port = sockets["http"].getsockname()[1]
        self.assertIn(f"listening on http://127.0.0.1:{port}\n", server.printed)
        self.assertIn(f"listening on unix:{path}\n", server.printed)
        self.assertEqual(status_over(socket.AF_INET, ("127.0.0.1", port)), 200)
        self.assertEqual(status_over(socket.AF_UNIX, path), 200)
        self.assertEqual(server.stop(), 0)
        self.assertTrue(os.path.exists(path), "the file is the service manager's, who still listens")

    def test_a_client_that_came_before_the_server_is_served(self):
        passed = self.listening()
        early = socket.create_connection(passed.getsockname(), timeout=DEADLINE_S)
        self.addCleanup(early.close)
        early.sendall(b"GET /api/v1/status HTTP/1.1\r\nHost: clearline.test\r\nConnection: close\r\n\r\n")
        server = self.server({"http": passed}, "systemd:http").start()
        self.assertTrue(early.makefile("rb").readline().startswith(b"HTTP/1.1 200 "))
        self.assertEqual(server.stop(), 0)

    def test_names_choose_and_options_hold(self):
        sockets = {"plain": self.listening(), "behind": self.listening()}
        server = self.server(
            sockets, "systemd:plain", "--listen", "systemd:behind,proxy-protocol", "--trusted-proxy", "127.0.0.1"
        ).start()
        self.assertEqual(status_over(socket.AF_INET, sockets["plain"].getsockname()), 200)
        with socket.create_connection(sockets["behind"].getsockname(), timeout=DEADLINE_S) as behind:
            behind.sendall(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET /api/v1/status HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertTrue(behind.makefile("rb").readline().startswith(b"HTTP/1.1 200 "))
        self.assertEqual(server.stop(), 0)

    def test_errors_say_what_is_missing(self):
        one = {"http": self.listening()}
        datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(datagram.close)
        for sockets, arguments, status, words in (
            ({}, ("systemd",), 2, "--listen systemd: systemd passed no socket (LISTEN_FDS)"),
            (one, ("systemd:https",), 2, "--listen systemd:https: systemd passed no socket of the name 'https'"),
            (one, ("127.0.0.1:0",), 2, "systemd passed a socket of the name 'http', and nothing listens on it"),
            (one, ("systemd,mode=0600",), 2, "'mode': is for Unix sockets with a path only"),
            (one, ("systemd,proxy-protocol",), 2, "proxy-protocol needs --trusted-proxy"),
            ({"http": datagram}, ("systemd",), 1, "descriptor 3 is not a stream socket"),
        ):
            with self.subTest(words=words):
                self.assertEqual(*self.with_words(self.server(sockets, *arguments).refusal(), status, words))

    def with_words(self, refusal: tuple[int, str], status: int, words: str) -> tuple:
        self.assertIn(words, refusal[1])
        return refusal[0], status

    def test_says_when_it_is_ready_and_when_it_stops(self):
        path = os.path.join(self.directory, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.settimeout(DEADLINE_S)
            notify.bind(path)
            server = self.server({"http": self.listening()}, "systemd", notify=path).start()
            self.assertEqual(notify.recv(4096), b"READY=1")
            server.signal(signal.SIGTERM)
            self.assertEqual(notify.recv(4096).splitlines()[0], b"STOPPING=1")
            self.assertEqual(server.wait(), 0)

    def test_an_address_that_is_none_is_logged_and_no_reason_to_stop(self):
        server = self.server({"http": self.listening()}, "systemd", notify="nonsense").start()
        self.assertEqual(server.stop(), 0)
        self.assertIn("NOTIFY_SOCKET nonsense is no address of a Unix socket", server.log())


class UnitsTest(unittest.TestCase):
    """The units that docs/operating shows."""

    def read(self, name: str) -> configparser.ConfigParser:
        unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
        unit.optionxform = str
        with open(os.path.join(UNITS, name), encoding="utf-8") as file:
            unit.read_file(file)
        return unit

    def test_service_starts_what_there_is_on_the_sockets_of_the_socket_unit(self):
        service, sockets = self.read("clearline.service"), self.read("clearline.socket")
        words = service["Service"]["ExecStart"].split()
        self.assertEqual(words[:2], ["/usr/bin/clearline", "serve"])
        self.assertIn("systemd:" + sockets["Socket"]["FileDescriptorName"], words)
        binary = Server().binary
        options = subprocess.run([binary, "serve", "--help"], capture_output=True, encoding="utf-8", check=True).stdout
        for word in words[2:]:
            if word.startswith("--"):
                self.assertIn(word, options)

    def test_systemd_takes_the_units(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("SKIP: there is no systemd-analyze on this machine")
        with tempfile.TemporaryDirectory(prefix="clearline-") as directory:
            for name in ("clearline.service", "clearline.socket"):
                with open(os.path.join(UNITS, name), encoding="utf-8") as file:
                    text = file.read().replace("/usr/bin/clearline", Server().binary)
                with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                    file.write(text)
            paths = [os.path.join(directory, name) for name in ("clearline.service", "clearline.socket")]
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, encoding="utf-8")
            ours = [line for line in done.stderr.splitlines() if "clearline" in line]
            self.assertEqual(ours, [])


if __name__ == "__main__":
    unittest.main()
