# SPDX-License-Identifier: MIT
"""
A site that knows nothing of signing in, behind each of the web servers of contrib/apps that ask /forward-auth, set up with what
`latchkeyctl app snippet` prints, over TLS. How long it lasts: oauth_loop_test.py.
"""
import json
import re
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from town import site, someone, town, trusting, visit  # noqa: F401

TOLD = ("Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups", "X-Latchkey-Sub", "X-Latchkey-Department")
# Remote_User is Remote-User to every site behind CGI, WSGI and the like.
FORGED = {name: "root" for name in TOLD} | {name.replace("-", "_"): "root" for name in TOLD} | {"X-Latchkey_Sub": "root"}
# What each answers to a stranger's GET, and how it says that Latchkey does not answer.
PROGRAMS = {"nginx": (302, 500), "haproxy": (302, 503), "caddy": (401, 502), "traefik": (401, 500)}


class Behind(ThreadingHTTPServer):
	"""The site itself: answers with what it was asked."""

	def __init__(self):
		self.asked = []
		super().__init__(("127.0.0.1", 0), BehindHandler)
		threading.Thread(target=self.serve_forever, daemon=True).start()


class BehindHandler(BaseHTTPRequestHandler):
	protocol_version = "HTTP/1.1"

	def do_GET(self):
		body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
		asked = {"method": self.command, "path": self.path, "body": body.decode(), "headers": self.headers.items()}
		self.server.asked.append(asked)
		answer = json.dumps(asked).encode()
		self.send_response(200)
		self.send_header("Content-Length", str(len(answer)))
		self.end_headers()
		self.wfile.write(answer)

	do_POST = do_GET

	def log_message(self, *_):
		pass


# --- the web servers: each is handed the sample, and starts with it


def nginx_start(town, folder, port, sample):
	certificate, key = pair(town)
	(folder / "nginx.conf").write_text(f"""
daemon off; error_log {folder}/error.log; pid {folder}/pid; user root;
events {{ worker_connections 64; }}
http {{
	access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
	fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
	server {{
		listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};
{sample}
	}}
}}
""")
	town.start(port, "nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"))


def haproxy_start(town, folder, port, sample):
	certificate, key = pair(town)
	(folder / "site.pem").write_text(certificate.read_text() + key.read_text())
	main, _, script = sample.partition("# --- /etc/haproxy/latchkey.lua ---\n")
	(folder / "latchkey.lua").write_text(script)
	(folder / "haproxy.cfg").write_text("defaults\n\ttimeout connect 5s\n\ttimeout client 30s\n\ttimeout server 30s\n\n" + main
		.replace("/etc/haproxy/latchkey.lua", str(folder / "latchkey.lua")).replace("/etc/haproxy/site.pem", str(folder / "site.pem"))
		.replace("bind :443 ", f"bind 127.0.0.1:{port} ").replace("abns@latchkey-asks", f"abns@latchkey-asks-{port}"))
	(folder / "latchkey.lua").write_text(script.replace("abns@latchkey-asks", f"abns@latchkey-asks-{port}"))
	town.start(port, "haproxy", "-db", "-f", str(folder / "haproxy.cfg"))


def caddy_start(town, folder, port, sample):
	certificate, key = pair(town)
	sample, count = re.subn(r"^(https://.* \{)$", rf"\1\n\ttls {certificate} {key}", sample, flags=re.MULTILINE)
	assert count == 1
	(folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + sample)
	town.start(port, "caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile",
		env=trusting(town, HOME=str(folder), XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder)))


class AsTraefik(ThreadingHTTPServer):
	"""
	Debian has none. Its ForwardAuth as its manual of version 3 tells: asks by GET with the headers it got, those that say what is wanted in
	place of what a browser said; an answer of 2xx lets in, with the headers of authResponseHeadersRegex in place of the browser's own;
	every other is passed on as it is; none is 500.
	"""

	def __init__(self, town, port, sample):
		self.address = re.search(r'address: "(.*)"', sample)[1]
		self.told = re.compile(re.search(r'authResponseHeadersRegex: "(.*)"', sample)[1])
		self.urls = re.findall(r'servers: \[\{url: "(.*)"\}\]', sample)
		self.town = town
		super().__init__(("127.0.0.1", port), AsTraefikHandler)
		context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		context.load_cert_chain(*pair(town))
		self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
		threading.Thread(target=self.serve_forever, daemon=True).start()


