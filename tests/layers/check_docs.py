#!/usr/bin/env python3
"""Documents that cannot rot silently: links lead somewhere, every package is explained, every ADR is listed."""

import json
import os
import re
import sys

from source_tree import read_text, report, tracked_files

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
COVERAGE = "docs/internals/rfc-coverage.md"
TEST = re.compile(r"^TEST(?:_[FP])?\((\w+), (\w+)\)", re.MULTILINE)
QUOTED = re.compile(r"`([^`]+)`")
PACKAGE_LISTS = ("tools/packages-debian.txt", "tools/packages-ubuntu.txt")


def anchors(text: str) -> set[str]:
    """The anchors that a forge gives to the headings."""
    found = set()
    for heading in HEADING.findall(FENCED.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def check_links(root: str, name: str) -> list[str]:
    problems = []
    for target in LINK.findall(FENCED.sub("", read_text(root, name))):
        if re.match(r"^[a-z][a-z0-9+.-]*:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
        if goal.startswith("..") or not os.path.exists(os.path.join(root, goal)):
            problems.append(f"{name}: the link {target} leads nowhere")
        elif anchor and goal.endswith(".md") and anchor not in anchors(read_text(root, goal)):
            problems.append(f"{name}: {target} names a heading that {goal} does not have")
    return problems


def listed_packages(root: str, path: str) -> list[str]:
    lines = (line.split() for line in read_text(root, path).splitlines())
    return [words[0] for words in lines if words and not words[0].startswith("#")]


def check_dependencies(root: str) -> list[str]:
    """Every package of the lists, and every direct npm dependency, has its line in DEPENDENCIES.md."""
    explained = set(re.findall(r"`([^`\s]+)`", read_text(root, "DEPENDENCIES.md")))
    problems = []
    for path in PACKAGE_LISTS:
        for package in listed_packages(root, path):
            if package not in explained:
                problems.append(f"{path}: {package} is not explained in DEPENDENCIES.md")
    return problems + check_npm_dependencies(root, explained)


def check_npm_dependencies(root: str, explained: set[str]) -> list[str]:
    problems = []
    for path in tracked_files(root):
        if os.path.basename(path) != "package.json":
            continue
        package = json.loads(read_text(root, path))
        for group in ("dependencies", "devDependencies", "optionalDependencies"):
            for name, version in package.get(group, {}).items():
                ours = name.startswith("@clearline/")
                if name not in explained and not ours:
                    problems.append(f"{path}: {name} is not explained in DEPENDENCIES.md")
    return problems


def check_decisions(root: str, names: list[str]) -> list[str]:
    index = read_text(root, "docs/adr/README.md")
    decisions = [os.path.basename(name) for name in names if re.match(r"^docs/adr/\d{4}-.*\.md$", name)]
    problems = [f"docs/adr/README.md does not list {name}" for name in decisions if f"({name})" not in index]
    for name in decisions:
        text = read_text(root, f"docs/adr/{name}")
        for heading in ("Status", "Context", "Decision", "Consequences"):
            if f"## {heading}\n" not in text:
                problems.append(f"docs/adr/{name}: no section {heading}")
    numbers = [name[:4] for name in decisions]
    return problems + [f"docs/adr: number {one} is used twice" for one in set(numbers) if numbers.count(one) > 1]


def check_coverage(root: str, names: list[str]) -> list[str]:
    """Each row of the table of the standards' requirements names files and tests that exist, or says why there is none."""
    if COVERAGE not in names:
        return []
    tests = set()
    for name in names:
        if name.startswith("tests/") and name.endswith("_test.cc"):
            tests.update(f"{suite}.{test}" for suite, test in TEST.findall(read_text(root, name)))
    problems = []
    for line in read_text(root, COVERAGE).splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if not line.startswith("| ") or len(cells) != 4 or cells[0] == "section":
            continue
        where = f"{COVERAGE}: section {cells[0]}, \"{cells[1]}\""
        for path in QUOTED.findall(cells[2]):
            if path not in names:
                problems.append(f"{where}: there is no file {path}")
        shown_by = QUOTED.findall(cells[3])
        problems.extend(f"{where}: there is no test {test}" for test in shown_by if test not in tests)
        if not shown_by and not re.fullmatch(r"\*.+\*", cells[3]):
            problems.append(f"{where}: neither a test nor, in italics, why there is none")
    return problems


def check(root: str) -> list[str]:
    names = tracked_files(root)
    problems = []
    for name in names:
        if name.endswith(".md"):
            problems.extend(check_links(root, name))
    return problems + check_dependencies(root) + check_decisions(root, names) + check_coverage(root, names)


if __name__ == "__main__":
    report(check(sys.argv[1]), "documents")
