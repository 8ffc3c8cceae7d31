# SPDX-License-Identifier: MIT
"""Directories that are killed, hung, half there, read-only, hostile, or not who they say they are."""
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

import lab
from lab import HOST, NEXT, OTHER, PASSWORD, SERVICE, Tls, port_free, wait_until

TIMEOUT_MS = 500
SLACK_MS = 400


@pytest.fixture
def own(servers):
	server = servers()
	server.asha = server.person("asha")
	return server


@pytest.fixture(scope="module")
def shared(server):
	"""For tests that leave it running."""
	server.asha = server.person("asha")
	return server


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
	return Tls(tmp_path_factory.mktemp("tls"))


def in_time(answer, limit_ms=TIMEOUT_MS):
	assert answer.took_ms <= limit_ms + SLACK_MS, answer
	return answer


def hang(server):
	"""Returns when no thread of it runs any more."""
	server.slapd.signal(signal.SIGSTOP)
	threads = Path(f"/proc/{server.slapd.pid}/task")
	wait_until(lambda: all(" T " in (each / "stat").read_text() for each in threads.iterdir()), 5, "stop of slapd")


def wake(server):
	server.slapd.signal(signal.SIGCONT)


def well_again(drive, seconds=2.0):
	"""How long until a verb succeeds."""
	began = time.monotonic()
	while drive("find", "asha").err != "OK":
		assert time.monotonic() - began < seconds, "not well again"
		time.sleep(0.02)
	return time.monotonic() - began


class Listener:
	"""A server of the test's own: hands each connection to serve(there) in a thread of its own."""

	def __init__(self, serve):
		self.serve, self.seen = serve, b""
		self.here = socket.socket()
		self.here.bind((HOST, 0))
		self.here.listen(16)
		self.uri = f"ldap://{HOST}:{self.here.getsockname()[1]}"
		self.count = 0
		threading.Thread(target=self._run, daemon=True).start()

	def _run(self):
		while True:
			try:
				there, _ = self.here.accept()
			except OSError:
				return
			self.count += 1
			threading.Thread(target=self._one, args=(there,), daemon=True).start()

	def _one(self, there):
		try:
			self.serve(self, there)
		except OSError:
			pass
		there.close()

	def close(self):
		self.here.close()


@pytest.fixture
def listen():
	started = []

	def start(serve):
		started.append(Listener(serve))
		return started[-1]

	yield start
	for listener in started:
		listener.close()


def swallow(listener, there):
	while data := there.recv(4096):
		listener.seen += data


# Killed and restarted

def test_f8_a_killed_directory_is_told_at_once_and_again_well_within_two_seconds(own, drives):
	drive = drives(own, timeout=TIMEOUT_MS)
	assert drive("find", "asha").err == "OK"
	own.slapd.kill()
	for verb in (("find", "asha"), ("check", own.asha, PASSWORD), ("factors", own.asha), ("ping",), ("reset", own.asha, NEXT)):
		assert in_time(drive(*verb), 100).err == "DIRECTORY_DOWN"
	assert drive("servers").up == [0]
	own.slapd.start()
	well_again(drive)
	assert drive("servers").up == [1]
	assert drive("check", own.asha, PASSWORD).verdict == "right"


def test_f8_a_restart_between_two_requests_is_not_noticed(own, drives):
	drive = drives(own, timeout=TIMEOUT_MS)
	for verb in (("find", "asha"), ("check", own.asha, PASSWORD), ("totp_put", own.asha, "seal", ""), ("reset", own.asha, NEXT)):
		assert drive("ping").err == "OK" and drive("check", own.asha, OTHER).err == "OK"
		own.slapd.kill()
		own.slapd.start()
		assert drive(*verb).err == "OK", verb


def test_f8_killed_at_random_while_asked(own, drives):
	drive = drives(own, timeout=TIMEOUT_MS)
	for round_number in range(20):
		for i in range(round_number):
			drive.begin("factors", own.asha.dn, own.asha.id)
		own.slapd.kill()
		errs = {in_time(drive.finish()).err for _ in range(round_number)}
		assert errs <= {"OK", "DIRECTORY_DOWN"}
		own.slapd.start()
		well_again(drive)


