# SPDX-License-Identifier: MIT
"""
Parts killed again and again while many people reset their passwords. Whatever happens: one password is in force, people were
told which or told to try, no code counts twice, and the log says the truth (SECURITY I1 to I5).
"""
import concurrent.futures
import itertools
import random
import subprocess
import threading
import time
from contextlib import nullcontext

import pytest

from browser import Browser
from codes import STEP_S, code_at
from faults import Clock, browser, events, new_epoch, ready_again, room_in_step, small_memory
from parts import Daemon, port_is_free, wait_until
from recover_test import stored_takes
from settings import Settings
from steps import at_code, new_password, reset_proven, show_password, signed_in
from story import Private, audit, build_folder

KILLS = 102
WORKERS = 6
DONE, UNSURE, NOTHING, LOST = "done", "unsure", "nothing changed", "lost"
ENDS = {"password_changed", "password_refused", "password_unsure"}


def ctl(demo, *words):
	return subprocess.run([build_folder() / "latchkeyctl", "--config", demo.config, *words], capture_output=True, text=True, timeout=60)


class Resetting:
	"""Somebody who forgets their password again and again: what they chose, were told, and what may be in force."""

	saving, done = threading.Event(), threading.Event()  # somebody pressed Save; was told that it is done

	def __init__(self, demo, person):
		self.demo, self.person = demo, person
		self.step, self.tries, self.chosen, self.told = 0, 0, [], []
		self.possible = {person.password}
		self.taken = {}  # step: how often its code was taken

	def once(self):
		"""A reset from its first page; the same code is typed in two browsers."""
		step = int(self.demo.clock.now()) // STEP_S
		if step <= self.step:
			return
		self.step, self.tries = step, self.tries + 1
		pages = [page for page in (self.code_typed(step), self.code_typed(step)) if page]
		if pages:
			self.told.append(self.saved(pages[0]))
		for page in pages:
			page.browser.close()

	def code_typed(self, step):
		"""The page for the new password, or None."""
		who = browser(self.demo)
		try:
			page = who.get("/reset").form("code").send(username=self.person.username, code=code_at(self.person.totp_secret, step))
			if page.status != 303 or not page.headers["location"].endswith("/reset/password"):
				return None
			self.taken[step] = self.taken.get(step, 0) + 1
			return page.follow()
		except (OSError, AssertionError):  # gone, or a page that says so
			return None

	def saved(self, page):
		if page.status != 200:
			return NOTHING
		chosen = new_password()
		self.chosen.append(chosen)
		self.saving.set()
		try:
			page = page.form("new-password").send(new_password=chosen)
		except ConnectionRefusedError:
			return NOTHING
		except OSError:
			self.possible.add(chosen)
			return LOST
		if page.status == 303 and page.headers["location"].endswith("/reset/done"):
			self.possible = {chosen}
			self.done.set()
			return DONE
		if page.status == 502:
			self.possible.add(chosen)
			return UNSURE
		assert page.status in (200, 303, 409, 503), (page, page.main)
		return NOTHING

	def check(self, lines):
		takes = stored_takes(self.demo, self.person)
		right = [typed for typed in self.possible if takes(typed)]
		assert len(right) == 1, (self.person.username, self.told)
		assert set(self.taken.values()) <= {1}, "a code was taken twice"
		begun, changed = lines.count("password_begun"), lines.count("password_changed")
		assert self.told.count(DONE) <= changed <= len(self.told) - self.told.count(NOTHING), (lines, self.told)
		# One that began and has no end was cut off, and its person was told nothing.
		assert begun - sum(line in ENDS for line in lines) <= self.told.count(LOST), (lines, self.told)
		assert lines.count("reset_proven") <= self.tries, "one for each code at most"
		if changed == 0 and LOST not in self.told and UNSURE not in self.told:
			assert right == [self.person.password]


class People:
	"""Workers who take the next of them, again and again, until told to go home."""

	def __init__(self, resetting):
		self.everybody, self.next, self.lock = resetting, itertools.cycle(resetting), threading.Lock()
		self.goes_on, self.faults = True, []
		self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(WORKERS)]
		for thread in self.threads:
			thread.start()

	def work(self):
		while self.goes_on:
			with self.lock:
				somebody = next(self.next)
			try:
				somebody.once()
			except Exception as fault:  # pylint: disable=broad-except # the test tells it
				self.faults.append(fault)
			time.sleep(0.01)

	def end(self):
		self.goes_on = False
		for thread in self.threads:
			thread.join(30)
		assert not self.faults, self.faults[:3]


@pytest.fixture(scope="module")
def one():
	with small_memory():
		private = Private(staff=300)
		private.clock = Clock(private)
		yield private
		words = private.end()
	assert not words, words


def kill(demo, name):
	"""While somebody saves; back before long, and so much later that codes are taken again."""
	Resetting.saving.clear()
	Resetting.saving.wait(3)
	time.sleep(random.uniform(0, 0.25))
	part = demo.part(name)
	with new_epoch(demo, 10) if name == "redis" else nullcontext():
		part.kill()
		part.begin()
		wait_until(part.is_ready, 10, f"{name} again")
	ready_again(demo, 10)
	demo.clock.turn(2 * STEP_S + 1 if name == "redis" else STEP_S)


