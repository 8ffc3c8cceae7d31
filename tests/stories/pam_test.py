# SPDX-License-Identifier: MIT
"""The second door: real sshd and sudo ask the same engine, and the person reads the same words."""
import os
import time

import pytest

from host import Host
from parts import wait_until
from steps import new_password, show_password
from story import audit

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="sshd with another /etc/pam.d needs root")
WRONG = "Check your staff ID and password, one of them is not right"


@pytest.fixture(scope="module")
def crew(demo):
	"""People of this file, with accounts on the host."""
	states = ("ok",) * 8 + ("expired", "must_change", "left", "closed", "locked", "no_totp")
	return [(state, demo.person(state)) for state in states]


@pytest.fixture(scope="module")
def host(demo, crew):
	made = Host(demo, [person for _, person in crew])
	yield made
	made.end()


@pytest.fixture
def person(crew):
	def take(state="ok"):
		row = next(row for row in crew if row[0] == state)
		crew.remove(row)
		return row[1]
	return take


def code_prompt(terminal):
	terminal.expect(r"[Cc]ode from your authenticator app: ?")


def test_sshd_asks_for_password_and_code(demo, host, person, totp):
	who = person()
	terminal = host.ssh(who)
	terminal.expect("Password: ?")
	terminal.type(who.password)
	code_prompt(terminal)
	terminal.type(totp(who.totp_secret))
	terminal.expect(f"in as {who.username}")
	terminal.rest()
	assert audit(demo, event="signin_done", username=who.username, door="pam:sshd")


def test_sudo_asks_the_same_and_a_code_used_for_it_is_used_everywhere(demo, host, person, totp, http):
	who = person()
	terminal = host.sudo(who)
	terminal.expect(f"password for {who.username}: ?")  # sudo's own words for a first prompt
	terminal.type(who.password)
	code_prompt(terminal)
	code = totp(who.totp_secret)
	terminal.type(code)
	terminal.expect("root")
	terminal.rest()
	page = show_password(http, who).follow().form("code").send(code=code)
	assert page.error == "That code has already been used. Wait for your app to show a new one"


def test_both_in_one_answer_where_a_service_asks_once(demo, host, person, totp):
	who = person()
	terminal = host.sudo(who, "-p", "secret please: ")
	terminal.expect("secret please: ")
	terminal.type(f"{who.password},{totp(who.totp_secret)}")
	terminal.expect("root")
	terminal.rest()


def test_a_wrong_password_is_told_as_on_the_page(demo, host, person):
	terminal = host.ssh(person())
	for _ in range(2):
		terminal.expect("Password: ?")
		terminal.type("not the right one")
		told = terminal.expect(r"\) (?=Password)")
		assert WRONG in told
	terminal.close()


@pytest.mark.parametrize("state, told", (("left", "This account ended on"), ("closed", "We have blocked this account"),
	("locked", "Your account is locked until"), ("no_totp", "Set up your authenticator app first")))
def test_states_are_told_after_the_right_password(demo, host, person, state, told):
	who = person(state)
	terminal = host.ssh(who)
	terminal.expect("Password: ?")
	terminal.type(who.password)
	_, text = terminal.rest(8)
	assert told in text, text


@pytest.mark.parametrize("state", ("must_change", "expired"))
def test_a_new_password_is_asked_for_with_every_rule_told(demo, host, person, totp, state, http):
	who = person(state)
	terminal = host.ssh(who)
	terminal.expect("Password: ?")
	terminal.type(who.password)
	code_prompt(terminal)
	terminal.type(totp(who.totp_secret))
	terminal.expect("New password: ?")
	terminal.type("short")
	terminal.expect("[Aa]gain: ?")
	terminal.type("short")
	told = terminal.expect("New password: ?")
	assert "Password must be 12 characters or more" in told, told
	chosen = new_password()
	terminal.type(chosen)
	terminal.expect("[Aa]gain: ?")
	terminal.type(chosen)
	terminal.expect(f"in as {who.username}")
	terminal.rest()
	who.password = chosen
	assert show_password(http, who).status == 303
	assert audit(demo, event="password_changed", username=who.username)


def test_a_daemon_that_hangs_or_is_gone_lets_nobody_in_and_holds_nobody_up(demo, own_demo):
	"""F33: under 5 s, refused."""
	mine = own_demo()
	who = mine.person()
	place = Host(mine, [who])
	daemon = mine.part("latchkeyd")
	try:
		for what in ("stop", "kill"):
			daemon.signal(19) if what == "stop" else daemon.kill()
			began = time.monotonic()
			terminal = place.ssh(who)
			status, text = terminal.rest(20)
			took = time.monotonic() - began
			assert status != 0 and "in as" not in text
			assert took < 3 * 5 + 3, took
			if what == "stop":
				daemon.signal(18)
				wait_until(daemon.is_ready, 10, "the daemon again")
	finally:
		place.end()
