# SPDX-License-Identifier: MIT
"""Other users of the machine at the local sockets; and what is left lying about: no file, key or line that holds a secret or signs anybody in."""
import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from browser import Browser
from door import ACCOUNT, ASK, AUTH, CHANGE, DONE, LOCKED, NEW_PASSWORD, NOT_ALLOWED, REFUSED, WRONG, Door, as_nobody
from steps import at_code, enrolled, new_password, reset_proven, show_password, signed_in
from story import Private, audit, build_folder, lying_about

ROOT, PRELIM = 1, 2
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")


@pytest.fixture(scope="module")
def town():
	private = Private(staff=120)
	yield private
	words = private.end()
	assert not words, words


@pytest.fixture
def guest(town):
	browser = Browser(town.base_url, town.ca_file)
	yield browser
	browser.close()


# --- the admin socket ------------------------------------------------------------------------------


def test_another_user_cannot_open_the_admin_socket(town):
	path = str(Path(town.folder) / "run" / "admin.sock")

	def knock():
		with socket.socket(socket.AF_UNIX) as there:
			try:
				there.connect(path)
			except PermissionError:
				return "no"
			return "yes"

	assert as_nobody(town, knock) == "'no'"


def test_another_user_who_could_open_it_is_still_refused(town):
	"""Should somebody widen its mode: the kernel says who asks."""
	path = Path(town.folder) / "run" / "admin.sock"
	path.chmod(0o666)
	try:
		said = as_nobody(town, lambda: admin_ask(path, {"verb": "user.show", "user": town.staff[0].username}))
	finally:
		path.chmod(0o660)
	assert "NOT!" in said and town.staff[0].username not in said
	assert "admin_refused" in town.log("latchkeyd")


def admin_ask(path, question):
	import struct
	text = json.dumps(question).encode()
	body = struct.pack(">BH", 64, len(text)) + text
	with socket.socket(socket.AF_UNIX) as there:
		there.settimeout(10)
		there.connect(str(path))
		there.sendall(b"LK\x01\x10" + struct.pack(">I", len(body)) + body)
		return there.recv(20000).decode("latin-1")


def test_no_admin_question_is_taken_at_the_terminals_door(town):
	said = admin_ask(Path(town.folder) / "run" / "pam.sock", {"verb": "status"})
	assert "NOT!" in said and "ok" not in said


# --- the terminals' socket --------------------------------------------------------------------------


def local(town, *asks, **always):
	"""The answers to these frames, asked by the user nobody."""
	door = Door(town, **always)
	return eval(as_nobody(town, lambda: [door.ask(kind, **fields) for kind, fields in asks]))


def test_another_user_learns_nothing_of_an_account_without_its_proof(town):
	for person in (town.staff[0], town.person("left"), town.person("locked")):
		answer, = local(town, (ACCOUNT, {"username": person.username}))
		assert (answer["verdict"], answer["reason"]) == (REFUSED, NOT_ALLOWED), answer
	answers = [local(town, (ACCOUNT, {"username": name}))[0] for name in (town.staff[0].username, "qq12121")]
	assert len({answer["sentence"].split("Reference")[0] for answer in answers}) == 1 and answers[0]["reason"] == answers[1]["reason"]


def test_another_user_cannot_say_they_are_root(town):
	person = town.person()
	for flags in (ROOT, ROOT | PRELIM, 0xFFFFFFFF, 4):
		answer, = local(town, (CHANGE, {"username": person.username, "new_password": new_password(), "flags": flags}))
		assert answer["verdict"] not in (DONE, NEW_PASSWORD), (flags, answer)
	assert not audit(town, event="password_changed", username=person.username)


def test_a_local_user_who_guesses_is_limited_like_any_stranger(town):
	"""Rows 21, 60; wherever they say they sit, and however they change it."""
	person = town.person()
	answers = [local(town, (AUTH, {"username": person.username, "password": f"wrong one {i}"}), rhost=f"192.0.2.{i}", ruser=f"user{i}",
		service=f"svc{i}", tty=f"pts/{i}")[0] for i in range(12)]
	assert [answer["reason"] for answer in answers[:9]] == [WRONG] * 9 and answers[-1]["reason"] == LOCKED
	seats = {line["address"] for line in audit(town, event="signin_refused", username=person.username)}
	assert seats == {"uid 65534"}, "the log names who it was"


