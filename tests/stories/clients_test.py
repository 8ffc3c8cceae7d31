# SPDX-License-Identifier: MIT
"""
Real programs as Debian and npm bring them, set up with what `latchkeyctl app snippet` prints, over TLS: Apache as a site and as an API,
Dovecot, Python with Authlib, Node with openid-client. nginx: oauth_loop_test.py.
"""
import imaplib
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote, urljoin

import pytest
import requests

from browser import Browser
from oauth import Application
from parts import port_is_free, wait_until
from steps import signed_in
from story import Private, audit, build_folder, port_block

MODULES = Path("/usr/lib/apache2/modules")
APACHE = ("mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "env", "headers", "dir")


class Town:
	"""A demo that speaks TLS, and programs of other people around it."""

	def __init__(self, folder):
		self.demo = Private(tls=True, staff=60)
		self.folder = folder
		self.ca_file = shutil.copy(self.demo.ca_file, folder / "ca.pem")  # where programs without rights may read it
		self.started = []
		self.ports = iter(range(port_block(), 65000))

	def port(self):
		return next(port for port in self.ports if port_is_free(port))

	def ctl(self, *words):
		done = subprocess.run([str(build_folder() / "latchkeyctl"), "--config", self.demo.config, *words], capture_output=True,
			text=True, timeout=60, check=False)
		assert done.returncode == 0, done.stdout + done.stderr
		return done.stdout

	def register(self, name, *words):
		"""Its secret, in force."""
		told = self.ctl("app", "add", name, *words)
		before = len(audit(self.demo, event="config_loaded"))
		os.kill(self.demo.pids.latchkeyd, signal.SIGHUP)
		wait_until(lambda: len(audit(self.demo, event="config_loaded")) > before, 10, "reload")
		return told.split()[1]

	def snippet(self, program, name, secret):
		return self.ctl("app", "snippet", program, name).replace("PUT-ITS-SECRET-HERE", secret)

	def start(self, port, *argv, **more):
		log = self.folder / f"{Path(argv[0]).name}-{port}.log"
		with log.open("wb") as out:
			self.started.append(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **more))
		wait_until(lambda: not port_is_free(port), 15, f"{argv[0]}: {log.read_text(errors='replace')}")

	def end(self):
		for process in self.started:
			process.terminate()
		for process in self.started:
			process.wait(10)
		return self.demo.end()


@pytest.fixture(scope="module")
def town(tmp_path_factory):
	one = Town(tmp_path_factory.mktemp("clients"))
	yield one
	words = one.end()
	assert not words, words


@pytest.fixture
def someone(town, totp):
	"""A browser in which somebody is signed in."""
	browser, person = Browser(town.demo.base_url, town.demo.ca_file), town.demo.person()
	signed_in(browser, person, totp)
	browser.person = person
	yield browser
	browser.close()


@pytest.fixture
def site():
	with requests.Session() as session:
		yield session


def trusting(town, **more):
	return os.environ | {"SSL_CERT_FILE": town.demo.ca_file, "REQUESTS_CA_BUNDLE": town.demo.ca_file,
		"NODE_EXTRA_CA_CERTS": town.demo.ca_file} | more


def visit(town, someone, site, address):
	"""As a browser goes, between the site and the sign-in, until a page comes: (status, text)."""
	for _ in range(8):
		if address.startswith(town.demo.base_url):
			page = someone.get(address)
			where = page.headers.get("location")
			if where is None:
				return page.status, page.main
			address = urljoin(town.demo.base_url, where)
		else:
			answer = site.get(address, allow_redirects=False, timeout=20)
			where = answer.headers.get("location")
			if where is None:
				return answer.status_code, answer.text
			address = urljoin(address, where)
	raise AssertionError(f"round and round: {address}")


def token_of(town, someone):
	"""An access token of whoever is signed in, held by the demo's own application."""
	app = Application(town.demo, "web")
	return app.tokens(app.ask(someone, scope="openid profile email groups"))["access_token"]


def another(token):
	"""As long, and nobody's."""
	return token[:20] + ("B" if token[20] == "A" else "A") + token[21:]


# --- Python and Node

def script_start(town, program, ending, *argv):
	port = town.port()
	name, file = f"{program}-site", town.folder / f"site{ending}"
	secret = town.register(name, "--redirect", f"http://127.0.0.1:{port}/done")
	file.write_text(town.snippet(program, name, secret))
	town.start(port, *argv, str(file), env=trusting(town, CLIENT_SECRET=secret), cwd=town.folder)
	return f"http://127.0.0.1:{port}/"


def test_python_with_authlib_signs_people_in(town, someone, site):
	address = script_start(town, "python", ".py", "/usr/bin/python3", "-B")
	status, text = visit(town, someone, site, address)
	assert status == 200 and text.split()[1] == someone.person.username, text


