#!/usr/bin/env python3
"""What the library clearline-ws shows: the headers listed in cmake/ClearlineWs.cmake are there, do not call themselves
internal, and include only each other, the standard library, POSIX and what the package's users have anyway. The
examples use the library as a stranger does.
"""

import os
import re
import sys

from check_layers import INCLUDE
from source_tree import is_cpp, read_text, report, tracked_files

LIST = "cmake/ClearlineWs.cmake"
LISTED = re.compile(r"set\(clearline_public_headers\s+([^)]*)\)")
GENERATED = {"registry/generated/tables.h"}
INTERNAL = re.compile(r"^// .*\b(?:Internal\s+to|Not\s+part\s+of\s+the\s+public)\b", re.MULTILINE)
# Of the packages that clearline-ws-config.cmake finds for the user, those that headers may show.
FOREIGN = re.compile(r"^(fmt/|tl/|sys/socket\.h$)")
STANDARD = re.compile(r"^\w+$")


def public_headers(root: str) -> list[str]:
    match = LISTED.search(read_text(root, LIST))
    return match.group(1).split() if match else []


def check_header(root: str, name: str, public: set[str]) -> list[str]:
    path = f"src/{name}"
    if not os.path.isfile(os.path.join(root, path)):
        return [] if name in GENERATED else [f"{LIST}: {name} is listed and not in src/"]
    text = read_text(root, path)
    problems = []
    if INTERNAL.search(text):
        problems.append(f"{path}: is listed in {LIST} and says that it is internal")
    for bracket, target in INCLUDE.findall(text):
        if bracket == '"' and target not in public:
            problems.append(f'{path}: is public and includes "{target}"; add it to {LIST}, or keep it out of the header')
        if bracket == "<" and not STANDARD.match(target) and not FOREIGN.match(target):
            problems.append(f"{path}: is public and includes <{target}>, which its users would need")
    return problems


def check_example(root: str, name: str) -> list[str]:
    return [
        f'{name}: #include "{target}" works in this tree alone; a user writes "clearline/{target}"'
        for _, target in INCLUDE.findall(read_text(root, name))
        if os.path.isdir(os.path.join(root, "src", target.split("/")[0])) and "/" in target
    ]


def check(root: str) -> list[str]:
    public = public_headers(root)
    problems = [] if public else [f"{LIST}: lists no public header"]
    for name in public:
        problems.extend(check_header(root, name, set(public)))
    for name in tracked_files(root):
        if name.startswith("examples/") and is_cpp(name):
            problems.extend(check_example(root, name))
    return problems


if __name__ == "__main__":
    report(check(sys.argv[1]), "public headers")
