"""What the tests of permessage-deflate against other implementations share: sets of parameters, and messages."""

import json
import os
import subprocess

DEADLINE_S = 60

NO_TAKEOVER = "server_no_context_takeover; client_no_context_takeover"

# What the server wants, what the client offers, and what both have agreed upon: with takeover and without, each
# parameter from either side.
CASES = [
    ("", "client_max_window_bits", ""),
    (NO_TAKEOVER, "client_max_window_bits", f"; {NO_TAKEOVER}"),
    ("", f"{NO_TAKEOVER}; client_max_window_bits", f"; {NO_TAKEOVER}"),
    ("server_no_context_takeover", "client_max_window_bits", "; server_no_context_takeover"),
    ("client_no_context_takeover", "client_max_window_bits", "; client_no_context_takeover"),
    ("server_max_window_bits=10", "client_max_window_bits", "; server_max_window_bits=10"),
    ("", "server_max_window_bits=9; client_max_window_bits", "; server_max_window_bits=9"),
    ("client_max_window_bits=11", "client_max_window_bits", "; client_max_window_bits=11"),
    ("", "client_max_window_bits=9", "; client_max_window_bits=9"),
    # npm ws refuses a client that wants a smaller window of its own than the server.
    ("server_max_window_bits=12; client_max_window_bits=10", f"{NO_TAKEOVER}; client_max_window_bits=12",
     f"; {NO_TAKEOVER}; server_max_window_bits=12; client_max_window_bits=10"),
]


def elements(text: str) -> set[str]:
    """The parameters of one extension; implementations write them in different orders."""
    return {part.strip() for part in text.split(";") if part.strip()}


def parameters(text: str) -> dict[str, int | bool]:
    """"a; b=9" as {"a": True, "b": 9}."""
    found: dict[str, int | bool] = {}
    for element in elements(text):
        name, _, value = element.partition("=")
        found[name] = int(value) if value else True
    return found


def chat_texts() -> list[str]:
    """Short and long ones, alike enough for a context to matter; with what reaches over every window."""
    texts = [f'{{"seq":{n},"text":"Thank you, is there anything else? 谢谢"}}' * (1 + n % 20) for n in range(60)]
    noise = os.urandom(20_000).hex()
    return [*texts, "", "x", noise, noise, "a" * 300_000]


class EchoServer:
    """examples/echo_server as a process."""

    def __init__(self, *arguments: str):
        command = [os.environ["ECHO_SERVER"], "--port", "0", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
        self.url = f"ws://{self.process.stdout.readline().split()[2]}/"

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=DEADLINE_S)
        assert self.process.returncode == 0, self.process.returncode


def run_connect(url: str, *arguments: str, lines: list[str] = ()) -> tuple[int, list[dict], str]:
    """Exit status, events and standard error of `clearline connect --json`."""
    done = subprocess.run(
        [os.environ["CLEARLINE_BINARY"], "connect", url, "--json", *arguments],
        input="".join(f"{line}\n" for line in lines), capture_output=True, encoding="utf-8", timeout=DEADLINE_S,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr
