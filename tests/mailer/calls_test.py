# SPDX-License-Identifier: MIT
"""
latchkey-mailer and applications that are told over HTTPS: what was put into the spool's calls/ arrives as it was put, goes only where
it may, and an application that is down keeps nobody waiting. Calls are put as spool/spool.h says.
"""
import http.server
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import tempfile
import threading
import time
from pathlib import Path

import pytest
from mailer_test import MAIL, Post, wait_until
from settings import certificate_make

BODY = "logout_token=eyJ0eXAiOiJsb2dvdXQrand0In0.e30.c2ln"
KEYS = b'{"keys":[]}'
HOUR_S = 3600


class Application:
	"""An application's server: keeps what it was told, answers as a path says."""

	def __init__(self, certificate=None, key=None, host="127.0.0.1", least=ssl.TLSVersion.TLSv1_2, most=ssl.TLSVersion.TLSv1_3):
		self.told = []
		self.versions = []
		self.release = threading.Event()
		outer = self

		class Handler(http.server.BaseHTTPRequestHandler):
			protocol_version = "HTTP/1.1"

			def do_POST(self):
				body = self.rfile.read(int(self.headers["Content-Length"])).decode()
				outer.told.append((self.path, dict(self.headers), body))
				outer.versions.append(self.connection.version() if certificate else None)
				if self.path.startswith("/hang"):
					outer.release.wait(30)
				status = int((re.search(r"\d{3}", self.path) or ["200"])[0])
				self.send_response(status)
				if status in (301, 302, 307, 308):
					self.send_header("Location", "/moved")
				if self.path.startswith("/flood"):
					self.send_header("Content-Length", str(1 << 40))
					self.end_headers()
					self.wfile.write(b"x" * 65536)
					return
				self.send_header("Content-Length", "0")
				self.end_headers()

			def do_GET(self):
				outer.told.append((self.path, dict(self.headers), None))
				body = b"x" * 70000 if self.path.startswith("/flood") else KEYS
				status = int((re.search(r"\d{3}", self.path) or ["200"])[0])
				self.send_response(status)
				self.send_header("Content-Length", str(len(body)))
				self.end_headers()
				self.wfile.write(body)

			def log_message(self, *args):
				pass

		self.server = http.server.ThreadingHTTPServer((host, 0), Handler)
		self.server.daemon_threads = True
		self.server.handle_error = lambda *args: None
		self.scheme = "https" if certificate else "http"
		if certificate:
			context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
			context.load_cert_chain(certificate, key)
			context.minimum_version, context.maximum_version = least, most
			self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
		self.port = self.server.server_address[1]
		threading.Thread(target=self.server.serve_forever, daemon=True).start()

	def url(self, path="/told", host="localhost"):
		return f"{self.scheme}://{host}:{self.port}{path}"

	def paths(self):
		return [path for path, _, _ in self.told]

	def close(self):
		self.release.set()
		self.server.shutdown()
		self.server.server_close()


class Exchange(Post):
	"""A mailer that may call this machine, with the demo's CA."""

	def __init__(self, ca):
		super().__init__()
		self.calls = self.spool / "calls"
		for name in ("", "new", "bad"):
			(self.calls / name).mkdir(mode=0o700)
		self.call_settings(allow="127.0.0.0/8 ::1", ca_file=ca, timeout=2)

	def call_settings(self, **pairs):
		self.settings.sections.setdefault("calls", {}).update(pairs)
		self.settings.write()

	def call(self, url, body=BODY, at_s=None, tries=0, next_at_s=0):
		name = f"{int(time.time() if at_s is None else at_s)}.{secrets.token_hex(8).upper()}"
		half = self.calls / "new" / name
		half.write_text(f"call: {url}\ntries: {tries} next: {next_at_s}\n\n{body}")
		half.rename(self.calls / name)
		return name

	def fetch(self, url, client_id="payroll"):
		name = f"{int(time.time())}.{secrets.token_hex(8).upper()}"
		half = self.calls / "new" / name
		half.write_text(f"fetch: {url}\ntries: 0 next: 0\n\n{client_id}")
		half.rename(self.calls / name)
		return name

	def keys(self):
		folder = self.calls / "keys"
		return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}

	def calls_waiting(self):
		return sorted(path.name for path in self.calls.iterdir() if path.is_file())

	def calls_bad(self):
		return sorted(path.name for path in (self.calls / "bad").iterdir())

	def call_tries_and_next(self, name):
		found = re.match(r"call: .*\ntries: (\d+) next: (\d+)\n", (self.calls / name).read_text())
		return int(found[1]), int(found[2])

	def runs(self):
		self.mailer.start()
		wait_until(lambda: "ready" in self.mailer.log_end(), 10, "start")


