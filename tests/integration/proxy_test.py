"""Behind a proxy: HAProxy with the PROXY protocol, nginx with X-Forwarded-For, and what strangers say in their place.

What the server believes of the scheme is seen on the agent's cookie: it is Secure when the client speaks TLS.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import unittest

from harness import DEADLINE_S, SUBPROTOCOL, Server, websockets

PROXY_V1 = b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"


def find_program(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Proxy:
    """nginx or HAProxy in the foreground, with a configuration of its own; ends with the test."""

    def __init__(self, case: unittest.TestCase, program: str, arguments: list[str], port: int):
        self.port = port
        path = find_program(program)
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([path, *arguments], stdout=self.log, stderr=self.log)
        case.addCleanup(self.stop)
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S).close()
                return
            except ConnectionRefusedError:
                if self.process.poll() is not None:
                    self.log.seek(0)
                    raise RuntimeError(f"{program} did not start: {self.log.read().decode()}") from None

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=DEADLINE_S)
        self.log.close()


class ProxyTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="clearline-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def serve(self, *arguments: str) -> Server:
        server = Server(arguments)
        self.addCleanup(server.remove)
        return server.start()

    def need(self, program: str) -> None:
        if find_program(program) is None:
            self.skipTest(f"SKIP: {program} is not installed")

    def sign_in(self, port: int, password: str, headers: dict | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
        self.addCleanup(connection.close)
        body = json.dumps({"name": "admin", "password": password})
        connection.request("POST", "/api/v1/sign-in", body, headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer

    def ask_after(self, port: int, first_bytes: bytes) -> bytes:
        """What comes back for a status request behind these bytes."""
        with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as client:
            client.sendall(first_bytes + b"GET /api/v1/status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer = b""
            try:
                while received := client.recv(65536):
                    answer += received
            except ConnectionResetError:
                pass
            return answer

    async def welcome(self, port: int) -> str:
        socket_ = await websockets.connect(f"ws://127.0.0.1:{port}/ws", subprotocols=[SUBPROTOCOL], compression=None)
        await socket_.send(json.dumps({"t": "hello", "role": "visitor", "site": "demo"}))
        welcome = json.loads(await socket_.recv())
        await socket_.close()
        return welcome["t"]

    def test_listener_with_proxy_protocol_takes_headers_and_nothing_else(self):
        server = self.serve("--listen", "127.0.0.1:0,proxy-protocol", "--trusted-proxy", "127.0.0.0/8")
        self.assertIn(b"200 OK", self.ask_after(server.port, PROXY_V1))
        self.assertEqual(self.ask_after(server.port, b""), b"")
        self.assertEqual(self.ask_after(server.port, b"PROXY TCP4 nonsense\r\n"), b"")
        self.assertIn("there is no PROXY header", server.log())
        self.assertIn("refused=2", server.log())

    def test_proxy_protocol_needs_a_trusted_proxy(self):
        server = Server()
        self.addCleanup(server.remove)
        open(server.log_path, "w").close()
        command = [server.binary, "serve", "--data", server.data]
        for arguments, words in (
            (["--listen", "127.0.0.1:0,proxy-protocol"], "needs --trusted-proxy"),
            (["--trusted-proxy", "10.0.0.1/8"], "did you mean 10.0.0.0/8?"),
        ):
            done = subprocess.run(command + arguments, capture_output=True, encoding="utf-8", timeout=DEADLINE_S)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)

    def test_header_fields_of_strangers_do_not_count(self):
        server = self.serve("--trusted-proxy", "10.0.0.0/8")
        answer = self.sign_in(server.port, server.password, {"X-Forwarded-Proto": "https"})
        self.assertEqual(answer.status, 200)
        self.assertNotIn("Secure", answer.headers["Set-Cookie"])

    def test_trusted_proxy_says_that_the_client_speaks_tls(self):
        server = self.serve("--trusted-proxy", "127.0.0.1")
        answer = self.sign_in(server.port, server.password, {"X-Forwarded-Proto": "https"})
        self.assertEqual(answer.status, 200)
        self.assertIn("; Secure", answer.headers["Set-Cookie"])

    async def test_haproxy_with_either_version_of_the_proxy_protocol(self):
        self.need("haproxy")
        server = self.serve("--listen", "127.0.0.1:0,proxy-protocol", "--trusted-proxy", "127.0.0.1")
        for option in ("send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id"):
            with self.subTest(option):
                port = free_port()
                path = os.path.join(self.directory, "haproxy.cfg")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(
                        "defaults\n  mode tcp\n  timeout connect 60s\n  timeout client 60s\n  timeout server 60s\n"
                        f"frontend front\n  bind 127.0.0.1:{port}\n  unique-id-format %rt\n  default_backend back\n"
                        f"backend back\n  server chat 127.0.0.1:{server.port} {option}\n"
                    )
                proxy = Proxy(self, "haproxy", ["-db", "-f", path], port)
                self.assertIn(b"200 OK", self.ask_after(proxy.port, b""))
                self.assertEqual(await self.welcome(proxy.port), "welcome")
        self.assertNotIn("connection refused", server.log())

    def nginx(self, upstream: str) -> Proxy:
        self.need("nginx")
        port = free_port()
        path = os.path.join(self.directory, "nginx.conf")
        temporary = "".join(
            f"  {kind}_temp_path {self.directory}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        with open(path, "w", encoding="utf-8") as file:
            file.write(
                f"daemon off;\npid {self.directory}/nginx.pid;\nerror_log stderr;\nuser root;\n"
                "events { worker_connections 64; }\n"
                f"http {{\n  access_log off;\n{temporary}  server {{\n    listen 127.0.0.1:{port};\n"
                f"    location / {{\n      proxy_pass {upstream};\n      proxy_http_version 1.1;\n"
                "      proxy_set_header Upgrade $http_upgrade;\n      proxy_set_header Connection $http_connection;\n"
                "      proxy_set_header Host $host;\n"
                "      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
                "      proxy_set_header X-Forwarded-Proto https;\n    }\n  }\n}\n"
            )
        return Proxy(self, "nginx", ["-p", self.directory, "-e", "stderr", "-c", path], port)

    async def test_nginx_over_tcp(self):
        self.need("nginx")
        server = self.serve("--trusted-proxy", "127.0.0.1")
        proxy = self.nginx(f"http://127.0.0.1:{server.port}")
        answer = self.sign_in(proxy.port, server.password)
        self.assertEqual(answer.status, 200)
        self.assertIn("; Secure", answer.headers["Set-Cookie"])
        self.assertEqual(await self.welcome(proxy.port), "welcome")

    async def test_nginx_over_a_unix_socket(self):
        self.need("nginx")
        path = os.path.join(self.directory, "chat.sock")
        server = self.serve("--listen", f"unix:{path},mode=0666", "--trusted-proxy", "unix:")
        os.chmod(self.directory, 0o755)
        proxy = self.nginx(f"http://unix:{path}")
        answer = self.sign_in(proxy.port, server.password)
        self.assertEqual(answer.status, 200)
        self.assertIn("; Secure", answer.headers["Set-Cookie"])
        self.assertEqual(await self.welcome(proxy.port), "welcome")


if __name__ == "__main__":
    unittest.main()
