# SPDX-License-Identifier: MIT
"""
What programs ask the service at every turn: what there is, what a token is worth, whose it is, and who stands before a web server.
"""
import base64
import hashlib
import json
import re
import shutil
import signal
import socket
import struct
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import ldap
import pytest
import redis

from browser import Browser
from faults import Clock
from parts import wait_until

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*"}
DEAD = b'{"active":false}'
VERIFIER = "a-verifier-that-is-long-enough-for-rfc-7636-to-like-it"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def registered(demo, client_id):
	return next(one for one in demo.applications if one.client_id == client_id)


def basic(application):
	pair = urlencode({"": application.client_id})[1:] + ":" + urlencode({"": application.client_secret})[1:]
	return "Basic " + base64.b64encode(pair.encode()).decode()


def post(http, path, values, **headers):
	return http.request("POST", path, urlencode(values).encode(), FORM | {name.replace("_", "-"): value for name, value in headers.items()})


def told(page):
	assert page.headers.get_content_type() == "application/json", page
	return json.loads(page.body)


@pytest.fixture(scope="module")
def program(demo):
	"""A program keeps no cookies."""
	browser = Browser(demo.base_url, demo.ca_file)
	yield browser
	assert not browser.cookies
	browser.close()


def introspect(demo, program, token, asker="documents", **headers):
	return post(program, "/introspect", {"token": token, "client_id": "", "client_secret": ""},
		Authorization=basic(registered(demo, asker)), **headers)


def robot_token(demo, program):
	page = post(program, "/token", {"grant_type": "client_credentials"}, Authorization=basic(registered(demo, "night-transfer")))
	assert page.status == 200, page.body
	return told(page)["access_token"]


def signed_in_at(demo, browser, person, totp, client_id="payroll", scope="openid profile email groups"):
	"""Through the pages to the code, and what the application gets for it."""
	application = registered(demo, client_id)
	callback = application.redirect_uris[0]
	page = browser.get("/authorize?" + urlencode({"response_type": "code", "client_id": client_id, "redirect_uri": callback,
		"scope": scope, "state": "s", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}))
	if not page.headers["location"].startswith(callback):
		page = page.follow().form("password").send(username=person.username, password=person.password)
		page = page.follow().form("code").send(code=totp(person.totp_secret)).follow()
	code = parse_qs(urlsplit(page.headers["location"]).query)["code"][0]
	page = post(browser.other(), "/token", {"grant_type": "authorization_code", "code": code, "redirect_uri": callback,
		"code_verifier": VERIFIER}, Authorization=basic(application))
	assert page.status == 200, page.body
	return told(page)


FOR_PROGRAMS = "/token", "/introspect", "/revoke", "/userinfo", "/device_authorization"


# --- what there is ---------------------------------------------------------------------------------


def test_what_is_named_answers(demo, program):
	page = program.get("/.well-known/openid-configuration")
	assert page.headers["access-control-allow-origin"] == "*" and "max-age" in page.headers["cache-control"]
	openid, oauth = told(page), told(program.get("/.well-known/oauth-authorization-server"))
	assert openid["issuer"] == oauth["issuer"] == demo.issuer
	assert {"openid", "profile", "email", "groups", "offline_access"} <= set(openid["scopes_supported"])
	assert openid["request_uri_parameter_supported"] is False and "none" not in openid["id_token_signing_alg_values_supported"]
	assert openid["ui_locales_supported"] == ["en-GB", "cy"] and openid["code_challenge_methods_supported"] == ["S256"]
	for name, url in openid.items():
		if name.endswith("_endpoint") or name == "jwks_uri":
			assert url.startswith(demo.issuer + "/"), name
			assert program.request("GET", url.removeprefix(demo.issuer)).status in (200, 303, 400, 401, 405), name
	assert all("kid" in key and "d" not in key for key in told(program.get("/jwks.json"))["keys"])


def test_every_route_is_described(demo, program):
	document = told(program.get("/openapi.json"))
	assert document["openapi"] == "3.1.0" and document["servers"] == [{"url": demo.base_url}]
	for path, method in (("/introspect", "post"), ("/userinfo", "get"), ("/signin", "post"), ("/token", "post")):
		assert "200" in document["paths"][path][method]["responses"]


