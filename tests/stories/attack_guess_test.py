# SPDX-License-Identifier: MIT
"""
What somebody learns or wins who guesses: whether a name exists (A5), a password, a code; and whom they can shut out by guessing. The
numbers are rows of SECURITY section 2.
"""
import concurrent.futures
import random
import re
import statistics
import threading
import time
from types import SimpleNamespace

import pytest

from browser import Browser
from door import AUTH, DONE, LOCKED, REFUSED, WRONG, Door
from steps import at_code, show_password, signed_in
from story import Private, audit

TRIES, A_NAME, AT_ONCE = 400, 8, 24
CODE_LIMIT = 10


@pytest.fixture(scope="module")
def town():
	"""A demo of this file: its people may all be locked."""
	private = Private(staff=300)
	yield private
	words = private.end()
	assert not words, words


@pytest.fixture
def guest(town):
	opened = []

	def make():
		opened.append(Browser(town.base_url, town.ca_file))
		return opened[-1]

	yield make
	for browser in opened:
		browser.close()


def nobody(kind):
	"""A name that nobody has, never the same twice."""
	nobody.count += 1
	return SimpleNamespace(username=f"{kind}{20000 + nobody.count}", password="x")


nobody.count = 0


def wide(name):
	return "".join(chr(ord(c) + 0xFEE0) for c in name)


SPELLINGS = (str.upper, wide, lambda name: f"  {name} ", lambda name: wide(name.upper()), lambda name: f"\u00a0{name}\u3000",
	lambda name: name[0].upper() + name[1:])
OTHER_NAMES = (lambda name: name[0] + "\u0302" + name[1:], lambda name: name[:2] + " " + name[2:], lambda name: name + "\\20",
	lambda name: name + "*", lambda name: name + ")(uid=*")


def wrong(browser, name, i):
	return browser.get("/signin").form("password").send(username=name, password=f"wrong one {i}")


# --- counters -------------------------------------------------------------------------------------


def test_every_spelling_of_a_name_shares_its_tries_whether_it_exists_or_not(town, guest):
	"""Rows 12, 54, 55."""
	for who in (town.person(), nobody("qq")):
		statuses = [wrong(guest(), SPELLINGS[i % len(SPELLINGS)](who.username), i).status for i in range(10)]
		assert statuses == [200] * 9 + [303], (who.username, statuses)


def test_a_name_much_like_it_shares_nothing_whether_it_exists_or_not(town, guest):
	"""A5: else ten tries at a name with an accent too many tell that the plain one exists."""
	def shares(case):
		who, spell = case
		for i in range(10):
			page = wrong(guest(), spell(who.username), i)
		return page.status, wrong(guest(), who.username, 0).status

	cases = [(who, spell) for spell in OTHER_NAMES for who in (town.person(), nobody("qq"))]
	with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
		seen = list(pool.map(shares, cases))
	assert seen == [(303, 200)] * len(cases)


def test_a_used_code_is_used_in_every_spelling_at_every_door(town, guest, totp):
	"""Row 56."""
	person, code = town.person(), None
	code = totp(person.totp_secret)
	page = guest().get("/unlock").form("code").send(username=person.username, code=code)
	assert page.status == 303, page.errors
	for name in (person.username, person.username.upper(), wide(person.username)):
		for typed in (code, f" {code} ", f"{code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}", f"\u00a0{code}", wide(code)):
			assert guest().get("/reset").form("code").send(username=name, code=typed).status == 200, (name, typed)
	assert at_code(guest(), person).form("code").send(code=code).status == 200
	assert Door(town, rhost="192.0.2.1").both(person, code)["verdict"] == REFUSED


def test_the_right_password_gives_no_new_guesses_at_the_code(town, guest, totp):
	"""Row 57: shown anew before each guess, in a new browser each time."""
	person = town.person()
	told = []
	for i in range(CODE_LIMIT + 3):
		page = at_code(guest(), person).form("code").send(code=f"{i:06}")
		told.append(page.error or page.main)
	assert len(set(told[:CODE_LIMIT - 1])) == 1 and told[CODE_LIMIT] != told[0], told
	page = at_code(guest(), person).form("code").send(code=totp(person.totp_secret))
	assert page.status != 303, "locked is locked, for right ones too"


