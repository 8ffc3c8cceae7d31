# SPDX-License-Identifier: MIT
"""
Registered applications: the demo's own five, and those of --application. latchkeyctl app import makes their files, as it does in
the field.
"""
import json
import re
import secrets
import subprocess

from parts import Failed

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

# What the demo registers, in the names of RFC 7591, and of application.def where that has none.
SHIPPED = (
	("web", {
		"client_id": "payroll", "client_name": "Payroll and Expenses", "client_uri": "https://payroll.example/",
		"redirect_uris": ["http://127.0.0.1:9101/callback"], "grant_types": ["authorization_code", "refresh_token", DEVICE],
		"post_logout_redirect_uris": ["http://127.0.0.1:9101/"],
		"token_endpoint_auth_method": "client_secret_basic", "description": "Payslips, expenses and pensions"}),
	("spa", {
		"client_id": "rooms", "client_name": "Room booking", "client_uri": "https://rooms.example/",
		"redirect_uris": ["http://127.0.0.1:9102/callback"], "grant_types": ["authorization_code", "refresh_token", DEVICE],
		"post_logout_redirect_uris": ["http://127.0.0.1:9102/"], "id_token_signed_response_alg": "ES256",
		"token_endpoint_auth_method": "none", "description": "Meeting rooms and desks"}),
	("robot", {
		"client_id": "night-transfer", "client_name": "Nightly payroll transfer", "redirect_uris": [],
		"grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_basic",
		"scope": "payslips.read payslips.send", "owner": "Payroll team, Shared Services",
		"purpose": "Sends payslips to the document store each night"}),
	("resource_server", {
		"client_id": "documents", "client_name": "Documents service", "redirect_uris": [], "grant_types": [],
		"token_endpoint_auth_method": "client_secret_basic", "takes": "everyone", "resources": ["https://documents.example"]}),
	("password_only", {
		"client_id": "handbook", "client_name": "Staff handbook", "client_uri": "https://handbook.example/",
		"redirect_uris": ["http://127.0.0.1:9103/callback"], "grant_types": ["authorization_code"],
		"token_endpoint_auth_method": "client_secret_basic", "description": "Leave, pay bands and rules"}),
)


def read(path):
	"""A file with one application, or a list of them."""
	try:
		found = json.loads(path.read_text())
	except (OSError, ValueError) as error:
		raise Failed(f"--application {path}: {error}") from error
	found = found if isinstance(found, list) else [found]
	if not all(isinstance(one, dict) for one in found):
		raise Failed(f"--application {path}: not an object")
	return found


def completed(metadata):
	"""With an id, and a secret where one is needed."""
	done = dict(metadata)
	done.setdefault("client_name", done.get("client_id", "An application"))
	done.setdefault("client_id", re.sub(r"[^a-z0-9]+", "-", done["client_name"].lower()).strip("-"))
	if not re.fullmatch(r"[A-Za-z0-9._~-]{1,100}", done["client_id"]):
		raise Failed(f"client_id {done['client_id']!r}: letters, digits and ._~- only")
	if done.get("token_endpoint_auth_method") in ("none", "private_key_jwt"):
		done["client_secret"] = None
	elif not done.get("client_secret"):
		done["client_secret"] = "lk_cs_" + secrets.token_urlsafe(32)
	return done


def write_all(ctl, conf, paths):
	"""Registers all; gives what demo.json lists."""
	wanted = {metadata["client_id"]: completed(dict(metadata, kind=kind)) for kind, metadata in SHIPPED}
	for path in paths:
		# One of the demo's own may be somebody else's.
		wanted |= {one["client_id"]: one for one in map(completed, read(path))}
	wanted = list(wanted.values())
	done = subprocess.run([ctl, "--config", conf, "--json", "--quiet", "app", "import", "-"], input=json.dumps(wanted),
		capture_output=True, text=True, check=False)
	if done.returncode != 0:
		raise Failed(f"latchkeyctl app import: {done.stderr}")
	kinds = {one["client_id"]: one["kind"] for one in json.loads(done.stdout)["applications"]}
	return [{"client_id": one["client_id"], "client_secret": one["client_secret"],
		"redirect_uris": one.get("redirect_uris", []), "kind": kinds[one["client_id"]]} for one in wanted]