# Hung

VERBS = {
	"find": lambda who: ("find", "asha"), "get": lambda who: ("get", who.id), "people": lambda who: ("people", "asha", "5"),
	"check": lambda who: ("check", who, PASSWORD), "check_locked": lambda who: ("check_locked", who, PASSWORD),
	"factors": lambda who: ("factors", who), "ping": lambda who: ("ping",), "findings": lambda who: ("findings", "20"),
	"change": lambda who: ("change", who, PASSWORD, NEXT), "reset": lambda who: ("reset", who, NEXT), "unlock": lambda who: ("unlock", who),
	"totp_put": lambda who: ("totp_put", who, "seal", ""), "totp_remove": lambda who: ("totp_remove", who),
	"recovery_put": lambda who: ("recovery_put", who, "1$a"), "recovery_take": lambda who: ("recovery_take", who, "1$a"),
}
# Changes that are sent at once, without reading or binding before.
SENT = {"totp_put", "totp_remove", "recovery_put", "recovery_take"}


@pytest.mark.parametrize("name", VERBS)
def test_f9_no_verb_waits_longer_than_its_time_for_a_hung_directory(shared, drives, name):
	connected, fresh = drives(shared, timeout=TIMEOUT_MS), drives(shared, timeout=TIMEOUT_MS)
	assert connected("find", "asha").err == "OK" and connected("check", shared.asha, OTHER).err == "OK"
	hang(shared)
	verb = VERBS[name](shared.asha)
	assert in_time(connected(*verb)).err == ("DIRECTORY_UNSURE" if name in SENT else "DIRECTORY_DOWN")
	# Nothing answers: the next is told at once.
	assert in_time(connected(*verb), 0).err == "DIRECTORY_DOWN"
	assert in_time(fresh(*verb)).err == "DIRECTORY_DOWN"
	wake(shared)
	well_again(connected)
	well_again(fresh)


def test_f9_the_requests_deadline_counts_when_it_is_nearer(shared, drives):
	drive = drives(shared, timeout=5000)
	assert drive("find", "asha").err == "OK"
	drive("deadline", "300")
	hang(shared)
	assert in_time(drive("find", "asha"), 300).err == "DIRECTORY_DOWN"
	drive("deadline", "0")
	assert in_time(drive("find", "asha"), 0).err == "DIRECTORY_DOWN"


@pytest.mark.parametrize("how", ["starttls", "ldaps"])
def test_f9_a_tls_handshake_with_a_hung_directory_ends_in_time(servers, drives, tls, how):
	server = servers(front=tls.front())
	settings = {"starttls": "yes"} if how == "starttls" else {"uris": [server.ldaps_uri]}
	drive = drives(server, ca_file=tls.ca, timeout=TIMEOUT_MS, **settings)
	hang(server)
	assert in_time(drive("find", "asha")).err == "DIRECTORY_DOWN"
	wake(server)
	server.person("asha")
	well_again(drive)
	hang(server)
	assert in_time(drive("find", "asha")).err == "DIRECTORY_DOWN"
	wake(server)
	well_again(drive)


def test_f9_a_server_that_stops_in_the_middle_of_starttls(drives, shared, listen):
	"""It agrees to TLS and then says nothing."""
	def agree(listener, there):
		there.recv(4096)
		there.sendall(bytes.fromhex("300c02010178070a010004000400"))
		swallow(listener, there)
	silent = listen(agree)
	drive = drives(shared, uris=[silent.uri], starttls="yes", timeout=TIMEOUT_MS)
	assert in_time(drive("ping")).err == "DIRECTORY_DOWN"
	assert shared.directory.service_password.encode() not in silent.seen


def test_f9_half_an_answer_holds_nobody(drives, shared, listen):
	def half(listener, there):
		there.recv(4096)
		there.sendall(bytes.fromhex("30840000100002"))
		swallow(listener, there)
	drive = drives(shared, uris=[listen(half).uri], timeout=TIMEOUT_MS)
	assert in_time(drive("ping")).err == "DIRECTORY_DOWN"


