# SPDX-License-Identifier: MIT
"""Attacks on applications and their tokens, each by its name (SECURITY 2 and 3.5; RFC 9700)."""
import json
import urllib.request

import pytest
import redis

from oauth import Application, part_of
from parts import wait_until
from steps import signed_in


@pytest.fixture(scope="module")
def someone(demo, totp):
	from browser import Browser
	browser = Browser(demo.base_url, demo.ca_file)
	signed_in(browser, demo.person(), totp)
	yield browser
	browser.close()


REDIRECTS = (
	"http://127.0.0.1:9101/callback/", "http://127.0.0.1:9101/callback/../evil", "http://127.0.0.1:9101/Callback",
	"http://127.0.0.1:9101/callback?x=1", "http://127.0.0.1:9101/callback#x", "http://127.0.0.1:9101@evil.example/callback",
	"http://127.0.0.1:9101.evil.example/callback", "https://127.0.0.1:9101/callback", "//evil.example/callback",
	"http://127.0.0.1:9102/callback", "javascript:alert(1)", "http://127.0.0.1:9101/callback\x00", "http://127.0.0.1:9101/callback%00",
	"http://localhost:9101/callback", "http://127.0.0.1:9101/callback http://evil.example", "",
)


@pytest.mark.parametrize("address", REDIRECTS)
def test_redirect_tricks(demo, someone, address):
	page = Application(demo, "web").ask(someone.copy(), redirect_uri=address)
	assert page.status == 400 and page.headers.get("location") is None
	assert page.heading == "Payroll and Expenses is not set up correctly" and page.reference
	assert "evil" not in page.text, "the address is for the log"


PORTS = (":1", ":65535", "")
NO_PORTS = (":0", ":", ":65536", ":+80", ":080", ":99999999999999999999", ":9102@evil.example", ":80@evil.example:80", ".evil.example",
	"\\@evil.example", ":9102.evil.example", ":9102/", ":9102/..", ":9102#x", ":9102?x=1", "%2eevil.example")


def test_the_port_of_this_machine_alone_may_be_another_and_for_public_clients_alone(demo, someone):
	"""RFC 8252 s7.3. A code goes back to the very port it was given to."""
	public, web = Application(demo, "spa"), Application(demo, "web")
	for port in PORTS:
		moved = Application(demo, "spa")
		moved.redirect_uri = f"http://127.0.0.1{port}/callback"
		code = moved.code(moved.ask(someone.copy()))
		moved.redirect_uri = public.redirect_uri
		assert moved.exchange(code)[1]["error"] == "invalid_grant", port
		assert moved.exchange(code, redirect_uri=f"http://127.0.0.1{port}/callback")[0] == 200, port
		assert web.ask(someone.copy(), redirect_uri=f"http://127.0.0.1{port}/callback").status == 400, port
	for port in NO_PORTS:
		for host in ("http://127.0.0.1", "http://localhost", "http://[::1]", "https://127.0.0.1"):
			page = public.ask(someone.copy(), redirect_uri=f"{host}{port}/callback")
			assert page.status == 400 and page.headers.get("location") is None, (host, port)


def test_a_client_nobody_knows(demo, someone):
	page = Application(demo, "web").ask(someone.copy(), client_id="payrol")
	assert page.status == 400 and page.headers.get("location") is None
	assert page.heading == "We do not recognise the service that sent you here"


def test_a_parameter_sent_twice(demo, someone):
	app = Application(demo, "web")
	page = someone.copy().get(app.address() + "&redirect_uri=http://evil.example")
	assert page.status == 400 and page.headers.get("location") is None
	assert app.error(someone.copy().get(app.address() + "&scope=openid")) == "invalid_request"


def test_code_injection(demo, someone):
	"""A stolen code, handed to another application, or to the right one in another person's browser."""
	app, other = Application(demo, "web"), Application(demo, "password_only")
	code = app.code(app.ask(someone.copy()))
	assert other.exchange(code, redirect_uri=app.redirect_uri)[1]["error"] == "invalid_grant", "code of another client"
	victim = Application(demo, "web")
	assert victim.exchange(code)[1]["error"] == "invalid_grant", "its own verifier does not fit"
	assert app.exchange(code)[0] == 200, "and it is still there for whom it was given"