WRONG = ("x", "\x00'\"<%\\", "lk_at_" + "A" * 43, "A" * 400)


def sent_wrong(names):
	"""Ways to ask that a reader of the document may try: with nothing, with everything, and with a thing twice."""
	yield [("unknown", "x")]
	yield [(name, "x") for name in names[:1] * 2]
	for word in WRONG:
		yield [(name, word) for name in names]


def names_of(operation):
	body = operation.get("requestBody", {}).get("content", {}).get(FORM["Content-Type"], {}).get("schema", {})
	return list(body.get("properties", {})) or [one["name"] for one in operation["parameters"] if one["in"] == "query"]


def undocumented(demo, path, method, operation):
	"""Answers of one operation that its description does not have. Each has a browser of its own: refusals leave no earlier than others."""
	browser, found = Browser(demo.base_url, demo.ca_file), []
	headers = FORM if method == "post" else {}
	if {"client": []} in operation["security"]:
		headers = headers | {"Authorization": basic(registered(demo, "documents"))}
	for values in sent_wrong(names_of(operation)):
		sent, browser.cookies = urlencode(values), {}
		url = path.replace("{rest}", "x") + (f"?{sent}" if method == "get" else "")
		page = browser.request(method.upper(), url, sent.encode() if method == "post" else None, headers)
		if str(page.status) not in operation["responses"] or page.status == 500:
			found.append((method, path, values[:2], page.status))
	browser.close()
	return found


def test_no_answer_is_undocumented_and_none_is_a_fault_of_ours(demo, program):
	paths = told(program.get("/openapi.json"))["paths"]
	with ThreadPoolExecutor(32) as pool:
		asked = [pool.submit(undocumented, demo, path, *one) for path, methods in paths.items() for one in methods.items()]
	found = [one for done in asked for one in done.result()]
	assert not found, found[:20]


def test_another_method_is_refused_as_described(demo, program):
	document = told(program.get("/openapi.json"))
	for path, methods in document["paths"].items():
		there = {"get": "GET, HEAD", "post": "POST"}
		allow = ", ".join(there[method] for method in ("get", "post") if method in methods)
		kinds = {operation["responses"]["405"]["$ref"].rpartition("/")[2] for operation in methods.values()}
		for method in {"GET", "POST", "PUT", "DELETE", "OPTIONS"} - {method.upper() for method in methods}:
			page = program.request(method, path.replace("{rest}", "x"))
			assert (page.status, page.headers["allow"]) == (405, allow), (method, path)
			is_json = page.headers.get_content_type() == "application/json"
			assert kinds == {"other_method" if is_json else "other_page"}, (method, path)
			assert is_json == (path in FOR_PROGRAMS), (method, path)
			assert not is_json or told(page) == {"error": "invalid_request",
				"error_description": "Not with this method: Allow names those there are."}, (method, path)


def test_what_is_too_long_to_read_is_refused_as_described(demo, program):
	for path, methods in told(program.get("/openapi.json"))["paths"].items():
		for method, operation in methods.items():
			url = path.replace("{rest}", "x")
			answers = (program.request(method.upper(), f"{url}?state={'a' * 20000}"),
				program.request(method.upper(), url, headers={"X-Long": "a" * 20000}))
			assert [page.status for page in answers] == [414, 431], (method, path)
			assert {str(page.status) for page in answers} <= set(operation["responses"]), (method, path)


# --- robots ----------------------------------------------------------------------------------------


def test_a_robots_token_is_told_without_a_name(demo, program):
	page = introspect(demo, program, robot_token(demo, program))
	answer = told(page)
	assert page.status == 200 and answer["active"] is True and answer["client_id"] == answer["sub"] == "night-transfer"
	assert "username" not in answer and set(answer["scope"].split()) <= {"payslips.read", "payslips.send"}
	assert answer["exp"] > answer["iat"] and page.headers["cache-control"] == "private, max-age=5"