class AsTraefikHandler(BaseHTTPRequestHandler):
	protocol_version = "HTTP/1.1"

	def do_GET(self):
		self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
		try:
			self.passed_on(self.answer())
		except requests.ConnectionError:
			self.send_error(500)

	do_POST = do_GET

	def answer(self):
		headers, server = self.headers.items(), self.server
		if self.path.startswith("/.latchkey/"):
			return self.ask(self.command, server.urls[0] + self.path, headers, Host=self.headers["Host"])
		asked = [one for one in headers if one[0].title() not in ("Content-Length", "X-Forwarded-Method", "X-Forwarded-Uri")]
		asked += [("X-Forwarded-Method", self.command), ("X-Forwarded-Uri", self.path)]
		answer = self.ask("GET", server.address, asked)
		if answer.status_code // 100 != 2:
			return answer
		headers = [one for one in headers if not server.told.search(one[0])]
		headers += [one for one in answer.headers.items() if server.told.search(one[0])]
		return self.ask(self.command, server.urls[1] + self.path, headers, Host=self.headers["Host"])

	def ask(self, method, address, headers, **more):
		own = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": self.headers["Host"], "X-Forwarded-For": self.client_address[0]}
		headers = {name: value for name, value in headers if name.title() not in ("Host", "Connection", *own)} | own | more
		body = None if method == "GET" else self.body
		with session_new(self.server.town) as web:
			return web.request(method, address, headers=headers, data=body, allow_redirects=False, timeout=20)

	def passed_on(self, answer):
		self.send_response(answer.status_code)
		for name, value in answer.raw.headers.items():  # Set-Cookie stands twice
			if name.title() not in ("Connection", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Date", "Server"):
				self.send_header(name, value)
		self.send_header("Content-Length", str(len(answer.content)))
		self.end_headers()
		self.wfile.write(answer.content)

	def log_message(self, *_):
		pass


def traefik_start(town, _folder, port, sample):
	AsTraefik(town, port, sample)


STARTS = {"nginx": nginx_start, "haproxy": haproxy_start, "caddy": caddy_start, "traefik": traefik_start}


def session_new(town):
	"""Trusts the demo's CA and nobody else."""
	session = requests.Session()
	session.verify, session.trust_env = str(town.ca_file), False
	return session


def pair(town):
	"""Certificate and key for localhost."""
	folder = town.demo.folder / "tls"
	return folder / "certificate.pem", folder / "key.pem"


class Front:
	"""A web server in front of a site."""

	def __init__(self, town, folder, program, more=(), is_cut_off=False):
		self.behind, self.port = Behind(), town.port()
		self.url, self.name = f"https://localhost:{self.port}", f"{program}-{self.port}"
		town.register(self.name, "--redirect", f"{self.url}/.latchkey/callback", f"hosts=localhost:{self.port}", "pkce=required", *more)
		sample = town.snippet(program, self.name, "").replace("/etc/ssl/certs/ca-certificates.crt", str(town.ca_file))
		assert "SITE" not in sample and sample.count("127.0.0.1:8080") == 1
		sample = sample.replace("127.0.0.1:8080", f"127.0.0.1:{self.behind.server_port}")
		if is_cut_off:
			sample = re.sub(r"(?<=//)" + re.escape(there(town)), "localhost:1", sample)
			sample = sample.replace(f"server latchkey {there(town)}", "server latchkey localhost:1")
		(folder / self.name).mkdir()
		STARTS[program](town, folder / self.name, self.port, sample)


def there(town):
	return town.demo.base_url.removeprefix("https://")


@pytest.fixture(params=STARTS)
def program(request):
	return request.param


@pytest.fixture
def at_site(town):
	with session_new(town) as session:
		yield session


def told(asked):
	"""Who it says comes, in whatever spelling a site takes."""
	return {name.title(): value for name, value in asked["headers"] if name.title().replace("_", "-") in TOLD}


# --- what people meet


def test_who_comes_is_told_and_nobody_else_is_believed(town, someone, at_site, program, tmp_path):
	"""Without a cookie away to the sign-in; there and back; who it is, whatever was forged; what a form sent arrives; and out."""
	front = Front(town, tmp_path, program)
	first = at_site.get(front.url + "/page?a=b", headers=FORGED, allow_redirects=False, timeout=20)
	assert first.status_code == PROGRAMS[program][0]
	assert first.headers["location"].startswith(front.url + "/.latchkey/start?to=%2Fpage%3Fa%3Db") and not front.behind.asked
	status, text = visit(town, someone, at_site, front.url + "/page?a=b")
	asked = json.loads(text)
	assert (status, asked["method"], asked["path"]) == (200, "GET", "/page?a=b")
	plain = told(asked)
	assert plain["Remote-User"] == someone.person.username and set(plain) == set(TOLD)
	sent = "a=" + "b" * 20000
	answer = at_site.post(front.url + "/save", data=sent, headers=FORGED, timeout=20)
	asked = answer.json()
	assert (answer.status_code, asked["method"], asked["path"], asked["body"]) == (200, "POST", "/save", sent)
	assert "root" not in told(asked).values() and told(asked) == plain
	before = len(front.behind.asked)
	with session_new(town) as stranger:
		for headers in ({}, {"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"X-Original-URL": "https://evil.example/"},
				{"Cookie": "__Host-lk_forward=lk_fw_" + "A" * 65}):
			stranger.get(front.url + "/page", headers=FORGED | headers, allow_redirects=False, timeout=20)
			stranger.post(front.url + "/page", data="a=b", headers=FORGED | headers, allow_redirects=False, timeout=20)
	assert len(front.behind.asked) == before, "nobody got there"
	someone.get("/").form("form_key", action="/signout").send()
	began = time.monotonic()
	while at_site.post(front.url + "/save", data="a=b", allow_redirects=False, timeout=20).status_code == 200:
		assert time.monotonic() - began < 1


def test_who_may_not_from_there_reads_why(town, at_site, program, tmp_path):
	front = Front(town, tmp_path, program, ("networks=192.0.2.0/24",))
	answer = at_site.get(front.url + "/page", allow_redirects=False, timeout=20)
	assert answer.status_code == 403 and "location" not in answer.headers and not front.behind.asked
	assert program == "nginx" or "<h1" in answer.text, "nginx shows a page of its own"


def test_while_latchkey_does_not_answer_nobody_gets_in(town, at_site, program, tmp_path):
	front = Front(town, tmp_path, program, is_cut_off=True)
	for headers in ({}, FORGED, {"Cookie": "__Host-lk_forward=lk_fw_" + "A" * 65}):
		answer = at_site.get(front.url + "/page", headers=headers, allow_redirects=False, timeout=20)
		assert answer.status_code == PROGRAMS[program][1], answer.text
	assert not front.behind.asked
