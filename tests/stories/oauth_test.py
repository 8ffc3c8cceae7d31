# SPDX-License-Identifier: MIT
"""Applications and people: the whole way of a code, with everything an application may ask for, and races for what counts once."""
import concurrent.futures
import time

import pytest

from oauth import Application, answer_of, part_of
from steps import signed_in
from story import audit

RACERS = 50


@pytest.fixture(scope="module")
def someone(demo, totp):
	"""Somebody signed in, for all that needs no more; copy() it."""
	from browser import Browser
	browser = Browser(demo.base_url, demo.ca_file)
	person = demo.person()
	signed_in(browser, person, totp)
	yield browser
	browser.close()


def on_the_way(page, person, totp):
	"""From where /authorize leads to the application's answer."""
	page = page.follow()
	if page.heading == "Sign in":
		page = page.form("password").send(username=person.username, password=person.password).follow()
	if page.heading == "Enter your security code":
		page = page.form("code").send(code=totp(person.totp_secret))
	return page.follow()


def test_somebody_signs_in_on_the_way_and_comes_back(demo, http, totp):
	person, app = demo.person(), Application(demo, "web")
	page = app.ask(http, nonce="n-0S6_WzA2Mj", scope="openid profile email")
	page = page.follow()
	assert "Payroll and Expenses" in page.main, "the application's name stands over the form"
	assert "http://127.0.0.1:9101" in page.headers["content-security-policy"], "or the last redirect is blocked"
	page = page.form("password").send(username=person.username, password=person.password).follow()
	assert "Payroll and Expenses" in page.main
	page = page.form("code").send(code=totp(person.totp_secret)).follow()
	tokens = app.tokens(page)
	claims = part_of(tokens["id_token"], 1)
	assert set(claims) <= {"iss", "sub", "aud", "exp", "iat", "nonce", "acr", "amr", "at_hash", "sid"}, claims
	assert claims["iss"] == demo.issuer and claims["aud"] == app.client_id and claims["nonce"] == "n-0S6_WzA2Mj"
	assert claims["acr"] == "two_step" and claims["amr"] == ["pwd", "otp", "mfa"]
	assert tokens["token_type"] == "Bearer" and tokens["expires_in"] <= 300
	assert all(audit(demo, event=event, username=person.username) for event in ("authorized", "token_issued"))


def test_the_second_application_asks_for_nothing_more(demo, someone):
	app = Application(demo, "spa")
	tokens = app.tokens(app.ask(someone.copy()))
	assert part_of(tokens["id_token"], 0)["alg"] == "ES256"


def test_a_post_from_another_site_works_like_a_get(demo, someone):
	app = Application(demo, "web")
	stranger = someone.other()
	page = stranger.request("POST", "/authorize", app.address().partition("?")[2].encode(),
		{"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://payroll.example", "Sec-Fetch-Site": "cross-site"})
	assert page.status == 303
	app.code(someone.copy().get(page.headers["location"]))


def test_a_form_that_sends_itself_brings_the_same(demo, someone):
	app = Application(demo, "web")
	page = app.ask(someone.copy(), response_mode="form_post")
	assert page.status == 200 and page.headers.get("location") is None
	assert "http://127.0.0.1:9101" in page.headers["content-security-policy"]
	assert app.tokens(page)["access_token"]
	assert app.error(app.ask(someone.other(), response_mode="form_post", prompt="none")) == "login_required"


@pytest.mark.parametrize("more", (
	{"nonce": None}, {"display": "popup"}, {"ui_locales": "se"}, {"claims_locales": "se"}, {"extra": "foobar"},
	{"login_hint": "somebody"}, {"acr_values": "1 2"}, {"max_age": "10000"}, {"scope": "openid email phone address profile groups"},
	{"claims": '{"userinfo":{"name":{"essential":true}}}'}, {"prompt": "unheard-of"}, {"scope": "phone openid"},
))
def test_what_an_application_may_ask_leads_to_a_code(demo, someone, more):
	app = Application(demo, "web")
	tokens = app.tokens(app.ask(someone.copy(), **more))
	claims = part_of(tokens["id_token"], 1)
	assert "name" not in claims and "email" not in claims, "that is told at userinfo"
	assert ("auth_time" in claims) == ("max_age" in more)


@pytest.mark.parametrize("more, error", (
	({"prompt": "none login"}, "invalid_request"), ({"response_type": "token"}, "unsupported_response_type"),
	({"response_type": None}, "invalid_request"), ({"request": "e30.e30."}, "request_not_supported"),
	({"request_uri": "https://evil.example/"}, "request_uri_not_supported"), ({"max_age": "x"}, "invalid_request"),
	({"resource": "https://nobody.example"}, "invalid_target"), ({"code_challenge_method": "plain"}, "invalid_request"),
	({"response_mode": "fragment"}, "invalid_request"), ({"claims": "{"}, "invalid_request"),
))
def test_what_nobody_may_ask_is_told_to_the_application(demo, someone, more, error):
	app = Application(demo, "web")
	assert app.error(app.ask(someone.copy(), **more)) == error


