# SPDX-License-Identifier: MIT
"""
latchkey-mailer and a real mail server that misbehaves: what was put into the spool arrives, once, however the server and the machine
behave. Mails are put as spool/spool.h says.
"""
import contextlib
import email
import email.header
import email.policy
import os
import random
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(1, str(TOP / "contrib" / "demo"))

from parts import HOST, Catcher, Mailer, wait_until  # noqa: E402
from settings import MAIL_FROM, Settings, certificate_make  # noqa: E402

DAY_S = 86400
MAIL = "Subject: Your password was changed\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nHello Siân.\n.\n..dots\n"


def free_port():
	with socket.socket() as probe:
		probe.bind((HOST, 0))
		return probe.getsockname()[1]


class Relay:
	"""Stands between mailer and server and counts connections."""

	def __init__(self, to_port, host=HOST):
		self.to_port = to_port
		self.count = 0
		self.listener = socket.create_server((host, 0))
		self.port = self.listener.getsockname()[1]
		threading.Thread(target=self._accept, daemon=True).start()

	def _accept(self):
		with contextlib.suppress(OSError):
			while True:
				here, _ = self.listener.accept()
				self.count += 1
				there = socket.create_connection((HOST, self.to_port))
				for pair in ((here, there), (there, here)):
					threading.Thread(target=self._carry, args=pair, daemon=True).start()

	@staticmethod
	def _carry(source, target):
		with contextlib.suppress(OSError):
			while data := source.recv(65536):
				target.sendall(data)
		for end in (source, target):
			with contextlib.suppress(OSError):
				end.shutdown(socket.SHUT_RDWR)

	def close(self):
		self.listener.close()


class Post:
	"""A spool, a mailer and a mail server in a folder of their own."""

	def __init__(self):
		self.folder = Path(tempfile.mkdtemp(prefix="lk-mailer."))
		self.spool = self.folder / "spool"
		self.smtp_port = free_port()
		self.settings = Settings(self.folder, dict.fromkeys(("http", "metrics", "ldap", "redis"), 8080) | {"smtp": self.smtp_port})
		self.mail_settings(smtp_timeout=5)
		self.catcher = None
		self.mailer = Mailer(self.folder, os.environ["LK_BUILD"], self.settings.path)
		for name in ("", "new", "bad"):
			(self.spool / name).mkdir(mode=0o700)

	def mail_settings(self, **pairs):
		self.settings.sections["mail"] |= pairs
		self.settings.write()

	def server(self, tls=None):
		self.catcher = Catcher(self.folder, self.smtp_port, tls)
		self.catcher.start()
		return self.catcher

	def behave(self, *lines):
		self.catcher.behaviour.write_text("\n".join(lines) + "\n")

	def put(self, to="asha@example.org", mail=MAIL, at_s=None, tries=0, next_at_s=0):
		name = f"{int(time.time() if at_s is None else at_s)}.{secrets.token_hex(8).upper()}"
		half = self.spool / "new" / name
		half.write_text(f"to: {to}\ntries: {tries} next: {next_at_s}\n\n{mail}")
		half.rename(self.spool / name)
		return name

	def waiting(self):
		return sorted(path.name for path in self.spool.iterdir() if path.is_file())

	def bad(self):
		return sorted(path.name for path in (self.spool / "bad").iterdir())

	def tries_and_next(self, name):
		found = re.match(r"to: .*\ntries: (\d+) next: (\d+)\n", (self.spool / name).read_text())
		return int(found[1]), int(found[2])

	def due_now(self, name):
		"""As if its time had come."""
		path = self.spool / name
		path.write_text(re.sub(r"next: \d+", "next: 0", path.read_text(), count=1))

	def once(self, **more):
		"""Exit status and log of one round."""
		done = subprocess.run(self.mailer.argv() + ["--once"], capture_output=True, text=True, timeout=60, **more)
		assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
		return done.returncode, done.stderr

	def arrived(self):
		paths = sorted(self.catcher.mails.glob("[!.]*.eml"))
		return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]

	def arrived_ids(self):
		return [mail["Message-ID"] for mail in self.arrived()]

	def end(self):
		self.mailer.stop()
		if self.catcher:
			self.catcher.stop()
		words = self.mailer.log.read_text() if self.mailer.log.exists() else ""
		shutil.rmtree(self.folder)
		assert "Sanitizer" not in words and "runtime error" not in words, words


