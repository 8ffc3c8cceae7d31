# SPDX-License-Identifier: MIT
"""The keys that sign tokens: shown to everybody, shared by all nodes, rotated under load; never another one, never none (F34)."""
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import urllib.request
from pathlib import Path

import ldap
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from browser import Browser
from faults import Clock
from node import Node, ctl, get, key_file_write, keys_of, kids, seals_of, settled
from parts import wait_until
from settings import Settings, file_write
from steps import signed_in
from story import Private, audit, build_folder

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
DAY_S = 86400
NOBODY = 65534


@pytest.fixture(scope="module")
def one():
	private = Private()
	yield private
	words = private.end()
	assert not words, words


@pytest.fixture
def nodes(one):
	started = []

	def start(name, key_file=None):
		started.append(Node(one, name, key_file))
		started[-1].daemon.begin()
		wait_until(lambda: started[-1].daemon.answers("/healthz"), 30, name)
		return started[-1]

	yield start
	for node in started:
		node.daemon.stop()
		assert "Sanitizer" not in node.log()


class Asking:
	"""Asks for the keys again and again; what was shown once must not go while it may be needed."""

	def __init__(self, *base_urls):
		self.goes_on, self.wrong, self.count = True, [], 0
		self.threads = [threading.Thread(target=self.run, args=(url,)) for url in base_urls]
		for thread in self.threads:
			thread.start()

	def run(self, base_url):
		seen = kids(base_url)
		while self.goes_on:
			now = kids(base_url)
			self.count += 1
			if not now >= seen:
				self.wrong.append((base_url, seen - now))
			seen = now

	def end(self):
		self.goes_on = False
		for thread in self.threads:
			thread.join(30)
		assert self.count > 10 and not self.wrong, self.wrong


# --- what everybody sees ---------------------------------------------------------------------


def test_the_public_halves_are_shown_and_nothing_else(demo):
	with urllib.request.urlopen(demo.base_url + "/jwks.json", timeout=10) as got:
		shown = json.load(got)["keys"]
		headers = got.headers
	assert headers["Content-Type"] == "application/json" and headers["Access-Control-Allow-Origin"] == "*"
	assert headers["Cache-Control"].startswith("public, max-age=") and "Set-Cookie" not in headers
	assert len({key["kid"] for key in shown}) == len(shown) and all(key["use"] == "sig" for key in shown)
	assert not any(PRIVATE & set(key) for key in shown)
	assert {"RS256", "ES256"} <= {key["alg"] for key in shown}
	(rsa,) = [key for key in shown if key["alg"] == "RS256"]
	assert len(base64.urlsafe_b64decode(rsa["n"] + "==")) == 256


def test_the_next_key_is_shown_for_longer_before_it_signs_than_anybody_keeps_the_set(demo):
	kept = int(get(demo.base_url, "/jwks.json")[1]["Cache-Control"].partition("max-age=")[2])
	told = subprocess.run([build_folder() / "latchkeyd", "--help-config"], capture_output=True, text=True, check=True).stdout
	assert int(re.search(r"^  publish_ahead\n.*?number, (\d+) to", told, re.MULTILINE | re.DOTALL)[1]) >= 2 * kept


def test_the_keys_stand_sealed_in_the_directory_and_in_no_log(one):
	import ldap
	there = ldap.initialize(one.ldap.uri)
	there.simple_bind_s(one.ldap.admin_dn, one.ldap.admin_password)
	found = there.search_s(f"ou=keys,ou=factors,ou=latchkey,{one.ldap.base_dn}", ldap.SCOPE_ONELEVEL)
	assert {entry["lkKeyName"][0].decode() for _, entry in found} == set(keys_of(one)) | set(seals_of(one))
	for _, entry in found:
		assert entry["lkKeySealed"][0][:5] == b"\x01\x00\x00\x00\x01"
	assert len(audit(one, event="key_made")) >= 2


# --- rotating --------------------------------------------------------------------------------


