# SPDX-License-Identifier: MIT
"""Attributes applications may be told of, whatever they hold, and never of anything else."""
import pytest

from lab import FACTORS, PASSWORD, PEOPLE, Person

VALUES_MAX, VALUE_BYTES = 64, 1024


@pytest.fixture(scope="module")
def wide():
	"""Rights that show the service account everything but passwords, as a careless administrator sets them."""
	def acl(text):
		line = "attrs=modifyTimestamp,"
		assert line in text
		return text.replace(line, "attrs=entry,description,title,jpegPhoto,pwdHistory,modifyTimestamp,")
	return acl


def texts(answer, name):
	return [bytes.fromhex(value) for value in answer[name]]


def test_attributes_are_read_by_name(server, drive):
	person = server.person("asha", displayName="Siân Rao", street="1 Office Street", postalAddress="1 Office Street$Y Fflint")
	found = drive("attributes", person, "displayName", "street", "postalAddress", "st", "DISPLAYNAME", "modifyTimestamp")
	assert found.err == "OK", found
	assert texts(found, "displayName") == texts(found, "DISPLAYNAME") == ["Siân Rao".encode()]
	assert texts(found, "postalAddress") == [b"1 Office Street$Y Fflint"]
	assert texts(found, "st") == []
	assert len(texts(found, "modifyTimestamp")[0]) == len("20261127170741Z")


def test_nothing_of_passwords_and_nothing_unlisted_is_read(server, drive):
	person = server.person("dan", title="Clerk", description="private")
	asked = ("userPassword", "USERPASSWORD", "pwdHistory", "userPassword;binary", "2.5.4.35", "*", "+", "title", "description", "sn")
	found = drive("attributes", person, *asked)
	assert found.err == "OK", found
	assert {name for name in asked if found[name]} == {"sn"}


def test_names_of_secrets_are_not_asked_for_whatever_the_rights(servers, drives, wide):
	careless = servers(acl=wide)
	drive = drives(careless)
	person = careless.person("eve", description="told")
	careless.admin().passwd_s(person.dn, PASSWORD, "yet-another-horse-4")
	found = drive("attributes", person, "description", "pwdHistory", "PwdHistory", "pwdChangedTime")
	assert found.err == "OK", found
	assert texts(found, "description") == [b"told"]
	assert not found["pwdHistory"] and not found["PwdHistory"] and not found["pwdChangedTime"]


def test_strange_bytes_come_as_they_are(servers, drives, wide):
	careless = servers(acl=wide)
	drive = drives(careless)
	person = careless.person("bob")
	strange = [b"\0", b"a\0b", b"\xff\xfe\x00", bytes(range(256))]
	careless.admin().modify_s(person.dn, [(0, "jpegPhoto", strange)])
	found = drive("attributes", person, "jpegPhoto", "cn")
	assert found.err == "OK", found
	assert sorted(texts(found, "jpegPhoto")) == sorted(strange) and not found.jpegPhoto_is_cut
	assert texts(found, "cn") == [b"Bob"]


def test_huge_and_many_values_are_bounded(servers, drives, wide):
	careless = servers(acl=wide)
	drive = drives(careless)
	person = careless.person("cat", title="x" * VALUE_BYTES)
	careless.admin().modify_s(person.dn, [(0, "description", [f"{i:05}".encode() for i in range(5000)]),
		(0, "jpegPhoto", [b"\1" * (1 << 20), b"\2" * (VALUE_BYTES + 1), b"\3" * VALUE_BYTES])])
	found = drive("attributes", person, "description", "jpegPhoto", "title")
	assert found.err == "OK", found
	assert len(found.description) == VALUES_MAX and found.description_is_cut
	assert texts(found, "jpegPhoto") == [b"\3" * VALUE_BYTES] and found.jpegPhoto_is_cut
	assert texts(found, "title") == [b"x" * VALUE_BYTES] and not found.title_is_cut


def test_another_person_under_the_same_name_is_not_told_of(server, drive):
	gone = server.person("mover")
	server.admin().delete_s(gone.dn)
	assert drive("attributes", gone, "cn").err == "PERSON_NOT_FOUND"
	server.person("mover", cn="Somebody Else")
	assert drive("attributes", gone, "cn").err == "PERSON_NOT_FOUND"


def test_only_people_are_told_of(server, drive):
	person = server.person("ann")
	for dn in (PEOPLE, FACTORS, "cn=nobody", "", "*"):
		assert drive("attributes", Person(dn or "cn=x", person.id, "ann"), "cn").err in ("PERSON_NOT_FOUND", "BROKEN"), dn
	for id in ("*", "", person.id + ")(cn=*", "x" * 36):
		assert drive("attributes", Person(person.dn, id, "ann"), "cn").err in ("PERSON_NOT_FOUND", "BROKEN"), id


def test_a_directory_that_is_out_is_said_so(servers, drives):
	short = servers()
	drive = drives(short)
	person = short.person("off")
	short.slapd.stop()
	assert drive("attributes", person, "cn").err == "DIRECTORY_DOWN"
