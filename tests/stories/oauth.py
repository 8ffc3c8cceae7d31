# SPDX-License-Identifier: MIT
"""
An application as stories play it: sends people's browsers to /authorize, reads what comes back, asks at /token.

	app = Application(demo, "web")                 one of the demo's, by kind or client_id
	page = app.ask(http, scope="openid email")     /authorize in that browser
	tokens = app.exchange(app.code(page))          POST /token: (status, JSON)
"""
import base64
import hashlib
import http.client
import json
import secrets
import ssl
from urllib.parse import parse_qs, quote, urlencode, urlsplit


def pkce():
	"""(verifier, challenge)"""
	verifier = secrets.token_urlsafe(32)
	return verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def part_of(token, index):
	"""Header (0) or payload (1) of a signed token."""
	piece = token.split(".")[index]
	return json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))


def answer_of(page):
	"""What an application is sent, from a redirect or a form that sends itself."""
	if page.status == 303:
		found = parse_qs(urlsplit(page.headers["location"]).query, keep_blank_values=True)
		return {name: values[0] for name, values in found.items()}
	return dict(page.form(field="iss").values)


def basic_header(application):
	pair = f"{quote(application.client_id, safe='')}:{quote(application.secret, safe='')}"
	return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


class Application:
	"""More than one may play the same one at once: each has connections of its own."""

	def __init__(self, demo, kind):
		known = next(one for one in demo.applications if kind in (one.kind, one.client_id))
		self.demo = demo
		self.client_id = known.client_id
		self.secret = known.client_secret
		self.redirect_uri = known.redirect_uris[0] if known.redirect_uris else None
		self.host = ""  # where it asks from: another of this machine's addresses, or any
		self.state = secrets.token_urlsafe(96)[:128]
		self.verifier, self.challenge = pkce()

	def address(self, **more):
		"""Of /authorize; a parameter that is None is left out."""
		asked = {"client_id": self.client_id, "redirect_uri": self.redirect_uri, "response_type": "code", "scope": "openid",
			"state": self.state, "code_challenge": self.challenge, "code_challenge_method": "S256"} | more
		return "/authorize?" + urlencode({name: value for name, value in asked.items() if value is not None})

	def ask(self, browser, **more):
		return browser.get(self.address(**more))

	def answer(self, page):
		"""What came back here, checked as every careful application checks it."""
		if page.status == 303:
			assert page.headers["location"].startswith(self.redirect_uri + "?"), page.headers["location"]
		else:
			assert page.form(field="iss").action == self.redirect_uri
		answer = answer_of(page)
		assert answer.get("state") == self.state, "128 characters come back unchanged"
		assert answer.get("iss") == self.demo.issuer, "RFC 9207: or it may be another server's answer"
		return answer

	def code(self, page):
		answer = self.answer(page)
		assert "code" in answer and "error" not in answer, answer
		return answer["code"]

	def error(self, page):
		answer = self.answer(page)
		assert "code" not in answer and set(answer) <= {"error", "error_description", "state", "iss"}, answer
		assert all(" " <= c <= "~" and c not in '"\\' for c in answer.get("error_description", ""))
		return answer["error"]

	def connection(self, parts):
		options = {"timeout": 20, "source_address": (self.host, 0)}
		if parts.scheme == "http":
			return http.client.HTTPConnection(parts.hostname, parts.port, **options)
		trusted = ssl.create_default_context(cafile=self.demo.ca_file)
		return http.client.HTTPSConnection(parts.hostname, parts.port, context=trusted, **options)

	def post(self, path, fields, basic=True):
		"""(status, JSON or text, headers); as itself when basic."""
		parts = urlsplit(self.demo.base_url)
		connection = self.connection(parts)
		headers = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
		if basic and self.secret:
			headers |= basic_header(self)
		elif basic:
			fields = fields | {"client_id": self.client_id}
		connection.request("POST", path, urlencode(fields), headers)
		response = connection.getresponse()
		body = response.read().decode()
		connection.close()
		is_json = response.headers.get_content_type() == "application/json"
		return response.status, json.loads(body) if is_json else body, response.headers

	def exchange(self, code, **more):
		fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
			"code_verifier": self.verifier} | more
		return self.post("/token", {name: value for name, value in fields.items() if value is not None})[:2]

	def refresh(self, token, **more):
		return self.post("/token", {"grant_type": "refresh_token", "refresh_token": token} | more)[:2]

	def tokens(self, page, **more):
		status, answer = self.exchange(self.code(page), **more)
		assert status == 200, answer
		return answer