def test_a_rotated_key_is_shown_at_every_node_and_then_signs(one, nodes):
	two = nodes("two")
	wait_until(lambda: kids(two.base_url) == kids(one.base_url), 10, "the same keys")
	before, made = keys_of(one), len(audit(one, event="key_made"))
	asking = Asking(one.base_url, two.base_url)
	said = ctl(one, "key", "rotate", "--reason", "INC0482913: a backup was lost")
	wait_until(lambda: kids(two.base_url) == kids(one.base_url), 10, "the new keys at the other node")
	asking.end()
	after = keys_of(one)
	new = set(after) - set(before)
	assert {after[name]["state"] for name in new} == {"ahead"}, "shown before it signs"
	settled(one, two)
	after = keys_of(one)
	assert len(new) == 2 and set(said["keys"].split(", ")) == new
	assert {after[name]["state"] for name in new} == {"signs"}
	assert {after[name]["state"] for name in before} == {"verifies"}
	assert keys_of(two) == after and kids(two.base_url) == {key["kid"] for key in after.values()}
	(line,) = audit(one, event="key_rotated")
	assert line["actor"].endswith(f"(uid {os.getuid()})") and "a backup was lost" in line["reason"]
	assert len(audit(one, event="key_made")) == made + 2


def unpadded(text):
	return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Signed:
	"""An application that has each answer signed, and verifies it at once with the keys it has, looking for new ones when it must."""

	def __init__(self, demo, base_url=None):
		self.base_url, self.tokens, self.keys = base_url or demo.base_url, [], {}
		(documents,) = [one for one in demo.applications if one.client_id == "documents"]
		pair = base64.b64encode(f"{documents.client_id}:{documents.client_secret}".encode()).decode()
		self.headers = {"Authorization": f"Basic {pair}", "Accept": "application/token-introspection+jwt"}

	def ask(self):
		asked = urllib.request.Request(self.base_url + "/introspect", b"token=unknown", self.headers)
		with urllib.request.urlopen(asked, timeout=10) as got:
			self.tokens.append(got.read().decode())
		self.verify(self.tokens[-1])

	def look(self):
		self.keys = {key["kid"]: key for key in json.loads(get(self.base_url, "/jwks.json")[2])["keys"]}

	def verify(self, token):
		"""Gives the kid."""
		signed, _, proof = token.rpartition(".")
		head, proof = json.loads(unpadded(signed.split(".")[0])), unpadded(proof)
		if head["kid"] not in self.keys:
			self.look()
		key = self.keys[head["kid"]]
		assert head["alg"] == key["alg"] == "ES256"
		x, y, r, s = (int.from_bytes(part, "big") for part in (unpadded(key["x"]), unpadded(key["y"]), proof[:32], proof[32:]))
		public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
		public.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))
		return head["kid"]


def test_f34_what_is_signed_verifies_while_keys_are_rotated_under_load(one):
	application, goes_on = Signed(one), True

	def rotate():
		nonlocal goes_on
		for _ in range(3):
			ctl(one, "key", "rotate", "ES256", "--reason", "under load")
		settled(one)
		goes_on = False

	rotating = threading.Thread(target=rotate)
	rotating.start()
	while goes_on:
		application.ask()
	rotating.join(60)
	application.ask()
	application.look()
	# The oldest of them too, with what is shown now.
	assert len({application.verify(token) for token in application.tokens}) >= 2


def test_f34_nothing_is_signed_with_a_key_some_node_did_not_show_before(one, nodes):
	two = nodes("two-under-load")
	wait_until(lambda: kids(two.base_url) == kids(one.base_url), 10, "the same keys")
	goes_on, wrong, used = True, [], set()

	def ask(base_url):
		application = Signed(one, base_url)
		while goes_on:
			shown = kids(one.base_url) & kids(two.base_url)
			application.ask()
			kid = application.verify(application.tokens.pop())
			used.add(kid)
			if kid not in shown:
				wrong.append((base_url, kid))

	asking = [threading.Thread(target=ask, args=(node.base_url,)) for node in (one, two)]
	for thread in asking:
		thread.start()
	for node in (one, two):
		ctl(node, "key", "rotate", "ES256", "--reason", "under load")
		settled(one, two)
	goes_on = False
	for thread in asking:
		thread.join(30)
	assert not wrong and len(used) >= 3, (wrong, used)


