# SPDX-License-Identifier: MIT
"""The second door without PAM: frames to the daemon's local socket, as root or as somebody else of this machine."""
import os
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "pam"))

from fake import ACCOUNT, AUTH, CHANGE, frame, read_frame  # noqa: E402,F401

DONE, ASK, REFUSED, NEW_PASSWORD, UNAVAILABLE = (b"DONE", b"ASK?", b"NOT!", b"NEWP", b"OUT!")
WRONG, TOO_FAST, LOCKED, NOT_ALLOWED = (n.to_bytes(4, "big") for n in (1, 2, 3, 11))
NOBODY = 65534


class Door:
	"""Asks one question a connection: door.ask(AUTH, username=…, password=…) gives the answer's fields."""

	def __init__(self, demo, name="pam", **always):
		self.path = str(Path(demo.folder) / "run" / f"{name}.sock")
		self.always = {"service": "sshd"} | always

	def ask(self, kind, **fields):
		with socket.socket(socket.AF_UNIX) as there:
			there.settimeout(20)
			there.connect(self.path)
			there.sendall(frame(kind, **(self.always | fields)))
			return answer_read(there)

	def both(self, person, code):
		"""Password, then code: the last answer."""
		first = self.ask(AUTH, username=person.username, password=person.password)
		assert first["verdict"] == ASK, first
		return self.ask(AUTH, username=person.username, handle=first["handle"], code=code)


def answer_read(there):
	"""Numbers stay the four bytes they are, texts are texts."""
	fields = read_frame(there)
	return {name: value.encode("latin-1") if name in ("verdict", "reason", "prompt_kind", "is_echo") else value
		for name, value in fields.items()}


def as_nobody(demo, work):
	"""work() in a process of the user nobody; gives what it printed."""
	for folder in (Path(demo.folder).parent, Path(demo.folder), Path(demo.folder) / "run"):
		folder.chmod(0o711)
	read_end, write_end = os.pipe()
	pid = os.fork()
	if pid == 0:
		status = 1
		try:
			os.setgroups([])
			os.setresgid(NOBODY, NOBODY, NOBODY)
			os.setresuid(NOBODY, NOBODY, NOBODY)
			os.write(write_end, repr(work()).encode())
			status = 0
		finally:
			os._exit(status)
	os.close(write_end)
	with os.fdopen(read_end, "rb") as said:
		words = said.read()
	assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, words
	return words.decode()


def oneself(*argv):
	return subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=30)
