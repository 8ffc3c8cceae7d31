# SPDX-License-Identifier: MIT
"""
SECURITY line by line: promises A1 to A6, and its sections 3.1 to 3.4 and 3.6 for what exists here. Each test is named after its line
and says in a few requests that it holds; what happens at the edges and under load is told by the other stories.
"""
import base64
import concurrent.futures
import os
import random
import re
import resource
import secrets
import signal
import socket
import ssl
import string
import subprocess
import time
import unicodedata
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import ldap
import pytest
import redis

from attack_session_test import POSTS, is_in
from browser import Browser
from codes import STEP_S
from daemon_test import handshake
from door import ASK, AUTH, DONE, Door
from faults import ANSWER_S, Clock, browser, events, ready_again, room_in_step
from parts import HOST, wait_until
from recover_test import lock, mail_of, stored_takes
from steps import at_code, enrolled, new_password, reset_proven, show_password, signed_in
from story import SANITIZER, Private, audit, build_folder, lying_about, mails

WRONG = "Check your staff ID and password, one of them is not right"
USED = "That code has already been used. Wait for your app to show a new one"
NOBODY = SimpleNamespace(username="zz43210", password="nobody has this one", totp_secret="A" * 32)
YEAR_S = 365 * 86400


@pytest.fixture(scope="module")
def one():
	"""A demo of our own that speaks TLS: to fill its disk, kill its parts, change its policies."""
	private = Private(tls=True)
	private.clock = Clock(private)
	yield private
	words = private.end()
	assert not words, words


@pytest.fixture(scope="module")
def web(demo, totp):
	"""Somebody who is signed in."""
	who = browser(demo)
	who.person = demo.person()
	signed_in(who, who.person, totp)
	yield who
	who.close()


@pytest.fixture(scope="module")
def choose(demo, totp):
	"""choose(password): what is said of it, to somebody who may choose one; nothing is ever taken."""
	who, person = browser(demo), demo.person()
	page = reset_proven(who, person, totp)

	def errors(typed):
		nonlocal page
		page = page.form("new-password").send(new_password=typed)
		assert page.status == 200, f"{typed!r} was taken"
		return page.errors

	errors.person = person
	yield errors
	who.close()


@pytest.fixture(scope="module")
def long_one(demo, totp):
	"""Somebody with the longest password: 256 characters of every kind, up to 4 bytes each."""
	who, person = browser(demo), demo.person()
	kinds = string.ascii_letters + string.digits + string.punctuation + " éŵßΩж文字🔑"
	person.password = "Aé " + "".join(secrets.choice(kinds) for _ in range(251)) + "ŵz"
	assert len(person.password) == 256
	changed(who, person, person.password, totp)
	who.close()
	return person


def changed(who, person, password, totp):
	page = reset_proven(who, person, totp).form("new-password").send(new_password=password)
	assert page.status == 303, page.errors
	person.password = password
	return page.follow()


def at_once(work, items, count=10):
	with concurrent.futures.ThreadPoolExecutor(count) as pool:
		return list(pool.map(work, items))


def ctl(demo, *words):
	return subprocess.run([build_folder() / "latchkeyctl", "--config", demo.config, *words], capture_output=True, text=True, timeout=30)


def directory(demo):
	there = ldap.initialize(demo.ldap.uri)
	there.simple_bind_s(demo.ldap.admin_dn, demo.ldap.admin_password)
	return there


def dn_of(demo, person):
	return f"uid={person.username},ou=people,{demo.ldap.base_dn}"


def entry_of(demo, person, *names):
	return directory(demo).search_s(dn_of(demo, person), ldap.SCOPE_BASE, attrlist=list(names) or ["*", "+"])[0][1]


def factors_of(demo, person):
	"""All that the directory keeps of somebody's codes."""
	key = entry_of(demo, person, "entryUUID")["entryUUID"][0].decode()
	found = directory(demo).search_s(f"ou=latchkey,{demo.ldap.base_dn}", ldap.SCOPE_SUBTREE, f"(lkPersonId={key})")
	return found[0][1] if found else {}


def raw(demo, data, seconds=5):
	"""What comes back for these bytes, to the end of the connection."""
	where, said = urlsplit(demo.base_url), b""
	with socket.create_connection((where.hostname, where.port), seconds) as there:
		try:
			there.sendall(data)
			while piece := there.recv(65536):
				said += piece
		except OSError:
			pass
	return said


def blank(page, name):
	"""A page without what differs from one request to the next."""
	text = page.text.replace(name, "NAME").replace(page.reference or "-", "REF")
	text = re.sub(r'(name="form_key" value=")[^"]*', r"\1", text)
	return re.sub(r"\d+:\d\d[ap]m", "TIME", text)


def guess(demo, name, i):
	"""One wrong password, from a browser of its own."""
	who = browser(demo)
	page = show_password(who, SimpleNamespace(username=name, password=None), f"guess number {i}")
	who.close()
	return page


# --- A1 to A6 -----------------------------------------------------------------------------------


def acts(demo, totp):
	"""{event: (person, form that does it, fields)}: all that is missing is the last press."""
	signing, resetting, changing, enrolling, locked = (demo.person(state) for state in ("ok", "ok", "ok", "no_totp", "locked"))
	signed = browser(demo)
	signed_in(signed, changing, totp)
	enrolment = show_password(browser(demo), enrolling).follow()
	secret = re.search(r"secret=([A-Z2-7]{32})", enrolment.text).group(1)
	return {
		"signin_done": (signing, at_code(browser(demo), signing).form("code"), {"code": totp(signing.totp_secret)}),
		"password_changed": (resetting, reset_proven(browser(demo), resetting, totp).form("new-password"), {"new_password": new_password()}),
		"password_begun": (changing, signed.get("/account/password").form("password"),
			{"password": changing.password, "new_password": new_password()}),
		"totp_added": (enrolling, enrolment.form("code"), {"code": totp(secret)}),
		"unlocked": (locked, browser(demo).get("/unlock").form("code"), {"username": locked.username, "code": totp(locked.totp_secret)}),
	}


