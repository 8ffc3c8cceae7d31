# SPDX-License-Identifier: MIT
"""latchkey.conf, key file, policies and certificates of the demo."""
import base64
import getpass
import os
import secrets
import shutil
from pathlib import Path

from directory import BASE, SERVICE_DN
from parts import HOST, TOP, run

SYSTEM_CA = Path("/etc/ssl/certs/ca-certificates.crt")
MAIL_FROM = "no-reply@signin.example"


def file_write(path, text, mode=0o600):
	"""Never readable by others, not even for a moment."""
	with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as out:
		out.write(text)


def key_file_write(path):
	key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
	file_write(path, f"1 {key}\n")


def policies_copy(folder):
	"""The shipped ones, not looser ones."""
	shipped = TOP / "policies"
	if shipped.is_dir():
		shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("local.mk", "Makefile*"))
	(folder / "applications").mkdir(parents=True, exist_ok=True)


def certificate_make(folder):
	"""A CA made on the spot and a certificate for localhost and 127.0.0.1; gives (ca, certificate, key)."""
	folder.mkdir(mode=0o700)
	ca, ca_key = folder / "ca.pem", folder / "ca-key.pem"
	certificate, key, request = folder / "certificate.pem", folder / "key.pem", folder / "request.pem"
	extensions = folder / "extensions"
	extensions.write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
		f"extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:{HOST}\n")
	curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
	run(["openssl", "req", "-x509", *curve, "-days", "30", "-subj", "/CN=Latchkey demo CA", "-keyout", ca_key, "-out", ca,
		"-addext", "keyUsage=critical,keyCertSign,cRLSign"])
	run(["openssl", "req", "-new", *curve, "-subj", "/CN=localhost", "-keyout", key, "-out", request])
	run(["openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-days", "30", "-extfile", extensions,
		"-set_serial", f"0x{secrets.token_hex(8)}", "-out", certificate])
	for path in (ca_key, key):
		path.chmod(0o600)
	return ca, certificate, key


class Settings:
	"""What latchkey.conf says. A dictionary of sections; tests change it before write()."""

	def __init__(self, folder, ports, tls=None):
		self.folder = folder
		self.path = folder / "latchkey.conf"
		self.ports = ports
		self.base_url = f"http://{HOST}:{ports['http']}"
		if tls is not None:
			self.base_url = f"https://localhost:{ports['http']}"
		self.metrics_url = f"http://{HOST}:{ports['metrics']}/metrics"
		self.sections = self._sections(tls)

	def _sections(self, tls):
		folder, ports = self.folder, self.ports
		http = {"listen": f"{HOST}:{ports['http']}", "metrics_listen": f"{HOST}:{ports['metrics']}"}
		if tls is not None:
			http |= {"tls_certificate_file": tls[1], "tls_key_file": tls[2]}
		return {
			"service": {"name": "Staff sign-in", "name_cy": "Mewngofnodi staff", "base_url": self.base_url, "help_phone": "029 2018 0123"},
			"http": http,
			"directory": {
				"uris": f"ldap://{HOST}:{ports['ldap']}", "bind_dn": SERVICE_DN,
				"bind_password_file": folder / "service-password", "people_base": f"ou=people,{BASE}",
				"groups_base": f"ou=groups,{BASE}", "factors_base": f"ou=factors,ou=latchkey,{BASE}",
				"decoy_dn": f"cn=nobody,ou=latchkey,{BASE}",
			},
			"store": {"url": f"redis://{HOST}:{ports['redis']}/0"},
			"keys": {"file": folder / "keys"},
			"audit": {"file": folder / "audit" / "audit.log"},
			"mail": {"spool_dir": folder / "spool", "from": MAIL_FROM, "smtp_url": f"smtp://{HOST}:{ports['smtp']}"},
			"calls": self._calls(tls),
			"policy": {"dir": folder / "policies", "common_passwords_file": folder / "common-passwords.bin"},
			"local": {
				"pam_socket": folder / "run" / "pam.sock", "admin_socket": folder / "run" / "admin.sock",
				"admin_users": getpass.getuser(),
			},
		}

	def _calls(self, tls):
		"""Applications of the demo stand on this machine, with certificates of its CA or of one the system trusts."""
		calls = {"allow": "127.0.0.0/8 ::1"}
		if tls is not None:
			bundle = self.folder / "calls-ca.pem"
			trusted = [tls[0]] + [path for path in (SYSTEM_CA,) if path.exists()]
			bundle.write_text("".join(Path(path).read_text() for path in trusted))
			calls["ca_file"] = bundle
		return calls

	def write(self):
		lines = ["# Made by contrib/quickstart; every setting: latchkeyd --help-config"]
		for section, pairs in self.sections.items():
			lines += [f"\n[{section}]"] + [f"{key} = {value}" for key, value in pairs.items()]
		file_write(self.path, "\n".join(lines) + "\n")
