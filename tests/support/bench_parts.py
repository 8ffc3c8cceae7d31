# SPDX-License-Identifier: MIT
"""What tests/bench measures with: CPU time and memory of processes, load by wrk, whole sign-ins, figures of /metrics."""
import collections
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "stories"))
from codes import Totp  # noqa: E402

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
FORM_KEY = re.compile(r'name="form_key" value="([^"]+)"')
# Of an answer's head: what the library writes by itself.
LIBRARY_HEADERS = {"date", "content-length", "connection"}
# As on a busy morning: what is paid once for all who wait together, like a sync of the audit log, is shared by so many.
CONNECTIONS = 128


def cpu_s(pid):
	"""User and system time of a process so far, from the scheduler's own count where the kernel keeps one."""
	try:
		total = 0
		for task in Path(f"/proc/{pid}/task").iterdir():
			total += int((task / "schedstat").read_text().split()[0])
		return total / 1e9
	except (OSError, ValueError, IndexError):
		words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
		return (int(words[11]) + int(words[12])) * TICK_S


class Pinned:
	"""
	These processes, and the load we start, on one processor: none is charged for waking a client that sleeps on another,
	which would make the slower side look slower than it is.
	"""

	def __init__(self, pids):
		self.pids = [*pids, os.getpid()]
		self.all = os.sched_getaffinity(0)

	def _set(self, processors):
		for pid in self.pids:
			for task in Path(f"/proc/{pid}/task").iterdir():
				os.sched_setaffinity(int(task.name), processors)

	def __enter__(self):
		self._set({max(self.all)})

	def __exit__(self, *_):
		self._set(self.all)


def pss_kib(pid):
	for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
		if line.startswith("Pss:"):
			return int(line.split()[1])
	return 0


def load(base_url, pid, path, seconds, headers=(), method="GET", body=""):
	"""wrk: one thread, as many connections as ever. Gives CPU of the process in microseconds a request, and requests a second."""
	argv = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}"]
	for header in headers:
		argv += ["-H", header]
	with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
		script.write(f'wrk.method = "{method}"\nwrk.body = {json.dumps(body) if body else "nil"}\n')
		script.flush()
		before = cpu_s(pid)
		said = subprocess.run([*argv, "-s", script.name, base_url + path], check=True, capture_output=True, text=True).stdout
	used = cpu_s(pid) - before
	count, lasted, unit = re.search(r"(\d+) requests in ([\d.]+)(m?s)", said).groups()
	if "Non-2xx" in said or "Socket errors" in said:
		raise SystemExit(f"bench: {path} was not answered well:\n{said}")
	return used / int(count) * 1e6, int(count) / (float(lasted) / (1000 if unit == "ms" else 1))


def answer_of(base_url, method, path, headers=(), body=""):
	"""Head and body of one answer as they came, without the status line and what the library adds by itself."""
	parts = urlsplit(base_url)
	with socket.create_connection((parts.hostname, parts.port), 10) as there:
		lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close", *headers]
		if body:
			lines.append(f"Content-Length: {len(body)}")
		there.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
		answer = b""
		while piece := there.recv(65536):
			answer += piece
	head, _, body = answer.partition(b"\r\n\r\n")
	kept = [line for line in head.split(b"\r\n")[1:] if line.split(b":")[0].decode().lower() not in LIBRARY_HEADERS]
	return b"\r\n".join(kept) + b"\r\n\r\n" + body


def raw_answer(base_url, path):
	return answer_of(base_url, "GET", path)


class Bare:
	"""The HTTP library alone, with the bytes of one answer. How: what bare_server.c calls each, once or get."""

	def __init__(self, build, port, answer, how, redis_port=None):
		self.file = tempfile.NamedTemporaryFile(suffix=".answer")
		self.file.write(answer)
		self.file.flush()
		self.base_url = f"http://127.0.0.1:{port}"
		program = Path(build) / "tests/support/bare_server"
		self.process = subprocess.Popen([str(program), str(port), self.file.name, how, *([str(redis_port)] if redis_port else [])])
		for _ in range(200):
			try:
				urllib.request.urlopen(self.base_url, timeout=1).read()
				break
			except OSError:
				time.sleep(0.01)
		else:
			raise SystemExit("bench: the bare server does not answer")
		if raw_answer(self.base_url, "/") != answer:
			raise SystemExit("bench: the bare server does not answer with the same bytes")

	@property
	def pid(self):
		return self.process.pid

	def end(self):
		self.process.terminate()
		self.process.wait()


