# SPDX-License-Identifier: MIT
"""What operators see of latchkeyd: it starts or says why not, takes a new setting whole or not at all, and stops without losing an answer."""
import copy
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import steps
from browser import Browser
from faults import epochs, new_epoch
from story import Private, audit, build_folder, wait_until

LATCHKEYD = build_folder() / "latchkeyd"


def run(*words):
	return subprocess.run([LATCHKEYD, *words], capture_output=True, text=True, timeout=30)


def get(demo, path, timeout=10):
	"""Status, headers and text of one request on a connection of its own."""
	where = urlsplit(demo.base_url)
	if where.scheme == "https":
		connection = http.client.HTTPSConnection(where.netloc, timeout=timeout,
			context=ssl.create_default_context(cafile=demo.ca_file))
	else:
		connection = http.client.HTTPConnection(where.netloc, timeout=timeout)
	try:
		connection.request("GET", path)
		answer = connection.getresponse()
		return answer.status, answer.headers, answer.read().decode()
	finally:
		connection.close()


def lines(demo, event):
	return [line for line in map(json.loads, filter(lambda row: row.startswith("{"), demo.log("latchkeyd").splitlines()))
		if line["event"] == event]


def faults_are(demo, *wanted):
	"""--check-config names each, as FILE:LINE:COLUMN: words."""
	said = run("--config", demo.config, "--check-config")
	assert said.returncode == 1
	for words in wanted:
		assert any(words in line and line.split(":")[1].isdigit() and line.split(":")[2].isdigit()
			for line in said.stderr.splitlines()), said.stderr


def settings_write(demo, section, **pairs):
	demo.demo.settings.sections[section] |= pairs
	demo.demo.settings.write()


def hang_up(demo, event):
	"""SIGHUP; waits until the audit says what came of it."""
	before = len(audit(demo, event=event))
	demo.part("latchkeyd").signal(signal.SIGHUP)
	wait_until(lambda: len(audit(demo, event=event)) > before, 10, event)


def log_move(demo):
	"""As logrotate does."""
	log = Path(demo.audit_log)
	log.rename(f"{log}.1")
	demo.part("latchkeyd").signal(signal.SIGHUP)
	wait_until(lambda: log.exists() and len(audit(demo, event="config_loaded")) == 1, 5, "new audit log")


def ended(part, seconds=15):
	wait_until(part.has_ended, seconds, "end of latchkeyd")
	return part.process.returncode


class Asking:
	"""Asks for a page again and again from a few connections, and remembers every status."""

	def __init__(self, demo, path="/signin", count=4):
		self.demo, self.path, self.statuses, self.faults = demo, path, [], []
		self.goes_on = True
		self.threads = [threading.Thread(target=self.ask) for _ in range(count)]
		for thread in self.threads:
			thread.start()

	def ask(self):
		while self.goes_on:
			try:
				self.statuses.append(get(self.demo, self.path)[0])
			except OSError as fault:
				self.faults.append(fault)

	def end(self):
		self.goes_on = False
		for thread in self.threads:
			thread.join(30)
		return self.statuses


@pytest.fixture(scope="module")
def shared():
	private = Private()
	yield private
	words = private.end()
	assert not words, words


@pytest.fixture
def one(shared):
	"""One demo for all tests that end nothing; its settings and policies are as shipped again after each."""
	sections = copy.deepcopy(shared.demo.settings.sections)
	policies = {path: path.read_text() for path in Path(shared.policies_dir).glob("*.policy")}
	yield shared
	shared.demo.settings.sections = sections
	shared.demo.settings.write()
	for path, text in policies.items():
		path.write_text(text)
	hang_up(shared, "config_loaded")


# --- starting --------------------------------------------------------------------------------


