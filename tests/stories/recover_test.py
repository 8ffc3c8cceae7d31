# SPDX-License-Identifier: MIT
"""Back in without calling anyone: a new password, an unlock, a recovery code. And what must never come of it."""
import concurrent.futures

import pytest

from steps import at_code, enrolled, new_password, reset_proven, show_password, signed_in
from story import audit, mails

WRONG = "Check your staff ID and code, one of them is not right"


def mail_of(demo, person):
	import ldap
	directory = ldap.initialize(demo.ldap.uri)
	directory.simple_bind_s(demo.ldap.admin_dn, demo.ldap.admin_password)
	_, entry = directory.search_s(f"ou=people,{demo.ldap.base_dn}", ldap.SCOPE_SUBTREE, f"(uid={person.username})", ["mail"])[0]
	return entry["mail"][0].decode()


def lock(http, person):
	"""By ten wrong passwords; gives the page."""
	for i in range(10):
		page = show_password(http, person, f"wrong one {i}")
	return page.follow()


def test_a_forgotten_password_is_three_pages_and_ends_signed_in(demo, http, totp):
	person, elsewhere = demo.person(), http.other()
	signed_in(elsewhere, person, totp)
	chosen = new_password()
	page = reset_proven(http, person, totp)
	page = page.form("new-password").send(new_password=chosen).follow()
	assert page.heading == "Your password has been changed", page.main
	assert http.get("/").heading == "Your services", "signed in"
	assert elsewhere.get("/").status == 303, "everybody else is signed out"
	assert show_password(http.other(), person).error, "the old one is wrong now"
	person.password = chosen
	at_code(http.other(), person)
	changed = audit(demo, event="password_changed", username=person.username)
	assert len(changed) == 1 and audit(demo, event="password_begun", username=person.username)
	mail = mails(demo, to=mail_of(demo, person), count=1)[0]
	assert changed[0]["ref"] in mail.get_content(), mail.get_content()


def test_every_rule_that_says_no_is_told_at_once(demo, http, totp):
	person = demo.person()
	page = reset_proven(http, person, totp)
	for typed, told in (("", ["Enter a new password"]), ("password1234", ["This password is too easy to guess. Try three random words"]),
			("short", ["Password must be 12 characters or more"]), ("x" * 300, ["Password must be 256 characters or less"])):
		page = page.form("new-password").send(new_password=typed)
		assert set(told) <= set(page.errors), (typed, page.errors)
		assert page.form("new-password").values["new-password"] == "", "passwords are not kept"
	page = page.form("new-password").send(new_password=f"{person.username}")
	assert len(page.errors) >= 2, page.errors
	page = page.form("new-password").send(new_password=person.password)
	assert page.errors and ("already your password" in page.error or "used this password before" in page.error), page.errors
	assert not audit(demo, event="password_changed", username=person.username)


def test_nobody_wrong_code_and_no_authenticator_get_the_same_page(demo, http, totp):
	def answer(name, code):
		page = http.other().get("/reset").form("code").send(username=name, code=code)
		return page.status, page.body.decode().replace(name, "NAME").replace(page.form("code").values["form_key"], "KEY") \
			.replace(page.reference or "-", "REF")

	pages = [answer(demo.person().username, "000000"), answer("zz77777", "000000"), answer(demo.person("no_totp").username, "000000")]
	assert pages[0] == pages[1] == pages[2] and WRONG in pages[0][1]
	true = {line["result"] for line in audit(demo, event="reset_refused")}
	assert len(true) >= 2, "the audit keeps what really was"


@pytest.mark.parametrize("state, heading", (("left", "This account ended"), ("closed", "We have blocked this account")))
def test_a_closed_account_is_not_opened_by_a_reset(demo, http, totp, state, heading):
	person = demo.person(state)
	page = http.get("/reset").form("code").send(username=person.username, code=totp(person.totp_secret))
	assert page.status == 403 and page.heading.startswith(heading), page.main


def test_a_new_password_cannot_be_set_without_the_code(demo, http):
	page = http.get("/reset/password")
	assert page.status == 303 and page.headers["location"].endswith("/reset")
	form = http.get("/reset").form("code")
	page = http.post("/reset/password", {"form_key": form.values["form_key"], "new-password": new_password()}, base="/reset")
	assert page.status == 303 and "/reset/done" not in page.headers["location"]


def test_proof_of_one_person_never_resets_another(demo, http, totp):
	"""SECURITY 2, rows 23 and 25: nothing in a later request names the person."""
	mine, other = demo.person(), demo.person()
	form = reset_proven(http, mine, totp).form("new-password")
	chosen = new_password()
	http.post("/reset/password", form.values | {"new-password": chosen, "username": other.username}, base="/reset/password")
	at_code(http.other(), other)
	assert not audit(demo, event="password_changed", username=other.username)


def test_a_locked_person_unlocks_with_the_code_alone(demo, http, totp):
	person = demo.person()
	page = lock(http, person)
	assert page.status == 423
	page = page.go("Unlock my account now")
	form = page.form("code")
	assert "username" not in form.values, "who it is was said already"
	page = form.send(code=totp(person.totp_secret)).follow()
	assert page.heading == "Your account is unlocked"
	signed_in(http.other(), person, totp)
	assert audit(demo, event="unlocked", username=person.username)


