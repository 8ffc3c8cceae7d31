# SPDX-License-Identifier: MIT
"""
Too much, too slow, cut short, not HTTP at all (SECURITY 4, F26 to F29, F31): other people's answers stay as quick as they were, the daemon
lives, and what it opened it closes. Nobody who signs in meanwhile is lost.
"""
import concurrent.futures
import contextlib
import os
import resource
import socket
import ssl
import statistics
import struct
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from browser import Browser
from door import DONE, Door
from parts import wait_until
from steps import at_code
from story import Private, audit

SLOWER = 30  # times as slow as before: still quick beside a time-out, and no noise of a busy machine
IDLE = 2000


@pytest.fixture(scope="module")
def town():
	private = Private(staff=420)
	yield private
	words = private.end()
	assert not words, words


@pytest.fixture(scope="module")
def tls_town():
	private = Private(staff=90, tls=True)
	yield private
	words = private.end()
	assert not words, words


@pytest.fixture(scope="module", autouse=True)
def many_descriptors():
	soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
	resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))
	yield
	resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def took(demo):
	"""How long a page takes on a new connection: the 90th of a hundred, of forty."""
	times = []
	for _ in range(40):
		browser = Browser(demo.base_url, demo.ca_file)
		began = time.perf_counter()
		assert browser.get("/signin").status == 200
		times.append(time.perf_counter() - began)
		browser.close()
	return statistics.quantiles(times, n=10)[-1]


def descriptors(demo):
	return len(os.listdir(f"/proc/{demo.part('latchkeyd').pid}/fd"))


def is_at_rest(demo):
	def ticks():
		fields = Path(f"/proc/{demo.part('latchkeyd').pid}/stat").read_text().rsplit(")", 1)[1].split()
		return int(fields[11]) + int(fields[12])

	before = ticks()
	time.sleep(0.2)
	return ticks() - before <= 1


@contextlib.contextmanager
def others_stay_quick(demo):
	"""What stands inside is the attack; its connections are closed when it is over."""
	daemon = demo.part("latchkeyd")
	before_s, before_count = took(demo), descriptors(demo)
	with contextlib.ExitStack() as opened:
		yield opened
		during_s = took(demo)
	assert not daemon.has_ended()
	assert during_s < SLOWER * before_s, f"{before_s * 1000:.1f} ms before, {during_s * 1000:.1f} ms during"
	wait_until(lambda: descriptors(demo) <= before_count + 2, 60, "descriptors are given back")
	assert took(demo) < SLOWER * before_s


def connection(demo, opened, i=0, receive_bytes=None):
	"""From an address of the attacker's own: whole buildings share one."""
	there = opened.enter_context(socket.socket())
	if receive_bytes is not None:
		there.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
	there.settimeout(20)
	there.bind((f"127.0.{1 + i // 250}.{1 + i % 250}", 0))
	there.connect(("127.0.0.1", urlsplit(demo.base_url).port))
	return there


def host_of(demo):
	return urlsplit(demo.base_url).netloc.encode()


def send(there, data):
	with contextlib.suppress(OSError):  # cut already: that is its right
		there.sendall(data)


def test_two_hundred_slow_heads_hold_nobody_up(town):
	"""F26."""
	with others_stay_quick(town) as opened:
		slow = [connection(town, opened, i) for i in range(200)]
		for piece in (b"GET /signin HTTP/1.1\r\n", b"Host: " + host_of(town) + b"\r\n", b"X: ", b"y"):
			for there in slow:
				send(there, piece)


def test_two_hundred_slow_bodies_hold_nobody_up(town):
	"""F26."""
	head = b"POST /signin HTTP/1.1\r\nHost: " + host_of(town) + b"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000\r\n\r\n"
	with others_stay_quick(town) as opened:
		slow = [connection(town, opened, i) for i in range(200)]
		for piece in (head, b"form_key=", b"x", b"y"):
			for there in slow:
				send(there, piece)


def test_two_hundred_slow_readers_hold_nobody_up(town):
	"""F26: each asks for fifty pages and reads none."""
	ask = b"GET /signin HTTP/1.1\r\nHost: " + host_of(town) + b"\r\n\r\n"
	with others_stay_quick(town) as opened:
		for i in range(200):
			there = connection(town, opened, i, receive_bytes=2048)
			there.setblocking(False)
			send(there, ask * 50)
		wait_until(lambda: is_at_rest(town), 30, "what can be sent is sent")


def test_two_thousand_idle_connections_are_cut_and_hold_nobody_up(town):
	"""F27."""
	with others_stay_quick(town) as opened:
		idle = [connection(town, opened, i) for i in range(IDLE)]
		assert took(town) > 0
		wait_until(lambda: is_cut(idle[0]) and is_cut(idle[-1]), 40, "idle connections are cut")