def test_it_says_what_it_listens_on_what_it_trusts_and_what_is_off(own_demo):
	"""It answers a moment before: only READY=1, to systemd, comes behind all of it."""
	demo = own_demo(change=lambda settings: settings.sections["http"].update(trusted_proxies="10.0.0.0/8"))
	wait_until(lambda: lines(demo, "off"), 5, "the last that is told")
	listens = " ".join(line["text"] for line in lines(demo, "listen"))
	assert demo.base_url in listens and "pam.sock" in listens and "admin.sock" in listens
	assert "10.0.0.0/8" in lines(demo, "trust")[0]["text"]
	assert "HTTPS" in lines(demo, "off")[0]["text"]
	assert len(audit(demo, event="started")) == 1


def test_check_config_names_every_fault_with_its_place(own_demo):
	demo = own_demo()
	folder = Path(demo.config).parent
	assert run("--config", demo.config, "--check-config").returncode == 0
	with (folder / "policies" / "password.policy").open("a") as policy:
		policy.write("\nmin_lenght = 3\n")
	(folder / "policies" / "signin.policy").write_text("[default]\nnonsense = 1\n")
	faults_are(demo, "min_lenght", "nonsense")
	(folder / "keys").chmod(0o644)
	(folder / "service-password").chmod(0o640)
	faults_are(demo, "keys", "service-password")


def test_keys_others_may_read_are_refused_in_one_line(own_demo):
	demo = own_demo()
	part = demo.part("latchkeyd")
	part.stop()
	(Path(demo.config).parent / "keys").chmod(0o644)
	said = run("--config", demo.config)
	assert said.returncode == 1
	assert len([line for line in said.stderr.splitlines() if '"error"' in line]) == 1, said.stderr


def test_f5_a_store_that_may_evict_is_refused_at_start_and_while_running(own_demo):
	import redis
	demo = own_demo()
	store = redis.Redis.from_url(demo.redis.url)
	store.config_set("maxmemory-policy", "allkeys-lru")
	wait_until(lambda: get(demo, "/readyz")[0] == 503, 5, "not ready")
	demo.part("latchkeyd").stop()
	said = run("--config", demo.config)
	assert said.returncode == 1
	assert "noeviction" in [line for line in said.stderr.splitlines() if '"error"' in line][0]


def test_a_directory_without_the_decoy_is_refused_with_what_to_do(own_demo):
	demo = own_demo()
	demo.part("latchkeyd").stop()
	settings_write(demo, "directory", decoy_dn="cn=nowhere,ou=latchkey," + demo.ldap.base_dn)
	said = run("--config", demo.config)
	assert said.returncode == 1
	assert "decoy" in said.stderr


def test_f8_a_directory_that_is_down_at_start_is_waited_for(own_demo):
	demo = own_demo()
	demo.part("latchkeyd").stop()
	demo.part("slapd").kill()
	demo.part("latchkeyd").begin()
	wait_until(lambda: len(lines(demo, "listen")) > 4, 10, "start without a directory")
	assert get(demo, "/healthz")[0] == 200
	assert get(demo, "/readyz")[0] == 503
	wait_until(lambda: any("does not answer: ldap://" in line["text"] for line in lines(demo, "directory")), 5, "why, in the log")
	demo.part("slapd").start()
	wait_until(lambda: get(demo, "/readyz")[0] == 200, 5, "ready again")


def test_a_second_daemon_on_the_same_files_is_refused(one):
	said = run("--config", one.config)
	assert said.returncode == 1
	assert get(one, "/readyz")[0] == 200


def test_init_store_may_be_said_twice(one):
	said = run("--config", one.config, "--init-store")
	assert said.returncode == 0 and "nothing was changed" in said.stdout


# --- reloading -------------------------------------------------------------------------------


def test_a_reload_takes_the_new_setting_whole(one):
	settings_write(one, "service", help_phone="029 1111 2222")
	hang_up(one, "config_loaded")
	assert "029 1111 2222" in get(one, "/help")[2]


