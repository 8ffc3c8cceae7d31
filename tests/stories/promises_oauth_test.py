# SPDX-License-Identifier: MIT
"""
SECURITY 3.5 line by line, shortly: each test is named after its line. And what counts once with two daemons (F32) and across the loss
of the store's first server (F6).
"""
import base64
import concurrent.futures
import json
import signal
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import redis

from browser import Browser
from codes import STEP_S
from faults import Clock, epochs, ready_again
from keys_test import Node, get
from oauth import Application, part_of
from parts import HOST, Redis, wait_until
from screens import Screen
from steps import signed_in
from story import Private, port_block

DAY_S = 86400
DEAD = {"active": False}
GRANT = "authorization_code"


def known(demo, kind):
	return next(one for one in demo.applications if one.kind == kind)


def in_as_somebody(demo, totp):
	browser = Browser(demo.base_url, demo.ca_file)
	signed_in(browser, demo.person(), totp)
	return browser


@pytest.fixture(scope="module")
def someone(demo, totp):
	yield in_as_somebody(demo, totp)


@pytest.fixture
def web(demo):
	return Application(demo, "web")


@pytest.fixture
def given(web, someone):
	return web.tokens(web.ask(someone.copy(), max_age="10000"))


def worth(demo, token, kind="resource_server"):
	status, answer, _ = Application(demo, kind).post("/introspect", {"token": token})
	assert status == 200, answer
	return answer


# --- 3.5 line by line -------------------------------------------------------------------------------


def test_s3_5_redirect_addresses_match_exactly_at_both_ends(web, someone):
	for wrong in (web.redirect_uri + "/", web.redirect_uri.upper(), web.redirect_uri + "?", "http://127.0.0.1:9109/callback"):
		assert web.ask(someone.copy(), redirect_uri=wrong).headers.get("location") is None, wrong
	code = web.code(web.ask(someone.copy()))
	assert web.exchange(code, redirect_uri=web.redirect_uri + "/")[0] == 400
	assert web.exchange(code)[0] == 200


def test_s3_5_nobody_is_sent_on_to_strangers_and_no_password_is_sent_again(demo, web, someone, http):
	for path in ("/authorize?" + urlencode({"client_id": "nobody", "redirect_uri": "https://evil.example/", "response_type": "code"}),
			web.address(redirect_uri="https://evil.example/", prompt="none"), "/logout?post_logout_redirect_uri=https://evil.example/"):
		page = someone.copy().get(path)
		assert "evil" not in page.headers.get("location", "") + page.text, path
	person, page = demo.person(), web.ask(http).follow()
	assert page.form("password").send(username=person.username, password=person.password).status == 303, "the next request is a GET"


def test_s3_5_proof_keys_are_announced_and_asked_of_everybody_public(demo, web, someone):
	assert json.loads(someone.other().get("/.well-known/openid-configuration").body)["code_challenge_methods_supported"] == ["S256"]
	public, none = Application(demo, "spa"), {"code_challenge": None, "code_challenge_method": None}
	assert public.error(public.ask(someone.copy(), **none)) == "invalid_request"
	assert web.error(web.ask(someone.copy(), code_challenge_method="plain")) == "invalid_request"
	assert web.exchange(web.code(web.ask(someone.copy(), **none)))[0] == 400, "a verifier nobody announced"


def test_s3_5_a_code_is_bound_and_works_once_and_its_reuse_revokes(demo, web, someone):
	code, other = web.code(web.ask(someone.copy())), Application(demo, "password_only")
	assert other.exchange(code, redirect_uri=web.redirect_uri, code_verifier=web.verifier)[0] == 400
	assert web.exchange(code, code_verifier="A" * 43)[0] == 400
	status, tokens = web.exchange(code)
	assert status == 200 and worth(demo, tokens["access_token"])["active"]
	assert web.exchange(code)[1]["error"] == "invalid_grant"
	assert web.refresh(tokens["refresh_token"])[0] == 400
	wait_until(lambda: worth(demo, tokens["access_token"]) == DEAD, 1, "the access token is worth nothing")


