# SPDX-License-Identifier: MIT
"""A developer's first hour: an application registered, tried, given a new secret and taken away, with latchkeyctl alone."""
import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from faults import events
from parts import wait_until
from story import audit, build_folder

DONE, REFUSED = 0, 1


@pytest.fixture
def ctl(demo):
	def run(*words, code=DONE, lines=()):
		done = subprocess.run([str(build_folder() / "latchkeyctl"), "--config", demo.config, *words], capture_output=True,
			text=True, input="".join(line + "\n" for line in lines), timeout=60, check=False)
		assert done.returncode == code, done.stdout + done.stderr
		return done.stdout
	return run


def reload(demo):
	before = len(audit(demo, event="config_loaded"))
	os.kill(demo.pids.latchkeyd, signal.SIGHUP)
	wait_until(lambda: len(audit(demo, event="config_loaded")) > before, 10, "reload")


def secret_of(text):
	return text.split()[1]


def test_an_application_is_registered_tried_rotated_and_removed(demo, ctl):
	old = secret_of(ctl("app", "add", "shelf-api", "--kind", "resource_server", "--name", "Shelf API"))
	assert "the daemon does not take it" in ctl("app", "test", "shelf-api", code=REFUSED, lines=[old])
	reload(demo)
	assert "WRONG" not in ctl("app", "test", "shelf-api", lines=[old])
	new = secret_of(ctl("app", "rotate", "shelf-api", "--keep", "1h"))
	reload(demo)
	for secret in (new, old):
		assert "the daemon takes it" in ctl("app", "test", "shelf-api", lines=[secret])
	ctl("app", "edit", "shelf-api", "description=Books")
	ctl("app", "rotate", "shelf-api", "--keep", "0")
	reload(demo)
	assert "none of those its file keeps" in ctl("app", "test", "shelf-api", code=REFUSED, lines=[new])
	ctl("app", "remove", "shelf-api", "--yes")
	reload(demo)
	ctl("app", "show", "shelf-api", code=REFUSED)
	happened = [line["event"] + " " + line["detail"] for line in audit(demo) if line.get("detail", "").startswith("shelf-api")]
	assert happened[:2] == ["application_added shelf-api", "application_changed shelf-api: secret_digests: 1 → 2; secrets"], happened
	assert happened[2:] == ["application_changed shelf-api: description: nothing → Books; description_cy: nothing → Books; secret_digests: 2 → 1; secrets",
		"application_removed shelf-api"], happened
	assert not any(secret in line for secret in (old, new) for line in happened)


def told(demo, path):
	with urllib.request.urlopen(demo.base_url + path, timeout=10) as got:
		return json.load(got)


def signs(demo):
	"""What discovery says that id tokens can be signed with, and what there are keys of."""
	said = set(told(demo, "/.well-known/openid-configuration")["id_token_signing_alg_values_supported"])
	return said, {key["alg"] for key in told(demo, "/jwks.json")["keys"]}


def test_what_an_application_has_its_tokens_signed_with_is_there_with_it(demo, ctl):
	said, there = signs(demo)
	assert "PS256" not in said and "RS256" in said and said == there
	ctl("app", "add", "ledger", "--redirect", "https://ledger.example/back", "id_token_alg=PS256")
	reload(demo)
	assert signs(demo) == (said | {"PS256"}, there | {"PS256"}), "at once"
	assert "one for PS256 is published" in ctl("app", "test", "ledger", lines=[""])
	ctl("app", "remove", "ledger", "--yes")
	reload(demo)
	assert signs(demo)[0] == said


@pytest.mark.parametrize("application", ("payroll", "rooms", "handbook"))
def test_the_whole_sign_in_of_somebody_is_walked_to_the_end(demo, ctl, totp, application):
	registered = next(one for one in demo.applications if one.client_id == application)
	person = demo.person()
	typed = [registered.client_secret] if registered.client_secret else []
	typed += [person.password] + ([totp(person.totp_secret)] if application != "handbook" else [])
	told = json.loads(ctl("--json", "app", "test", application, "--user", person.username, lines=typed))
	assert told["ok"]
	words = {check["name"]: check["words"] for check in told["checks"]}
	assert words["userinfo"].endswith(f"preferred_username {person.username}")
	assert {"other redirect", "code", "tokens", "id token", "revocation", "sign out"} <= set(words)
	assert nothing_stays(demo, ctl, person)