def test_a_broken_reload_changes_nothing_and_is_told(one):
	settings_write(one, "service", help_phone="029 3333 4444", help_hour="never")
	hang_up(one, "config_refused")
	assert "029 3333 4444" not in get(one, "/help")[2]
	assert any("help_hour" in line["text"] for line in lines(one, "config"))


def test_a_broken_policy_is_refused_with_the_settings_beside_it(one):
	settings_write(one, "service", help_phone="029 5555 6666")
	with (Path(one.policies_dir) / "lockout.policy").open("a") as policy:
		policy.write("\nnonsense = 1\n")
	hang_up(one, "config_refused")
	assert "029 5555 6666" not in get(one, "/help")[2]


def test_keys_that_need_a_restart_are_all_named_and_refuse_the_reload(one):
	settings_write(one, "http", lanes=3, listen="127.0.0.1:1")
	settings_write(one, "service", help_phone="029 7777 8888")
	hang_up(one, "config_refused")
	said = " ".join(line["text"] for line in lines(one, "config"))
	assert "lanes has changed: restart" in said and "listen has changed: restart" in said
	assert "029 7777 8888" not in get(one, "/help")[2]


def test_the_audit_log_goes_on_in_a_new_file_after_it_was_moved_away(own_demo):
	demo = own_demo()
	log_move(demo)
	assert len(audit(demo, event="chain_continued")) == 1


def test_f21_reloading_again_and_again_fails_no_request(one):
	asking = Asking(one)
	for turn in range(20):
		settings_write(one, "service", help_phone=f"029 2018 {turn:04}" + ("x" * 40 if turn % 3 == 0 else ""))
		one.part("latchkeyd").signal(signal.SIGHUP)
		time.sleep(0.1)
	statuses = asking.end()
	assert not asking.faults and statuses and set(statuses) == {200}


# --- stopping --------------------------------------------------------------------------------


def test_f21_stopping_answers_what_was_asked_and_says_so(own_demo):
	demo = own_demo()
	part = demo.part("latchkeyd")
	asking = Asking(demo)
	time.sleep(0.5)
	part.signal(signal.SIGTERM)
	assert ended(part) == 0
	statuses = asking.end()
	assert set(statuses) == {200}
	assert all(isinstance(fault, (ConnectionRefusedError, ConnectionResetError)) for fault in asking.faults)
	assert len(audit(demo, event="stopped")) == 1
	assert not Path(demo.admin_socket).exists()


def test_an_interrupt_stops_it_too(own_demo):
	part = own_demo().part("latchkeyd")
	part.signal(signal.SIGINT)
	assert ended(part) == 0


# --- a store with a new life -----------------------------------------------------------------


def taken_over(demo, begin):
	"""After begin, the daemon finds one store with a new life and people can sign in again."""
	before = epochs(demo)
	with new_epoch(demo, 4):
		begin()
	assert epochs(demo) == before + 1


def test_f1_a_store_that_lost_everything_is_taken_over_within_two_seconds(one):
	import redis
	taken_over(one, redis.Redis.from_url(one.redis.url).flushall)


def test_f1_a_session_that_was_ended_stays_ended_when_an_old_store_comes_back(own_demo, totp):
	demo = own_demo()
	person, part = demo.person("ok"), demo.part("redis")
	browser = Browser(demo.base_url)
	steps.signed_in(browser, person, totp)
	part.stop()
	old = part.data.with_name("old")
	shutil.copytree(part.data, old)
	taken_over(demo, part.start)
	assert browser.get("/").heading == "Your services"
	said = subprocess.run([build_folder() / "latchkeyctl", "--socket", demo.admin_socket, "--yes", "user", "signout",
		person.username, "--reason", "phone stolen"], capture_output=True, text=True, timeout=30)
	assert said.returncode == 0, said.stdout + said.stderr
	log_move(demo)
	part.kill()
	shutil.rmtree(part.data)
	old.rename(part.data)
	taken_over(demo, part.start)
	assert ", 0 revocations" not in audit(demo, event="epoch_began")[-1]["detail"]
	assert browser.get("/").status == 303
	browser.close()


