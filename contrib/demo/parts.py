# SPDX-License-Identifier: MIT
"""The programs of the demo: each started alone, waited for until it answers, ended by its own process id."""
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
HOST = "127.0.0.1"
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


class Failed(Exception):
	"""Something people should read; no traceback."""


def wait_until(is_true, seconds, what):
	"""Asks again and again, without sleeping longer than a condition could take."""
	end = time.monotonic() + seconds
	pause = 0.005
	while not is_true():
		if time.monotonic() > end:
			raise Failed(f"{what}: not within {seconds} s")
		time.sleep(pause)
		pause = min(pause * 1.5, 0.1)


def port_is_free(port):
	with socket.socket() as probe:
		probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		try:
			probe.bind((HOST, port))
		except OSError:
			return False
	return True


def port_says(port, question=b"", answer=b"", timeout_s=1.0):
	"""True when what listens on the port answers the question with something that holds answer."""
	try:
		with socket.create_connection((HOST, port), timeout_s) as there:
			there.settimeout(timeout_s)
			there.sendall(question)
			return answer in there.recv(512)
	except OSError:
		return False


class Part:
	"""One program. Subclasses say how to start it and when it is ready."""

	name = "?"
	stop_signal = signal.SIGTERM

	def __init__(self, folder):
		self.folder = Path(folder)
		self.process = None
		self.log = self.folder / "log" / f"{self.name}.log"

	def argv(self):
		raise NotImplementedError

	def environment(self):
		return dict(os.environ, LC_ALL="C.UTF-8")

	def is_ready(self):
		return True

	def begin(self):
		"""Starts it and does not wait."""
		self.log.parent.mkdir(parents=True, exist_ok=True)
		parent = os.getpid()

		def child():
			# Should we be killed, it goes too.
			LIBC.prctl(PR_SET_PDEATHSIG, int(self.stop_signal))
			if os.getppid() != parent:
				os._exit(1)

		with self.log.open("ab") as log:
			self.process = subprocess.Popen(self.argv(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
				env=self.environment(), start_new_session=True, preexec_fn=child)
		return self

	def start(self, seconds=30):
		self.begin()
		wait_until(lambda: self.has_ended() or self.is_ready(), seconds, f"start of {self.name}")
		if self.has_ended():
			raise Failed(f"{self.name} ended with {self.process.returncode}:\n{self.log_end()}")
		return self

	def has_ended(self):
		return self.process is None or self.process.poll() is not None

	@property
	def pid(self):
		return self.process.pid

	def signal(self, number):
		os.kill(self.pid, number)

	def kill(self):
		"""As a power cut would."""
		self.process.kill()
		self.process.wait()

	def stop(self, seconds=10):
		if self.process is None:
			return
		if self.process.poll() is None:
			self.process.send_signal(signal.SIGCONT)
			self.process.send_signal(self.stop_signal)
		try:
			self.process.wait(seconds)
		except subprocess.TimeoutExpired:
			self.kill()

	def log_end(self, lines=20):
		try:
			return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
		except OSError:
			return ""


class Slapd(Part):
	name = "slapd"
	# An anonymous bind, and the beginning of its answer.
	BIND = bytes.fromhex("300c020101600702010304008000")

	def __init__(self, folder, port):
		super().__init__(folder)
		self.port = port
		self.conf = self.folder / "directory" / "slapd.conf"
		self.uri = f"ldap://{HOST}:{port}"

	def argv(self):
		return [program("slapd"), "-h", self.uri, "-f", str(self.conf), "-d", "0"]

	def is_ready(self):
		return port_says(self.port, self.BIND, b"\x61")


class Redis(Part):
	name = "redis"

	def __init__(self, folder, port):
		super().__init__(folder)
		self.port = port
		self.data = self.folder / "redis"
		self.url = f"redis://{HOST}:{port}/0"

	def argv(self):
		self.data.mkdir(mode=0o700, exist_ok=True)
		return [program("redis-server"), "--bind", HOST, "--port", str(self.port), "--dir", str(self.data),
			"--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction"]

	def is_ready(self):
		return port_says(self.port, b"PING\r\n", b"+PONG")


class Catcher(Part):
	"""A mail server that puts every mail into a folder. Folder/behaviour makes it misbehave: catcher.py."""

	name = "catcher"

	def __init__(self, folder, port, tls=None):
		super().__init__(folder)
		self.port = port
		self.mails = self.folder / "mail"
		self.behaviour = self.folder / "catcher-behaviour"
		self.tls = tls
		self.url = f"smtp://{HOST}:{port}"

	def argv(self):
		self.mails.mkdir(mode=0o700, exist_ok=True)
		argv = [sys.executable, "-B", str(HERE / "catcher.py"), "--port", str(self.port), "--mails", str(self.mails),
			"--behaviour", str(self.behaviour)]
		return argv + (["--certificate", str(self.tls[0]), "--key", str(self.tls[1])] if self.tls else [])

	def is_ready(self):
		return port_says(self.port, b"", b"220 ")


class Mailer(Part):
	name = "mailer"

	def __init__(self, folder, build, conf):
		super().__init__(folder)
		self.conf = conf
		self.program = built(build, "latchkey-mailer")

	def argv(self):
		return [str(self.program), "--config", str(self.conf)]


class Daemon(Part):
	name = "latchkeyd"

	def __init__(self, folder, build, conf, base_url, ca_file=None):
		super().__init__(folder)
		self.conf = conf
		self.program = built(build, "latchkeyd")
		self.base_url = base_url
		self.ca_file = ca_file

	def argv(self):
		return [str(self.program), "--config", str(self.conf)]

	def is_ready(self):
		return self.answers("/readyz")

	def answers(self, path):
		try:
			with urllib.request.urlopen(self.base_url + path, timeout=2, context=tls_context(self.ca_file)) as got:
				return got.status == 200
		except OSError:
			return False


def tls_context(ca_file):
	if ca_file is None:
		return None
	import ssl
	return ssl.create_default_context(cafile=str(ca_file))


def built(build, name):
	"""A program of ours in a build folder."""
	for path in (Path(build) / name, Path(build) / "src" / name):
		if os.access(path, os.X_OK):
			return path
	raise Failed(f"{name} is not in {build}")


def program(name):
	"""Where a program is; /usr/sbin is not in everyone's PATH."""
	for folder in os.environ.get("PATH", "").split(":") + ["/usr/sbin", "/sbin", "/usr/bin", "/usr/local/sbin"]:
		path = os.path.join(folder, name)
		if folder and os.access(path, os.X_OK) and os.path.isfile(path):
			return path
	raise Failed(f"{name} is not installed")


def run(argv, text=None, what=None):
	"""Runs a short program to its end and gives what it printed."""
	done = subprocess.run([str(word) for word in argv], input=text, text=True, capture_output=True, timeout=60)
	if done.returncode != 0:
		raise Failed(f"{what or argv[0]} ended with {done.returncode}: {(done.stderr or done.stdout).strip()}")
	return done.stdout
