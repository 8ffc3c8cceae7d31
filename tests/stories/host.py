# SPDX-License-Identifier: MIT
"""
A Linux host that relies on us: real sshd and sudo with our module in their stacks. They read /etc/pam.d, /etc/passwd and
/etc/sudoers, so these are covered by files of the test in a mount namespace of its own; nothing of the machine changes.
"""
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from parts import Failed, port_is_free, port_says, wait_until

FIRST_UID = 40001
COVERED = ("pam.d", "passwd", "group", "shadow", "sudoers", "sudoers.d")


class Terminal:
	"""A program at a terminal, and who types there."""

	def __init__(self, argv, environment=None):
		self.seen = ""
		self.pid, self.fd = pty.fork()
		if self.pid == 0:
			os.environ.update(environment or {})
			os.execvp(argv[0], [str(word) for word in argv])

	def _read(self, seconds):
		ready, _, _ = select.select([self.fd], [], [], seconds)
		if not ready:
			return False
		try:
			piece = os.read(self.fd, 4096)
		except OSError:  # the other side is gone
			piece = b""
		self.seen += piece.decode(errors="replace").replace("\r", "")
		return bool(piece)

	def expect(self, pattern, seconds=15):
		"""Everything up to and with the pattern is taken; gives what stood before it."""
		end = time.monotonic() + seconds
		while not (found := re.search(pattern, self.seen)):
			if time.monotonic() > end or not self._read(max(0.0, end - time.monotonic())):
				raise AssertionError(f"{pattern!r} did not come; what came: {self.seen!r}")
		before, self.seen = self.seen[:found.start()], self.seen[found.end():]
		return before

	def type(self, text):
		os.write(self.fd, text.encode() + b"\n")

	def rest(self, seconds=15):
		"""To the end; gives (status, text)."""
		end = time.monotonic() + seconds
		while time.monotonic() < end and self._read(max(0.0, end - time.monotonic())):
			pass
		return self.close(), self.seen

	def close(self):
		if self.pid is None:
			return None
		os.close(self.fd)
		pid, self.pid = self.pid, None
		for _ in range(200):
			done, status = os.waitpid(pid, os.WNOHANG)
			if done:
				return os.waitstatus_to_exitcode(status)
			time.sleep(0.02)
		os.kill(pid, signal.SIGKILL)
		os.waitpid(pid, 0)
		return -9


def propagation():
	"""What is mounted for the test stays the test's. In a chroot "/" is no mount that could be set; nothing may be shared then."""
	mounts = Path("/proc/self/mountinfo").read_text().splitlines()
	if any(line.split()[4] == "/" for line in mounts):
		return "private"
	if any(" shared:" in line for line in mounts):
		raise Failed("mounts of this chroot would be seen outside; run it in a mount namespace of its own")
	return "unchanged"


class Host:
	def __init__(self, demo, people, options=""):
		self.demo = demo
		self.folder = Path(tempfile.mkdtemp(prefix="lk-host."))
		self.port = next(port for port in range(22000 + os.getpid() % 500, 30000) if port_is_free(port))
		self.people = people
		self._files(options)
		self._begin()

	def _files(self, options):
		etc = self.folder / "etc"
		(etc / "pam.d").mkdir(parents=True)
		(etc / "sudoers.d").mkdir()
		line = self.demo.pam.stack_line.removeprefix("auth required ")
		stack = "".join(f"{kind} required {line} {options}\n" for kind in ("auth", "account", "password"))
		for service in ("sshd", "sudo", "passwd", "other"):
			(etc / "pam.d" / service).write_text(stack + "session required pam_permit.so\n")
		for name in ("passwd", "group", "shadow"):
			shutil.copy(f"/etc/{name}", etc / name)
		with (etc / "passwd").open("a") as out:
			for i, person in enumerate(self.people):
				out.write(f"{person.username}:x:{FIRST_UID + i}:{FIRST_UID + i}::/tmp:/bin/sh\n")
		(etc / "sudoers").write_text("Defaults timestamp_timeout=0, passwd_tries=3, lecture=never\nroot ALL=(ALL:ALL) ALL\nALL ALL=(ALL:ALL) ALL\n")
		(etc / "sudoers").chmod(0o440)
		for key in ("host_key", "user_key"):
			subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / key], check=True)
		self.folder.chmod(0o755)
		(self.folder / "sshd_config").write_text(
			f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host_key\nPidFile none\nUsePAM yes\n"
			"KbdInteractiveAuthentication yes\nPasswordAuthentication no\nPubkeyAuthentication yes\nStrictModes no\n"
			f"AuthorizedKeysFile {self.folder}/user_key.pub\n"
			"LoginGraceTime 60\nMaxAuthTries 6\nPrintMotd no\nPrintLastLog no\nUseDNS no\n")

	def _begin(self):
		os.makedirs("/run/sshd", exist_ok=True)
		covers = " && ".join(f"{{ [ ! -e /etc/{name} ] || mount --bind {self.folder}/etc/{name} /etc/{name}; }}" for name in COVERED)
		script = f"{covers} && exec /usr/sbin/sshd -D -e -f {self.folder}/sshd_config"
		self.log = (self.folder / "sshd.log").open("wb")
		self.sshd = subprocess.Popen(["unshare", "-m", "--propagation", propagation(), "sh", "-c", script], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
		wait_until(lambda: self.sshd.poll() is not None or port_says(self.port, b"", b"SSH-"), 15, "start of sshd")
		if self.sshd.poll() is not None:
			raise Failed("sshd ended: " + (self.folder / "sshd.log").read_text())

	def ssh(self, person, *command, language="en_GB.UTF-8", key=False):
		"""With a key sshd knows, nothing but the account line of the stack asks us."""
		how = ("publickey", "-i", self.folder / "user_key") if key else ("keyboard-interactive",)
		return Terminal(["ssh", "-F", "none", "-p", self.port, "-o", "PreferredAuthentications=" + how[0], *how[1:],
			"-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known", "-o", "LogLevel=INFO",
			"-o", "NumberOfPasswordPrompts=3", f"{getattr(person, 'username', person)}@127.0.0.1", *(command or ("echo", "in as", "$USER"))],
			{"LC_ALL": "C.UTF-8", "LANG": language})

	def sudo(self, person, *options):
		"""sudo id, by this person, inside the namespace."""
		uid = FIRST_UID + self.people.index(person)
		return Terminal(["nsenter", "-m", "-r", "-t", self.sshd.pid, "setpriv", "--reuid", uid, "--regid", uid, "--clear-groups",
			"sudo", *options, "id", "-un"], {"LC_ALL": "C.UTF-8", "LANG": "en_GB.UTF-8"})

	def passwd(self, person, by_root=False, language="en_GB.UTF-8"):
		uid = FIRST_UID + self.people.index(person)
		who = [] if by_root else ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups"]
		return Terminal(["nsenter", "-m", "-r", "-t", self.sshd.pid, *who, "passwd", *([person.username] if by_root else [])],
			{"LC_ALL": language, "LANG": language})

	def end(self):
		self.sshd.terminate()
		self.sshd.wait(10)
		self.log.close()
		shutil.rmtree(self.folder, ignore_errors=True)