@pytest.fixture
def post():
	made = Post()
	yield made
	made.end()


# --- sending ----------------------------------------------------------------------------------------------------------------


def test_a_mail_arrives_with_every_header_a_message_has(post):
	post.server()
	name = post.put(at_s=1795799116)
	assert post.once()[0] == 0
	mail, = post.arrived()
	assert mail["Return-Path"] == f"<{MAIL_FROM}>"
	assert mail["Delivered-To"] == "<asha@example.org>"
	assert mail["From"] == f"Staff sign-in <{MAIL_FROM}>"
	assert mail["To"] == "asha@example.org"
	assert mail["Date"] == "Fri, 27 Nov 2026 17:05:16 +0000"
	assert mail["Message-ID"] == f"<{name}@signin.example>"
	assert mail["Subject"] == "Your password was changed"
	assert mail.get_content() == "Hello Siân.\r\n.\r\n..dots\r\n"
	assert post.waiting() == [] and post.bad() == []


def test_a_name_in_any_letters_is_read_as_it_is(post):
	name = 'Mewngofnodi "staff" â ŵ ŷ — Adran Gyllid a Materion Gwledig'
	post.settings.sections["service"]["name"] = name
	post.settings.write()
	post.server()
	post.put()
	assert post.once()[0] == 0
	raw = email.message_from_bytes(next(post.catcher.mails.iterdir()).read_bytes())["From"]
	assert str(email.header.make_header(email.header.decode_header(raw))) == f"{name} <{MAIL_FROM}>"
	assert max(map(len, raw.splitlines())) <= 78


def test_a_mail_put_while_it_waits_is_sent_at_once(post):
	post.server()
	post.mailer.start()
	wait_until(lambda: "ready" in post.mailer.log_end(), 10, "start")
	for _ in range(3):
		time.sleep(random.random() / 4)
		before, began = len(post.arrived()), time.monotonic()
		post.put()
		wait_until(lambda: len(post.arrived()) > before, 5, "arrival")
		assert time.monotonic() - began < 1
	wait_until(lambda: not post.waiting(), 5, "removal")


def test_one_connection_carries_many_mails_in_the_order_they_were_put(post):
	post.server()
	relay = Relay(post.smtp_port)
	post.mail_settings(smtp_url=f"smtp://{HOST}:{relay.port}")
	names = [post.put(at_s=1795799100 + i) for i in range(20)]
	assert post.once()[0] == 0
	relay.close()
	assert relay.count == 1
	assert post.arrived_ids() == [f"<{name}@signin.example>" for name in names]


def test_a_large_mail_arrives_whole(post):
	post.server()
	lines = "".join(f"{i:05d} {'x' * 60}\n" for i in range(900))
	post.put(mail="Subject: long\n\n" + lines)
	assert post.once()[0] == 0
	assert post.arrived()[0].get_content() == lines.replace("\n", "\r\n")


# --- a server that says no ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("behaviour", ["RCPT 451 4.3.0 later", "MAIL 452 4.3.1 later", "DATA 451 4.3.0 later", "END 450 4.2.0 later"])
def test_a_mail_put_off_is_tried_again_later(post, behaviour):
	post.server()
	post.behave(behaviour)
	name, began = post.put(), time.time()
	assert post.once()[0] == 0
	tries, next_at_s = post.tries_and_next(name)
	assert tries == 1 and began + 11 <= next_at_s <= time.time() + 19
	post.behave("")
	assert post.once()[0] == 0
	assert post.arrived() == [] and post.tries_and_next(name)[0] == 1  # not before its time
	post.due_now(name)
	assert post.once()[0] == 0
	assert len(post.arrived()) == 1 and post.waiting() == []