@pytest.fixture(scope="module")
def papers():
	folder = Path(tempfile.mkdtemp(prefix="lk-calls-tls."))
	yield certificate_make(folder / "one"), certificate_make(folder / "other")
	shutil.rmtree(folder)


@pytest.fixture
def application(papers):
	(_, certificate, key), _ = papers
	made = Application(certificate, key)
	yield made
	made.close()


@pytest.fixture
def desk(papers):
	made = Exchange(papers[0][0])
	yield made
	made.end()


# --- telling ----------------------------------------------------------------------------------------------------------------


def test_a_call_arrives_as_a_form_with_nothing_else_in_it(desk, application):
	desk.call(application.url("/backchannel?of=one"))
	assert desk.once()[0] == 0
	(path, headers, body), = application.told
	assert path == "/backchannel?of=one" and body == BODY
	assert headers["Content-Type"] == "application/x-www-form-urlencoded"
	assert headers["Host"] == f"localhost:{application.port}"
	assert not {"Cookie", "Authorization", "Expect", "Referer"} & set(headers)
	assert desk.calls_waiting() == [] and desk.calls_bad() == []


def test_a_call_put_while_it_waits_goes_at_once(desk, application):
	desk.runs()
	for count in (1, 2):
		desk.call(application.url())
		wait_until(lambda count=count: len(application.told) == count, 10, "the call")
	wait_until(lambda: not desk.calls_waiting(), 5, "removal")


@pytest.mark.parametrize("status", ["204", "200"])
def test_any_yes_is_a_yes(desk, application, status):
	desk.call(application.url("/" + status))
	assert desk.once()[0] == 0
	assert desk.calls_waiting() == [] and desk.calls_bad() == []


def test_what_an_application_says_without_end_is_not_listened_to(desk, application):
	desk.call(application.url("/flood"))
	assert desk.once()[0] == 0
	assert desk.calls_waiting() == [] and desk.calls_bad() == []


# --- an application that says no ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["400", "401", "404", "302", "307"])
def test_a_call_refused_for_good_is_set_aside_and_no_redirect_is_followed(desk, application, status):
	name = desk.call(application.url("/" + status))
	assert desk.once()[0] == 0
	assert application.paths() == ["/" + status]
	assert desk.calls_waiting() == [] and desk.calls_bad() == [name]


@pytest.mark.parametrize("status", ["500", "503", "429"])
def test_a_call_put_off_is_tried_again_later(desk, application, status):
	name, began = desk.call(application.url("/" + status)), time.time()
	assert desk.once()[0] == 1
	tries, next_at_s = desk.call_tries_and_next(name)
	assert tries == 1 and began + 1 <= next_at_s <= time.time() + 5
	assert application.paths() == ["/" + status]


def test_an_application_that_is_down_is_asked_by_one_call_at_a_time(desk):
	with socket.socket() as taken:
		taken.bind(("127.0.0.1", 0))
		names = [desk.call(f"https://localhost:{taken.getsockname()[1]}/told") for _ in range(12)]
		assert desk.once()[0] == 1
	tried = [name for name in names if desk.call_tries_and_next(name)[0] == 1]
	assert 1 <= len(tried) <= 4 and desk.calls_bad() == []


