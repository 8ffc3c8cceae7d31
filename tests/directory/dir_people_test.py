# SPDX-License-Identifier: MIT
"""Finding people, their groups and what their entry says of them."""
import time

import pytest

from lab import DAY_S, BLOCKED, FACTORS, GROUPS, PEOPLE, Person, stamp


@pytest.fixture(scope="module")
def asha(server):
	someone = server.person("asha", displayName="Asha Rao", givenName="Asha", telephoneNumber="+44 29 2018 0001",
		ou="Finance", manager=f"uid=boss,{PEOPLE}", preferredLanguage="cy-GB")
	admin = server.admin()
	admin.add_s(f"cn=Payroll,{GROUPS}", [("objectClass", [b"groupOfNames"]), ("cn", [b"Payroll"]),
		("member", [someone.dn.encode(), b"cn=x"])])
	admin.add_s(f"cn=Unique,{GROUPS}", [("objectClass", [b"groupOfUniqueNames"]), ("cn", [b"Unique"]),
		("uniqueMember", [someone.dn.upper().encode()])])
	admin.add_s(f"cn=Posix,{GROUPS}", [("objectClass", [b"posixGroup"]), ("cn", [b"Posix"]), ("gidNumber", [b"9"]),
		("memberUid", [b"asha"])])
	admin.add_s(f"cn=Others,{GROUPS}", [("objectClass", [b"posixGroup"]), ("cn", [b"Others"]), ("gidNumber", [b"8"]),
		("memberUid", [b"ashar"])])
	return someone


def test_a_person_is_found_whole(drive, asha):
	found = drive("find", "asha")
	assert found.err == "OK", found
	assert (found.id, found.dn, found.username) == (asha.id, asha.dn, "asha")
	assert (found.display_name, found.given_name, found.family_name) == ("Asha Rao", "Asha", "Rao")
	assert (found.mail, found.phone, found.department) == ("asha@fin.example", "+44 29 2018 0001", "Finance")
	assert (found.manager_dn, found.language, found.state) == (f"uid=boss,{PEOPLE}", "cy", "open")
	assert sorted(found.groups) == ["Payroll", "Posix", "Unique"]
	assert found.password_expires_at_s - found.password_changed_at_s == 31536000
	assert found.must_change == 0 and found.wrong_count == 0


@pytest.mark.parametrize("spelling", ["ASHA", " asha ", "asha ", "\uff41\uff53\uff48\uff41", "Asha@FIN.example", "asha@fin.example"])
def test_spellings_the_directory_takes_for_equal_give_the_same_id(drive, asha, spelling):
	assert drive("find", spelling).id == asha.id


@pytest.mark.parametrize("name", ["", "*", "ash*", "asha\\20", "asha)(uid=*", "asha\0", "\0", "(", "\\", "a" * 3000, b"\xff\xfe",
	"asha,ou=people", "nobody here", "uid=asha"])
def test_what_is_no_name_finds_nobody_and_breaks_nothing(drive, asha, name):
	assert drive("find", name).err == "PERSON_NOT_FOUND"
	assert drive("find", "asha").err == "OK"


def test_a_name_of_many_bytes_finds_nobody(drive):
	assert drive("find", b"\xc3\xa9" * 10000).err == "PERSON_NOT_FOUND"


def test_a_person_is_found_by_id(drive, asha):
	assert drive("get", asha.id).dn == asha.dn
	assert drive("get", asha.id.upper()).id == asha.id
	assert drive("get", "00000000-0000-4000-8000-000000000000").err == "PERSON_NOT_FOUND"
	assert drive("get", "*").err == "PERSON_NOT_FOUND"


def test_two_entries_for_one_name_are_nobody(server, drive):
	server.person("twin1", also=["twin"])
	server.person("twin2", also=["twin"])
	found = drive("find", "twin")
	assert found.err == "PERSON_NOT_FOUND" and "more than one" in found.why
	assert drive("find", "twin1").err == "OK"


def test_one_mans_username_is_not_another_mans_mail(server, drive):
	server.person("mallory@fin.example", mail="m@fin.example")
	server.person("mallory", mail="mallory@fin.example")
	assert drive("find", "mallory@fin.example").err == "PERSON_NOT_FOUND"


