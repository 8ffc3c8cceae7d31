# SPDX-License-Identifier: MIT
"""
Every state the directory's password policy can put somebody in, at every door (SECURITY F13): signing in, resetting, and a
host's PAM stack. The true next step in plain words, and only after proof.
"""
import subprocess
import time

import pytest

from faults import Clock, browser, events, small_memory
from steps import new_password, reset_proven, show_password
from story import Private, build_folder

DAY_S = 86400
CODE, NEW, SERVICES, CHANGED = "Enter your security code", "Create a new password", "Your services", "Your password has been changed"
WRONG = "Check your staff ID and password, one of them is not right"
POLICIES = {"young": {"pwdMinAge": "86400"}, "fixed": {"pwdAllowUserChange": "FALSE"}}


def stamp(off_s):
	return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + off_s))


# state: (what stands in the entry, after the code or instead of it, words there, after a reset, result of PAM, words there)
STATES = {
	"grace": ({"pwdChangedTime": stamp(-400 * DAY_S)}, SERVICES, "You can sign in 2 more times", CHANGED, "PAM_SUCCESS", "2 more times"),
	"expired": ({"pwdChangedTime": stamp(-400 * DAY_S), "pwdGraceUseTime": [stamp(-i) for i in (10, 11, 12)]}, NEW, "has expired", CHANGED,
		"PAM_NEW_AUTHTOK_REQD", "has expired"),
	"ends soon": ({"pwdChangedTime": stamp(-360 * DAY_S)}, SERVICES, "Your password ends on", CHANGED, "PAM_SUCCESS", "ends on"),
	"must change": ({"pwdReset": "TRUE"}, NEW, "temporary password", CHANGED, "PAM_NEW_AUTHTOK_REQD", "You need a new password"),
	"locked": ({"pwdAccountLockedTime": stamp(0), "pwdFailureTime": [stamp(-i) for i in range(30)]}, "Your account is locked until",
		"Unlock my account now", CHANGED, "PAM_MAXTRIES", "is locked until"),
	"blocked": ({"pwdAccountLockedTime": "000001010000Z"}, "We have blocked this account", "", "We have blocked this account",
		"PAM_ACCT_EXPIRED", "We have blocked"),
	"left": ({"pwdEndTime": stamp(-DAY_S)}, "This account ended on", "", "This account ended on", "PAM_ACCT_EXPIRED", "ended on"),
	"not started": ({"pwdStartTime": stamp(DAY_S)}, "Your account starts on", "", "Your account starts on", "PAM_ACCT_EXPIRED", "starts on"),
	"young": ({"pwdChangedTime": stamp(-60), "pwdPolicySubentry": "young"}, SERVICES, "", NEW, "PAM_SUCCESS", ""),
	"fixed": ({"pwdPolicySubentry": "fixed"}, SERVICES, "", "You cannot change this password here", "PAM_SUCCESS", ""),
}


class Administrator:
	"""Puts people into states by hand."""

	def __init__(self, demo):
		import ldap
		from ldap.controls.simple import RelaxRulesControl
		self.ldap, self.relaxed, self.base = ldap, [RelaxRulesControl(True)], demo.ldap.base_dn
		self.there = ldap.initialize(demo.ldap.uri)
		self.there.simple_bind_s(demo.ldap.admin_dn, demo.ldap.admin_password)

	def policy_put(self, name, **rules):
		rules = {"pwdAttribute": "userPassword", "pwdMaxAge": "31536000", "pwdLockout": "TRUE", "pwdMaxFailure": "30",
			"pwdInHistory": "5", "pwdCheckQuality": "2", "pwdMinLength": "12"} | rules
		self.there.add_s(self.policy_dn(name), [("objectClass", [b"organizationalRole", b"pwdPolicy"]), ("cn", [name.encode()])]
			+ [(rule, [value.encode()]) for rule, value in rules.items()])

	def policy_dn(self, name):
		return f"cn={name},ou=policies,{self.base}"

	def put(self, person, **marks):
		changes = []
		for name, values in marks.items():
			values = values if isinstance(values, list) else [self.policy_dn(values) if name == "pwdPolicySubentry" else values]
			changes.append((self.ldap.MOD_REPLACE, name, [value.encode() for value in values]))
		self.there.modify_ext_s(f"uid={person.username},ou=people,{self.base}", changes, serverctrls=self.relaxed)


@pytest.fixture(scope="module")
def one():
	with small_memory():
		private = Private(staff=200)
		private.administrator = Administrator(private)
		for name, rules in POLICIES.items():
			private.administrator.policy_put(name, **rules)
		private.clock = Clock(private)  # starts the daemon once more: it knows the policies
		yield private
		words = private.end()
	assert not words, words


def somebody(demo, state):
	person = demo.person()
	demo.administrator.put(person, **STATES[state][0])
	return person


def pam(demo, person, verbs, *typed):
	"""What was said and, of the last verb, the result: a stack with nothing but our module."""
	folder = demo.folder / "pam.d"
	folder.mkdir(exist_ok=True)
	_, line = demo.pam.stack_line.split(" ", 1)
	(folder / "door").write_text("".join(f"{kind} {line}\n" for kind in ("auth", "account", "password")))
	done = subprocess.run([build_folder() / "tests" / "pam" / "drive", folder, "door", person.username, verbs, *typed],
		capture_output=True, text=True, timeout=20)
	lines = done.stdout.splitlines()
	return [line for line in lines if ": " in line], [line.split()[1] for line in lines if line[1:6] == " PAM_"]


@pytest.mark.parametrize("state", STATES)
def test_f13_signing_in(one, state):
	person = somebody(one, state)
	_, heading, words, *_ = STATES[state]
	assert show_password(browser(one), person, "not the right one").error == WRONG, "told to nobody without proof"
	page = show_password(browser(one), person)
	page = page.follow() if page.status == 303 else page
	if page.heading == CODE:
		page = page.form("code").send(code=one.clock.totp(person.totp_secret)).follow()
	assert page.heading.startswith(heading) and words in page.main, page.main
	assert ("lk_session" in page.browser.cookies) == (heading == SERVICES)


@pytest.mark.parametrize("state", STATES)
def test_f13_resetting(one, state):
	person, who, chosen = somebody(one, state), browser(one), new_password()
	heading = STATES[state][3]
	page = who.get("/reset").form("code").send(username=person.username, code=one.clock.totp(person.totp_secret))
	if page.status == 303:
		page = page.follow().form("new-password").send(new_password=chosen)
		page = page.follow() if page.status == 303 else page
	assert page.heading.startswith(heading), page.main
	assert ("password_changed" in events(one, person)) == (heading == CHANGED)
	if state == "young":
		assert page.error.startswith("You changed your password today. You can change it again tomorrow at "), page.error


@pytest.mark.parametrize("state", STATES)
def test_f13_at_a_hosts_prompt(one, state):
	person = somebody(one, state)
	*_, result, words = STATES[state]
	said, codes = pam(one, person, "a", "not the right one")
	assert codes == ["PAM_AUTH_ERR"] and not any(words and words in line for line in said), (said, codes)
	said, codes = pam(one, person, "ac", person.password, one.clock.totp(person.totp_secret))
	refused = next((code for code in codes if code != "PAM_SUCCESS"), "PAM_SUCCESS")
	assert refused == result and any(words in line for line in said), (said, codes)


def test_f13_a_password_used_before_is_refused_at_a_reset(one):
	person, who = one.person(), browser(one)
	page = reset_proven(who, person, one.clock.totp).form("new-password").send(new_password=person.password)
	assert page.heading == NEW and "password" in page.error and "password_changed" not in events(one, person)
