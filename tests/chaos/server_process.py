"""A `clearline serve` of the test's own, on a free port, that can be killed and started again on the same port."""

import re
import signal
import subprocess


class ServerProcess:
    def __init__(self, program, data):
        self.program, self.data = program, data
        self.port = 0
        self.process = None
        self.password = None  # of the first agent, at the first start
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        log = open(f"{self.data}/../server.log", "a", encoding="utf-8")
        with log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--port", str(self.port), "--data", self.data],
                stdout=subprocess.PIPE, stderr=log, encoding="utf-8")
        # Everything up to the last line of the greeting, so that the pipe does not fill up.
        for line in self.process.stdout:
            if found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found.group(1))
            if found := re.search(r"^\s*password\s+(\S+)", line):
                self.password = found.group(1)
            if "Ctrl-C" in line:
                return
        raise RuntimeError(f"the server did not start; exit status {self.process.wait()}")

    def end(self, with_signal=signal.SIGTERM):
        """Gives the exit status."""
        if self.process is None:
            return None
        self.process.send_signal(with_signal)
        self.process.communicate(timeout=60)
        status = self.process.returncode
        self.process = None
        return status

    def restart(self, with_signal=signal.SIGKILL):
        self.end(with_signal)
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.end(signal.SIGKILL)