def test_waits_grow_to_an_hour_and_are_never_all_the_same(post):
	post.server()
	post.behave("RCPT 451 4.3.0 later")
	waits = {}
	for tries in (1, 2, 4, 8, 30):
		names = [post.put(tries=tries - 1) for _ in range(6)]
		began = time.time()
		post.once()
		waits[tries] = [post.tries_and_next(name)[1] - began for name in names]
		assert len(set(map(int, waits[tries]))) > 1
		middle = min(15 * 2 ** (tries - 1), 3600)
		assert all(middle * 0.75 - 2 <= wait <= middle * 1.25 + 8 for wait in waits[tries]), waits


def test_one_mail_put_off_keeps_no_other_waiting(post):
	post.server()
	first = post.put(at_s=time.time() - 10, tries=2, next_at_s=int(time.time()) + 600)
	post.put()
	assert post.once()[0] == 0
	assert len(post.arrived()) == 1 and post.waiting() == [first]


@pytest.mark.parametrize("behaviour", ["RCPT 550 5.1.1 nobody", "MAIL 553 5.1.8 no", "DATA 554 5.6.0 no", "END 554 5.7.1 no"])
def test_a_mail_refused_for_good_is_set_aside(post, behaviour):
	post.server()
	post.behave(behaviour)
	name = post.put()
	assert post.once()[0] == 0
	assert post.waiting() == [] and post.bad() == [name] and post.arrived() == []
	post.behave("")
	assert post.once()[0] == 0
	assert post.arrived() == []


@pytest.mark.parametrize("behaviour", ["GREETING 554 no service", "EHLO 550 no\nHELO 550 no", "MAIL 530 5.7.0 sign in first",
	"GREETING 421 later", "RCPT 421 4.3.2 closing", "hang GREETING", "cut RCPT", "cut DATA"])
def test_what_is_wrong_with_the_server_is_not_held_against_a_mail(post, behaviour):
	post.server()
	post.mail_settings(smtp_timeout=1)
	post.behave(behaviour)
	name = post.put()
	status, log = post.once()
	assert status == 1 and '"mail_server"' in log
	assert post.waiting() == [name] and post.bad() == []
	post.behave("")
	post.due_now(name)
	assert post.once()[0] == 0
	assert len(post.arrived()) == 1


def test_a_mail_nobody_takes_for_five_days_is_set_aside(post):
	post.server()
	post.behave("RCPT 451 4.3.0 later")
	young, old = post.put(at_s=time.time() - 5 * DAY_S + 100), post.put(at_s=time.time() - 5 * DAY_S - 100)
	post.once()
	assert post.waiting() == [young] and post.bad() == [old]


def test_a_server_that_is_down_is_waited_for(post):
	post.catcher = Catcher(post.folder, post.smtp_port)
	names = [post.put() for _ in range(3)]
	post.mailer.start()
	wait_until(lambda: "mail_server" in post.mailer.log_end(), 10, "first try")
	time.sleep(2)
	tried = post.mailer.log.read_text().count("mail_server")
	assert 1 <= tried <= 4  # waits between tries
	post.catcher.start()
	for name in post.waiting():
		post.due_now(name)
	wait_until(lambda: len(post.arrived()) == 3, 15, "arrival")
	wait_until(lambda: not post.waiting(), 5, "removal")
	assert sorted(post.arrived_ids()) == sorted(f"<{name}@signin.example>" for name in names)


def test_a_slow_server_gets_its_time(post):
	post.server()
	post.behave("slow 0.3")
	post.put()
	assert post.once()[0] == 0
	assert len(post.arrived()) == 1


def test_one_mail_the_server_chokes_on_does_not_block_the_rest(post):
	post.server()
	post.mail_settings(smtp_timeout=1)
	post.behave("cut DATA")
	choking = post.put(at_s=time.time() - 10)
	assert post.once()[0] == 1
	post.behave("")
	other = post.put()
	assert post.once()[0] == 0
	assert post.arrived_ids() == [f"<{other}@signin.example>"] and post.waiting() == [choking]


def test_a_yes_that_was_lost_makes_a_copy_that_can_be_known(post):
	post.server()
	post.behave("lose END")
	name = post.put()
	status, log = post.once()
	assert status == 1 and '"mail_unsure"' in log
	post.behave("")
	post.due_now(name)
	assert post.once()[0] == 0
	assert post.arrived_ids() == [f"<{name}@signin.example>"] * 2
	first, second = (mail.as_bytes() for mail in post.arrived())
	assert first == second


