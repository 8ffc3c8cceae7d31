# SPDX-License-Identifier: MIT
"""
Signing out reaches every application, and so does what administrators change in the directory: whoever was closed, left or moved. Two
applications with servers of their own are told over HTTPS; each session once.
"""
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit

import ldap
import pytest

from browser import Browser
from keyed import Key
from node import Node
from oauth import Application, part_of
from receiver import Receiver
from settings import certificate_make
from steps import new_password, reset_proven, signed_in
from story import Private, audit, build_folder, wait_until

EVENT = "http://schemas.openid.net/event/backchannel-logout"
BYE = "http://127.0.0.1:9101/bye"
SOON = 10
SCOPE = "openid profile email groups"


class Place:
	"""A demo with two applications that want to be told, and their servers."""

	def __init__(self):
		self.folder = Path(tempfile.mkdtemp(prefix="lk-logout."))
		ca, certificate, key = certificate_make(self.folder / "tls")
		self.servers = {name: Receiver(certificate, key) for name in ("mail", "wiki")}
		path = self.folder / "applications.json"
		path.write_text(json.dumps([self._metadata(name) for name in self.servers] + [self._keyed()]))

		def change(settings):
			settings.sections.setdefault("calls", {}).update({"allow": "127.0.0.0/8", "ca_file": ca, "timeout": 3})

		self.demo = Private(change=change, application=[path])

	def _metadata(self, name):
		return {"client_id": name, "client_name": name.title(), "redirect_uris": [f"http://127.0.0.1:9101/{name}"],
			"post_logout_redirect_uris": [BYE], "grant_types": ["authorization_code", "refresh_token"],
			"backchannel_logout_uri": self.servers[name].url(f"/{name}/logout"),
			"id_token_signed_response_alg": "RS256" if name == "mail" else "ES256",
			"token_endpoint_auth_method": "client_secret_basic"}

	def _keyed(self):
		"""One that proves itself with a key it publishes."""
		self.key = Key("keyed")
		self.servers["mail"].pages["/jwks"] = json.dumps({"keys": [self.key.jwk]}).encode()
		return {"client_id": "keyed", "client_name": "Keyed", "redirect_uris": ["http://127.0.0.1:9101/keyed"],
			"grant_types": ["authorization_code"], "token_endpoint_auth_method": "private_key_jwt",
			"jwks_uri": self.servers["mail"].url("/jwks")}

	def application(self, name):
		app = Application(self.demo, "web")
		known = next(one for one in self.demo.applications if one.client_id == name)
		app.client_id, app.secret, app.redirect_uri = known.client_id, known.client_secret, known.redirect_uris[0]
		return app

	def told(self, name, sid):
		"""Logout tokens that application got of one session."""
		tokens = [fields["logout_token"] for path, fields in list(self.servers[name].told) if set(fields) == {"logout_token"}]
		return [token for token in tokens if part_of(token, 1)["sid"] == sid]

	def waits_told(self, name, sid):
		wait_until(lambda: self.told(name, sid), SOON, f"{name} is told")
		return self.told(name, sid)

	def directory(self):
		there = ldap.initialize(self.demo.ldap.uri)
		there.simple_bind_s(self.demo.ldap.admin_dn, self.demo.ldap.admin_password)
		return there

	def dn(self, person):
		found = self.directory().search_s(self.demo.ldap.base_dn, ldap.SCOPE_SUBTREE, f"(uid={person.username})", ["1.1"])
		return found[0][0]

	def put(self, person, attribute, *values):
		self.directory().modify_s(self.dn(person), [(ldap.MOD_REPLACE, attribute, [value.encode() for value in values] or None)])

	def ctl(self, *words):
		return subprocess.run([str(build_folder() / "latchkeyctl"), "--config", self.demo.config, *words], capture_output=True,
			text=True, check=True, timeout=20)

	def metric(self, name):
		with urllib.request.urlopen(self.demo.metrics_url, timeout=5) as got:
			lines = got.read().decode().splitlines()
		return next(float(line.split()[-1]) for line in lines if line.startswith(f"latchkey_{name} "))

	def end(self):
		words = self.demo.end()
		for server in self.servers.values():
			server.close()
		shutil.rmtree(self.folder)
		assert not words, words


@pytest.fixture(scope="module")
def place():
	made = Place()
	yield made
	made.end()