def test_s3_5_no_implicit_and_no_password_grant(web, someone):
	for kind in ("token", "id_token", "code token", "code id_token", "none"):
		assert web.error(web.ask(someone.copy(), response_type=kind)) == "unsupported_response_type", kind
	assert web.post("/token", {"grant_type": "password", "username": "a", "password": "b"})[1]["error"] == "unsupported_grant_type"
	told = json.loads(someone.other().get("/.well-known/openid-configuration").body)
	assert told["response_types_supported"] == ["code"] and not {"password", "implicit"} & set(told["grant_types_supported"])


@pytest.mark.parametrize("mode", ("query", "form_post"))
def test_s3_5_every_answer_says_whose_it_is(web, someone, mode):
	"""Application.answer checks iss."""
	assert web.code(web.ask(someone.copy(), response_mode=mode))
	assert web.error(web.ask(someone.other(), response_mode=mode, prompt="none")) == "login_required"
	assert web.error(web.ask(someone.copy(), response_mode=mode, max_age="x")) == "invalid_request"


@pytest.mark.parametrize("kind", ("spa", "web"))
def test_s3_5_a_refresh_token_used_twice_ends_its_family(demo, someone, kind):
	app = Application(demo, kind)
	first = app.tokens(app.ask(someone.copy()))
	status, second = app.refresh(first["refresh_token"])
	assert status == 200 and app.refresh(first["refresh_token"])[1]["error"] == "invalid_grant"
	assert app.refresh(second["refresh_token"])[1]["error"] == "invalid_grant"
	wait_until(lambda: worth(demo, second["access_token"]) == DEAD, 1, "the access token of the family")


def test_s3_5_a_refresh_token_is_bound_to_its_application_and_scope(demo, web, given):
	assert Application(demo, "spa").refresh(given["refresh_token"])[1]["error"] == "invalid_grant"
	assert web.refresh(given["refresh_token"], scope="openid email groups")[1]["error"] == "invalid_scope"
	assert web.refresh(given["refresh_token"])[0] == 200


def test_s3_5_tokens_are_for_one_audience_and_one_use_and_never_in_an_address(demo, web, someone, given):
	token = web.tokens(web.ask(someone.copy(), resource="https://documents.example"))["access_token"]
	aud = worth(demo, token)["aud"]
	assert aud == "https://documents.example" or aud == ["https://documents.example"]
	assert web.exchange(web.code(web.ask(someone.copy())), resource="https://nobody.example")[1]["error"] == "invalid_target"
	assert worth(demo, given["id_token"]) == DEAD and worth(demo, given["refresh_token"]) == DEAD
	for path, headers in (("/userinfo", {"Authorization": "Bearer " + given["id_token"]}),
			("/userinfo?access_token=" + given["access_token"], {})):
		assert someone.other().request("GET", path, headers=headers).status == 401, path


def test_s3_5_introspection_is_for_resource_servers_and_tells_the_others_nothing(demo, web, given):
	status, answer, _ = web.post("/introspect", {"token": given["access_token"]}, basic=False)
	assert (status, answer["error"]) == (401, "invalid_client")
	assert worth(demo, given["access_token"])["active"] is True
	robot = Application(demo, "robot").post("/token", {"grant_type": "client_credentials"})[1]["access_token"]
	assert worth(demo, robot, "web") == DEAD == worth(demo, "lk_at_" + "A" * 43), "not meant for it"


def test_s3_5_only_its_owner_revokes_and_a_refresh_token_takes_all(demo, web, given):
	assert Application(demo, "spa").post("/revoke", {"token": given["refresh_token"]})[0] in (200, 400)
	assert web.post("/revoke", {"token": given["refresh_token"]}, basic=False)[0] == 401
	assert worth(demo, given["access_token"])["active"], "neither did anything"
	assert web.post("/revoke", {"token": given["refresh_token"]})[0] == 200
	wait_until(lambda: worth(demo, given["access_token"]) == DEAD, 1, "the whole grant")
	assert web.refresh(given["refresh_token"])[0] == 400


