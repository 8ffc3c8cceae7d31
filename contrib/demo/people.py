# SPDX-License-Identifier: MIT
"""
The made-up organisation: who works there, in which state their accounts are, as LDIF.

People come one after the other and are forgotten, so that a million of them need no memory. The same seed gives the same
names; passwords and seeds of authenticators are new every time.
"""
import base64
import random
import secrets
import time
import unicodedata
import uuid
from dataclasses import dataclass, field

from words import DEPARTMENTS, FAMILY, GIVEN, GROUPS, PLAIN, TITLES

# With fewer, not every state would be there, nor 60 people who can sign in with a code.
LEAST_COUNT = 90
# demo.json lists the first so many; they alone have authenticators. The others fill the directory.
LISTED_MAX = 10000
# So many passwords are made and hashed, in turn given to everyone: hashing a million would take hours.
PASSWORD_COUNT = 200
GROUP_MEMBERS_MAX = 500
AGENT_COUNT = len(DEPARTMENTS) + 1

# Every 20 people in a row. The first person and the managers are ok whatever stands here.
STATES = ("ok",) * 14 + ("locked", "expired", "must_change", "no_totp", "left", "closed")

# For most, the browser decides.
LANGUAGES = {0: "en", 13: "cy"}

DAY_S = 86400


@dataclass
class Person:
	number: int
	username: str
	given: str
	family: str
	mail: str
	department: int
	state: str
	password: str
	password_hash: str
	id: str = field(default_factory=lambda: str(uuid.uuid4()))
	seed: str | None = None
	serves: tuple = ()

	@property
	def name(self):
		return f"{self.given} {self.family}"

	def dn(self, base):
		return f"uid={self.username},ou=people,{base}"

	def listed(self):
		"""As demo.json shows them."""
		shown = {"username": self.username, "password": self.password, "totp_secret": self.seed}
		if self.serves:
			return shown | {"serves": [DEPARTMENTS[i][1] for i in self.serves]}
		return shown | {"department": DEPARTMENTS[self.department][1], "state": self.state}


def passwords_make(count):
	"""So many different passwords that the shipped policy takes."""
	choose, made = secrets.SystemRandom(), set()
	while len(made) < count:
		made.add("-".join(choose.sample(PLAIN, 4) + [str(choose.randint(10, 99))]))
	return list(made)


def seed_make():
	return base64.b32encode(secrets.token_bytes(20)).decode()


def ascii_of(text):
	"""For names in addresses: Siân -> sian."""
	plain = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower()
	return "".join(c for c in plain if c.isalnum() or c == "-")


def state_of(number):
	if number == 0:
		return "ok"
	if number <= len(DEPARTMENTS):
		return "manager"
	return STATES[number % len(STATES)]


class Organisation:
	"""Iterate to get its people: the first is ok and has every claim, managers follow; agents are the last of the listed."""

	def __init__(self, count, hashed):
		"""hashed: list of (password, hash)."""
		self.count = max(count, LEAST_COUNT)
		self.hashed = hashed
		self.random = random.Random(20)
		self.mails = {}
		self.managers = {}

	def __iter__(self):
		listed = min(self.count, LISTED_MAX)
		for number in range(self.count):
			agent = number - (listed - AGENT_COUNT) if number < listed else -1
			yield self._person(number, agent, number < listed)

	def _person(self, number, agent, is_listed):
		given, family = ("Siân", "Morgan") if number == 0 else (
			self.random.choice(GIVEN), self.random.choice(FAMILY))
		department = agent % len(DEPARTMENTS) if agent >= 0 else (number - 1) % len(DEPARTMENTS)
		password, password_hash = self.hashed[number % len(self.hashed)]
		person = Person(number, f"{ascii_of(given)[0]}{ascii_of(family)[0]}{10001 + number}", given, family,
			self._mail(given, family, department), department,
			"ok" if agent >= 0 else state_of(number), password, password_hash)
		if is_listed and person.state != "no_totp":
			person.seed = seed_make()
		if agent >= 0:
			everywhere = agent == AGENT_COUNT - 1
			person.serves = tuple(range(len(DEPARTMENTS))) if everywhere else (department,)
		if person.state == "manager":
			self.managers[department] = person.username
		return person

	def _mail(self, given, family, department):
		local = f"{ascii_of(given)}.{ascii_of(family)}"
		seen = self.mails[local] = self.mails.get(local, 0) + 1
		return f"{local}{seen if seen > 1 else ''}@{DEPARTMENTS[department][0]}.example"


# LDIF

def line(attribute, value):
	"""One line of LDIF (RFC 2849), in base64 where it must be."""
	if value.isascii() and value.isprintable() and value[:1] not in " :<" and value[-1:] != " ":
		return f"{attribute}: {value}\n"
	return f"{attribute}:: {base64.b64encode(value.encode()).decode()}\n"


def entry(dn, pairs):
	return line("dn", dn) + "".join(line(attribute, value) for attribute, value in pairs) + "\n"


def stamp(at_s, fraction=""):
	return time.strftime("%Y%m%d%H%M%S", time.gmtime(at_s)) + fraction + "Z"


