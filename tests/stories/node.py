# SPDX-License-Identifier: MIT
"""More than one latchkeyd on one directory and store, and what each says of its keys."""
import base64
import copy
import json
import os
import secrets
import subprocess
import urllib.error
import urllib.request

from parts import Daemon, wait_until
from settings import Settings, file_write
from story import build_folder, port_block


def get(base_url, path):
	"""Status, headers and body."""
	try:
		with urllib.request.urlopen(base_url + path, timeout=10) as got:
			return got.status, got.headers, got.read().decode()
	except urllib.error.HTTPError as refused:
		return refused.code, refused.headers, refused.read().decode()


def kids(base_url):
	status, _, body = get(base_url, "/jwks.json")
	return {key["kid"] for key in json.loads(body)["keys"]} if status == 200 else set()


def ctl(demo, *words, code=0):
	done = subprocess.run([str(build_folder() / "latchkeyctl"), "--config", demo.config, "--json", "--yes", *words],
		capture_output=True, text=True, timeout=30, env=dict(os.environ), check=False)
	assert done.returncode == code, done.stdout + done.stderr
	return json.loads(done.stdout) if done.stdout else done.stderr


def keys_of(demo):
	"""{name: what latchkeyctl says of it}: those that sign."""
	return {key["name"]: key for key in ctl(demo, "key", "list")["keys"] if "alg" in key}


def seals_of(demo):
	"""The same of the pairwise secret, the newest seal first."""
	return {seal["name"]: seal for seal in ctl(demo, "key", "list")["keys"] if "alg" not in seal}


def key_file_write(path, number=1):
	key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
	file_write(path, f"{number} {key}\n")


class Node:
	"""Another latchkeyd on the same directory and store."""

	def __init__(self, demo, name, key_file=None):
		folder = demo.folder / name
		for part in ("audit", "log", "run", "spool"):
			(folder / part).mkdir(parents=True, mode=0o700)
		first = port_block()
		self.settings = Settings(folder, {**demo.demo.ports, "http": first, "metrics": first + 1})
		for section in ("directory", "store", "keys", "policy"):
			self.settings.sections[section] = copy.deepcopy(demo.demo.settings.sections[section])
		if key_file:
			self.settings.sections["keys"]["file"] = key_file
		self.settings.write()
		self.base_url, self.config = self.settings.base_url, str(self.settings.path)
		self.daemon = Daemon(folder, build_folder(), self.config, self.base_url)

	def verbose(self):
		return get(self.settings.metrics_url.removesuffix("/metrics"), "/readyz?verbose")[2]

	def log(self):
		return self.daemon.log.read_text()


def settled(*nodes):
	"""Until what was rotated signs at each."""
	for node in nodes:
		wait_until(lambda: all(key["state"] != "ahead" for key in keys_of(node).values()), 15, "signing")
