"""TLS with peers that are not ours: Python's ssl and websockets, npm ws, openssl s_client; and `serve` with its
certificates, over their whole life."""

import asyncio
import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest

from echo_server_test import EchoServer
from harness import DEADLINE_S, ROOT, SUBPROTOCOL, Server, websockets

WS_MODULE = os.path.join(ROOT, "web", "node_modules", "ws")
SAMPLE = os.path.join(ROOT, "tests", "data", "dialogues-sample.jsonl")

NPM_CLIENT = """
const WebSocket = require(process.argv[1]);
const fs = require('fs');
const socket = new WebSocket(process.argv[2], { ca: fs.readFileSync(process.argv[3]), perMessageDeflate: false });
const big = 'n'.repeat(1000000);
socket.on('open', () => { socket.send('hello'); socket.send(big); });
let count = 0;
socket.on('message', (data) => {
  if (data.toString() !== ['hello', big][count]) throw new Error('another echo');
  if (++count === 2) socket.close(4002, 'done');
});
socket.on('close', (code) => { console.log('closed ' + code); });
"""


class Authority:
    """Certificates by the openssl command, for localhost unless the names say otherwise."""

    def __init__(self, directory: str):
        self.directory = directory
        self.run("req", "-x509", *self.new_key("ca"), "-days", "2", "-subj", "/CN=Test authority", "-out", self.path("ca.pem"))

    def path(self, name: str) -> str:
        return os.path.join(self.directory, name)

    def run(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], capture_output=True, encoding="utf-8", timeout=DEADLINE_S)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {' '.join(arguments)}: {done.stderr}")

    def new_key(self, name: str) -> list[str]:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.path(f"{name}.key")]

    def issue(self, name: str, names: str = "DNS:localhost, IP:127.0.0.1") -> tuple[str, str]:
        """Writes the chain and the key; gives their paths."""
        request, chain, extensions = self.path("request"), self.path(f"{name}.pem"), self.path("extensions")
        with open(extensions, "w", encoding="utf-8") as file:
            file.write(f"subjectAltName = {names}\n")
        self.run("req", "-new", *self.new_key(name), "-subj", f"/CN={name}", "-out", request)
        self.run("x509", "-req", "-in", request, "-CA", self.path("ca.pem"), "-CAkey", self.path("ca.key"),
                 "-set_serial", str(random.getrandbits(64)), "-days", "1", "-extfile", extensions, "-out", chain)
        with open(self.path("ca.pem"), encoding="utf-8") as ca, open(chain, "a", encoding="utf-8") as file:
            file.write(ca.read())
        return chain, self.path(f"{name}.key")

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.path("ca.pem"))


class TlsTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.authority = Authority(cls.directory.name)
        cls.pair = cls.authority.issue("good")

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # unittest turns it on, and it complains of large messages

    def serve(self, *arguments: str, pair: tuple[str, str] | None = None) -> Server:
        certificate, key = pair or self.pair
        server = Server(("--tls-cert", certificate, "--tls-key", key, *arguments))
        self.addCleanup(server.remove)
        return server.start()

    def request(self, server: Server, method: str, path: str, body: dict | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPSConnection(
            "localhost", server.port, timeout=DEADLINE_S, context=self.authority.trust()
        )
        self.addCleanup(connection.close)
        headers = {"Content-Type": "application/json", "Origin": f"https://localhost:{server.port}"}
        connection.request(method, path, body=json.dumps(body) if body else None, headers=headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        return answer

    def certificate_name(self, server: Server) -> str:
        """The common name of what a new connection is shown."""
        with contextlib.closing(http.client.HTTPSConnection(
            "localhost", server.port, timeout=DEADLINE_S, context=self.authority.trust()
        )) as connection:
            connection.connect()
            return connection.sock.getpeercert()["subject"][0][0][1]

    def wait_for_log(self, server: Server, words: str) -> str:
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            for line in server.log().splitlines():
                if words in line:
                    return line
            time.sleep(0.02)  # between two looks
        self.fail(f"no line with {words!r} in:\n{server.log()}")

    def s_client(self, server: Server, *arguments: str) -> str:
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *arguments],
            input="", capture_output=True, encoding="utf-8", errors="replace", timeout=DEADLINE_S,
        )
        return done.stdout + done.stderr

    async def test_serves_pages_sign_in_and_websockets(self):
        server = self.serve()
        listening = next(line for line in server.printed if line.startswith("listening on "))
        self.assertEqual(listening, f"listening on https://127.0.0.1:{server.port}\n")
        self.assertIn(f"https://localhost:{server.port}/demo/", "".join(server.printed))
        answer = self.request(server, "GET", "/api/v1/status")
        self.assertEqual(answer.status, 200)
        self.assertIsNone(answer.getheader("Strict-Transport-Security"))
        signed_in = self.request(
            server, "POST", "/api/v1/sign-in", {"name": server.agent_name, "password": server.password}
        )
        self.assertEqual(signed_in.status, 200, signed_in.text)
        self.assertIn("; Secure", signed_in.getheader("Set-Cookie"))
        async with websockets.connect(
            f"wss://localhost:{server.port}/ws", ssl=self.authority.trust(), subprotocols=[SUBPROTOCOL]
        ) as socket:
            await asyncio.wait_for(await socket.ping(), DEADLINE_S)
        self.assertIn("tls certificate file=", server.log())

    async def test_its_own_pages_are_https_ones(self):
        server = self.serve("--hsts-max-age", "3600")
        answer = self.request(server, "GET", "/api/v1/widget?site=demo")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.getheader("Strict-Transport-Security"), "max-age=3600")
        connection = http.client.HTTPSConnection("localhost", server.port, context=self.authority.trust())
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/widget?site=demo", headers={"Origin": f"http://localhost:{server.port}"})
        self.assertEqual(connection.getresponse().status, 403)

    async def test_plain_http_is_told_to_use_https(self):
        server = self.serve()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_S)
        self.addCleanup(connection.close)
        connection.request("GET", "/console/")
        answer = connection.getresponse()
        self.assertEqual(answer.status, 400)
        self.assertIn(b"https://", answer.read())

    async def test_reloads_certificates_under_an_open_connection(self):
        pair = self.authority.issue("before")
        live = tuple(self.authority.path(f"live.{kind}") for kind in ("pem", "key"))
        for source, target in zip(pair, live):
            shutil.copy(source, target)
        server = self.serve(pair=live)
        async with websockets.connect(
            f"wss://localhost:{server.port}/ws", ssl=self.authority.trust(), subprotocols=[SUBPROTOCOL]
        ) as socket:
            self.assertEqual(await asyncio.to_thread(self.certificate_name, server), "before")
            for source, target in zip(self.authority.issue("after"), live):
                shutil.copy(source, target)
            server.signal(signal.SIGHUP)
            await asyncio.to_thread(self.wait_for_log, server, "tls certificates reloaded")
            self.assertEqual(await asyncio.to_thread(self.certificate_name, server), "after")
            await asyncio.wait_for(await socket.ping(), DEADLINE_S)

            with open(live[0], "w", encoding="utf-8") as file:
                file.write("nothing like a certificate\n")
            server.signal(signal.SIGHUP)
            line = await asyncio.to_thread(self.wait_for_log, server, "tls certificates not reloaded")
            self.assertIn(f"{live[0]}: no certificate in PEM form", line)
            self.assertEqual(await asyncio.to_thread(self.certificate_name, server), "after")
            await asyncio.wait_for(await socket.ping(), DEADLINE_S)

    async def test_several_names(self):
        other = self.authority.issue("other", "DNS:other.example, DNS:*.wild.example")
        server = self.serve("--tls-cert", other[0], "--tls-key", other[1])
        for name, subject in (("localhost", "good"), ("other.example", "other"), ("a.wild.example", "other"),
                              ("nobody.example", "good")):
            shown = await asyncio.to_thread(self.s_client, server, "-servername", name)
            self.assertRegex(shown, rf"subject=CN ?= ?{subject}\n")

    async def test_alerts_go_both_ways(self):
        server = self.serve()
        s_client = lambda *arguments: asyncio.to_thread(self.s_client, server, *arguments)
        self.assertIn("ALPN protocol: http/1.1", await s_client("-alpn", "h2,http/1.1"))
        self.assertIn("no application protocol", await s_client("-alpn", "h2"))
        self.assertIn("alert protocol version", await s_client("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"))
        await s_client("-verify_return_error", "-verify", "1", "-CAfile", self.pair[0] + ".none", "-no-CApath")
        await s_client("-verify_return_error", "-verify", "1", "-no-CAfile", "-no-CApath", "-no-CAstore")
        line = await asyncio.to_thread(self.wait_for_log, server, "tls alert received: unknown_ca")
        self.assertIn("tls handshake failed peer=127.0.0.1:", line)

    async def test_session_tickets_resume(self):
        server = self.serve()
        session = self.authority.path("session")
        for version in ("-tls1_2", "-tls1_3"):
            # The ticket of TLS 1.3 comes behind the handshake, so the answer to a request is waited for.
            talk = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", version, "-ign_eof"]
            asking = "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            for option, words in (("-sess_out", "New, TLSv1."), ("-sess_in", "Reused, TLSv1.")):
                done = await asyncio.to_thread(
                    subprocess.run, [*talk, option, session], input=asking, capture_output=True, encoding="utf-8",
                    errors="replace", timeout=DEADLINE_S,
                )
                self.assertIn(words, done.stdout)

    async def test_replay_over_tls(self):
        server = self.serve()
        command = [server.binary, "replay", SAMPLE, "--server", f"https://localhost:{server.port}", "--no-progress"]
        environment = server.environment()
        done = await asyncio.to_thread(
            subprocess.run, [*command, "--ca", self.authority.path("ca.pem")], capture_output=True, encoding="utf-8",
            timeout=DEADLINE_S, env=environment,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        refused = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, encoding="utf-8", timeout=DEADLINE_S, env=environment
        )
        self.assertEqual(refused.returncode, 1)
        self.assertIn("certificate_unknown_authority", refused.stderr)

    async def test_refuses_what_cannot_work(self):
        certificate, key = self.pair
        other_key = self.authority.issue("stranger")[1]
        cases = (
            (("--tls-cert", certificate), 2, "come in pairs"),
            (("--hsts-max-age", "60"), 2, "need --tls-cert"),
            (("--tls-cert", certificate, "--tls-key", other_key), 1, f"{other_key}: the key does not belong"),
            (("--tls-cert", certificate, "--tls-key", certificate), 1, f"{certificate}: no private key in PEM form"),
            (("--tls-cert", key, "--tls-key", key), 1, f"{key}: no certificate in PEM form"),
            (("--tls-cert", "/nowhere.pem", "--tls-key", key), 1, "/nowhere.pem: No such file or directory"),
        )
        for arguments, status, words in cases:
            with self.subTest(arguments=arguments):
                server = Server(arguments)
                self.addCleanup(shutil.rmtree, server.directory)
                done = await asyncio.to_thread(
                    subprocess.run, [server.binary, "serve", "--port", "0", "--data", server.data, *arguments],
                    capture_output=True, encoding="utf-8", timeout=DEADLINE_S,
                )
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(words, done.stderr)

    async def test_warns_of_a_key_that_others_can_read(self):
        certificate, key = self.authority.issue("open")
        os.chmod(key, 0o644)
        server = self.serve(pair=(certificate, key))
        self.assertIn(f"{key}: others than its owner and group", server.log())

    def echo_server(self) -> EchoServer:
        server = EchoServer("--tls", *self.pair)
        self.addCleanup(lambda: self.assertEqual(server.stop(), 0))
        server.url = server.url.replace("ws://127.0.0.1", "wss://localhost")
        return server

    async def test_echoes_big_messages_both_ways(self):
        server = self.echo_server()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            trust = self.authority.trust()
            trust.maximum_version = version
            async with websockets.connect(server.url, max_size=None, compression=None, ssl=trust) as socket:
                for size in (0, 1, 16384, 65536, 1 << 20, 8 << 20):
                    payload = random.randbytes(size)
                    await socket.send(payload)
                    self.assertEqual(await socket.recv(), payload)
                for number in range(500):
                    await socket.send(str(number))
                for number in range(500):
                    self.assertEqual(await socket.recv(), str(number))
                await socket.close(4003, "bye")
                self.assertEqual(socket.close_code, 4003)

    async def test_npm_ws_talks_with_it(self):
        node = shutil.which("node")
        if node is None or not os.path.isdir(WS_MODULE):
            self.skipTest("no node, or web/node_modules has no ws")
        server = self.echo_server()
        done = await asyncio.to_thread(
            subprocess.run, [node, "-e", NPM_CLIENT, WS_MODULE, server.url, self.authority.path("ca.pem")],
            capture_output=True, encoding="utf-8", timeout=DEADLINE_S,
        )
        self.assertEqual(done.stdout, "closed 4002\n", done.stderr)


if __name__ == "__main__":
    unittest.main()