def test_pkce_downgrade_both_ways(demo, someone):
	app = Application(demo, "web")
	code = app.code(app.ask(someone.copy()))
	assert app.exchange(code, code_verifier=None)[1]["error"] == "invalid_grant"
	code = app.code(app.ask(someone.copy(), code_challenge=None, code_challenge_method=None))
	assert app.exchange(code)[1]["error"] == "invalid_grant"
	public = Application(demo, "spa")
	assert public.error(public.ask(someone.copy(), code_challenge=None, code_challenge_method=None)) == "invalid_request"


def test_mix_up(demo, someone):
	"""RFC 9207: every answer says whose it is, errors too (Application.answer checks it)."""
	app = Application(demo, "web")
	assert app.code(app.ask(someone.copy()))
	assert app.error(app.ask(someone.copy(), response_type="id_token")) == "unsupported_response_type"


def test_refresh_token_of_another_client(demo, someone):
	app, other = Application(demo, "web"), Application(demo, "spa")
	token = app.tokens(app.ask(someone.copy()))["refresh_token"]
	assert other.refresh(token)[1]["error"] == "invalid_grant"
	assert app.refresh(token)[0] == 200, "and the family lives"


def test_scope_widening_on_refresh(demo, someone):
	app = Application(demo, "web")
	token = app.tokens(app.ask(someone.copy()))["refresh_token"]
	assert app.refresh(token, scope="openid email")[1]["error"] == "invalid_scope"
	assert app.refresh(token, scope="openid")[0] == 200


def test_refresh_replay(demo, someone):
	app = Application(demo, "spa")
	first = app.tokens(app.ask(someone.copy()))["refresh_token"]
	status, second = app.refresh(first)
	assert status == 200
	assert app.refresh(first)[1]["error"] == "invalid_grant"
	assert app.refresh(second["refresh_token"])[1]["error"] == "invalid_grant"


@pytest.mark.parametrize("secret", ("", " ", "wrong", "x" * 200))
def test_empty_and_wrong_secrets(demo, secret):
	robot, nobody = Application(demo, "robot"), Application(demo, "robot")
	robot.secret, nobody.secret, nobody.client_id = secret or " ", secret or " ", "no-such-client"
	known, unknown = (one.post("/token", {"grant_type": "client_credentials"}) for one in (robot, nobody))
	assert known[0] == 401 and known[1]["error"] == "invalid_client" and known[:2] == unknown[:2]


DOORS = ("/introspect", "/revoke", "/token", "/device_authorization")


def shown(app, secret, door="/introspect"):
	app.secret = secret
	return app.post(door, {"token": "x", "grant_type": "client_credentials"})


def counted(demo, result):
	"""Applications refused for this."""
	with urllib.request.urlopen(demo.metrics_url) as answer:
		lines = answer.read().decode().splitlines()
	return sum(int(line.split()[-1]) for line in lines if line.startswith(f'latchkey_client_refusals_total{{result="{result}"'))


