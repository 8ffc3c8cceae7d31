# SPDX-License-Identifier: MIT
"""What stories of faults have at hand: people who go on asking while something breaks, a directory behind a proxy, and what must hold afterwards."""
import os
import socket
import statistics
import struct
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from browser import Browser
from codes import STEP_S, Totp
from parts import HOST, wait_until
from story import audit, build_folder

ANSWER_S = 5


@contextmanager
def small_memory():
	"""A sanitizer keeps freed memory for a while; here so little of it that a daemon's own use can be seen."""
	with pytest.MonkeyPatch.context() as patch:
		patch.setenv("ASAN_OPTIONS", "quarantine_size_mb=8")
		yield


def browser(demo):
	return Browser(demo.base_url, demo.ca_file)


def room_in_step(seconds, now=time.time):
	"""Waits for the next half minute when less than this is left of it."""
	left_s = STEP_S - now() % STEP_S
	if left_s < seconds:
		time.sleep(left_s + 0.05)


@dataclass
class Answer:
	name: str
	began: float
	took: float
	status: int
	retry_after: str | None = None
	text: str = ""


class Load:
	"""
	People who ask again and again, each as often as every_s; every answer is kept. asks: {name: (browser, function(browser) -> page)}.
	A connection that was lost has status 0.
	"""

	def __init__(self, asks, every_s=0.1):
		self.answers, self.every_s, self.goes_on = [], every_s, True
		self.browsers = [who for who, _ in asks.values()]
		self.threads = [threading.Thread(target=self._run, args=(name, *ask), daemon=True) for name, ask in asks.items()]
		for thread in self.threads:
			thread.start()

	def _run(self, name, who, ask):
		while self.goes_on:
			began = time.monotonic()
			try:
				page = ask(who)
				seen = Answer(name, began, time.monotonic() - began, page.status, page.headers.get("retry-after"), page.text)
			except OSError as fault:
				who.close()
				seen = Answer(name, began, time.monotonic() - began, 0, text=repr(fault))
			self.answers.append(seen)
			time.sleep(max(0.0, self.every_s - seen.took))

	def end(self):
		self.goes_on = False
		for thread in self.threads:
			thread.join(30)
		for who in self.browsers:
			who.close()
		return self

	def of(self, *names, since=0.0, until=float("inf")):
		"""Those that began and ended in between."""
		return [seen for seen in list(self.answers)
			if seen.name in names and seen.began >= since and seen.began + seen.took <= until]


def told_to_wait(answers):
	"""Each of them, in time, with when to come back."""
	assert answers, "nobody asked"
	for seen in answers:
		assert (seen.status, bool(seen.retry_after)) == (503, True), seen
		assert seen.took <= ANSWER_S, seen


def p95(answers):
	took = sorted(seen.took for seen in answers)
	return took[int(len(took) * 0.95)]


def as_fast_as(before, during):
	"""Not slower in any way a person would see, on a machine that has other things to do."""
	middle = statistics.median(seen.took for seen in before)
	assert {seen.status for seen in during} == {200}, {seen.status for seen in during}
	assert statistics.median(seen.took for seen in during) <= 3 * middle + 0.02
	assert p95(during) <= 3 * p95(before) + 0.1


def is_ready(demo):
	return demo.part("latchkeyd").is_ready()


def ready_again(demo, seconds=5):
	wait_until(lambda: is_ready(demo), seconds, "ready again")


def epochs(demo):
	return len(audit(demo, event="epoch_began"))


@contextmanager
def new_epoch(demo, seconds=5):
	"""
	Around what gives the store a new life: until the daemon has seen it. Who waits for ready alone may be told of the old one,
	which is looked at once a second; codes of the minute in which a new one is seen are not taken.
	"""
	before = epochs(demo)
	yield
	wait_until(lambda: epochs(demo) > before, seconds, "a new epoch")
	ready_again(demo, seconds)


def start_with(demo, name, **variables):
	"""Its daemon again, with tests/support/NAME.c loaded before it."""
	daemon = demo.part("latchkeyd")
	environment = dict(daemon.environment(), LD_PRELOAD=str(build_folder() / "tests" / "support" / ".libs" / f"{name}.so"), **variables)
	environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
	daemon.environment = lambda: environment
	daemon.stop()
	daemon.start()


