"""permessage-deflate against npm ws: its client and our server, our client and its server."""

import json
import os
import shutil
import subprocess
import sys
import unittest

from deflate_cases import CASES, DEADLINE_S, EchoServer, chat_texts, elements, parameters, run_connect

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(HERE, "peers", "deflate_peer.mjs")

if shutil.which("node") is None or not os.path.isdir(os.path.join(HERE, "..", "..", "web", "node_modules", "ws")):
    print("skipped: no node, or no npm ws in web/node_modules (./test web installs both)")
    sys.exit(77)


def as_npm_options(text: str) -> str:
    """"server_max_window_bits=9" as {"serverMaxWindowBits": 9}."""
    options = {}
    for name, value in parameters(text).items():
        first, *words = name.split("_")
        options[first + "".join(word.capitalize() for word in words)] = value
    return json.dumps(options)


class DeflateNpmTest(unittest.TestCase):
    def test_their_client_our_server(self):
        for wanted, offered, agreed in CASES:
            with self.subTest(wanted=wanted, offered=offered):
                server = EchoServer("--deflate-parameters", wanted)
                self.addCleanup(server.stop)
                texts = chat_texts()
                done = subprocess.run(
                    ["node", PEER, "client", server.url, as_npm_options(offered)], input=json.dumps(texts),
                    capture_output=True, encoding="utf-8", timeout=DEADLINE_S,
                )
                self.assertEqual(done.stderr, "")
                result = json.loads(done.stdout)
                self.assertEqual(result["received"], texts)
                self.assertEqual(result["code"], 1000)

    def test_our_client_their_server(self):
        for wanted, offered, agreed in CASES:
            with self.subTest(wanted=wanted, offered=offered), subprocess.Popen(
                ["node", PEER, "server", as_npm_options(wanted)], stdout=subprocess.PIPE, encoding="utf-8"
            ) as peer:
                try:
                    port = int(peer.stdout.readline())
                    texts = chat_texts()
                    status, events, err = run_connect(
                        f"ws://127.0.0.1:{port}/", "--deflate-parameters", offered, "--receive", str(len(texts)),
                        lines=texts,
                    )
                finally:
                    peer.terminate()
                self.assertEqual(status, 0, err)
                self.assertEqual(elements(events[0]["extensions"][0]), elements("permessage-deflate" + agreed))
                self.assertEqual([event["text"] for event in events if event["event"] == "message"], texts)

    def test_required_and_not_granted(self):
        with subprocess.Popen(
            ["node", PEER, "server", "false"], stdout=subprocess.PIPE, encoding="utf-8"
        ) as peer:
            try:
                port = int(peer.stdout.readline())
                status, events, err = run_connect(f"ws://127.0.0.1:{port}/", "--require", "permessage-deflate")
            finally:
                peer.terminate()
        self.assertEqual(status, 9, err)
        self.assertEqual([event["event"] for event in events], ["end"])
        self.assertEqual(events[0]["status"], 1010)
        self.assertEqual(events[0]["cause"], "missing_extension")
        self.assertEqual(events[0]["reason"], "permessage-deflate")
        self.assertTrue(events[0]["clean"])


if __name__ == "__main__":
    unittest.main()