@pytest.mark.parametrize("redirect", ("com.example.tablet:/done?from=us", "http://[::1]:9104/callback"))
def test_so_it_is_when_no_form_may_lead_there(demo, ctl, totp, redirect):
	"""The pages end on one that leads on by itself: to a scheme of the application's own, to an address no policy can name."""
	person = demo.person()
	assert "client_secret" not in ctl("app", "add", "tablet", "--kind", "spa", "--redirect", redirect)
	reload(demo)
	told = json.loads(ctl("--json", "app", "test", "tablet", "--user", person.username, lines=[person.password, totp(person.totp_secret)]))
	ctl("app", "remove", "tablet", "--yes")
	assert told["ok"], told
	assert {"code", "tokens", "id token", "sign out"} <= {check["name"] for check in told["checks"]}


def nothing_stays(demo, ctl, person):
	"""They were let in, and no session is left of it."""
	happened = events(demo, person)
	shown = json.loads(ctl("--json", "user", "show", person.username))
	return "signin_done" in happened and "signed_out" in happened and shown["sessions"] == []


def test_somebody_is_signed_out_again_also_when_the_way_ends_half(demo, ctl, totp):
	person = demo.person()
	typed = ["lk_cs_wrong", person.password, totp(person.totp_secret)]
	told = json.loads(ctl("--json", "app", "test", "payroll", "--user", person.username, code=REFUSED, lines=typed))
	checks = {check["name"]: check["is_ok"] for check in told["checks"]}
	assert not checks["tokens"] and checks["sign out"], told
	assert nothing_stays(demo, ctl, person)


def test_who_was_never_signed_in_is_not_signed_out(demo, ctl):
	person = demo.person()
	told = json.loads(ctl("--json", "app", "test", "payroll", "--user", person.username, lines=["", "wrong password"]))
	assert "sign out" not in {check["name"] for check in told["checks"]}, told


def test_a_robot_gets_a_token_and_its_secret_is_tried(demo, ctl):
	robot = next(one for one in demo.applications if one.kind == "robot")
	assert "the daemon takes it" in ctl("app", "test", robot.client_id, lines=[robot.client_secret])
	assert "none of those" in ctl("app", "test", robot.client_id, code=REFUSED, lines=[robot.client_secret + "x"])


def test_a_redirect_address_that_differs_is_shown_under_the_registered_one(ctl):
	shown = ctl("app", "test", "payroll", "--redirect", "http://127.0.0.1:9101/callbacks", code=REFUSED).splitlines()
	at = next(i for i, line in enumerate(shown) if line.strip().startswith("asked"))
	asked, registered, mark = shown[at:at + 3]
	assert asked.endswith(" http://127.0.0.1:9101/callbacks") and registered.endswith(" http://127.0.0.1:9101/callback")
	assert mark.index("^") == asked.rindex("s"), "the mark stands under the first letter that differs"
	told = json.loads(ctl("--json", "app", "test", "payroll", "--redirect", "https://payroll.example/", code=REFUSED))
	assert not told["ok"] and not next(check for check in told["checks"] if check["name"] == "redirect")["is_ok"]


def told_of(demo):
	"""What the audit says of applications, in order."""
	names = ("application_added", "application_changed", "application_removed")
	return [(line["event"], line["detail"]) for line in audit(demo) if line["event"] in names]


def test_what_was_changed_while_nobody_looked_is_told_at_the_next_start(own_demo):
	demo = own_demo()
	part, folder = demo.part("latchkeyd"), Path(demo.policies_dir) / "applications"
	assert ("application_added", "payroll") in told_of(demo)
	before = len(told_of(demo))
	part.stop()
	(folder / "grew.conf").write_text("[application]\nclient_id = grew\nname = Grew\nkind = web\ngroups = everyone\n")
	part.start()
	assert told_of(demo)[before:] == [("application_added", "grew")]
	part.stop()
	part.start()
	assert len(told_of(demo)) == before + 1, "once"


def test_a_change_that_cannot_be_kept_is_told_once_and_kept_when_it_can(own_demo):
	demo = own_demo()
	folder, kept = Path(demo.policies_dir) / "applications", Path(demo.audit_log + ".applications")
	before = len(told_of(demo))
	kept.with_name(kept.name + ".new").mkdir()  # what was told cannot be kept
	(folder / "late.conf").write_text("[application]\nclient_id = late\nname = Late\nkind = web\ngroups = everyone\n")
	demo.part("latchkeyd").signal(signal.SIGHUP)
	wait_until(lambda: told_of(demo)[before:], 10, "told")
	time.sleep(3)  # it is tried each second
	assert told_of(demo)[before:] == [("application_added", "late")]
	kept.with_name(kept.name + ".new").rmdir()
	wait_until(lambda: "late" in kept.read_text(), 10, "kept")
