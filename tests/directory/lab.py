# SPDX-License-Identifier: MIT
"""A private slapd with contrib/directory's own configuration, made-up people, and the driver of the directory's verbs."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

sys.dont_write_bytecode = True
TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "contrib" / "demo"))

import ldap  # noqa: E402
import directory  # noqa: E402
import people  # noqa: E402
from parts import HOST, Slapd, program, run  # noqa: E402

BUILD = Path(os.environ.get("LK_BUILD", TOP / "build"))
BASE = directory.BASE
PEOPLE = f"ou=people,{BASE}"
FACTORS = f"ou=factors,ou=latchkey,{BASE}"
POLICIES = f"ou=policies,{BASE}"
GROUPS = f"ou=groups,{BASE}"
DECOY = f"cn=nobody,ou=latchkey,{BASE}"
SERVICE = directory.SERVICE_DN
PASSWORD, OTHER, NEXT = "correct-horse-battery-1", "wrong-horse-battery-2", "another-horse-battery-3"
BLOCKED = "000001010000Z"
DAY_S = 86400


def port_free():
	with socket.socket() as probe:
		probe.bind((HOST, 0))
		return probe.getsockname()[1]


def stamp(ago_s=0):
	"""So long ago, as the directory writes it."""
	return people.stamp(int(time.time()) - ago_s)


class Server:
	"""
	One slapd. change(name, text) may rewrite a file of the configuration before it is used; lines go in front of slapd.conf's
	database, behind into it.
	"""

	hashes = {}

	def __init__(self, front="", behind="", scheme="ldap", acl=None, password=None):
		self.folder = Path(tempfile.mkdtemp(prefix="lk-directory-"))
		self.directory = directory.Directory(self.folder)
		if password:
			self.directory.service_password = password
		self.directory.write()
		self.port = port_free()
		self.slapd = Slapd(self.folder, self.port)
		self.uri = self.slapd.uri = f"{scheme}://{HOST}:{self.port}"
		self.conf = self.directory.folder / "slapd.conf"
		# Tests try thousands of passwords; what is proven does not hang on the hash.
		text = self.conf.read_text().replace("password-hash {ARGON2}", "password-hash {SSHA}")
		text = text.replace("database mdb", front + "\ndatabase mdb", 1)
		self.conf.write_text(text + "\n" + behind + "\n")
		if acl:
			path = self.directory.folder / "acl.conf"
			path.write_text(acl(path.read_text()))
		self.load((self.directory.folder / "base.ldif").read_text())
		if scheme != "ldap":
			# Slapd.is_ready asks in clear text.
			self.slapd.is_ready = self.listens

	def listens(self):
		with socket.socket() as there:
			return there.connect_ex((HOST, self.port)) == 0

	def load(self, ldif):
		run([program("slapadd"), "-q", "-f", self.conf], text=ldif)

	@classmethod
	def hashed(cls, password):
		if password not in cls.hashes:
			cls.hashes[password] = run([program("slappasswd"), "-h", "{SSHA}", "-s", password]).strip()
		return cls.hashes[password]

	def start(self):
		self.slapd.start()
		return self

	def end(self):
		self.slapd.stop()
		shutil.rmtree(self.folder)

	def admin(self):
		there = ldap.initialize(self.uri)
		there.simple_bind_s(directory.ADMIN_DN, self.directory.admin_password)
		return there

	def service(self):
		there = ldap.initialize(self.uri)
		there.simple_bind_s(SERVICE, self.directory.service_password)
		return there

	def policy(self, name, **rules):
		"""A policy; gives its DN."""
		at = f"cn={name},{POLICIES}"
		pairs = [("objectClass", [b"organizationalRole", b"pwdPolicy"]), ("cn", [name.encode()]),
			("pwdAttribute", [b"userPassword"])]
		self.admin().add_s(at, pairs + [(rule, [str(value).encode()]) for rule, value in rules.items()])
		return at

	def person(self, username, policy=None, also=(), changed=None, **attributes):
		"""Adds somebody whose password is PASSWORD; more usernames in also, other attributes by name. Gives Person."""
		relaxed = ldap.controls.RequestControl("1.3.6.1.4.1.4203.666.5.12", True)
		attributes = {"cn": username.title(), "sn": "Rao", "mail": f"{username}@fin.example"} | attributes
		someone = Person(f"uid={username},{PEOPLE}", str(uuid.uuid4()), username)
		pairs = [("objectClass", [b"inetOrgPerson"]), ("uid", [name.encode() for name in (username, *also)]),
			("entryUUID", [someone.id.encode()]), ("userPassword", [self.hashed(PASSWORD).encode()]),
			("pwdChangedTime", [(changed or stamp(40 * DAY_S)).encode()])]
		if policy:
			pairs.append(("pwdPolicySubentry", [policy.encode()]))
		for name, value in attributes.items():
			values = value if isinstance(value, list) else [value]
			pairs.append((name, [one.encode() for one in values]))
		self.admin().add_ext_s(someone.dn, pairs, serverctrls=[relaxed])
		return someone

	def entry(self, dn):
		"""All of it, as the rootdn sees it."""
		return self.admin().search_s(dn, ldap.SCOPE_BASE, "(objectClass=*)", ["*", "+"])[0][1]

	def put(self, dn, attribute, *values):
		self.admin().modify_s(dn, [(ldap.MOD_REPLACE, attribute, [value.encode() for value in values] or None)])


class Person:
	def __init__(self, dn, entry_uuid, username):
		self.dn, self.id, self.username = dn, entry_uuid, username


class Answer(dict):
	def __getattr__(self, name):
		return self[name]


class Drive:
	"""The driver, at one or more servers."""

	def __init__(self, *servers, uris=None, **settings):
		first = servers[0] if servers else None
		chosen = {"bind_dn": SERVICE, "people_base": PEOPLE, "groups_base": GROUPS, "factors_base": FACTORS,
			"decoy_dn": DECOY, "timeout": "1000"}
		if first:
			chosen["bind_password"] = first.directory.service_password
		chosen |= {name: str(value) for name, value in settings.items()}
		argv = [str(BUILD / "tests" / "directory" / "drive"), ",".join(uris or [server.uri for server in servers])]
		self.process = subprocess.Popen(argv + [f"{name}={value}" for name, value in chosen.items()],
			stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ, **self.environment))

	environment = {}

	def begin(self, *words):
		"""Sends a command and does not wait."""
		coded = []
		for word in words:
			word = word.encode() if isinstance(word, str) else word
			coded.append(word.hex() or "-")
		self.process.stdin.write(" ".join(coded) + "\n")
		self.process.stdin.flush()

	def finish(self):
		line = self.process.stdout.readline()
		assert line, f"the driver ended with {self.process.wait(5)}"
		return Answer(json.loads(line))

	def __call__(self, command, *words):
		flat = [command]
		for word in words:
			flat += [word.dn, word.id] if isinstance(word, Person) else [word]
		self.begin(*flat)
		return self.finish()

	def end(self):
		self.process.stdin.close()
		assert self.process.wait(20) == 0, "the driver did not end well"
