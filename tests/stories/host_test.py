# SPDX-License-Identifier: MIT
"""More of a host that relies on us: keys, passwd, people who left, passwords about to end."""
import os
import time

import pytest

from host import Host
from steps import new_password, show_password
from story import audit

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="sshd with another /etc/pam.d needs root")
DAY_S = 86400


@pytest.fixture(scope="module")
def crew(demo):
	"""People of this file, with accounts on the host."""
	return [(state, demo.person(state)) for state in ("ok",) * 7 + ("expired", "must_change", "left", "closed", "locked")]


@pytest.fixture(scope="module")
def host(demo, crew):
	made = Host(demo, [person for _, person in crew])
	yield made
	made.end()


@pytest.fixture
def person(crew):
	def take(state="ok"):
		row = next(row for row in crew if row[0] == state)
		crew.remove(row)
		return row[1]
	return take


@pytest.fixture
def entry_change(demo):
	"""entry_change(person, pwdGraceUseTime=[]): operational attributes as an administrator with a tool would."""
	import ldap
	import ldap.controls
	relax = ldap.controls.RequestControl("1.3.6.1.4.1.4203.666.5.12", criticality=True)
	directory = ldap.initialize(demo.ldap.uri)
	directory.simple_bind_s(demo.ldap.admin_dn, demo.ldap.admin_password)

	def change(person, **values):
		[(dn, _)] = directory.search_s(f"ou=people,{demo.ldap.base_dn}", ldap.SCOPE_SUBTREE, f"(uid={person.username})", ["1.1"])
		directory.modify_ext_s(dn, [(ldap.MOD_REPLACE, name, [word.encode() for word in words]) for name, words in values.items()],
			serverctrls=[relax])

	yield change
	directory.unbind_s()


def stamp(at_s):
	return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(at_s))


def signed_in(host, who, totp):
	"""Everything the person sees until they are in."""
	terminal = host.ssh(who)
	terminal.expect("Password: ?")
	terminal.type(who.password)
	terminal.expect(r"authenticator app: ?")
	terminal.type(totp(who.totp_secret))
	status, text = terminal.rest()
	assert status == 0 and f"in as {who.username}" in text, text
	return text


@pytest.mark.parametrize("state, is_in", (("ok", True), ("left", False), ("closed", False), ("locked", False)))
def test_an_ssh_key_opens_only_to_people_whose_account_is_open(host, person, state, is_in):
	who = person(state)
	status, text = host.ssh(who, key=True).rest()
	assert (status == 0 and f"in as {who.username}" in text) is is_in, text


def test_sudo_refuses_people_who_left(host):
	who = next(person for person in host.people if person.state == "left")
	terminal = host.sudo(who)
	terminal.expect("password for")
	terminal.type(who.password)
	status, text = terminal.rest()
	assert status != 0 and "This account ended on" in text and "Reference " in text and "root" not in text, text


def test_passwd_by_the_person_asks_for_both_proofs_and_tells_every_rule(demo, host, person, totp, http):
	who = person()
	terminal = host.passwd(who)
	terminal.expect("Your password now: ?")
	terminal.type(who.password)
	terminal.expect("authenticator app: ?")
	terminal.type(totp(who.totp_secret))
	assert "Three random words make a strong password" in terminal.expect("New password: ?")
	terminal.type("short")
	terminal.expect("New password again: ?")
	terminal.type("short")
	assert "Password must be 12 characters or more" in terminal.expect("New password: ?")
	terminal.type("one thing here")
	terminal.expect("New password again: ?")
	terminal.type("another thing here")
	assert "The two new passwords are not the same" in terminal.expect("New password: ?")
	chosen = new_password()
	terminal.type(chosen)
	terminal.expect("New password again: ?")
	terminal.type(chosen)
	status, text = terminal.rest()
	assert status == 0 and "Your password has been changed, for every service." in text, text
	assert audit(demo, event="password_changed", username=who.username, door="pam:passwd")
	assert show_password(http, who, chosen).status == 303


def test_passwd_with_a_wrong_password_changes_nothing(demo, host, person, http):
	who = person()
	terminal = host.passwd(who)
	terminal.expect("Your password now: ?")
	terminal.type("not the right one")
	status, text = terminal.rest()
	assert status != 0 and "one of them is not right" in text, text
	assert show_password(http, who).status == 303


def test_welsh_is_spoken_to_who_reads_welsh(host, person):
	terminal = host.passwd(person(), language="cy_GB.UTF-8")
	terminal.expect("Eich cyfrinair presennol: ?")
	terminal.type("not the right one")
	status, text = terminal.rest()
	assert status != 0 and "Gwiriwch eich ID staff" in text, text


def test_passwd_by_root_is_refused_and_told_the_other_way(host, person):
	status, text = host.passwd(person(), by_root=True).rest()
	assert status != 0 and "use latchkeyctl" in text, text


def test_sign_ins_left_to_an_expired_password_are_counted_at_the_prompt(host, person, totp, entry_change):
	who = person("expired")
	entry_change(who, pwdGraceUseTime=[])
	assert "Your password has expired. You can sign in 2 more times." in signed_in(host, who, totp)


def test_a_password_about_to_end_is_told_at_the_prompt(host, person, totp, entry_change):
	who = person()
	entry_change(who, pwdChangedTime=[stamp(time.time() - 360 * DAY_S)])
	assert "Your password ends on" in signed_in(host, who, totp)
