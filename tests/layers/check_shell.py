#!/usr/bin/env python3
"""Every shell script is what shellcheck accepts. Ends with 77 (skipped) where shellcheck is not installed."""

import os
import re
import shutil
import subprocess
import sys

from source_tree import read_text, report, tracked_files

SHEBANG = re.compile(r"^#!.*\b(?:ba|da)?sh\b")


def is_script(root: str, name: str) -> bool:
    if name.endswith(".sh"):
        return True
    if "." in os.path.basename(name):
        return False
    return SHEBANG.match(read_text(root, name)) is not None


def check(root: str) -> list[str]:
    scripts = [name for name in tracked_files(root) if is_script(root, name)]
    if not scripts:
        return []
    command = ["shellcheck", "--external-sources", "--format=gcc", *scripts]
    return subprocess.run(command, cwd=root, capture_output=True, text=True).stdout.splitlines()


if __name__ == "__main__":
    if shutil.which("shellcheck") is None:
        print("skipped: no shellcheck here")
        sys.exit(77)
    report(check(sys.argv[1]), "shell")