def test_f20_a_hundred_kills_in_the_middle_of_resets_leave_everybody_with_one_password_and_the_truth(one):
	seed = random.randrange(1 << 30)
	random.seed(seed)
	print("seed", seed)
	people = People([Resetting(one, one.person()) for _ in range(60)])
	for number, name in enumerate(random.sample(("latchkeyd", "slapd", "redis") * (KILLS // 3), KILLS)):
		if number % 8 == 0:  # in between somebody comes to the end
			Resetting.done.clear()
			Resetting.done.wait(2)
		kill(one, name)
	time.sleep(1)
	people.end()
	told = [word for somebody in people.everybody for word in somebody.told]
	counts = {word: told.count(word) for word in (DONE, UNSURE, NOTHING, LOST)}
	print(counts)
	lines = {}
	for line in audit(one):
		lines.setdefault(line.get("username"), []).append(line["event"])
	for somebody in people.everybody:
		somebody.check(lines.get(somebody.person.username, []))
	assert counts[DONE] >= 8 and counts[LOST] >= 8, counts
	verified = ctl(one, "audit", "verify")
	assert verified.returncode == 0, verified.stdout + verified.stderr


def test_f20_a_power_cut_takes_back_nothing_that_was_acknowledged(one):
	"""Everything killed at once, five times, as soon as the first of four people was told that it is done."""
	for _ in range(5):
		somebody = [one.person() for _ in range(4)]
		forms = [reset_proven(browser(one), person, one.clock.totp).form("new-password") for person in somebody]
		chosen, done = [new_password() for _ in somebody], []

		def save(i, forms=forms, chosen=chosen, done=done):
			try:
				if forms[i].send(new_password=chosen[i]).headers.get("location", "").endswith("/reset/done"):
					done.append(i)
			except OSError:
				pass

		threads = [threading.Thread(target=save, args=(i,), daemon=True) for i in range(4)]
		for thread in threads:
			thread.start()
		wait_until(lambda done=done: done, 8, "the first of four")
		parts = [one.part(name) for name in ("latchkeyd", "redis", "slapd", "mailer")]
		for part in parts:
			part.process.kill()
		for part in parts:
			part.kill()
		acknowledged = list(done)
		for part in reversed(parts):
			part.start()
		ready_again(one, 10)
		one.clock.turn(2 * STEP_S + 1)
		for i in acknowledged:
			assert stored_takes(one, somebody[i])(chosen[i])
			assert "password_changed" in events(one, somebody[i])
		for i in range(4):
			takes = stored_takes(one, somebody[i])
			assert takes(chosen[i]) != takes(somebody[i].password)
	assert ctl(one, "audit", "verify").returncode == 0


# --- F32: two daemons -------------------------------------------------------------------------


class Second(Daemon):
	"""Another node: its own port, audit log, spool and sockets; the same Redis, directory, keys and policies."""

	name = "second"

	def __init__(self, demo):
		folder = demo.folder / "second"
		for path in (folder, folder / "audit", folder / "run", folder / "spool"):
			path.mkdir(mode=0o700)
		ports = dict(demo.demo.ports)
		for name in ("http", "metrics"):
			ports[name] = next(port for port in range(random.randrange(32100, 39000), 39999) if port_is_free(port))
		first, mine = demo.demo.settings.sections, Settings(folder, ports)
		for section in ("directory", "keys", "policy"):
			mine.sections[section] = first[section]
		mine.write()
		super().__init__(folder, build_folder(), mine.path, mine.base_url)

	def browser(self):
		return Browser(self.base_url)


@pytest.fixture(scope="module")
def second(one):
	node = Second(one)
	node.environment = one.part("latchkeyd").environment
	node.start()
	yield node
	node.stop()


def test_f32_one_code_on_two_nodes_at_once_is_taken_once(one, second):
	for _ in range(3):
		person = one.person()
		room_in_step(8, one.clock.now)
		forms = [at_code(who, person).form("code") for _ in range(10) for who in (browser(one), second.browser())]
		code = one.clock.totp(person.totp_secret)
		with concurrent.futures.ThreadPoolExecutor(len(forms)) as pool:
			pages = list(pool.map(lambda form, code=code: form.send(code=code), forms))
		assert [page.status for page in pages].count(303) == 1, [page.status for page in pages]


def test_f32_wrong_passwords_are_counted_together_and_sessions_are_one(one, second):
	person, guessed = one.person(), one.person()
	here, there = browser(one), second.browser()
	signed_in(here, person, one.clock.totp)
	there.cookies = dict(here.cookies)
	assert there.get("/").heading == "Your services"
	for i in range(9):
		show_password(browser(one) if i % 2 else second.browser(), guessed, f"wrong {i}")
	assert show_password(browser(one), guessed, "wrong 9").follow().status == 423
	assert show_password(second.browser(), guessed, "wrong 9").follow().status == 423
	one.clock.turn(STEP_S)
	page = reset_proven(second.browser(), person, one.clock.totp).form("new-password").send(new_password=new_password())
	assert page.status == 303 and here.get("/").status == 303, "a reset on one node ends the session on the other"
