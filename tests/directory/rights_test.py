# SPDX-License-Identifier: MIT
"""Each line of contrib/directory/acl.conf, and above all what it does not allow."""
import ldap
import pytest

from lab import BASE, DECOY, FACTORS, GROUPS, NEXT, OTHER, PASSWORD, PEOPLE, POLICIES, SERVICE, stamp

REFUSED = (ldap.INSUFFICIENT_ACCESS, ldap.NO_SUCH_OBJECT)
READ = ("objectClass entryUUID uid cn sn givenName displayName mail telephoneNumber mobile ou departmentNumber manager "
	"preferredLanguage pwdChangedTime pwdReset pwdPolicySubentry pwdStartTime pwdEndTime pwdAccountLockedTime pwdFailureTime "
	"entryCSN modifyTimestamp postalAddress street l st postalCode").split()
NOT_READ = "userPassword pwdHistory title description employeeNumber homePhone pwdGraceUseTime modifiersName creatorsName".split()


@pytest.fixture(scope="module")
def asha(server):
	policy = server.policy("asha", pwdInHistory=3, pwdMaxFailure=2, pwdLockout="TRUE", pwdMaxAge=86400, pwdGraceAuthNLimit=3,
		pwdMinLength=12, pwdCheckQuality=2)
	person = server.person("asha", policy, givenName="Asha", displayName="Asha", telephoneNumber="1", mobile="2", ou="Finance",
		departmentNumber="fin", manager=f"uid=boss,{PEOPLE}", preferredLanguage="cy", title="Clerk", description="private",
		employeeNumber="7", homePhone="5", street="1 Office Street", postalAddress="1 Office Street$Y Fflint", l="Y Fflint",
		st="Sir y Fflint", postalCode="CH6 5NN", pwdStartTime=stamp(9), pwdEndTime=stamp(-86400))
	there = ldap.initialize(server.uri)
	there.simple_bind_s(person.dn, PASSWORD)
	there.passwd_s(person.dn, PASSWORD, NEXT)
	server.put(person.dn, "pwdReset", "TRUE")
	for _ in range(2):
		with pytest.raises(ldap.INVALID_CREDENTIALS):
			there.simple_bind_s(person.dn, OTHER)
	server.person("boss")
	server.admin().add_s(f"cn=Payroll,{GROUPS}", [("objectClass", [b"groupOfNames"]), ("cn", [b"Payroll"]),
		("description", [b"private"]), ("member", [person.dn.encode()])])
	return person


@pytest.fixture
def service(server):
	return server.service()


@pytest.fixture
def boss(server, asha):
	there = ldap.initialize(server.uri)
	there.simple_bind_s(f"uid=boss,{PEOPLE}", PASSWORD)
	return there


@pytest.fixture
def stranger(server):
	return ldap.initialize(server.uri)


def shown(there, dn):
	"""Names of the attributes someone sees of an entry."""
	try:
		found = there.search_s(dn, ldap.SCOPE_BASE, "(objectClass=*)", ["*", "+"])
	except ldap.NO_SUCH_OBJECT:
		return set()
	return set(found[0][1]) if found else set()


def refused(act, *words):
	with pytest.raises(REFUSED + (ldap.CONSTRAINT_VIOLATION,)):
		act(*words)


def change(there, dn, attribute, *values, op=ldap.MOD_REPLACE):
	there.modify_s(dn, [(op, attribute, [value.encode() for value in values] or None)])


def test_of_a_person_the_service_account_reads_what_is_listed_and_no_more(server, service, asha):
	assert {"userPassword", "pwdHistory", "title", "pwdAccountLockedTime"} <= set(server.entry(asha.dn))
	assert shown(service, asha.dn) == set(READ)
	assert not shown(service, asha.dn) & set(NOT_READ)


def test_a_password_is_never_read_or_compared(service, asha):
	assert not service.search_s(PEOPLE, ldap.SCOPE_SUBTREE, "(userPassword=*)", ["1.1"])
	refused(service.compare_s, asha.dn, "userPassword", PASSWORD.encode())


def test_what_is_not_read_cannot_be_searched_for(service):
	for attribute in ("title", "employeeNumber", "description", "pwdHistory"):
		assert not service.search_s(PEOPLE, ldap.SCOPE_SUBTREE, f"({attribute}=*)", ["1.1"]), attribute


@pytest.mark.parametrize("attribute, value", [
	("cn", "X"), ("sn", "X"), ("mail", "x@x.example"), ("uid", "asha"), ("givenName", "X"), ("manager", SERVICE), ("title", "X"),
	("mobile", "9"), ("ou", "X"), ("objectClass", "inetOrgPerson"), ("pwdReset", "FALSE"), ("pwdPolicySubentry", DECOY),
	("pwdStartTime", stamp()), ("pwdEndTime", stamp()), ("pwdChangedTime", stamp()), ("pwdFailureTime", stamp()),
	("preferredLanguage", "en"), ("entryUUID", "00000000-0000-4000-8000-000000000000")])
