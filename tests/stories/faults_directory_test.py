# SPDX-License-Identifier: MIT
"""slapd killed, hung, slow, read-only, or its answer lost, under the whole daemon: nobody is let in, nobody is told what is not so."""
import concurrent.futures
import signal
import socket
import threading
import time

import pytest

from faults import ANSWER_S, Load, Proxy, Usage, as_fast_as, browser, events, ready_again, small_memory
from parts import HOST, wait_until
from steps import new_password, reset_proven, show_password, signed_in
from story import Private

DOWN = "The staff directory is not answering"
READ_ONLY = "The staff directory cannot save changes at the moment"
UNSURE = "We are not sure your password was changed"
TIMEOUT_S = 3
SET_PASSWORD = b"1.3.6.1.4.1.4203.1.11.1"


@pytest.fixture(scope="module")
def proxy():
	made = Proxy()
	yield made
	made.end()


@pytest.fixture(scope="module")
def shared(proxy):
	with small_memory():
		private = Private(staff=300, change=proxy.stand_before)
		yield private
		words = private.end()
	assert not words, words


@pytest.fixture
def one(shared, proxy):
	"""One demo for all; its directory is as it was after each."""
	yield shared
	proxy.delay_s, proxy.is_gone, proxy.on_request = 0.0, False, None
	slapd = shared.part("slapd")
	if slapd.has_ended():
		slapd.start()
	slapd.signal(signal.SIGCONT)
	ready_again(shared)


def well_again(demo, person, seconds=2):
	"""Somebody gets to the code page."""
	def is_well():
		return show_password(browser(demo), person).status == 303
	wait_until(is_well, seconds, "sign-in after the directory came back")


def signs_in(demo, person, password):
	"""Once the directory is asked again: does it take this password?"""
	end = time.monotonic() + 3
	while (page := show_password(browser(demo), person, password)).status == 503 and time.monotonic() < end:
		time.sleep(0.1)
	assert page.status in (200, 303), page
	return page.status == 303


def asks(demo, totp):
	"""What needs no directory: help, a page, the services of somebody who is signed in."""
	session = browser(demo)
	signed_in(session, demo.person(), totp)
	return {
		"help": (browser(demo), lambda who: who.get("/help")),
		"page": (browser(demo), lambda who: who.get("/signin")),
		"services": (session, lambda who: who.get("/")),
	}


def forms(demo, people):
	return [browser(demo).get("/signin").form("password").fill(username=one.username, password=one.password) for one in people]


def sent(forms_):
	"""All at once; gives (page, seconds) of each."""
	def send(form):
		began = time.monotonic()
		page = form.send()
		took = time.monotonic() - began
		form.page.browser.close()
		return page, took
	with concurrent.futures.ThreadPoolExecutor(len(forms_)) as pool:
		return list(pool.map(send, forms_))


# --- F8, F9: killed and hung ------------------------------------------------------------------


def test_f8_slapd_killed_under_load(one, totp):
	usage, leaving, people = Usage(one), browser(one), [one.person() for _ in range(8)]
	signed_in(leaving, people[0], totp)
	load = Load(asks(one, totp), 0.05)
	time.sleep(1)
	waiting = forms(one, people)
	killed = time.monotonic()
	one.part("slapd").kill()
	for _ in range(3):
		for page, took in sent(waiting):
			assert page.status == 503 and page.headers["retry-after"] and DOWN in page.main, page
			assert took < 1.5, "told at once"
	assert leaving.get("/").form("form_key", action="/signout").send().status == 303
	wrong = [waiting[1].fill(password=f"wrong {i}").send() for i in range(25)]
	assert {page.status for page in wrong} == {503}
	down = time.monotonic()
	one.part("slapd").start()
	well_again(one, people[1])  # nothing was counted against them
	load.end()
	as_fast_as(load.of("help", "page", "services", until=killed), load.of("help", "page", "services", since=killed, until=down))
	usage.check()