def test_a_call_nobody_takes_for_an_hour_is_set_aside(desk, application):
	young = desk.call(application.url("/503"), at_s=time.time() - HOUR_S + 60)
	old = desk.call(application.url("/503"), at_s=time.time() - HOUR_S - 1)
	desk.once()
	assert desk.calls_waiting() == [young] and desk.calls_bad() == [old]


def test_one_application_that_hangs_keeps_no_other_and_no_mail_waiting(desk, application):
	desk.server()
	desk.call_settings(timeout=30)
	desk.runs()
	for _ in range(20):
		desk.call(application.url("/hang"))
	wait_until(lambda: "/hang" in application.paths(), 5, "the hung call")
	desk.call(application.url("/told"))
	desk.put(mail=MAIL)
	wait_until(lambda: "/told" in application.paths() and desk.arrived(), 15, "what others wait for")  # half of what the hung one has
	application.release.set()
	wait_until(lambda: not desk.calls_waiting(), 10, "the rest")


def test_a_mail_server_that_hangs_keeps_no_call_waiting(desk, application):
	desk.server()
	desk.behave("hang GREETING")
	desk.runs()
	desk.put()
	desk.call(application.url())
	wait_until(lambda: application.told, 5, "the call")


# --- keys that applications publish ---------------------------------------------------------------------------------------------


def test_keys_are_read_and_kept_under_whose_they_are(desk, application):
	desk.fetch(application.url("/jwks"))
	assert desk.once()[0] == 0
	(path, headers, body), = application.told
	assert path == "/jwks" and body is None
	assert not {"Cookie", "Authorization", "Referer"} & set(headers)
	assert desk.keys() == {"payroll": application.url("/jwks").encode() + b"\n" + KEYS} and desk.calls_waiting() == []


@pytest.mark.parametrize("path, waits", [("/flood", False), ("/404", False), ("/302", False), ("/503", True)])
def test_what_is_no_answer_or_too_long_is_not_kept(desk, application, path, waits):
	name = desk.fetch(application.url(path))
	desk.once()
	assert desk.keys() == {} and application.paths() == [path]
	assert (desk.calls_waiting() if waits else desk.calls_bad()) == [name]


@pytest.mark.parametrize("client_id", ["../payroll", "a/b", ".", "..", ".hidden", "", "a" * 101, "a\nb"])
def test_keys_go_nowhere_else(desk, application, client_id):
	name = desk.fetch(application.url("/jwks"), client_id)
	assert desk.once()[0] == 0
	assert desk.calls_bad() == [name] and application.told == [] and desk.keys() == {}


def test_keys_are_read_only_where_it_may_go(desk, application):
	desk.call_settings(allow="10.0.0.0/8")
	name = desk.fetch(application.url("/jwks"))
	assert desk.once()[0] == 0
	assert desk.calls_bad() == [name] and application.told == []


# --- where it may go ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433", "127.1"])
def test_no_address_of_this_machine_is_called_unless_it_is_listed(desk, application, host):
	desk.call_settings(allow="10.0.0.0/8")
	name = desk.call(application.url(host=host))
	status, log = desk.once()
	assert status == 0 and "may not be called" in log
	assert application.told == [] and desk.calls_bad() == [name]


@pytest.mark.parametrize("url", ["http://application.example/told", "http://localhost.example/told", "file:///etc/passwd", "https://a b/", "https://"])
def test_what_is_no_https_address_is_set_aside(desk, url):
	name = desk.call(url)
	assert desk.once()[0] == 0
	assert desk.calls_bad() == [name]


def test_this_machine_may_be_told_in_the_clear_where_it_is_listed(desk):
	plain = Application()
	desk.call(plain.url(host="127.0.0.1"))
	assert desk.once()[0] == 0
	assert plain.paths() == ["/told"]
	desk.call_settings(allow="10.0.0.0/8")
	name = desk.call(plain.url(host="127.0.0.1"))
	assert desk.once()[0] == 0
	plain.close()
	assert plain.paths() == ["/told"] and desk.calls_bad() == [name]