def test_guessing_a_secret_comes_to_an_end_at_all_doors_and_stops_nobody_else(demo):
	"""RFC 6749 s2.3.1. 30 in lockout.policy; a slow machine forgets one each ten seconds."""
	guesser, neighbour, owner = Application(demo, "robot"), Application(demo, "resource_server"), Application(demo, "robot")
	right, guesser.host, neighbour.host, before = guesser.secret, "127.0.0.5", "127.0.0.5", counted(demo, "oauth_guessed")
	answers = [shown(guesser, "first", DOORS[0])]
	while answers[-1][0] == 401 and len(answers) < 100:
		answers.append(shown(guesser, f"guess {len(answers)}", DOORS[len(answers) % len(DOORS)]))
	assert 31 <= len(answers) < 100
	status, said, headers = answers[-1]
	assert status == 429 and said["error"] == "temporarily_unavailable" and int(headers["retry-after"]) > 0
	assert {shown(guesser, right, door)[0] for door in DOORS} == {429}, "or it could be found"
	assert owner.post("/token", {"grant_type": "client_credentials"})[0] == 200, "where it really is"
	assert neighbour.post("/introspect", {"token": "x"})[0] == 200, "and others where the guesser is"
	assert counted(demo, "oauth_guessed") >= before + 5 and counted(demo, "oauth_client") >= 30
	lines = [line for line in demo.log("latchkeyd").splitlines() if '"event":"application"' in line and "127.0.0.5" in line]
	assert lines and guesser.client_id in lines[0] and right not in "".join(lines) and "guess " not in "".join(lines)
	wait_until(lambda: shown(guesser, right)[0] == 200, 15, "one is forgotten")


def test_who_guesses_is_not_answered_from_what_was_right_a_moment_ago(demo, someone):
	app, server, guesser = Application(demo, "web"), Application(demo, "resource_server"), Application(demo, "resource_server")
	token, server.host, guesser.host = app.tokens(app.ask(someone.copy()))["access_token"], "127.0.0.44", "127.0.0.44"
	guesses = 0
	while (seen := {server.post("/introspect", {"token": token})[0] for _ in range(6)}) == {200} and guesses < 100:
		guesses += 1
		guesser.secret = f"guess {guesses}"
		answers = [guesser.post("/introspect", {"token": token})[0] for _ in range(2)]
		assert answers in ([401, 401], [401, 429]), "nothing wrong is answered better the second time"
	assert seen == {429} and guesses >= 30, "as lockout.policy is shipped"
	assert {server.post("/introspect", {"token": token})[0] for _ in range(20)} == {429}


def test_an_old_secret_again_and_again_leaves_the_new_one_alone(demo):
	left_behind, renewed = Application(demo, "resource_server"), Application(demo, "resource_server")
	left_behind.host = renewed.host = "127.0.0.6"
	for _ in range(50):
		assert shown(left_behind, "of last year")[0] in (401, 429)
	assert renewed.post("/introspect", {"token": "x"})[0] == 200


def test_a_secret_in_the_address_or_two_ways_at_once(demo):
	robot = Application(demo, "robot")
	fields = {"grant_type": "client_credentials", "client_id": robot.client_id}
	assert robot.post(f"/token?client_secret={robot.secret}", fields, basic=False)[0] == 401
	assert robot.post("/token", fields | {"client_secret": robot.secret}, basic=False)[0] == 401, "right, but not its way"
	assert robot.post("/token", fields | {"client_secret": robot.secret})[1]["error"] == "invalid_request"


def test_the_password_grant_and_a_person_s_robot(demo, someone):
	app, robot = Application(demo, "web"), Application(demo, "robot")
	assert app.post("/token", {"grant_type": "password", "username": "a", "password": "b"})[1]["error"] == "unsupported_grant_type"
	assert app.post("/token", {"grant_type": "client_credentials"})[1]["error"] == "unauthorized_client"
	robot.redirect_uri = app.redirect_uri
	assert robot.ask(someone.copy()).status == 400, "a robot has nowhere to send anybody"


def test_a_password_alone_lifts_nothing(demo, http, totp):
	"""In by the application that asks for least; on to one that asks for more, and to our own pages."""
	person, least, more = demo.person(), Application(demo, "password_only"), Application(demo, "web")
	page = least.ask(http).follow()
	page = page.form("password").send(username=person.username, password=person.password).follow()
	claims = part_of(least.tokens(page)["id_token"], 1)
	assert claims["acr"] == "password" and claims["amr"] == ["pwd"]
	assert more.error(more.ask(http, prompt="none")) == "interaction_required"
	for path in ("/", "/account", "/account/password", "/account/authenticator/new"):
		page = http.get(path)
		assert page.status == 303 and page.headers["location"].startswith("/signin"), path
	page = more.ask(http).follow()
	assert page.heading == "Enter your security code", "step-up asks for what is missing, and no more"
	claims = part_of(more.tokens(page.form("code").send(code=totp(person.totp_secret)).follow())["id_token"], 1)
	assert claims["acr"] == "two_step"