@pytest.mark.parametrize("junk", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 64, b"\xff" * 4096, bytes.fromhex("300c020101") * 50,
	bytes.fromhex("3084ffffffff"), bytes.fromhex("3084ffffffff") + b"x" * 100000, bytes.fromhex("300c02010161070a0100040004003080"), b""])
def test_a_server_that_talks_nonsense_is_down(drives, shared, listen, junk, monkeypatch):
	# libldap itself forgets some of what it cannot read.
	monkeypatch.setenv("ASAN_OPTIONS", "detect_leaks=0")
	def talk(listener, there):
		there.recv(4096)
		there.sendall(junk)
	drive = drives(shared, uris=[listen(talk).uri], timeout=TIMEOUT_MS)
	for _ in range(3):
		assert in_time(drive("find", "asha")).err == "DIRECTORY_DOWN"


# Several servers

def test_of_two_servers_the_first_hung_the_second_answers(own, servers, drives):
	second = servers(like=own)
	drive = drives(own, second, timeout=TIMEOUT_MS)
	assert drive("find", "asha").err == "OK"
	hang(own)
	assert in_time(drive("find", "asha"), 2 * TIMEOUT_MS).err == "OK"
	assert drive("servers").up == [0, 1]
	# From now on hardly anybody waits for the first.
	times = [drive("find", "asha").took_ms for _ in range(50)]
	assert sorted(times)[40] < 50 and max(times) < 200 + SLACK_MS, times
	assert drive("check", own.asha, PASSWORD).verdict == "right"
	wake(own)
	deadline = time.monotonic() + 3
	while drive("servers").up != [1, 1]:
		assert time.monotonic() < deadline
		assert drive("find", "asha").err == "OK"
		time.sleep(0.05)
	# All return to the preferred one.
	assert drive("totp_put", own.asha, "first", "").err == "OK"
	assert own.entry(f"lkPersonId={own.asha.id},{lab.FACTORS}")["lkTotp"] == [b"first"]


def test_a_fresh_start_with_the_first_of_two_hung(own, servers, drives):
	second = servers(like=own)
	hang(own)
	drive = drives(own, second, timeout=TIMEOUT_MS)
	assert in_time(drive("find", "asha"), 2 * TIMEOUT_MS).err == "OK"
	wake(own)


def test_of_two_servers_the_first_killed_nobody_notices(own, servers, drives):
	second = servers(like=own)
	drive = drives(own, second, timeout=TIMEOUT_MS)
	assert drive("find", "asha").err == "OK"
	own.slapd.kill()
	for _ in range(20):
		assert in_time(drive("find", "asha"), 50).err == "OK"
		assert drive("check", own.asha, PASSWORD).verdict == "right"
	own.slapd.start()
	deadline = time.monotonic() + 3
	while drive("ping").err == "OK" and drive("servers").up != [1, 1]:
		assert time.monotonic() < deadline
		time.sleep(0.05)


def test_a_server_whose_service_account_is_unknown_is_passed_over(own, servers, drives):
	stranger = servers()
	drive = drives(uris=[stranger.uri, own.uri], bind_password=own.directory.service_password, timeout=TIMEOUT_MS)
	assert drive("find", "asha").err == "OK"


# Read-only

def test_f11_a_replica_takes_no_change_and_its_referral_is_never_followed(own, servers, drives, listen):
	trap = listen(swallow)
	replica = servers(like=own, behind=f"syncrepl rid=001 provider=ldap://{HOST}:{port_free()} type=refreshOnly "
		f"interval=01:00:00:00 retry=\"3600 +\" searchbase=\"{lab.BASE}\" bindmethod=simple\nupdateref {trap.uri}")
	drive = drives(replica, timeout=TIMEOUT_MS)
	assert drive("find", "asha").err == "OK"
	assert drive("check", own.asha, PASSWORD).verdict == "right"
	for verb in (("change", own.asha, PASSWORD, NEXT), ("reset", own.asha, NEXT), ("unlock", own.asha), ("totp_put", own.asha, "s", ""),
			("totp_remove", own.asha), ("recovery_put", own.asha, "1$a"), ("recovery_take", own.asha, "1$a")):
		assert drive(*verb).err == "DIRECTORY_READ_ONLY", verb
	assert drive("check_locked", own.asha, PASSWORD).is_right == 0
	assert trap.count == 0 and trap.seen == b""
	assert drive("check", own.asha, PASSWORD).verdict == "right"


