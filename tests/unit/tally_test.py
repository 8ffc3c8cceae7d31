#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What tests/tally says of what tests left behind."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TALLY = Path(__file__).resolve().parent.parent / "tally"
CMOCKA = "[==========] Running 3 test(s).\n[       OK ] a\n[==========] 3 test(s) run.[  PASSED  ] 2 test(s).\n"
CMOCKA_FAILED = CMOCKA + "[  FAILED  ] tests: 1 test(s), listed below:\n[  FAILED  ] c\n"
UNITTEST = "....\n------\nRan 4 tests in 0.123s\n\n"
PYTEST = "===== {} in 61.02s (0:01:01) =====\n"


class Tally(unittest.TestCase):
	def setUp(self):
		folder = tempfile.TemporaryDirectory()
		self.addCleanup(folder.cleanup)
		self.build = Path(folder.name)

	def left(self, name, result, log):
		path = self.build / "tests" / name
		path.parent.mkdir(exist_ok=True)
		path.with_suffix(".trs").write_text(f":test-result: {result}\n:recheck: no\n")
		path.with_suffix(".log").write_text(log)

	def says(self, last_line, status, *options):
		done = subprocess.run([sys.executable, "-B", TALLY, *options, self.build], capture_output=True, text=True)
		self.assertEqual((done.stdout.splitlines()[-1], done.returncode), (last_line, status), done.stdout + done.stderr)
		return done.stdout

	def test_cases_of_every_runner_are_added_up(self):
		self.left("a", "PASS", CMOCKA)
		self.left("b", "PASS", UNITTEST + "OK (skipped=1)\n")
		self.left("c", "PASS", PYTEST.format("5 passed, 2 skipped"))
		self.left("d", "PASS", "7 files\n")
		self.left("e", "SKIP", "nothing to look at\n")
		self.says("11 passed, 0 failed, 4 skipped", 0)

	def test_failed_cases_are_named_and_fail_the_run(self):
		self.left("a", "FAIL", CMOCKA_FAILED)
		self.left("b", "FAIL", UNITTEST + "FAILED (failures=1, errors=2)\n")
		self.left("c", "FAIL", PYTEST.format("2 failed, 1 passed, 1 error"))
		said = self.says("4 passed, 7 failed, 0 skipped", 1)
		self.assertIn("failed: tests/b (3)\n", said)

	def test_a_program_that_died_after_passing_has_failed(self):
		self.left("a", "FAIL", CMOCKA + "AddressSanitizer: heap-buffer-overflow\n")
		self.says("2 passed, 1 failed, 0 skipped", 1)

	def test_nothing_that_ran_is_no_success(self):
		self.says("0 passed, 0 failed, 0 skipped", 1)
		self.left("a", "SKIP", "")
		self.says("0 passed, 0 failed, 1 skipped", 1)

	def test_a_step_that_broke_fails_the_run(self):
		self.left("a", "PASS", CMOCKA)
		self.says("2 passed, 1 failed, 0 skipped", 1, "--broken", "1")


if __name__ == "__main__":
	unittest.main()
