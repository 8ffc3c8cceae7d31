# SPDX-License-Identifier: MIT
"""
A renewed certificate is taken by a reload: new connections are shown it, those that are open go on, and one that cannot be right is
refused before anybody sees it.
"""
import datetime
import http.client
import signal
import socket
import ssl
import subprocess
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from story import Private, audit, build_folder, wait_until

DAY = datetime.timedelta(days=1)
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


class Authority:
	"""The demo's CA, which renews what its daemon shows."""

	def __init__(self, demo):
		self.demo, self.folder = demo, demo.folder / "tls"
		self.certificate, self.key = self.folder / "certificate.pem", self.folder / "key.pem"
		self.ca = x509.load_pem_x509_certificate((self.folder / "ca.pem").read_bytes())
		self.ca_key = serialization.load_pem_private_key((self.folder / "ca-key.pem").read_bytes(), None)

	def sign(self, key, begins=-DAY, ends=30 * DAY):
		now = datetime.datetime.utcnow()
		made = x509.CertificateBuilder(issuer_name=self.ca.subject, public_key=key.public_key(), serial_number=x509.random_serial_number(),
			subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), not_valid_before=now + begins,
			not_valid_after=now + ends).add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
		return made.sign(self.ca_key, hashes.SHA256())

	def write(self, certificate=None, key=None):
		if certificate is not None:
			pem = certificate.public_bytes(serialization.Encoding.PEM)
			self.certificate.write_bytes(pem + self.ca.public_bytes(serialization.Encoding.PEM))
		if key is not None:
			self.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
				serialization.NoEncryption()))
			self.key.chmod(0o600)

	def renew(self, key=None, **times):
		"""Gives the serial number of what lies there now."""
		key = key or ec.generate_private_key(ec.SECP256R1())
		certificate = self.sign(key, **times)
		self.write(certificate, key)
		return certificate.serial_number


@pytest.fixture(scope="module")
def demo():
	private = Private(tls=True)
	yield private
	words = private.end()
	assert not words, words


@pytest.fixture
def authority(demo):
	made = Authority(demo)
	before = made.certificate.read_bytes(), made.key.read_bytes()
	yield made
	made.certificate.write_bytes(before[0])
	made.key.write_bytes(before[1])
	made.key.chmod(0o600)
	reload(demo)


def reload(demo, event="config_loaded"):
	before = len(audit(demo, event=event))
	demo.part("latchkeyd").signal(signal.SIGHUP)
	wait_until(lambda: len(audit(demo, event=event)) > before, 10, event)
	return audit(demo, event=event)[-1]


def context_of(demo, version=None):
	context = ssl.create_default_context(cafile=demo.ca_file)
	if version is not None:
		context.minimum_version = context.maximum_version = version
	return context


def request_of(demo):
	return f"GET /healthz HTTP/1.1\r\nHost: {urlsplit(demo.base_url).netloc}\r\nConnection: close\r\n\r\n".encode()


def serial_of(connection):
	return int(connection.getpeercert()["serialNumber"], 16)


def shown(demo, version=None):
	"""Serial number of what a new connection is shown."""
	where = urlsplit(demo.base_url)
	with socket.create_connection((where.hostname, where.port), 10) as plain:
		with context_of(demo, version).wrap_socket(plain, server_hostname=where.hostname) as connection:
			return serial_of(connection)


class Open:
	"""A connection that stays."""

	def __init__(self, demo):
		where = urlsplit(demo.base_url)
		self.http = http.client.HTTPSConnection(where.netloc, timeout=10, context=context_of(demo))
		self.ask()
		self.socket = self.http.sock

	def ask(self):
		self.http.request("GET", "/healthz")
		answer = self.http.getresponse()
		assert (answer.status, answer.read()) == (200, b"ok\n")

	def goes_on(self):
		self.ask()
		return self.http.sock is self.socket


class Slow:
	"""A handshake that is done step by step, by hand."""

	def __init__(self, demo, version):
		where = urlsplit(demo.base_url)
		self.request = request_of(demo)
		self.plain = socket.create_connection((where.hostname, where.port), 10)
		self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
		self.tls = context_of(demo, version).wrap_bio(self.incoming, self.outgoing, server_hostname=where.hostname)

	def hello(self):
		"""Ours is sent, and the server's has come."""
		with pytest.raises(ssl.SSLWantReadError):
			self.tls.do_handshake()
		self.plain.sendall(self.outgoing.read())
		self.incoming.write(self.plain.recv(65536))

	def finish(self):
		"""Gives the serial number, once something was asked and answered."""
		self._until(self.tls.do_handshake)
		self.tls.write(self.request)
		said = self._until(lambda: self.tls.read(65536))
		assert said.startswith(b"HTTP/1.1 200")
		self.plain.close()
		return serial_of(self.tls)

	def _until(self, act):
		while True:
			try:
				return act()
			except ssl.SSLWantReadError:
				self.plain.sendall(self.outgoing.read())
				piece = self.plain.recv(65536)
				assert piece, "it was dropped"
				self.incoming.write(piece)
			finally:
				if self.outgoing.pending:
					self.plain.sendall(self.outgoing.read())


# --- taken ---------------------------------------------------------------------------------------