def test_of_what_is_no_token_two_words_are_said(demo, program):
	token = robot_token(demo, program)
	for wrong in ("x", token[:-1], token + "A", token.swapcase(), "lk_at_" + "A" * 43, "a.b.c", "'\"{}", "\x00", "é" * 9, "A" * 16000):
		page = introspect(demo, program, wrong)
		assert (page.status, page.body) == (200, DEAD), (wrong, page.body)
	assert introspect(demo, program, token, asker="payroll").body == DEAD


def cost(demo, ask):
	"""How often Redis is asked about a token while this is done twenty times; what the service asks on its own is of no token."""
	store, count = redis.Redis.from_url(demo.redis.url), 0
	with store.monitor() as monitor:
		for _ in range(20):
			ask()
		store.echo("that is all")
		for said in monitor.listen():
			words = said["command"].split()
			if words[0].upper() == "ECHO":
				return count
			count += words[0].upper() == "MGET" and any(word.startswith("at:") for word in words)


def test_what_a_token_is_worth_costs_whoever_it_does_not_concern_the_same(demo, program):
	"""Alive and in memory, or dead: as many trips to Redis, so that how long it takes tells nothing either."""
	token, server = robot_token(demo, program), basic(registered(demo, "documents"))
	dead = robot_token(demo, program)
	assert post(program, "/revoke", {"token": dead}, Authorization=basic(registered(demo, "night-transfer"))).status == 200
	wait_until(lambda: cost(demo, lambda: introspect(demo, program, token)) == 0, 5, "it is not remembered")
	strangers = {
		"another application": basic(registered(demo, "payroll")),
		"a wrong secret": server[:-4] + ("AAA=" if server[-4:] != "AAA=" else "AAB="),
	}
	for name, header in strangers.items():
		of_alive, of_dead = ([post(program, "/introspect", {"token": one}, Authorization=header) for one in (token, dead)])
		assert (of_alive.status, of_alive.body) == (of_dead.status, of_dead.body), name
		costs = [cost(demo, lambda: post(program, "/introspect", {"token": one}, Authorization=header)) for one in (token, dead)]
		assert costs == [20, 20], (name, costs)
	wait_until(lambda: cost(demo, lambda: introspect(demo, program, token)) == 0, 5, "it is not remembered for whom it concerns")


def test_nobody_asks_without_proving_who_they_are(demo, program):
	token = robot_token(demo, program)
	for headers in ({}, {"Authorization": "Basic AAAA"}, {"Authorization": f"Bearer {token}"},
			{"Authorization": basic(registered(demo, "documents"))[:-4] + "AAA="}):
		page = post(program, "/introspect", {"token": token}, **headers)
		assert page.status == 401 and told(page)["error"] == "invalid_client", headers
		assert page.headers["www-authenticate"].startswith("Basic ")
	page = post(program, "/introspect", {"token": token, "client_id": "rooms"})
	assert page.status == 401
	page = post(program, f"/introspect?token={token}", {}, Authorization=basic(registered(demo, "documents")))
	assert page.status == 400 and told(page)["error"] == "invalid_request"
	page = program.request("POST", "/introspect", b"{}", {"Content-Type": "application/json",
		"Authorization": basic(registered(demo, "documents"))})
	assert page.status == 400 and told(page)["error"] == "invalid_request"


def test_the_answer_comes_signed_where_it_is_wanted_so(demo, program):
	page = introspect(demo, program, robot_token(demo, program), Accept="application/token-introspection+jwt")
	assert page.headers.get_content_type() == "application/token-introspection+jwt"
	head, payload, _ = page.text.split(".")
	head, payload = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, payload))
	assert (head["typ"], head["alg"]) == ("token-introspection+jwt", "ES256")
	assert (payload["iss"], payload["aud"]) == (demo.issuer, "documents") and payload["token_introspection"]["active"] is True
	assert "sub" not in payload and "exp" not in payload


# --- people ----------------------------------------------------------------------------------------


