# SPDX-License-Identifier: MIT
"""
A demo that speaks TLS, and programs of other people around it, set up with what `latchkeyctl app snippet` prints. Fixtures to import:
town, someone (a browser in which somebody is signed in) and site (a browser at the other programs).
"""
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from browser import Browser
from parts import port_is_free, wait_until
from steps import signed_in
from story import Private, audit, build_folder, port_block


class Town:
	"""A demo that speaks TLS, and programs of other people around it."""

	def __init__(self, folder):
		self.demo = Private(tls=True, staff=60)
		self.folder = folder
		self.ca_file = shutil.copy(self.demo.ca_file, folder / "ca.pem")  # where programs without rights may read it
		self.started = []
		self.ports = iter(range(port_block(), 65000))

	def port(self):
		return next(port for port in self.ports if port_is_free(port))

	def ctl(self, *words):
		done = subprocess.run([str(build_folder() / "latchkeyctl"), "--config", self.demo.config, *words], capture_output=True,
			text=True, timeout=60, check=False)
		assert done.returncode == 0, done.stdout + done.stderr
		return done.stdout

	def register(self, name, *words):
		"""Its secret, in force; of one that has none: None."""
		told = self.ctl("app", "add", name, *words)
		before = len(audit(self.demo, event="config_loaded"))
		os.kill(self.demo.pids.latchkeyd, signal.SIGHUP)
		wait_until(lambda: len(audit(self.demo, event="config_loaded")) > before, 10, "reload")
		return told.split()[1] if told else None

	def snippet(self, program, name, secret):
		return self.ctl("app", "snippet", program, name).replace("PUT-ITS-SECRET-HERE", secret)

	def start(self, port, *argv, **more):
		log = self.folder / f"{Path(argv[0]).name}-{port}.log"
		with log.open("wb") as out:
			self.started.append(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **more))
		wait_until(lambda: not port_is_free(port), 15, f"{argv[0]}: {log.read_text(errors='replace')}")

	def end(self):
		for process in self.started:
			process.terminate()
		for process in self.started:
			process.wait(10)
		return self.demo.end()


@pytest.fixture(scope="module")
def town(tmp_path_factory):
	one = Town(tmp_path_factory.mktemp("clients"))
	yield one
	words = one.end()
	assert not words, words


@pytest.fixture
def someone(town, totp):
	"""A browser in which somebody is signed in."""
	browser, person = Browser(town.demo.base_url, town.demo.ca_file), town.demo.person()
	signed_in(browser, person, totp)
	browser.person = person
	yield browser
	browser.close()


@pytest.fixture
def site():
	with requests.Session() as session:
		yield session


def trusting(town, **more):
	return os.environ | {"SSL_CERT_FILE": town.demo.ca_file, "REQUESTS_CA_BUNDLE": town.demo.ca_file,
		"NODE_EXTRA_CA_CERTS": town.demo.ca_file} | more


def visit(town, someone, site, address):
	"""As a browser goes, between the site and the sign-in, until a page comes: (status, text)."""
	for _ in range(8):
		if address.startswith(town.demo.base_url):
			page = someone.get(address)
			where = page.headers.get("location")
			if where is None:
				return page.status, page.main
			address = urljoin(town.demo.base_url, where)
		else:
			answer = site.get(address, allow_redirects=False, timeout=20)
			where = answer.headers.get("location")
			if where is None:
				return answer.status_code, answer.text
			address = urljoin(address, where)
	raise AssertionError(f"round and round: {address}")