def test_a_renewed_certificate_is_shown_from_the_reload_on_and_open_connections_go_on(demo, authority):
	first, kept = shown(demo), Open(demo)
	second = authority.renew()
	assert shown(demo) == first, "nothing changes before the reload"
	reload(demo)
	assert [shown(demo, version) for version in VERSIONS] == [second] * 2
	assert "new connections are shown the renewed certificate" in demo.log("latchkeyd")
	assert kept.goes_on() and serial_of(kept.socket) == first
	third = authority.renew(rsa.generate_private_key(65537, 2048))
	reload(demo)
	assert [shown(demo, version) for version in VERSIONS] == [third] * 2, "of another kind of key"
	assert kept.goes_on() and serial_of(kept.socket) == first


def test_the_same_certificate_again_is_nothing_new(demo, authority):
	authority.renew()
	reload(demo)
	words = "new connections are shown the renewed certificate"
	before = demo.log("latchkeyd").count(words)
	for _ in range(3):
		reload(demo)
	assert demo.log("latchkeyd").count(words) == before


@pytest.mark.parametrize("version", VERSIONS)
def test_a_handshake_goes_on_with_what_it_was_shown_however_often_it_is_renewed(demo, authority, version):
	"""What it uses must be there until it is over, also when the one it began with went long ago."""
	halfway, silent = Slow(demo, version), Slow(demo, version)
	first = shown(demo)
	halfway.hello()
	second = authority.renew()
	reload(demo)
	silent.hello()  # began before the reload: is shown what holds now
	for _ in range(3):
		third = authority.renew()
		reload(demo)
	assert halfway.finish() == first
	assert silent.finish() == second
	assert shown(demo) == third


@pytest.mark.parametrize("version", VERSIONS)
def test_who_comes_back_with_a_session_of_before_is_shown_the_renewed_one(demo, authority, version):
	where, context = urlsplit(demo.base_url), context_of(demo, version)

	def come(session):
		with socket.create_connection((where.hostname, where.port), 10) as plain:
			with context.wrap_socket(plain, server_hostname=where.hostname, session=session) as connection:
				connection.sendall(request_of(demo))
				assert connection.recv(100).startswith(b"HTTP/1.1 200")
				return serial_of(connection), connection.session, connection.session_reused

	_, session, _ = come(None)
	renewed = authority.renew()
	reload(demo)
	serial, _, is_reused = come(session)
	assert serial == renewed and not is_reused


def test_connections_come_and_go_while_it_is_renewed_again_and_again(demo, authority):
	kept = [Open(demo) for _ in range(5)]
	for _ in range(10):
		serial = authority.renew()
		reload(demo)
		kept.append(Open(demo))
		assert serial_of(kept[-1].socket) == serial and all(one.goes_on() for one in kept)
		kept.pop(0).http.close()


# --- refused -------------------------------------------------------------------------------------


def foreign_key(authority):
	authority.write(key=ec.generate_private_key(ec.SECP256R1()))
	return "is not the key of"


def foreign_certificate(authority):
	authority.write(authority.sign(ec.generate_private_key(ec.SECP256R1())))
	return "is not the key of"


def expired(authority):
	authority.renew(begins=-10 * DAY, ends=-DAY)
	return "the certificate expired at 20"


def not_yet(authority):
	authority.renew(begins=DAY, ends=10 * DAY)
	return "the certificate does not count before 20"


def gone(authority):
	authority.certificate.unlink()
	return "No such file"


def key_gone(authority):
	authority.key.unlink()
	return "key.pem"


def open_key(authority):
	authority.renew()
	authority.key.chmod(0o644)
	return "key.pem"


def empty(authority):
	authority.certificate.write_bytes(b"")
	return "is empty or far too long"


def cut(authority):
	authority.renew()
	authority.certificate.write_bytes(authority.certificate.read_bytes()[:300])
	return "is no certificate chain"


def no_key(authority):
	authority.key.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
	return "is no private key"


@pytest.mark.parametrize("spoil", (foreign_key, foreign_certificate, expired, not_yet, gone, key_gone, open_key, empty, cut, no_key))
def test_one_that_cannot_be_right_is_refused_and_the_old_one_stays(demo, authority, spoil):
	kept, before, log = Open(demo), shown(demo), len(demo.log("latchkeyd"))
	words = spoil(authority)
	line = reload(demo, "config_refused")
	said = demo.log("latchkeyd")[log:]
	assert words in said and "refused, 1 faults: the old setting goes on" in said, said
	assert words in line["detail"]
	assert [shown(demo, version) for version in VERSIONS] == [before] * 2 and kept.goes_on()
	if spoil not in (expired, not_yet):
		checked = subprocess.run([build_folder() / "latchkeyd", "--config", demo.config, "--check-config"], capture_output=True, text=True,
			timeout=30, check=False)
		assert checked.returncode == 1 and words in checked.stderr


def test_an_expired_one_at_the_start_is_told_and_hosts_and_operators_are_served(demo, authority):
	authority.renew(begins=-10 * DAY, ends=-DAY)
	demo.part("latchkeyd").stop()
	log = len(demo.log("latchkeyd"))
	demo.part("latchkeyd").begin()
	asked = [build_folder() / "latchkeyctl", "--config", demo.config, "status"]
	wait_until(lambda: subprocess.run(asked, capture_output=True, timeout=30, check=False).returncode == 0, 20, "operators are served")
	assert "the certificate expired at 20" in demo.log("latchkeyd")[log:]
	renewed = authority.renew()
	reload(demo)
	assert shown(demo) == renewed
