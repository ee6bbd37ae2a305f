#!/usr/bin/env python3
"""Every .cc belongs to a target: what the build does not know, no compiler and no test ever sees.

Asks the build's own compile_commands.json. Folders that the dev build leaves out (fuzz targets, benchmarks, projects of their own) must name
the file, or a glob that matches it, in the nearest CMakeLists.txt above it.
"""

import fnmatch
import json
import os
import re
import sys

from source_tree import read_text, report, tracked_files

GLOB_OR_NAME = re.compile(r"[\w*./+-]+\.cc\b")


def nearest_cmake(root: str, name: str) -> str | None:
    folder = os.path.dirname(name)
    while folder:
        path = os.path.join(folder, "CMakeLists.txt")
        if os.path.isfile(os.path.join(root, path)):
            return path
        folder = os.path.dirname(folder)
    return None


def named_by_cmake(root: str, name: str) -> bool:
    path = nearest_cmake(root, name)
    if path is None:
        return False
    inner = os.path.relpath(name, os.path.dirname(path))
    words = GLOB_OR_NAME.findall(read_text(root, path))
    return any(fnmatch.fnmatch(inner, word) or fnmatch.fnmatch(os.path.basename(name), word) for word in words)


def check(root: str, compile_commands: str) -> list[str]:
    with open(compile_commands, encoding="utf-8") as file:
        compiled = {os.path.realpath(os.path.join(entry["directory"], entry["file"])) for entry in json.load(file)}
    problems = []
    for name in tracked_files(root):
        if not name.endswith(".cc") or name.startswith("tests/layers/"):
            continue
        if os.path.realpath(os.path.join(root, name)) in compiled:
            continue
        if name.startswith(("bench/", "tests/fuzz/", "tests/package/")) and named_by_cmake(root, name):
            continue
        problems.append(f"{name}: in no target; its folder's CMakeLists.txt does not know it")
    return problems


if __name__ == "__main__":
    report(check(sys.argv[1], sys.argv[2]), "targets")