def test_a_second_request_swaps_nothing(demo, http, totp):
	"""While somebody types their password for one application, another page sends them to a second one."""
	person, one, two = demo.person(), Application(demo, "web"), Application(demo, "spa")
	page = one.ask(http).follow()
	two.ask(http)
	page = page.form("password").send(username=person.username, password=person.password).follow()
	page = page.form("code").send(code=totp(person.totp_secret)).follow()
	assert one.tokens(page)["id_token"]


def test_what_waits_is_one_browsers(demo, http, someone):
	page = Application(demo, "web").ask(http)
	address = page.headers["location"].partition("next=")[2]
	assert someone.copy().get(address).headers["location"] == "/start-again"


def test_28_what_applications_and_addresses_hold_is_no_cookie(demo, someone, http):
	"""LemonLDAP CVE-2026-19349: a state, played back as a cookie, was a session."""
	app = Application(demo, "web")
	waits = app.ask(http).headers["location"].rpartition("/")[2]
	code = app.code(app.ask(someone.copy()))
	tokens = app.tokens(app.ask(someone.copy()))
	sid = part_of(tokens["id_token"], 1)["sid"]
	kind = someone.cookies["lk_session"][:6]
	for text in (waits, code, sid, app.state, tokens["access_token"], tokens["refresh_token"]):
		for value in (text, kind + text[-43:]):
			stranger = http.other()
			stranger.cookies = {"lk_session": value}
			where = stranger.get("/").headers["location"]
			assert where.startswith(("/signin", "/session-ended")), (value, where)
			assert app.error(app.ask(stranger, prompt="none")) == "login_required", value
			stranger.close()


def test_nobody_frames_or_reads_the_authorization_endpoint(demo, someone):
	page = Application(demo, "web").ask(someone.copy(), prompt="consent").follow()
	assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
	assert page.headers["referrer-policy"] == "no-referrer" and page.headers["cache-control"] == "no-store"
	assert page.headers.get("access-control-allow-origin") is None
	assert json.dumps(str(page.headers)).count("Set-Cookie") <= 2


def test_a_stranger_has_us_keep_only_so_much(own_demo):
	"""One request after another for which nobody signs in, as long as they may be: the limits that are shipped."""
	from browser import Browser
	one = own_demo()
	store = redis.Redis.from_url(one.redis.url)
	app, pages, long = Application(one, "web"), [], {"state": "s" * 2048, "nonce": "n" * 512, "id_token_hint": "h" * 4096}
	while not pages or pages[-1].status == 303:
		stranger = Browser(one.base_url, one.ca_file)
		pages.append(app.ask(stranger, **long))
		stranger.close()
	assert pages[-1].status == 429 and pages[-1].headers.get("location") is None and pages[-1].headers["retry-after"] == "60"
	assert pages[-1].heading == "Too many tries" and "Wait 1 minute" in pages[-1].main
	kept = [key for key in store.scan_iter("j:*")]
	assert len(kept) == len(pages) - 1 == 1000 // 7, "each counts for what it takes"
	assert all(0 < store.ttl(key) <= 900 for key in kept) and 0 < store.ttl(next(store.scan_iter("w:*"))) <= 60
	assert sum(store.memory_usage(key) for key in kept) < 1.6 * 2**20
	stranger = Browser(one.base_url, one.ca_file)
	assert app.error(app.ask(stranger, prompt="none")) == "login_required", "of which nothing is kept"
	page = stranger.request("POST", "/authorize", app.address(**long).partition("?")[2].encode(),
		{"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://payroll.example", "Sec-Fetch-Site": "cross-site"})
	assert page.status == 429 and page.headers.get("location") is None
	store.delete(*store.scan_iter("w:*"))
	assert app.ask(stranger).status == 303
	stranger.close()
