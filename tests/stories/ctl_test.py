# SPDX-License-Identifier: MIT
"""The service desk's first act and operators at a terminal: latchkeyctl before the real daemon, directory and store."""
import json
import os
import subprocess

import pytest

from parts import wait_until
from steps import show_password, signed_in
from story import audit, build_folder, mails

DONE, REFUSED, USAGE, UNREACHABLE, NOT_ALLOWED, PARTLY = range(6)


class Ended:
	def __init__(self, done):
		self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

	@property
	def json(self):
		return json.loads(self.out)


@pytest.fixture
def ctl(demo):
	def run(*words, on=demo, code=DONE):
		done = subprocess.run([str(build_folder() / "latchkeyctl"), "--config", on.config, *words], capture_output=True,
			text=True, timeout=30, env=dict(os.environ, TZ="Europe/London"), check=False)
		assert code is None or done.returncode == code, done.stdout + done.stderr
		return Ended(done)
	return run


def locked_out(http, person):
	"""Ten different wrong passwords."""
	for number in range(10):
		page = show_password(http, person, f"wrong password {number}")
	return page


@pytest.mark.parametrize("state, shown, words", (
	("ok", "can_sign_in", "can sign in."), ("locked", "locked", "cannot sign in"),
	("expired", "expired", "must create a new password"), ("must_change", "must_change", "must create a new password"),
	("no_totp", "no_authenticator", "has no authenticator app"), ("left", "left", "the account ended on"),
	("closed", "blocked", "an administrator blocked the account"),
))
def test_user_show_says_in_one_glance_why_somebody_cannot_get_in(demo, ctl, state, shown, words):
	person = demo.person(state)
	first = ctl("user", "show", person.username).out.splitlines()[0]
	assert words in first, first
	assert ctl("--json", "user", "show", person.username.upper()).json["state"] == shown
	assert audit(demo, event="desk_looked", username=person.username)


def test_somebody_locked_out_at_the_page_is_unlocked_by_the_desk(demo, ctl, http, totp):
	person = demo.person()
	locked_out(http, person)
	told = ctl("user", "show", person.username)
	assert "wrong passwords locked the account until" in told.out and "This has been so since" in told.out
	assert ctl("--json", "user", "show", person.username).json["state"] == "locked"
	ctl("user", "unlock", person.username, "--dry-run")
	assert "Say why" in ctl("user", "unlock", person.username, "--reason", " ", "--yes", code=REFUSED).err
	ended = ctl("user", "unlock", person.username, "--reason", "INC0482913: called back", "--yes")
	assert "is unlocked" in ended.out
	lines = audit(demo, event="desk_unlocked", username=person.username)
	assert len(lines) == 1 and lines[0]["actor"].endswith(f"(uid {os.getuid()})") and "called back" in lines[0]["reason"]
	mail = mails(demo, to=f"{person.username}@", count=0) or mails(demo, count=1)
	assert any("INC0482913: called back" in one.get_content() for one in mail)
	signed_in(http, person, totp)
	assert ctl("--json", "user", "unlock", person.username, "--reason", "again", "--yes").json["is_done"] is False


@pytest.mark.parametrize("state, words", (("closed", "an administrator blocked"), ("left", "ended on")))
def test_what_is_not_the_desks_to_open_stays_closed(demo, ctl, state, words):
	person = demo.person(state)
	ended = ctl("user", "unlock", person.username, "--reason", "asked nicely", "--yes", code=REFUSED)
	assert words in ended.err
	assert audit(demo, event="desk_refused", username=person.username)
	assert not audit(demo, event="desk_unlocked", username=person.username)


def test_signout_ends_every_session(demo, ctl, http, totp):
	person = demo.person()
	signed_in(http, person, totp)
	assert "1 device" in ctl("user", "show", person.username).out
	assert ctl("--json", "user", "signout", person.username, "--reason", "stolen", "--yes").json["ended_count"] == 1
	assert http.get("/").follow().heading != "Your services"
	# In whichever language this person reads.
	wait_until(lambda: any("stolen" in mail.get_content() for mail in mails(demo)), 15, "the receipt")


def test_history_and_explain_tell_what_happened(demo, ctl, http, totp):
	person = demo.person()
	signed_in(http, person, totp)
	assert f"{person.username} signed in." in ctl("user", "history", person.username).out
	assert f"{person.username} signed in." in ctl("audit", "show", person.username).out
	ref = audit(demo, event="signin_done", username=person.username)[0]["ref"]
	assert f"{person.username} signed in." in ctl("explain", ref.lower().replace("-", " ")).out
	assert "can sign in." in ctl("explain", person.username).out
	ctl("explain", "2222-2222", code=REFUSED)
	ctl("user", "show", "nobody-here", code=REFUSED)


def test_find_lists_people_by_the_beginning(demo, ctl):
	person = demo.person()
	found = ctl("--json", "user", "find", person.username).json["people"]
	assert [one["username"] for one in found] == [person.username]


def test_the_service_tells_of_itself(demo, ctl):
	status = ctl("--json", "status").json
	assert status["is_ready"] and {part["name"] for part in status["parts"]} >= {"directory", "store", "audit"}
	assert "/signin" in ctl("routes").out
	assert demo.base_url in ctl("config", "show", "--running").out
	assert "the chain is whole" in ctl("audit", "verify").out
	checks = ctl("--json", "doctor").json["checks"] if not os.environ.get("LK_SMALL_MEMLOCK") else []
	assert not [check for check in checks if not check["is_ok"]]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_who_is_not_one_of_admin_users_gets_nothing(demo):
	done = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", str(build_folder() / "latchkeyctl"), "--socket",
		demo.admin_socket, "status"], capture_output=True, text=True, timeout=30, check=False)
	assert done.returncode in (UNREACHABLE, NOT_ALLOWED) and done.stdout == ""


def test_a_store_that_is_gone_is_told_and_the_directory_still_speaks(own_demo, ctl):
	private = own_demo()
	person = private.person("left")
	private.part("redis").stop()
	wait_until(lambda: ctl("status", on=private, code=None).code == REFUSED, 15, "the store is known to be gone")
	assert "store        DOWN" in ctl("status", on=private, code=REFUSED).out
	assert "the account ended on" in ctl("user", "show", person.username, on=private, code=PARTLY).out