def test_f11_a_server_set_read_only(own, servers, drives):
	still = servers(like=own, behind="readonly on")
	drive = drives(still, timeout=TIMEOUT_MS)
	for verb in (("change", own.asha, PASSWORD, NEXT), ("reset", own.asha, NEXT), ("unlock", own.asha), ("totp_put", own.asha, "s", "")):
		assert drive(*verb).err == "DIRECTORY_READ_ONLY", verb


# TLS

def test_f14_with_the_right_certificate_everything_works(servers, drives, tls):
	server = servers(front=tls.front() + "security ssf=128\n")
	for settings in ({"starttls": "yes"}, {"uris": [server.ldaps_uri]}):
		drive = drives(server, ca_file=tls.ca, **settings)
		assert drive("ping").err == "OK", settings
		assert drive("find", "asha").err == "PERSON_NOT_FOUND"


@pytest.mark.parametrize("fault", ["wrong CA", "wrong name", "expired", "no TLS at all"])
@pytest.mark.parametrize("how", ["starttls", "ldaps"])
def test_f14_a_server_that_cannot_prove_itself_gets_nothing(servers, drives, tls, tmp_path, fault, how):
	other = Tls(tmp_path) if fault == "wrong CA" else tls
	front = {"wrong CA": tls.front, "wrong name": lambda: tls.front("DNS:elsewhere.example"), "expired": lambda: tls.front(days=0),
		"no TLS at all": str}[fault]()
	if fault == "expired":
		time.sleep(1.1)
	server = servers(front=front)
	settings = {"starttls": "yes"} if how == "starttls" else {"uris": [server.ldaps_uri]}
	drive = drives(server, ca_file=other.ca, timeout=TIMEOUT_MS, **settings)
	answer = in_time(drive("ping"))
	assert answer.err == "DIRECTORY_DOWN" and server.directory.service_password not in answer.why
	assert drive("check", lab.Person(SERVICE, "", ""), PASSWORD).err == "DIRECTORY_DOWN"


@pytest.mark.parametrize("answer", [
	"300c02010178070a013404000400",  # unavailable
	"300c02010178070a010204000400",  # protocol error
	"300c02010178070a013504000400",  # unwilling
])
def test_f14_starttls_taken_away_is_no_reason_to_go_on_in_clear(shared, drives, listen, answer):
	def refuse(listener, there):
		listener.seen += there.recv(4096)
		there.sendall(bytes.fromhex(answer))
		swallow(listener, there)
	thief = listen(refuse)
	drive = drives(shared, uris=[thief.uri], starttls="yes", timeout=TIMEOUT_MS)
	for verb in (("find", "asha"), ("check", shared.asha, PASSWORD)):
		assert in_time(drive(*verb)).err == "DIRECTORY_DOWN"
	assert shared.directory.service_password.encode() not in thief.seen and PASSWORD.encode() not in thief.seen


def test_f14_surroundings_cannot_switch_the_checks_off(servers, drives, tls, tmp_path, monkeypatch):
	"""libldap would read these."""
	server = servers(front=tls.front("DNS:elsewhere.example"))
	(tmp_path / "ldaprc").write_text("TLS_REQCERT never\nSASL_NOCANON on\n")
	(tmp_path / ".ldaprc").write_text("TLS_REQCERT never\n")
	for name, value in (("LDAPTLS_REQCERT", "never"), ("LDAPCONF", str(tmp_path / "ldaprc")), ("HOME", str(tmp_path)),
			("LDAPRC", "ldaprc"), ("LDAPREFERRALS", "on")):
		monkeypatch.setenv(name, value)
	monkeypatch.chdir(tmp_path)
	drive = drives(server, ca_file=tls.ca, starttls="yes", timeout=TIMEOUT_MS)
	assert drive("ping").err == "DIRECTORY_DOWN"