def test_a_local_user_cannot_use_up_the_tries_of_a_seat_in_use(town, totp):
	"""Rows 6, 10: sudo's own words (RUSER, RHOST) in another's mouth change nothing."""
	person = town.person()
	sudo = Door(town, service="sudo", ruser=person.username)
	assert sudo.both(person, totp(person.totp_secret))["verdict"] == DONE
	for i in range(12):
		local(town, (AUTH, {"username": person.username, "password": f"wrong one {i}"}), service="sudo", ruser=person.username)
	assert sudo.ask(AUTH, username=person.username, password=person.password)["verdict"] == ASK


def test_a_handle_of_one_person_proves_nothing_of_another(town, totp):
	mine, other = town.person(), town.person()
	door = Door(town, rhost="192.0.2.3")
	handle = door.both(mine, totp(mine.totp_secret))["handle"]
	code = totp(other.totp_secret)
	for fields in ({"code": code}, {"new_password": new_password(), "current_password": mine.password}, {}):
		for kind in (AUTH, CHANGE):
			assert door.ask(kind, username=other.username, handle=handle, **fields)["verdict"] != DONE
	answer, = local(town, (ACCOUNT, {"username": other.username, "handle": handle}))
	assert answer["verdict"] == REFUSED


def test_the_password_of_now_is_not_guessed_with_a_handle(town, totp):
	"""Row 60: at the last step of a change each wrong one is charged too, and never gets past the limit."""
	person = town.person()
	door = Door(town, rhost="192.0.2.4")
	handle = door.both(person, totp(person.totp_secret))["handle"]
	chosen = new_password()
	answers = [door.ask(CHANGE, username=person.username, handle=handle, current_password=f"wrong one {i}", new_password=chosen) for i in range(13)]
	assert all(answer["verdict"] == REFUSED for answer in answers) and answers[-1]["reason"] == LOCKED, answers[-1]


def test_frames_nobody_can_read_end_their_connection_and_nothing_else(town):
	import random
	import struct
	random.seed(7)
	frames = [b"", b"L", b"LK\x01", b"LK\x01\x01\xff\xff\xff\xff", b"LK\x02\x01\0\0\0\0", b"LK\x01\x80\0\0\0\0", b"GET / HTTP/1.1\r\n\r\n",
		b"LK\x01\x01" + struct.pack(">I", 4) + b"\x03\xff\xffa", b"LK\x01\x01" + struct.pack(">I", 8) + b"\x03\0\1a\x03\0\1b"]
	frames += [b"LK\x01\x01" + struct.pack(">I", n) + random.randbytes(n) for n in range(1, 60)]
	for frame in frames:
		with socket.socket(socket.AF_UNIX) as there:
			there.settimeout(10)
			there.connect(str(Path(town.folder) / "run" / "pam.sock"))
			there.sendall(frame)
			there.shutdown(socket.SHUT_WR)
			try:
				there.recv(20000)
			except ConnectionResetError:
				pass
	assert not town.part("latchkeyd").has_ended()
	assert Door(town).ask(AUTH, username="qq1")["verdict"] == ASK


# --- what is left lying about -------------------------------------------------------------------------


def test_no_secret_of_a_day_is_left_anywhere(town, guest, totp):
	"""SECURITY 3.6: passwords, codes, cookies, handles, form keys, seeds, recovery codes: not in log, audit, Redis, spool or mails; and
	nothing in Redis signs anybody in."""
	secrets = a_day(town, guest, totp)
	places = lying_about(town.folder, "log", "audit", "spool", "mail")
	places |= {f"redis {key!r}": value for key, value in redis_dump(town)}
	assert len(places) > 20
	for what, secret in secrets:
		for place, content in places.items():
			assert secret.encode() not in content, f"{what} stands in {place}"
	for _, value in redis_dump(town):
		for piece in {value, *value.split(b"\0")}:
			text = piece.decode("latin-1")
			if text.isascii() and text.isprintable() and 8 < len(text) < 300:
				page = guest.other().request("GET", "/", headers={"Cookie": f"lk_session={text}"})
				assert page.status == 303