def test_a_persons_token_from_the_code_to_its_end(demo, program, http, totp):
	person = demo.person()
	given = signed_in_at(demo, http, person, totp)
	token = given["access_token"]
	answer = told(introspect(demo, program, token))
	assert answer["active"] is True and answer["username"] == person.username and answer["client_id"] == "payroll"
	assert answer["acr"] and "pwd" in answer["amr"] and answer["auth_time"] <= answer["iat"] and answer["department"]
	bearer = {"Authorization": f"Bearer {token}"}
	claims = told(program.request("GET", "/userinfo", headers=bearer))
	assert claims["sub"] == answer["sub"] and claims["email"] and claims["email_verified"] is True
	assert told(program.request("POST", "/userinfo", b"", bearer)) == claims
	assert told(post(program, "/userinfo", {"access_token": token})) == claims
	page = program.get(f"/userinfo?access_token={token}")
	assert page.status == 401 and "error" not in page.headers["www-authenticate"]
	page = post(program, "/revoke", {"token": token}, Authorization=basic(registered(demo, "payroll")))
	assert page.status == 200
	assert introspect(demo, program, token).body == DEAD
	page = program.request("GET", "/userinfo", headers=bearer)
	assert page.status == 401 and 'error="invalid_token"' in page.headers["www-authenticate"]


def test_who_signs_out_is_gone_within_a_second(demo, program, http, totp):
	token = signed_in_at(demo, http, demo.person(), totp)["access_token"]
	assert told(introspect(demo, program, token))["active"] is True
	http.get("/").form("form_key", action="/signout").send()
	began = time.monotonic()
	while introspect(demo, program, token).body != DEAD:
		assert time.monotonic() - began < 1


def test_pages_of_registered_applications_alone_may_read(demo, program):
	mine = "http://" + urlsplit(registered(demo, "rooms").redirect_uris[0]).netloc
	for origin, allowed in ((mine, mine), ("https://evil.example", None), ("null", None), (mine + ".evil.example", None),
			(demo.base_url, None)):
		headers = {"Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
		page = program.request("OPTIONS", "/userinfo", headers=headers)
		assert (page.status, page.headers["access-control-allow-origin"]) == (204 if allowed else 405, allowed), origin
		page = program.request("GET", "/userinfo", headers={"Origin": origin})
		assert (page.status, page.headers["access-control-allow-origin"]) == (401, allowed), origin
		assert page.headers["access-control-allow-credentials"] is None
	assert program.request("OPTIONS", "/signin", headers={"Origin": mine}).status == 405
	assert program.request("GET", "/authorize", headers={"Origin": mine}).headers["access-control-allow-origin"] is None


# --- a web server in front of an application ----------------------------------------------------------

NGINX = """
daemon off; error_log {folder}/error.log; pid {folder}/nginx.pid; worker_processes 1;
events {{ worker_connections 64; }}
http {{
	access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
	fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
	server {{
		listen 127.0.0.1:{inside};
		location / {{ return 200 "$request_uri|$http_remote_user|$http_remote_groups|$http_x_latchkey_sub"; }}
	}}
	server {{
		listen 127.0.0.1:{port};
		location /.latchkey/ {{
			proxy_pass {signin}; proxy_redirect off;
			proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;
		}}
		location = /_who {{
			internal; proxy_pass {signin}/forward-auth; proxy_pass_request_body off; proxy_set_header Content-Length "";
			proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
		}}
		location / {{
			auth_request /_who;
			auth_request_set $user $upstream_http_remote_user; auth_request_set $groups $upstream_http_remote_groups;
			auth_request_set $sub $upstream_http_x_latchkey_sub; auth_request_set $way $upstream_http_location;
			error_page 401 = @signin;
			proxy_set_header Remote-User $user; proxy_set_header Remote-Groups $groups; proxy_set_header X-Latchkey-Sub $sub;
			proxy_pass http://127.0.0.1:{inside};
		}}
		location @signin {{ return 302 $way; }}
	}}
}}
"""


def free_ports(count):
	held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
	ports = [one.getsockname()[1] for one in held]
	for one in held:
		one.close()
	return ports


def wait_for(port):
	for _ in range(100):
		with socket.socket() as one:
			if one.connect_ex(("127.0.0.1", port)) == 0:
				return
		time.sleep(0.05)
	raise AssertionError("nginx does not answer")


class Wiki:
	"""An application that knows of nobody, behind nginx, which asks."""

	def __init__(self, demo, folder, ports):
		self.url, (port, inside) = f"http://127.0.0.1:{ports[0]}", ports
		(folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, inside=inside, signin=demo.base_url))
		self.process = subprocess.Popen([shutil.which("nginx"), "-c", folder / "nginx.conf", "-e", folder / "error.log"])
		wait_for(port)
		self.browser = Browser(self.url)
		self.browser.headers["Host"] = f"127.0.0.1:{port}"

	def end(self):
		self.browser.close()
		self.process.terminate()
		self.process.wait(20)