def test_a_server_that_shows_one_entry_does_not_make_two_one(servers, drives):
	small = servers(front="sizelimit 1")
	drive = drives(small)
	small.person("twin1", also=["twin"])
	small.person("twin2", also=["twin"])
	found = drive("find", "twin")
	assert found.err == "PERSON_NOT_FOUND" and "more than one" in found.why


def test_people_are_found_by_the_beginning_of_their_names(server, drive):
	for i in range(60):
		server.person(f"many{i:02}", sn=f"Quill{i:02}", givenName="Zeb")
	assert drive("people", "many0", "50").people == [f"many0{i}" for i in range(10)]
	assert len(drive("people", "quill", "50").people) == 50
	assert len(drive("people", "zeb", "7").people) == 7
	assert drive("people", "m", "50").people == []
	assert drive("people", "*", "50").people == []
	assert drive("people", "many*", "50").people == []
	assert drive("people", "", "50").people == []


@pytest.mark.parametrize("name, attributes, state", [
	("s-locked", {"pwdAccountLockedTime": stamp(60)}, "locked"),
	("s-over", {"pwdAccountLockedTime": stamp(7200)}, "open"),
	("s-blocked", {"pwdAccountLockedTime": BLOCKED}, "blocked"),
	("s-left", {"pwdEndTime": stamp(DAY_S)}, "left"),
	("s-staying", {"pwdEndTime": stamp(-DAY_S)}, "open"),
	("s-new", {"pwdStartTime": stamp(-DAY_S)}, "not_started"),
	("s-started", {"pwdStartTime": stamp(DAY_S)}, "open"),
	("s-both", {"pwdEndTime": stamp(DAY_S), "pwdAccountLockedTime": BLOCKED}, "blocked"),
])
def test_the_state_is_read_from_the_entry(server, drive, name, attributes, state):
	server.person(name, **attributes)
	assert drive("find", name).state == state


def test_times_follow_the_persons_own_policy(server, drive):
	policy = server.policy("own", pwdLockout="TRUE", pwdLockoutDuration=600, pwdMaxAge=0, pwdMinAge=90 * DAY_S)
	server.person("own", policy=policy.replace(",ou", ", OU"), pwdAccountLockedTime=stamp(10))
	# Policies are kept for a minute: ask somebody who has not read them.
	found = drive("find", "own")
	assert found.state == "locked" and found.locked_until_s - found.locked_at_s == 600
	assert found.password_expires_at_s == 0
	assert found.password_may_change_at_s - found.password_changed_at_s == 90 * DAY_S


def test_wrong_tries_are_told(server, drive):
	person = server.person("tries")
	for _ in range(3):
		assert drive("check", person, "not-the-password").verdict == "wrong"
	found = drive("find", "tries")
	assert found.wrong_count == 3 and abs(found.last_wrong_at_s - time.time()) < 30


def test_factors_are_put_and_removed(server, drive):
	person = server.person("factors")
	assert drive("factors", person).has_entry == 0
	assert drive("totp_remove", person).err == "OK"
	assert drive("recovery_take", person, "x").err == "USED"
	assert drive("totp_put", person, b"seal\x01", "Ffôn").err == "OK"
	factors = drive("factors", person)
	assert (factors.has_entry, factors.totp_sealed, factors.totp_name) == (1, "seal\x01", "Ffôn")
	assert abs(factors.totp_added_at_s - time.time()) < 30
	assert drive("recovery_put", person, "1$a", "1$b", "1$B").err == "OK"
	assert sorted(drive("factors", person).recovery) == ["1$B", "1$a", "1$b"]
	assert drive("recovery_put", person, "1$c").err == "OK"
	assert drive("factors", person).recovery == ["1$c"]
	assert drive("totp_put", person, b"again", "").err == "OK"
	factors = drive("factors", person)
	assert (factors.totp_sealed, factors.totp_name, factors.recovery) == ("again", "", ["1$c"])
	assert drive("totp_put", person, b"seal\x01", "Ffôn").err == "OK"
	added_at_s = drive("factors", person).totp_added_at_s
	assert drive("totp_reseal", person, b"seal\x02", b"new").err == "USED"
	assert drive("totp_reseal", person, b"seal\x01", b"new\x02").err == "OK"
	assert drive("totp_reseal", person, b"seal\x01", b"newer").err == "USED"
	factors = drive("factors", person)
	assert (factors.totp_sealed, factors.totp_name, factors.totp_added_at_s) == ("new\x02", "Ffôn", added_at_s)
	assert drive("totp_remove", person).err == "OK"
	assert drive("totp_reseal", person, b"new\x02", b"back").err == "USED", "what was taken away stays away"
	factors = drive("factors", person)
	assert (factors.has_entry, factors.totp_sealed, factors.totp_added_at_s) == (1, "", 0)
	assert drive("recovery_put", person).err == "OK"
	assert drive("factors", person).recovery == []


