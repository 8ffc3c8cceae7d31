# SPDX-License-Identifier: MIT
"""Fills the private directory: contrib/directory with its placeholders replaced, and the made-up organisation."""
import base64
import ctypes
import secrets
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import people
from parts import TOP, Failed, program

BASE = "dc=shared,dc=example"
ADMIN_DN = f"cn=admin,{BASE}"
SERVICE_DN = f"cn=latchkey,ou=services,{BASE}"
SOURCE = TOP / "contrib" / "directory"
SCHEMA_INCLUDE = "include @DIRECTORY@/latchkey.schema\n"
CLAIM_ATTRIBUTES = "attrs=modifyTimestamp,"


def password_hash(password):
	"""
	As slapd itself stores a new password, by the same library with the same numbers as in slapd.conf, so that trying the
	password of anybody, or of nobody, costs the same.
	"""
	library = ctypes.CDLL("libargon2.so.1")
	secret, salt = password.encode(), secrets.token_bytes(16)
	out = ctypes.create_string_buffer(160)
	failed = library.argon2i_hash_encoded(ctypes.c_uint32(2), ctypes.c_uint32(19456), ctypes.c_uint32(1),
		secret, ctypes.c_size_t(len(secret)), salt, ctypes.c_size_t(len(salt)), ctypes.c_size_t(32),
		out, ctypes.c_size_t(len(out)))
	if failed:
		raise Failed(f"argon2: {failed}")
	return "{ARGON2}" + out.value.decode()


def hashed_make(count):
	"""List of (password, hash), two at a time."""
	passwords = people.passwords_make(min(count, people.PASSWORD_COUNT))
	with ThreadPoolExecutor(2) as pool:
		return list(zip(passwords, pool.map(password_hash, passwords)))


class Sealer:
	"""Seals seeds with the daemon's own code."""

	def __init__(self, helper, key_file):
		self.process = subprocess.Popen([str(helper), str(key_file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
			text=True)

	def __call__(self, person_id, seed):
		self.process.stdin.write(f"{person_id} {base64.b32decode(seed).hex()}\n")
		self.process.stdin.flush()
		answer = self.process.stdout.readline().strip()
		if not answer:
			raise Failed("seal_seeds gave no answer")
		return base64.b64encode(base64.urlsafe_b64decode(answer + "=" * (-len(answer) % 4))).decode()

	def close(self):
		self.process.stdin.close()
		if self.process.wait(10) != 0:
			raise Failed("seal_seeds did not end well")


class Directory:
	"""Folder/directory: configuration, data and the two passwords that are not of people."""

	def __init__(self, folder):
		self.folder = folder / "directory"
		self.admin_password = secrets.token_urlsafe(24)
		self.service_password = secrets.token_urlsafe(24)

	def write(self):
		"""Configuration only."""
		for part in ("data", "run"):
			(self.folder / part).mkdir(parents=True, mode=0o700)
		for name in ("latchkey.schema", "acl.conf", "slapd.conf", "base.ldif"):
			text = (SOURCE / name).read_text()
			if name == "slapd.conf":
				text = text.replace(SCHEMA_INCLUDE, SCHEMA_INCLUDE + "include @DIRECTORY@/demo.schema\n")
			if name == "acl.conf":
				# "@": every attribute of that class.
				text = text.replace(CLAIM_ATTRIBUTES, CLAIM_ATTRIBUTES + "@lkDemoClaims,")
			(self.folder / name).write_text(self._filled(text))
		(self.folder / "demo.schema").write_text((TOP / "contrib" / "demo" / "demo.schema").read_text())

	def _filled(self, text):
		places = {
			"@BASE@": BASE, "@DC@": "shared", "@SCHEMA@": "/etc/ldap/schema", "@DIRECTORY@": str(self.folder),
			"@DATA@": str(self.folder / "data"), "@RUN@": str(self.folder / "run"),
			"@ROOT_PASSWORD@": self.admin_password,
			"@SERVICE_PASSWORD_HASH@": password_hash(self.service_password),
			"@DECOY_PASSWORD_HASH@": password_hash(secrets.token_urlsafe(32)),
		}
		for place, value in places.items():
			text = text.replace(place, value)
		return text

	def fill(self, count, seal):
		"""Loads so many people; gives those demo.json lists."""
		listed = []
		organisation = people.Organisation(count, hashed_make(count))
		errors = self.folder / "slapadd.log"
		with errors.open("wb") as log:
			load = subprocess.Popen([program("slapadd"), "-q", "-f", str(self.folder / "slapd.conf")],
				stdin=subprocess.PIPE, stdout=log, stderr=log)
			try:
				self._feed(load.stdin, organisation, seal, listed)
			except BrokenPipeError:
				pass
			if load.wait() != 0:
				raise Failed(f"slapadd: {errors.read_text(errors='replace')[-2000:]}")
		return listed

	def _feed(self, there, organisation, seal, listed):
		there.write((self.folder / "base.ldif").read_bytes() + b"\n")
		waiting, size = [], 0
		for text in people.ldif(organisation, BASE, seal, listed, int(time.time())):
			waiting.append(text)
			size += len(text)
			if size > 1 << 18:
				there.write("".join(waiting).encode())
				waiting, size = [], 0
		there.write("".join(waiting).encode())
		there.close()