def test_node_with_openid_client_signs_people_in(town, someone, site):
	modules = Path(os.environ.get("LK_NODE", "nowhere"))
	assert (modules / "openid-client").is_dir(), "tests/run brings it"
	(town.folder / "node_modules").symlink_to(modules)
	major = int(subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout[1:].split(".")[0])
	more = ("--experimental-global-webcrypto",) if major < 20 else ()  # Debian 12's
	address = script_start(town, "node", ".mjs", "node", *more)
	status, text = visit(town, someone, site, address)
	assert status == 200 and text.split()[1] == someone.person.username, text


# --- Apache

def apache_start(town, port, settings):
	folder = town.folder / f"apache-{port}"
	(folder / "site" / "api").mkdir(parents=True)
	for page in ("index.html", "api/index.html"):
		(folder / "site" / page).write_text("a page of the site\n")
	(folder / "passphrase").write_text("some long random words for trying\n")
	settings = settings.replace("/etc/apache2/latchkey-passphrase", str(folder / "passphrase"))
	modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in APACHE)
	(folder / "httpd.conf").write_text(f"""{modules}
ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog /dev/stderr
User www-data
Group www-data
DocumentRoot {folder}/site
DirectoryIndex index.html
OIDCCABundlePath {town.ca_file}
{settings}
""")
	for path in (folder, *folder.parents[:3], *folder.rglob("*")):
		path.chmod(0o755 if path.is_dir() else 0o644)
	town.start(port, "/usr/sbin/apache2", "-f", str(folder / "httpd.conf"), "-DFOREGROUND")
	return f"http://127.0.0.1:{port}/"


def test_apache_lets_people_in_who_signed_in(town, someone, site):
	port = town.port()
	where = f"http://127.0.0.1:{port}/redirect_uri"
	secret = town.register("wiki", "--redirect", where, f"signed_out_uris=http://127.0.0.1:{port}/")
	address = apache_start(town, port, town.snippet("apache", "wiki", secret))
	first = site.get(address, allow_redirects=False, timeout=20)
	assert first.status_code == 302 and first.headers["location"].startswith(town.demo.base_url + "/authorize?")
	assert visit(town, someone, site, address) == (200, "a page of the site\n")
	status, text = visit(town, someone, site, f"{where}?logout={quote(address, safe='')}")
	assert status == 200 and "To continue to wiki" in text, "signed out everywhere and back at the site, which wants to know who it is"
	assert someone.get("/").status == 303


def test_apache_as_an_api_takes_tokens_and_no_others(town, someone, site):
	port = town.port()
	secret = town.register("files-api", "--kind", "resource_server")
	address = apache_start(town, port, town.snippet("apache-resource", "files-api", secret)) + "api/"
	token = token_of(town, someone)

	def asked(value):
		return site.get(address, headers={"Authorization": f"Bearer {value}"}, timeout=20).status_code

	assert asked(token) == 200 and asked(another(token)) == 401
	Application(town.demo, "web").post("/revoke", {"token": token})
	assert asked(token) == 401


# --- Dovecot

def dovecot_start(town, port, settings):
	folder = town.folder / "dovecot"
	(folder / "mail").mkdir(parents=True)
	main, _, ext = settings.partition("# --- /etc/dovecot/dovecot-latchkey.conf.ext")
	(folder / "ext").write_text(ext.partition("\n")[2].replace("/etc/ssl/certs/ca-certificates.crt", str(town.ca_file)))
	(folder / "conf").write_text(f"""protocols = imap
base_dir = {folder}/run
state_dir = {folder}/run
log_path = /dev/stderr
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
""" + main.replace("/etc/dovecot/dovecot-latchkey.conf.ext", str(folder / "ext")))
	for path in (folder, *folder.parents[:3], folder / "mail"):
		path.chmod(0o755)
	shutil.chown(folder / "mail", "mail", "mail")
	town.start(port, "/usr/sbin/dovecot", "-F", "-c", str(folder / "conf"))


@pytest.mark.parametrize("way", ("XOAUTH2", "OAUTHBEARER"))
def test_dovecot_lets_mail_programs_in_by_token(town, someone, way):
	if not hasattr(town, "imap"):
		town.imap = town.port()
		secret = town.register("mail", "--kind", "resource_server", "auth_method=post")
		dovecot_start(town, town.imap, town.snippet("dovecot", "mail", secret))
	user, token = someone.person.username, token_of(town, someone)

	def sign_in(value):
		text = f"user={user}\1auth=Bearer {value}\1\1" if way == "XOAUTH2" else f"n,a={user},\1auth=Bearer {value}\1\1"
		with imaplib.IMAP4("127.0.0.1", town.imap, timeout=20) as imap:
			answers = iter((text.encode(), b""))
			return imap.authenticate(way, lambda _: next(answers))[0]

	assert sign_in(token) == "OK"
	with pytest.raises(imaplib.IMAP4.error):
		sign_in(another(token))