def test_all_doors_together_allow_few_guesses_at_a_code(town, guest):
	"""Rows 3, 21, 58, 60: with the password known, and without."""
	person, door = town.person(), Door(town, rhost="192.0.2.9")
	ways = [lambda code: at_code(guest(), person).form("code").send(code=code),
		lambda code: guest().get("/reset").form("code").send(username=person.username, code=code),
		lambda code: guest().get("/unlock").form("code").send(username=person.username, code=code),
		lambda code: guest().get("/recovery").form("recovery").send(username=person.username, recovery=f"AB{code[:2]}-{code[2:]}")]
	looked_at = 0
	for i in range(60):
		if i % 5 == 4:
			looked_at += door.both(person, f"{i:06}").get("reason") == WRONG
			continue
		looked_at += ways[i % 5](f"{i:06}").status == 200
	refused = [line for line in audit(town, username=person.username) if line["event"] in ("code_refused", "reset_refused",
		"unlock_refused", "signin_refused") and line["result"] != "CODE_LOCKED"]
	assert len(refused) <= 2 * CODE_LIMIT and looked_at <= 2 * CODE_LIMIT, (len(refused), looked_at)


def test_guessing_codes_elsewhere_does_not_shut_out_a_device_in_use(town, guest, totp):
	"""Rows 6, 10."""
	person, own = town.person(), guest()
	signed_in(own, person, totp)
	own.get("/").form("form_key", action="/signout").send()
	for i in range(CODE_LIMIT + 2):
		at_code(guest(), person).form("code").send(code=f"{i:06}")
		guest().get("/reset").form("code").send(username=person.username, code=f"9{i:05}")
	for i in range(CODE_LIMIT + 2):
		wrong(guest(), person.username, i)
	signed_in(own, person, totp)


def test_an_empty_password_is_nobodys(town, guest):
	"""Rows 44, 52: no bind without one."""
	person, door = town.person(), Door(town)
	for typed in ("", " ", "\t", "\u00a0", "\u200b"):
		assert guest().get("/signin").form("password").send(username=person.username, password=typed).status == 200
		answer = door.ask(AUTH, username=person.username, password=typed)
		assert answer["verdict"] != DONE and answer.get("prompt_kind") != b"\0\0\0\2", answer
	assert not audit(town, event="password_shown", username=person.username)


# --- the same bytes ---------------------------------------------------------------------------------


def bare(page, name):
	"""Without what must differ: name, key, reference; and what a clock shows."""
	text = page.body.decode()
	for form in page.tree.all("input", name="form_key"):
		text = text.replace(form.get("value"), "KEY")
	text = text.replace(name, "NAME").replace(page.reference or "-", "REF")
	return page.status, re.sub(r"\d{1,2}([:.]\d\d)?(am|pm)|\d{1,2}:\d\d|\d+ minutes?", "TIME", text), sorted(
		(key.lower(), "" if key.lower() in ("date", "set-cookie", "content-length") else value) for key, value in page.headers.items())


def answers(make, path, field, name):
	"""Twelve different wrong ones from one browser, and where each leads."""
	browser, seen = make(), []
	for i in range(12):
		typed = {"password": f"wrong one {i}", "code": f"{i:06}", "recovery": f"ABCD-EF{10 + i}"}[field]
		page = browser.get(path).form(field).send(username=name, **{field: typed})
		way = page.headers.get("location")
		seen.append((way, bare(page.follow() if way else page, name)))
	return seen


@pytest.mark.parametrize("path, field", (("/signin", "password"), ("/reset", "code"), ("/recovery", "recovery"), ("/unlock", "code")))
def test_somebody_and_nobody_get_the_same_bytes_at_every_count_of_tries(town, guest, path, field):
	"""A5; rows 13, 53."""
	names = [town.person().username, town.person("no_totp").username, nobody("qq").username]
	with concurrent.futures.ThreadPoolExecutor(3) as pool:
		known, bare_one, unknown = pool.map(lambda name: answers(guest, path, field, name), names)
	for i, (one, two, three) in enumerate(zip(known, bare_one, unknown)):
		assert one == three and two == three, f"try {i + 1}"
	assert known[11] != known[0], "the limit was met"