def test_f3_a_store_that_hangs_makes_it_not_ready_and_nothing_slow(one):
	one.part("redis").signal(signal.SIGSTOP)
	wait_until(lambda: get(one, "/readyz")[0] == 503, 6, "not ready")
	began = time.monotonic()
	assert get(one, "/help")[0] == 200
	assert time.monotonic() - began < 1
	one.part("redis").signal(signal.SIGCONT)
	wait_until(lambda: get(one, "/readyz")[0] == 200, 3, "ready again")


# --- systemd ---------------------------------------------------------------------------------


class Listener:
	"""Stands where systemd stands."""

	def __init__(self, path):
		self.path = str(path)
		self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		self.socket.bind(self.path)
		self.socket.settimeout(10)

	def wait_for(self, words):
		while True:
			said = self.socket.recv(4096).decode()
			if words in said:
				return said


def test_systemd_is_told_ready_alive_reloading_and_stopping(own_demo, tmp_path, monkeypatch):
	demo = own_demo()
	part = demo.part("latchkeyd")
	part.stop()
	systemd = Listener(tmp_path / "notify")
	monkeypatch.setenv("NOTIFY_SOCKET", systemd.path)
	part.begin()
	systemd.wait_for("READY=1")
	assert "STATUS=People can sign in." in systemd.wait_for("WATCHDOG=1")
	part.signal(signal.SIGHUP)
	assert "MONOTONIC_USEC=" in systemd.wait_for("RELOADING=1")
	systemd.wait_for("READY=1")
	part.signal(signal.SIGTERM)
	systemd.wait_for("STOPPING=1")
	assert ended(part) == 0


# --- TLS by itself ---------------------------------------------------------------------------


def handshake(demo, **limits):
	context = ssl.create_default_context(cafile=demo.ca_file)
	for name, value in limits.items():
		setattr(context, name, value)
	where = urlsplit(demo.base_url)
	with socket.create_connection((where.hostname, where.port), 10) as plain:
		with context.wrap_socket(plain, server_hostname=where.hostname) as connection:
			return connection.version()


def test_tls_is_1_2_or_1_3_and_browsers_are_told_to_stay_with_it(own_demo):
	demo = own_demo(tls=True)
	assert handshake(demo) == "TLSv1.3"
	assert handshake(demo, maximum_version=ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
	with pytest.raises((ssl.SSLError, ConnectionResetError)):
		handshake(demo, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
	status, headers, _ = get(demo, "/signin")
	assert status == 200
	assert headers["Strict-Transport-Security"] == "max-age=31536000"
	cookies = headers.get_all("Set-Cookie") or []
	assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in cookies)


def test_f28_plain_text_noise_and_half_handshakes_on_the_tls_port_disturb_nobody(own_demo):
	demo = own_demo(tls=True)
	where = urlsplit(demo.base_url)
	held = []
	for piece in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(300), bytes.fromhex("1603010200010001fc0303"), b""):
		held += [socket.create_connection((where.hostname, where.port), 10) for _ in range(10)]
		for connection in held[-10:]:
			connection.sendall(piece)
	assert get(demo, "/healthz")[0] == 200
	for connection in held:
		connection.close()
	assert get(demo, "/healthz")[0] == 200


def test_f28_tls_cannot_be_renegotiated(own_demo):
	demo = own_demo(tls=True)
	where = urlsplit(demo.base_url)
	said = subprocess.run(["openssl", "s_client", "-connect", where.netloc, "-tls1_2", "-CAfile", demo.ca_file],
		input="R\n", capture_output=True, text=True, timeout=20)
	assert "RENEGOTIATING" in said.stdout + said.stderr
	assert "verify return:1\n---" not in said.stdout.split("RENEGOTIATING")[-1]
	assert get(demo, "/healthz")[0] == 200