@pytest.fixture
def wiki(own_demo, tmp_path):
	"""Needs nginx: tests/packages brings it."""
	ports = free_ports(2)
	(tmp_path / "wiki.json").write_text(json.dumps({"client_id": "wiki", "client_name": "Staff wiki", "kind": "web",
		"hosts": [f"127.0.0.1:{ports[0]}"], "redirect_uris": [f"http://127.0.0.1:{ports[0]}/.latchkey/callback"]}))
	private = own_demo(application=[tmp_path / "wiki.json"])
	running = Wiki(private, tmp_path, ports)
	running.demo = private
	yield running
	running.end()


def test_an_application_that_knows_nobody_is_told_who_comes(wiki, totp):
	"""From nginx to the sign-in page, back, and out again; then with Redis down: never let in, and never 500."""
	demo, there, here = wiki.demo, wiki.browser, Browser(wiki.demo.base_url)
	person = demo.person()
	page = there.get("/page?a=b&c=%2F", Remote_User="root", X_Latchkey_Sub="root")
	assert page.status == 302 and page.headers["location"].startswith(wiki.url + "/.latchkey/start?to=%2Fpage")
	page = there.request("GET", page.headers["location"].removeprefix(wiki.url))
	page = here.get(page.headers["location"]).follow()
	page = page.form("password").send(username=person.username, password=person.password)
	page = page.follow().form("code").send(code=totp(person.totp_secret)).follow()
	assert page.headers["location"].startswith(wiki.url + "/.latchkey/callback?")
	back = page.headers["location"].removeprefix(wiki.url)
	assert Browser(wiki.url).request("GET", back).status == 400
	page = there.request("GET", back)
	assert (page.status, page.headers["location"]) == (303, wiki.url + "/page?a=b&c=%2F")
	page = there.get("/page?a=b&c=%2F", Remote_User="root", Remote_Groups="admins")
	path, user, groups, sub = page.text.split("|")
	assert (page.status, path, user) == (200, "/page?a=b&c=%2F", person.username) and groups != "admins" and sub
	assert Browser(wiki.url).get("/").status == 302
	assert there.get("/", X_Forwarded_Host="evil.example").status == 403
	here.get("/").form("form_key", action="/signout").send()
	began = time.monotonic()
	while there.get("/page").status != 302:
		assert time.monotonic() - began < 1
	program = Browser(demo.base_url)
	token = robot_token(demo, program)
	demo.part("redis").stop()
	page = introspect(demo, program, token)
	assert page.status in (200, 503) and b"false" not in page.body
	page = introspect(demo, program, "lk_at_" + "A" * 43)
	assert page.status == 503 and int(page.headers["retry-after"]) > 0 and told(page)["error"] == "temporarily_unavailable"
	assert there.get("/page").status == 302
	assert program.get("/jwks.json").status == program.get("/.well-known/openid-configuration").status == 200


def wiki_signed_in(wiki, person, totp):
	"""There and back, in two browsers that are one person's; gives the one with the sign-in."""
	there, here = wiki.browser, Browser(wiki.demo.base_url)
	page = there.request("GET", there.get("/page").headers["location"].removeprefix(wiki.url))
	page = here.get(page.headers["location"])
	if not page.headers["location"].startswith(wiki.url):
		page = page.follow().form("password").send(username=person.username, password=person.password)
		page = page.follow().form("code").send(code=totp(person.totp_secret)).follow()
	page = there.request("GET", page.headers["location"].removeprefix(wiki.url))
	assert page.status == 303 and who(wiki) == person.username
	return here