def test_nodes_that_rotate_at_the_same_time_end_with_the_same_keys(one, nodes):
	two = nodes("three")
	words = [str(build_folder() / "latchkeyctl"), "--json", "--yes", "key", "rotate", "ES256", "--reason", "race", "--config"]
	both = [subprocess.Popen([*words, node.config], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for node in (one, two)]
	ended = [(racer.communicate(timeout=30), racer.returncode)[1] for racer in both]
	assert 0 in ended
	wait_until(lambda: kids(two.base_url) == kids(one.base_url), 10, "the same keys")
	settled(one, two)
	for node in (one, two):
		signing = [key for key in keys_of(node).values() if key["state"] == "signs" and key["alg"] == "ES256"]
		assert len(signing) == 1
	assert keys_of(one) == keys_of(two)


def test_a_key_that_signs_stays_and_one_that_does_not_is_retired_everywhere(one, nodes):
	two = nodes("four")
	ctl(one, "key", "rotate", "ES256", "--reason", "to be sure")
	settled(one)
	for key in keys_of(one).values():
		if key["state"] == "signs":
			assert "signs now" in ctl(one, "key", "retire", key["kid"], "--reason", "too early", code=1)["text"]
	old = next(key for key in keys_of(one).values() if key["state"] == "verifies")
	ctl(one, "key", "retire", old["name"], "--reason", "it was read")
	assert old["kid"] not in kids(one.base_url)
	wait_until(lambda: kids(two.base_url) == kids(one.base_url), 10, "gone at the other node")
	assert "no key" in ctl(one, "key", "retire", old["kid"], "--reason", "again", code=1)["text"]
	ctl(one, "key", "retire", old["kid"], code=2)
	assert "no such algorithm" in ctl(one, "key", "rotate", "HS256", "--reason", "x", code=1)["text"]
	assert audit(one, event="key_retired")[0]["detail"].startswith(old["name"])
	assert audit(one, event="key_refused")


# --- F34: never another key, never none ------------------------------------------------------


def test_f34_a_key_file_that_cannot_be_read_refuses_the_start():
	folder = Path(tempfile.mkdtemp(prefix="lk-keys-"))
	try:
		for part in ("audit", "run", "spool"):
			(folder / part).mkdir()
		chosen = Settings(folder, {"http": 1, "metrics": 2, "ldap": 3, "redis": 4, "smtp": 5})
		chosen.write()
		for name in ("service-password", "common-passwords.bin"):
			file_write(folder / name, "unused\n")
		key_file_write(folder / "keys")
		(folder / "keys").chmod(0)
		as_nobody = []
		if os.getuid() == 0:
			# Nothing is unreadable for root.
			as_nobody = ["setpriv", "--reuid", str(NOBODY), "--clear-groups"]
			for path in (folder, *folder.rglob("*")):
				os.chown(path, NOBODY, NOBODY)
		said = subprocess.run([*as_nobody, str(build_folder() / "latchkeyd"), "--config", str(chosen.path)],
			capture_output=True, text=True, timeout=30, check=False)
		assert said.returncode == 1
		(line,) = [json.loads(row) for row in said.stderr.splitlines() if '"error"' in row]
		assert line["text"].startswith("keys: ") and not list((folder / "audit").iterdir())
	finally:
		shutil.rmtree(folder)


def test_f34_a_node_with_another_key_file_signs_nothing_shows_nothing_and_says_so(one, nodes):
	key_file_write(one.folder / "other-keys")
	before = keys_of(one)
	two = nodes("other", one.folder / "other-keys")
	wait_until(lambda: "does not open" in two.verbose(), 10, "what is wrong")
	assert "signing keys are missing" in two.verbose()
	status, headers, body = get(two.base_url, "/jwks.json")
	assert status == 503 and headers["Retry-After"] and "keys" not in json.loads(body)
	assert get(two.base_url, "/readyz")[0] == 503
	assert not any(key["is_open"] for key in keys_of(two).values())
	assert "does not open" in two.log()
	assert keys_of(one) == before and kids(one.base_url) == {key["kid"] for key in before.values()}


def test_f34_without_the_directory_there_are_the_keys_of_before_or_none(one, nodes):
	shown = get(one.base_url, "/jwks.json")[2]
	one.part("slapd").stop()
	try:
		wait_until(lambda: get(one.base_url, "/readyz")[0] == 503, 10, "the directory is missed")
		assert get(one.base_url, "/jwks.json")[2] == shown
		two = nodes("late")
		assert get(two.base_url, "/jwks.json")[0] == 503 and "signing keys are missing" in two.verbose()
		assert ctl(one, "key", "rotate", "--reason", "now", code=3)["error"] == "DIRECTORY_DOWN"
	finally:
		one.part("slapd").start()
	wait_until(lambda: get(two.base_url, "/readyz")[0] == 200, 15, "ready")
	assert get(two.base_url, "/jwks.json")[2] == shown == get(one.base_url, "/jwks.json")[2]


def test_a_hang_up_reads_the_keys_at_once_and_loses_none(one, nodes):
	two = nodes("hup")
	asking = Asking(two.base_url)
	for _ in range(5):
		two.daemon.signal(signal.SIGHUP)
		ctl(one, "key", "list")
	wait_until(lambda: two.log().count("the new setting holds") >= 1, 10, "reloads")
	asking.end()


# --- time ------------------------------------------------------------------------------------


def test_time_alone_publishes_the_next_key_lets_it_sign_and_takes_the_old_one_away(one):
	"""The last here: the daemon's clock stays months ahead."""
	clock = Clock(one)

	def es256():
		return {key["name"]: key["state"] for key in keys_of(one).values() if key["alg"] == "ES256"}

	(first,) = [key for key in keys_of(one).values() if key["alg"] == "ES256" and key["state"] == "signs"]
	name = first["name"]
	following = f"ES256-{int(name.split('-')[1]) + 1}"
	clock.turn(89 * DAY_S + 60)
	wait_until(lambda: es256() == {name: "signs", following: "ahead"}, 15, "published ahead")
	assert first["kid"] in kids(one.base_url) and len(kids(one.base_url)) == 4
	clock.turn(DAY_S)
	wait_until(lambda: es256() == {name: "verifies", following: "signs"}, 15, "its turn")
	clock.turn(2 * DAY_S)
	wait_until(lambda: es256() == {following: "signs"}, 15, "the old one gone")
	assert first["kid"] not in kids(one.base_url)
	assert any(line["detail"] == f"{name} {first['kid']}" for line in audit(one, event="key_removed"))


def authenticator_key(demo, person):
	"""Number of the key that sealed it."""
	there = ldap.initialize(demo.ldap.uri)
	there.simple_bind_s(demo.ldap.admin_dn, demo.ldap.admin_password)
	base = demo.ldap.base_dn
	person_id = there.search_s(f"ou=people,{base}", ldap.SCOPE_SUBTREE, f"(uid={person.username})", ["entryUUID"])[0][1]["entryUUID"][0].decode()
	found = there.search_s(f"ou=factors,ou=latchkey,{base}", ldap.SCOPE_SUBTREE, f"(lkPersonId={person_id})", ["lkTotp"])
	return int.from_bytes(found[0][1]["lkTotp"][0][1:5], "big")


def test_an_authenticator_is_sealed_with_the_newest_key_once_every_node_has_had_it_for_long(own_demo, totp):
	own = own_demo()
	person, key_file, fresh = own.person(), own.folder / "keys", own.folder / "fresh-key"
	key_file_write(fresh, 2)
	key_file.write_text(key_file.read_text() + fresh.read_text())
	own.part("latchkeyd").stop()
	own.part("latchkeyd").start()

	def come_by():
		browser = Browser(own.base_url)
		signed_in(browser, person, totp)
		browser.close()
		return authenticator_key(own, person)

	wait_until(lambda: len(seals_of(own)) == 2, 15, "the pairwise secret sealed anew")
	there = ldap.initialize(own.ldap.uri)
	there.simple_bind_s(own.ldap.admin_dn, own.ldap.admin_password)
	there.delete_s(f"lkKeyName=pairwise-1,ou=keys,ou=factors,ou=latchkey,{own.ldap.base_dn}")
	wait_until(lambda: len(seals_of(own)) == 1, 15, "as two days later")
	assert come_by() == 2
	assert come_by() == 2, "and it is the same authenticator"