def test_nothing_of_a_person_but_password_and_lock_is_written(server, service, asha, attribute, value):
	before = server.entry(asha.dn)
	refused(change, service, asha.dn, attribute, value)
	refused(change, service, asha.dn, attribute)
	assert server.entry(asha.dn) == before


def test_nobody_is_locked_out_by_the_service_account(server, service):
	person = server.person("free")
	for op in (ldap.MOD_ADD, ldap.MOD_REPLACE):
		for when in (stamp(), "000001010000Z"):
			with pytest.raises(REFUSED):
				service.modify_s(person.dn, [(op, "pwdAccountLockedTime", [when.encode()])])
	assert "pwdAccountLockedTime" not in server.entry(person.dn)


def test_a_lock_is_read_searched_and_ended(server, service):
	person = server.person("bound", pwdAccountLockedTime=stamp())
	assert [dn for dn, _ in service.search_s(PEOPLE, 2, f"(&(uid=bound)(pwdAccountLockedTime=*))", ["1.1"])] == [person.dn]
	change(service, person.dn, "pwdAccountLockedTime")
	assert "pwdAccountLockedTime" not in server.entry(person.dn)


def test_a_password_is_set_under_the_directorys_rules(server, service):
	person = server.person("reset", server.policy("reset", pwdMinLength=12, pwdCheckQuality=2, pwdInHistory=3))
	for new in ("short", PASSWORD):
		with pytest.raises(ldap.CONSTRAINT_VIOLATION):
			service.passwd_s(person.dn, None, new)
	with pytest.raises(ldap.CONSTRAINT_VIOLATION):
		change(service, person.dn, "userPassword", "{SSHA}cmVhZHktbWFkZS1oYXNo")
	service.passwd_s(person.dn, None, NEXT)
	ldap.initialize(server.uri).simple_bind_s(person.dn, NEXT)


def test_nobody_is_hired_dismissed_or_renamed(service, asha):
	new = [("objectClass", [b"inetOrgPerson"]), ("uid", [b"new"]), ("cn", [b"x"]), ("sn", [b"x"])]
	refused(service.add_s, f"uid=new,{PEOPLE}", new)
	refused(service.delete_s, asha.dn)
	refused(service.rename_s, asha.dn, "uid=other")
	refused(service.rename_s, asha.dn, "uid=asha", FACTORS)


def test_groups_and_policies_are_read_only(service):
	group, policy = f"cn=Payroll,{GROUPS}", f"cn=default,{POLICIES}"
	assert shown(service, group) == {"objectClass", "entryUUID", "cn", "member", "entryCSN"}
	refused(change, service, group, "member", SERVICE)
	refused(service.delete_s, group)
	refused(service.add_s, f"cn=Mine,{GROUPS}", [("objectClass", [b"groupOfNames"]), ("cn", [b"Mine"]), ("member", [b"cn=x"])])
	assert "pwdMaxFailure" in shown(service, policy)
	refused(change, service, policy, "pwdMaxFailure", "0")
	refused(service.add_s, f"cn=mine,{POLICIES}", [("objectClass", [b"organizationalRole"]), ("cn", [b"mine"])])


def test_the_rest_of_the_tree_is_not_shown(service):
	for dn in (BASE, f"ou=services,{BASE}", SERVICE, DECOY, f"ou=latchkey,{BASE}"):
		assert not shown(service, dn), dn
	seen = {dn.lower() for dn, _ in service.search_s(BASE, ldap.SCOPE_SUBTREE, "(objectClass=*)", ["1.1"])}
	assert all(dn.endswith((PEOPLE, GROUPS, POLICIES, FACTORS)) for dn in seen), seen


@pytest.mark.parametrize("dn", [SERVICE, DECOY])
def test_the_service_account_and_the_decoy_stay_as_they_are(server, service, dn):
	before = server.entry(dn)
	refused(change, service, dn, "userPassword", NEXT)
	with pytest.raises(ldap.LDAPError):
		service.passwd_s(dn, None, NEXT)
	refused(change, service, dn, "description", "x")
	refused(service.delete_s, dn)
	after = server.entry(dn)
	assert {name: after[name] for name in before} == before


def test_its_own_subtree_is_written(server, service):
	dn = f"lkPersonId=trial,{FACTORS}"
	service.add_s(dn, [("objectClass", [b"lkFactors"]), ("lkPersonId", [b"trial"]), ("lkTotp", [b"\x01"])])
	change(service, dn, "lkTotp")
	assert {"objectClass", "lkPersonId"} <= shown(service, dn)
	service.delete_s(dn)


