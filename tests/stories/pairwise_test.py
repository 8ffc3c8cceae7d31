# SPDX-License-Identifier: MIT
"""
The names by which applications with pairwise subjects know people: the same at every node and whatever becomes of the key file, for
with another name everybody would be a stranger there.
"""
import json
import tempfile
from pathlib import Path
from types import SimpleNamespace

import ldap
import pytest

from browser import Browser
from node import Node, ctl, get, key_file_write, keys_of, kids, seals_of, settled
from oauth import Application, part_of
from parts import wait_until
from story import Private, audit

# They take no secret and no code, whose seals and digests would need the keys that are taken away here.
NAMES = ("counter", "ledger")


def metadata(name):
	return {"client_id": name, "client_name": name.title(), "kind": "password_only", "redirect_uris": [f"http://127.0.0.1:9101/{name}"],
		"grant_types": ["authorization_code"], "token_endpoint_auth_method": "none", "subject_type": "pairwise"}


@pytest.fixture(scope="module")
def one():
	with tempfile.TemporaryDirectory(prefix="lk-pairwise.") as folder:
		path = Path(folder) / "applications.json"
		path.write_text(json.dumps([metadata(name) for name in NAMES]))
		private = Private(application=[path])
		private.key_lines = (private.folder / "keys").read_text().splitlines()
		yield private
		words = private.end()
		assert not words, words


class Place:
	"""Nodes on one key file of our own, and how they name somebody."""

	def __init__(self, one):
		self.one, self.person, self.key_file, self.nodes, self.lines = one, one.person(), one.folder / "pairwise-keys", [], []
		self.write(*one.key_lines)

	def write(self, *lines):
		self.lines = list(lines)
		self.key_file.write_text("\n".join(lines) + "\n")
		self.key_file.chmod(0o600)

	def more(self):
		"""One more key, the newest."""
		fresh = self.one.folder / "fresh-key"
		key_file_write(fresh, len(self.lines) + 1)
		self.write(*self.lines, fresh.read_text().strip())

	def start(self, *names):
		"""All at once."""
		started = [Node(self.one, name, self.key_file) for name in names]
		self.nodes += started
		for node in started:
			node.daemon.begin()
		for node in started:
			wait_until(lambda node=node: node.daemon.answers("/healthz"), 30, "up")
		return started

	def restart(self):
		for node in self.nodes:
			node.daemon.stop()
			node.daemon.begin()
		for node in self.nodes:
			wait_until(node.daemon.is_ready, 30, "ready")

	def sub(self, node, name):
		demo = SimpleNamespace(base_url=node.base_url, issuer=node.base_url, ca_file=None, applications=self.one.applications)
		browser, app = Browser(node.base_url), Application(demo, name)
		page = app.ask(browser).follow()
		page = page.form("password").send(username=self.person.username, password=self.person.password).follow()
		try:
			return part_of(app.tokens(page)["id_token"], 1)["sub"]
		finally:
			browser.close()

	def subs(self):
		"""{name: sub}, the same at each node."""
		named = [{name: self.sub(node, name) for name in NAMES} for node in self.nodes]
		assert all(names == named[0] for names in named), named
		return named[0]

	def end(self):
		for node in self.nodes:
			node.daemon.stop()
			assert "Sanitizer" not in node.log()


@pytest.fixture
def place(one):
	made = Place(one)
	yield made
	made.end()


def directory(one):
	there = ldap.initialize(one.ldap.uri)
	there.simple_bind_s(one.ldap.admin_dn, one.ldap.admin_password)
	return there


def entries(one):
	base = f"ou=keys,ou=factors,ou=latchkey,{one.ldap.base_dn}"
	found = directory(one).search_s(base, ldap.SCOPE_ONELEVEL, "(objectClass=lkSharedSecret)")
	return {entry["lkKeyName"][0].decode(): (dn, entry["lkKeySealed"][0]) for dn, entry in found}


def test_nodes_that_start_at_once_without_a_secret_end_with_one(one, place):
	one.part("latchkeyd").stop()
	for dn, _ in entries(one).values():
		directory(one).delete_s(dn)
	nodes = place.start("first", "second", "third")
	for node in nodes:
		wait_until(node.daemon.is_ready, 30, "ready")
	names = place.subs()
	assert len(set(names.values())) == 2 and place.person.username not in str(names)
	assert list(entries(one)) == ["pairwise-1"]
	made = [line for node in nodes for line in audit(SimpleNamespace(audit_log=node.settings.folder / "audit" / "audit.log"))
		if line["event"] == "pairwise_sealed"]
	assert len(made) == 1, "one was first"
	one.part("latchkeyd").start()


def test_the_secret_is_no_signing_key(one):
	shown = get(one.base_url, "/jwks.json")[2]
	names = list(seals_of(one))
	assert names and not any(name in shown for name in (*names, "pairwise")) and len(kids(one.base_url)) == len(keys_of(one))
	before = entries(one)
	for words in (("rotate", "pairwise"), ("retire", names[0]), ("retire", "pairwise")):
		assert "neither rotated nor retired" in ctl(one, "key", *words, "--reason", "to be sure", code=1)["text"]
	assert entries(one) == before
	ctl(one, "key", "rotate", "--reason", "the others")
	assert entries(one) == before


def test_one_that_does_not_open_names_nobody_says_so_and_stays_as_it_is(one, place):
	before = entries(one)
	key_file_write(place.key_file)
	(node,) = place.start("stranger")
	wait_until(lambda: "pairwise-" in node.verbose(), 10, "what is wrong")
	(line,) = [line for line in node.verbose().splitlines() if line.startswith("pairwise: ")]
	assert line.endswith("does not open with this node's key file")
	assert get(node.base_url, "/readyz")[0] == 503
	assert not any(seal["is_open"] for seal in seals_of(node).values())
	assert "pairwise applications get no sign-in" in node.log()
	checks = {check["name"]: check for check in ctl(node, "doctor", code=1)["checks"]}
	assert not checks["pairwise"]["is_ok"] and "never remove it" in checks["pairwise"]["fix"]
	assert entries(one) == before


def test_the_names_stay_when_the_key_file_is_rotated_and_its_oldest_key_leaves(one, place):
	"""The last here: the demo's own daemon has the key file of before."""
	(node, _) = place.start("a", "b")
	names = place.subs()
	place.more()
	place.restart()
	assert place.subs() == names
	seals = seals_of(node)
	assert [(seal["state"], seal["key_id"], seal["is_open"]) for seal in seals.values()] == [("pairwise", 2, True), ("before", 1, True)]
	# As contrib/directory/README.md says, before a line leaves the key file.
	ctl(node, "key", "rotate", "--reason", "a new key file")
	settled(*place.nodes)
	place.write(*place.lines[1:])
	place.restart()
	assert place.subs() == names
	assert [seal["is_open"] for seal in seals_of(node).values()] == [True, False]
