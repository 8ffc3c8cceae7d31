# SPDX-License-Identifier: MIT
"""
Robots that ask for tokens as fast as they can while Redis is cut, hangs and fills, while the audit log's disk fills, and while the daemon
stops: whatever token was answered stands in the audit log and is alive; and what cannot be is refused, in time.
"""
import http.client
import resource
import signal
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from faults import ANSWER_S, ready_again
from oauth import Application, basic_header
from parts import wait_until
from story import Private, audit, build_folder

ROBOTS = 16
FORM = "grant_type=client_credentials"


class Robots:
	"""Each on a connection of its own, kept; every answer with when it came. Status 0: the connection ended."""

	def __init__(self, demo):
		self.demo, self.robot, self.goes_on, self.answers = demo, Application(demo, "robot"), True, []
		self.headers = {"Content-Type": "application/x-www-form-urlencoded"} | basic_header(self.robot)
		self.before = self.noted()
		self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(ROBOTS)]
		for thread in self.threads:
			thread.start()

	def _ask(self, connection):
		began = time.monotonic()
		try:
			connection.request("POST", "/token", FORM, self.headers)
			response = connection.getresponse()
			body = response.read().decode()
		except (OSError, http.client.HTTPException):
			connection.close()
			return began, time.monotonic(), 0, None
		token = body.split('"access_token":"')[1].split('"')[0] if response.status == 200 else None
		assert token or "lk_at_" not in body, "a refusal holds no token"
		return began, time.monotonic(), response.status, token

	def _run(self):
		parts = urlsplit(self.demo.base_url)
		connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
		while self.goes_on:
			self.answers.append(self._ask(connection))
			if self.answers[-1][2] != 200:
				time.sleep(0.02)
		connection.close()

	def end(self):
		self.goes_on = False
		for thread in self.threads:
			thread.join(30)
		assert max(came - asked for asked, came, _, _ in self.answers) < ANSWER_S + 1

	def noted(self):
		return len(audit(self.demo, event="token_issued", actor=self.robot.client_id))

	def tokens(self):
		return [token for _, _, _, token in self.answers if token]

	def statuses(self, since=0.0, until=float("inf")):
		"""Of what was asked after the one and answered before the other."""
		return {status for asked, came, status, _ in self.answers if asked >= since and came <= until}

	def go_well(self):
		"""Soon enough, and then each of them."""
		began = time.monotonic()
		wait_until(lambda: self.statuses(since=time.monotonic() - 0.3) == {200}, 8, "tokens again")
		return time.monotonic() - began


@pytest.fixture(scope="module")
def one():
	private = Private(staff=90)
	yield private
	words = private.end()
	assert not words, words


def each_is_alive(demo, tokens):
	server = Application(demo, "resource_server")
	for token in tokens:
		status, answer, _ = server.post("/introspect", {"token": token})
		assert (status, answer["active"]) == (200, True), (status, answer)


def log_is_whole(demo):
	done = subprocess.run([str(build_folder() / "latchkeyctl"), "--config", demo.config, "audit", "verify"], capture_output=True,
		text=True, timeout=60, check=False)
	assert done.returncode == 0, done.stdout + done.stderr


def test_while_redis_is_cut_hung_and_full_no_token_is_answered_that_is_not_alive(one):
	there, part = redis.Redis.from_url(one.redis.url), one.part("redis")
	robots = Robots(one)
	time.sleep(0.5)
	for _ in range(20):
		there.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
		time.sleep(0.05)
	robots.go_well()
	part.signal(signal.SIGSTOP)
	hung = time.monotonic()
	time.sleep(2)
	woken = time.monotonic()
	part.signal(signal.SIGCONT)
	ready_again(one)
	robots.go_well()
	there.config_set("maxmemory", 1)
	full = time.monotonic()
	time.sleep(0.5)
	room = time.monotonic()
	there.config_set("maxmemory", 0)
	ready_again(one)
	robots.go_well()
	robots.end()
	assert robots.statuses() == {200, 503}
	assert robots.statuses(since=hung, until=woken) == {503} and robots.statuses(since=full, until=room) == {503}
	each_is_alive(one, robots.tokens()[::max(1, len(robots.tokens()) // 500)])
	assert len(set(robots.tokens())) == len(robots.tokens()) <= robots.noted() - robots.before
	log_is_whole(one)


def test_while_the_audit_disk_is_full_no_token_is_answered_that_is_not_noted(one):
	daemon, robots = one.part("latchkeyd"), Robots(one)

	def disk(size):
		resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

	try:
		for _ in range(3):
			time.sleep(0.4)
			# At any byte of a line, under the load.
			disk(Path(one.audit_log).stat().st_size + 700)
			wait_until(lambda: 500 in robots.statuses(since=time.monotonic() - 0.3), 5, "a refusal")
			# What was not acknowledged is cut off again, and one line more might fit into that: no more.
			disk(1)
			time.sleep(0.2)
			full = time.monotonic()
			time.sleep(0.5)
			room = time.monotonic()
			disk(resource.RLIM_INFINITY)
			assert robots.statuses(since=full, until=room) == {500}
			ready_again(one)
			robots.go_well()
	finally:
		disk(resource.RLIM_INFINITY)
	robots.end()
	assert robots.statuses() == {200, 500}
	assert len(robots.tokens()) == robots.noted() - robots.before
	each_is_alive(one, robots.tokens()[::max(1, len(robots.tokens()) // 500)])
	log_is_whole(one)


def test_stopped_under_load_each_is_answered_and_each_answer_is_noted(own_demo):
	demo = own_demo(staff=90)
	robots = Robots(demo)
	time.sleep(0.5)
	stopped = time.monotonic()
	demo.part("latchkeyd").signal(signal.SIGTERM)
	wait_until(demo.part("latchkeyd").has_ended, 10, "the end")
	robots.end()
	assert demo.part("latchkeyd").process.returncode == 0
	assert robots.statuses(until=stopped) == {200}
	assert robots.statuses() <= {0, 200, 503}
	# Whose answer was on its way: none is cut off once it was asked well before the end.
	assert 0 not in robots.statuses(until=stopped)
	assert len(robots.tokens()) == robots.noted() - robots.before
	log_is_whole(demo)
