# SPDX-License-Identifier: MIT
"""Signing in on a screen without a browser: the screen asks, its person says yes or no, and only then is it given anything."""
import concurrent.futures
import http.client as http_client
import json
from urllib.parse import urlencode, urlsplit

import ldap
import pytest

from screens import Screen
from steps import signed_in
from story import audit

PROFILE = ("name given_name family_name middle_name nickname preferred_username profile picture website gender birthdate zoneinfo "
	"locale updated_at").split()


@pytest.fixture
def screen(demo, http):
	def make(kind="web"):
		return Screen(http, next(one for one in demo.applications if one.kind == kind))
	return make


def answer(page, word):
	form = page.form("user_code")
	form.values["answer"] = word
	return form.send()


def allow(http, screen):
	page = answer(http.get(screen.link), "allow").follow()
	assert page.heading == "You approved the sign-in" and page.reference, page.main


@pytest.fixture
def admin(demo):
	there = ldap.initialize(demo.ldap.uri)
	there.simple_bind_s(demo.ldap.admin_dn, demo.ldap.admin_password)
	return there


def dn_of(demo, person):
	return f"uid={person.username},ou=people,{demo.ldap.base_dn}"


def test_a_screen_is_signed_in_by_the_link_on_the_phone(demo, http, totp, screen):
	person, terminal = demo.person(), screen().ask(scope="openid profile", device_name="build-04")
	assert terminal.poll() == "authorization_pending"
	page = http.get(terminal.link).follow()
	assert page.heading == "Sign in"
	page = page.form("password").send(username=person.username, password=person.password).follow()
	page = page.form("code").send(code=totp(person.totp_secret)).follow()
	assert page.heading == "Are you signing in on build-04?", page.main
	for words in (terminal.user_code, person.username, "127.0.0.1", "Only approve this if you started it."):
		assert words in page.main
	buttons = {button.get("id"): button for button in page.tree.first("main").all("button")}
	assert set(buttons) == {"allow", "deny"} and not any("autofocus" in button.attrs for button in buttons.values())
	page = answer(page, "allow").follow()
	assert page.heading == "You approved the sign-in"
	tokens = terminal.poll()
	assert tokens["token_type"] == "Bearer" and tokens["scope"] == "openid profile" and tokens["refresh_token"]
	allowed = audit(demo, event="device_allowed", username=person.username)
	assert len(allowed) == 1 and "build-04" in json.dumps(allowed[0]) and allowed[0]["actor"] == "payroll"
	assert terminal.user_code not in json.dumps(allowed[0])


def test_a_typed_code_needs_neither_dash_nor_capitals(demo, http, totp, screen):
	terminal = screen("spa").ask()
	signed_in(http, demo.person(), totp)
	page = http.get("/device").form("user_code").send(user_code=" " + terminal.user_code.lower().replace("-", " ")).follow()
	assert page.heading == "Are you signing in to Room booking on another screen?"
	page = http.get(page.link("Cymraeg")).follow()
	assert page.language == "cy" and terminal.user_code in page.main, "the other language shows the same"
	page = answer(page, "deny").follow()
	assert page.reference and terminal.poll() == "access_denied"
	assert http.get("/device").form("user_code").send(user_code="WDJB-MJHT").errors
	assert http.get("/device").form("user_code").send().errors


def test_links_that_guess_count_for_nothing_and_tell_nothing(demo, http, totp, screen):
	terminal, person = screen().ask(), demo.person()
	signed_in(http, person, totp)
	for last in "BCDFGHJKLMNPQRSTVWXZ":
		for guess in (f"BBBB-BBB{last}", f"BBBB-BBB{last}.{terminal.link.partition('.')[2]}"):
			page = http.get(f"/device?user_code={guess}")
			assert page.heading == "Enter the code on your other screen" and not page.errors
			assert page.form("user_code").values["user_code"] == guess[:9]
	page = http.get(f"/device?user_code={terminal.user_code}")
	assert page.heading == "Enter the code on your other screen", "not even that there is one"
	page = page.form("user_code").send().follow()
	assert page.heading.startswith("Are you signing in")
	allow(http, terminal)
	assert "access_token" in terminal.poll()


