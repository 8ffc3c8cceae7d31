# SPDX-License-Identifier: MIT
"""
The demo as stories use it: one that runs, started as the README says; or one of the test's own, whose parts it may stop and kill.
"""
import contextlib
import email
import email.policy
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(1, str(TOP / "contrib" / "demo"))

from demo import PORT_NAMES, Demo  # noqa: E402
from parts import Daemon, Failed, port_is_free, wait_until  # noqa: E402,F401

STAFF_COUNT = 1000
SANITIZER = re.compile(r"(?:ERROR|WARNING): \w+Sanitizer|runtime error:")


def build_folder():
	folder = os.environ.get("LK_BUILD")
	if not folder:
		raise Failed("LK_BUILD must name a build folder: make check-stories")
	return Path(folder)


def port_block():
	"""The first of as many free ports as the demo needs, at random, so that two runs do not meet."""
	for _ in range(200):
		first = random.randrange(20000, 32000, 10)
		if all(port_is_free(first + i) for i in range(len(PORT_NAMES))):
			return first
	raise Failed("no free block of ports")


def named(value):
	"""Dictionaries as objects, all the way down."""
	if isinstance(value, dict):
		return SimpleNamespace(**{name: named(inner) for name, inner in value.items()})
	return [named(inner) for inner in value] if isinstance(value, list) else value


class Told:
	"""What demo.json says, as attributes; and people nobody has used yet."""

	def __init__(self, folder):
		self.folder = Path(folder)
		self.__dict__.update(vars(named(json.loads((self.folder / "demo.json").read_text()))))
		self._unused = list(self.staff)
		self._unused_agents = list(self.agents)

	def person(self, state="ok"):
		"""Somebody in this state whom no other test has met. The very first, who has every claim, is demo.staff[0]."""
		for person in self._unused[1:]:
			if person.state == state:
				self._unused.remove(person)
				return person
		raise AssertionError(f"nobody with state {state!r} is left")

	def agent(self):
		if not self._unused_agents:
			raise AssertionError("no agent is left")
		return self._unused_agents.pop(0)

	def log(self, name):
		"""What a part wrote: "latchkeyd", "mailer", "slapd", "redis"."""
		path = self.folder / "log" / f"{name}.log"
		return path.read_text(errors="replace") if path.exists() else ""

	def sanitizer_words(self):
		"""Nothing, unless a sanitizer had something to say."""
		return "\n".join(line for name in ("latchkeyd", "mailer") for line in self.log(name).splitlines()
			if SANITIZER.search(line))


class Running(Told):
	"""A demo started and stopped with contrib/quickstart."""

	QUICKSTART = str(TOP / "contrib" / "quickstart")

	def __init__(self, *options, staff=STAFF_COUNT):
		self.parent = Path(tempfile.mkdtemp(prefix="lk-story."))
		folder = self.parent / "demo"
		done = subprocess.run([self.QUICKSTART, "--detach", "--no-install", "--build", str(build_folder()), "--keep",
			"--dir", str(folder), "--port", str(port_block()), "--staff", str(staff), *options],
			stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
		if done.returncode != 0:
			shutil.rmtree(self.parent, ignore_errors=True)
			raise Failed(f"the demo did not start: {done.stderr or done.stdout}")
		super().__init__(folder)

	def end(self):
		"""Gives what a sanitizer said."""
		subprocess.run([self.QUICKSTART, "--stop", "--dir", str(self.folder)], check=True, capture_output=True, timeout=90)
		words = self.sanitizer_words()
		shutil.rmtree(self.parent, ignore_errors=True)
		return words


class Private(Told):
	"""A demo inside this process. change(settings) may alter latchkey.conf before the daemon reads it."""

	def __init__(self, change=None, staff=120, tls=False, application=(), build=None):
		self.parent = Path(tempfile.mkdtemp(prefix="lk-story."))
		self.demo = Demo(Namespace(dir=str(self.parent / "demo"), port=port_block(), staff=staff, tls=tls, keep=True,
			application=list(application), build=Path(build) if build else build_folder()))
		try:
			self.demo.prepare()
			if change is not None:
				change(self.demo.settings)
				self.demo.settings.write()
			self.demo.start()
		except BaseException:
			self.end()
			raise
		super().__init__(self.demo.folder)

	def part(self, name):
		"""slapd, redis, catcher, mailer or latchkeyd: see contrib/demo/parts.py for what they can be told."""
		return next(part for part in self.demo.parts if part.name == name)

	def end(self):
		self.demo.stop()
		self.folder = self.demo.folder
		words = self.sanitizer_words()
		shutil.rmtree(self.parent, ignore_errors=True)
		return words


def mails(demo, to=None, count=None, seconds=15):
	"""The mails that arrived, oldest first, to one address or all; with count, waits for so many."""
	def arrived():
		found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
			for path in sorted(Path(demo.mail_dir).iterdir()) if path.is_file() and not path.name.startswith(".")]
		return [mail for mail in found if to is None or to in str(mail["Delivered-To"]) + str(mail["To"])]

	if count is not None:
		wait_until(lambda: len(arrived()) >= count, seconds, f"{count} mails to {to or 'anybody'}")
	return arrived()


def lying_about(folder, *names):
	"""All that stands in files below these folders, by path. A mail may leave the spool meanwhile: it arrives, so "mail" comes last."""
	found = {}
	for name in names:
		for path in (Path(folder) / name).rglob("*"):
			with contextlib.suppress(FileNotFoundError, IsADirectoryError):
				found[path] = path.read_bytes()
	return found


def audit(demo, **slots):
	"""The audit log's lines as dictionaries, those whose slots are as given: audit(demo, event="signin", username="…")."""
	# A line that is being written this moment has no end yet.
	lines = [json.loads(line) for line in Path(demo.audit_log).read_text().rpartition("\n")[0].splitlines()]
	return [line for line in lines if all(line.get(name) == value for name, value in slots.items())]