def forged(token, demo):
	"""The same claims under heads nobody may believe."""
	(shown,) = [key for key in json.loads(get(demo.base_url, "/jwks.json")[2])["keys"] if key["alg"] == "RS256"]
	_, payload, proof = token.split(".")
	for head in ({"alg": "none"}, {"alg": "nOnE"}, {"alg": "HS256", "kid": shown["kid"]}, {"alg": "RS256", "jwk": shown},
			{"alg": "RS256", "jku": demo.base_url + "/jwks.json"}, {"alg": "RS256", "kid": "../../keys"},
			{"alg": "RS256", "kid": shown["kid"], "typ": "at+jwt"}, {"alg": "ES256", "kid": shown["kid"]}):
		text = base64.urlsafe_b64encode(json.dumps(head).encode()).decode().rstrip("=")
		yield from (f"{text}.{payload}.{proof}", f"{text}.{payload}.")


def test_s3_5_a_signed_token_is_believed_under_its_own_head_alone(demo, web, someone, given):
	hint = given["id_token"]
	assert web.code(web.ask(someone.copy(), prompt="none", id_token_hint=hint))
	asked = {"post_logout_redirect_uri": "http://127.0.0.1:9101/"}
	for wrong in forged(hint, demo):
		page = someone.copy().get("/logout?" + urlencode(asked | {"id_token_hint": wrong}))
		assert page.status in (200, 400) and page.headers.get("location") is None, wrong
		assert web.error(web.ask(someone.copy(), prompt="none", id_token_hint=wrong)) == "login_required", wrong
		proof = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion": wrong}
		assert web.post("/token", {"grant_type": GRANT, "code": "x"} | proof, basic=False)[0] in (400, 401), wrong
	assert someone.get("/account").status == 200


def test_s3_5_a_secret_is_right_and_in_its_own_place_or_it_is_none(demo, web):
	robot, fields = Application(demo, "robot"), {"grant_type": "client_credentials"}
	right = {"client_id": robot.client_id, "client_secret": robot.secret}
	assert robot.post("/token", fields | right, basic=False)[0] == 401, "one method only"
	assert f"{robot.client_id}: its secret is right, but was not sent the way" in demo.log("latchkeyd"), "whoever sets it up finds out"
	assert robot.post("/token?" + urlencode(right), fields, basic=False)[0] in (400, 401)
	assert robot.post("/token", fields | {"client_id": robot.client_id, "client_secret": ""}, basic=False)[0] == 401
	assert web.post("/token", fields | {"client_id": web.client_id}, basic=False)[0] == 401
	assert robot.post("/token", fields)[0] == 200


def test_s3_5_the_authorization_endpoint_is_read_framed_and_told_of_by_nobody(web, someone):
	asked = someone.copy().request("GET", web.address(), headers={"Origin": "http://127.0.0.1:9101"})
	shown = web.ask(someone.copy(), prompt="consent").follow()
	for page in (asked, shown, web.ask(someone.copy(), redirect_uri="https://evil.example/")):
		assert page.headers.get("access-control-allow-origin") is None and page.headers["referrer-policy"] == "no-referrer"
		assert "frame-ancestors 'none'" in page.headers["content-security-policy"] and "no-store" in page.headers["cache-control"]


def test_s3_5_of_fapi_what_is_there_is_announced_and_nothing_else(web, someone):
	told = json.loads(someone.other().get("/.well-known/oauth-authorization-server").body)
	assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]
	assert not [name for name in told if "pushed" in name or "dpop" in name or "mtls" in name or "tls_client" in name]
	assert web.error(web.ask(someone.copy(), request_uri="urn:ietf:params:oauth:request_uri:x")) == "request_uri_not_supported"
	assert web.error(web.ask(someone.copy(), request="e30.e30.")) == "request_not_supported"


def test_s3_5_signing_out_is_proven_or_asked_and_leads_to_registered_places(demo, web, totp):
	who = in_as_somebody(demo, totp)
	hint, bye = web.tokens(web.ask(who))["id_token"], "http://127.0.0.1:9101/"
	assert who.get("/logout").heading == "Do you want to sign out?"
	page = who.get("/logout?" + urlencode({"id_token_hint": hint, "post_logout_redirect_uri": bye + "else"}))
	assert not page.headers.get("location", "").startswith(bye)
	assert who.get("/account").status == 200, "nothing was signed out yet"
	page = who.get("/logout?" + urlencode({"id_token_hint": hint, "post_logout_redirect_uri": bye, "state": "s"}))
	assert page.status == 303 and page.headers["location"] == bye + "?state=s"
	assert who.get("/account").status == 303


