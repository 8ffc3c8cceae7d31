# SPDX-License-Identifier: MIT
"""Redis killed, hung, full, changed or with an old memory, under the whole daemon: nobody gets in twice, people are told, and all is well soon after."""
import json
import shutil
import signal
import time
from pathlib import Path

import pytest
import redis

from codes import STEP_S
from faults import Clock, Load, Usage, as_fast_as, browser, epochs, events, is_ready, new_epoch, ready_again, room_in_step, small_memory, told_to_wait
from keyed import Key
from oauth import Application
from parts import wait_until
from steps import at_code, new_password, reset_proven, show_password, signed_in
from story import Private, audit

USED = "That code has already been used. Wait for your app to show a new one"
DOWN = "A part of this service is not answering"


KEY = Key("keyed")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
	path = tmp_path_factory.mktemp("keyed") / "keyed.json"
	path.write_text(json.dumps({"client_id": "keyed", "client_name": "Keyed", "redirect_uris": [], "grant_types": [],
		"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [KEY.jwk]}}))
	with small_memory():
		private = Private(staff=300, application=[path])
		private.clock = Clock(private)
		yield private
		words = private.end()
	assert not words, words


@pytest.fixture
def one(shared):
	"""One demo for all; Redis is well again after each, and so long ago that codes are taken."""
	yield shared
	part = shared.part("redis")
	if part.has_ended():
		part.start()
	part.signal(signal.SIGCONT)
	ready_again(shared)
	shared.clock.turn(2 * STEP_S + 1)


@pytest.fixture
def totp(one):
	return one.clock.totp


def server(demo):
	return redis.Redis.from_url(demo.redis.url)


def asks(demo, totp):
	"""One reads help, one a page, one uses their session, one signs in with a password nobody has."""
	session, stranger = browser(demo), browser(demo)
	signed_in(session, demo.person(), totp)
	form = stranger.get("/signin").form("password").fill(username="zz12345", password="not the right one")
	return {
		"help": (browser(demo), lambda who: who.get("/help")),
		"page": (browser(demo), lambda who: who.get("/assets/" + style(who))),
		"services": (session, lambda who: who.get("/")),
		"signin": (stranger, lambda who: who.post("/signin", form.values, base="/signin")),
	}


def style(who):
	return next(link.get("href") for link in who.get("/help").tree.all("link", rel="stylesheet")).removeprefix("/assets/")


NEEDS_NO_STORE, NEEDS_STORE = ("help", "page"), ("services", "signin")


# --- F1: killed, and back empty ---------------------------------------------------------------


def test_f1_redis_killed_under_load_and_back_empty(one, totp):
	usage, part, fresh = Usage(one), one.part("redis"), one.person()
	load = Load(asks(one, totp), 0.05)
	time.sleep(2)
	room_in_step(8, one.clock.now)
	code = totp(fresh.totp_secret)
	killed = time.monotonic()
	part.kill()
	time.sleep(3)
	back = time.monotonic()
	shutil.rmtree(part.data)
	part.start()
	ready_again(one)
	ready = time.monotonic()
	# The very first, from every loop and lane.
	firsts = [wrong_password(one) for _ in range(24)]
	page = at_code(browser(one), fresh).form("code").send(code=code)
	assert page.status == 200 and page.error, "a code of before the restart may have been used"
	time.sleep(0.5)
	load.end()
	told_to_wait(load.of(*NEEDS_STORE, since=killed, until=back))
	as_fast_as(load.of(*NEEDS_NO_STORE, until=killed), load.of(*NEEDS_NO_STORE, since=killed, until=back))
	assert DOWN in load.of("signin", since=killed, until=back)[0].text
	assert {first.status for first in firsts} == {200}
	after = load.of(*NEEDS_STORE, *NEEDS_NO_STORE, since=ready)
	assert after and {seen.status for seen in after} <= {200, 303}, [seen for seen in after if seen.status not in (200, 303)][:3]
	assert 0 not in {seen.status for seen in load.answers}
	assert ready - back < 3
	one.clock.turn(2 * STEP_S)
	signed_in(browser(one), fresh, totp)
	usage.check()


def wrong_password(demo):
	who = browser(demo)
	page = who.get("/signin").form("password").send(username="zz12345", password="not the right one")
	who.close()
	return page


# --- F2: what was used stays used -------------------------------------------------------------


def killed_and_back(demo, old, how):
	part = demo.part("redis")
	with new_epoch(demo):
		part.kill()
		if how != "as it was":
			shutil.rmtree(part.data)
		if how == "with an old file":
			shutil.copytree(old, part.data)
		part.start()


def copied(demo):
	"""What is on the disk now."""
	time.sleep(1.2)  # all of it is
	old = demo.folder / "redis-old"
	shutil.rmtree(old, ignore_errors=True)
	shutil.copytree(demo.part("redis").data, old)
	return old


@pytest.mark.parametrize("how", ("as it was", "without its file", "with an old file"))
def test_f2_a_used_code_is_refused_after_redis_was_killed(one, totp, how):
	person, old = one.person(), copied(one)
	room_in_step(8, one.clock.now)
	code, before = totp(person.totp_secret), epochs(one)
	assert at_code(browser(one), person).form("code").send(code=code).follow().heading == "Your services"
	time.sleep(1.2)
	killed_and_back(one, old, how)
	assert at_code(browser(one), person).form("code").send(code=code).error == USED
	assert browser(one).get("/reset").form("code").send(username=person.username, code=code).error
	assert len(audit(one, event="signin_done", username=person.username)) == 1
	assert epochs(one) > before


def test_f2_a_long_log_keeps_nobody_from_a_new_epoch(one, totp):
	"""Reading it takes longer than any one trip to Redis may."""
	log = Path(one.audit_log)
	moved = log.with_name(log.name + ".1")
	moved.write_bytes(log.read_bytes().splitlines(keepends=True)[-1] * 250000)
	try:
		with new_epoch(one, 60):
			one.part("redis").kill()
			one.part("redis").start()
		one.clock.turn(2 * STEP_S)
		signed_in(browser(one), one.person(), totp)
	finally:
		moved.unlink()


def test_f2_a_session_that_was_ended_does_not_come_back_with_an_old_file(one, totp):
	person, elsewhere, here = one.person(), browser(one), browser(one)
	signed_in(elsewhere, person, totp)
	one.clock.turn(STEP_S)
	old = copied(one)
	page = reset_proven(here, person, totp)
	assert page.form("new-password").send(new_password=new_password()).status == 303
	assert elsewhere.get("/").status == 303
	killed_and_back(one, old, "with an old file")
	assert elsewhere.get("/").status == 303, "ended stays ended"


def test_f2_a_robots_token_that_was_given_back_does_not_come_back_with_an_old_file(one):
	robot, files = Application(one, "robot"), Application(one, "resource_server")
	revoked, kept = (robot.post("/token", {"grant_type": "client_credentials"})[1]["access_token"] for _ in range(2))
	old = copied(one)
	assert robot.post("/revoke", {"token": revoked})[0] == 200
	killed_and_back(one, old, "with an old file")
	assert files.post("/introspect", {"token": revoked})[1] == {"active": False}
	assert files.post("/introspect", {"token": kept})[1]["active"], "the others did come back"
	assert revoked not in Path(one.audit_log).read_text(), "named by its key alone"


@pytest.mark.parametrize("how", ("as it was", "with an old file"))
def test_f2_a_refresh_token_that_was_used_does_not_work_again_after_redis_was_killed(one, totp, how):
	"""An old file has what came of it at the revision of before: that ends whole, and the others go on."""
	web, files, here = Application(one, "web"), Application(one, "resource_server"), browser(one)
	signed_in(here, one.person(), totp)
	given, other = (web.tokens(web.ask(here)) for _ in range(2))
	one.clock.turn(STEP_S)
	old = copied(one)
	status, renewed = web.refresh(given["refresh_token"])
	assert status == 200
	time.sleep(1.2)
	killed_and_back(one, old, how)
	if how == "as it was":
		assert web.refresh(renewed["refresh_token"])[0] == 200, "nothing was lost"
	answers = [web.refresh(token) for token in (given["refresh_token"], renewed["refresh_token"])]
	assert [(status, answer["error"]) for status, answer in answers] == [(400, "invalid_grant")] * 2
	for token in (given["access_token"], renewed["access_token"]):
		assert files.post("/introspect", {"token": token})[1] == {"active": False}
	assert web.refresh(other["refresh_token"])[0] == 200
	log = Path(one.audit_log).read_text()
	assert not any(tokens[name] in log for tokens in (given, renewed) for name in ("access_token", "refresh_token"))


def test_f2_an_assertion_that_was_spent_is_not_taken_again_from_an_empty_redis(one):
	asks, now = Application(one, "resource_server"), one.clock.now

	def ask(path, proof):
		return asks.post(path, {"token": "x"} | proof, basic=False)[0]

	for path in ("/introspect", "/revoke"):
		proof, unused = KEY.proof(one.issuer, now()), KEY.proof(one.issuer, now())
		assert ask(path, proof) == 200 and {ask(door, proof) for door in ("/introspect", "/revoke", "/token")} == {401}
		killed_and_back(one, None, "without its file")
		assert ask(path, proof) == ask(path, unused) == 401, "nobody knows any more which of them was spent"
		one.clock.turn(31)
		assert ask(path, KEY.proof(one.issuer, now())) == 200


# --- F3: hung ---------------------------------------------------------------------------------


def test_f3_redis_hung_under_load(one, totp):
	usage, load = Usage(one), Load(asks(one, totp), 0.05)
	time.sleep(2)
	hung = time.monotonic()
	one.part("redis").signal(signal.SIGSTOP)
	time.sleep(8)
	woken = time.monotonic()
	one.part("redis").signal(signal.SIGCONT)
	time.sleep(4)
	load.end()
	told_to_wait(load.of(*NEEDS_STORE, since=hung + 0.1, until=woken))
	as_fast_as(load.of(*NEEDS_NO_STORE, until=hung), load.of(*NEEDS_NO_STORE, since=hung, until=woken))
	after = load.of(*NEEDS_STORE, since=woken + 2)
	assert after and {seen.status for seen in after} == {200}, after[:3]
	usage.check()


# --- F4: full ---------------------------------------------------------------------------------


@pytest.fixture
def full(one):
	there = server(one)
	yield lambda is_full: there.config_set("maxmemory", 1 if is_full else 0)
	there.config_set("maxmemory", 0)


def test_f4_with_redis_full_nobody_signs_in_and_nobody_guesses(one, full, totp):
	person, who = one.person(), browser(one)
	for i in range(8):
		assert show_password(who, person, f"wrong {i}").status == 200
	form = who.get("/signin").form("password")
	full(True)
	pages = [who.post("/signin", form.values | {"username": person.username, "password": typed}, base="/signin")
		for typed in ["wrong 8", "wrong 9", "wrong 10", person.password]]
	assert {page.status for page in pages} == {503}, [page.status for page in pages]
	assert len({page.heading for page in pages}) == 1 and DOWN in pages[0].main
	assert who.get("/help").status == 200
	full(False)
	ready_again(one)
	show_password(who, person, "wrong 8")
	page = show_password(who, person, "wrong 9").follow()
	assert page.status == 423, "the eight before counted still"


def test_f4_with_redis_full_a_code_is_not_taken_and_a_reset_not_half_done(one, full, totp):
	person, other, who, coding = one.person(), one.person(), browser(one), browser(one)
	page, code_form = reset_proven(who, person, totp), at_code(coding, other).form("code")
	chosen = new_password()
	full(True)
	refused = page.form("new-password").send(new_password=chosen)
	assert refused.status == 503 and "lk_session" not in who.cookies
	assert code_form.send(code=totp(other.totp_secret)).status == 503 and "lk_session" not in coding.cookies
	full(False)
	ready_again(one)
	assert show_password(browser(one), person).status == 303, "the old one still holds"
	assert "password_changed" not in events(one, person) and "signin_done" not in events(one, other)
	assert page.form("new-password").send(new_password=chosen).follow().heading == "Your password has been changed"


# --- F5: may evict ----------------------------------------------------------------------------


def refusals(demo):
	return [line for line in demo.log("latchkeyd").splitlines() if '"event":"store"' in line and "may evict" in line]


@pytest.mark.parametrize("policy", ("allkeys-lru", "volatile-ttl"))
def test_f5_a_store_that_may_evict_is_refused_while_running(one, totp, policy):
	who, there = browser(one), server(one)
	form = who.get("/signin").form("password").fill(username="zz12345", password="not the right one")
	before = len(refusals(one))
	there.config_set("maxmemory-policy", policy)
	try:
		wait_until(lambda: not is_ready(one), 3, "not ready")
		page = who.post("/signin", form.values, base="/signin")
		assert page.status == 503 and page.headers["retry-after"]
		assert browser(one).get("/help").status == 200
		time.sleep(1.5)
		said = refusals(one)[before:]
		assert len(said) == 1 and "noeviction" in said[0], said
	finally:
		there.config_set("maxmemory-policy", "noeviction")
	ready_again(one)
	assert who.post("/signin", form.values, base="/signin").status == 200