def test_of_fifty_questions_at_once_one_is_answered(demo, http, totp, screen):
	terminal = screen().ask(scope="openid")
	signed_in(http, demo.person(), totp)
	allow(http, terminal)
	browsers = [http.other() for _ in range(10)]
	with concurrent.futures.ThreadPoolExecutor(len(browsers)) as pool:
		answers = [told for told in pool.map(lambda browser: [terminal.poll(browser) for _ in range(5)], browsers)]
	for browser in browsers:
		browser.close()
	flat = [one for told in answers for one in told]
	winners = [one for one in flat if isinstance(one, dict)]
	assert len(winners) == 1 and {one for one in flat if isinstance(one, str)} <= {"invalid_grant", "slow_down"}, flat
	assert len(audit(demo, event="token_issued")) >= 1


def test_nothing_is_given_to_whoever_was_closed_since(demo, http, totp, screen, admin):
	person, terminal = demo.person(), screen().ask()
	signed_in(http, person, totp)
	allow(http, terminal)
	admin.modify_s(dn_of(demo, person), [(ldap.MOD_REPLACE, "pwdAccountLockedTime", [b"000001010000Z"])])
	assert terminal.poll() == "access_denied"
	admin.modify_s(dn_of(demo, person), [(ldap.MOD_DELETE, "pwdAccountLockedTime", None)])
	assert terminal.poll() == "access_denied", "a no is a no"
	refused = audit(demo, event="device_refused", username=person.username)
	assert len(refused) == 1


def test_signing_out_takes_a_yes_back(demo, http, totp, screen):
	terminal = screen().ask()
	page = signed_in(http, demo.person(), totp)
	allow(http, terminal)
	page.form(action="/signout").send()
	assert terminal.poll() == "access_denied"


def test_one_applications_code_is_nothing_to_another(demo, http, totp, screen):
	terminal, other = screen().ask(), screen("spa")
	signed_in(http, demo.person(), totp)
	allow(http, terminal)
	other.device_code = terminal.device_code
	assert other.poll() == "invalid_grant"
	assert "access_token" in terminal.poll()


def ask_from(demo, address):
	"""As somebody at another address; gives status, error and when to ask again."""
	application = next(one for one in demo.applications if one.kind == "spa")
	parts = urlsplit(demo.base_url)
	connection = http_client.HTTPConnection(parts.hostname, parts.port, timeout=20, source_address=(address, 0))
	connection.request("POST", "/device_authorization", urlencode({"client_id": application.client_id}),
		{"Content-Type": "application/x-www-form-urlencoded"})
	page = connection.getresponse()
	told = page.status, json.loads(page.read()).get("error"), page.headers["retry-after"]
	connection.close()
	return told


def test_a_stranger_uses_up_the_codes_of_their_own_address_alone(demo):
	"""60 may wait for each address, of applications that prove nothing."""
	assert [ask_from(demo, "127.0.0.9") for _ in range(60)] == [(200, None, None)] * 60
	assert ask_from(demo, "127.0.0.9") == (429, "temporarily_unavailable", "60")
	assert ask_from(demo, "127.0.0.8") == (200, None, None)


def test_nothing_is_decided_by_a_link_or_from_elsewhere(demo, http, totp, screen):
	terminal = screen().ask()
	signed_in(http, demo.person(), totp)
	page = http.get(terminal.link)
	for query in ("&answer=allow", "&form_key=x&answer=allow"):
		assert http.get(terminal.link + query).status == 200
	values = page.form("user_code").values | {"answer": "allow"}
	for fields, headers in ((values | {"form_key": "x"}, {}), (values, {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})):
		assert http.post("/device/answer", fields, **headers).headers["location"] == "/start-again"
	assert http.get("/device/answer").status in (404, 405)
	assert terminal.poll() == "authorization_pending"


def test_the_first_person_has_every_claim(demo, http, totp, screen):
	person, terminal = demo.staff[0], screen().ask(scope="openid profile email phone address groups")
	signed_in(http, person, totp)
	allow(http, terminal)
	page = http.other().get("/userinfo", Authorization=f"Bearer {terminal.poll()['access_token']}")
	told = json.loads(page.body)
	assert page.status == 200 and not [name for name in PROFILE if not told.get(name)], told
	assert isinstance(told["updated_at"], int) and told["email_verified"] is True and told["phone_number_verified"] is True
	assert "@" in told["email"] and told["phone_number"].startswith("+44")
	assert set(told["address"]) == {"formatted", "street_address", "locality", "region", "postal_code", "country"}
	assert told["address"]["formatted"].count("\n") == 3 and isinstance(told["groups"], list) and told["department"]
	assert told["preferred_username"] == person.username and None not in told.values()
