#!/usr/bin/env python3
"""The layer rule: arrows point inward.

Three tellings of the same rule must agree: the DEPENDS of each src/<folder>/CMakeLists.txt, the table of levels in
docs/internals/ARCHITECTURE.md, and the #includes of the sources. The core folders are also free of sockets, clocks
and randomness, and a heavy third-party header stays inside the folder that owns it.
"""

import os
import re
import sys

from source_tree import is_cpp, read_text, report, tracked_files, without_comments_and_strings

ARCHITECTURE = "docs/internals/ARCHITECTURE.md"
LIBRARY_CALL = re.compile(r"clearline_library\(\s*(\w+)([^)]*)\)")
TABLE_ROW = re.compile(r"^    (?:level (\d+))?\s+(\w+)/\s.*\((.*)\)\s*$")
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)

# These take bytes, time, ids and randomness as arguments, so that any scenario is a table of inputs and outputs.
PURE_FOLDERS = {"registry", "ws", "http", "wire", "chat"}
IMPURE_HEADER = re.compile(
    r"^(sys/.*|netinet/.*|arpa/.*|unistd\.h|fcntl\.h|poll\.h|netdb\.h|thread|mutex|shared_mutex|condition_variable"
    r"|future|random|fstream|filesystem)$"
)
IMPURE_CALL = re.compile(
    r"\b(wall_now|monotonic_now|random_bytes|random_u64|random_below|getenv|clock_gettime|std::time)\s*\("
    r"|\b\w+_clock::now\b"
)

# Header prefix -> folders that may include it at all. They may do so in .cc files only.
OWNED_HEADERS = {
    "sqlite3.h": {"store"},
    "libpq-fe.h": {"store"},
    "nats/": {"bus"},
    "openssl/": {"base", "net", "app"},
    "zlib.h": {"ws", "http", "app"},
    "sodium.h": {"app"},
    "sodium/": {"app"},
    "spdlog/": {"base"},
    "boost/": {"http", "wire", "app", "registry"},
    "simdjson.h": {"wire", "app"},
    "curl/": {"app"},
    "CLI/": {"app"},
    "toml++/": {"app"},
    "sys/epoll.h": {"net"},
}


def cmake_depends(root: str) -> dict[str, set[str]]:
    """Folder -> the folders that its CMakeLists.txt names after DEPENDS."""
    depends = {}
    source = os.path.join(root, "src")
    for folder in sorted(os.listdir(source)):
        path = os.path.join("src", folder, "CMakeLists.txt")
        if not os.path.isfile(os.path.join(root, path)):
            continue
        for name, arguments in LIBRARY_CALL.findall(read_text(root, path)):
            words = arguments.split()
            start = words.index("DEPENDS") + 1 if "DEPENDS" in words else len(words)
            stop = words.index("SOURCES") if "SOURCES" in words[start:] else len(words)
            depends[name] = set(words[start:stop])
    return depends


def documented_levels(root: str) -> dict[str, tuple[int, set[str] | None]]:
    """Folder -> (level, folders it may use; None stands for all)."""
    rows = {}
    level = None
    for line in read_text(root, ARCHITECTURE).splitlines():
        match = TABLE_ROW.match(line)
        if not match:
            continue
        if match.group(1) is not None:
            level = int(match.group(1))
        if level is None:
            continue
        names = match.group(3).strip()
        rows[match.group(2)] = (level, None if names == "all" else set(names.replace(",", " ").split()))
    return rows


def reachable(folder: str, depends: dict[str, set[str]]) -> set[str]:
    seen = set()
    waiting = [folder]
    while waiting:
        for name in depends.get(waiting.pop(), set()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


def check_table(depends: dict[str, set[str]], levels: dict) -> list[str]:
    problems = []
    for folder in sorted(set(depends) | set(levels)):
        if folder not in levels:
            problems.append(f"{ARCHITECTURE}: no row for src/{folder}")
            continue
        if folder not in depends:
            problems.append(f"{ARCHITECTURE}: the row of {folder}/ has no clearline_library in src/{folder}")
            continue
        level, allowed = levels[folder]
        expected = set(depends) - {folder} if allowed is None else allowed
        if depends[folder] != expected:
            problems.append(
                f"src/{folder}/CMakeLists.txt: DEPENDS is {sorted(depends[folder])}, "
                f"{ARCHITECTURE} says {sorted(expected)}"
            )
        for name in sorted(depends[folder]):
            if name in levels and levels[name][0] >= level:
                problems.append(f"src/{folder} (level {level}) depends on {name} (level {levels[name][0]})")
    return problems


def check_own_include(root: str, name: str, target: str, allowed: set[str], folders: set[str]) -> str | None:
    owner = target.split("/")[0]
    if "/" not in target or owner not in folders:
        # Generated and vendored headers have no folder of ours; a path relative to the file would hide the layer.
        if os.path.isfile(os.path.join(root, os.path.dirname(name), target)):
            return f'{name}: #include "{target}" must name its folder, as "ws/end.h" does'
        return None
    if owner not in allowed:
        return f'{name}: #include "{target}" crosses the layers ({name.split("/")[1]} may not use {owner})'
    return None


def check_foreign_include(name: str, folder: str, target: str) -> str | None:
    if folder in PURE_FOLDERS and IMPURE_HEADER.match(target):
        return f"{name}: <{target}> has no place in {folder}/, which does no I/O and knows no threads"
    for prefix, owners in OWNED_HEADERS.items():
        if not target.startswith(prefix):
            continue
        if folder not in owners:
            return f"{name}: <{target}> belongs to {', '.join(sorted(owners))}"
        if name.endswith(".h"):
            return f"{name}: <{target}> is included by a header; keep it in a .cc file"
    return None


def check_own_header_first(root: str, name: str, includes: list[str]) -> str | None:
    """The compilation of x.cc shows that x.h compiles alone, if nothing comes before it."""
    header = name.removesuffix(".cc") + ".h"
    if not name.endswith(".cc") or not os.path.isfile(os.path.join(root, header)):
        return None
    own = header.removeprefix("src/")
    if includes and includes[0] == own:
        return None
    return f'{name}: #include "{own}" must come first, so that the header is seen to compile alone'


def check_file(root: str, name: str, depends: dict[str, set[str]]) -> list[str]:
    folder = name.split("/")[1]
    allowed = {folder} | reachable(folder, depends)
    text = read_text(root, name)
    problems = []
    includes = INCLUDE.findall(text)
    problems.append(check_own_header_first(root, name, [target for _, target in includes]))
    for bracket, target in includes:
        if bracket == '"' or target.split("/")[0] in depends:
            problems.append(check_own_include(root, name, target, allowed, set(depends)))
        problems.append(check_foreign_include(name, folder, target))
    if folder in PURE_FOLDERS:
        for number, line in enumerate(without_comments_and_strings(text).splitlines(), 1):
            match = IMPURE_CALL.search(line)
            if match:
                problems.append(f"{name}:{number}: {match.group(0).strip()} decides by something that is no argument")
    return [problem for problem in problems if problem]


def check(root: str) -> list[str]:
    depends = cmake_depends(root)
    problems = check_table(depends, documented_levels(root))
    for name in tracked_files(root):
        if name.startswith("src/") and is_cpp(name) and name.count("/") >= 2:
            problems.extend(check_file(root, name, depends))
    return problems


if __name__ == "__main__":
    report(check(sys.argv[1]), "layers")