class Visit:
	"""Somebody signed in, at both applications."""

	def __init__(self, place, totp, person=None):
		self.place = place
		self.person = person or place.demo.person()
		self.browser = Browser(place.demo.base_url)
		signed_in(self.browser, self.person, totp)
		self.again()

	def again(self):
		self.tokens = {name: self.give(name) for name in self.place.servers}
		self.sid = {name: part_of(tokens["id_token"], 1)["sid"] for name, tokens in self.tokens.items()}

	def give(self, name):
		app = self.place.application(name)
		return app.tokens(app.ask(self.browser, scope=SCOPE))

	def worth(self, name):
		"""What introspection says of the access token."""
		asker = Application(self.place.demo, "resource_server")
		status, answer, _ = asker.post("/introspect", {"token": self.tokens[name]["access_token"]})
		assert status == 200
		return answer

	def is_dead(self, name="mail"):
		return self.worth(name) == {"active": False}

	def waits_dead(self):
		for name in self.tokens:
			wait_until(lambda name=name: self.is_dead(name), SOON, f"the token of {name} is dead")

	def is_signed_in(self):
		return self.browser.get("/account").status == 200


@pytest.fixture
def visit(place, totp):
	made = Visit(place, totp)
	yield made
	made.browser.close()


def claims_of(token, name, visit, place):
	head, claims = part_of(token, 0), part_of(token, 1)
	assert head["typ"] == "logout+jwt" and head["kid"]
	assert claims["iss"] == place.demo.issuer and claims["aud"] == name
	assert claims["sub"] == part_of(visit.tokens[name]["id_token"], 1)["sub"] and claims["sid"] == visit.sid[name]
	assert claims["events"] == {EVENT: {}} and claims["jti"] and claims["exp"] > claims["iat"]
	assert "nonce" not in claims
	return claims


# --- people sign out ----------------------------------------------------------------------------------------------------------


def test_whoever_signs_out_is_signed_out_of_every_application_once(place, visit):
	visit.again()  # twice at each: still one session
	page = visit.browser.get("/").form(action="/signout").send().follow()
	assert page.heading == "You have signed out"
	for name in place.servers:
		token, = place.waits_told(name, visit.sid[name])
		claims_of(token, name, visit, place)
	visit.waits_dead()
	status, answer = place.application("mail").refresh(visit.tokens["mail"]["refresh_token"])
	assert status == 400 and answer["error"] == "invalid_grant"
	assert [len(place.told(name, visit.sid[name])) for name in place.servers] == [1, 1]


def sid_beside(place, visit):
	"""In an id token that another node renews."""
	node = Node(place.demo, "beside")
	node.daemon.begin()
	try:
		wait_until(node.daemon.is_ready, 30, "the other node")
		app = place.application("mail")
		app.demo = SimpleNamespace(base_url=node.base_url, ca_file=None)
		status, answer = app.refresh(visit.tokens["mail"]["refresh_token"])
		assert status == 200, answer
		return part_of(answer["id_token"], 1)["sid"]
	finally:
		node.daemon.stop()


def test_two_applications_that_compare_what_they_are_told_find_no_session_in_common(place, visit):
	"""Whatever each calls the person; and each hears of its own to the end, from another node and after a restart too."""
	assert visit.sid["mail"] != visit.sid["wiki"]
	assert sid_beside(place, visit) == visit.sid["mail"]
	place.demo.part("latchkeyd").stop()
	place.demo.part("latchkeyd").start()
	visit.browser.get("/").form(action="/signout").send()
	for name in place.servers:
		token, = place.waits_told(name, visit.sid[name])
		claims_of(token, name, visit, place)
	mail, wiki = ({part_of(fields["logout_token"], 1)["sid"] for _, fields in place.servers[name].told if "logout_token" in fields}
		for name in place.servers)
	assert not mail & wiki


def test_a_code_used_twice_ends_what_came_of_it_and_signs_nobody_out(place, visit, totp):
	app, other = place.application("mail"), Visit(place, totp)
	code = app.code(app.ask(visit.browser))
	status, tokens = app.exchange(code)
	assert status == 200 and app.exchange(code)[0] == 400
	assert app.refresh(tokens["refresh_token"])[0] == 400
	other.browser.get("/").form(action="/signout").send()
	place.waits_told("mail", other.sid["mail"])  # told in turn: what ended before would have been told by now
	assert not place.told("mail", visit.sid["mail"]) and visit.browser.get("/").status == 200
	other.browser.close()