def test_f9_slapd_hung_with_fifty_signing_in(one, totp):
	usage, leaving, people = Usage(one), browser(one), [one.person() for _ in range(50)]
	signed_in(leaving, people[0], totp)
	page = leaving.get("/").form("form_key", action="/signout")
	waiting, load = forms(one, people), Load(asks(one, totp), 0.05)
	time.sleep(1)
	hung = time.monotonic()
	one.part("slapd").signal(signal.SIGSTOP)
	left = []

	def leave():
		time.sleep(0.5)
		began = time.monotonic()
		left.append((page.send().status, time.monotonic() - began))

	leaver = threading.Thread(target=leave)
	leaver.start()
	answers = sent(waiting)
	for answer, took in answers:
		assert answer.status == 503 and answer.headers["retry-after"] and DOWN in answer.main, answer
		assert took <= TIMEOUT_S + 1, took
	leaver.join()
	assert left[0][0] == 303 and left[0][1] < 1, left
	woken = time.monotonic()
	one.part("slapd").signal(signal.SIGCONT)
	well_again(one, people[1])
	assert {answer.status for answer, _ in sent(forms(one, people[2:14]))} == {303}
	load.end()
	as_fast_as(load.of("help", "page", "services", until=hung), load.of("help", "page", "services", since=hung, until=woken))
	usage.check()


# --- F10: slow --------------------------------------------------------------------------------


def test_f10_a_slow_directory_is_slow_and_not_wrong(one, proxy, totp):
	person, who = one.person(), browser(one)
	proxy.delay_s = 0.4
	began = time.monotonic()
	signed_in(who, person, totp)
	assert show_password(browser(one), person, "not the right one").status == 200
	assert time.monotonic() - began > 3 * proxy.delay_s, "it was slow indeed"