def is_cut(there):
	there.setblocking(False)
	try:
		return there.recv(1) == b""
	except BlockingIOError:
		return False
	except ConnectionError:
		return True


def test_connections_reset_at_every_moment_leave_nothing(town):
	"""F28: before a word, in the head, in the body, while the answer is made."""
	head = b"POST /signin HTTP/1.1\r\nHost: " + host_of(town) + b"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\n"
	whole = head + b"username=a&password="
	with others_stay_quick(town) as opened:
		for i in range(1500):
			there = connection(town, opened, i)
			send(there, whole[:(i * 7) % (len(whole) + 1)])
			there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
			there.close()


NOT_TLS = (b"", b"\x16", b"\x16\x03\x01\x02\x00\x01", b"\x16\x03\x01\xff\xff" + b"\0" * 300, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x80\x2e\x01\x00\x02" + b"\0" * 40,
	b"\x15\x03\x01\x00\x02\x02\x28", b"\0" * 2000, b"\x16\x03\x03\x00\x04\x01\xff\xff\xff")


def test_half_and_false_tls_holds_nobody_up(tls_town):
	"""F28."""
	with others_stay_quick(tls_town) as opened:
		for i in range(180):
			send(connection(tls_town, opened, i), NOT_TLS[i % len(NOT_TLS)])


def test_old_tls_and_renegotiation_are_refused(tls_town):
	"""SECURITY 3.4: 1.2 or later."""
	where = ("localhost", urlsplit(tls_town.base_url).port)
	for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
		context = ssl.create_default_context(cafile=tls_town.ca_file)
		context.minimum_version = context.maximum_version = version
		context.set_ciphers("ALL:@SECLEVEL=0")
		with pytest.raises((ssl.SSLError, ConnectionError)), socket.create_connection(where, 10) as there:
			context.wrap_socket(there, server_hostname="localhost")
	headers = Browser(tls_town.base_url, tls_town.ca_file).get("/signin").headers
	assert int(headers["strict-transport-security"].split("max-age=")[1].split(";")[0]) >= 31536000


# --- not HTTP -----------------------------------------------------------------------------------------


def malformed(host):
	get, post = b"GET /signin HTTP/1.1\r\n", b"POST /signin HTTP/1.1\r\n"
	hidden = b"GET /healthz HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
	h = b"Host: " + host + b"\r\n"
	form = b"Content-Type: application/x-www-form-urlencoded\r\n"
	return {
		"two hosts": get + h + h + b"\r\n", "no host": get + b"\r\n", "host with a blank": get + b"Host: a b\r\n\r\n", "space before colon": get + b"Host : " + host + b"\r\n\r\n",
		"length and chunked": post + h + form + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"chunked by tab": post + h + form + b"Content-Length: 4\r\nTransfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n" + hidden,
		"two lengths": post + h + form + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\na=b&" + hidden, "chunked twice": post + h + form + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" + hidden,
		"coding with blank in its name": post + h + form + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden, "folded coding": post + h + form + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + hidden,
		"length below zero": post + h + form + b"Content-Length: -1\r\n\r\n" + hidden, "length with a plus": post + h + form + b"Content-Length: +4\r\n\r\na=b&" + hidden,
		"huge length": post + h + form + b"Content-Length: 9223372036854775807\r\n\r\n", "longer than huge": post + h + form + b"Content-Length: 99999999999999999999999\r\n\r\n", "50 MB": post + h + form + b"Content-Length: 52428800\r\n\r\n",
		"hex length": post + h + form + b"Content-Length: 0x4\r\n\r\na=b&" + hidden, "bad chunk": post + h + form + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n" + hidden, "huge chunk": post + h + form + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
		"chunk extension of 1 MB": post + h + form + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 1000000, "chunked in 1.0": b"POST /signin HTTP/1.0\r\n" + h + form + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"name that is no token": get + h + b"X\x01Y: z\r\n\r\n", "empty name": get + h + b": z\r\n\r\n", "NUL in a value": get + h + b"X: a\0b\r\n\r\n", "bare CR": get + h + b"X: a\rb\r\n\r\n", "8 bit name": get + h + b"\xff: a\r\n\r\n",
		"200 headers": get + h + b"".join(b"X%d: y\r\n" % i for i in range(200)) + b"\r\n", "a header of 64 KiB": get + h + b"X: " + b"a" * 65536 + b"\r\n\r\n", "a line of 64 KiB": b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\n" + h + b"\r\n",
		"HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/9": b"GET / HTTP/9.9\r\n" + h + b"\r\n", "no version": b"GET /\r\n\r\n", "absolute": b"GET http://evil.example/signin HTTP/1.1\r\n" + h + b"\r\n", "asterisk": b"OPTIONS * HTTP/1.1\r\n" + h + b"\r\n",
		"no method": b" / HTTP/1.1\r\n" + h + b"\r\n", "odd method": b"G\xffT / HTTP/1.1\r\n" + h + b"\r\n", "connect": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\n" + h + b"\r\n", "NUL in the path": b"GET /sign\0in HTTP/1.1\r\n" + h + b"\r\n", "raw UTF-8": b"GET /\xc3\xa9 HTTP/1.1\r\n" + h + b"\r\n",
		"upgrade twice": get + h + b"Upgrade: h2c\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64, "zeros": b"\0" * 5000, "line ends": b"\r\n" * 3000, "ones": b"\xff" * 5000, "SMTP": b"EHLO x\r\n", "RESP": b"*1\r\n$4\r\nPING\r\n",
	}