def test_an_application_signs_people_out_and_gets_them_back(place, visit):
	hint = visit.tokens["mail"]["id_token"]
	asked = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": "s" * 128})
	page = visit.browser.get("/logout?" + asked)
	assert page.status == 303
	back = urlsplit(page.headers["location"])
	assert f"{back.scheme}://{back.netloc}{back.path}" == BYE and parse_qs(back.query) == {"state": ["s" * 128]}
	assert not visit.is_signed_in()
	place.waits_told("wiki", visit.sid["wiki"])
	app = place.application("mail")
	assert app.error(app.ask(visit.browser, prompt="none")) == "login_required"


def test_a_form_of_another_site_signs_people_out_too(place, visit):
	asked = urlencode({"id_token_hint": visit.tokens["mail"]["id_token"], "post_logout_redirect_uri": BYE})
	page = visit.browser.other().request("POST", "/logout", asked.encode(), {"Content-Type": "application/x-www-form-urlencoded",
		"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"})
	assert page.status == 303
	page = visit.browser.get(page.headers["location"])
	assert page.status == 303 and page.headers["location"] == BYE
	assert not visit.is_signed_in()


def test_whoever_proves_nothing_has_people_asked_first(place, visit):
	page = visit.browser.get("/logout?" + urlencode({"post_logout_redirect_uri": "https://evil.example/"}))
	assert page.status == 200 and page.heading == "Do you want to sign out?" and "evil.example" not in page.text
	assert 'id="signout"' in page.text and visit.is_signed_in()
	page = page.form(action="/logout/confirm").send().follow()
	assert page.heading == "You have signed out" and not visit.is_signed_in()


def test_signing_out_elsewhere_leaves_this_session_alone(place, visit, totp):
	before = visit.sid["mail"]
	elsewhere = Visit(place, totp, visit.person)
	elsewhere.browser.get("/account").form(action="/account/sign-out-others").send()
	place.waits_told("mail", before)
	visit.waits_dead()
	assert not elsewhere.is_dead() and place.told("mail", elsewhere.sid["mail"]) == []
	elsewhere.browser.close()


# --- others sign them out -------------------------------------------------------------------------------------------------------


def test_a_reset_ends_what_applications_hold(place, visit, totp):
	page = reset_proven(Browser(place.demo.base_url), visit.person, totp)
	page.form("new-password").send(**{"new-password": new_password()})
	visit.waits_dead()
	place.waits_told("mail", visit.sid["mail"])


def test_the_desk_signs_somebody_out_everywhere(place, visit):
	place.ctl("user", "signout", visit.person.username, "--reason", "INC1: phone stolen", "--yes")
	visit.waits_dead()
	assert not visit.is_signed_in()
	place.waits_told("wiki", visit.sid["wiki"])


@pytest.mark.parametrize("attribute, value", [("pwdAccountLockedTime", "000001010000Z"), ("pwdEndTime", "20200101000000Z"),
	("pwdReset", "TRUE")])
def test_whoever_administrators_close_loses_everything(place, visit, attribute, value):
	place.put(visit.person, attribute, value)
	visit.waits_dead()
	place.waits_told("mail", visit.sid["mail"])
	assert not visit.is_signed_in()
	assert audit(place.demo, event="sessions_ended", username=visit.person.username)


def test_whoever_is_deleted_loses_everything(place, visit):
	place.directory().delete_s(place.dn(visit.person))
	wait_until(visit.is_dead, 60, "the token of somebody who is not there any more")


def test_a_lock_by_strangers_takes_nothing_from_anybody(place, visit, totp):
	stranger = Browser(place.demo.base_url)
	for i in range(10):
		stranger.get("/signin").form("password").send(username=visit.person.username, password=f"wrong guess number {i}")
	for i in range(3):
		with pytest.raises(ldap.INVALID_CREDENTIALS):
			ldap.initialize(place.demo.ldap.uri).simple_bind_s(place.dn(visit.person), f"wrong at another door {i}")
	place.put(visit.person, "description", "changed by somebody, so that the daemon looks")
	other = Visit(place, totp)
	place.put(other.person, "pwdAccountLockedTime", "000001010000Z")
	other.waits_dead()  # so the change before it was looked at as well
	other.browser.close()
	assert visit.worth("mail")["active"] is True and visit.is_signed_in()
	stranger.close()


