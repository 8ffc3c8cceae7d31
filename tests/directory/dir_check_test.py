# SPDX-License-Identifier: MIT
"""What dir_check tells the operator: nothing of a good directory, each trap of a bad one, and it changes nothing."""
import ldap
import pytest

from lab import BASE, FACTORS, OTHER, PEOPLE, POLICIES, SERVICE

LIMIT = "20"


def findings(drives, server, **settings):
	answer = drives(server, **settings)("findings", LIMIT)
	assert answer.err == "OK", answer
	assert not [dn for dn, _ in server.admin().search_s(FACTORS, 1, "(lkPersonId=check*)")]
	return answer


def one(texts, *words):
	assert len(texts) == 1, texts
	assert texts[0].startswith(words[0]), texts
	assert all(word in texts[0] for word in words), texts


def test_a_directory_as_we_describe_it_has_none_and_stays_as_it_is(server, drives):
	for name in ("asha", "boss"):
		server.person(name)
	everyone = server.admin().search_s(PEOPLE, 2, "(objectClass=*)", ["*", "+"])
	answer = findings(drives, server)
	assert (answer.fatal, answer.told) == ([], [])
	assert server.admin().search_s(PEOPLE, 2, "(objectClass=*)", ["*", "+"]) == everyone


def test_without_people_there_is_nothing_to_tell_either(servers, drives):
	answer = findings(drives, servers())
	assert (answer.fatal, answer.told) == ([], [])


def test_manage_on_passwords(servers, drives):
	server = servers(acl=lambda text: text.replace(f'by dn.exact="{SERVICE}" =w\n', f'by dn.exact="{SERVICE}" manage\n', 1))
	server.person("asha")
	one(findings(drives, server).fatal, "the service account has", "manage", "=w", "acl.conf")


def test_readable_passwords(servers, drives):
	server = servers(conf=lambda text: text.replace("\nppolicy_hash_cleartext\n", "\n"))
	one(findings(drives, server).told, "the directory keeps passwords readable", "ppolicy_hash_cleartext")


def test_locks_that_are_not_told(servers, drives):
	server = servers(conf=lambda text: text.replace("\nppolicy_use_lockout\n", "\n"))
	one(findings(drives, server).told, "the directory does not say", "ppolicy_use_lockout")


def test_a_lock_that_strangers_reach(servers, drives):
	server = servers()
	server.put(f"cn=default,{POLICIES}", "pwdMaxFailure", LIMIT)
	one(findings(drives, server).fatal, "cn=default", "pwdMaxFailure", "lockout.policy")
	server.put(f"cn=default,{POLICIES}", "pwdMaxFailure", "21")
	server.policy("few", pwdLockout="TRUE", pwdMaxFailure=3)
	answer = findings(drives, server)
	assert answer.fatal == []
	one(answer.told, "cn=few")


def test_no_right_to_unlock(servers, drives):
	server = servers(acl=lambda text: text.replace(f'by dn.exact="{SERVICE}" =rscz\n', f'by dn.exact="{SERVICE}" =rsc\n', 1))
	server.person("asha")
	one(findings(drives, server).told, "the service account may not end locks", "=rscz")


LOCKS = "attrs=pwdAccountLockedTime,pwdFailureTime"


@pytest.mark.parametrize("acl", (
	lambda text: text.replace(LOCKS, "attrs=pwdAccountLockedTime"),
	lambda text: text.replace(LOCKS, f'attrs=pwdFailureTime\n\tby dn.exact="{SERVICE}" auth\n\tby * none\naccess to dn.subtree="{PEOPLE}" {LOCKS}')),
	ids=("forgotten", "refused"))
@pytest.mark.parametrize("has_failed", (False, True))
def test_no_right_to_see_wrong_passwords(servers, drives, acl, has_failed):
	"""A lock by wrong passwords would look like one by an administrator, which signs people out."""
	server = servers(acl=acl)
	dn = server.person("asha").dn
	if has_failed:
		with pytest.raises(ldap.INVALID_CREDENTIALS):
			ldap.initialize(server.uri).simple_bind_s(dn, OTHER)
	answer = findings(drives, server)
	assert answer.fatal == []
	one(answer.told, "the service account may not see wrong passwords", "=rscz", "pwdFailureTime", "acl.conf")


def test_wrong_passwords_that_are_there_are_no_fault(servers, drives):
	server = servers()
	with pytest.raises(ldap.INVALID_CREDENTIALS):
		ldap.initialize(server.uri).simple_bind_s(server.person("asha").dn, OTHER)
	answer = findings(drives, server)
	assert (answer.fatal, answer.told) == ([], [])


def test_no_right_to_set_passwords(servers, drives):
	server = servers(acl=lambda text: text.replace(f'by dn.exact="{SERVICE}" =w\n', f'by dn.exact="{SERVICE}" none\n', 1))
	server.person("asha")
	one(findings(drives, server).told, "the service account may not set passwords", "=w")


@pytest.mark.parametrize("setting, count", [("factors_base", 2), ("people_base", 1)])
def test_a_base_that_is_not_there(server, drives, setting, count):
	answer = findings(drives, server, **{setting: f"ou=nowhere,{BASE}"})
	assert len(answer.fatal) == count and f"directory.{setting}" in answer.fatal[0]


def test_no_decoy(server, drives):
	one(findings(drives, server, decoy_dn=f"cn=someone,ou=latchkey,{BASE}").fatal, "directory.decoy_dn is not there")


def test_no_policy_overlay(servers, drives):
	server = servers(conf=lambda text: text.split("overlay ppolicy")[0])
	fatal = findings(drives, server).fatal
	assert any("ppolicy" in words and "overlay" in words for words in fatal), fatal


def test_a_server_that_takes_no_changes(servers, drives):
	server = servers(behind="readonly on")
	one(findings(drives, server).told, "the directory server takes no changes")


def test_a_service_account_with_the_wrong_password_is_named(server, drives):
	answer = drives(server, bind_password="not-this-one")("findings", LIMIT)
	assert answer.err == "DIRECTORY_DOWN" and SERVICE in answer.why and "not-this-one" not in answer.why
