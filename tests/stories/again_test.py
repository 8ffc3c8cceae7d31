# SPDX-License-Identifier: MIT
"""Answers that are given again as they were made: to whoever asks the very same, while nothing has changed, and to nobody else."""
import http.client
import json
import re
import time
import urllib.request
from urllib.parse import urlencode, urlsplit

import pytest
import redis

from browser import Browser
from faults import Stillness
from oauth import Application, basic_header
from parts import wait_until
from steps import signed_in

OFTEN = 40
STILL_S = 1.5


@pytest.fixture(scope="module")
def someone(demo, totp):
	browser = Browser(demo.base_url, demo.ca_file)
	signed_in(browser, demo.person(), totp)
	yield browser
	browser.close()


class Kept:
	"""One connection, so that one loop is asked."""

	def __init__(self, demo):
		parts = urlsplit(demo.base_url)
		self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)

	def send(self, method, path, headers, body=None):
		self.connection.request(method, path, body, headers)
		return self

	def read(self):
		response = self.connection.getresponse()
		return response.status, response.read().decode(), dict(response.headers)

	def ask(self, *words):
		return self.send(*words).read()

	def send_introspect(self, app, token, **headers):
		form = {"Content-Type": "application/x-www-form-urlencoded"}
		return self.send("POST", "/introspect", form | basic_header(app) | headers, urlencode({"token": token}))

	def introspect(self, app, token, **headers):
		return self.send_introspect(app, token, **headers).read()

	def send_userinfo(self, token):
		return self.send("GET", "/userinfo", {"Authorization": f"Bearer {token}"})

	def userinfo(self, token):
		return self.send_userinfo(token).read()


@pytest.fixture
def kept(demo):
	kept = Kept(demo)
	yield kept
	kept.connection.close()


def given_again(demo):
	said = urllib.request.urlopen(demo.metrics_url, timeout=5).read().decode()
	return int(re.search(r"^latchkey_token_cache_hits_total (\d+)$", said, re.M).group(1))


def often(demo, ask):
	"""Whatever is asked so often stands ready for the next who asks the same, once this loop hears from the store at all."""
	def is_from_memory():
		hits = given_again(demo)
		ask()
		return given_again(demo) > hits

	wait_until(is_from_memory, 5, "nothing is answered from memory")
	answers = [ask()[:2] for _ in range(OFTEN)]
	assert all(answer == answers[0] for answer in answers), answers
	return answers[0]


def same_but_the_date(a, b):
	return {name: value for name, value in a.items() if name != "Date"} == {name: value for name, value in b.items() if name != "Date"}


def test_the_same_is_answered_the_same_to_the_last_header(demo, someone, kept):
	app, server = Application(demo, "web"), Application(demo, "resource_server")
	token = app.tokens(app.ask(someone.copy(), scope="openid profile email groups"))["access_token"]
	often(demo, lambda: kept.introspect(server, token))
	first = kept.introspect(server, token)
	hits = given_again(demo)
	for _ in range(OFTEN):
		again = kept.introspect(server, token)
		assert again[:2] == first[:2] and same_but_the_date(again[2], first[2])
	assert given_again(demo) >= hits + OFTEN, "each is counted, however it was answered"
	assert json.loads(first[1])["active"] is True and first[2]["Cache-Control"] == "private, max-age=5"


def test_an_answer_made_for_one_is_given_to_nobody_else(demo, someone, kept):
	app, server, other = (Application(demo, kind) for kind in ("web", "resource_server", "robot"))
	token = app.tokens(app.ask(someone.copy()))["access_token"]
	assert json.loads(often(demo, lambda: kept.introspect(server, token))[1])["active"] is True
	assert kept.introspect(other, token)[1] == '{"active":false}'
	right, server.secret = server.secret, server.secret[:-1] + ("A" if server.secret[-1] != "A" else "B")
	assert kept.introspect(server, token)[0] == 401
	server.secret = right
	assert kept.ask("POST", "/introspect", {"Content-Type": "application/x-www-form-urlencoded"}, urlencode({"token": token}))[0] == 401
	assert kept.introspect(server, token[:-1] + ("A" if token[-1] != "A" else "B"))[1] == '{"active":false}'
	for body in (f"token={token}&token={token}", f"token={token}&client_id=payroll", f"token={token}x"):
		form = {"Content-Type": "application/x-www-form-urlencoded"} | basic_header(server)
		assert kept.ask("POST", "/introspect", form, body)[1] != kept.introspect(server, token)[1], body
	assert kept.introspect(server, token, **{"Content-Type": "application/json"})[0] == 400
	assert kept.introspect(server, token, Accept="application/token-introspection+jwt")[1].count(".") == 2
	assert json.loads(kept.introspect(server, token)[1])["active"] is True


