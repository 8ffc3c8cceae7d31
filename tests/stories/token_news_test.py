# SPDX-License-Identifier: MIT
"""
Introspection from memory: once asked for, a token costs Redis nothing; and whatever is cut while applications ask, a token taken back is
good nowhere a second later.
"""
import re
import threading
import time
import urllib.request

import redis

from oauth import Application

SEEN_S = 1.0
ROUNDS = 30


def hits(demo):
	with urllib.request.urlopen(demo.metrics_url, timeout=5) as got:
		return int(re.search(r"^latchkey_token_cache_hits_total (\d+)$", got.read().decode(), re.MULTILINE)[1])


def given(robot):
	status, answer, _ = robot.post("/token", {"grant_type": "client_credentials"})
	assert status == 200, answer
	return answer["access_token"]


def is_good(server, token):
	status, answer, _ = server.post("/introspect", {"token": token})
	assert status == 200, answer
	return answer["active"]


def taken_back(robot, token):
	"""When that was acknowledged."""
	status, answer, _ = robot.post("/revoke", {"token": token})
	assert status == 200, answer
	return time.monotonic()


def until_known(demo, server, token):
	"""Asks until some worker answers from memory."""
	before, end = hits(demo), time.monotonic() + 20
	while hits(demo) == before:
		assert time.monotonic() < end, "no worker answers from memory"
		assert is_good(server, token)


class Load:
	"""Resource servers that ask for all tokens all the time; what they were told too late is remembered."""

	def __init__(self, demo, tokens):
		self.demo, self.tokens, self.ended = demo, tokens, {}
		self.wrong, self.told, self.is_over = [], 0, False
		self.threads = [threading.Thread(target=self.ask) for _ in range(3)]
		for thread in self.threads:
			thread.start()

	def ask(self):
		server = Application(self.demo, "resource_server")
		while not self.is_over:
			for token in self.tokens:
				try:
					self.ask_one(server, token)
				except OSError as fault:  # a thread that died would see nothing more
					self.wrong.append(fault)

	def ask_one(self, server, token):
		asked = time.monotonic()
		status, answer, _ = server.post("/introspect", {"token": token})
		late = asked - self.ended.get(token, asked)
		self.told += 1
		if status not in (200, 503) or (status == 200 and answer["active"] and late > SEEN_S):
			self.wrong.append((status, answer, late))

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.is_over = True
		for thread in self.threads:
			thread.join()


def test_a_token_asked_for_again_costs_redis_nothing_until_it_is_taken_back(demo):
	robot, server = Application(demo, "robot"), Application(demo, "resource_server")
	token = given(robot)
	until_known(demo, server, token)
	asked = ended = taken_back(robot, token)
	while is_good(server, token):
		assert asked - ended <= SEEN_S, "it goes on being good"
		asked = time.monotonic()
	for _ in range(20):
		assert not is_good(server, token), "dead tokens come back"


def test_no_end_is_missed_while_connections_to_redis_are_cut_under_load(demo):
	robot, server = Application(demo, "robot"), Application(demo, "resource_server")
	there = redis.Redis.from_url(demo.redis.url)
	tokens = [given(robot) for _ in range(ROUNDS)]
	until_known(demo, server, tokens[-1])
	with Load(demo, tokens) as load:
		for at, token in enumerate(tokens):
			if at % 3 == 0:
				there.execute_command("CLIENT", "KILL", "TYPE", "pubsub" if at % 2 else "normal", "SKIPME", "yes")
			load.ended[token] = taken_back(robot, token)
		last = time.monotonic()
		while time.monotonic() - last < SEEN_S + 0.3:
			load.threads[0].join(0.1)
	assert not load.wrong, load.wrong[:5]
	assert load.told > ROUNDS
	assert not any(is_good(server, token) for token in tokens)
	until_known(demo, server, given(robot))
