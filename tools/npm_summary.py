#!/usr/bin/env python3
"""Counts the tests in the log of an npm script: `passed failed skipped`, one line.

A script that sums up by itself ends with "40 passed, 2 failed" as ./test does, and is believed. vitest ends with
"Tests  2 failed | 40 passed | 1 skipped (43)", Playwright with "2 failed", "1 flaky", "40 passed (9s)", each in a line
of its own. A flaky test failed once, and counts as failed.
"""

import re
import sys

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
OWN_SUM = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)
VITEST = re.compile(r"^\s*Tests\s+(.*\(\d+\))\s*$", re.MULTILINE)
PLAYWRIGHT = re.compile(r"^\s*(\d+) (passed|failed|skipped|flaky|did not run)(?: \([\d.]+\w+\))?\s*$", re.MULTILINE)
KINDS = {"passed": 0, "failed": 1, "flaky": 1, "did not run": 1, "skipped": 2, "todo": 2}


def count(log: str) -> tuple[int, int, int]:
    text = ESCAPES.sub("", log)
    if sums := OWN_SUM.findall(text):
        passed, failed, skipped = sums[-1]
        return (int(passed), int(failed), int(skipped or 0))
    totals = [0, 0, 0]
    for line in VITEST.findall(text):
        for number, kind in re.findall(r"(\d+) (passed|failed|skipped|todo)", line):
            totals[KINDS[kind]] += int(number)
    for number, kind in PLAYWRIGHT.findall(text):
        totals[KINDS[kind]] += int(number)
    return (totals[0], totals[1], totals[2])


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        print(*count(file.read()))
