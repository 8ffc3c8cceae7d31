# SPDX-License-Identifier: MIT
"""The entries of the keys that sign tokens: one node's add wins, nothing is lost on the way, and a directory without them is told."""
import re
from pathlib import Path

import ldap

from lab import FACTORS

KEYS = f"ou=keys,{FACTORS}"
SEALED = bytes(range(1, 128)) * 14
ADD = ("key_add", "RS256-1", "kid-1", SEALED, "1795800000", "1795886400")
SECRET = ("secret_add", "pairwise-1", SEALED)


def test_a_key_comes_back_as_it_was_put(server, drive):
	assert drive("keys").found == []
	assert drive(*ADD).err == "OK"
	(key,) = drive("keys").found
	assert key["name"] == "RS256-1" and key["kid"] == "kid-1" and key["sealed"].encode() == SEALED
	assert (key["made_at_s"], key["signs_at_s"]) == (1795800000, 1795886400)
	assert drive("key_remove", "RS256-1").err == "OK" and drive("keys").found == []
	assert drive("key_remove", "RS256-1").err == "OK"


def test_of_two_that_make_the_same_key_one_wins(server, drives):
	one, two = drives(server), drives(server)
	one.begin(*ADD)
	two.begin("key_add", "RS256-1", "kid-2", *ADD[3:])
	said = [one.finish(), two.finish()]
	assert sorted(answer.err for answer in said) == ["OK", "USED"]
	winner = "kid-1" if said[0].err == "OK" else "kid-2"
	assert [key["kid"] for key in one("keys").found] == [winner] == [key["kid"] for key in two("keys").found]
	one("key_remove", "RS256-1")


def test_a_secret_stands_beside_the_keys_and_is_none_of_them(server, drive):
	assert drive(*ADD).err == drive(*SECRET).err == "OK"
	(secret,) = drive("secrets").found
	assert secret["name"] == "pairwise-1" and secret["sealed"].encode() == SEALED and secret["made_at_s"] == 1795800000
	assert [key["name"] for key in drive("keys").found] == ["RS256-1"]
	assert drive("key_remove", "pairwise-1").err == drive("key_remove", "RS256-1").err == "OK"
	assert drive("secrets").found == drive("keys").found == []


def test_of_two_nodes_that_make_the_secret_at_once_one_wins(server, drives):
	one, two = drives(server), drives(server)
	one.begin(*SECRET)
	two.begin("secret_add", "pairwise-1", SEALED[::-1])
	said = [one.finish(), two.finish()]
	assert sorted(answer.err for answer in said) == ["OK", "USED"]
	winner = SEALED if said[0].err == "OK" else SEALED[::-1]
	assert [secret["sealed"].encode() for node in (one, two) for secret in node("secrets").found] == [winner] * 2
	one("key_remove", "pairwise-1")


def test_ou_keys_is_made_where_it_is_missing(server, drive):
	server.admin().delete_s(KEYS)
	assert drive("keys").found == []
	assert drive(*ADD).err == "OK"
	assert [key["name"] for key in drive("keys").found] == ["RS256-1"]
	drive("key_remove", "RS256-1")


def test_more_than_can_be_read_are_refused_whole(server, drive):
	for number in range(1, 6):
		assert drive("key_add", f"ES256-{number}", *ADD[2:]).err == "OK"
	said = drive("keys")
	assert said.err == "BROKEN" and "more than 4" in said.why
	for number in range(1, 6):
		drive("key_remove", f"ES256-{number}")


def test_names_cannot_reach_elsewhere(server, drive):
	name = f"x,{FACTORS}+ou=keys"
	assert drive("key_add", name, *ADD[2:]).err == "OK"
	assert [key["name"] for key in drive("keys").found] == [name]
	assert drive("key_remove", name).err == "OK"


def schema_of_before(conf):
	"""Takes everything of signing keys, and what came after them, out of the schema that slapd.conf names."""
	path = Path(re.search(r"^include (\S+/latchkey\.schema)$", conf, re.MULTILINE).group(1))
	text = path.read_text()
	path.write_text(text[:text.index("attributetype ( lkAttribute:7")]
		+ text[text.index("objectclass ( lkClass:1"):text.index("objectclass ( lkClass:2")].replace(" $ lkAllowed", ""))
	return conf


def test_a_directory_with_the_schema_of_before_says_so(servers, drives):
	drive = drives(servers(conf=schema_of_before))
	assert drive("keys").found == []
	for act in (ADD, SECRET):
		said = drive(*act)
		assert said.err == "BROKEN" and said.why
	assert drive("secrets").found == []


def test_a_server_that_takes_no_changes_changes_nothing(servers, drives):
	drive = drives(servers(behind="readonly on"))
	assert drive("keys").err == "OK"
	assert drive(*ADD).err == drive(*SECRET).err == "DIRECTORY_READ_ONLY"


def test_without_the_directory_nothing_was_sent(servers, drives):
	running = servers()
	drive = drives(running)
	running.slapd.stop()
	assert drive("keys").err == "DIRECTORY_DOWN"
	assert drive(*ADD).err == drive(*SECRET).err == drive("secrets").err == "DIRECTORY_DOWN"
	running.slapd.start()
	assert running.admin().search_s(KEYS, ldap.SCOPE_ONELEVEL) == []