# --- TLS ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates():
	folder = Path(tempfile.mkdtemp(prefix="lk-mailer-tls."))
	yield certificate_make(folder / "one"), certificate_make(folder / "other")
	shutil.rmtree(folder)


def test_tls_is_used_when_it_is_asked_for(post, certificates):
	(ca, certificate, key), _ = certificates
	post.server((certificate, key))
	post.mail_settings(smtp_starttls="yes", smtp_ca_file=ca, smtp_url=f"smtp://localhost:{post.smtp_port}")
	post.put()
	assert post.once()[0] == 0
	assert post.arrived()[0]["X-Catcher"] == "TLS"


def test_nothing_is_sent_to_a_server_with_a_certificate_of_another_ca(post, certificates):
	(_, certificate, key), (other_ca, _, _) = certificates
	post.server((certificate, key))
	post.mail_settings(smtp_starttls="yes", smtp_ca_file=other_ca, smtp_url=f"smtp://localhost:{post.smtp_port}")
	name = post.put()
	status, log = post.once()
	assert status == 1 and "certificate" in log.lower()
	assert post.arrived() == [] and post.waiting() == [name]


def test_nothing_is_sent_to_a_server_with_a_certificate_of_another_name(post, certificates):
	(ca, certificate, key), _ = certificates
	post.server((certificate, key))
	elsewhere = Relay(post.smtp_port, "127.0.0.2")
	post.mail_settings(smtp_starttls="yes", smtp_ca_file=ca, smtp_url=f"smtp://127.0.0.2:{elsewhere.port}")
	name = post.put()
	status, log = post.once()
	elsewhere.close()
	assert status == 1 and elsewhere.count == 1 and "certificate" in log.lower()
	assert post.arrived() == [] and post.waiting() == [name]


@pytest.mark.parametrize("behaviour", ["", "STARTTLS 454 not now"])
def test_nothing_is_sent_in_the_clear_when_tls_was_asked_for(post, behaviour, certificates):
	(ca, certificate, key), _ = certificates
	post.server((certificate, key) if behaviour else None)
	post.behave(behaviour)
	post.mail_settings(smtp_starttls="yes", smtp_ca_file=ca, smtp_url=f"smtp://localhost:{post.smtp_port}")
	name = post.put()
	assert post.once()[0] == 1
	assert post.arrived() == [] and post.waiting() == [name]


# --- what stands in the spool ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "Hello", "to: a@b\nBcc: c@d\ntries: 0 next: 0\n\nx", "to: a@b> SIZE=1\ntries: 0 next: 0\n\nx",
	"to: a@b\ntries: x next: 0\n\nx"])
def test_what_is_no_mail_is_set_aside_and_nothing_of_it_is_sent(post, text):
	post.server()
	(post.spool / "1795799116.ABC").write_text(text)
	good = post.put()
	assert post.once()[0] == 0
	assert post.bad() == ["1795799116.ABC"] and post.arrived_ids() == [f"<{good}@signin.example>"]


def test_a_link_in_the_spool_is_not_followed(post):
	post.server()
	(post.folder / "elsewhere").write_text(f"to: a@b\ntries: 0 next: 0\n\n{MAIL}")
	(post.spool / "1.ABC").symlink_to(post.folder / "elsewhere")
	assert post.once()[0] == 0
	assert post.bad() == ["1.ABC"] and post.arrived() == []


@pytest.mark.parametrize("name", [".", "new", "bad"])
def test_a_spool_others_can_write_is_refused(post, name):
	post.server()
	post.put()
	(post.spool / name).chmod(0o722)
	status, log = post.once()
	assert status == 1 and "others may write it" in log
	assert post.arrived() == []


def test_two_never_send_from_one_spool(post):
	post.server()
	post.mailer.start()
	wait_until(lambda: "ready" in post.mailer.log_end(), 10, "start")
	status, log = post.once()
	assert status == 1 and "another latchkey-mailer" in log


def test_it_makes_the_spool_when_there_is_none(post):
	post.server()
	shutil.rmtree(post.spool)
	assert post.once()[0] == 0
	assert [stat.S_IMODE((post.spool / name).stat().st_mode) for name in (".", "new", "bad")] == [0o700] * 3


