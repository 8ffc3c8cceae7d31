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
from urllib.parse import quote

sys.dont_write_bytecode = True
TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "contrib" / "demo"))

import ldap  # noqa: E402
import directory  # noqa: E402
import people  # noqa: E402
from parts import HOST, Slapd, program, run, wait_until  # noqa: E402, F401

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


class Tls:
	"""A CA and certificates for slapds, made on the spot."""

	CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

	def __init__(self, folder):
		self.folder = Path(folder)
		self.ca = self.folder / "ca.pem"
		run(["openssl", "req", "-x509", *self.CURVE, "-days", "30", "-subj", "/CN=Test CA", "-keyout", self.folder / "ca-key.pem",
			"-out", self.ca, "-addext", "keyUsage=critical,keyCertSign,cRLSign"])

	def front(self, name=f"IP:{HOST}", days=30):
		"""The lines of slapd.conf for a certificate with this name in it."""
		stem = self.folder / f"server-{len(list(self.folder.iterdir()))}"
		certificate, key, request, extensions = (Path(f"{stem}{end}") for end in (".pem", "-key.pem", ".csr", ".ext"))
		extensions.write_text(f"basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName={name}\n")
		run(["openssl", "req", "-new", *self.CURVE, "-subj", "/CN=slapd", "-keyout", key, "-out", request])
		run(["openssl", "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.folder / "ca-key.pem", "-days", str(days),
			"-extfile", extensions, "-set_serial", "2", "-out", certificate])
		return f"TLSCertificateFile {certificate}\nTLSCertificateKeyFile {key}\n"


class Server:
	"""
	One slapd as contrib/directory has it. front: lines before the database; behind: lines for the database; conf and acl: functions
	that rewrite slapd.conf and acl.conf.
	"""

	hashes = {}

	def __init__(self, front="", behind="", conf=None, acl=None, like=None, is_local=False):
		"""like: another Server whose people and passwords to take over. is_local: on a socket file, too."""
		self.folder = Path(tempfile.mkdtemp(prefix="lk-directory-"))
		self.directory = directory.Directory(self.folder)
		if like:
			self.directory.admin_password = like.directory.admin_password
			self.directory.service_password = like.directory.service_password
		self.directory.write()
		self.port = port_free()
		self.slapd = Slapd(self.folder, self.port)
		self.uri, self.ldaps_uri = self.slapd.uri, f"ldaps://{HOST}:{port_free()}"
		if "TLSCertificateFile" in front:
			self.slapd.uri += f" {self.ldaps_uri}"
		self.ldapi_uri = "ldapi://" + quote(str(self.folder / "socket"), safe="")
		if is_local:
			self.slapd.uri += f" {self.ldapi_uri}"
		self.conf = self.directory.folder / "slapd.conf"
		# Tests try thousands of passwords; what is proven does not hang on the hash.
		text = self.conf.read_text().replace("password-hash {ARGON2}", "password-hash {SSHA}")
		text = text.replace("database mdb", front + "\ndatabase mdb", 1) + f"\n{behind}\n"
		self.conf.write_text(conf(text) if conf else text)
		if acl:
			path = self.directory.folder / "acl.conf"
			path.write_text(acl(path.read_text()))
		if like:
			self.load(run([program("slapcat"), "-f", like.conf, "-b", BASE]))
		else:
			self.load((self.directory.folder / "base.ldif").read_text())

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
			"decoy_dn": DECOY, "timeout": "4500"}
		if first:
			chosen["bind_password"] = first.directory.service_password
		chosen |= {name: str(value) for name, value in settings.items()}
		argv = [str(BUILD / "tests" / "directory" / "drive"), ",".join(uris or [server.uri for server in servers])]
		self.process = subprocess.Popen(argv + [f"{name}={value}" for name, value in chosen.items()],
			stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ))

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
