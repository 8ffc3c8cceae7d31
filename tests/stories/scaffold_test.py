# SPDX-License-Identifier: MIT
"""What stories stand on: a browser that is strict, codes that are new, people nobody has met, pages as Chromium shows them."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest

import story
from browser import Browser, Form
from codes import Totp, code_at
from html_tree import PageFault, tree

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Error: Sign in</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>
<div role="alert"><h2>There is a problem</h2><ul><li><a href="#user">Check &amp; try</a></li></ul></div>
<h1><span class="caption">To continue to Payroll</span>Sign in</h1>
<form method="post" action="/signin"><input type="hidden" name="form_key" value="k1">
<label for="user">Staff ID</label><input id="user" name="username" type="text" value="SM1">
<label for="password">Password</label><input id="password" name="password" type="password">
<input type="checkbox" name="trust" id="trust" value="yes"><label for="trust">Trust</label>
<button type="submit">Sign in</button></form>
<p>Reference <b>7Q4M\u20112XPD</b></p><p><a href="/next">Go on</a></p><p id="scripts"></p>
<script>document.getElementById("scripts").textContent = "with scripts"</script>
</main></body></html>"""


class Handler(BaseHTTPRequestHandler):
	protocol_version = "HTTP/1.1"

	def do_GET(self):
		if self.path == "/forgotten-cookie":
			return self.answer(200, "", [("Set-Cookie", "lk=1; Path=/")])
		return self.answer(200, PAGE if self.path != "/cookies" else self.headers.get("Cookie", "none"))

	def do_POST(self):
		sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
		self.server.sent = parse_qs(sent, keep_blank_values=True)
		return self.answer(303, "", [("Location", "/next"), ("Set-Cookie", "lk=abc; Path=/; HttpOnly; SameSite=Lax")])

	def answer(self, status, text, more=()):
		body = text.encode()
		self.send_response(status)
		self.send_header("Content-Type", "text/html; charset=utf-8")
		self.send_header("Content-Length", str(len(body)))
		for name, value in more:
			self.send_header(name, value)
		self.end_headers()
		self.wfile.write(body)

	def log_message(self, *_):
		pass


@pytest.fixture
def server():
	there = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
	there.daemon_threads = True
	threading.Thread(target=there.serve_forever, args=(0.02,), daemon=True).start()
	there.url = f"http://127.0.0.1:{there.server_port}"
	yield there
	there.shutdown()
	there.server_close()


@pytest.fixture
def page(server):
	return Browser(server.url).get("/signin")


def test_a_page_says_what_a_person_sees(page):
	assert (page.heading, page.caption, page.language) == ("Sign in", "To continue to Payroll", "en")
	assert (page.error, page.reference) == ("Check & try", "7Q4M-2XPD")
	assert page.link("Go on") == "/next"


def test_a_form_sends_what_it_held_and_what_was_filled_in(server, page):
	answer = page.form().send(password="a b&c", trust=True)
	assert server.sent == {"form_key": ["k1"], "username": ["SM1"], "password": ["a b&c"], "trust": ["yes"]}
	assert answer.status == 303 and answer.follow().path == "/next"


def test_a_box_not_ticked_is_not_sent(server, page):
	page.form(field="trust").send(password="x")
	assert "trust" not in server.sent


def test_a_field_that_is_not_there_cannot_be_filled(page):
	with pytest.raises(AssertionError, match="no field 'code'"):
		page.form().fill(code="123456")


def test_cookies_come_back_and_belong_to_one_browser(server, page):
	page.form().send(password="x")
	assert page.browser.get("/cookies").text == "lk=abc"
	assert page.browser.copy().get("/cookies").text == "lk=abc"
	assert page.browser.other().get("/cookies").text == "none"


def test_a_cookie_scripts_could_read_is_a_fault(server):
	with pytest.raises(PageFault, match="HttpOnly, SameSite"):
		Browser(server.url).get("/forgotten-cookie")


def test_nothing_leads_elsewhere(page):
	with pytest.raises(AssertionError, match="leads away"):
		page.browser.get("http://example.org/")


def test_only_a_303_is_followed(page):
	with pytest.raises(AssertionError, match="leads nowhere"):
		page.follow()


