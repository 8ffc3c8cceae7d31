# SPDX-License-Identifier: MIT
"""
Hostile text in every place that takes any: fields, paths, queries, headers, names. It changes nothing, opens nothing, is shown as text, and
makes no line of its own in log, audit, mail or answer. The numbers are rows of SECURITY section 2.
"""
import concurrent.futures
import json
import socket
import subprocess
from email import policy
from email.parser import BytesParser
from urllib.parse import quote, urlsplit

import pytest

from steps import new_password, reset_proven, show_password
from story import audit, build_folder, mails

SCRIPT = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'"
TEXTS = {
	"html": SCRIPT, "quotes": "' OR '1'='1", "filter": "*)(uid=*))(|(uid=*", "filter star": "*", "filter byte": "\\2a\\00", "dn": "x,dc=example", "dn quote": "#x+y=\"z\";<>",
	"crlf": "a\r\nSet-Cookie: lk_session=x\r\n\r\n", "log": "a\n{\"event\":\"signin_done\"}", "line separators": "a\u2028b\u2029c\x85d", "escape": "\x1b[31mred\x07",
	"format": "%s%n%n%x%p%d{0}${jndi:ldap://127.0.0.1/}{{7*7}}", "right to left": "\u202eabc\u202c", "bom": "\ufeffadmin", "dots": "../../../etc/passwd",
	"long": "a" * 200, "wide": "ａｄｍｉｎ", "combining": "a" + "\u0301" * 60, "redis": "a\r\n*1\r\n$8\r\nFLUSHALL\r\n", "emoji": "🔑" * 30, "tab": "a\tb",
}
BYTES = {"nul": "a%00b", "nul first": "%00", "overlong": "%C0%AF", "overlong three": "%E0%80%AF", "surrogate": "%ED%A0%80", "cut": "%E2%82", "lone": "%FF%FE", "half escape": "%4",
	"no escape": "%zz", "too high": "%F4%90%80%80"}
PATHS = {"/signin": ("username", "password"), "/reset": ("username", "code"), "/recovery": ("username", "recovery"), "/unlock": ("username", "code")}


def key_of(http, path):
	return http.get(path).tree.all("input", name="form_key")[0].get("value")


def post_raw(http, path, body, **headers):
	return http.request("POST", path, body if isinstance(body, bytes) else body.encode(), {
		"Content-Type": "application/x-www-form-urlencoded", "Origin": http.base_url} | headers)


def log_is_whole(demo):
	"""Every line of the log is one object of ours, and the chain of the audit holds."""
	for line in demo.log("latchkeyd").split("\n"):
		if line:
			assert {"time", "level", "event", "text"} <= set(json.loads(line)), line
	done = subprocess.run([build_folder() / "latchkeyctl", "audit", "verify", "--config", demo.config], capture_output=True, text=True, timeout=60)
	assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", PATHS)
def test_hostile_text_in_a_field_is_a_name_nobody_has(demo, http, path):
	"""Rows 26, 62; F30: no 5xx, no other answer than an unknown name gets, nothing of it alive on the page."""
	key = key_of(http, path)
	before = len(audit(demo, event="signin_done"))

	def check(case):
		(what, text), hostile = case
		fields = {name: "000000" if name == "code" else "plain" for name in PATHS[path]} | {hostile: text}
		page = http.copy().post(path, fields | {"form_key": key}, base=path)
		page.browser.close()
		assert page.status in (200, 303, 400, 423), (what, hostile, page)
		if page.is_html:
			assert "<script>alert" not in page.body.decode() and page.tree.all("img", src="x") == [], what
			assert "alert(1)" not in "".join(node.text for node in page.tree.all("script")), what
		assert "lk_session" not in page.browser.cookies and page.headers.get("location") in (None, "/locked"), (what, page)

	with concurrent.futures.ThreadPoolExecutor(16) as pool:
		list(pool.map(check, [(case, hostile) for case in TEXTS.items() for hostile in PATHS[path]]))
	assert len(audit(demo, event="signin_done")) == before
	log_is_whole(demo)


@pytest.mark.parametrize("path", PATHS)
def test_bytes_that_are_no_text_are_refused_plainly(demo, http, path):
	"""Section 0.8: nothing is cut at a byte 0."""
	person, key = demo.staff[1], key_of(http, path)

	def check(case):
		(what, text), hostile = case
		values = {"username": person.username, "password": person.password, "code": "000000", "recovery": "ABCD-EFGH", "form_key": key}
		body = "&".join(f"{name}={quote(values[name]) + text if name == hostile else quote(values[name])}" for name in (*PATHS[path], "form_key"))
		page = post_raw(http.copy(), path, body)
		page.browser.close()
		assert page.status == 400 or page.headers.get("location") == "/start-again", (what, hostile, page)

	with concurrent.futures.ThreadPoolExecutor(16) as pool:
		list(pool.map(check, [(case, hostile) for case in BYTES.items() for hostile in (*PATHS[path], "form_key")]))


