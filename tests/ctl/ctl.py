# SPDX-License-Identifier: MIT
"""A folder with a configuration, and latchkeyctl run on it; a daemon that answers what a test wants."""
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "contrib" / "demo"))
from settings import Settings, file_write, key_file_write, policies_copy  # noqa: E402

BUILD = Path(os.environ.get("LK_BUILD", os.getcwd()))
CTL = BUILD / "latchkeyctl"
DONE, REFUSED, USAGE, UNREACHABLE, NOT_ALLOWED, PARTLY = range(6)
VERDICT, REASON, JSON = 32, 33, 64
VERDICT_DONE, VERDICT_REFUSED, REASON_NOT_ALLOWED = 0x444F4E45, 0x4E4F5421, 11


class Ended:
	def __init__(self, done):
		self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

	@property
	def json(self):
		return json.loads(self.out)


def run(*words, text=None, env=None):
	environment = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8", **(env or {}))
	done = subprocess.run([str(CTL), *map(str, words)], capture_output=True, text=True, input=text, timeout=60,
		env=environment, check=False)
	return Ended(done)


class FolderCase(unittest.TestCase):
	"""self.folder with latchkey.conf, keys and the shipped policies."""

	maxDiff = None

	def setUp(self):
		self.folder = Path(tempfile.mkdtemp(prefix="lk-ctl-"))
		self.addCleanup(shutil.rmtree, self.folder)
		self.folder.chmod(0o755)
		ports = {"http": 18080, "metrics": 18081, "ldap": 18389, "redis": 18379, "smtp": 18025}
		self.settings = Settings(self.folder, ports)
		for name in ("audit", "spool", "run"):
			(self.folder / name).mkdir(mode=0o755)
		file_write(self.folder / "service-password", "secret words\n")
		key_file_write(self.folder / "keys")
		policies_copy(self.folder / "policies")
		(self.folder / "words").write_text("password\nletmein\n")
		subprocess.run([str(BUILD / "latchkey-wordlist"), "--output", str(self.folder / "common-passwords.bin"),
			str(self.folder / "words")], check=True, capture_output=True)
		self.settings.write()
		self.conf = self.settings.path
		self.log = self.folder / "audit" / "audit.log"

	def ctl(self, *words, **more):
		return run("--config", self.conf, *words, **more)

	def expect(self, code, *words, **more):
		ended = self.ctl(*words, **more)
		self.assertEqual(ended.code, code, ended.out + ended.err)
		return ended

	def audit_make(self, count):
		subprocess.run([str(BUILD / "tests" / "ctl" / "audit_make"), str(self.folder / "keys"), str(self.log),
			str(count)], check=True)


def field(tag, value):
	data = struct.pack(">I", value) if isinstance(value, int) else value.encode()
	return struct.pack(">BH", tag, len(data)) + data


def frame(*fields):
	body = b"".join(fields)
	return b"LK\x01\x80" + struct.pack(">I", len(body)) + body


def read_exactly(conn, count):
	data = b""
	while len(data) < count:
		piece = conn.recv(count - len(data))
		if not piece:
			raise EOFError
		data += piece
	return data


class Daemon:
	"""Answers each question with the next of answers (documents, bytes or a callable); the last one stays."""

	def __init__(self, path, *answers):
		self.answers, self.asked = list(answers), []
		self.socket = socket.socket(socket.AF_UNIX)
		self.socket.bind(str(path))
		self.socket.listen(8)
		self.thread = threading.Thread(target=self.run, daemon=True)
		self.thread.start()

	def run(self):
		while True:
			try:
				conn, _ = self.socket.accept()
			except OSError:
				return
			with conn:
				try:
					self.serve(conn)
				except (EOFError, OSError):
					pass

	def serve(self, conn):
		head = read_exactly(conn, 8)
		body = read_exactly(conn, struct.unpack(">I", head[4:])[0])
		self.asked.append(json.loads(body[3:]))
		answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
		if callable(answer):
			answer = answer(self.asked[-1])
		if not isinstance(answer, bytes):
			answer = frame(field(VERDICT, VERDICT_DONE), field(JSON, json.dumps(answer)))
		conn.sendall(answer)

	def stop(self):
		if self.socket.fileno() < 0:
			return
		self.socket.shutdown(socket.SHUT_RDWR)
		self.socket.close()
		self.thread.join(5)


class DaemonCase(FolderCase):
	def says(self, *answers):
		daemon = Daemon(self.folder / "run" / "admin.sock", *answers)
		self.addCleanup(daemon.stop)
		return daemon