def test_recovery_codes_can_be_the_first_factor(server, drive):
	person = server.person("papers")
	assert drive("recovery_put", person, *[f"1$hash{i}" for i in range(10)]).err == "OK"
	assert len(drive("factors", person).recovery) == 10


def test_what_was_allowed_is_put_replaced_and_taken_away_value_by_value(server, drive):
	person = server.person("allows")
	assert drive("factors", person).allowed == []
	assert drive("allowed_put", person, "", "").err == "OK"
	assert drive("allowed_put", person, "a 1 openid", "a 2 openid").err == "USED", "there is not even an entry"
	assert drive("allowed_put", person, "", "a 1 openid").err == "OK"
	assert drive("allowed_put", person, "", "a 1 openid").err == "OK", "twice is once"
	assert drive("allowed_put", person, "", "B 1 openid").err == "OK"
	assert sorted(drive("factors", person).allowed) == ["B 1 openid", "a 1 openid"]
	assert drive("allowed_put", person, "a 1 openid", "a 2 openid email").err == "OK"
	assert drive("allowed_put", person, "a 1 openid", "a 3 openid").err == "USED", "all or nothing"
	assert drive("allowed_put", person, "b 1 openid", "").err == "USED", "letter by letter"
	assert sorted(drive("factors", person).allowed) == ["B 1 openid", "a 2 openid email"]
	assert drive("totp_put", person, b"seal", "").err == "OK" and drive("totp_remove", person).err == "OK"
	assert drive("allowed_put", person, "a 2 openid email", "").err == "OK"
	assert drive("factors", person).allowed == ["B 1 openid"]
	assert drive("allowed_put", person, "", "c" * 2048).err == "OK"


def test_of_many_who_replace_what_was_allowed_one_succeeds(server, drives):
	person = server.person("allows-race")
	writers = [drives(server) for _ in range(6)]
	assert writers[0]("allowed_put", person, "", "a 0 openid").err == "OK"
	for writer in writers:
		assert writer("ping").err == "OK"
	for i, writer in enumerate(writers):
		writer.begin("allowed_put", person.dn, person.id, "a 0 openid", f"a {i + 1} openid")
	assert sorted(writer.finish().err for writer in writers) == ["OK"] + ["USED"] * 5
	assert len(writers[0]("factors", person).allowed) == 1


def test_nobodys_factors_are_none(drive):
	assert drive("factors", Person("", "", ""), ).has_entry == 0


def test_of_many_who_take_one_recovery_code_one_succeeds(server, drives):
	person = server.person("race")
	takers = [drives(server) for _ in range(8)]
	for taker in takers:
		assert taker("ping").err == "OK"
	for round_number in range(10):
		assert takers[0]("recovery_put", person, "1$one", f"1$other{round_number}").err == "OK"
		for taker in takers:
			taker.begin("recovery_take", person.dn, person.id, "1$one")
		assert sorted(taker.finish().err for taker in takers) == ["OK"] + ["USED"] * 7
		assert takers[0]("factors", person).recovery == [f"1$other{round_number}"]


def test_an_id_that_is_none_cannot_name_another_entry(server, drive):
	person = server.person("odd")
	strange = Person(person.dn, "x,lkPersonId=nobody", "odd")
	assert drive("totp_put", strange, b"s", "").err == "OK"
	assert [dn for dn, _ in server.admin().search_s(FACTORS, 1, "(lkTotp=s)")] == [f"lkPersonId=x\\2ClkPersonId\\3Dnobody,{FACTORS}"]
