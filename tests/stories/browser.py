# SPDX-License-Identifier: MIT
"""
A browser for stories, without scripts: keeps cookies, reads pages, fills in forms, and does nothing by itself. It follows no
redirect until told, and is strict: what a careful browser would warn of is a fault.

	page = http.get("/signin")
	page = page.form().send(username=person.username, password=person.password)
	assert page.status == 303
	page = page.follow()
	assert page.heading == "Enter your security code" and not page.error
"""
import http.client
import re
import select
import ssl
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from html_tree import PageFault, tree

TIMEOUT_S = 20
ONCE = {"content-type", "content-length", "location", "content-security-policy", "cache-control"}
REFERENCE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


class Form:
	"""One form of a page. send() posts it as the browser would, with what was filled in."""

	def __init__(self, page, node):
		self.page = page
		self.node = node
		self.action = node.get("action") or page.path
		self.method = node.get("method", "get").upper()
		self.values = {}
		self.ticked = {}
		if node.all("select") or node.all("textarea"):
			raise AssertionError("this browser knows no select and no textarea yet")
		for field in node.all("input"):
			if not self._is_button(field):
				self._add(field)
		self.buttons = [button for button in node.all("button") if button.get("type", "submit") == "submit"]

	@staticmethod
	def _is_button(field):
		return field.get("type") in ("submit", "button", "reset", "image")

	def _add(self, field):
		name, kind = field.get("name"), field.get("type", "text")
		if not name:
			raise PageFault(f"a field without a name in the form of {self.action}")
		if kind in ("checkbox", "radio"):
			self.ticked.setdefault(name, []).append(field.get("value", "on"))
			if "checked" in field.attrs:
				self.values[name] = field.get("value", "on")
			return
		if name in self.values:
			raise PageFault(f"two fields {name!r} in the form of {self.action}")
		if kind != "hidden" and not self._has_label(field):
			raise PageFault(f"the field {name!r} has no label")
		self.values[name] = field.get("value", "")

	def _has_label(self, field):
		return "aria-label" in field.attrs or field.get("aria-hidden") == "true" or any(
			label.get("for") == field.get("id") for label in self.page.tree.all("label"))

	def fill(self, **values):
		"""Only what the form has; new_password for new-password. True ticks a box, False unticks it."""
		for name, value in values.items():
			name = name if name in self.values or name in self.ticked else name.replace("_", "-")
			if name in self.ticked:
				self._tick(name, value)
			elif name in self.values:
				self.values[name] = value
			else:
				raise AssertionError(f"the form of {self.action} has no field {name!r}, only {sorted(self.values | self.ticked)}")
		return self

	def _tick(self, name, value):
		if value is False:
			self.values.pop(name, None)
			return
		value = self.ticked[name][0] if value is True else value
		if value not in self.ticked[name]:
			raise AssertionError(f"{name!r} has no choice {value!r}, only {self.ticked[name]}")
		self.values[name] = value

	def send(self, **values):
		self.fill(**values)
		browser = self.page.browser
		if self.method == "GET":
			return browser.get(f"{self.action}?{urlencode(self.values)}")
		return browser.post(self.action, self.values, base=self.page.path)


class Page:
	"""An answer. Pages are read when somebody looks into them."""

	def __init__(self, browser, path, response, body):
		self.browser = browser
		self.path = path
		self.status = response.status
		self.headers = response.headers
		self.body = body
		self._tree = None
		for name in ONCE:
			if len(self.headers.get_all(name, [])) > 1:
				raise PageFault(f"{name} stands twice")

	def __repr__(self):
		return f"<{self.status} {self.path} {self.heading if self.is_html else self.headers.get('location', '')!r}>"

	@property
	def is_html(self):
		return self.headers.get_content_type() == "text/html" and len(self.body) > 0

	@property
	def text(self):
		return self.body.decode("utf-8")

	@property
	def tree(self):
		if self._tree is None:
			if not self.is_html:
				raise AssertionError(f"{self.path} gave {self.status} {self.headers.get_content_type()}, no page")
			self._tree = tree(self.text)
			self._check_errors()
		return self._tree

	def _check_errors(self):
		"""Each line of the error box leads to the field that it is about."""
		for link in (link for box in self._tree.all(role="alert") for link in box.all("a")):
			href = link.get("href", "")
			if href.startswith("#") and not self._tree.all(id=href[1:]):
				raise PageFault(f"the error {link.text!r} leads to {href}, which is not there")

	# What a person sees

	@property
	def language(self):
		return self.tree.first("html").get("lang")

	@property
	def title(self):
		return self.tree.first("title").text

	@property
	def heading(self):
		"""The one h1, without the small caption over it."""
		headings = self.tree.all("h1")
		if len(headings) != 1:
			raise PageFault(f"{self.path} has {len(headings)} first headings")
		caption = self.caption
		return headings[0].text.removeprefix(caption).strip() if caption else headings[0].text

	@property
	def caption(self):
		found = [node for node in self.tree.first("h1").all("span") if node.has_class("caption")]
		return found[0].text if found else None

	@property
	def main(self):
		return self.tree.first("main").text

	@property
	def errors(self):
		"""The lines of the error box, in order."""
		return [line.text for box in self.tree.all(role="alert") for line in box.all("li")]

	@property
	def error(self):
		"""The first, or None."""
		return self.errors[0] if self.errors else None

	@property
	def reference(self):
		found = REFERENCE.search(self.tree.text)
		return found.group() if found else None

	# What a person does

	def form(self, field=None, action=None):
		"""The one form, or the one that has this field or leads there."""
		forms = [Form(self, node) for node in self.tree.all("form")]
		fitting = [form for form in forms
			if (field is None or field in form.values or field in form.ticked) and (action is None or form.action == action)]
		if len(fitting) != 1:
			raise AssertionError(f"{self.path} ({self.heading}) has {len(fitting)} such forms of {len(forms)}: {self.main}")
		return fitting[0]

	def link(self, words):
		"""Where the link with these words leads."""
		found = {node.get("href") for node in self.tree.all("a", href=True) if node.text == words}
		if len(found) != 1:
			raise AssertionError(f"{self.path} has {len(found)} links {words!r}")
		return found.pop()

	def go(self, words):
		return self.browser.get(self.link(words), base=self.path)

	def follow(self):
		"""Goes where a 303 leads: to another address of ours."""
		location = self.headers.get("location")
		if self.status != 303 or not location:
			raise AssertionError(f"{self!r} leads nowhere: {self.main if self.is_html else self.body[:200]}")
		return self.browser.get(location, base=self.path)


