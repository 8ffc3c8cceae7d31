# SPDX-License-Identifier: MIT
"""The server program of these tests, and raw sockets to speak to it: what a library would make right is the point here."""
import os
import resource
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAM = Path(os.environ.get("LK_BUILD") or os.getcwd()) / "tests" / "http" / "serve"
SECONDS = 10


def limit_files(count):
	resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


class Server:
	"""One run of tests/http/serve; settings as NAME=NUMBER."""

	def __init__(self, environment=None, files=None, **settings):
		words = [f"{name}={number}" for name, number in settings.items()]
		self.log = tempfile.TemporaryFile()
		self.process = subprocess.Popen([PROGRAM, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
			env=dict(os.environ, **(environment or {})), preexec_fn=files and (lambda: limit_files(files)))
		line = self.process.stdout.readline().split()
		if len(line) != 2:
			said = self.said()
			self.stop()
			raise AssertionError("the server did not start: " + said)
		self.port, self.metrics_port = map(int, line)
		self.host = f"127.0.0.1:{self.port}"

	def connect(self, port=None):
		connection = socket.create_connection(("127.0.0.1", port or self.port), SECONDS)
		connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		return connection

	def said(self):
		if self.log.closed:
			return self.last_said
		self.log.seek(0)
		return self.log.read().decode(errors="replace")

	def cpu_seconds(self):
		fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
		return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

	def file_count(self):
		return len(os.listdir(f"/proc/{self.process.pid}/fd"))

	def stop(self):
		"""Ends it as a SIGTERM would end the daemon; gives its exit status."""
		self.process.stdin.close()
		status = self.process.wait(30)
		self.process.stdout.close()
		self.last_said = self.said()
		self.log.close()
		return status

	def head(self, path="/loop", method="GET", *more):
		lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", *more]
		return ("\r\n".join(lines) + "\r\n\r\n").encode()

	def ask(self, raw):
		"""Everything the server sends until it closes, or nothing more comes for a while after a whole answer."""
		with self.connect() as connection:
			send(connection, raw)
			return answers(connection)

	def get(self, path="/loop", *more):
		return self.ask(self.head(path, "GET", *more, "Connection: close"))[0]


class Answer:
	def __init__(self, head, body):
		lines = head.decode("latin-1").split("\r\n")
		self.status = int(lines[0].split()[1])
		self.headers = {}
		self.names = [line.split(":", 1)[0] for line in lines[1:]]
		for line in lines[1:]:
			name, value = line.split(":", 1)
			self.headers[name.lower()] = value.strip()
		self.body = body

	@property
	def closes(self):
		return self.headers.get("connection") == "close"


def send(connection, raw):
	"""The server may have closed before everything was sent."""
	try:
		connection.sendall(raw)
	except (BrokenPipeError, ConnectionResetError):
		pass


def take(connection, buffer):
	try:
		piece = connection.recv(65536)
	except (ConnectionResetError, socket.timeout):
		piece = b""
	return buffer + piece, piece != b""


def answer(connection, buffer=b"", is_head=False):
	"""One answer and what came behind it; (None, rest) when the connection ends before it is whole."""
	while b"\r\n\r\n" not in buffer:
		buffer, is_open = take(connection, buffer)
		if not is_open:
			return None, buffer
	head, buffer = buffer.split(b"\r\n\r\n", 1)
	got = Answer(head, b"")
	length = 0 if is_head else int(got.headers["content-length"])
	while len(buffer) < length:
		buffer, is_open = take(connection, buffer)
		if not is_open:
			return None, buffer
	got.body = buffer[:length]
	return got, buffer[length:]


def answers(connection):
	"""All answers until the server closes, or has been silent for half a second."""
	got, buffer = [], b""
	while True:
		one, buffer = answer(connection, buffer)
		if one is None:
			return got
		got.append(one)
		connection.settimeout(0.5)


def is_closed(connection, within_s):
	"""Does the server close by then, whatever it says before?"""
	end = time.monotonic() + within_s
	while time.monotonic() < end:
		connection.settimeout(max(0.01, end - time.monotonic()))
		try:
			if connection.recv(65536) == b"":
				return True
		except ConnectionResetError:
			return True
		except socket.timeout:
			return False
	return False