# --- running ------------------------------------------------------------------------------------------------------------------


def test_it_needs_no_root_and_none_of_the_daemons_files(post):
	post.server()
	post.put()
	more = {}
	if os.geteuid() == 0:
		program = shutil.copy(post.mailer.program, post.folder / "latchkey-mailer")  # where it was built may be root's alone
		post.mailer.program = program
		for path in (post.folder, post.settings.path, program, *post.spool.rglob("*"), post.spool):
			os.chown(path, 65534, 65534)
		more = {"user": 65534, "group": 65534, "extra_groups": []}
	assert not (post.folder / "service-password").exists()
	assert post.once(**more)[0] == 0
	assert len(post.arrived()) == 1


def test_what_is_wrong_with_the_settings_is_told(post):
	post.mail_settings(smtp_url="http://mail.example", smtp_starttlss="yes")
	status, log = post.once()
	assert status == 1
	assert "latchkey.conf:" in log and "smtp_starttlss" in log


def test_called_wrongly_it_says_how(post):
	program = str(post.mailer.program)
	assert subprocess.run([program, "--help"], capture_output=True).returncode == 0
	for wrong in (["--twice"], ["spool"], ["--config"]):
		done = subprocess.run([program, *wrong], capture_output=True, text=True)
		assert done.returncode == 2 and "usage:" in done.stderr


@pytest.mark.parametrize("behaviour", ["", "hang GREETING", "hang RCPT", "hang QUIT"])
def test_sigterm_ends_it_cleanly_whatever_the_server_does(post, behaviour):
	post.server()
	post.mail_settings(smtp_timeout=30)
	post.behave(behaviour)
	post.mailer.start()
	wait_until(lambda: "ready" in post.mailer.log_end(), 10, "start")
	name = post.put()
	time.sleep(0.7)
	began = time.monotonic()
	post.mailer.signal(signal.SIGTERM)
	assert post.mailer.process.wait(10) == 0
	assert time.monotonic() - began < 4
	assert "stopped" in post.mailer.log_end()
	arrived = behaviour in ("", "hang QUIT")
	assert len(post.arrived()) == arrived and post.waiting() == ([] if arrived else [name])
	assert arrived or post.tries_and_next(name) == (0, 0)


def test_sigterm_waits_for_a_yes_that_is_on_its_way(post):
	post.server()
	post.behave("slow 0.6")
	post.put()
	post.put()
	post.mailer.start()
	wait_until(lambda: list(post.catcher.mails.iterdir()), 15, "first mail taken")
	post.mailer.signal(signal.SIGTERM)
	assert post.mailer.process.wait(10) == 0
	post.behave("")
	assert post.once()[0] == 0
	assert len(post.arrived()) == 2


def test_the_log_holds_no_address_and_nothing_of_a_mail(post):
	post.server()
	post.behave("RCPT 550 5.1.1 asha@example.org is nobody")
	post.put()
	_, log = post.once()
	assert "mail_refused" in log
	assert "asha" not in log and "Subject" not in log and "password" not in log


# --- kills --------------------------------------------------------------------------------------------------------------------


def test_100_mails_survive_50_kills_with_at_most_one_copy_each(post):
	post.server()
	post.behave("slow 0.004")
	kills, sent, began_to_send = 50, 100, 0
	names = {post.put(at_s=1795799116 + i) for i in range(sent)}
	for _ in range(kills):
		before = len(post.waiting())
		log_bytes = post.mailer.log.stat().st_size if post.mailer.log.exists() else 0
		post.mailer.begin()
		wait_until(lambda: post.mailer.log.stat().st_size > log_bytes, 10, "start")
		time.sleep(random.random() * 0.08)
		post.mailer.kill()
		began_to_send += len(post.waiting()) < before
	post.behave("")
	post.mailer.start()
	wait_until(lambda: not post.waiting(), 60, "the last mail")
	counted = Counter(post.arrived_ids())
	assert set(counted) == {f"<{name}@signin.example>" for name in names}
	assert sum(counted.values()) - sent <= kills
	assert post.bad() == [] and began_to_send > kills // 4
