# SPDX-License-Identifier: MIT
"""Signing in, and everything that can stand in the way: what people are told, in the order they are told it."""
import concurrent.futures

import pytest

from steps import at_code, enrolled, new_password, show_password, signed_in
from story import audit, mails

WRONG = "Check your staff ID and password, one of them is not right"


def test_password_then_code_leads_to_the_services(demo, http, totp):
	person = demo.person()
	page = signed_in(http, person, totp)
	assert "Signed in as " in page.main
	cards = [node.text for node in page.tree.all("a") if node.has_class("card")]
	assert len(cards) >= 2, "the registered applications stand there"
	done = audit(demo, event="signin_done", username=person.username)
	assert len(done) == 1 and done[0]["door"] == "web" and done[0]["ref"] and done[0]["session"]


def test_the_work_email_is_as_good_as_the_staff_id(demo, http, totp):
	import ldap
	person = demo.person()
	directory = ldap.initialize(demo.ldap.uri)
	directory.simple_bind_s(demo.ldap.admin_dn, demo.ldap.admin_password)
	_, entry = directory.search_s(f"ou=people,{demo.ldap.base_dn}", ldap.SCOPE_SUBTREE, f"(uid={person.username})", ["mail"])[0]
	mail = entry["mail"][0].decode()
	page = http.get("/signin").form("password").send(username=f" {mail.upper()} ", password=person.password).follow()
	assert page.heading == "Enter your security code"


def test_welsh_is_one_link_away_on_the_same_page(demo, http):
	page = http.get("/signin")
	page = http.get(page.link("Cymraeg")).follow()
	assert page.path == "/signin" and page.tree.first("html").get("lang") == "cy"
	assert page.heading != "Sign in"
	page = page.form("password").send(username="nobody-here", password="not right at all")
	assert page.errors and WRONG not in page.errors


@pytest.mark.parametrize("fields, told", (
	({}, "Enter your staff ID or work email"),
	({"username": "ab10001"}, "Enter your password"),
	({"password": "x"}, "Enter your staff ID or work email"),
))
def test_what_is_missing_is_asked_for(demo, http, fields, told):
	page = http.get("/signin").form("password").send(**fields)
	assert page.status == 200 and page.error == told
	assert page.tree.first("title").text.startswith("Error: ")
	assert page.form("password").values["username"] == fields.get("username", ""), "what was typed is kept"


def test_a_wrong_password_and_a_name_nobody_has_get_the_same_page(demo, http):
	"""A5: but for what was typed and the keys of the form, byte by byte."""
	def blank(page, name):
		return page.body.decode().replace(name, "NAME").replace(page.form("password").values["form_key"], "KEY") \
			.replace(page.reference or "-", "REF")

	person = demo.person()
	known = show_password(http, person, "not the right one")
	other = http.other()
	unknown = other.get("/signin").form("password").send(username="zz99999", password="not the right one")
	assert known.error == unknown.error == WRONG and known.status == unknown.status == 200
	assert blank(known, person.username) == blank(unknown, "zz99999")
	assert {k.lower() for k in known.headers.keys()} == {k.lower() for k in unknown.headers.keys()}


@pytest.mark.parametrize("state, status, heading", (
	("left", 403, "This account ended on"),
	("closed", 403, "We have blocked this account"),
))
def test_a_state_is_told_only_to_who_knows_the_password(demo, http, state, status, heading):
	person = demo.person(state)
	assert show_password(http, person, "not the right one").error == WRONG
	page = show_password(http.other(), person)
	assert page.status == status and page.heading.startswith(heading), page.main
	assert page.reference
	assert audit(demo, event="signin_refused", username=person.username)


def test_a_lock_in_the_directory_is_told_only_to_who_knows_the_password(demo, http):
	person = demo.person("locked")
	assert show_password(http, person, "not the right one").error == WRONG
	page = show_password(http.other(), person).follow()
	assert page.status == 423 and page.heading.startswith("Your account is locked until"), page.main


def test_an_expired_password_is_replaced_on_the_way_in(demo, http, totp):
	person = demo.person("expired")
	page = at_code(http, person).form("code").send(code=totp(person.totp_secret)).follow()
	assert page.heading == "Create a new password" and "expired" in page.main
	page = page.form("new-password").send(new_password="short")
	assert "Password must be 12 characters or more" in page.errors
	page = page.form("new-password").send(new_password=new_password()).follow()
	assert page.heading == "Your services"


def test_a_password_that_must_change_is_replaced_on_the_way_in(demo, http, totp):
	person = demo.person("must_change")
	page = at_code(http, person).form("code").send(code=totp(person.totp_secret)).follow()
	assert page.heading == "Create a new password"
	chosen = new_password()
	page = page.form("new-password").send(new_password=chosen).follow()
	assert page.heading == "Your services"
	person.password = chosen
	at_code(http.other(), person)


