# SPDX-License-Identifier: MIT
"""A clock that is set, a disk that is full, a mail server that is gone, settings read again and again: what stands around the daemon."""
import resource
import signal
import threading
import time
from pathlib import Path

import pytest
import redis

from codes import STEP_S
from faults import ANSWER_S, Clock, Load, Usage, browser, events, is_ready, ready_again, room_in_step, small_memory
from parts import wait_until
from recover_test import mail_of
from steps import at_code, new_password, reset_proven, show_password, signed_in
from story import Private, audit, mails

DAY_S = 86400
USED = "That code has already been used. Wait for your app to show a new one"


@pytest.fixture(scope="module")
def one():
	with small_memory():
		private = Private(staff=200)
		private.clock = Clock(private)
		yield private
		words = private.end()
	assert not words, words


@pytest.fixture
def totp(one):
	"""The clock is right again after each."""
	yield one.clock.totp
	one.clock.turn(-one.clock.shift_s)


# --- F19: the clock ---------------------------------------------------------------------------


def marks_lives(demo):
	there = redis.Redis.from_url(demo.redis.url)
	return [there.ttl(key) for key in there.scan_iter("m:*")]


def test_f19_a_used_code_is_not_right_again_when_the_clock_is_set_back(one, totp):
	person = one.person()
	room_in_step(8, one.clock.now)
	code = totp(person.totp_secret)
	assert at_code(browser(one), person).form("code").send(code=code).status == 303
	for back_s in (STEP_S, 3600, DAY_S):
		one.clock.turn(-back_s)
		page = at_code(browser(one), person).form("code").send(code=code)
		assert page.status == 200 and page.error, page
		one.clock.turn(back_s)
	# A day later, and then a day back: as long as that the store must remember.
	assert min(marks_lives(one)) > DAY_S + 2 * STEP_S
	assert at_code(browser(one), person).form("code").send(code=code).error == USED


@pytest.mark.parametrize("by_s", (-3600, 3600))
def test_f19_after_a_jump_by_an_hour_people_sign_in_with_the_code_of_the_new_time(one, totp, by_s):
	person = one.person()
	one.clock.turn(by_s)
	assert is_ready(one)
	signed_in(browser(one), person, totp)
	wait_until(lambda: "the machine's clock was set by" in one.log("latchkeyd"), 5, "a line about the clock")
	one.clock.turn(-by_s)


def test_f19_a_session_of_a_clock_that_was_ahead_does_not_live_until_then(one, totp):
	person, who, soon = one.person(), browser(one), browser(one)
	one.clock.turn(5 * DAY_S)
	signed_in(who, person, totp)
	one.clock.turn(-5 * DAY_S)
	assert who.get("/").status == 303
	signed_in(soon, one.person(), totp)
	one.clock.turn(13 * 3600)
	assert soon.get("/").status == 303, "12 hours at most"
	one.clock.turn(-13 * 3600)


def test_f19_nothing_in_the_store_lives_for_ever_whatever_the_clock_says(one, totp):
	one.clock.turn(-DAY_S)
	signed_in(browser(one), one.person(), totp)
	one.clock.turn(DAY_S)
	there = redis.Redis.from_url(one.redis.url)
	lives = {key: there.ttl(key) for key in there.scan_iter("*") if key != b"lk:epoch"}
	assert lives and all(0 <= life <= 181 * DAY_S for life in lives.values()), lives
	assert all(life <= 1800 for key, life in lives.items() if key.startswith(b"s:")), lives


# --- F16: mail --------------------------------------------------------------------------------


def test_f16_without_a_mail_server_nobody_waits_and_the_mail_comes_later(one, totp):
	person, chosen, who = one.person(), new_password(), browser(one)
	address = mail_of(one, person)
	one.part("catcher").kill()
	page = reset_proven(who, person, totp).form("new-password")
	began = time.monotonic()
	page = page.send(new_password=chosen).follow()
	assert page.heading == "Your password has been changed" and time.monotonic() - began < 2
	assert is_ready(one) and not mails(one, to=address)
	one.part("catcher").start()
	reference = audit(one, event="password_changed", username=person.username)[0]["ref"]
	assert reference in mails(one, to=address, count=1, seconds=40)[0].get_content()


def test_f16_a_slow_mail_server_slows_no_page(one, totp):
	person, who = one.person(), browser(one)
	behaviour = one.part("catcher").behaviour
	behaviour.write_text("slow 3\n")
	try:
		form = reset_proven(who, person, totp).form("new-password")
		began = time.monotonic()
		assert form.send(new_password=new_password()).status == 303 and time.monotonic() - began < 2
		began = time.monotonic()
		assert who.get("/").status == 200 and time.monotonic() - began < 1
	finally:
		behaviour.unlink()
	mails(one, to=mail_of(one, person), count=1, seconds=40)


