# SPDX-License-Identifier: MIT
"""Once signed in: where, with what, and a new password by oneself."""
from steps import at_code, enrolled, new_password, show_password, signed_in
from story import audit


def test_the_account_shows_where_one_is_signed_in_and_ends_the_others(demo, http, totp):
	person, elsewhere = demo.person(), http.other()
	signed_in(elsewhere, person, totp)
	signed_in(http, person, totp)
	page = http.get("/account")
	assert page.heading == "Your account"
	page = page.form("form_key", action="/account/sign-out-others").send().follow()
	assert page.status == 200
	assert http.get("/").status == 200 and elsewhere.get("/").status == 303
	assert audit(demo, event="sessions_ended", username=person.username)


def test_a_new_password_with_the_old_one(demo, http, totp):
	person, elsewhere = demo.person(), http.other()
	signed_in(elsewhere, person, totp)
	signed_in(http, person, totp)
	chosen = new_password()
	page = http.get("/account/password")
	page = page.form("new-password").send(password="not the right one", new_password=chosen)
	assert page.status == 200 and page.errors
	page = page.form("new-password").send(password=person.password, new_password=chosen)
	assert page.status == 303, page.errors
	assert page.follow().status == 200
	assert http.get("/").status == 200 and elsewhere.get("/").status == 303
	assert show_password(http.other(), person).error
	person.password = chosen
	at_code(http.other(), person)


def test_an_authenticator_is_replaced_and_the_old_one_is_dead(demo, http, totp):
	person = demo.person()
	signed_in(http, person, totp)
	page, secret, _ = enrolled(http.get("/account/authenticator/new"), totp)
	page = page.form("form_key", action="/account/recovery-codes").send().follow()
	assert page.status == 200
	old, person.totp_secret = person.totp_secret, secret
	page = at_code(http.other(), person)
	assert page.form("code").send(code=totp(old)).error
	assert page.form("code").send(code=totp(secret)).status == 303
	assert audit(demo, event="totp_added", username=person.username)


def test_the_key_is_never_shown_again(demo, http, totp):
	person = demo.person("no_totp")
	page, secret, _ = enrolled(show_password(http, person).follow(), totp)
	for path in ("/account/authenticator/new", "/account/recovery-codes"):
		assert secret[:8] not in http.get(path).body.decode().replace(" ", "")


def test_password_managers_find_the_way(demo, http):
	page = http.get("/.well-known/change-password")
	assert page.status == 302 and page.headers["location"].endswith("/account/password")
	assert http.get("/.well-known/anything-else").status == 404
