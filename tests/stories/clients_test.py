# SPDX-License-Identifier: MIT
"""
Real programs as Debian and npm bring them, set up with what `latchkeyctl app snippet` prints, over TLS: Apache as a site and as an API,
Dovecot, Python with Authlib, Node with openid-client, oidc_child of SSSD. nginx and others in front of a site: forward_test.py.
"""
import imaplib
import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from oauth import Application
from parts import wait_until
from town import site, someone, town, trusting, visit  # noqa: F401

MODULES = Path("/usr/lib/apache2/modules")
APACHE = ("mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "env", "headers", "dir")


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


def test_apache_hears_that_somebody_has_to_go(town, someone, site):
	"""It asks nobody at each request: whoever is closed or signed out is told to it."""
	port = town.port()
	where = f"http://127.0.0.1:{port}/redirect_uri"
	secret = town.register("forms", "--redirect", where, f"backchannel_logout_uri={where}?logout=backchannel")
	address = apache_start(town, port, town.snippet("apache", "forms", secret))
	assert visit(town, someone, site, address) == (200, "a page of the site\n")
	assert site.get(address, allow_redirects=False, timeout=20).status_code == 200
	someone.get("/").form("form_key", action="/signout").send()
	wait_until(lambda: site.get(address, allow_redirects=False, timeout=20).status_code == 302, 5, "out of the site")


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


# --- SSSD: Linux hosts sign people in by a code on their phone

OIDC_CHILD = "/usr/libexec/sssd/oidc_child"


def answered(someone, told, answer="allow"):
	"""What the person says, on the page the address in the second line of oidc_child leads to."""
	word, _, rest = told.splitlines()[1].partition(" ")
	assert word == "oauth2"
	parts = urlsplit(json.loads(rest)["verification_uri_complete"])
	form = someone.get(f"{parts.path}?{parts.query}").form("user_code")
	form.values["answer"] = answer
	page = form.send().follow()
	assert (page.heading == "You approved the sign-in") == (answer == "allow")


def child(town, *words):
	return subprocess.Popen([OIDC_CHILD, "--logger=stderr", f"--ca-db={town.ca_file}", *words], stdin=subprocess.PIPE,
		stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process, sent=""):
	out, err = process.communicate(sent, 60)
	return process.returncode, out, err


def test_sssd_asks_for_a_code_and_waits_for_the_yes(town, someone):
	"""As the sample says, line by line: a host that shows who it is."""
	secret = town.register("hosts", "--kind", "web", "auth_method=post", "device=yes")
	(town.folder / "hosts.secret").write_text(secret + "\n")
	_, _, lines = town.snippet("sssd", "hosts", secret).partition("# --- test")
	lines = lines.partition("\n")[2].replace("/etc/hosts.secret", str(town.folder / "hosts.secret"))
	lines = lines.replace("/etc/ssl/certs/ca-certificates.crt", str(town.ca_file)).splitlines()
	shell = ["sh", "-eu", "-c"]
	done = subprocess.run([*shell, "\n".join(lines[:-1])], cwd=town.folder, capture_output=True, text=True, timeout=60, check=True)
	waits = subprocess.Popen([*shell, "\n".join(line for line in lines if "get-device-code" not in line)], cwd=town.folder,
		stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
	answered(someone, done.stdout)
	status, who, wrong = ended(waits, None)
	assert (status, who) == (0, someone.person.username), wrong


def test_a_host_that_cannot_keep_a_secret_does_without(town, someone):
	"""As FreeIPA's KDC calls it: every address by itself. A no lets nobody in."""
	town.register("hosts-public", "--kind", "spa", "device=yes")
	issuer = town.demo.issuer
	words = ("--client-id=hosts-public", f"--device-auth-endpoint={issuer}/device_authorization", f"--token-endpoint={issuer}/token",
		f"--userinfo-endpoint={issuer}/userinfo", f"--jwks-uri={issuer}/jwks.json", "--scope=openid profile")
	for answer in ("allow", "deny"):
		status, told, wrong = ended(child(town, *words, "--get-device-code"))
		assert status == 0, wrong
		waits = child(town, *words, "--get-access-token", "--user-identifier-attribute=sub")
		answered(someone, told, answer)
		status, who, wrong = ended(waits, told.splitlines()[0])
		assert (status == 0, bool(who)) == (answer == "allow", answer == "allow"), wrong