# What the library takes out before its first callback (SECURITY 6): read as if it had not been sent.
CUT_BEFORE_US = ("empty name", "NUL in a value")


def test_what_is_not_http_gets_one_refusal_and_the_end_of_its_connection(town):
	"""F29, section 6: never a hidden request answered. Its own refusals the library heads twice; the connection ends with them."""
	with others_stay_quick(town) as opened:
		for what, data in malformed(host_of(town)).items():
			there = connection(town, opened)
			send(there, data)
			with contextlib.suppress(OSError):
				there.shutdown(socket.SHUT_WR)
			answer = b""
			there.settimeout(2)  # what it takes for the beginning of something it may wait for
			with contextlib.suppress(ConnectionError, TimeoutError):
				while piece := there.recv(65536):
					answer += piece
			statuses = [line.split()[1] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.")]
			wanted = {b"200"} if what in CUT_BEFORE_US else {b"400", b"413", b"414", b"431", b"505"}
			assert set(statuses) <= wanted, (what, answer[:200])
			assert statuses.count(b"200") <= 1 and b"healthy" not in answer and b'"status"' not in answer, what


# --- many at once --------------------------------------------------------------------------------------


def patient(step, may_try_again):
	"""The step, tried again as the page for 503 says."""
	for _ in range(6 if may_try_again else 0):
		try:
			return step()
		except AssertionError as fault:
			if "<503 " not in str(fault):
				raise
			time.sleep(1)
	return step()


@pytest.mark.parametrize("count", (8, 64, 200))
def test_of_people_who_sign_in_at_once_none_is_lost(town, totp, count):
	"""Row 32 too: everybody is who they are. Of more than fit into five seconds some read that it is busy, and press once more."""
	if os.getloadavg()[0] > 3 * os.cpu_count():
		pytest.skip("the machine is busy with something else")
	people = [town.person() for _ in range(count)]

	def sign_in(person):
		browser = Browser(town.base_url, town.ca_file)
		page = patient(lambda: at_code(browser, person), count > 64)
		form = page.form("code")
		page = patient(lambda: form.send(code=totp(person.totp_secret)).follow(), count > 64)
		name = browser.get("/account/password").tree.all("input", name="username")[0].get("value")
		browser.close()
		return page.status, name == person.username

	with concurrent.futures.ThreadPoolExecutor(count) as pool:
		assert list(pool.map(sign_in, people)) == [(200, True)] * count
	done = {line["username"] for line in audit(town, event="signin_done")}
	assert {person.username for person in people} <= done


def test_one_code_at_every_door_from_fifty_connections_at_once_is_taken_once(town, totp):
	"""A3, F31; rows 3, 56."""
	person, door = town.person(), Door(town, rhost="192.0.2.8")
	patient(lambda: at_code(Browser(town.base_url, town.ca_file), person), True)  # the crowd before is through
	opened = [Browser(town.base_url, town.ca_file) for _ in range(45)]
	forms = [at_code(browser, person).form("code") for browser in opened[:20]]
	forms += [browser.get(path).form("code").fill(username=person.username) for path, browser in zip(["/reset", "/unlock"] * 13, opened[20:])]
	handles = [door.ask(1, username=person.username, password=person.password)["handle"] for _ in range(5)]
	code = totp(person.totp_secret)
	asks = [lambda form=form: form.send(code=code).status == 303 for form in forms]
	asks += [lambda handle=handle: door.ask(1, username=person.username, handle=handle, code=code)["verdict"] == DONE for handle in handles]
	with concurrent.futures.ThreadPoolExecutor(50) as pool:
		taken = list(pool.map(lambda ask: ask(), asks))
	for browser in opened:
		browser.close()
	assert taken.count(True) == 1, taken
	led = [line for event in ("signin_done", "reset_proven", "unlocked") for line in audit(town, event=event, username=person.username)]
	assert len(led) == 1, led