def test_a1_no_change_unlock_or_sign_in_is_acknowledged_unless_its_record_is_on_disk(one):
	prepared, full = acts(one, one.clock.totp), Path(one.audit_log).stat().st_size
	pid = one.part("latchkeyd").pid
	resource.prlimit(pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
	try:
		for event, (person, form, fields) in prepared.items():
			page = form.send(**fields)
			assert page.status == 500 and page.reference, (event, page)
			assert event == "password_begun" or not is_in(page.browser), event
			assert stored_takes(one, person)(person.password), event
	finally:
		resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
	ready_again(one)
	for event, (person, _, _) in prepared.items():
		assert event not in events(one, person)
	assert "lkTotp" not in factors_of(one, prepared["totp_added"][0])
	assert "pwdAccountLockedTime" in entry_of(one, prepared["unlocked"][0])
	one.clock.turn(2 * STEP_S)
	for event, (person, form, fields) in acts(one, one.clock.totp).items():
		assert form.send(**fields).status == 303, event
		assert event in events(one, person), "written before the answer left"


def test_a2_an_acknowledged_password_change_survives_kill_9_of_everything(one):
	person, chosen = one.person(), new_password()
	code_used = one.clock.totp(person.totp_secret)
	page = browser(one).get("/reset").form("code").send(username=person.username, code=code_used).follow()
	assert page.form("new-password").send(new_password=chosen).status == 303
	parts = [one.part(name) for name in ("latchkeyd", "redis", "slapd", "mailer")]
	for part in parts:
		part.process.kill()
	for part in parts:
		part.kill()
	for part in reversed(parts):
		part.start()
	ready_again(one, 10)
	assert stored_takes(one, person)(chosen) and not stored_takes(one, person)(person.password)
	assert "password_changed" in events(one, person)
	assert ctl(one, "audit", "verify").returncode == 0
	person.password = chosen
	assert at_code(browser(one), person).form("code").send(code=code_used).status != 303, "A3: nor does the code come back"
	one.clock.turn(2 * STEP_S + 1)


def once_recovery(demo, totp):
	person = demo.person("no_totp")
	page, _, codes = enrolled(show_password(browser(demo), person).follow(), totp)
	page.form("form_key", action="/account/recovery-codes").send()
	return [browser(demo).get("/recovery").form("recovery").fill(username=person.username, recovery=codes[0]) for _ in range(12)]


def once_code(demo, totp):
	person = demo.person()
	code = totp(person.totp_secret)
	forms = [at_code(browser(demo), person).form("code").fill(code=code) for _ in range(6)]
	return forms + [browser(demo).get("/reset").form("code").fill(username=person.username, code=code) for _ in range(6)]


@pytest.mark.parametrize("make", (once_code, once_recovery))
def test_a3_every_code_works_at_most_once_under_any_concurrency(demo, totp, make):
	pages = at_once(lambda form: form.send(), make(demo, totp), 12)
	assert [page.status for page in pages].count(303) == 1, pages


def test_a3_the_handle_of_a_proven_reset_works_at_most_once(demo, http, totp):
	person = demo.person()
	form = reset_proven(http, person, totp).form("new-password")
	at_once(lambda who: who.post(form.action, form.values | {"new-password": new_password()}, base=form.action), [http.copy() for _ in range(12)])
	assert events(demo, person).count("password_changed") == 1


@pytest.mark.parametrize("name, how", (("slapd", "STOP"), ("slapd", "KILL"), ("redis", "STOP"), ("redis", "KILL")))
def test_a4_no_backend_failure_lets_anybody_in_and_the_page_says_so_within_5_s(one, name, how):
	"""People who prove all they should; and one who does not."""
	coding, resetting, locked = one.person(), one.person(), one.person()
	code_form = at_code(browser(one), coding).form("code").fill(code=one.clock.totp(coding.totp_secret))
	forms = [code_form, browser(one).get("/signin").form("password").fill(username=coding.username, password=coding.password),
		browser(one).get("/signin").form("password").fill(username=coding.username, password="not the right one"),
		browser(one).get("/reset").form("code").fill(username=resetting.username, code=one.clock.totp(resetting.totp_secret)),
		browser(one).get("/unlock").form("code").fill(username=locked.username, code=one.clock.totp(locked.totp_secret))]
	part = one.part(name)
	part.signal(getattr(signal, f"SIG{how}"))
	try:
		began = time.monotonic()
		pages = at_once(lambda form: form.send(), forms)
		assert time.monotonic() - began < ANSWER_S
		for page in pages:
			assert page.status == 503 and page.headers["retry-after"] and page.reference, page
			assert not any("session" in cookie for cookie in page.browser.cookies)
	finally:
		if how == "KILL":
			part.kill()
			part.start()
		else:
			part.signal(signal.SIGCONT)
	ready_again(one, 10)
	one.clock.turn(2 * STEP_S + 1)
	assert "signin_done" not in events(one, coding) and "unlocked" not in events(one, locked)


WAYS = (("/signin", {"password": "not the right one"}), ("/reset", {"code": "000000"}), ("/recovery", {"recovery": "ABCD-EFGH"}),
	("/unlock", {"code": "000000"}))


@pytest.mark.parametrize("path, fields", WAYS)
def test_a5_nobody_can_learn_whether_an_account_exists(demo, path, fields):
	"""Text, status, headers, cookies and time."""
	took, seen = {}, {}
	for name in (demo.person().username, NOBODY.username) * 4:
		who = browser(demo)
		form = who.get(path).form("username", action=path).fill(username=name, **fields)
		began = time.monotonic()
		page = form.send()
		took.setdefault(name, []).append(time.monotonic() - began)
		headers = [f"{key}: {value}" for key, value in page.headers.items() if key.lower() not in ("date", "set-cookie", "content-length")]
		seen.setdefault(name, set()).add((page.status, blank(page, name), tuple(headers), tuple(sorted(who.cookies))))
		who.close()
	known, unknown = seen.values()
	assert known == unknown and len(known) == 1
	quickest = [min(times) for times in took.values()]
	assert min(quickest) >= 0.29 and abs(quickest[0] - quickest[1]) < 0.1, took


JUNK = (b"", b"\r\n" * 50, b"\0" * 300, b"GET", b"GET / HTTP/9.9\r\n\r\n", b"GET " + b"/" * 40000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
	b"\x16\x03\x01\x02\x00\x01" + b"\xff" * 200, b"POST /signin HTTP/1.1\r\nHost: HOST\r\nContent-Length: 99999999999999999999\r\n\r\n",
	b"POST /signin HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
	b"GET / HTTP/1.1\r\nHost: HOST\r\n" + b"A: b\r\n" * 3000 + b"\r\n", b"GET /%ff%00%c0%af HTTP/1.1\r\nHost: HOST\r\nCookie: lk_session=%00\r\n\r\n",
	b"GET /?" + b"a=%&" * 900 + b" HTTP/1.1\r\nHost: HOST\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\xff" * 5000)


def test_a6_no_request_of_any_form_ends_the_daemon(demo, http):
	host, rng = urlsplit(demo.base_url).netloc.encode(), random.Random(6)
	good = b"POST /signin HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nusername=".replace(b"HOST", host)
	spoilt = []
	for _ in range(150):
		data = bytearray(good)
		for _ in range(rng.randrange(1, 6)):
			data[rng.randrange(len(data))] = rng.randrange(256)
		spoilt.append(bytes(data[:rng.randrange(20, len(data))]) if rng.random() < 0.3 else bytes(data))
	at_once(lambda data: raw(demo, data, 0.5), [data.replace(b"HOST", host) for data in JUNK] + spoilt, 20)
	key = http.get("/signin").form("password").values["form_key"]
	values = ("%", "\0", b"\xed\xa0\x80", b"\xc0\xaf" * 400, "*)(uid=*", "A" * 4000)

	def junk(pair):
		path, value = pair
		sent = {"form_key": key, "username": value, "password": value, "code": value, "new-password": value, "recovery": value}
		who = http.copy()
		status = who.post(path, sent, base=path).status
		who.close()
		return status
	assert max(at_once(junk, [(path, value) for path in POSTS for value in values])) < 500
	assert http.get("/healthz").status == 200 and len(audit(demo, event="started")) == 1
	os.kill(demo.pids.latchkeyd, 0)
	assert not SANITIZER.search(demo.log("latchkeyd"))


# --- 3.1 passwords and accounts -----------------------------------------------------------------


def test_s3_1_twelve_characters_at_least_beside_a_second_factor_and_a_password_alone_opens_nothing(demo, http, choose, totp):
	assert "Password must be 12 characters or more" in choose("plover q7xz")
	person = demo.person()
	changed(http, person, "plover q7xzw", totp)
	who = http.other()
	at_code(who, person)
	assert not is_in(who) and who.get("/account").status == 303


def test_s3_1_256_characters_of_every_kind_counted_by_code_point_and_normalised_once(long_one, http, choose):
	assert show_password(http, long_one).status == 303
	assert len(long_one.password.encode()) > 256
	assert show_password(http.other(), long_one, unicodedata.normalize("NFD", long_one.password)).status == 303, "as another keyboard types it"
	assert choose("文" * 257) and "Password must be 256 characters or less" in choose("x " * 128 + "y")


@pytest.mark.parametrize("letters", (string.ascii_lowercase, string.ascii_uppercase, string.digits))
def test_s3_1_no_composition_rules(demo, http, totp, letters):
	changed(http, demo.person(), "".join(secrets.choice(letters) for _ in range(20)), totp)


def test_s3_1_no_periodic_change_no_hints_no_secret_questions(demo, http, totp):
	rules = ctl(demo, "policy", "explain", "password").stdout
	assert "min_length" in rules
	assert not re.search(r"(?m)^\S*(age|days|histor|digit|upper|lower|special|class|hint|question)\S* =", rules), rules
	form = reset_proven(http, demo.person(), totp).form("new-password")
	assert set(form.values) == {"form_key", "username", "new-password"}


@pytest.mark.parametrize("typed, told", (
	("password1234", "too easy"), ("P@ssw0rd1234", "too easy"), ("123456789012", "too easy"), ("qwertyuiop12", "too easy"),
	("aaaaaaaaaaaaaaaa", "too easy"), ("{username} heron", "your name, staff ID or department"), ("{department} 47", "your name, staff ID or department"),
))
def test_s3_1_blocklist_of_common_and_context_words_with_the_reason_told(choose, typed, told):
	typed = typed.format(**vars(choose.person))
	assert any(told in error for error in choose(typed)), (typed, choose(typed))


def test_s3_1_verified_whole_no_truncation_no_case_folding(long_one, demo):
	password = long_one.password
	for typed in (password[:-1], password[:72], password + "x", password.swapcase(), password + "\0", password[1:]):
		who = browser(demo)
		page = show_password(who, long_one, typed)
		assert page.status == (400 if "\0" in typed else 200) and page.heading != "Enter your security code", typed
		who.close()
	at_code(browser(demo), long_one)


def test_s3_1_paste_password_managers_and_show_password_allowed(demo, http, web, totp):
	now, new = http.get("/signin"), web.get("/account/password")
	code = at_code(http.other(), demo.person())
	for page, name, words in ((now, "username", "username"), (now, "password", "current-password"), (code, "code", "one-time-code"),
			(new, "password", "current-password"), (new, "new-password", "new-password")):
		field = page.tree.first("input", name=name)
		assert words in field.get("autocomplete").split(), (page, name)
		assert "onpaste" not in field.attrs and "maxlength" not in field.attrs and "readonly" not in field.attrs
	assert now.tree.all("button", **{"data-show": "password"})
	assert http.get("/.well-known/change-password").headers["location"].endswith("/account/password")


def test_s3_1_at_most_ten_failures_then_locked_and_the_directory_is_asked_no_more(demo):
	person = demo.person()
	pages = at_once(lambda i: guess(demo, person.username, i), range(30))
	assert [page.status for page in pages].count(200) <= 10, "the others are told that it is locked"
	assert show_password(browser(demo), person).follow().status == 423, "the right one does not help either"
	assert len(entry_of(demo, person, "pwdFailureTime").get("pwdFailureTime", ())) <= 10


def test_s3_1_limits_are_documented_and_cannot_be_used_to_lock_a_person_out(demo, http, totp):
	said = ctl(demo, "policy", "explain", "lockout").stdout
	assert re.search(r"(?m)^wrong_passwords = 10\b", said) and re.search(r"(?m)^lock = ", said), said
	person = demo.person()
	signed_in(http, person, totp)
	at_once(lambda i: guess(demo, person.username, i), range(14))
	assert show_password(http.other(), person).follow().status == 423
	http.get("/").form("form_key", action="/signout").send()
	signed_in(http, person, totp)


def test_s3_1_success_forgets_earlier_failures_of_the_same_device_only(demo, http, totp):
	person = demo.person()
	signed_in(http, person, totp)
	at_once(lambda i: guess(demo, person.username, i), range(9))
	http.get("/").form("form_key", action="/signout").send()
	for i in range(9):
		assert show_password(http, person, f"mistyped {i}").error == WRONG
	signed_in(http, person, totp)
	http.get("/").form("form_key", action="/signout").send()
	assert show_password(http, person, "mistyped again").error == WRONG, "one's own are forgotten"
	assert guess(demo, person.username, 9).follow().status == 423, "those of others are not"


def test_s3_1_accounts_are_not_deducible_from_a_lock(demo, http):
	names, pages = (demo.person().username, NOBODY.username), []
	for name in names:
		at_once(lambda i, name=name: guess(demo, name, i), range(9))
		page = guess(demo, name, 9).follow()
		page = page if page.status == 423 else guess(demo, name, 9).follow()
		unlock = page.go("Unlock my account now")
		wrong = unlock.form("code").send(code="000000")
		pages.append([(seen.status, blank(seen, name)) for seen in (page, unlock, wrong)])
	assert pages[0] == pages[1] and pages[0][0][0] == 423


def test_s3_1_no_default_accounts(demo):
	names = ("admin", "administrator", "root", "latchkey", "nobody", "guest", "test", "demo")
	tries = [(name, typed) for name in names for typed in (name, "password", "latchkey")]

	def sign_in(pair):
		return show_password(browser(demo), SimpleNamespace(username=pair[0], password=pair[1]))
	assert {page.error for page in at_once(sign_in, tries)} == {WRONG}
	there = ldap.initialize(demo.ldap.uri)
	for typed in ("nobody", "password"):
		with pytest.raises(ldap.INVALID_CREDENTIALS):
			there.simple_bind_s(f"cn=nobody,ou=latchkey,{demo.ldap.base_dn}", typed)


def test_s3_1_people_are_told_about_changes_of_password_and_authenticator(demo, http, totp):
	person, enrolling = demo.person(), demo.person("no_totp")
	changed(http, person, new_password(), totp)
	enrolled(show_password(http.other(), enrolling).follow(), totp)
	for who, event in ((person, "password_changed"), (enrolling, "totp_added")):
		mail, = mails(demo, to=mail_of(demo, who), count=1)
		assert audit(demo, event=event, username=who.username)[0]["ref"] in mail.get_content()


def test_s3_1_email_is_not_a_factor(demo, http):
	person = demo.person()
	form = http.get("/reset").form("code")
	assert set(form.values) <= {"form_key", "username", "code", "application"}
	assert form.send(username=mail_of(demo, person)).error, "the address alone begins nothing"
	assert not mails(demo, to=mail_of(demo, person))
	for mail in mails(demo):
		for link in re.findall(r"https?://\S+", mail.get_content()):
			assert not re.search(r"[?#]|[\w-]{22,}", urlsplit(link).path + link.partition("?")[1]), link
	for proof in ("mail", "email", "sms", "question"):
		assert proof not in ctl(demo, "policy", "explain", "reset").stdout


def test_s3_1_the_desk_never_chooses_a_password(demo):
	person = demo.person("locked")
	for words in (("reset",), ("password",), ("set-password",), ("unlock", "--password", "chosen by the desk")):
		assert ctl(demo, "user", words[0], person.username, *words[1:], "--yes").returncode == 2, words
	assert ctl(demo, "user", "unlock", person.username, "--reason", "INC1", "--yes").returncode == 0
	assert stored_takes(demo, person)(person.password)


# --- 3.2 one-time codes ---------------------------------------------------------------------------


def test_s3_2_a_code_works_once_in_any_spelling_at_any_door(demo, http, totp):
	person = demo.person()
	code = totp(person.totp_secret)
	assert at_code(http, person).form("code").send(code=f" {code[:3]} {code[3:]}").status == 303
	for typed in (code, f"{code[:3]}-{code[3:]}", f"{code}\n"):
		assert at_code(http.other(), person).form("code").send(code=typed).error == USED, typed
	for path in ("/reset", "/unlock"):
		assert http.other().get(path).form("code").send(username=person.username, code=code).error, path
	door = Door(demo, rhost="192.0.2.9")
	first = door.ask(AUTH, username=person.username, password=person.password)
	assert first["verdict"] == ASK
	assert door.ask(AUTH, username=person.username, handle=first["handle"], code=code)["verdict"] != DONE


@pytest.mark.parametrize("steps, is_taken", ((-2, False), (-1, True), (0, True), (1, True), (2, False)))
def test_s3_2_drift_of_one_step_by_the_servers_clock_only(demo, http, totp, steps, is_taken):
	person = demo.person()
	form = at_code(http, person).form("code")
	room_in_step(5)
	http.headers["Date"] = "Thu, 01 Jan 2026 00:00:00 GMT"
	assert (form.send(code=totp.off(person.totp_secret, steps)).status == 303) == is_taken


@pytest.mark.parametrize("path", ("/signin/code", "/reset"))
def test_s3_2_wrong_codes_are_limited_per_account_whatever_password_or_browser(demo, totp, path):
	person = demo.person()
	near = {totp.off(person.totp_secret, steps) for steps in range(-40, 41)}
	wrong = [code for code in map(str, range(123456, 123600)) if code not in near][:10]

	def typed(code):
		who = browser(demo)
		form = at_code(who, person).form("code") if path == "/signin/code" else who.get(path).form("code").fill(username=person.username)
		return form.send(code=code)

	at_once(typed, wrong, 5)
	page = typed(totp(person.totp_secret))
	assert page.status != 303 or page.headers["location"] == "/locked", page
	assert not {"signin_done", "reset_proven"} & set(events(demo, person))


def test_s3_2_secrets_of_160_bits_sealed_at_rest_and_never_shown_again(demo, http, totp):
	person = demo.person("no_totp")
	page, secret, _ = enrolled(show_password(http, person).follow(), totp)
	seed = base64.b32decode(secret)
	assert len(seed) * 8 == 160
	kept = factors_of(demo, person)
	whole = b" ".join(value for values in kept.values() for value in values)
	assert kept["lkTotp"] and not any(form in whole for form in (seed, secret.encode(), seed.hex().encode(), base64.b64encode(seed)))
	page.form("form_key", action="/account/recovery-codes").send()
	for path in ("/account", "/account/recovery-codes", "/account/recovery-codes.txt", "/account/authenticator/new"):
		assert secret not in http.get(path).body.decode().replace(" ", ""), path


def test_s3_2_recovery_codes_work_once_and_are_kept_as_a_salted_slow_hash(demo, http, totp):
	person = demo.person("no_totp")
	_, _, codes = enrolled(show_password(http, person).follow(), totp)
	kept = factors_of(demo, person)["lkRecoveryCode"]
	assert len(kept) == len(codes) and all(re.fullmatch(rb"1\$[\w-]{22}\$[\w-]{43}", value) for value in kept)
	assert not any(code.replace("-", "").encode() in value for code in codes for value in kept)
	sent = [browser(demo).get("/recovery").form("recovery").send(username=person.username, recovery=codes[0]) for _ in range(2)]
	assert [page.status for page in sent] == [303, 200] and sent[1].error
	assert len(factors_of(demo, person)["lkRecoveryCode"]) == len(codes) - 1


def test_s3_2_a_lost_factor_needs_the_proof_of_enrolment_and_a_fresh_sign_in(one):
	person, who = one.person(), browser(one)
	assert who.get("/account/authenticator/new").status == 303, "not for just anybody"
	at_code(who, person)
	assert who.get("/account/authenticator/new").status == 303, "nor with the password alone"
	signed_in(who, person, one.clock.totp)
	assert who.get("/account/authenticator/new").heading == "Set up your authenticator app"
	other, later = one.person(), browser(one)
	signed_in(later, other, one.clock.totp)
	one.clock.turn(16 * 60)
	page = later.get("/account/authenticator/new")
	assert page.status == 303 and page.headers["location"].startswith("/signin")


# --- 3.3 reset ------------------------------------------------------------------------------------


def test_s3_3_no_change_and_no_lock_before_proof(demo, http):
	person = demo.person()
	before = entry_of(demo, person)
	for code in ("000000", "111111", "222222"):
		http.get("/reset").form("code").send(username=person.username, code=code)
	http.post("/reset/password", {"form_key": http.get("/reset").form("code").values["form_key"], "new-password": new_password()}, base="/reset")
	assert entry_of(demo, person) == before
	at_code(http.other(), person)


def test_s3_3_a_reset_does_not_bypass_the_second_factor(demo, http, totp):
	person = demo.person()
	assert http.get("/reset").form("code").send(username=person.username).status == 200, "nothing begins without the code"
	changed(http, person, new_password(), totp)
	assert not is_in(http.other())
	who = http.other()
	at_code(who, person)
	assert not is_in(who), "the new password alone opens nothing"


def test_s3_3_handles_are_random_short_lived_and_bound_to_person_and_browser(demo, http, totp):
	mine, other = demo.person(), demo.person()
	form = reset_proven(http, mine, totp).form("new-password")
	cookies = {browser(demo).get("/reset").browser.cookies["lk_browser"] for _ in range(5)}
	assert len(cookies) == 5 and all(len(re.sub(r"^lk_\w\w_", "", cookie)) >= 43 for cookie in cookies), "256 bits"
	there = redis.Redis.from_url(demo.redis.url)
	assert 0 < max(there.ttl(key) for key in there.scan_iter("j:*")) <= 900
	http.other().post(form.action, form.values | {"new-password": new_password()}, base=form.action)
	http.post(form.action, form.values | {"new-password": "short", "username": other.username}, base=form.action)
	assert "password_changed" not in events(demo, mine) + events(demo, other)
	http.post(form.action, form.values | {"new-password": new_password(), "username": other.username}, base=form.action)
	assert "password_changed" in events(demo, mine) and "password_changed" not in events(demo, other)


def test_s3_3_links_never_come_from_the_host_of_a_request(demo, http, totp):
	said = raw(demo, b"GET /reset HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
	assert said.startswith(b"HTTP/1.1 421 ") and b"evil" not in said
	http.headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Forwarded-Proto": "gopher"}
	person = demo.person()
	page = changed(http, person, new_password(), totp)
	assert b"evil" not in page.body and "evil" not in str(page.headers)
	mail, = mails(demo, to=mail_of(demo, person), count=1)
	links = re.findall(r"\w+://[^\s<>\"]+", mail.get_content())
	assert links and all(link.startswith(demo.base_url) for link in links), links


def test_s3_3_no_page_of_a_reset_gives_a_referrer(demo, http, totp):
	pages = [http.get("/reset"), http.get("/recovery"), reset_proven(http, demo.person(), totp)]
	pages += [pages[-1].form("new-password").send(new_password="short"), http.get("/unlock"), http.get("/reset/done")]
	assert {page.headers["referrer-policy"] for page in pages} == {"no-referrer"}


def test_s3_3_tries_are_limited_per_source(one):
	"""Per account: test_s3_2_wrong_codes_are_limited_per_account_whatever_password_or_browser."""
	policy = Path(one.policies_dir) / "lockout.policy"
	shipped, loads = policy.read_text(), len(audit(one, event="config_loaded"))

	def reload(text):
		nonlocal loads
		policy.write_text(text)
		one.part("latchkeyd").signal(signal.SIGHUP)
		loads += 1
		wait_until(lambda: len(audit(one, event="config_loaded")) == loads, 5, "a reload")

	reload(shipped.replace("address_wrong_per_minute = 1000", "address_wrong_per_minute = 10"))
	try:
		def wrong(i):
			return browser(one).get("/reset").form("code").send(username=f"zz9000{i}", code=f"00000{i % 10}")
		first, later = at_once(wrong, range(10)), at_once(wrong, range(10, 16))
	finally:
		reload(shipped)
		redis.Redis.from_url(one.redis.url).delete(*redis.Redis.from_url(one.redis.url).scan_iter("a:*"))
	assert 200 in {page.status for page in first} and {page.status for page in later} == {429}, (first, later)


def test_s3_3_sessions_end_and_the_person_is_told_by_mail(demo, http, totp):
	person, elsewhere = demo.person(), http.other()
	signed_in(elsewhere, person, totp)
	changed(http, person, new_password(), totp)
	assert not is_in(elsewhere)
	mail, = mails(demo, to=mail_of(demo, person), count=1)
	assert audit(demo, event="password_changed", username=person.username)[0]["ref"] in mail.get_content()


def test_s3_3_the_policy_is_that_of_a_change(demo, choose, web):
	page = web.get("/account/password")
	for typed in ("short", "password1234", "x" * 300, "aaaaaaaaaaaaaaaa", ""):
		page = page.form("password").send(password=web.person.password, new_password=typed)
		assert page.errors == choose(typed) != [], typed


@pytest.mark.parametrize("method", ("GET", "HEAD"))
def test_s3_3_get_changes_nothing(demo, http, totp, method):
	person = demo.person()
	form = reset_proven(http, person, totp).form("new-password")
	query = f"?form_key={form.values['form_key']}&new-password=velvet+otter+lantern+9&username={person.username}&code=000000"
	for path in ("/reset/password", "/reset", "/recovery", "/unlock", "/reset/done"):
		assert http.request(method, path + query).status in (200, 303)
	assert stored_takes(demo, person)(person.password) and "password_begun" not in events(demo, person)


# --- 3.4 sessions, browser, HTTP --------------------------------------------------------------------


def test_s3_4_a_new_id_at_sign_in_and_elevation_and_the_old_one_dead(demo, http, totp):
	person, before = demo.person(), http.other()
	signed_in(http, person, totp)
	before.cookies = dict(http.cookies)
	page = http.get("/signin?next=/account").form("password").send(username=person.username, password=person.password).follow()
	assert page.form("code").send(code=totp(person.totp_secret)).status == 303
	assert http.cookies["lk_session"] != before.cookies["lk_session"] and is_in(http) and not is_in(before)


def test_s3_4_ids_of_128_bits_made_by_the_server_and_never_in_an_address(demo, web, totp):
	ours = web.cookies["lk_session"]
	assert len(re.sub(r"^lk_\w\w_", "", ours)) >= 22
	stranger = web.other()
	assert stranger.get(f"/?lk_session={ours}").status == 303 and stranger.get(f"/account;lk_session={ours}").status in (303, 404)
	stranger.cookies = {"lk_session": "A" * len(ours)}
	assert stranger.get("/").status == 303
	signed_in(stranger, demo.person(), totp)
	assert stranger.cookies["lk_session"] not in ("A" * len(ours), ours)
	page = web.get("/account")
	assert ours not in page.text and not any(ours in value for value in page.headers.values())


def test_s3_4_idle_and_absolute_limits_are_documented_and_kept(demo, web):
	said = ctl(demo, "policy", "explain", "signin").stdout
	assert re.search(r"(?m)^session_idle = 1800 s", said) and re.search(r"(?m)^session_max = 43200 s", said)
	there = redis.Redis.from_url(demo.redis.url)
	assert is_in(web)
	lives = [there.ttl(key) for key in there.scan_iter("s:*")]
	assert lives and all(0 < life <= 1800 for life in lives)


def test_s3_4_signing_out_ends_the_session_on_the_server(demo, http, totp):
	page, kept = signed_in(http, demo.person(), totp), http.other()
	kept.cookies = dict(http.cookies)
	page.form("form_key", action="/signout").send()
	assert not is_in(kept)


@pytest.mark.parametrize("path", ("/account", "/account/authenticator/new", "/account/password"))
def test_s3_4_all_sessions_end_when_an_account_is_blocked(demo, http, totp, path):
	"""As soon as one of them does anything that asks the directory."""
	person, elsewhere = demo.person(), http.other()
	signed_in(elsewhere, person, totp)
	signed_in(http, person, totp)
	form = http.get("/account/password").form("password").fill(password=person.password, new_password=new_password())
	directory(demo).modify_s(dn_of(demo, person), [(ldap.MOD_REPLACE, "pwdAccountLockedTime", [b"000001010000Z"])])
	page = form.send() if path == form.action else http.get(path)
	assert page.status == 303 and page.headers["location"].endswith("/session-ended"), page
	assert not is_in(http) and not is_in(elsewhere)
	assert "sessions_ended" in events(demo, person) and stored_takes(demo, person)(person.password)


def test_s3_4_people_see_and_end_their_sessions_and_the_desk_can(demo, http, totp):
	person, elsewhere = demo.person(), http.other()
	signed_in(elsewhere, person, totp)
	signed_in(http, person, totp)
	http.get("/account").form("form_key", action="/account/sign-out-others").send()
	assert is_in(http) and not is_in(elsewhere)
	assert ctl(demo, "user", "signout", person.username, "--reason", "lost laptop", "--yes").returncode == 0
	assert not is_in(http)


def test_s3_4_cookies_are_secure_httponly_samesite_host_bound_and_small(one):
	who = browser(one)
	person = one.person()
	page = at_code(who, person).form("code").send(code=one.clock.totp(person.totp_secret))
	lines = who.get("/language/cy").headers.get_all("set-cookie") + page.headers.get_all("set-cookie") \
		+ browser(one).get("/signin").headers.get_all("set-cookie")
	assert len(lines) >= 4
	for line in lines:
		attributes = {piece.strip().split("=")[0].lower() for piece in line.split(";")[1:]}
		assert line.startswith("__Host-") and {"secure", "httponly", "samesite", "path"} <= attributes and "domain" not in attributes, line
		assert len(line) < 4096


def test_s3_4_every_answer_carries_the_headers_that_keep_browsers_safe(one):
	for path in ("/signin", "/reset", "/", "/help", "/nothing-here", "/healthz"):
		headers = browser(one).get(path).headers
		assert int(re.search(r"max-age=(\d+)", headers["strict-transport-security"]).group(1)) >= YEAR_S, path
		policy = headers["content-security-policy"]
		assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy and "object-src" not in policy, path
		assert all(f"{name} 'none'" in policy for name in ("base-uri", "frame-ancestors")) and "form-action 'self'" in policy, path
		assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer", path
		assert headers["cross-origin-opener-policy"] == "same-origin" and "no-store" in headers["cache-control"], path
		assert "charset=utf-8" in headers.get("content-type", "charset=utf-8"), path


@pytest.mark.parametrize("path", POSTS)
def test_s3_4_every_post_needs_the_form_key_and_our_origin(demo, web, path):
	key = web.get("/account/password").form("password").values["form_key"]
	for values, headers in (({}, {}), ({"form_key": "x"}, {}), ({"form_key": key}, {"Origin": "https://evil.example"}),
			({"form_key": key}, {"Sec-Fetch-Site": "cross-site"}), ({"form_key": key}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"})):
		page = web.post(path, values, base=path, **headers)
		assert page.status == 303 and page.headers["location"] in ("/start-again", "/signin"), (values, headers, page)
	assert is_in(web)


@pytest.mark.parametrize("where", ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/account@evil.example"))
def test_s3_4_redirects_lead_to_our_own_places_only(demo, http, where):
	form = http.get("/signin").form("password")
	person = demo.person()
	page = http.post("/signin", form.values | {"username": person.username, "password": person.password, "next": where, "application": where})
	assert page.status == 303 and re.match(r"/(?![/\\])", page.headers["location"]) and "evil" not in page.headers["location"]
	page = http.request("GET", "/language/en?to=" + where)
	assert page.status == 303 and re.match(r"/(?![/\\])", page.headers["location"]) and "evil" not in page.headers["location"]


def test_s3_4_forwarding_headers_are_believed_from_listed_proxies_only(demo, http):
	person = demo.person()
	http.headers = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Real-IP": "203.0.113.9"}
	show_password(http, person)
	assert [line["address"] for line in audit(demo, username=person.username)] == [HOST]


@pytest.mark.parametrize("lines", (
	("Content-Length: 4", "Transfer-Encoding: chunked"), ("Content-Length: 4", "Content-Length: 5"), ("Transfer-Encoding: chunked",) * 2,
	("Transfer-Encoding: gzip, chunked",), ("Transfer-Encoding : chunked",), ("Host: other.example",), ("Content-Length: +4",), ("X\x01: a",),
))
def test_s3_4_one_framing_for_each_message_or_400_and_close(demo, lines):
	host = urlsplit(demo.base_url).netloc
	hidden = "GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n"
	said = raw(demo, "\r\n".join(["POST /signin HTTP/1.1", "Host: " + host, *lines, "", "0\r\n\r\n" + hidden]).encode())
	assert said.startswith(b"HTTP/1.1 400 ") and b"HTTP/1.1 200" not in said and b"connection: close" in said.lower(), said


@pytest.mark.parametrize("method", ("TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "PROPFIND", "FOO"))
def test_s3_4_unused_methods_are_off_and_nothing_internal_is_shown(demo, method):
	said = raw(demo, f"{method} /signin HTTP/1.1\r\nHost: {urlsplit(demo.base_url).netloc}\r\nX-Echo: seen-once\r\nConnection: close\r\n\r\n".encode())
	assert re.match(rb"HTTP/1.1 (400|405|501) ", said), said[:100]
	assert b"seen-once" not in said and not re.search(rb"(?im)^(server|x-powered-by|via):|microhttpd|openldap|redis|\.c:\d", said)


def test_s3_4_tls_1_2_at_least(one):
	assert handshake(one) == "TLSv1.3" and handshake(one, maximum_version=ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
	with pytest.raises((ssl.SSLError, ConnectionResetError)):
		handshake(one, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)


@pytest.mark.parametrize("head, body, statuses", (
	(("Content-Length: 70000",), b"", (413,)), (("X: " + "a" * 40000,), b"", (431, 400)), (("A: b",) * 101, b"", (413, 431, 400)),
	(("Transfer-Encoding: chunked",), b"ffff\r\n" + b"a" * 65535 + b"\r\n0\r\n\r\n", (413,)),
))
def test_s3_4_limits_on_body_headers_and_their_number(demo, head, body, statuses):
	lines = ["POST /signin HTTP/1.1", f"Host: {urlsplit(demo.base_url).netloc}", "Content-Type: application/x-www-form-urlencoded", *head, "", ""]
	said = raw(demo, "\r\n".join(lines).encode() + body)
	assert int(said[9:12]) in statuses, said[:200]


def test_s3_4_a_form_with_more_parameters_than_it_has_is_refused(demo, http):
	form = http.get("/signin").form("password").fill(username="a", password="b")
	page = http.post("/signin", [*form.values.items(), *((f"p{i}", "x") for i in range(300))], base="/signin")
	assert page.status == 400, page


# --- 3.6 logging, errors ----------------------------------------------------------------------------


def test_s3_6_every_sign_in_factor_denial_unlock_and_reset_is_recorded_with_who_what_when_where_how(demo, http, totp):
	person, closed, locked = demo.person(), demo.person("closed"), demo.person("locked")
	show_password(http, person, "not the right one")
	at_code(http.other(), person).form("code").send(code=totp.wrong(person.totp_secret))
	signed_in(http, person, totp)
	changed(http.other(), person, new_password(), totp)
	show_password(http.other(), closed)
	http.other().get("/unlock").form("code").send(username=locked.username, code=totp(locked.totp_secret))
	wanted = ((person, "signin_refused"), (person, "password_shown"), (person, "code_refused"), (person, "signin_done"),
		(person, "reset_proven"), (person, "password_changed"), (closed, "signin_refused"), (locked, "unlocked"))
	for who, event in wanted:
		line = audit(demo, event=event, username=who.username)[0]
		assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["time"]) and line["address"] == HOST and line["door"] == "web", line
		assert line["person_id"] == entry_of(demo, who, "entryUUID")["entryUUID"][0].decode() and line["ref"] and line["result"], line


def test_s3_6_no_password_code_token_or_cookie_in_any_log(demo, http, totp):
	person, wrong, chosen = demo.person(), "wrong " + secrets.token_hex(8), new_password()
	code = totp(person.totp_secret)
	show_password(http, person, wrong)
	form = at_code(http, person).form("code")
	form.send(code=code)
	changed(http.other(), person, chosen, totp)
	hidden = [wrong, chosen, person.totp_secret, form.values["form_key"], *http.cookies.values()]
	files = lying_about(demo.folder, "log", "audit", "spool", "mail")
	text = "".join(content.decode(errors="replace") for content in files.values())
	assert len(files) >= 4 and person.username in text, "that is where it would stand"
	assert not [word for word in hidden if word in text]
	assert f'"{code}"' not in text


@pytest.mark.parametrize("name", ('x"}\n{"n":1,"event":"signin_done","username":"forged"}', "x\r\nlatchkeyd: forged", "\x1b[2J\x07forged", "x\u2028forged", "%n%s%x forged"))
def test_s3_6_attacker_text_cannot_make_a_line(demo, http, name):
	before = [len(Path(demo.audit_log).read_bytes().splitlines()), len(demo.log("latchkeyd").splitlines())]
	show_password(http, SimpleNamespace(username=name, password="x y z"))
	http.request("GET", "/forged", headers={"User-Agent": "forged\t" + name.encode("ascii", "ignore").decode().translate({c: None for c in range(32)})})
	lines = audit(demo)  # each is JSON
	assert len(lines) <= before[0] + 1 and not [line for line in lines if line.get("username") == "forged"]
	assert not re.search(r"(?m)^\W*(latchkeyd: )?forged", demo.log("latchkeyd"))
	assert not re.search(rb"[\x00-\x08\x0b-\x1f]", Path(demo.audit_log).read_bytes())


@pytest.mark.parametrize("how", ("change", "remove", "swap", "cut"))
def test_s3_6_the_audit_log_shows_any_tampering(demo, tmp_path, how):
	log = Path(demo.audit_log)
	copy, conf = tmp_path / "audit.log", tmp_path / "latchkey.conf"
	lines = log.read_text().splitlines(keepends=True)
	(tmp_path / "audit.log.head").write_bytes(Path(f"{log}.head").read_bytes())
	conf.write_text(Path(demo.config).read_text().replace(str(log), str(copy)))
	told = SimpleNamespace(config=conf)
	copy.write_text("".join(lines))
	assert ctl(told, "audit", "verify").returncode == 0
	middle = len(lines) // 2
	lines[middle:] = {"change": [lines[middle].replace('"result":"', '"result":"X', 1), *lines[middle + 1:]], "remove": lines[middle + 1:],
		"swap": [lines[middle + 1], lines[middle], *lines[middle + 2:]], "cut": []}[how]
	copy.write_text("".join(lines))
	assert ctl(told, "audit", "verify").returncode == 1


def test_s3_6_a_failure_outside_degrades_and_opens_nothing(one):
	signed, person, other = browser(one), one.person(), one.person()
	signed_in(signed, person, one.clock.totp)
	one.part("slapd").kill()
	try:
		assert is_in(signed) and browser(one).get("/help").status == 200 and browser(one).get("/signin").status == 200
		for page in (signed.get("/account"), show_password(browser(one), other)):
			assert page.status == 503 and page.reference and not re.search(r"(?i)ldap|errno|\.c:", page.main), page
	finally:
		one.part("slapd").start()
	ready_again(one, 10)
	at_code(browser(one), other)
