#!/usr/bin/env python3
"""Replays dialogues through a server that is killed and started again, over and over: nothing may be lost, duplicated,
reordered or altered.

    tests/chaos/replay_with_kills.py build/release/bin/clearline --kills 5 FILES… [-- REPLAY OPTIONS]

Starts a server of its own on a free port with data in a temporary directory. Every --every seconds it gets the next
of --signals (KILL; KILL,TERM alternates with drains) and is started again on the same port. When the dialogues are
done before the last kill, they are replayed once more. Without FILES: the sample of the tests, many times over.
The exit status is 0 if every replay was clean, every kill hit a replay that was running, and the database is whole.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True

from server_process import ServerProcess  # noqa: E402

SAMPLE = os.path.join(HERE, "..", "data", "dialogues-sample.jsonl")


def repeat_sample(path, times):
    """The same dialogues under new ids."""
    with open(SAMPLE, encoding="utf-8") as sample:
        dialogues = [json.loads(line) for line in sample]
    with open(path, "w", encoding="utf-8") as out:
        for number in range(times):
            for dialogue in dialogues:
                out.write(json.dumps(dialogue | {"id": f"{dialogue['id']}-{number}"}, ensure_ascii=False) + "\n")
    return path


class Replay:
    """A `clearline replay` that has begun to send when the constructor returns."""

    def __init__(self, program, server, files, options):
        self.process = subprocess.Popen(
            [program, "replay", *files, "--server", server.url, "--json", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        self.heard = [self.process.stderr.readline()]  # the first line of progress comes when dialogues run

    def is_running(self):
        return self.process.poll() is None

    def result(self):
        out, err = self.process.communicate()
        for line in self.heard + err.splitlines(keepends=True):
            sys.stderr.write(f"  replay: {line}")
        if not out:
            raise SystemExit(f"the replay ended with status {self.process.returncode} and no result")
        return json.loads(out)


def check_database(data):
    with sqlite3.connect(os.path.join(data, "clearline.db")) as database:
        answer = database.execute("PRAGMA integrity_check").fetchone()[0]
    if answer != "ok":
        raise SystemExit(f"the database is not whole: {answer}")


def show(result, kills):
    names = ("lost", "duplicated", "reordered", "altered", "reconnects", "resends", "messages_per_second")
    print(f"{result['dialogues']} dialogues, {result['messages']} messages, {kills} kills: "
          + ", ".join(f"{name} {result[name]}" for name in names), flush=True)
    for anomaly in result["anomalies"]:
        print(f"  {anomaly}", flush=True)


def run(arguments, directory):
    data = os.path.join(directory, "data")
    os.mkdir(data, 0o700)
    files = arguments.files or [repeat_sample(os.path.join(directory, "dialogues.jsonl"), arguments.repeat)]
    signals = [getattr(signal, f"SIG{name}") for name in arguments.signals.split(",")]
    kills = 0
    with ServerProcess(arguments.program, data) as server:
        while kills < arguments.kills:
            replay = Replay(arguments.program, server, files, arguments.options)
            hits = 0
            while kills < arguments.kills:
                time.sleep(random.uniform(0.5, 1.5) * arguments.every)
                if not replay.is_running():
                    break
                server.restart(signals[kills % len(signals)])
                kills += 1
                hits += 1
            result = replay.result()
            show(result, hits)
            if replay.process.returncode != 0:
                return 1
        status = server.end()
    check_database(data)
    return status


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two kills, give or take a half")
    parser.add_argument("--signals", default="KILL")
    parser.add_argument("--repeat", type=int, default=100, help="how often the sample is replayed")
    parser.add_argument("--keep", action="store_true", help="keep the directory when it went wrong")
    line = sys.argv[1:]
    cut = line.index("--") if "--" in line else len(line)
    arguments = parser.parse_intermixed_args(line[:cut])  # options and files in any order
    arguments.options = line[cut + 1:]
    directory = tempfile.mkdtemp(prefix="clearline-chaos-")
    status = 1
    try:
        status = run(arguments, directory)
    finally:
        if status == 0 or not arguments.keep:
            shutil.rmtree(directory)
        else:
            print(f"kept: {directory}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
