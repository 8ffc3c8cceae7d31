# SPDX-License-Identifier: MIT
"""What tests/bench measures with: CPU time of processes, requests over kept connections, a whole sign-in."""
import http.client
import os
import re
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "stories"))
from codes import Totp  # noqa: E402

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
FORM_KEY = re.compile(r'name="form_key" value="([^"]+)"')


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


def pss_kib(pid):
	for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
		if line.startswith("Pss:"):
			return int(line.split()[1])
	return 0


class Client:
	"""One kept connection with cookies; as little of a browser as a sign-in needs."""

	def __init__(self, base_url):
		parts = urlsplit(base_url)
		self.base_url = base_url
		self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
		self.cookies = {}

	def request(self, method, path, fields=None):
		headers = {"Accept": "text/html", "User-Agent": "bench"}
		if self.cookies:
			headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
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


def sign_in(client, person, totp):
	"""The five requests of a sign-in; raises when it does not end on the services page."""
	_, text = client.request("GET", "/signin")
	key = FORM_KEY.search(text).group(1)
	response, _ = client.request("POST", "/signin",
		{"form_key": key, "username": person["username"], "password": person["password"]})
	assert response.status == 303, response.status
	_, text = client.request("GET", response.getheader("Location"))
	key = FORM_KEY.search(text).group(1)
	response, _ = client.request("POST", "/signin/code", {"form_key": key, "code": totp(person["totp_secret"])})
	assert response.status == 303, response.status
	response, text = client.request("GET", response.getheader("Location"))
	assert response.status == 200 and "Your services" in text, response.status


class Load:
	"""So many threads that ask as fast as they can for a while."""

	def __init__(self, base_url, thread_count=2):
		self.base_url = base_url
		self.thread_count = thread_count
		self.count = 0
		self.lock = threading.Lock()

	def _run(self, path, until):
		client, count = Client(self.base_url), 0
		while time.monotonic() < until:
			client.request("GET", path)
			client.cookies.clear()
			count += 1
		with self.lock:
			self.count += count

	def run(self, path, seconds):
		"""Gives (requests, seconds)."""
		self.count, began = 0, time.monotonic()
		threads = [threading.Thread(target=self._run, args=(path, began + seconds)) for _ in range(self.thread_count)]
		for thread in threads:
			thread.start()
		for thread in threads:
			thread.join()
		return self.count, time.monotonic() - began


def new_totp():
	return Totp()