@pytest.mark.parametrize("text, fault", [
	("<p><b>a</p>", "</p> where <b> is open"),
	("<div>", "never closed"),
	('<p id="a"></p><p id="a"></p>', "'a' stands twice"),
	('<p id="a" id="b"></p>', "attribute twice"),
])
def test_pages_that_browsers_mend_are_faults(text, fault):
	with pytest.raises(PageFault, match=fault):
		tree(text)


def test_a_list_may_leave_its_ends_out():
	assert [line.text for line in tree("<ul><li>a<li>b</ul>").all("li")] == ["a", "b"]


def test_a_field_without_a_label_is_a_fault():
	node = tree('<form action="/x"><label for="b">B</label><input name="a" id="a"></form>')
	with pytest.raises(PageFault, match="no label"):
		Form(SimpleNamespace(path="/", tree=node), node.first("form"))


@pytest.mark.parametrize("at_s, code", [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")])
def test_codes_are_those_of_rfc_6238(at_s, code):
	assert code_at(SECRET, at_s // 30) == code


class Clock:
	def __init__(self, now_s):
		self.now_s = now_s

	def now(self):
		return self.now_s

	def sleep(self, seconds):
		self.now_s += seconds


def test_a_code_is_given_once_and_then_the_next_is_waited_for():
	clock = Clock(1000.0)
	totp = Totp(clock.now, clock.sleep)
	assert totp(SECRET) == code_at(SECRET, 33) and clock.now_s == 1000.0
	assert totp("A" * 32) == code_at("A" * 32, 33) and clock.now_s == 1000.0
	assert totp(SECRET) == code_at(SECRET, 34) and clock.now_s == 1000.0
	assert totp(SECRET) == code_at(SECRET, 35) and clock.now_s == pytest.approx(1020, abs=0.1)


def test_a_wrong_code_is_none_of_the_near_ones():
	totp = Totp(Clock(1e9).now)
	assert totp.wrong(SECRET) not in {totp.off(SECRET, steps) for steps in range(-40, 41)}


@pytest.fixture
def told(tmp_path):
	def somebody(name, state):
		return {"username": name, "state": state}
	(tmp_path / "mail").mkdir()
	(tmp_path / "mail" / "1").write_text("Delivered-To: a@maps.example\nTo: a@maps.example\nSubject: one\n\nx\n")
	(tmp_path / "mail" / "2").write_text("Delivered-To: b@maps.example\nTo: b@maps.example\nSubject: two\n\nx\n")
	(tmp_path / "audit.log").write_text('{"event":"signin","username":"a"}\n{"event":"signout","username":"a"}\n')
	(tmp_path / "demo.json").write_text(json.dumps({
		"staff": [somebody("first", "ok"), somebody("a", "ok"), somebody("l", "locked"), somebody("b", "ok")],
		"agents": [], "pids": {"redis": 7}, "mail_dir": str(tmp_path / "mail"), "audit_log": str(tmp_path / "audit.log")}))
	return story.Told(tmp_path)


def test_nobody_is_met_twice(told):
	assert [told.person().username, told.person("locked").username, told.person("ok").username] == ["a", "l", "b"]
	with pytest.raises(AssertionError, match="nobody with state 'ok'"):
		told.person("ok")


def test_the_contract_reads_as_attributes(told):
	assert told.pids.redis == 7 and told.staff[0].username == "first"


def test_mails_and_audit_are_found_by_whom_and_what(told):
	assert [str(mail["Subject"]) for mail in story.mails(told, to="b@maps.example")] == ["two"]
	assert len(story.mails(told, count=2)) == 2
	assert [line["event"] for line in story.audit(told, event="signout")] == ["signout"]


@pytest.mark.parametrize("script", [True, False])
def test_chromium_runs_scripts_only_where_they_are_on(server, chromium, script):
	driver = chromium(script=script, width=320, height=256)
	driver.get(server.url + "/")
	shown = driver.find_element("tag name", "main").text
	assert ("with scripts" in shown) == script
	assert driver.execute_script("return [innerWidth, innerHeight]") == [320, 256]


@pytest.mark.parametrize("dark", [True, False])
def test_chromium_is_dark_or_light_and_axe_sees_faults(server, chromium, axe, dark):
	driver = chromium(dark=dark)
	driver.get(server.url + "/")
	assert driver.execute_script("return matchMedia('(prefers-color-scheme: dark)').matches") == dark
	assert axe(driver) == []
	driver.execute_script("document.querySelector('label').remove(); document.querySelector('title').remove()")
	assert {line.split(":")[0] for line in axe(driver)} == {"document-title", "label"}
