#!/usr/bin/env python3
"""All C++ is what clang-format-14 makes of it. Ends with 77 (skipped) where that version is not installed."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from source_tree import is_cpp, report, tracked_files

FOLDERS = ("src/", "tests/", "bench/", "examples/")
FILES_A_RUN = 16


def find_clang_format() -> str | None:
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path and re.search(r"version 14\.", subprocess.run([path, "--version"], capture_output=True, text=True).stdout):
            return path
    return None


def check_some(tool: str, root: str, names: list[str]) -> list[str]:
    run = subprocess.run([tool, "--dry-run", "-Werror", *names], cwd=root, capture_output=True, text=True)
    if run.returncode == 0:
        return []
    lines = re.findall(r"^(\S+?):(\d+):\d+: error", run.stderr, re.MULTILINE)
    first = {}
    for name, line in lines:
        first.setdefault(name, line)
    return [f"{name}:{line}: run clang-format-14 -i {name}" for name, line in first.items()] or [run.stderr]


def check(tool: str, root: str) -> list[str]:
    names = [name for name in tracked_files(root) if is_cpp(name) and name.startswith(FOLDERS)]
    runs = [names[start : start + FILES_A_RUN] for start in range(0, len(names), FILES_A_RUN)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [problem for found in pool.map(lambda some: check_some(tool, root, some), runs) for problem in found]


if __name__ == "__main__":
    clang_format = find_clang_format()
    if clang_format is None:
        print("skipped: no clang-format of version 14 here")
        sys.exit(77)
    report(check(clang_format, sys.argv[1]), "format")