def test_somebody_and_nobody_hear_the_same_at_a_terminal_at_every_count_of_tries(town):
	door = Door(town, rhost="192.0.2.33")

	def heard(name):
		seen = [door.ask(AUTH, username=name)]
		seen += [door.ask(AUTH, username=name, password=f"wrong one {i}") for i in range(12)]
		return [{key: re.sub(r"\d{1,2}([:.]\d\d)?(am|pm)|\d+ minutes?|Reference \S+", "TIME", value) if isinstance(value, str) else value
			for key, value in answer.items() if key != "handle"} for answer in seen]

	known, unknown = heard(town.person().username), heard(nobody("qq").username)
	assert known == unknown
	assert known[-1]["reason"] == LOCKED and known[1]["reason"] == WRONG


# --- the same time -----------------------------------------------------------------------------------


class Clocked:
	"""Runs asks in a random order on many threads, each with a browser of its own; times by group."""

	def __init__(self, demo):
		self.demo = demo
		self.local = threading.local()
		self.times = {}
		self.lock = threading.Lock()
		self.browsers = []

	def browser(self):
		if not hasattr(self.local, "browser"):
			self.local.browser = Browser(self.demo.base_url, self.demo.ca_file)
			self.local.keys = {path: self.local.browser.get(path).tree.all("input", name="form_key")[0].get("value")
				for path in ("/signin", "/reset")}
			with self.lock:
				self.browsers.append(self.local.browser)
		return self.local.browser, self.local.keys

	def ask(self, job):
		group, ask = job
		browser, keys = self.browser()
		began = time.perf_counter()
		ask(browser, keys)
		took = time.perf_counter() - began
		with self.lock:
			self.times.setdefault(group, []).append(took)

	def run(self, jobs):
		random.shuffle(jobs)
		with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
			list(pool.map(self.ask, jobs))
		for browser in self.browsers:
			browser.close()


def apart(one, two):
	return abs(statistics.median(one) - statistics.median(two))


def noise(times):
	"""How far the medians of two halves of one group are apart, at worst."""
	worst = 0.0
	for _ in range(200):
		random.shuffle(times)
		worst = max(worst, apart(times[:len(times) // 2], times[len(times) // 2:]))
	return worst


def password_ask(name, i):
	return lambda browser, keys: browser.post("/signin", {"form_key": keys["/signin"], "username": name, "password": f"wrong one {i}"})


def code_ask(name, i):
	return lambda browser, keys: browser.post("/reset", {"form_key": keys["/reset"], "username": name, "code": f"{i:06}"})


def terminal_ask(door, name, i):
	return lambda _browser, _keys: door.ask(AUTH, username=name, password=f"wrong one {i}")


def test_somebody_and_nobody_take_the_same_time(town, guest):
	"""A5; rows 13, 53: 400 tries each of wrong password, wrong code, locked, and at a terminal; medians within the noise of one group."""
	door, jobs = Door(town, rhost="192.0.2.44"), []
	people = [[town.person() for _ in range(TRIES // A_NAME)], [nobody("qq") for _ in range(TRIES // A_NAME)]]
	others = [[person.username for person in unused(town, TRIES // A_NAME)], [nobody("qq").username for _ in range(TRIES // A_NAME)]]
	locked = [town.person("no_totp").username, nobody("qq").username]
	for i in range(CODE_LIMIT):
		for name in locked:
			wrong(guest(), name, i)
	for side in (0, 1):
		for i in range(TRIES):
			name = people[side][i // A_NAME].username
			jobs += [(("password", side), password_ask(name, i)), (("code", side), code_ask(name, i)),
				(("locked", side), password_ask(locked[side], i)),
				(("terminal", side), terminal_ask(door, others[side][i // A_NAME], i))]
	clocked = Clocked(town)
	clocked.run(jobs)
	for what in ("password", "code", "locked", "terminal"):
		one, two = clocked.times[what, 0], clocked.times[what, 1]
		assert len(one) == len(two) == TRIES
		assert apart(one, two) <= 2 * max(noise(one), noise(two)), (what, statistics.median(one), statistics.median(two))


def unused(town, count):
	"""People whose state lets them try a password, whom nobody has met."""
	found = [person for person in town._unused[1:] if person.state in ("manager", "no_totp", "expired", "must_change", "ok")]
	return (found * count)[:count] if len(found) < count else found[:count]
