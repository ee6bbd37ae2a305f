"""The commands that the documents show do what the documents show.

In a block marked ```console a line that begins with "$ " is run in a shell, and what follows must be what it prints, to
standard output or standard error. "…" stands for anything within a line, "[2]" for an exit status other than 0. Columns
are as wide as their numbers, so two spaces are as good as ten.
"""

import os
import re
import subprocess
import tempfile
import unittest

from harness import DEADLINE_S, Server

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DOCUMENTS = ("docs/reference/cli.md", "docs/operating/replay.md")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DOCUMENTED_PORT = "127.0.0.1:8080"


def transcripts(document: str) -> list[tuple[str, str]]:
    """(command, what it prints) in order."""
    with open(os.path.join(ROOT, document), encoding="utf-8") as file:
        blocks = BLOCK.findall(file.read())
    found = []
    for block in blocks:
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed))
    return found


def narrow(text: str) -> str:
    return re.sub(r" {2,}", "  ", text)


def as_pattern(printed: str) -> str:
    return ".*".join(re.escape(piece) for piece in narrow(printed).split("…"))


class DocumentedCommandsTest(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.server.start()
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        os.symlink(os.path.join(ROOT, "tests"), os.path.join(self.directory.name, "tests"))
        binary = os.path.abspath(self.server.binary)
        self.environment = {
            **self.server.environment(),
            "CLEARLINE_DATA": self.server.data,
            "PATH": f"{os.path.dirname(binary)}:{os.environ['PATH']}",
        }

    def run_command(self, command: str) -> str:
        port = f"127.0.0.1:{self.server.port}"
        command = command.replace(DOCUMENTED_PORT, port)
        done = subprocess.run(
            ["sh", "-c", f"{{ {command}; }} 2>&1"], cwd=self.directory.name, env=self.environment,
            stdout=subprocess.PIPE, encoding="utf-8", timeout=DEADLINE_S, check=False,
        )
        return done.stdout.replace(port, DOCUMENTED_PORT) + (f"[{done.returncode}]\n" if done.returncode != 0 else "")

    def test_print_what_the_documents_show(self):
        for document in DOCUMENTS:
            shown = transcripts(document)
            self.assertTrue(shown, f"{document} shows no command")
            for command, printed in shown:
                with self.subTest(document=document, command=command):
                    self.assertRegex(narrow(self.run_command(command)), f"\\A{as_pattern(printed)}\\Z")

    def test_explain_themselves(self):
        for command in ("", "serve", "replay", "connect", "inspect", "code", "admin", "admin sites", "admin agents",
                        "admin agents grant"):
            with self.subTest(command=command):
                printed = self.run_command(f"clearline {command} --help")
                self.assertIn("sage: clearline", printed)
                self.assertNotRegex(printed, r"\n\[\d+\]\n\Z")
        self.assertRegex(self.run_command("clearline --version"), r"\Aclearline \d+\.\d+\.\d+\n\Z")

    def test_refuse_what_makes_no_sense(self):
        for command in ("clearline", "clearline frobnicate", "clearline replay", "clearline connect", "clearline admin sites frobnicate",
                        "clearline serve --port 99999", "clearline serve --frobnicate"):
            with self.subTest(command=command):
                self.assertRegex(self.run_command(command), r"\n\[2\]\n\Z")


if __name__ == "__main__":
    unittest.main()