# Answers that are lost

class Proxy:
	"""Passes everything on, after a delay; once it is silent, what the server says is dropped."""

	delay_s = 0

	def __init__(self, port):
		self.port, self.is_silent, self.passed = port, False, 0

	def __call__(self, listener, there):
		with socket.create_connection((HOST, self.port)) as server:
			threading.Thread(target=self._back, args=(server, there), daemon=True).start()
			while data := there.recv(65536):
				self.passed += 1
				server.sendall(data)

	def _back(self, server, there):
		try:
			while data := server.recv(65536):
				time.sleep(self.delay_s)
				if not self.is_silent:
					there.sendall(data)
		except OSError:
			pass


def test_f15_a_change_whose_answer_is_lost_is_unsure_and_never_sent_twice(own, drives, listen):
	proxy = Proxy(own.port)
	drive = drives(own, uris=[listen(proxy).uri], timeout=TIMEOUT_MS)
	assert drive("ping").err == "OK"
	proxy.is_silent, proxy.passed = True, 0
	assert in_time(drive("recovery_put", own.asha, "1$a")).err == "DIRECTORY_UNSURE"
	# The change, and the end of the connection.
	assert proxy.passed <= 2
	proxy.is_silent = False
	well_again(drive)
	assert drive("recovery_take", own.asha, "1$a").err == "USED"


def test_f15_after_an_unsure_reset_the_password_itself_tells(own, drives, listen):
	proxy = Proxy(own.port)
	drive = drives(own, uris=[listen(proxy).uri], timeout=TIMEOUT_MS)
	assert drive("find", "asha").err == "OK"
	real_begin = time.monotonic()
	drive.begin("reset", own.asha.dn, own.asha.id, NEXT)
	# The entry is read first; silence falls somewhere: whatever is said must be true.
	time.sleep(0.002)
	proxy.is_silent = True
	err = drive.finish().err
	proxy.is_silent = False
	well_again(drive)
	now = drive("check", own.asha, NEXT).verdict
	assert err in ("OK", "DIRECTORY_DOWN", "DIRECTORY_UNSURE")
	assert err != "OK" or now == "right"
	assert err != "DIRECTORY_DOWN" or now == "wrong"
	assert time.monotonic() - real_begin < 10


def test_f10_a_slow_directory_is_slow_and_not_wrong(own, drives, listen):
	class Slow(Proxy):
		delay_s = 0.2
	drive = drives(own, uris=[listen(Slow(own.port)).uri], timeout=2000)
	assert drive("find", "asha").err == "OK"
	assert drive("check", own.asha, PASSWORD).verdict == "right"
	assert drive("check", own.asha, OTHER).verdict == "wrong"


def test_a_socket_file_is_a_server_like_others(servers, drives):
	server = servers(is_local=True)
	server.person("asha")
	drive = drives(server, uris=[server.ldapi_uri], starttls="yes", timeout=TIMEOUT_MS)
	assert drive("find", "asha").err == "OK"
	server.slapd.kill()
	assert drive("find", "asha").err == "DIRECTORY_DOWN"


# What is counted

def test_waits_and_failures_are_counted(own, drives):
	drive = drives(own, timeout=TIMEOUT_MS)
	drive("find", "asha")
	drive("check", own.asha, PASSWORD)
	drive("totp_put", own.asha, "s", "")
	drive("reset", own.asha, NEXT)
	own.slapd.kill()
	drive("find", "asha")
	text = drive("metrics").metrics
	for op in ("connect", "bind", "search", "modify", "password"):
		assert f'latchkey_directory_request_duration_seconds_count{{op="{op}"}}' in text, op
	assert 'latchkey_directory_failures_total{op="search"} 1' in text or 'latchkey_directory_failures_total{op="connect"}' in text