def who(wiki, method="GET"):
	"""Whom the application is told; nobody: sent away."""
	page = wiki.browser.request(method, "/page", b"a=b" if method == "POST" else None, FORM)
	return page.text.split("|")[1] if page.status == 200 else None


def gone_within(wiki, seconds):
	began = time.monotonic()
	while who(wiki) is not None:
		assert time.monotonic() - began < seconds
	return time.monotonic() - began


def test_what_was_written_for_an_hour_is_not_lost_on_the_way(wiki):
	"""As long as the session: its use is use of it, without it for its idle time it has ended, and its very end is the end."""
	clock = Clock(wiki.demo)
	person = wiki.demo.person()
	wiki_signed_in(wiki, person, clock.totp)
	for _ in range(3):
		clock.turn(25 * 60)
		assert who(wiki, "POST") == person.username
		wait_until(lambda: session_seen_s(wiki.demo) > clock.now() - 60, 5, "the session was used")
	clock.turn(31 * 60)
	assert who(wiki, "POST") is None, "nobody was there for half an hour"
	wiki_signed_in(wiki, person, clock.totp)
	for _ in range(25):
		clock.turn(29 * 60)
		if who(wiki, "POST") is None:
			break
		wait_until(lambda: session_seen_s(wiki.demo) > clock.now() - 60, 5, "the session was used")
	else:
		raise AssertionError("no session is longer than 12 hours")


def session_seen_s(demo):
	"""When one was used last, as the clock of the service says."""
	there = redis.Redis.from_url(demo.redis.url)
	return max((seen_of(there.get(key)) for key in there.keys("s:*")), default=0)


def seen_of(record):
	"""The second of the times a session's record begins with."""
	return struct.unpack(">qq", record[1:17])[1]


def test_whoever_may_not_stay_is_out_at_once(wiki, totp):
	"""Closed by the administrators and told to choose a new password: within a second. Moved to another department: within five."""
	demo = wiki.demo
	admin = ldap.initialize(demo.ldap.uri)
	admin.simple_bind_s(demo.ldap.admin_dn, demo.ldap.admin_password)
	for change, seconds in (((ldap.MOD_REPLACE, "pwdAccountLockedTime", b"000001010000Z"), 1),
			((ldap.MOD_REPLACE, "pwdReset", b"TRUE"), 1), ((ldap.MOD_REPLACE, "ou", b"Another department"), 5)):
		person = demo.person()
		wiki_signed_in(wiki, person, totp).close()
		admin.modify_s(f"uid={person.username},ou=people,{demo.ldap.base_dn}", [change])
		assert gone_within(wiki, seconds) < seconds, change


def test_what_applications_ask_for_by_now_holds_for_who_is_in(wiki, totp):
	person = wiki.demo.person()
	here = wiki_signed_in(wiki, person, totp)
	file = next(Path(wiki.demo.policies_dir, "applications").glob("wiki*"))
	file.write_text(file.read_text() + "\nproofs = recovery\n")
	wiki.demo.part("latchkeyd").signal(signal.SIGHUP)
	gone_within(wiki, 5)
	page = here.get(wiki.browser.request("GET", wiki.browser.get("/page").headers["location"].removeprefix(wiki.url)).headers["location"])
	assert not page.headers["location"].startswith(wiki.url), "asked for more"


def test_who_asks_for_a_host_nobody_has_is_let_in_nowhere(demo, program):
	for url in ("https://evil.example/", "http://evil.example/", "javascript:alert(1)", "", "http://a@b/"):
		page = program.request("GET", "/forward-auth", headers={"X-Original-URL": url, "Cookie": "lk_forward=lk_fw_" + "A" * 65})
		assert page.status == 403 and page.headers["location"] is None and page.heading, url
	page = program.request("GET", "/forward-auth", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Uri": "/"})
	assert page.status == 403