def test_signing_in_anew_is_asked_for_and_seen(demo, http, totp):
	person, app = demo.person(), Application(demo, "web")
	signed_in(http, person, totp)
	held = app.tokens(app.ask(http, max_age="10000"))
	first = part_of(held["id_token"], 1)
	page = app.ask(http, prompt="login")
	assert page.follow().heading == "Sign in"
	assert app.error(app.ask(http, prompt="none", max_age="0")) == "login_required"
	second = part_of(app.tokens(on_the_way(page, person, totp))["id_token"], 1)
	assert second["sub"] == first["sub"] and second["sid"] == first["sid"]
	assert app.refresh(held["refresh_token"])[0] == 200, "what applications hold goes on: nobody signed out"
	hint = app.tokens(app.ask(http))["id_token"]
	assert app.code(app.ask(http, prompt="none", id_token_hint=hint))
	other = http.other()
	signed_in(other, demo.person(), totp)
	assert app.error(app.ask(other, prompt="none", id_token_hint=hint)) == "login_required"


def test_people_are_asked_and_may_say_no(demo, someone):
	app, browser = Application(demo, "web"), someone.copy()
	assert app.error(app.ask(browser, prompt="none consent")) == "invalid_request"
	page = app.ask(browser, prompt="consent", scope="openid offline_access").follow()
	assert page.heading == "Let Payroll and Expenses know about you?"
	assert [node.get("id") for node in page.tree.all("button") if node.get("name") == "answer"] == ["allow", "deny"]
	form = page.form("form_key", action=page.path)
	allowed = browser.post(page.path, form.values | {"answer": "allow"}, base=page.path)
	assert app.tokens(allowed)["refresh_token"]
	page = app.ask(browser, prompt="consent").follow()
	form = page.form("form_key", action=page.path)
	assert app.error(browser.post(page.path, form.values | {"answer": "deny"}, base=page.path)) == "access_denied"


def test_a_robot_gets_a_token_and_nothing_of_anybody(demo):
	robot = Application(demo, "robot")
	status, answer, headers = robot.post("/token", {"grant_type": "client_credentials"})
	assert status == 200 and headers["cache-control"] == "no-store", answer
	assert answer["scope"] == "payslips.read payslips.send" and not {"id_token", "refresh_token"} & set(answer)


def test_refreshing_turns_everything_over(demo, someone):
	app = Application(demo, "web")
	first = app.tokens(app.ask(someone.copy(), max_age="10000"))
	status, second = app.refresh(first["refresh_token"], scope="openid")
	assert status == 200 and second["refresh_token"] != first["refresh_token"]
	before, after = part_of(first["id_token"], 1), part_of(second["id_token"], 1)
	assert all(before[name] == after[name] for name in ("iss", "sub", "aud", "auth_time", "sid")) and "azp" not in after


# --- races -----------------------------------------------------------------------------------------------------------------------

def race(run):
	"""run() so many times at once; the answers."""
	with concurrent.futures.ThreadPoolExecutor(RACERS) as pool:
		return [one.result() for one in [pool.submit(run) for _ in range(RACERS)]]


def one_winner(answers):
	won = [answer for status, answer in answers if status == 200]
	lost = [answer for status, answer in answers if status != 200]
	assert len(won) <= 1, "two got something out of what counts once"
	assert all(answer["error"] == "invalid_grant" for answer in lost), lost
	return won


def test_fifty_exchanges_of_one_code_have_one_winner_at_most(demo, someone):
	app = Application(demo, "web")
	code = app.code(app.ask(someone.copy()))
	won = one_winner(race(lambda: app.exchange(code)))
	assert len(won) == 1
	assert app.refresh(won[0]["refresh_token"])[0] == 400, "RFC 6749 s4.1.2: what came of it was ended"


def test_fifty_uses_of_one_refresh_token_end_the_family(demo, someone):
	app = Application(demo, "spa")
	first = app.tokens(app.ask(someone.copy()))
	won = one_winner(race(lambda: app.refresh(first["refresh_token"])))
	assert len(won) == 1
	assert app.refresh(won[0]["refresh_token"])[0] == 400, "RFC 9700 s4.14.2: nobody can tell who stole it"


def test_fifty_presses_of_one_button_give_one_code(demo, someone):
	app, browser = Application(demo, "web"), someone.copy()
	page = app.ask(browser, prompt="consent").follow()
	values = page.form("form_key", action=page.path).values | {"answer": "allow"}
	codes = {answer_of(answer)["code"] for answer in race(lambda: browser.copy().post(page.path, values, base=page.path))}
	assert len(codes) == 1
	assert app.exchange(codes.pop())[0] == 200


def test_a_code_lives_a_minute_at_most_and_a_name_of_it_stands_nowhere(demo, someone):
	app = Application(demo, "web")
	began = time.time()
	code = app.code(app.ask(someone.copy()))
	assert code not in demo.log("latchkeyd") and code not in open(demo.audit_log).read()
	assert app.exchange(code)[0] == 200 or time.time() - began > 60