def test_forms_of_odd_shape_are_refused_plainly(demo, http):
	"""Twice, unknown, too long, too many, another type, nothing at all: 400 or 413, and no sign-in."""
	person, key = demo.person(), key_of(http, "/signin")
	good = f"form_key={key}&username={person.username}&password={quote(person.password)}"
	shapes = [good + f"&username={person.username}", good + "&password=x", good + "&admin=1", good + "&person_id=x", "&" * 5000, "=" * 100, good + "&" * 300,
		good + "".join(f"&f{i}=1" for i in range(500)), f"form_key={key}&username={'a' * 300}&password=x", f"form_key={key}&username=x&password={'a' * 2000}",
		good.replace("&", ";"), good.replace("username", "user%6eame"), good.replace("username", "USERNAME"), good.replace("username", "username[]"), good + "\0", good + "&code=000000"]
	for shape in shapes:
		page = post_raw(http, "/signin", shape)
		assert page.status in (400, 413) or page.headers.get("location") == "/start-again" or page.status == 200 and page.error, shape[:80]
	for kind in ("multipart/form-data; boundary=x", "multipart/form-data; boundary=" + "x" * 300, "multipart/form-data", "application/json", "text/plain", "", "application/x-www-form-urlencodedx", "a/b; c=\"d"):
		page = post_raw(http, "/signin", good, **{"Content-Type": kind})
		assert page.status in (400, 415) or page.headers.get("location") == "/start-again", kind
	for size in (9000, 65536, 65537, 1 << 20):
		try:
			assert post_raw(http, "/signin", good + "&x=" + "a" * size).status == 413, size
		except (ConnectionError, OSError):  # told and cut before all was sent
			http.close()
	assert not audit(demo, event="password_shown", username=person.username)


ODD_PATHS = ("/signin/..", "/signin/../account", "//", "//account", "/./account", "/account/", "/account;x", "/account%2F", "/account%00", "/%61ccount", "/account%20", "/ACCOUNT",
	"/assets/../latchkey.conf", "/assets/..%2f..%2fetc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets//etc/passwd", "/assets/\\..\\x", "/%", "/%zz", "/%c0%ae%c0%ae/", "/" + "a" * 4000,
	"/" + "%41" * 500, "/signin?" + "a" * 4000, "/signin?" + "&" * 2000, "/signin?next", "/signin?=&=&", "/signin?next=%00&application=%ff", "/.git/config", "/admin", "/debug", "/metrics", "/server-status")


def test_no_odd_path_opens_a_page_that_is_closed(demo, http):
	"""Rows 11, 33, 36, 41: 400, 404, 414 or the plain way to sign in; never 5xx, never somebody's page."""
	for path in ODD_PATHS:
		for method in ("GET", "HEAD", "POST"):
			http.close()
			try:
				page = http.request(method, path, b"" if method == "POST" else None, {"Origin": http.base_url} if method == "POST" else None)
			except ConnectionError:  # more than the library's memory for one head holds: cut
				assert "&&" in path
				continue
			assert page.status in (200, 303, 400, 404, 405, 413, 414, 431), (path, page)
			if page.status == 200:
				assert path.startswith("/signin?"), path
			if page.status == 303:
				assert page.headers["location"] in ("/signin", "/start-again", "/session-ended"), path
			assert b"root:" not in page.body and b"bind_password" not in page.body


def test_a_hostile_path_is_shown_as_text(demo, http):
	for text in (SCRIPT, "javascript:alert(1)", "\" onmouseover=alert(1) x=\"", "&#60;script&#62;"):
		page = http.get("/" + quote(text, safe=""))
		assert page.status in (400, 404)
		assert "<script>alert" not in page.body.decode() and "onmouseover=alert(1) x=" not in page.body.decode().replace("&quot;", "")