def test_a_person_the_directory_locked_unlocks_too(demo, http, totp):
	person = demo.person("locked")
	page = show_password(http, person).follow()
	page = page.go("Unlock my account now").form("code").send(code=totp(person.totp_secret)).follow()
	assert page.heading == "Your account is unlocked"
	at_code(http.other(), person)


def test_unlocking_from_another_browser_asks_who_it_is(demo, http, totp):
	person = demo.person()
	lock(http.other(), person)
	page = http.get("/unlock").form("code").send(username=person.username, code=totp(person.totp_secret)).follow()
	assert page.heading == "Your account is unlocked"


def test_nobody_who_is_locked_looks_the_same_when_unlocking(demo, http):
	from types import SimpleNamespace
	page = lock(http, SimpleNamespace(username="zz66666", password="x"))
	assert page.status == 423
	page = page.go("Unlock my account now").form("code").send(code="000000")
	assert page.status == 200 and page.error


def test_a_recovery_code_works_once_wherever(demo, http, totp):
	person = demo.person("no_totp")
	page, secret, codes = enrolled(show_password(http, person).follow(), totp)
	page.form("form_key", action="/account/recovery-codes").send().follow()
	person.totp_secret = secret
	typed = codes[0].lower().replace("-", " ")
	page = http.other().get("/recovery").form("recovery").send(username=person.username, recovery=typed).follow()
	assert page.heading == "Create a new password", page.main
	page = http.other().get("/recovery").form("recovery").send(username=person.username, recovery=codes[0])
	assert page.error == "Check your staff ID and recovery code, one of them is not right or has been used"
	second = http.other()
	page = at_code(second, person)
	page = second.get("/signin/recovery").form("recovery").send(recovery=codes[0])
	assert page.error, "used stays used"
	page = page.form("recovery").send(recovery=codes[1]).follow()
	assert page.path == "/account/authenticator/new", "the phone is gone: another is set up"
	mail = mails(demo, to=mail_of(demo, person), count=2)
	assert any("recovery code" in text["Subject"].lower() for text in mail), [text["Subject"] for text in mail]


def test_a_used_code_is_used_at_every_door(demo, http, totp):
	person = demo.person()
	code = totp(person.totp_secret)
	assert http.get("/reset").form("code").send(username=person.username, code=code).status == 303
	assert http.other().get("/reset").form("code").send(username=person.username, code=code).error
	assert at_code(http.other(), person).form("code").send(code=code).error == \
		"That code has already been used. Wait for your app to show a new one"


def test_two_hundred_resets_of_one_person_at_once_end_in_one_password(demo, http, totp):
	"""F31: one proof, two hundred presses of Save, each with another password."""
	person = demo.person()
	form = reset_proven(http, person, totp).form("new-password")
	chosen = [new_password() for _ in range(200)]

	def save(i):
		browser = http.copy()
		page = browser.post(form.action, form.values | {"new-password": chosen[i]}, base="/reset/password")
		browser.close()
		return page.status

	with concurrent.futures.ThreadPoolExecutor(20) as pool:
		statuses = list(pool.map(save, range(200)))
	assert set(statuses) <= {200, 303, 409, 503}, sorted(set(statuses))
	changed = audit(demo, event="password_changed", username=person.username)
	assert len(changed) == 1, len(changed)
	takes = stored_takes(demo, person)
	assert [takes(password) for password in [person.password, *chosen]].count(True) == 1 and not takes(person.password)


def stored_takes(demo, person):
	"""Which passwords the stored one is made from; asks the directory only once, so that nothing locks."""
	import ctypes
	import ldap
	directory = ldap.initialize(demo.ldap.uri)
	directory.simple_bind_s(demo.ldap.admin_dn, demo.ldap.admin_password)
	_, entry = directory.search_s(f"uid={person.username},ou=people,{demo.ldap.base_dn}", ldap.SCOPE_BASE, attrlist=["userPassword"])[0]
	stored = entry["userPassword"][0].removeprefix(b"{ARGON2}")
	verify = ctypes.CDLL("libargon2.so.1").argon2i_verify
	return lambda password: verify(stored, password.encode(), len(password.encode())) == 0


def test_a_used_code_takes_no_lock_away(demo, http, totp):
	import time
	import ldap
	person = demo.person("locked")
	dn = f"uid={person.username},ou=people,{demo.ldap.base_dn}"
	code = totp(person.totp_secret)
	page = http.get("/unlock").form("code").send(username=person.username, code=code).follow()
	assert page.heading == "Your account is unlocked"
	directory = ldap.initialize(demo.ldap.uri)
	directory.simple_bind_s(demo.ldap.admin_dn, demo.ldap.admin_password)
	stamp = time.strftime("%Y%m%d%H%M%SZ", time.gmtime()).encode()
	directory.modify_s(dn, [(ldap.MOD_REPLACE, "pwdAccountLockedTime", [stamp])])
	page = http.other().get("/unlock").form("code").send(username=person.username, code=code)
	assert page.error == "That code has already been used. Wait for your app to show a new one", page.errors
	_, entry = directory.search_s(dn, ldap.SCOPE_BASE, attrlist=["pwdAccountLockedTime"])[0]
	assert entry.get("pwdAccountLockedTime") == [stamp]