# --- F32, F6: two daemons, and two servers of the store -----------------------------------------------


class Server(Redis):
	"""Another server of the store: a copy of the one at that port."""

	def __init__(self, folder, port, of):
		super().__init__(folder, port)
		self.of = of
		self.begin()

	def argv(self):
		return [*super().argv(), "--replicaof", HOST, str(self.of), "--repl-diskless-sync-delay", "0"]


class Pair:
	"""A demo whose security writes wait for one copy; lose() kills the first server, and the copy takes its place."""

	def __init__(self):
		self.copies = []
		self.demo = Private(change=self.change)
		self.first, self.nodes = self.demo.part("redis"), [self.demo]
		self.wait()

	def change(self, settings):
		settings.sections["store"]["wait_replicas"] = 1
		self.folder, self.port = settings.path.parent, settings.ports["redis"]
		self.copy()

	def copy(self):
		self.copies.append(Server(self.folder / f"copy-{len(self.copies)}", port_block(), self.port))

	def wait(self):
		"""Until the copy has all, and the daemon is ready."""
		there = redis.Redis(HOST, self.port)
		wait_until(lambda: there.wait(1, 100) == 1, 10, "a copy")
		ready_again(self.demo, 10)

	def epochs(self):
		return [epochs(node) for node in self.nodes]

	def lose(self):
		before = self.epochs()
		self.first.kill()
		self.copies = [copy for copy in self.copies if copy is not self.first]
		self.first = self.copies[-1]
		there = redis.Redis(HOST, self.first.port)
		there.execute_command("REPLICAOF", "NO", "ONE")
		there.config_set("port", self.port)
		self.copy()
		# Each node ends once more what it had ended: what is given before the last is done may go with that.
		wait_until(lambda: all(now > was for now, was in zip(self.epochs(), before)), 10, "a new epoch at every node")
		self.wait()

	def end(self):
		words = self.demo.end()
		for copy in self.copies:
			copy.signal(signal.SIGCONT)
			copy.kill()
		assert not words, words


@pytest.fixture(scope="module")
def pair():
	made = Pair()
	yield made
	made.end()


@pytest.fixture(scope="module")
def here(pair, totp):
	yield in_as_somebody(pair.demo, totp)


@pytest.fixture(scope="module")
def two(pair):
	"""A second daemon on the same directory and store, as applications see it."""
	node = Node(pair.demo, "two")
	node.daemon.start()
	other = SimpleNamespace(base_url=node.base_url, ca_file=None, issuer=pair.demo.issuer, applications=pair.demo.applications,
		audit_log=node.settings.sections["audit"]["file"])
	pair.nodes.append(other)
	yield other
	pair.nodes.remove(other)
	node.daemon.stop()
	assert "Sanitizer" not in node.log()


def race(*runs):
	with concurrent.futures.ThreadPoolExecutor(len(runs)) as pool:
		return [one.result()[0] for one in [pool.submit(run) for run in runs]]


def test_f32_a_code_and_a_refresh_token_shown_at_two_daemons_work_once(pair, here, two):
	app, other = Application(pair.demo, "web"), Application(two, "web")
	code = app.code(app.ask(here))
	other.verifier = app.verifier
	assert race(*(lambda who=who: who.exchange(code) for who in (app, other) * 4)).count(200) == 1
	token = app.tokens(app.ask(here))["refresh_token"]
	assert race(*(lambda who=who: who.refresh(token) for who in (app, other) * 4)).count(200) == 1


def test_f32_a_screen_that_asks_two_daemons_is_answered_once(pair, here, two):
	screen = Screen(here, known(pair.demo, "web")).ask(scope="openid")
	form = here.get(screen.link).form("user_code")
	form.values["answer"] = "allow"
	assert form.send().follow().heading == "You approved the sign-in"
	browsers = [Browser(demo.base_url) for demo in (pair.demo, two) * 3]
	with concurrent.futures.ThreadPoolExecutor(6) as pool:
		answers = list(pool.map(screen.poll, browsers))
	assert len([answer for answer in answers if isinstance(answer, dict)]) == 1, answers


