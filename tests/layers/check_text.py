#!/usr/bin/env python3
"""What a reviewer should not have to look for: leftovers, machine paths, banned calls, bare close codes, stray files."""

import json
import os
import re
import sys

from source_tree import is_cpp, read_text, report, tracked_files, without_comments_and_strings

FILE_BYTES_MAX = 1_000_000

# Written in two halves, so that this file passes its own check.
LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
MACHINE_PATH = re.compile(r"(?:^|[^a-z0-9_.])(/(?:wo" r"rk|fa" r"rm)/\w*)")
REGISTRY_HOST = re.compile(r"deb\.deb" r"ian\.org|archive\.ubu" r"ntu\.com|registry\.npm" r"js|registry\.yarn" r"pkg")

BANNED_CALLS = {
    r"\bv?sprintf\s*\(": "fmt::format or snprintf",
    r"\bstr(?:n?cpy|n?cat)\s*\(": "std::string or std::copy",
    r"(?<![\w.>])gets\s*\(": "std::getline",
    r"\bstrtok\s*\(": "a loop over std::string_view",
    r"\bstd::rand\b|(?<![\w.>:])s?rand\s*\(": "base/random.h at the edge, an argument elsewhere",
    r"\b(?:localtime|gmtime|ctime|asctime)\s*\(": "localtime_r or gmtime_r",
    r"(?<![\w.>])ato(?:i|l|ll|f)\s*\(": "std::from_chars, which reports nonsense",
    r"\bstd::sto(?:i|l|ll|ul|ull|f|d)\s*\(": "std::from_chars, which does not throw",
    r"\.detach\s*\(\s*\)": "a thread that its owner joins",
    r"\bstd::endl\b": r"'\n'",
}
FOLDERS_OF_CODE = ("src/", "tests/", "bench/", "examples/")

# A number that is a close code, in an expression about one: compared with, passed to or stored in something whose
# name says close, status or code. Durations and sizes have a unit in their name and are left alone.
SUBJECT = r"\b(?!\w*(?:_ms|_s|_seconds|_bytes|_max|_min|_count|timeout\w*|http\w*)\b)\w*(?:close|status|code)\w*"


def close_codes(root: str) -> set[int]:
    """The registered codes of the protocol; until the data file has them, those of RFC 6455."""
    codes = set(range(1000, 1016)) | {3000, 3003, 3008}
    path = "src/registry/registry.json"
    if os.path.isfile(os.path.join(root, path)):
        for entry in json.loads(read_text(root, path)).get("codes", []):
            if isinstance(entry, dict) and isinstance(entry.get("code"), int):
                codes.add(entry["code"])
    return codes


def bare_code_pattern(codes: set[int]) -> re.Pattern:
    number = "(?:" + "|".join(str(code) for code in sorted(codes)) + r")(?![\w.'])"
    return re.compile(
        rf"(?:case\s+(?P<case>{number})\s*:)"
        rf"|(?:{SUBJECT}\s*(?:[({{]|[=!<>]=?|==)\s*(?:\w+\s*[({{]\s*)?(?P<right>{number}))"
        rf"|(?:(?<![\w.])(?P<left>{number})\s*[=!<>]=?\s*{SUBJECT})",
        re.IGNORECASE,
    )


def check_lines(name: str, text: str) -> list[str]:
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        place = f"{name}:{number}"
        if match := LEFTOVER.search(line):
            problems.append(f"{place}: leftover {match.group(0)}")
        if match := MACHINE_PATH.search(line):
            problems.append(f"{place}: path of one machine, {match.group(1)}")
        if match := REGISTRY_HOST.search(line):
            problems.append(f"{place}: names the package registry {match.group(0)}; the machine's own settings do that")
    return problems


def check_code(name: str, text: str, bare_code: re.Pattern) -> list[str]:
    problems = []
    code_is_law = name.startswith("src/") and not name.startswith("src/registry/")
    for number, line in enumerate(without_comments_and_strings(text).splitlines(), 1):
        for pattern, instead in BANNED_CALLS.items():
            if match := re.search(pattern, line):
                problems.append(f"{name}:{number}: {match.group(0).strip(' (')} is banned; use {instead}")
        if code_is_law and (match := bare_code.search(line)):
            found = next(group for group in match.groups() if group)
            problems.append(f"{name}:{number}: close code {found} as a number; use its name from registry/")
        if name.endswith(".h") and re.search(r"\busing\s+namespace\b", line):
            problems.append(f"{name}:{number}: using namespace in a header")
    if name.endswith(".h") and "#pragma once" not in text:
        problems.append(f"{name}: no #pragma once")
    return problems


def check_form(name: str, text: str) -> list[str]:
    if name.startswith(("tests/data/", "tests/fuzz/corpus/")) or not text:
        return []
    problems = []
    if "\r\n" in text:
        problems.append(f"{name}: lines end with CR LF")
    if not text.endswith("\n"):
        problems.append(f"{name}: no newline at the end")
    if is_cpp(name) or name.endswith((".py", ".txt", ".cmake", ".ts", ".tsx")):
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip(" \t"):
                problems.append(f"{name}:{number}: white space at the end of the line")
    return problems


def check(root: str) -> list[str]:
    bare_code = bare_code_pattern(close_codes(root))
    problems = []
    for name in tracked_files(root):
        size = os.path.getsize(os.path.join(root, name))
        if size > FILE_BYTES_MAX:
            problems.append(f"{name}: {size} bytes; a file over {FILE_BYTES_MAX} does not belong into the repository")
            continue
        text = read_text(root, name)
        problems.extend(check_lines(name, text))
        problems.extend(check_form(name, text))
        if is_cpp(name) and name.startswith(FOLDERS_OF_CODE):
            problems.extend(check_code(name, text, bare_code))
    return problems


if __name__ == "__main__":
    report(check(sys.argv[1]), "text")
