# SPDX-License-Identifier: MIT
"""Registered applications: the demo's own five, and those of --application, as files of policies/applications."""
import json
import re
import secrets

from parts import Failed

KINDS = ("web", "spa", "robot", "resource_server", "password_only")

# What the demo registers, in the names of RFC 7591.
SHIPPED = (
	("web", {
		"client_id": "payroll", "client_name": "Payroll and Expenses", "client_uri": "https://payroll.example/",
		"redirect_uris": ["http://127.0.0.1:9101/callback"], "grant_types": ["authorization_code", "refresh_token"],
		"token_endpoint_auth_method": "client_secret_basic", "description": "Payslips, expenses and pensions"}),
	("spa", {
		"client_id": "rooms", "client_name": "Room booking", "client_uri": "https://rooms.example/",
		"redirect_uris": ["http://127.0.0.1:9102/callback"], "grant_types": ["authorization_code", "refresh_token"],
		"token_endpoint_auth_method": "none", "description": "Meeting rooms and desks"}),
	("robot", {
		"client_id": "night-transfer", "client_name": "Nightly payroll transfer", "redirect_uris": [],
		"grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_basic"}),
	("resource_server", {
		"client_id": "documents", "client_name": "Documents service", "redirect_uris": [], "grant_types": [],
		"token_endpoint_auth_method": "client_secret_basic"}),
	("password_only", {
		"client_id": "handbook", "client_name": "Staff handbook", "client_uri": "https://handbook.example/",
		"redirect_uris": ["http://127.0.0.1:9103/callback"], "grant_types": ["authorization_code"],
		"token_endpoint_auth_method": "client_secret_basic", "description": "Leave, pay bands and rules"}),
)


def kind_of(metadata):
	"""What an application of RFC 7591 metadata is."""
	grants = metadata.get("grant_types", ["authorization_code"])
	if metadata.get("token_endpoint_auth_method") == "none":
		return "spa"
	if "authorization_code" in grants:
		return "web"
	return "robot" if "client_credentials" in grants else "resource_server"


def read(path):
	"""A file with one application, or a list of them."""
	try:
		found = json.loads(path.read_text())
	except (OSError, ValueError) as error:
		raise Failed(f"--application {path}: {error}") from error
	found = found if isinstance(found, list) else [found]
	if not all(isinstance(one, dict) for one in found):
		raise Failed(f"--application {path}: not an object")
	return [(kind_of(one), one) for one in found]


def completed(metadata):
	"""With an id, and a secret where one is needed."""
	done = dict(metadata)
	done.setdefault("client_name", done.get("client_id", "An application"))
	done.setdefault("client_id", re.sub(r"[^a-z0-9]+", "-", done["client_name"].lower()).strip("-"))
	if not re.fullmatch(r"[A-Za-z0-9._~-]{1,100}", done["client_id"]):
		raise Failed(f"client_id {done['client_id']!r}: letters, digits and ._~- only")
	if done.get("token_endpoint_auth_method") == "none":
		done["client_secret"] = None
	elif not done.get("client_secret"):
		done["client_secret"] = "lk_cs_" + secrets.token_urlsafe(32)
	return done


def one_line(value):
	text = " ".join(value) if isinstance(value, list) else str(value)
	if not text.isprintable():
		raise Failed(f"{text!r}: one line of readable text only")
	return text


def conf_text(kind, application):
	"""One file of policies/applications."""
	pairs = {"client_id": application["client_id"], "name": application["client_name"], "kind": kind, "groups": "everyone",
		"description": application.get("description"), "start_url": application.get("client_uri"),
		"redirect_uris": application.get("redirect_uris"), "proofs": "password" if kind == "password_only" else None}
	return "# SPDX-License-Identifier: MIT\n[application]\n" + "".join(
		f"{key} = {one_line(value)}\n" for key, value in pairs.items() if value)


def write_all(folder, _issuer, paths):
	"""Writes a file for each; gives what demo.json lists."""
	wanted = list(SHIPPED)
	for path in paths:
		wanted += read(path)
	listed = []
	for kind, metadata in wanted:
		application = completed(metadata)
		(folder / f"{application['client_id']}.conf").write_text(conf_text(kind, application))
		listed.append({"client_id": application["client_id"], "client_secret": application["client_secret"],
			"redirect_uris": application.get("redirect_uris", []), "kind": kind})
	return listed