def test_without_an_authenticator_one_is_set_up_on_the_way_in(demo, http, totp):
	person = demo.person("no_totp")
	page, secret, codes = enrolled(show_password(http, person).follow(), totp)
	again = http.get("/account/recovery-codes")
	assert codes[0] in again.main, "reload shows the same"
	plain = http.get("/account/recovery-codes.txt")
	assert codes[0] in plain.body.decode() and "attachment" in plain.headers["content-disposition"]
	page = page.form("form_key", action="/account/recovery-codes").send().follow()
	assert page.heading == "Your services"
	person.totp_secret = secret
	signed_in(http.other(), person, totp)
	mails(demo, count=1)


def test_ten_different_wrong_passwords_lock_and_the_same_one_counts_once(demo, http):
	"""And nobody of that name is treated just so."""
	person = demo.person()
	for name in (person.username, "zz88888"):
		browser = http.other()
		for _ in range(12):
			page = browser.get("/signin").form("password").send(username=name, password="an old one on a phone")
			assert page.error == WRONG
		for i in range(8):
			page = browser.get("/signin").form("password").send(username=name, password=f"wrong {i}")
			assert page.error == WRONG, (name, i)
		page = browser.get("/signin").form("password").send(username=name, password="the tenth").follow()
		assert page.status == 423 and page.heading.startswith("Your account is locked until")
		assert "entered 10 times" in page.main and page.link("Unlock my account now")


def test_a_stranger_cannot_lock_a_person_out_of_a_device_they_use(demo, http, totp):
	person = demo.person()
	signed_in(http, person, totp)
	http.get("/").form("form_key", action="/signout").send().follow()
	stranger = http.other()
	for i in range(12):
		show_password(stranger, person, f"wrong {i}")
	assert show_password(stranger, person).follow().status == 423
	signed_in(http, person, totp)


def test_a_code_is_wrong_used_or_not_a_code(demo, http, totp):
	person = demo.person()
	page = at_code(http, person)
	for typed, told in (("", "Enter the 6-digit code"), ("123", "You've not entered enough numbers, the code must be 6 numbers"),
			("12345678", "You've entered too many numbers, the code must be 6 numbers"), ("12345a", "The code must be 6 numbers"),
			(totp.wrong(person.totp_secret), "That code is not right. Wait for your app to show a new code, then enter it")):
		page = page.form("code").send(code=typed)
		assert page.error and page.error.replace("’", "'") == told, (typed, page.errors)
	code = totp(person.totp_secret)
	spaced = f" {code[:3]}-{code[3:]} "
	assert page.form("code").send(code=spaced).follow().heading == "Your services"
	again = at_code(http.other(), person).form("code").send(code=code)
	assert again.error == "That code has already been used. Wait for your app to show a new one"


def test_pressing_twice_signs_in_once(demo, http, totp):
	person = demo.person()
	form = at_code(http, person).form("code").fill(code=totp(person.totp_secret))
	browsers = [http.copy() for _ in range(4)]
	with concurrent.futures.ThreadPoolExecutor(4) as pool:
		pages = list(pool.map(lambda b: b.post(form.action, form.values, base="/signin/code"), browsers))
	assert [page.status for page in pages] == [303] * 4, [page.errors for page in pages]
	assert len({browser.cookies.get("lk_session") for browser in browsers}) == 1
	assert len(audit(demo, event="signin_done", username=person.username)) == 1


def test_one_code_from_fifty_connections_at_once_is_taken_once(demo, http, totp):
	"""F31, A3: fifty browsers, each with the right password, one code."""
	person = demo.person()
	forms = [at_code(http.other(), person).form("code") for _ in range(50)]
	code = totp(person.totp_secret)
	with concurrent.futures.ThreadPoolExecutor(50) as pool:
		pages = list(pool.map(lambda form: form.send(code=code), forms))
	assert sorted(page.status for page in pages).count(303) == 1, [page.errors for page in pages]
	assert len(audit(demo, event="signin_done", username=person.username)) == 1


def test_sign_out_ends_the_session_on_the_server(demo, http, totp):
	person = demo.person()
	page = signed_in(http, person, totp)
	kept = dict(http.cookies)
	page = page.form("form_key", action="/signout").send().follow()
	assert page.heading == "You are signed out" or "signed out" in page.heading.lower()
	http.cookies = kept
	page = http.get("/")
	assert page.status == 303 and page.headers["location"].endswith("/session-ended")


def test_a_form_of_another_browser_changes_nothing(demo, http, totp):
	person = demo.person()
	form = http.get("/signin").form("password").fill(username=person.username, password=person.password)
	page = http.other().post("/signin", form.values, base="/signin").follow()
	assert page.path == "/start-again" and not audit(demo, event="password_shown", username=person.username)


@pytest.mark.parametrize("headers", ({"Origin": "https://evil.example"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
	{"Sec-Fetch-Site": "cross-site"}, {"Origin": None, "Sec-Fetch-Site": "same-site"}))
def test_a_form_sent_from_elsewhere_changes_nothing(demo, http, headers):
	person = demo.person()
	form = http.get("/signin").form("password").fill(username=person.username, password=person.password)
	page = http.post("/signin", form.values, base="/signin", **headers)
	assert page.status == 303 and page.headers["location"].endswith("/start-again")
	assert not audit(demo, event="password_shown", username=person.username)