def a_day(town, guest, totp):
	"""Everything that can be done, and what nobody else may read of it."""
	person, new = town.person(), town.person("no_totp")
	wrong_one, code = "a wrong one nobody has 7141", totp(person.totp_secret)
	show_password(guest, person, wrong_one)
	form = at_code(guest, person).form("code")
	form.send(code=code)
	secrets = [("password", person.password), ("wrong password", wrong_one), ("form key", form.values["form_key"]), ("seed", person.totp_secret)]
	secrets += [(name, value) for name, value in guest.cookies.items() if name != "lk_language"]
	chosen = new_password()
	other = guest.other()
	reset_proven(other, person, totp).form("new-password").send(new_password=chosen)
	secrets += [("new password", chosen)] + [(name, value) for name, value in other.cookies.items() if name != "lk_language"]
	browser = guest.other()
	page, secret, codes = enrolled(show_password(browser, new).follow(), totp)
	page.form("form_key", action="/account/recovery-codes").send()
	secrets += [("new seed", secret)] + [("recovery code", code) for code in codes] + [("recovery code", code.replace("-", "")) for code in codes]
	browser.other().get("/recovery").form("recovery").send(username=new.username, recovery=codes[0])
	first = Door(town, rhost="192.0.2.5").ask(AUTH, username=person.username, password=chosen)
	secrets += [("handle", first["handle"]), ("password", new.password)]
	page = browser.get("/")
	page.form("form_key", action="/signout").send()
	return secrets


def redis_dump(town):
	import redis
	store = redis.Redis.from_url(town.redis.url)
	readers = {b"string": store.get, b"hash": lambda key: b"\0".join(b"\0".join(pair) for pair in store.hgetall(key).items()),
		b"zset": lambda key: b"\0".join(store.zrange(key, 0, -1)), b"set": lambda key: b"\0".join(store.smembers(key)),
		b"list": lambda key: b"\0".join(store.lrange(key, 0, -1))}
	return [(key, key + b"\0" + (readers[store.type(key)](key) or b"")) for key in store.scan_iter()]


def test_what_the_daemon_holds_in_memory_of_a_password_is_wiped(town, guest):
	"""After the answer no page of its memory holds what was typed, but for the bind that libldap gave back unwiped."""
	person = town.person()
	typed = "Xyzzy plugh 90210 never typed before"
	show_password(guest, person, typed)
	guest.close()
	pid = town.part("latchkeyd").pid
	found = subprocess.run(["/usr/bin/python3", "-B", "-c", SCAN, str(pid), typed], capture_output=True, text=True, timeout=120)
	assert found.returncode == 0, found.stderr
	assert found.stdout.strip() == "0", f"{found.stdout.strip()} times in memory:\n{found.stderr}"


SCAN = """
import sys
pid, needle, count = sys.argv[1], sys.argv[2].encode(), 0
forms = {needle, needle.replace(b' ', b'+')}
with open(f'/proc/{pid}/maps') as maps, open(f'/proc/{pid}/mem', 'rb', 0) as memory:
	for line in maps:
		where, mode = line.split()[:2]
		first, last = (int(n, 16) for n in where.split('-'))
		if 'rw' not in mode or last - first > 1 << 28:
			continue
		try:
			memory.seek(first)
			content = memory.read(last - first)
		except (OSError, ValueError, OverflowError):
			continue
		for form in forms:
			at = content.find(form)
			while at >= 0:
				if content[at - 2:at] != bytes((0x80, len(form))):
					count += 1
					print(line.strip(), content[max(0, at - 200):at + 100], file=sys.stderr)
				at = content.find(form, at + 1)
print(count)
"""
