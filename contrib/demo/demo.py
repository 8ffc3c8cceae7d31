#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
The demo: starts everything, waits, ends everything. contrib/quickstart builds first and then calls this.

	demo.py run|stop|status [options]

One process stays and watches (the demo itself, pid in DIR/demo.pid, lock on it); the others are its children and end with it.
"""
import argparse
import fcntl
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import applications  # noqa: E402
import settings  # noqa: E402
from directory import ADMIN_DN, BASE, Directory, Sealer  # noqa: E402
from parts import (  # noqa: E402
	HOST, TOP, Catcher, Daemon, Failed, Mailer, Redis, Slapd, built, port_is_free, run, wait_until,
)

PORT_NAMES = ("http", "metrics", "ldap", "redis", "smtp")
PORT_FIRST = 8080
FOLDER_PREFIX = "latchkey-demo."
# A socket's path has at most 107 bytes.
FOLDER_MAX_BYTES = 80


class Lock:
	"""Held as long as the demo of a folder runs."""

	def __init__(self, folder):
		self.path = Path(folder) / "demo.pid"
		self.file = None

	def take(self):
		self.file = self.path.open("a+")
		try:
			fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except OSError as error:
			raise Failed(f"a demo already runs in {self.path.parent}") from error
		self.file.truncate(0)
		self.file.write(f"{os.getpid()}\n")
		self.file.flush()

	def pid(self):
		"""Of the demo that holds it, or None."""
		try:
			with self.path.open() as there:
				try:
					fcntl.flock(there, fcntl.LOCK_SH | fcntl.LOCK_NB)
				except OSError:
					return int(there.read())
		except (OSError, ValueError):
			pass
		return None


def ports_choose(first):
	if first is not None:
		taken = [first + i for i in range(len(PORT_NAMES)) if not port_is_free(first + i)]
		if taken:
			raise Failed(f"port {taken[0]} is taken; choose another block with --port")
		return ports_of(first)
	for candidate in range(PORT_FIRST, 65000, 100):
		if all(port_is_free(candidate + i) for i in range(len(PORT_NAMES))):
			return ports_of(candidate)
	raise Failed("no block of free ports; give one with --port")


def ports_of(first):
	return {name: first + i for i, name in enumerate(PORT_NAMES)}


def folder_make(wanted):
	"""Gives (folder, what to remove at the end: "folder" or only its "content")."""
	if wanted is None:
		return Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX)), "folder"
	folder = Path(wanted).absolute()
	if len(os.fsencode(str(folder))) > FOLDER_MAX_BYTES:
		raise Failed(f"--dir: at most {FOLDER_MAX_BYTES} bytes long, for the sockets in it")
	if not folder.exists():
		folder.mkdir(parents=True, mode=0o700)
		return folder, "folder"
	if any(folder.iterdir()):
		raise Failed(f"{folder} is not empty")
	folder.chmod(0o700)
	return folder, "content"


class Demo:
	def __init__(self, options):
		self.options = options
		self.ports = ports_choose(options.port)
		self.folder, self.removes = folder_make(options.dir)
		self.parts = []
		self.listed = []
		self.applications = []

	# Making

	def prepare(self):
		for name in ("audit", "log", "run", "spool"):
			(self.folder / name).mkdir(mode=0o700)
		self.tls = settings.certificate_make(self.folder / "tls") if self.options.tls else None
		self.settings = settings.Settings(self.folder, self.ports, self.tls)
		settings.key_file_write(self.folder / "keys")
		settings.policies_copy(self.folder / "policies")
		run([built(self.options.build, "latchkey-wordlist"), "--default", "--output", self.folder / "common-passwords.bin"],
			what="latchkey-wordlist")
		shutil.copy(TOP / "contrib" / "demo" / "claims.policy", self.folder / "policies")
		self.directory = Directory(self.folder)
		self.directory.write()
		settings.file_write(self.folder / "service-password", self.directory.service_password + "\n")
		sealer = Sealer(built(self.options.build, "contrib/demo/seal_seeds"), self.folder / "keys")
		self.listed = self.directory.fill(self.options.staff, sealer)
		sealer.close()
		self.settings.write()
		self.applications = applications.write_all(built(self.options.build, "latchkeyctl"), self.settings.path,
			self.options.application)

	def start(self):
		folder, build, conf = self.folder, self.options.build, self.settings.path
		self._begin(Slapd(folder, self.ports["ldap"]), Redis(folder, self.ports["redis"]), Catcher(folder, self.ports["smtp"]))
		# Codes of the half minute in which the store was new count too.
		run([built(build, "latchkeyd"), "--config", conf, "--init-store"], what="latchkeyd --init-store")
		self._begin(Mailer(folder, build, conf),
			Daemon(folder, build, conf, self.settings.base_url, self.tls[0] if self.tls else None))
		self.write_json()

	def _begin(self, *parts):
		"""All at once, then waits for each."""
		for part in parts:
			self.parts.append(part)
			part.begin()
		for part in parts:
			wait_until(lambda part=part: part.has_ended() or part.is_ready(), 60, f"start of {part.name}")
			if part.has_ended():
				raise Failed(f"{part.name} ended with {part.process.returncode}:\n{part.log_end()}")

	def contract(self):
		"""What demo.json holds."""
		chosen, folder = self.settings, self.folder
		staff = [person for person in self.listed if not person.serves]
		return {
			"issuer": chosen.base_url, "base_url": chosen.base_url, "desk_url": chosen.base_url + "/desk",
			"ca_file": str(self.tls[0]) if self.tls else None, "metrics_url": chosen.metrics_url,
			"admin_socket": str(chosen.sections["local"]["admin_socket"]),
			"ldap": {"uri": f"ldap://{HOST}:{self.ports['ldap']}", "base_dn": BASE, "admin_dn": ADMIN_DN,
				"admin_password": self.directory.admin_password},
			"redis": {"url": chosen.sections["store"]["url"]},
			"mail_dir": str(folder / "mail"), "audit_log": str(chosen.sections["audit"]["file"]),
			"config": str(chosen.path), "policies_dir": str(folder / "policies"),
			"pids": {part.name: part.pid for part in self.parts} | {"demo": os.getpid()},
			"pam": self.pam(),
			"staff": [person.listed() for person in staff],
			"agents": [person.listed() for person in self.listed if person.serves],
			"applications": self.applications,
		}

	def pam(self):
		module = Path(self.options.build) / ".libs" / "pam_latchkey.so"
		socket = self.settings.sections["local"]["pam_socket"]
		return {"module": str(module), "stack_line": f"auth required {module} socket={socket} uid={os.getuid()}"}

	def write_json(self):
		half = self.folder / ".demo.json"
		settings.file_write(half, json.dumps(self.contract(), indent=1, ensure_ascii=False) + "\n")
		half.rename(self.folder / "demo.json")

	# Ending

	def stop(self):
		for part in reversed(self.parts):
			part.stop()
		if self.options.keep:
			return
		# The lock's file last: while it is there, the demo has not ended.
		for path in self.folder.iterdir():
			if path.is_dir():
				shutil.rmtree(path, ignore_errors=True)
			elif path.name != "demo.pid":
				path.unlink()
		(self.folder / "demo.pid").unlink(missing_ok=True)
		if self.removes == "folder":
			self.folder.rmdir()

	def run(self, when_ready):
		"""Until a signal. A part that ends is reported; the others go on, as they would in the field."""
		lock = Lock(self.folder)
		for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
			signal.signal(number, interrupted)
		try:
			lock.take()
			self.prepare()
			self.start()
			when_ready()
			self.watch()
		except KeyboardInterrupt:
			pass
		finally:
			for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
				signal.signal(number, signal.SIG_IGN)
			self.stop()

	def watch(self):
		ended = set()
		while True:
			for part in self.parts:
				if part.name not in ended and part.has_ended():
					ended.add(part.name)
					print(f"{part.name} ended ({part.process.returncode}); its log: {part.log}", file=sys.stderr, flush=True)
			time.sleep(0.5)


def interrupted(_number, _frame):
	raise KeyboardInterrupt


def words(demo):
	"""What people read when it runs."""
	url, first = demo.settings.base_url, demo.listed[0]
	desk = next(person for person in demo.listed if person.serves)
	daemon = next(part for part in demo.parts if part.name == "latchkeyd")
	lines = [
		"", f"Sign in            {url}/",
		f"Forgotten password {url}/reset",
		f"Staff ID           {first.username}   ({first.name})",
		f"Password           {first.password}",
		f"Code               oathtool --totp -b {first.seed}",
		f"Service desk       {desk.username}   password {desk.password}   code oathtool --totp -b {desk.seed}",
		f"Mails              {demo.folder / 'mail'}",
		f"Applications       alias latchkeyctl='{built(demo.options.build, 'latchkeyctl')} --config {demo.settings.path}'",
		f"                   alias reload='kill -HUP {daemon.pid}'",
		f"Everyone else      {demo.folder / 'demo.json'}",
	]
	if demo.tls:
		lines.append(f"Trust this CA      {demo.tls[0]}")
	return "\n".join(lines)


def command_run(options):
	demo = Demo(options)
	if not options.detach:
		demo.run(lambda: print(words(demo) + "\n\nCtrl-C stops everything and leaves nothing behind.", flush=True))
		return 0
	return detach(demo)


def detach(demo):
	"""The child goes on alone; we wait for its word that all is ready."""
	ours, theirs = os.pipe()
	if os.fork() == 0:
		os.close(ours)
		os.setsid()
		os._exit(detached(demo, theirs))
	os.close(theirs)
	with os.fdopen(ours) as told:
		text = told.read()
	ready, _, rest = text.partition("\n")
	print(rest, file=sys.stdout if ready == "ready" else sys.stderr)
	if ready != "ready":
		return 1
	print(f"\nStop it: contrib/quickstart --stop --dir {demo.folder}")
	return 0


def detached(demo, told):
	log = os.open(os.devnull, os.O_RDWR)
	for number in (0, 1, 2):
		os.dup2(log, number)

	def tell(text):
		os.write(told, text.encode())
		os.close(told)

	try:
		demo.run(lambda: tell("ready\n" + words(demo)))
	except Failed as failure:
		tell(f"failed\n{failure}")
		return 1
	except Exception as error:  # pylint: disable=broad-except # nobody else would hear of it
		tell(f"failed\n{type(error).__name__}: {error}")
		return 1
	return 0


def folder_find(options):
	"""--dir, or the one demo of ours that runs."""
	if options.dir:
		return Path(options.dir).absolute()
	running = [folder for folder in Path(tempfile.gettempdir()).glob(FOLDER_PREFIX + "*")
		if folder.stat().st_uid == os.getuid() and Lock(folder).pid()]
	if len(running) != 1:
		raise Failed("no demo runs" if not running else "several demos run; say which with --dir")
	return running[0]


def command_stop(options):
	folder = folder_find(options)
	lock = Lock(folder)
	pid = lock.pid()
	if pid is None:
		raise Failed(f"no demo runs in {folder}")
	os.kill(pid, signal.SIGTERM)
	wait_until(lambda: lock.pid() is None, 60, "the end of the demo")
	print("stopped")
	return 0


def command_status(options):
	folder = folder_find(options)
	pid = Lock(folder).pid()
	if pid is None:
		print(f"no demo runs in {folder}")
		return 1
	try:
		told = json.loads((folder / "demo.json").read_text())
	except FileNotFoundError:
		print(f"starting in {folder}")
		return 1
	print(f"{told['base_url']}   {folder}")
	alive = {name: is_alive(number) for name, number in told["pids"].items()}
	for name, number in told["pids"].items():
		print(f"  {name:10} {number:8} {'runs' if alive[name] else 'ended'}")
	return 0 if all(alive.values()) else 1


def is_alive(pid):
	try:
		os.kill(pid, 0)
	except ProcessLookupError:
		return False
	except PermissionError:
		pass
	return True


def options_read():
	parser = argparse.ArgumentParser(prog="quickstart")
	parser.add_argument("command", choices=("run", "stop", "status"))
	parser.add_argument("--build", type=lambda path: Path(path).absolute())
	parser.add_argument("--dir")
	parser.add_argument("--port", type=int)
	parser.add_argument("--detach", action="store_true")
	parser.add_argument("--keep", action="store_true")
	parser.add_argument("--staff", type=int, default=120)
	parser.add_argument("--tls", action="store_true")
	parser.add_argument("--application", type=Path, action="append", default=[])
	return parser.parse_args()


def main():
	options = options_read()
	try:
		return {"run": command_run, "stop": command_stop, "status": command_status}[options.command](options)
	except Failed as failure:
		print(f"quickstart: {failure}", file=sys.stderr)
		return 1


if __name__ == "__main__":
	sys.exit(main())