class Browser:
	"""One person's browser. other() is somebody else's; copy() the same one, for a thread of its own."""

	def __init__(self, base_url, ca_file=None):
		self.base_url = base_url
		self.ca_file = ca_file
		self.cookies = {}
		self.headers = {}
		self.connection = None

	def other(self):
		return Browser(self.base_url, self.ca_file)

	def copy(self):
		made = self.other()
		made.cookies = dict(self.cookies)
		made.headers = dict(self.headers)
		return made

	def get(self, path, base="/", **headers):
		return self.request("GET", self.resolve(path, base), headers=headers)

	def post(self, path, values, base="/", **headers):
		"""As a form is sent, with what browsers say of where it comes from."""
		headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base_url,
			"Referer": self.base_url + base, "Sec-Fetch-Site": "same-origin"} | headers
		return self.request("POST", self.resolve(path, base), urlencode(values).encode(), headers)

	def resolve(self, path, base):
		"""The path of an address of ours; anywhere else is a fault."""
		url = urljoin(self.base_url + base, path)
		if not url.startswith(self.base_url + "/") and url != self.base_url:
			raise AssertionError(f"{path} leads away from {self.base_url}")
		parts = urlsplit(url)
		return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

	def request(self, method, path, body=None, headers=None):
		"""One request as it is given; headers with None as value are left out."""
		sent = {"User-Agent": "story", "Accept": "text/html,*/*;q=0.8"} | self.headers | (headers or {})
		if self.cookies:
			sent.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
		sent = {name.replace("_", "-"): value for name, value in sent.items() if value is not None}
		response, content = self._exchange(method, path, body, sent)
		for line in response.headers.get_all("set-cookie", []):
			self._keep(line)
		return Page(self, urlsplit(path).path, response, content)

	def _exchange(self, method, path, body, headers):
		"""A kept connection may have been closed meanwhile; a GET is then tried once more."""
		if self.connection is not None and self._is_closed_there():
			self.close()
		is_kept = self.connection is not None
		if not is_kept:
			self.connection = self._connect()
		try:
			self.connection.request(method, path, body, headers)
			response = self.connection.getresponse()
			content = response.read()
		except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
			self.close()
			if is_kept and method == "GET":
				return self._exchange(method, path, body, headers)
			raise
		except OSError:
			self.close()
			raise
		if response.will_close:
			self.close()
		return response, content

	def _is_closed_there(self):
		"""Idle for too long, the server has hung up: nothing else makes a connection readable between two requests."""
		sock = self.connection.sock
		return sock is None or bool(select.select([sock], [], [], 0)[0])

	def _connect(self):
		parts = urlsplit(self.base_url)
		if parts.scheme == "https":
			context = ssl.create_default_context(cafile=self.ca_file)
			return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=TIMEOUT_S, context=context)
		return http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_S)

	def close(self):
		if self.connection is not None:
			self.connection.close()
		self.connection = None

	def _keep(self, line):
		cookie = SimpleCookie(line)
		if len(cookie) != 1:
			raise PageFault(f"a cookie nobody can read: {line}")
		for name, morsel in cookie.items():
			self._check_cookie(name, morsel)
			if not morsel.value or morsel["max-age"] == "0":
				self.cookies.pop(name, None)
			else:
				self.cookies[name] = morsel.value

	def _check_cookie(self, name, morsel):
		is_https = self.base_url.startswith("https:")
		wrong = [what for what, is_right in (
			("HttpOnly", morsel["httponly"]), ("SameSite", morsel["samesite"].lower() in ("lax", "strict")),
			("Path=/", morsel["path"] == "/"), ("no Domain", not morsel["domain"]),
			("Secure", bool(morsel["secure"]) == is_https), ("__Host-", name.startswith("__Host-") == is_https),
		) if not is_right]
		if wrong:
			raise PageFault(f"cookie {name} is not {', '.join(wrong)}")
