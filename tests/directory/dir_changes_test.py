# SPDX-License-Identifier: MIT
"""What others changed in the directory is seen, once each, by a look that stays cheap."""
import pytest

from lab import BLOCKED, GROUPS, PEOPLE, stamp, wait_until


@pytest.fixture(scope="module")
def asha(server):
	return server.person("asha", ou="Finance")


@pytest.fixture
def drive(drives, server, asha):
	"""A driver that has looked already."""
	looking = drives(server)
	assert looking("changes").err == "OK"
	return looking


def told(drive):
	found = drive("changes")
	assert found.err == "OK" and not found.has_more, found
	return found.people


def test_a_change_is_told_once(drive, server, asha):
	assert told(drive) == []
	server.put(asha.dn, "ou", "Planning")
	assert told(drive) == [asha.id]
	assert told(drive) == []


@pytest.mark.parametrize("attribute, value", [("mail", "a.rao@fin.example"), ("pwdAccountLockedTime", BLOCKED), ("pwdAccountLockedTime", None),
	("pwdEndTime", stamp(60)), ("pwdEndTime", None), ("pwdReset", "TRUE"), ("pwdReset", None)])
def test_whatever_an_administrator_writes_is_told(drive, server, asha, attribute, value):
	server.put(asha.dn, attribute, *([] if value is None else [value]))
	assert told(drive) == [asha.id]


def test_a_move_and_a_new_name_are_told(drive, server, asha):
	admin = server.admin()
	admin.add_s(f"ou=Planning,{PEOPLE}", [("objectClass", [b"organizationalUnit"]), ("ou", [b"Planning"])])
	admin.rename_s(asha.dn, "uid=asha.rao", f"ou=Planning,{PEOPLE}")
	assert asha.id in told(drive)
	admin.rename_s(f"uid=asha.rao,ou=Planning,{PEOPLE}", "uid=asha", PEOPLE)
	assert told(drive) == [asha.id]


def test_two_changes_in_one_second_are_both_told(drive, server, asha):
	for department in ("One", "Two", "Three"):
		server.put(asha.dn, "ou", department)
		assert told(drive) == [asha.id]


def test_a_group_that_was_changed_is_told_of(drive, server, asha):
	group = f"cn=Payroll,{GROUPS}"
	server.admin().add_s(group, [("objectClass", [b"groupOfNames"]), ("cn", [b"Payroll"]), ("member", [asha.dn.encode()])])
	assert drive("changes").has_groups == 1
	assert drive("changes").has_groups == 0
	server.put(group, "member", "cn=somebody else")
	found = drive("changes")
	assert found.has_groups == 1 and found.people == []


def test_more_than_can_be_told_says_so(drives, server):
	looking = drives(server)
	looking("changes")
	for i in range(410):
		server.admin().add_s(f"uid=many{i},{PEOPLE}", [("objectClass", [b"inetOrgPerson"]), ("cn", [b"x"]), ("sn", [b"x"]),
			("uid", [f"many{i}".encode()])])
	found = looking("changes")
	assert found.err == "OK" and found.has_more == 1


def test_an_outage_loses_nothing(drives, servers):
	own = servers()
	someone = own.person("late")
	looking = drives(own)
	looking("changes")
	own.slapd.stop()
	assert looking("changes").err == "DIRECTORY_DOWN"
	own.slapd.start()
	own.put(someone.dn, "ou", "Elsewhere")
	found = []
	wait_until(lambda: found.append(looking("changes")) or found[-1].err == "OK", 10, "the directory")
	assert found[-1].people == [someone.id]


def test_a_directory_that_does_not_let_us_see_it_changes_nothing(drives, servers):
	own = servers(acl=lambda text: text.replace(",entryCSN", ""))
	someone = own.person("hidden")
	looking = drives(own)
	own.put(someone.dn, "ou", "Elsewhere")
	assert looking("changes").people == []
