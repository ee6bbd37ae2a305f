"""Where the server listens: IPv4, IPv6, Unix sockets, several at once; and what it says when it cannot."""

import json
import os
import socket
import stat
import subprocess
import tempfile
import unittest

from harness import DEADLINE_S, SUBPROTOCOL, Server, status_over, websockets


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


class ListenTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="clearline-")
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "clearline.sock")

    def serve(self, *arguments: str) -> Server:
        server = Server(arguments)
        self.addCleanup(server.remove)
        return server.start()

    def listening(self, server: Server) -> list[str]:
        words = "listening on "
        return [line[len(words) :].strip() for line in server.printed if line.startswith(words)]

    async def test_serves_ipv4_ipv6_and_a_unix_socket_at_once(self):
        if not has_ipv6():
            self.skipTest("SKIP: this machine has no IPv6")
        server = self.serve(
            "--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--listen", f"unix:{self.path}", "--shards", "2"
        )
        first, second, third = self.listening(server)
        self.assertRegex(first, r"^http://127\.0\.0\.1:\d+$")
        self.assertRegex(second, r"^http://\[::1\]:\d+$")
        self.assertEqual(third, f"unix:{self.path}")
        self.assertEqual(status_over(socket.AF_INET, ("127.0.0.1", int(first.rsplit(":", 1)[1]))), 200)
        self.assertEqual(status_over(socket.AF_INET6, ("::1", int(second.rsplit(":", 1)[1]))), 200)
        self.assertEqual(status_over(socket.AF_UNIX, self.path), 200)
        client = await websockets.unix_connect(
            self.path, "ws://clearline.test/ws", subprotocols=[SUBPROTOCOL], compression=None
        )
        await client.send(json.dumps({"t": "hello", "role": "visitor", "site": "demo"}))
        self.assertEqual(json.loads(await client.recv())["t"], "welcome")
        await client.close()

    def test_unix_socket_has_its_mode_and_goes_with_the_server(self):
        server = self.serve("--listen", f"unix:{self.path},mode=0600")
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        self.assertEqual(status_over(socket.AF_UNIX, self.path), 200)
        self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(self.path))

    def test_unix_socket_left_by_a_crash_is_replaced(self):
        server = self.serve("--listen", f"unix:{self.path}")
        server.kill()
        self.assertTrue(os.path.exists(self.path))
        server.start()
        self.assertEqual(status_over(socket.AF_UNIX, self.path), 200)

    def refused(self, *arguments: str) -> tuple[int, str]:
        """Status and words of a server that does not start."""
        server = Server()
        self.addCleanup(server.remove)
        open(server.log_path, "w").close()
        command = [server.binary, "serve", "--data", server.data, *arguments]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=DEADLINE_S)
        return done.returncode, done.stderr

    def test_says_why_it_cannot_listen(self):
        server = self.serve("--listen", f"unix:{self.path}", "--listen", "127.0.0.1:0")
        status, words = self.refused("--listen", f"unix:{self.path}")
        self.assertEqual(status, 1)
        self.assertIn("a running process listens there already", words)
        status, words = self.refused("--port", str(server.port))
        self.assertEqual(status, 1)
        self.assertIn(f"cannot listen on 127.0.0.1:{server.port}", words)
        self.assertIn("another process listens there", words)
        self.assertEqual(status_over(socket.AF_UNIX, self.path), 200)

        precious = os.path.join(os.path.dirname(self.path), "precious")
        with open(precious, "w", encoding="utf-8") as file:
            file.write("text")
        status, words = self.refused("--listen", f"unix:{precious}")
        self.assertEqual(status, 1)
        self.assertIn("is not a socket, so it is left alone", words)
        with open(precious, encoding="utf-8") as file:
            self.assertEqual(file.read(), "text")

    def test_says_what_is_wrong_with_an_address(self):
        for address, words in (
            ("localhost:80", "'localhost' is not an IPv4 or IPv6 address"),
            ("unix:/" + "x" * 107, "has 108 bytes, at most 107 are allowed"),
            ("127.0.0.1:80,mode=1", "'mode': is for Unix sockets with a path only"),
        ):
            status, said = self.refused("--listen", address)
            self.assertEqual(status, 2, said)
            self.assertIn(words, said)
        status, said = self.refused("--listen", "127.0.0.1:0", "--port", "1")
        self.assertEqual(status, 2, said)
        self.assertIn("--port", said)


if __name__ == "__main__":
    unittest.main()