def test_whoever_leaves_loses_everything_when_the_time_comes(place, visit):
	place.put(visit.person, "pwdEndTime", time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 3)))
	visit.waits_dead()
	place.waits_told("wiki", visit.sid["wiki"])


def after(place, totp):
	"""Until the daemon has looked at every change made so far."""
	other = Visit(place, totp)
	place.put(other.person, "ou", "Elsewhere")
	other.waits_dead()
	other.browser.close()


# --- movers -----------------------------------------------------------------------------------------------------------------------


def test_a_mover_keeps_who_they_are_and_gets_new_claims(place, visit, totp):
	person = visit.person
	before = part_of(visit.tokens["mail"]["id_token"], 1)["sub"]
	old = visit.worth("mail")
	dn, there = place.dn(person), place.directory()
	parent = f"ou=moved-{person.username},{dn.partition(',')[2]}"
	there.add_s(parent, [("objectClass", [b"organizationalUnit"]), ("ou", [parent.partition(",")[0][3:].encode()])])
	there.modify_s(dn, [(ldap.MOD_REPLACE, "ou", [b"Planning and Moving"]), (ldap.MOD_REPLACE, "mail", [b"moved@example.org"])])
	there.rename_s(dn, f"uid={person.username}-moved", parent)
	visit.waits_dead()
	place.waits_told("mail", visit.sid["mail"])
	assert visit.is_signed_in(), "a move signs nobody out"
	visit.again()
	new = visit.worth("mail")
	assert new["active"] and new["sub"] == old["sub"] == before
	assert new["username"] == f"{person.username}-moved" and old["department"] != new["department"] == "Planning and Moving"
	person.username += "-moved"
	signed_in(Browser(place.demo.base_url), person, totp)  # with the same password and authenticator
	place.put(person, "description", "is changed once more")
	after(place, totp)
	assert visit.worth("mail")["active"], "what was given after the move is of the new place"


def test_whoever_is_taken_out_of_a_group_loses_what_tells_it(place, visit):
	dn, groups = place.dn(visit.person), f"ou=groups,{place.demo.ldap.base_dn}"
	group, there = f"cn=Left by {visit.person.username},{groups}", place.directory()
	there.add_s(group, [("objectClass", [b"groupOfNames"]), ("cn", [f"Left by {visit.person.username}".encode()]),
		("member", [dn.encode(), b"cn=somebody"])])
	visit.again()
	assert f"Left by {visit.person.username}" in visit.worth("mail")["groups"]
	there.modify_s(group, [(ldap.MOD_DELETE, "member", [dn.encode()])])
	visit.waits_dead()
	visit.again()
	assert f"Left by {visit.person.username}" not in visit.worth("mail").get("groups", [])


def test_what_is_no_change_of_theirs_ends_nothing(place, visit, totp):
	place.put(visit.person, "description", "likes tea")
	after(place, totp)
	assert visit.worth("mail")["active"] and place.told("mail", visit.sid["mail"]) == []


# --- applications that are down ---------------------------------------------------------------------------------------------------


def test_an_application_that_is_down_is_told_later_and_keeps_nobody_waiting(place, visit):
	place.servers["wiki"].status = 503
	visit.browser.get("/").form(action="/signout").send()
	place.waits_told("mail", visit.sid["mail"])
	wait_until(lambda: place.metric("calls_waiting") >= 1, 15, "the call that waits is counted")
	place.servers["wiki"].status = 200
	wait_until(lambda: place.told("wiki", visit.sid["wiki"]), 60, "the call comes again")


# --- keys that applications publish -----------------------------------------------------------------------------------------------


def test_an_application_proves_itself_with_the_key_at_its_address(place):
	app = Application(place.demo, "web")

	def error():
		"""invalid_grant: it was believed who it is."""
		fields = {"grant_type": "authorization_code", "code": "lk_ac_none", "redirect_uri": "http://127.0.0.1:9101/keyed"}
		return app.post("/token", fields | place.key.proof(place.demo.issuer), basic=False)[1]["error"]

	app.secret = None
	app.client_id = "keyed"
	wait_until(lambda: error() == "invalid_grant", SOON, "its keys are read")
	place.key = Key("keyed")
	assert error() == "invalid_client"
