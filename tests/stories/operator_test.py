# SPDX-License-Identifier: MIT
"""What operators rely on: figures that move when something happens, words for what is wrong, a reload people see, a spare directory."""
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from browser import Browser
from parts import wait_until
from steps import new_password, reset_proven, show_password, signed_in
from story import Private, audit, build_folder, mails

APPLICATION = """[application]
client_id = bikes
name = Bike pool
description = Bikes for a day
kind = web
groups = everyone
start_url = https://bikes.example/
redirect_uris = https://bikes.example/done
"""


@pytest.fixture(scope="module")
def one():
	"""Its first directory does not answer; its second does."""
	def change(settings):
		directory = settings.sections["directory"]
		directory["uris"] = "ldap://127.0.0.1:1, " + directory["uris"]

	private = Private(change)
	yield private
	words = private.end()
	assert not words, words


@pytest.fixture
def web(one):
	browser = Browser(one.base_url, one.ca_file)
	yield browser
	browser.close()


def get(one, path):
	try:
		with urllib.request.urlopen(one.metrics_url.replace("/metrics", path), timeout=5) as answer:
			return answer.status, answer.read().decode()
	except urllib.error.HTTPError as error:
		return error.code, error.read().decode()


def figures(one):
	"""{"latchkey_signins_total{…}": 3.0}"""
	return {name: float(value) for name, value in re.findall(r"^(latchkey_\S+?(?:\{.*\})?) (\S+)$", get(one, "/metrics")[1], re.MULTILINE)}


def grown(before, after, name, *labels):
	"""By how much the figures of that name with these labels grew."""
	return sum(value - before.get(key, 0) for key, value in after.items()
		if key.split("{")[0] == f"latchkey_{name}" and all(label in key for label in labels))


def ctl(one, *words):
	return subprocess.run([build_folder() / "latchkeyctl", "--config", one.config, *words], capture_output=True, text=True,
		timeout=30, check=True).stdout


def reload(one):
	before = len(audit(one, event="config_loaded"))
	one.part("latchkeyd").signal(signal.SIGHUP)
	wait_until(lambda: len(audit(one, event="config_loaded")) > before, 10, "reload")


def test_every_act_of_people_and_of_the_desk_is_counted(one, web, totp):
	before = figures(one)
	who, forgetful, stranger = one.person(), one.person(), Browser(one.base_url, one.ca_file)
	signed_in(web, who, totp)
	web.get("/account/password").form("new-password").send(password=who.password, new_password=new_password())
	reset_proven(stranger, forgetful, totp).form("new-password").send(new_password=new_password())
	locked = one.person()
	stranger.close()
	for number in range(10):
		show_password(Browser(one.base_url, one.ca_file), locked, f"wrong password {number}")
	other = Browser(one.base_url, one.ca_file)
	other.get("/unlock").form("code").send(username=locked.username, code=totp(locked.totp_secret))
	other.close()
	ctl(one, "user", "show", locked.username)
	now = figures(one)
	for name, labels, count in (
		("signins_total", ('result="ok"', 'door="web"'), 2), ("resets_total", ('result="ok"',), 1),
		("password_changes_total", ('result="ok"',), 1), ("unlocks_total", ('result="ok"',), 1), ("locks_total", (), 1),
		("desk_actions_total", ('action="show"',), 1), ("proofs_total", ('method="totp"', 'result="ok"'), 3),
		("proofs_total", ('method="password"', 'result="signin_wrong"'), 10),
	):
		assert grown(before, now, name, *labels) == count, (name, labels, [key for key in now if name in key])
	for name in ("http_requests_total", "http_request_duration_seconds_count", "lane_wait_seconds_count", "journeys_started_total",
		"journeys_finished_total", "journey_duration_seconds_count", "directory_request_duration_seconds_count",
		"store_request_duration_seconds_count", "audit_lines_total", "audit_sync_duration_seconds_count", "mails_spooled_total"):
		assert grown(before, now, name) > 0, name


def test_readiness_is_told_in_words_where_operators_look(one):
	status, text = get(one, "/readyz?verbose")
	assert status == 200 and text.endswith("ready\n")
	assert "directory: ldap://127.0.0.1:1 does not answer\n" in text
	assert re.search(r"^directory: ldap://127\.0\.0\.1:\d{2,} answers$", text, re.MULTILINE), text
	assert "store: answers\n" in text and "audit: can be written\n" in text and "clock: is set\n" in text
	one.part("redis").signal(signal.SIGSTOP)
	try:
		wait_until(lambda: get(one, "/readyz?verbose")[0] == 503, 10, "not ready")
		assert "store: does not answer\n" in get(one, "/readyz?verbose")[1]
	finally:
		one.part("redis").signal(signal.SIGCONT)
	wait_until(lambda: get(one, "/readyz?verbose")[0] == 200, 10, "ready")


def test_an_application_and_a_rule_are_there_after_a_reload(one, web, totp):
	policies = Path(one.policies_dir)
	who = one.person()
	assert "Bike pool" not in signed_in(web, who, totp).main
	web.get("/").form(action="/signout").send()
	(policies / "applications" / "bikes.conf").write_text(APPLICATION)
	rules = policies / "password.policy"
	text = rules.read_text()
	assert "\nmin_length = 12\n" in text
	rules.chmod(0o644)
	rules.write_text(text.replace("\nmin_length = 12\n", "\nmin_length = 17\n"))
	reload(one)
	page = signed_in(web, who, totp)
	assert "Bike pool" in page.main and "Bikes for a day" in page.main
	assert "Use at least 17 characters" in web.get("/account/password").main


def test_mails_are_in_the_language_of_who_gets_them(one, web, totp):
	import ldap
	directory = ldap.initialize(one.ldap.uri)
	directory.simple_bind_s(one.ldap.admin_dn, one.ldap.admin_password)
	who = one.person()
	[(dn, entry)] = directory.search_s(f"ou=people,{one.ldap.base_dn}", ldap.SCOPE_SUBTREE, f"(uid={who.username})", ["mail"])
	directory.modify_s(dn, [(ldap.MOD_REPLACE, "preferredLanguage", [b"cy"])])
	reset_proven(web, who, totp).form("new-password").send(new_password=new_password("amber harbour quiet"))
	[mail] = mails(one, to=entry["mail"][0].decode(), count=1)
	assert str(mail["Subject"]) == "Mae eich cyfrinair wedi’i newid", mail["Subject"]
	assert "Helo " in mail.get_content() or "Annwyl" in mail.get_content(), mail.get_content()


def test_with_starttls_nothing_goes_to_the_directory_in_clear(own_demo, totp):
	"""F14: by a directory that takes nothing else."""
	def change(settings):
		files = settings.sections["http"]
		conf = settings.folder / "directory" / "slapd.conf"
		conf.write_text(f"TLSCertificateFile {files['tls_certificate_file']}\nTLSCertificateKeyFile {files['tls_key_file']}\n"
			"security simple_bind=128\n" + conf.read_text())
		settings.sections["directory"] |= {"starttls": "yes", "ca_file": settings.folder / "tls" / "ca.pem"}

	mine = own_demo(tls=True, change=change)
	browser = Browser(mine.base_url, mine.ca_file)
	signed_in(browser, mine.person(), totp)
	browser.close()
