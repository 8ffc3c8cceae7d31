# SPDX-License-Identifier: MIT
"""What the lint programs share: the files they look at, C without its comments and strings, and how faults are told."""
import os
import re
import sys
from pathlib import Path

TOP = Path(os.environ.get("LINT_TOP") or Path(__file__).resolve().parent.parent.parent)
ROOTS = ("src", "pam", "policies", "tests", "contrib")
NOT_OURS = {"__pycache__", "node_modules", "build-aux", "m4", "corpus", "golden", ".libs", ".deps"}


class Faults:
	"""Collects file:line: words, shows them at the end."""

	def __init__(self):
		self.lines = []

	def add(self, path, line, words):
		self.lines.append((str(path.relative_to(TOP)), line, words))

	def end(self):
		"""Exit status for main."""
		for path, line, words in sorted(self.lines):
			print(f"{path}:{line}: {words}")
		return 1 if self.lines else 0


def files(*suffixes, roots=ROOTS):
	"""Every file of ours with such a suffix; a program without any counts as ''."""
	found = 0
	for root in roots:
		for folder, folders, names in os.walk(TOP / root):
			folders[:] = sorted(name for name in folders if name not in NOT_OURS)
			for name in sorted(names):
				path = Path(folder) / name
				if path.suffix in suffixes and path.is_file():
					found += 1
					yield path
	if not found:
		sys.exit(f"lint: no files with {suffixes} below {TOP}")


# In this order: what begins first wins.
NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def bare(text):
	"""C without comments, and with empty strings; every line stays where it is."""
	def blank(match):
		found = match.group()
		if found[0] in "\"'":
			return found[0] + " " * (len(found) - 2) + found[0]
		return re.sub(r"[^\n]", " ", found)
	return NOISE.sub(blank, text)


def line_of(text, offset):
	return text.count("\n", 0, offset) + 1