def signing_key(name):
	"""DN and attributes."""
	new = {"objectClass": b"lkSigningKey", "lkKeyName": name.encode(), "lkKeyId": b"kid", "lkKeySealed": b"\x01\x00\xff",
		"lkKeyMadeAt": stamp().encode(), "lkKeySignsAt": stamp().encode()}
	return f"lkKeyName={name},ou=keys,{FACTORS}", [(attribute, [value]) for attribute, value in new.items()]


def shared_secret(name):
	new = {"objectClass": b"lkSharedSecret", "lkKeyName": name.encode(), "lkKeySealed": b"\x01\x00\xff", "lkKeyMadeAt": stamp().encode()}
	return f"lkKeyName={name},ou=keys,{FACTORS}", [(attribute, [value]) for attribute, value in new.items()]


@pytest.mark.parametrize("dn, new", [signing_key("RS256-1"), shared_secret("pairwise-1")])
def test_what_is_sealed_is_made_read_and_removed_and_never_changed(server, service, boss, stranger, dn, new):
	base = f"ou=keys,{FACTORS}"
	service.add_s(dn, new)
	assert {attribute for attribute, _ in new} <= shown(service, dn)
	for attribute in ("lkKeyId", "lkKeySealed", "lkKeyMadeAt", "lkKeySignsAt"):
		refused(change, service, dn, attribute, stamp())
		refused(change, service, dn, attribute)
	refused(service.rename_s, dn, dn.split(",")[0].replace("-1", "-2"))
	refused(change, service, base, "description", "x")
	with pytest.raises(ldap.ALREADY_EXISTS):
		service.add_s(dn, new)
	for there in (boss, stranger):
		assert not shown(there, dn) and not shown(there, base)
	refused(boss.delete_s, dn)
	refused(change, boss, dn, "lkKeyId", "x")
	for other in (signing_key("RS256-9"), shared_secret("pairwise-9")):
		refused(boss.add_s, *other)
	service.delete_s(dn)
	assert not shown(server.admin(), dn)


def test_people_change_their_own_password_and_nothing_else(server):
	me = server.person("self").dn
	self = ldap.initialize(server.uri)
	self.simple_bind_s(me, PASSWORD)
	self.passwd_s(me, PASSWORD, NEXT)
	for attribute, value in (("mail", "x@x.example"), ("cn", "X"), ("pwdReset", "FALSE"), ("pwdPolicySubentry", DECOY),
			("pwdEndTime", stamp(-86400)), ("pwdAccountLockedTime", stamp())):
		refused(change, self, me, attribute, value)
	assert not shown(self, me)
	refused(self.compare_s, me, "userPassword", b"x")


def test_people_see_and_change_nobody_else(boss, asha):
	for dn in (asha.dn, f"cn=default,{POLICIES}", f"cn=Payroll,{GROUPS}", f"lkPersonId=nobody,{FACTORS}", SERVICE, DECOY, BASE):
		assert not shown(boss, dn), dn
	with pytest.raises(ldap.LDAPError):
		boss.passwd_s(asha.dn, None, OTHER)
	refused(change, boss, asha.dn, "userPassword", OTHER)
	refused(change, boss, f"lkPersonId=nobody,{FACTORS}", "lkTotpName", "x")
	refused(boss.add_s, f"lkPersonId=mine,{FACTORS}", [("objectClass", [b"lkFactors"]), ("lkPersonId", [b"mine"])])
	with pytest.raises(ldap.NO_SUCH_OBJECT):
		boss.search_s(BASE, ldap.SCOPE_SUBTREE, "(uid=*)", ["1.1"])


def test_strangers_can_bind_and_nothing_else(stranger, asha):
	for dn in (asha.dn, f"cn=default,{POLICIES}", f"cn=Payroll,{GROUPS}", f"lkPersonId=nobody,{FACTORS}", SERVICE, DECOY, BASE):
		assert not shown(stranger, dn), dn
	for act in (lambda: change(stranger, asha.dn, "userPassword", OTHER), lambda: stranger.passwd_s(asha.dn, None, OTHER),
			lambda: change(stranger, asha.dn, "pwdAccountLockedTime")):
		with pytest.raises(ldap.LDAPError):
			act()


def test_strangers_cannot_lock_the_service_account_out(server):
	"""slapd writes the mark down all the same; without pwdLockout it means nothing."""
	there = ldap.initialize(server.uri)
	for _ in range(40):
		with pytest.raises(ldap.INVALID_CREDENTIALS):
			there.simple_bind_s(SERVICE, OTHER)
	server.service()
