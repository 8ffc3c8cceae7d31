# SPDX-License-Identifier: MIT
"""
Two daemons on one store and one directory: what ends at one is over at the other within a second, and what is begun at one goes on at the
other. Alone, because it is measured.
"""
import concurrent.futures
import http.client
import time
from types import SimpleNamespace
from urllib.parse import urlsplit

import ldap
import pytest

from browser import Browser
from keys_test import Node, ctl, kids, settled
from oauth import Application, answer_of, part_of
from screens import Screen
from steps import new_password, reset_proven, signed_in
from story import Private, audit, wait_until

DEAD = {"active": False}
SOON_S, MOVED_S = 1.0, 5.0
SCOPE = "openid profile email groups"


class Town:
	"""One and two are demos as applications see them; both know themselves by one address, as behind a balancer."""

	def __init__(self):
		self.demo = self.one = Private()
		self.node = Node(self.demo, "two")
		self.node.settings.sections["service"]["base_url"] = self.demo.base_url
		self.node.settings.write()
		self.node.daemon.start()
		self.two = SimpleNamespace(base_url=self.node.base_url, ca_file=None, issuer=self.demo.issuer,
			applications=self.demo.applications)

	def both(self):
		return self.one, self.two

	def put(self, person, attribute, value):
		there = ldap.initialize(self.demo.ldap.uri)
		there.simple_bind_s(self.demo.ldap.admin_dn, self.demo.ldap.admin_password)
		there.modify_s(f"uid={person.username},ou=people,{self.demo.ldap.base_dn}",
			[(ldap.MOD_REPLACE, attribute, [value.encode()])])

	def end(self):
		self.node.daemon.stop()
		log = self.node.log()
		words = self.demo.end()
		assert not words and "Sanitizer" not in log, words


@pytest.fixture(scope="module")
def town():
	made = Town()
	yield made
	made.end()


def playing(app, demo):
	"""The same application, asking another daemon."""
	other = Application(demo, "web")
	other.verifier, other.challenge, other.state = app.verifier, app.challenge, app.state
	return other


class There(Browser):
	"""The same browser, led to the second node: it sees one address still."""

	def __init__(self, town, browser):
		super().__init__(town.one.base_url)
		self.cookies = browser.cookies
		self.headers = {"Host": urlsplit(town.one.base_url).netloc}
		self.node = urlsplit(town.two.base_url)

	def _connect(self):
		return http.client.HTTPConnection(self.node.hostname, self.node.port, timeout=20)


class Visit:
	def __init__(self, town, totp):
		self.town, self.person, self.app = town, town.demo.person(), Application(town.one, "web")
		self.browser = Browser(town.one.base_url)
		signed_in(self.browser, self.person, totp)
		self.tokens = self.app.tokens(self.app.ask(self.browser, scope=SCOPE))

	def worth(self, demo):
		status, answer, _ = Application(demo, "resource_server").post("/introspect", {"token": self.tokens["access_token"]})
		assert status == 200, answer
		return answer

	def known(self):
		"""Every worker of both remembers it."""
		for _ in range(20):
			assert all(self.worth(demo)["active"] for demo in self.town.both())

	def dies(self, within_s=SOON_S):
		"""From what was acknowledged until now."""
		began, alive = time.monotonic(), list(self.town.both())
		while alive:
			asked = time.monotonic()
			alive = [demo for demo in alive if self.worth(demo) != DEAD]
			assert not alive or asked - began <= within_s, f"good after {asked - began:.3f} s"
		for _ in range(10):
			assert all(self.worth(demo) == DEAD for demo in self.town.both()), "it came back"


@pytest.fixture
def visit(town, totp):
	made = Visit(town, totp)
	yield made
	made.browser.close()


# --- what ends ----------------------------------------------------------------------------------------------------------------


def closed(visit, totp):
	visit.town.put(visit.person, "pwdAccountLockedTime", "000001010000Z")


def locked_by_hand(visit, totp):
	visit.town.put(visit.person, "pwdAccountLockedTime", time.strftime("%Y%m%d%H%M%SZ", time.gmtime()))


def left(visit, totp):
	visit.town.put(visit.person, "pwdEndTime", "20200101000000Z")


def reset(visit, totp):
	page = reset_proven(Browser(visit.town.one.base_url), visit.person, totp)
	assert page.form("new-password").send(**{"new-password": new_password()}).status == 303