Question = collections.namedtuple("Question", "method path headers body", defaults=((), ""))
# Of each side: CPU of the others beside ours, CPU a request, requests a second; medians.
Measured = collections.namedtuple("Measured", "share us rate")


def in_turn(sides, question, rounds, seconds):
	"""sides: (address, process) by name; "ours" is one of them."""
	rows = {side: [] for side in sides}
	for _ in range(rounds):
		for side, (base_url, pid) in sides.items():
			rows[side].append(load(base_url, pid, question.path, seconds, question.headers, question.method, question.body))
	us, rate = ({side: statistics.median(row[i] for row in rows[side]) for side in sides} for i in (0, 1))
	share = {side: statistics.median(other[0] / ours[0] for other, ours in zip(rows[side], rows["ours"])) for side in sides}
	return Measured(share, us, rate)


def free_and_bound(sides, servers, *how):
	"""
	Twice: wherever the scheduler has them, like the figures the aims were set by; and with the servers asked all on one processor,
	where nobody is charged for waking who sleeps on another.
	"""
	free = in_turn(sides, *how)
	with Pinned([*(pid for _, pid in sides.values()), *servers]):
		return free, in_turn(sides, *how)


class Client:
	"""One kept connection with cookies; as little of a browser as a sign-in needs."""

	def __init__(self, base_url):
		parts = urlsplit(base_url)
		self.base_url = base_url
		self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
		self.cookies = {}

	def renew(self):
		"""It was idle for long: the next request opens another connection."""
		self.connection.close()

	def cookie_header(self):
		return "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items())

	def request(self, method, path, fields=None):
		headers = {"Accept": "text/html", "User-Agent": "bench"}
		if self.cookies:
			headers["Cookie"] = self.cookie_header().partition(": ")[2]
		body = None
		if fields is not None:
			body = urlencode(fields)
			headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base_url}
		self.connection.request(method, path, body, headers)
		response = self.connection.getresponse()
		text = response.read().decode()
		for name, value in response.getheaders():
			if name.lower() == "set-cookie":
				cookie, _, rest = value.partition("=")
				self.cookies[cookie] = rest.partition(";")[0]
		return response, text


SIGN_IN = (("GET", "/signin"), ("POST", "/signin"), ("GET", "/signin/code"), ("POST", "/signin/code"), ("GET", "/"))


def no_look(_step):
	pass


def sign_in(client, person, totp, after=no_look):
	"""The five requests of a sign-in; raises when it does not end on the services page. After each, after(its name) is called."""
	_, text = client.request("GET", "/signin")
	after("GET /signin")
	key = FORM_KEY.search(text).group(1)
	response, _ = client.request("POST", "/signin",
		{"form_key": key, "username": person["username"], "password": person["password"]})
	assert response.status == 303, response.status
	after("POST /signin")
	_, text = client.request("GET", response.getheader("Location"))
	after("GET /signin/code")
	key = FORM_KEY.search(text).group(1)
	response, _ = client.request("POST", "/signin/code", {"form_key": key, "code": totp(person["totp_secret"])})
	assert response.status == 303, response.status
	after("POST /signin/code")
	response, text = client.request("GET", response.getheader("Location"))
	assert response.status == 200 and "Your services" in text, response.status
	after("GET /")


# A histogram's count is the number of trips.
TRIPS = re.compile(r'^latchkey_(directory|store)_request_duration_seconds_count\{\w+="(\w+)"\} (\d+)$', re.M)


class Trips:
	"""Trips to the directory and to the store, by kind, since the last look."""

	def __init__(self, metrics_url):
		self.url = metrics_url
		self.seen = self._read()

	def _read(self):
		text = urllib.request.urlopen(self.url, timeout=5).read().decode()
		return collections.Counter({(part, kind): int(count) for part, kind, count in TRIPS.findall(text)})

	def look(self):
		now = self._read()
		since, self.seen = now - self.seen, now
		return {part: {kind: count for (of, kind), count in sorted(since.items()) if of == part}
			for part in ("directory", "store")}


def idle_connections(base_url, count):
	"""So many connections that were answered once and stay."""
	parts = urlsplit(base_url)
	question = f"GET /healthz HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
	kept = []
	for _ in range(count):
		there = socket.create_connection((parts.hostname, parts.port), 10)
		there.sendall(question)
		kept.append(there)
	for there in kept:
		assert there.recv(4096).startswith(b"HTTP/1.1 200")
	return kept


def new_totp():
	return Totp()