def test_no_proxy_of_the_environment_is_used(desk, application):
	desk.call(application.url())
	assert desk.once(env=dict(os.environ, https_proxy="http://127.0.0.1:9", ALL_PROXY="http://127.0.0.1:9"))[0] == 0
	assert len(application.told) == 1


# --- TLS ------------------------------------------------------------------------------------------------------------------------


def test_nothing_is_said_to_a_server_with_a_certificate_of_another_ca(desk, application, papers):
	desk.call_settings(ca_file=papers[1][0])
	name = desk.call(application.url())
	status, log = desk.once()
	assert status == 1 and "certificate" in log.lower()
	assert application.told == [] and desk.calls_waiting() == [name]


def test_nothing_is_said_to_a_server_with_a_certificate_of_another_name(desk, papers):
	(_, certificate, key), _ = papers
	elsewhere = Application(certificate, key, host="127.0.0.2")
	name = desk.call(elsewhere.url(host="127.0.0.2"))
	assert desk.once()[0] == 1
	elsewhere.close()
	assert elsewhere.told == [] and desk.calls_waiting() == [name]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_nothing_older_than_tls_1_2_is_spoken(desk, papers):
	(_, certificate, key), _ = papers
	old = Application(certificate, key, least=ssl.TLSVersion.TLSv1, most=ssl.TLSVersion.TLSv1_1)
	name = desk.call(old.url())
	assert desk.once()[0] == 1
	old.close()
	assert old.told == [] and desk.calls_waiting() == [name]


def test_tls_1_2_and_1_3_are_spoken(desk, application, papers):
	(_, certificate, key), _ = papers
	older = Application(certificate, key, most=ssl.TLSVersion.TLSv1_2)
	desk.call(older.url())
	desk.call(application.url())
	assert desk.once()[0] == 0
	older.close()
	assert older.versions == ["TLSv1.2"] and application.versions == ["TLSv1.3"]


# --- what stands in the spool -------------------------------------------------------------------------------------------------


def test_what_is_no_call_is_set_aside(desk, application):
	mail = desk.calls / "1.ABC"
	mail.write_text(f"to: a@b\ntries: 0 next: 0\n\n{MAIL}")
	call = desk.spool / "2.ABC"
	call.write_text(f"call: {application.url()}\ntries: 0 next: 0\n\n{BODY}")
	desk.server()
	assert desk.once()[0] == 0
	assert desk.calls_bad() == ["1.ABC"] and desk.bad() == ["2.ABC"]
	assert application.told == [] and desk.arrived() == []


def test_it_makes_the_folder_when_there_is_none(desk):
	shutil.rmtree(desk.calls)
	assert desk.once()[0] == 0
	assert sorted(path.name for path in desk.calls.iterdir()) == ["bad", "keys", "new"]


def test_sigterm_ends_it_though_a_call_hangs(desk, application):
	desk.call_settings(timeout=60)
	desk.runs()
	name = desk.call(application.url("/hang"))
	wait_until(lambda: application.told, 10, "the call")
	desk.mailer.signal(signal.SIGTERM)
	assert desk.mailer.process.wait(20) == 0
	assert desk.calls_waiting() == [name] and desk.call_tries_and_next(name) == (0, 0)


def test_the_log_holds_no_token(desk, application):
	desk.call(application.url("/400"))
	desk.call(application.url())
	_, log = desk.once()
	assert "call_refused" in log and "call_sent" in log
	assert "logout_token" not in log and "eyJ" not in log


def test_calls_survive_kills_with_at_most_one_copy_for_each(desk, application):
	names = {desk.call(application.url(f"/told?{i}")) for i in range(60)}
	kills = 8
	for _ in range(kills):
		desk.mailer.begin()
		seen = len(application.told)
		wait_until(lambda: len(application.told) > seen or not desk.calls_waiting(), 10, "a call")
		desk.mailer.kill()
	assert desk.once()[0] == 0
	assert len(names) == 60 and len(set(application.paths())) == 60
	assert len(application.told) <= 60 + kills * 16 and desk.calls_bad() == []