HOSTS = ("evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "127.0.0.1@evil.example", "127.0.0.1:{port}.evil.example", "localhost.evil.example", "127.0.0.1:{port}@evil.example", "[::1]", "")


def test_no_forged_host_reaches_a_mail_or_a_way(demo, http, totp):
	"""Rows 20, 22: Host refused, every forwarding header ignored; what is mailed names our address only."""
	port = urlsplit(demo.base_url).port
	for host in HOSTS:
		page = http.request("GET", "/signin", headers={"Host": host.format(port=port)})
		assert page.status in (400, 421) and "evil" not in str(page.headers) and "evil.example" not in page.body.decode(), host
	forged = {name: "evil.example" for name in ("X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-HTTP-Host-Override", "X-Original-URL", "X-Rewrite-URL", "Forwarded", "X-Forwarded-Proto")}
	forged |= {"Forwarded": "for=1.2.3.4;host=evil.example;proto=https", "X-Forwarded-For": "203.0.113.66", "Referer": "https://evil.example/"}
	person = demo.person()
	http.headers = {name: value for name, value in forged.items() if name != "Referer"}
	before = len(mails(demo))
	page = reset_proven(http, person, totp).form("new-password").send(new_password=new_password())
	assert page.headers["location"] == "/reset/done" and "evil" not in str(page.headers) + page.follow().body.decode()
	for mail in mails(demo, count=before + 1)[before:]:
		assert b"evil" not in mail.as_bytes() and b"203.0.113.66" not in mail.as_bytes()
	changed = audit(demo, event="password_changed", username=person.username)
	assert [line["address"] for line in changed] == ["127.0.0.1"]


@pytest.mark.parametrize("value", ("a", "", ",", "203.0.113.5, 198.51.100.1", "127.0.0.1", "::1", "a" * 3000, "1.2.3.4\t", "unknown", "' or 1", "[::ffff:1.2.3.4]:99999", ", ".join(["1.1.1.1"] * 200)))
def test_no_forwarding_header_skips_a_check_or_a_count(demo, http, value):
	"""Row 14: who is not a listed proxy cannot say who they are; the password is asked all the same."""
	person = demo.staff[2]
	http.headers = {"X-Forwarded-For": value, "X-Real-IP": value, "Client-IP": value}
	page = show_password(http, person, f"not right {value[:20]}")
	assert page.status in (200, 303) and "lk_session" not in http.cookies
	refused = audit(demo, event="signin_refused", username=person.username)
	assert refused and {line["address"] for line in refused} == {"127.0.0.1"}


def test_a_hostile_browser_name_is_told_plainly_in_mails_and_pages(demo, http, totp):
	"""Rows 39: User-Agent and languages end up in mails, the account page and the audit."""
	person = demo.person()
	http.headers = {"User-Agent": f"Firefox/1 {SCRIPT} Bcc: all@evil.example %0d%0aBcc:x", "Accept-Language": "cy;q=9,\"><script>,en-" + "x" * 400}
	before = len(mails(demo))
	reset_proven(http, person, totp).form("new-password").send(new_password=new_password())
	page = http.get("/account")
	assert page.status == 200 and "alert(1)" not in page.body.decode()
	for mail in mails(demo, count=before + 1)[before:]:
		assert mail["Bcc"] is None and b"alert(1)" not in mail.as_bytes()
	log_is_whole(demo)


def test_a_hostile_name_in_the_directory_is_text_everywhere(demo, http, totp):
	"""Row 39: HTML, CRLF and format strings as somebody's display name and mail: page, mail and audit stay as they are."""
	import ldap
	from steps import signed_in
	person = demo.person()
	directory = ldap.initialize(demo.ldap.uri)
	directory.simple_bind_s(demo.ldap.admin_dn, demo.ldap.admin_password)
	dn = f"uid={person.username},ou=people,{demo.ldap.base_dn}"
	hostile = f"{SCRIPT} %s%n {{{{display_name}}}} \u202e Bob\r\nBcc: all@evil.example"
	directory.modify_s(dn, [(ldap.MOD_REPLACE, "displayName", hostile.encode()), (ldap.MOD_REPLACE, "cn", hostile.encode())])
	page = signed_in(http, person, totp)
	assert "<script>alert" not in page.body.decode() and page.tree.all("img", src="x") == []
	before = len(mails(demo))
	page = reset_proven(http.other(), person, totp).form("new-password").send(new_password=new_password())
	for mail in mails(demo, count=before + 1)[before:]:
		parsed = BytesParser(policy=policy.default).parsebytes(mail.as_bytes())
		assert parsed["Bcc"] is None and "evil" not in str(parsed["To"]) + str(parsed["Subject"])
	log_is_whole(demo)


def test_no_answer_says_what_runs_here(demo, http):
	"""SECURITY 3.4: no versions, no internals, whatever is asked."""
	for path in ("/", "/signin", "/nothing", "/%zz", "/healthz", "/readyz"):
		page = http.get(path)
		text = (str(page.headers) + page.body.decode()).lower()
		for word in ("microhttpd", "openldap", "slapd", "redis", "sanitizer", "src/", ".c:", "0.9.", demo.ldap.base_dn):
			assert word not in text, (path, word)
	with socket.create_connection((urlsplit(demo.base_url).hostname, urlsplit(demo.base_url).port), 5) as there:
		there.sendall(b"BAD\0REQUEST\r\n\r\n")
		assert b"microhttpd" not in there.recv(4000).lower()
