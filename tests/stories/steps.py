# SPDX-License-Identifier: MIT
"""What people do, step by step, in the browser of stories; each checks that it got where it should."""
import re

KEY = re.compile(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b")


def show_password(http, person, password=None):
	"""From the sign-in page; gives the answer to the form, not followed."""
	return http.get("/signin").form("password").send(username=person.username, password=password or person.password)


def at_code(http, person):
	page = show_password(http, person).follow()
	assert page.heading == "Enter your security code", page.heading
	return page


def signed_in(http, person, totp):
	"""All of it; gives the services page."""
	page = at_code(http, person).form("code").send(code=totp(person.totp_secret)).follow()
	assert page.status == 200 and page.heading == "Your services", page.main
	return page


def reset_proven(http, person, totp):
	"""Up to the page for the new password."""
	page = http.get("/reset").form("code").send(username=person.username, code=totp(person.totp_secret)).follow()
	assert page.heading == "Create a new password", page.main
	return page


def new_password(seed="amber harbour"):
	"""One the shipped rules take, never the same twice."""
	import secrets
	return f"{seed} {secrets.token_hex(4)} plover"


def enrolled(page, totp):
	"""From the page that shows a new authenticator to the one with recovery codes; gives (page, secret, codes)."""
	assert page.heading == "Set up your authenticator app", page.main
	secret = KEY.search(page.main).group().replace(" ", "")
	assert secret in page.body.decode(), "the link for phones holds the same key"
	page = page.form("code").send(code=totp(secret)).follow()
	assert page.heading == "Save your recovery codes", page.main
	codes = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", " ".join(node.text for node in page.tree.all("li")))
	assert len(set(codes)) == 10, codes
	return page, secret, codes