def test_f10_more_than_the_queue_holds_are_told_to_wait_at_once(own_demo, totp):
	narrow = Proxy()

	def change(settings):
		narrow.stand_before(settings)
		settings.sections["http"] |= {"lanes": 2, "lane_queue": 8}

	demo = own_demo(change=change, staff=120)
	waiting, load = forms(demo, [demo.person() for _ in range(40)]), Load(asks(demo, totp), 0.05)
	time.sleep(1)
	narrow.delay_s, slow = 0.5, time.monotonic()
	answers = sent(waiting)
	done = time.monotonic()
	load.end()
	narrow.end()
	busy = [took for page, took in answers if page.status == 503]
	assert {page.status for page, _ in answers} == {303, 503}
	assert all(page.headers["retry-after"] for page, _ in answers if page.status == 503)
	assert len(busy) >= 40 - 8 - 2 - 10 and sorted(busy)[len(busy) // 2] < 1, sorted(busy)
	assert max(took for _, took in answers) <= ANSWER_S + 0.5
	as_fast_as(load.of("help", "page", "services", until=slow), load.of("help", "page", "services", since=slow, until=done))


# --- F11: takes no changes --------------------------------------------------------------------


class Foreign:
	"""A host that a referral names; nobody may come."""

	def __init__(self):
		self.count = 0
		self.here = socket.socket()
		self.here.bind(("127.0.0.2", 0))
		self.here.listen(8)
		self.uri = f"ldap://127.0.0.2:{self.here.getsockname()[1]}"
		threading.Thread(target=self._run, daemon=True).start()

	def _run(self):
		try:
			while True:
				self.here.accept()[0].close()
				self.count += 1
		except OSError:
			pass


@pytest.fixture
def takes_no_changes(one):
	conf = one.part("slapd").conf
	text, foreign = conf.read_text(), Foreign()

	def restart(new):
		conf.write_text(new)
		one.part("slapd").stop()
		one.part("slapd").start()
		ready_again(one)

	yield foreign, lambda how: restart({
		"read-only": text.replace("overlay ppolicy", "readonly on\n\noverlay ppolicy"),
		"a replica": text.replace("overlay ppolicy", f"syncrepl rid=1 provider=ldap://{HOST}:1 type=refreshOnly retry=\"3600 +\" "
			f"searchbase=\"{one.ldap.base_dn}\" bindmethod=simple\nupdateref {foreign.uri}\n\noverlay ppolicy"),
	}[how])
	foreign.here.close()
	restart(text)


@pytest.mark.parametrize("how", ("read-only", "a replica"))
def test_f11_without_changes_the_old_password_still_works_and_nobody_is_told_otherwise(one, takes_no_changes, totp, how):
	foreign, make = takes_no_changes
	person, signed, who, here = one.person(), one.person(), browser(one), browser(one)
	page = reset_proven(who, person, totp)
	signed_in(here, signed, totp)
	make(how)
	refused = page.form("new-password").send(new_password=new_password())
	assert refused.status == 503 and READ_ONLY in refused.main, refused
	form = here.get("/account/password").form("new-password")
	refused = form.send(password=signed.password, new_password=new_password())
	assert refused.status == 503 and READ_ONLY in refused.main, refused
	for somebody in (person, signed):
		assert show_password(browser(one), somebody).status == 303, "the old one"
		assert "password_changed" not in events(one, somebody)
	assert foreign.count == 0, "nobody went where the referral leads"


# --- F15: the answer is lost ------------------------------------------------------------------


def fate(proxy, what, after=None):
	"""What becomes of the one change of a password."""
	def judge(data):
		if SET_PASSWORD not in data:
			return "pass"
		proxy.on_request = None
		if after:
			after()
		return what
	proxy.on_request = judge


ENDS = {"password_changed", "password_refused", "password_unsure"}


def last_of(demo, person):
	return [event for event in events(demo, person) if event in ENDS][-1]


@pytest.mark.parametrize("what", ("cut", "silent"))
def test_f15_a_change_whose_answer_was_lost_is_found_to_be_done(one, proxy, totp, what):
	person, who, chosen = one.person(), browser(one), new_password()
	form = reset_proven(who, person, totp).form("new-password")
	fate(proxy, what)
	began = time.monotonic()
	page = form.send(new_password=chosen)
	assert time.monotonic() - began <= ANSWER_S
	assert signs_in(one, person, chosen), "it was done"
	if page.status == 303:
		assert page.follow().heading == "Your password has been changed" and last_of(one, person) == "password_changed"
	else:
		assert page.status == 502 and page.heading == UNSURE and last_of(one, person) == "password_unsure"
	assert what != "cut" or page.status == 303, "the directory could be asked"


@pytest.mark.parametrize("what", ("drop", "cut"))
def test_f15_with_the_directory_gone_too_the_person_is_told_to_try(one, proxy, totp, what):
	"""Done or not done: nobody can know."""
	person, who, chosen = one.person(), browser(one), new_password()
	form = reset_proven(who, person, totp).form("new-password")

	def gone():
		proxy.is_gone = True

	fate(proxy, what, gone)
	began = time.monotonic()
	page = form.send(new_password=chosen)
	assert time.monotonic() - began <= ANSWER_S
	assert page.status == 502 and page.heading == UNSURE and page.reference, page.main
	assert "new one first, then the old one" in page.main
	assert last_of(one, person) == "password_unsure" and "password_changed" not in events(one, person)
	proxy.is_gone = False
	ready_again(one)
	right = [signs_in(one, person, typed) for typed in (chosen, person.password)]
	assert right == [what == "cut", what == "drop"]
	# Whoever sends the same form again reaches the same end, once.
	page = form.send(new_password=chosen)
	assert page.status == 303 and page.follow().heading == "Your password has been changed", page
	assert last_of(one, person) == "password_changed"
	assert show_password(browser(one), person, chosen).status == 303


def test_f15_a_change_of_ones_own_whose_answer_was_lost(one, proxy, totp):
	person, who, chosen = one.person(), browser(one), new_password()
	signed_in(who, person, totp)
	form = who.get("/account/password").form("new-password")
	fate(proxy, "cut")
	page = form.send(password=person.password, new_password=chosen)
	assert page.status == 303 and last_of(one, person) == "password_changed", page
	assert show_password(browser(one), person, chosen).status == 303