def state_pairs(state, number, base, now_s):
	"""What the directory knows of a person's state."""
	changed_s = now_s - (30 + number % 180) * DAY_S
	if state == "locked":
		yield "pwdAccountLockedTime", stamp(now_s)
		# Still locked when somebody looks at the demo an hour later.
		yield "pwdPolicySubentry", f"cn=demo-locked,ou=policies,{base}"
		for i in range(30):
			yield "pwdFailureTime", stamp(now_s - 30 + i, ".000001")
	elif state == "expired":
		changed_s = now_s - 400 * DAY_S
		for i in range(3):
			yield "pwdGraceUseTime", stamp(now_s - DAY_S + i)
	elif state == "must_change":
		yield "pwdReset", "TRUE"
	elif state == "left":
		yield "pwdEndTime", stamp(now_s - 24 * DAY_S)
	elif state == "closed":
		yield "pwdAccountLockedTime", "000001010000Z"
	yield "pwdChangedTime", stamp(changed_s)


def claims_pairs(person):
	"""One person has what every standard claim of OpenID Connect needs."""
	return (
		("lkDemoMiddleName", "Haf"), ("lkDemoNickname", "Sian"),
		("lkDemoProfile", f"https://staff.example/{person.username}"),
		("lkDemoPicture", f"https://staff.example/{person.username}.jpg"),
		("lkDemoWebsite", "https://morgan.example"), ("lkDemoGender", "female"),
		("lkDemoBirthdate", "1984-03-01"), ("lkDemoZoneinfo", "Europe/London"), ("street", "1 Cei'r Dociau"),
		("l", "Milford Haven"), ("st", "Sir Benfro"), ("postalCode", "SA73 0AA"), ("c", "GB"),
		("postalAddress", "1 Cei'r Dociau$Milford Haven$SA73 0AA$Cymru"),
	)


def person_pairs(person, base, managers, now_s):
	short, name, place = DEPARTMENTS[person.department]
	yield "objectClass", "inetOrgPerson"
	if person.number == 0:
		yield "objectClass", "lkDemoClaims"
	yield from (
		("uid", person.username), ("cn", person.name), ("sn", person.family),
		("givenName", person.given), ("displayName", person.name), ("mail", person.mail), ("ou", name),
		("departmentNumber", short), ("employeeNumber", str(10001 + person.number)),
		("title", "Service desk agent" if person.serves else TITLES[person.number % len(TITLES)]),
		# Numbers kept free for stories and plays.
		("telephoneNumber", f"+44 29 2018 {person.number % 1000:04d}"),
		("mobile", f"+44 7700 900{person.number % 1000:03d}"),
		("userPassword", person.password_hash), ("entryUUID", person.id),
	)
	if person.number != 0:
		yield "l", place
	language = LANGUAGES.get(person.number % 20)
	if language:
		yield "preferredLanguage", language
	manager = managers.get(person.department)
	if manager and manager != person.username:
		yield "manager", f"uid={manager},ou=people,{base}"
	yield from state_pairs(person.state, person.number, base, now_s)
	if person.number == 0:
		yield from claims_pairs(person)


def policies_ldif(base):
	"""The shipped policy, but with a lock that lasts a day, for those who are locked from the start."""
	return entry(f"cn=demo-locked,ou=policies,{base}", (
		("objectClass", "organizationalRole"), ("objectClass", "pwdPolicy"), ("cn", "demo-locked"),
		("pwdAttribute", "userPassword"), ("pwdMinLength", "12"), ("pwdInHistory", "5"), ("pwdCheckQuality", "2"),
		("pwdMaxAge", "31536000"), ("pwdExpireWarning", "1209600"), ("pwdGraceAuthNLimit", "3"),
		("pwdLockout", "TRUE"), ("pwdMaxFailure", "30"), ("pwdFailureCountInterval", "1800"),
		("pwdLockoutDuration", "86400"), ("pwdMustChange", "TRUE"), ("pwdAllowUserChange", "TRUE"),
		("pwdSafeModify", "FALSE")))


def factors_ldif(person, sealed, base, now_s):
	at = f"lkPersonId={person.id},ou=factors,ou=latchkey,{base}"
	return line("dn", at) + (
		f"objectClass: lkFactors\nlkPersonId: {person.id}\nlkTotp:: {sealed}\n"
		f"lkTotpName: Phone\nlkTotpAddedAt: {stamp(now_s - 20 * DAY_S)}\n\n")


class Groups:
	"""Collects who is in which group, a bounded number of each."""

	def __init__(self):
		self.members = {name: [] for name, _ in GROUPS}
		self.members |= {f"Service desk: {name}": [] for _, name, _ in DEPARTMENTS}

	def add(self, person, base):
		names = [name for name, every in GROUPS if person.number % every == 0]
		names += [f"Service desk: {DEPARTMENTS[i][1]}" for i in person.serves]
		for name in names:
			if len(self.members[name]) < GROUP_MEMBERS_MAX:
				self.members[name].append(person.dn(base))

	def ldif(self, base):
		for name, members in self.members.items():
			yield entry(f"cn={name},ou=groups,{base}", [("objectClass", "groupOfNames"), ("cn", name)]
				+ [("member", dn) for dn in members])


def ldif(organisation, base, seal, listed, now_s):
	"""
	Yields the LDIF of everyone. seal(id, seed) gives the sealed seed in base64; listed collects people for demo.json.
	The first comes before the managers and so names none.
	"""
	groups = Groups()
	yield policies_ldif(base)
	for person in organisation:
		yield entry(person.dn(base), person_pairs(person, base, organisation.managers, now_s))
		groups.add(person, base)
		if person.seed:
			yield factors_ldif(person, seal(person.id, person.seed), base, now_s)
		if person.number < LISTED_MAX:
			listed.append(person)
	yield from groups.ldif(base)