# --- F17: the audit log's disk is full --------------------------------------------------------


@pytest.fixture
def full_disk(one):
	"""No file of the daemon may grow beyond what the audit log is now, as on a full disk."""
	daemon = one.part("latchkeyd")

	def fill(is_full):
		size = Path(one.audit_log).stat().st_size if is_full else resource.RLIM_INFINITY
		resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

	yield fill
	fill(False)
	ready_again(one)


def test_f17_with_the_audit_disk_full_nothing_changes_and_reading_goes_on(one, full_disk, totp):
	resetting, coding, reader = one.person(), one.person(), browser(one)
	signed_in(reader, one.person(), totp)
	password_form = reset_proven(browser(one), resetting, totp).form("new-password")
	coder = browser(one)
	code_form, code = at_code(coder, coding).form("code"), totp(coding.totp_secret)
	full_disk(True)
	began = time.monotonic()
	refused = [password_form.send(new_password=new_password()), code_form.send(code=code),
		show_password(browser(one), one.person())]
	assert time.monotonic() - began < 3 * ANSWER_S
	for page in refused:
		assert page.status == 500 and page.reference, (page, page.main)
	assert "lk_session" not in coder.cookies
	assert reader.get("/").status == 200 and browser(one).get("/help").status == 200 and reader.get("/account").status == 200
	wait_until(lambda: not is_ready(one), 3, "not ready")
	full_disk(False)
	ready_again(one)
	assert show_password(browser(one), resetting).status == 303, "the old one still holds"
	assert "password_changed" not in events(one, resetting) and "signin_done" not in events(one, coding)
	one.clock.turn(STEP_S)
	signed_in(browser(one), coding, totp)


# --- F21: settings read again, and an end, under load -----------------------------------------


def busy(demo, totp):
	"""Help, a session, and somebody who gives a wrong password."""
	session, stranger = browser(demo), browser(demo)
	signed_in(session, demo.person(), totp)
	form = stranger.get("/signin").form("password").fill(username="zz12345", password="not the right one")
	return {
		"help": (browser(demo), lambda who: who.get("/help")),
		"services": (session, lambda who: who.get("/")),
		"signin": (stranger, lambda who: who.post("/signin", form.values, base="/signin")),
		"again": (stranger.copy(), lambda who: who.post("/signin", form.values, base="/signin")),
	}


def test_f21_reloading_five_times_a_second_fails_nobody(one, totp):
	usage, load, daemon = Usage(one), Load(busy(one, totp), 0.05), one.part("latchkeyd")
	before = len(audit(one, event="config_loaded"))
	for _ in range(40):
		daemon.signal(signal.SIGHUP)
		time.sleep(0.2)
	load.end()
	assert len(load.answers) > 100 and {seen.status for seen in load.answers} == {200}, {seen.status for seen in load.answers}
	assert len(audit(one, event="config_loaded")) - before >= 20
	usage.check()


def test_f21_a_broken_setting_under_load_changes_nothing_and_says_why(one, totp):
	load, daemon, path = Load(busy(one, totp), 0.05), one.part("latchkeyd"), Path(one.config)
	good, before = path.read_text(), len(audit(one, event="config_refused"))
	path.write_text(good.replace("[http]", "[http]\nlanse = 4"))
	try:
		for _ in range(10):
			daemon.signal(signal.SIGHUP)
			time.sleep(0.2)
		wait_until(lambda: len(audit(one, event="config_refused")) > before, 5, "a refused setting")
	finally:
		path.write_text(good)
		load.end()
	assert {seen.status for seen in load.answers} == {200}
	refused = audit(one, event="config_refused")[-1]
	assert "lanse" in refused["detail"]
	assert any(str(path) in line and "lanse" in line for line in one.log("latchkeyd").splitlines())


def test_f21_stopped_under_load_what_was_asked_is_answered(own_demo, totp):
	demo = own_demo(staff=90)
	people = [demo.person() for _ in range(8)]
	forms = [browser(demo).get("/signin").form("password").fill(username=one.username, password=one.password) for one in people]
	answers, gate = [], threading.Barrier(len(forms) + 1)

	def send(form):
		gate.wait()
		answers.append(form.send().status)

	threads = [threading.Thread(target=send, args=(form,), daemon=True) for form in forms]
	for thread in threads:
		thread.start()
	gate.wait()
	time.sleep(0.1)
	demo.part("latchkeyd").signal(signal.SIGTERM)
	for thread in threads:
		thread.join(15)
	wait_until(demo.part("latchkeyd").has_ended, 10, "the end")
	assert demo.part("latchkeyd").process.returncode == 0
	assert len(answers) == len(forms) and set(answers) <= {303, 503} and 303 in answers, answers
	assert len(audit(demo, event="stopped")) == 1
