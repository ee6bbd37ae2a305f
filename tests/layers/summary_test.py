#!/usr/bin/env python3
"""The last line of ./test is only as true as these two counters."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tools"))

import ctest_summary  # noqa: E402
import npm_summary  # noqa: E402

GTEST = "[==========] 3 tests from 1 test suite ran. (0 ms total)\n[  PASSED  ] 3 tests.\n"
GTEST_FAILED = "[  PASSED  ] 2 tests.\n[  SKIPPED ] 1 test, listed below:\n[  SKIPPED ] A.b\n[  FAILED  ] 1 test, listed below:\n"


class CtestSummaryTest(unittest.TestCase):
    def test_counts_inside_a_googletest_binary(self):
        self.assertEqual(ctest_summary.count_entry("run", GTEST), (3, 0, 0))
        self.assertEqual(ctest_summary.count_entry("fail", GTEST_FAILED), (2, 1, 1))

    def test_counts_inside_a_python_test(self):
        self.assertEqual(ctest_summary.count_entry("run", "Ran 39 tests in 1.2s\n\nOK\n"), (39, 0, 0))
        text = "Ran 9 tests in 0.2s\n\nFAILED (failures=1, errors=2, skipped=3)\n"
        self.assertEqual(ctest_summary.count_entry("fail", text), (3, 3, 3))

    def test_a_program_without_counts_is_one_test(self):
        self.assertEqual(ctest_summary.count_entry("run", "fine\n"), (1, 0, 0))
        self.assertEqual(ctest_summary.count_entry("fail", "bad\n"), (0, 1, 0))
        self.assertEqual(ctest_summary.count_entry("notrun", ""), (0, 0, 1))

    def test_a_crash_after_passed_tests_is_a_failure(self):
        self.assertEqual(ctest_summary.count_entry("fail", GTEST + "Segmentation fault\n"), (3, 1, 0))

    def test_a_whole_report(self):
        report = (
            '<testsuite><testcase name="a" status="run"><system-out>[  PASSED  ] 2 tests.</system-out></testcase>'
            '<testcase name="b" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>'
            '<testcase name="c" status="notrun"><skipped message="Unable to find executable: c"/></testcase>'
            '<testcase name="d" status="fail"><system-out>killed</system-out></testcase></testsuite>'
        )
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
            file.write(report)
            file.flush()
            self.assertEqual(ctest_summary.count_file(file.name), (2, 2, 1))


class NpmSummaryTest(unittest.TestCase):
    def test_vitest(self):
        log = " Test Files  1 failed | 3 passed (4)\n      Tests  2 failed | 40 passed | 1 skipped (43)\n"
        self.assertEqual(npm_summary.count(log), (40, 2, 1))

    def test_vitest_in_colour(self):
        log = "\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[32m12 passed\x1b[39m\x1b[22m\x1b[90m (12)\x1b[39m\n"
        self.assertEqual(npm_summary.count(log), (12, 0, 0))

    def test_playwright(self):
        log = "  1 failed\n    [chromium] a.spec.ts:3:1 fails\n  1 flaky\n  2 skipped\n  7 passed (9.3s)\n"
        self.assertEqual(npm_summary.count(log), (7, 2, 2))

    def test_the_script_s_own_sum_is_believed(self):
        log = "      Tests  40 passed (40)\n43 passed, 1 failed\n"
        self.assertEqual(npm_summary.count(log), (43, 1, 0))
        self.assertEqual(npm_summary.count("5 passed, 0 failed, 2 skipped\n"), (5, 0, 2))

    def test_nothing_counted_where_nothing_ran(self):
        self.assertEqual(npm_summary.count("No test files found\n"), (0, 0, 0))


if __name__ == "__main__":
    unittest.main()