def test_each_is_told_of_their_own(demo, http, totp, kept):
	"""Two people at one application, in turn on one connection."""
	app, told = Application(demo, "web"), {}
	for _ in range(2):
		browser = http.copy()
		person = demo.person()
		signed_in(browser, person, totp)
		told[app.tokens(app.ask(browser, scope="openid profile"))["access_token"]] = person.username
	for token in told:
		often(demo, lambda: kept.userinfo(token))
	for _ in range(OFTEN):
		for token, username in told.items():
			assert json.loads(kept.userinfo(token)[1])["preferred_username"] == username


@pytest.fixture
def no_news(demo):
	"""Nobody may hear from Redis what changed: it is asked each time."""
	store = redis.Redis.from_url(demo.redis.url)
	store.execute_command("ACL", "SETUSER", "default", "-subscribe")
	store.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
	yield
	store.execute_command("ACL", "SETUSER", "default", "+subscribe")


def test_without_news_the_store_is_asked_each_time_and_its_word_counts_at_once(demo, someone, kept, no_news):
	app, server, hits = Application(demo, "web"), Application(demo, "resource_server"), given_again(demo)
	for _ in range(3):
		token = app.tokens(app.ask(someone.copy()))["access_token"]
		first = kept.introspect(server, token)
		assert json.loads(first[1])["active"] is True
		for _ in range(OFTEN):
			assert kept.introspect(server, token)[:2] == first[:2] and kept.userinfo(token)[0] == 200
		assert app.post("/revoke", {"token": token})[0] == 200
		assert kept.introspect(server, token)[1] == '{"active":false}' and kept.userinfo(token)[0] == 401
	assert given_again(demo) == hits, "nothing was told from memory"


@pytest.mark.parametrize("end", ("revoked", "signed out"))
def test_what_has_ended_is_dead_within_a_second_however_often_it_was_asked_for(demo, http, totp, kept, end):
	app, server = Application(demo, "web"), Application(demo, "resource_server")
	browser = http.copy()
	signed_in(browser, demo.person(), totp)
	token = app.tokens(app.ask(browser))["access_token"]
	often(demo, lambda: kept.introspect(server, token))
	often(demo, lambda: kept.userinfo(token))
	if end == "revoked":
		assert app.post("/revoke", {"token": token})[0] == 200
	else:
		browser.post("/signout", browser.get("/").form(action="/signout").values)
	ended = time.monotonic()
	while kept.introspect(server, token)[1] != '{"active":false}' or kept.userinfo(token)[0] != 401:
		assert time.monotonic() - ended < 1
	for _ in range(OFTEN):
		assert kept.introspect(server, token)[1] == '{"active":false}' and kept.userinfo(token)[0] == 401


@pytest.mark.parametrize("news", ("unread", "lost"))
def test_a_loop_that_stood_still_asks_before_it_tells(own_demo, totp, news):
	"""Its turn has begun, and nothing it would hear of what ended meanwhile comes before those who ask."""
	demo = own_demo(change=lambda settings: settings.sections["http"].update(workers=1))
	stillness, store = Stillness(demo), redis.Redis.from_url(demo.redis.url)
	app, server, browser = Application(demo, "web"), Application(demo, "resource_server"), Browser(demo.base_url)
	kept, other = Kept(demo), Kept(demo)
	signed_in(browser, demo.person(), totp)
	token = app.tokens(app.ask(browser))["access_token"]
	assert often(demo, lambda: kept.introspect(server, token))[0] == often(demo, lambda: other.userinfo(token))[0] == 200
	with stillness:
		assert store.delete(*store.keys("at:*")) == 1
		if news == "lost":
			assert store.execute_command("CLIENT", "KILL", "TYPE", "pubsub") == 1
		time.sleep(STILL_S)
		kept.send_introspect(server, token)
		other.send_userinfo(token)
	assert kept.read()[1] == '{"active":false}'
	assert other.read()[0] == 401