class Stillness:
	"""The loops of one demo's daemon can be kept from going on (tests/support/stand_still.c)."""

	def __init__(self, demo):
		self.file, self.workers = demo.folder / "stand-still", int(demo.demo.settings.sections["http"]["workers"])
		start_with(demo, "stand_still", STAND_STILL_FILE=str(self.file))

	def __enter__(self):
		"""Until every one stands still."""
		self.file.touch()
		wait_until(lambda: self.file.stat().st_size == self.workers, 5, "stillness")

	def __exit__(self, *_):
		self.file.unlink()


class Clock:
	"""The wall clock of one demo's daemon, to be turned by hand (tests/support/clock_shift.c). Its people have the same one."""

	def __init__(self, demo):
		self.shift_s, self.file = 0, demo.folder / "clock"
		self.turn(0)
		start_with(demo, "clock_shift", CLOCK_SHIFT_FILE=str(self.file))
		self.totp = Totp(now=self.now)

	def now(self):
		return time.time() + self.shift_s

	def turn(self, seconds):
		"""Forward, or back when negative."""
		self.shift_s += seconds
		with open(self.file, "r+b" if self.file.exists() else "wb") as out:
			out.write(struct.pack("=q", self.shift_s))


class Usage:
	"""I5: what a daemon holds, now and after the storm."""

	def __init__(self, demo):
		self.part = demo.part("latchkeyd")
		self.pid, self.before = self.part.pid, self._look()

	def _look(self):
		pages = int(Path(f"/proc/{self.part.pid}/statm").read_text().split()[1])
		return len(os.listdir(f"/proc/{self.part.pid}/fd")), pages * os.sysconf("SC_PAGE_SIZE") >> 20

	def is_back(self, fds=40, mib=64):
		"""Each lane may keep its connections to directory and store."""
		files, memory = self.now = self._look()
		return files <= self.before[0] + fds and memory <= self.before[1] + mib

	def check(self):
		assert self.part.pid == self.pid and not self.part.has_ended()
		end = time.monotonic() + 60
		while not self.is_back():
			assert time.monotonic() < end, f"files and MiB before {self.before}, now {self.now}"
			time.sleep(0.5)


class Proxy:
	"""
	Between daemon and directory. Passes everything on; delay_s waits before each answer; on_request(bytes) may say what becomes
	of a request: "pass", "drop" (the server never sees it), "silent" (the server does it, its answers are lost from then on),
	"cut" (the server does it, and the connection is closed instead of the answer). is_gone: nobody listens any more.
	"""

	def __init__(self):
		self.port, self.delay_s, self.is_gone = None, 0.0, False
		self.on_request = None
		self.here = socket.socket()
		self.here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		self.here.bind((HOST, 0))
		self.here.listen(256)
		self.uri = f"ldap://{HOST}:{self.here.getsockname()[1]}"
		threading.Thread(target=self._run, daemon=True).start()

	def stand_before(self, settings):
		"""For own_demo(change=…)."""
		self.port = settings.ports["ldap"]
		settings.sections["directory"]["uris"] = self.uri

	def _run(self):
		while True:
			try:
				there, _ = self.here.accept()
			except OSError:
				return
			threading.Thread(target=self._one, args=(there,), daemon=True).start()

	def _one(self, there):
		try:
			server = None if self.is_gone else socket.create_connection((HOST, self.port))
		except OSError:
			server = None
		if server is None:
			there.close()
			return
		state = {"fate": "pass"}
		threading.Thread(target=self._back, args=(server, there, state), daemon=True).start()
		try:
			while (data := there.recv(65536)) and not self.is_gone:
				if self.on_request is not None and state["fate"] == "pass":
					state["fate"] = self.on_request(data)
				if state["fate"] != "drop":
					server.sendall(data)
		except OSError:
			pass
		self._close(server, there)

	def _back(self, server, there, state):
		try:
			while data := server.recv(65536):
				if self.delay_s:
					time.sleep(self.delay_s)
				if state["fate"] == "cut":
					break
				if state["fate"] == "pass":
					there.sendall(data)
		except OSError:
			pass
		self._close(server, there)

	@staticmethod
	def _close(*sockets):
		for one in sockets:
			try:
				one.shutdown(socket.SHUT_RDWR)
			except OSError:
				pass

	def end(self):
		self.here.close()


def events(demo, person):
	"""What the audit log says of somebody, in order."""
	return [line["event"] for line in audit(demo, username=person.username)]