def test_f32_what_is_revoked_at_one_daemon_is_dead_at_the_other(pair, here, two):
	app = Application(pair.demo, "web")
	token = app.tokens(app.ask(here))["access_token"]
	for _ in range(20):
		assert worth(two, token)["active"], "and remembered there"
	assert app.post("/revoke", {"token": token})[0] == 200
	wait_until(lambda: worth(two, token) == DEAD, 1, "the other knows it")


def test_f6_a_token_that_no_copy_knows_of_is_not_given(pair, here):
	app = Application(pair.demo, "web")
	code, other = app.code(app.ask(here)), app.tokens(app.ask(here))["refresh_token"]
	pair.copies[-1].signal(signal.SIGSTOP)
	try:
		answers = [app.exchange(code), app.refresh(other)]
	finally:
		pair.copies[-1].signal(signal.SIGCONT)
	for status, answer in answers:
		assert status == 503 and "access_token" not in answer, answer
	ready_again(pair.demo)


def test_f6_nothing_works_twice_when_a_copy_takes_the_place_of_the_first(pair, here):
	app, robot = Application(pair.demo, "web"), Application(pair.demo, "robot")
	code, revoked = app.code(app.ask(here)), robot.post("/token", {"grant_type": "client_credentials"})[1]["access_token"]
	assert app.exchange(code)[0] == 200
	old = app.tokens(app.ask(here))["refresh_token"]
	assert app.refresh(old)[0] == 200 and robot.post("/revoke", {"token": revoked})[0] == 200
	pair.lose()
	assert app.refresh(old)[1]["error"] == "invalid_grant" and app.exchange(code)[1]["error"] == "invalid_grant"
	assert worth(pair.demo, revoked) == DEAD


def test_f6_a_copy_that_hung_and_then_takes_over_lets_nothing_work_twice(pair, here):
	"""The first server dies while its copy is stopped: whoever was told no may try again, and gets something once at most."""
	app, robot = Application(pair.demo, "web"), Application(pair.demo, "robot")
	used, refused = (app.code(app.ask(here)) for _ in range(2))
	spent, kept = (app.tokens(app.ask(here))["refresh_token"] for _ in range(2))
	revoked = robot.post("/token", {"grant_type": "client_credentials"})[1]["access_token"]
	assert app.exchange(used)[0] == app.refresh(spent)[0] == robot.post("/revoke", {"token": revoked})[0] == 200
	pair.copies[-1].signal(signal.SIGSTOP)
	try:
		assert app.exchange(refused)[0] == app.refresh(kept)[0] == 503
		pair.first.kill()
	finally:
		pair.copies[-1].signal(signal.SIGCONT)
	pair.lose()
	for code in (used, refused):
		assert app.exchange(code)[1]["error"] == "invalid_grant"
	assert app.refresh(spent)[1]["error"] == "invalid_grant" and worth(pair.demo, revoked) == DEAD
	assert [app.refresh(kept)[0] for _ in range(2)].count(200) <= 1


def test_s3_5_a_code_lives_a_minute_and_a_refresh_token_to_its_end_however_used(pair):
	"""The last here: the daemon's clock stays ahead."""
	clock, app, who = Clock(pair.demo), Application(pair.demo, "web"), Browser(pair.demo.base_url)
	clock.turn(2 * STEP_S + 1)  # codes of the epoch before may have been used
	signed_in(who, pair.demo.person(), clock.totp)
	page = app.ask(who, prompt="consent", scope="openid offline_access").follow()
	values = page.form("form_key", action=page.path).values | {"answer": "allow"}
	token = app.tokens(who.post(page.path, values, base=page.path))["refresh_token"]
	code, of_session = app.code(app.ask(who)), app.tokens(app.ask(who))["refresh_token"]
	clock.turn(61)
	assert app.exchange(code)[1]["error"] == "invalid_grant"
	clock.turn(29 * DAY_S)
	assert app.refresh(of_session)[1]["error"] == "invalid_grant", "that one ends with the session"
	status, answer = app.refresh(token)
	assert status == 200, answer
	clock.turn(DAY_S)
	assert app.refresh(answer["refresh_token"])[1]["error"] == "invalid_grant"