def signed_out_by_the_desk(visit, totp):
	ctl(visit.town.demo, "user", "signout", visit.person.username, "--reason", "INC1: phone stolen")


def signed_out(visit, totp):
	visit.browser.get("/").form(action="/signout").send()


def signed_out_elsewhere(visit, totp):
	There(visit.town, visit.browser).get("/").form(action="/signout").send()


def given_back(visit, totp):
	assert visit.app.post("/revoke", {"token": visit.tokens["refresh_token"]})[0] == 200


def given_back_elsewhere(visit, totp):
	assert playing(visit.app, visit.town.two).post("/revoke", {"token": visit.tokens["access_token"]})[0] == 200


ENDS = (closed, locked_by_hand, left, reset, signed_out_by_the_desk, signed_out, signed_out_elsewhere, given_back, given_back_elsewhere)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_what_ends_at_one_node_is_dead_at_every_node_within_a_second(visit, totp, end):
	visit.known()
	end(visit, totp)
	visit.dies()


def test_a_mover_s_old_tokens_are_refused_at_every_node_within_five_seconds(visit, totp):
	visit.known()
	visit.town.put(visit.person, "ou", "Elsewhere")
	visit.dies(MOVED_S)


# --- what goes on at the other node ---------------------------------------------------------------------------------------------


def test_what_is_begun_at_one_node_goes_on_at_the_other(town, totp):
	person, app = town.demo.person(), Application(town.one, "web")
	here = Browser(town.one.base_url)
	there = There(town, here)
	page = app.ask(here)
	page = there.get(page.headers["location"]).form("password").send(username=person.username, password=person.password)
	page = here.get(page.headers["location"]).form("code").send(code=totp(person.totp_secret))
	page = there.get(page.headers["location"])
	status, tokens = app.exchange(app.code(page))
	assert status == 200
	assert playing(app, town.two).refresh(tokens["refresh_token"])[0] == 200
	assert app.refresh(tokens["refresh_token"])[1]["error"] == "invalid_grant", "used at the other"


def test_a_button_pressed_at_two_nodes_gives_one_code(visit):
	town, app = visit.town, visit.app
	page = app.ask(visit.browser, prompt="consent").follow()
	values = page.form("form_key", action=page.path).values | {"answer": "allow"}
	browsers = [made for _ in range(5) for made in (visit.browser.copy(), There(town, visit.browser))]

	def press(browser):
		return answer_of(browser.post(page.path, values, base=page.path)).get("code")

	with concurrent.futures.ThreadPoolExecutor(len(browsers)) as pool:
		codes = set(pool.map(press, browsers))
	assert len(codes) == 1, codes
	assert playing(app, town.two).exchange(codes.pop())[0] == 200


def test_a_screen_that_asks_one_node_is_answered_at_the_other(visit):
	town = visit.town
	application = next(one for one in town.demo.applications if one.kind == "web")
	screen = Screen(Browser(town.one.base_url), application).ask(scope="openid")
	form = There(town, visit.browser).get(screen.link).form("user_code")
	form.values["answer"] = "allow"
	assert form.send().status == 303
	assert screen.poll()["access_token"]


def test_a_key_rotated_at_one_node_signs_what_both_give_and_both_show_it(visit):
	"""And what the one before it signed is believed at both (F34)."""
	town, app, old = visit.town, visit.app, visit.tokens["id_token"]
	ctl(town.demo, "key", "rotate", "RS256", "--reason", "a backup was lost")
	other = playing(app, town.two)

	def signer(who):
		return part_of(who.tokens(app.ask(visit.browser, scope=SCOPE))["id_token"], 0)["kid"]

	wait_until(lambda: kids(town.one.base_url) == kids(town.two.base_url), 5, "the same keys")
	settled(town.demo, town.node)
	assert part_of(old, 0)["kid"] != signer(app) == signer(other) in kids(town.one.base_url)
	for browser in (visit.browser, There(town, visit.browser)):
		assert app.code(app.ask(browser, prompt="none", id_token_hint=old))


def test_each_node_writes_down_what_it_did(visit):
	at = (visit.town.demo, SimpleNamespace(audit_log=visit.town.node.settings.sections["audit"]["file"]))

	def issued():
		return [len(audit(node, event="token_issued", username=visit.person.username)) for node in at]

	before = issued()
	assert playing(visit.app, visit.town.two).exchange(visit.app.code(visit.app.ask(visit.browser)))[0] == 200
	assert issued() == [before[0], before[1] + 1]
