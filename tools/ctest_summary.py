#!/usr/bin/env python3
"""Counts the tests in a JUnit file that ctest wrote: `passed failed skipped`, one line.

A GoogleTest binary or a Python unittest file is one ctest entry but many tests, so its own closing lines are counted.
An entry that failed without naming a failed test (it crashed, timed out, or a sanitizer ended it) is one failure.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

GTEST_LINE = re.compile(r"^\[  (PASSED|SKIPPED|FAILED) +\] (\d+) tests?[.,]", re.MULTILINE)
UNITTEST_RAN = re.compile(r"^Ran (\d+) tests? in [\d.]+s\n\n(?:OK|FAILED)(?: \(([^)]*)\))?$", re.MULTILINE)


def count_entry(status: str, output: str) -> tuple[int, int, int]:
    """Counts of one ctest entry from its JUnit status and what it printed."""
    if status in ("notrun", "disabled"):
        return (0, 0, 1)
    counts = {"PASSED": 0, "SKIPPED": 0, "FAILED": 0}
    found = False
    for kind, number in GTEST_LINE.findall(output):
        counts[kind] += int(number)
        found = True
    for ran, details in UNITTEST_RAN.findall(output):
        numbers = {key: int(number) for key, number in re.findall(r"(\w+)=(\d+)", details)}
        counts["FAILED"] += numbers.get("failures", 0) + numbers.get("errors", 0)
        counts["SKIPPED"] += numbers.get("skipped", 0)
        counts["PASSED"] += int(ran) - sum(numbers.values())
        found = True
    if status == "run":
        return (counts["PASSED"], 0, counts["SKIPPED"]) if found else (1, 0, 0)
    return (counts["PASSED"], max(1, counts["FAILED"]), counts["SKIPPED"])


def count_file(path: str) -> tuple[int, int, int]:
    totals = [0, 0, 0]
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        status = case.get("status", "run")
        output = case.findtext("system-out") or ""
        # ctest reports a program that it could not find or start as "notrun" too; that is a failure.
        if status == "notrun" and "Unable to find executable" in ElementTree.tostring(case, encoding="unicode"):
            status = "fail"
        for index, number in enumerate(count_entry(status, output)):
            totals[index] += number
    return (totals[0], totals[1], totals[2])


if __name__ == "__main__":
    print(*count_file(sys.argv[1]))
