# SPDX-License-Identifier: MIT
"""
One person before Chromium: reads what is shown, types, presses, and counts what that takes.

	window = Window(driver, demo.base_url)
	window.open("/signin").type(username="SM104288", password="three random words").press("Sign in")
	assert window.heading == "Enter your security code"
"""
import json
import re
import time
from urllib.parse import urlsplit

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

import chrome

FOCUSED = "const e = document.activeElement; return [e.id, e.textContent.trim()]"
# UX 1, footnote: what a person and their link take.
KEY_S, FIELD_S, TAP_S, APP_S, TRIP_S, BITS_A_S = 0.28, 1.35, 1.1, 6, 0.4, 400_000

CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def key_shown(window):
	"""On the page that sets up an authenticator."""
	if window.one("details").get_attribute("open") is None:
		window.tap("summary")
	return window.one("#key").text.replace(" ", "")


def codes_shown(window):
	"""On the page with recovery codes."""
	return CODE.findall(window.one("#codes").text)


class Window:
	def __init__(self, driver, base_url):
		self.driver = driver
		self.base_url = base_url
		self.document = None
		self.count_from_here()

	def count_from_here(self):
		"""Screens that were shown, fields that were filled in, keys and taps, from the page that is shown on."""
		self.screens, self.fields, self.keys, self.taps, self.app = [], 0, 0, 0, 0
		return self

	def open(self, path):
		self.driver.get(self.base_url + path)
		return self

	def forget(self):
		"""Somebody else's browser from here on."""
		self.driver.delete_all_cookies()
		return self

	# What is seen

	def all(self, selector):
		return self.driver.find_elements("css selector", selector)

	def one(self, selector):
		return self.driver.find_element("css selector", selector)

	def field(self, name):
		"""By its name in Python: new_password is called new-password."""
		return self.one(f"input[name='{name}'], input[name='{name.replace('_', '-')}']")

	@property
	def heading(self):
		return self.one("h1").text

	@property
	def caption(self):
		return self.one(".caption").text

	@property
	def main(self):
		return self.one("main").text

	@property
	def path(self):
		return urlsplit(self.driver.current_url).path

	@property
	def language(self):
		return self.one("html").get_attribute("lang")

	@property
	def errors(self):
		return [line.text for line in self.all("[role=alert] li")]

	def value(self, field):
		return self.field(field).get_property("value")

	@property
	def focused(self):
		return self.driver.execute_script(FOCUSED)[0]

	# What is done

	def type(self, **values):
		"""Into fields by their names; what stood there is typed over."""
		for name, words in values.items():
			field = self.field(name)
			field.clear()
			field.send_keys(words)
			self._filled(name, words)
		return self

	def paste(self, **values):
		"""As from the clipboard or a password manager: all at once."""
		for name, words in values.items():
			self.field(name).click()
			self.driver.execute_cdp_cmd("Input.insertText", {"text": words})
			self._filled(name, words)
		return self

	def _filled(self, name, words):
		self.fields += 1
		self.keys += len(words)
		self.app += name == "code"

	def find(self, what):
		"""The button or link with these words, or of this #id or selector[with=attribute]."""
		if what == "summary" or what[0] in "#[" or "[" in what:
			return self.one(what)
		found = [e for e in self.all("button, a, summary") if e.text == what]
		if len(found) != 1:
			raise AssertionError(f"{self.path} has {len(found)} buttons and links {what!r}:\n{self.main}")
		return found[0]

	def press(self, what):
		"""And waits for the page it leads to."""
		return self._leave(self.find(what).click)

	def press_twice(self, what):
		"""As some do with everything."""
		return self._leave(ActionChains(self.driver).double_click(self.find(what)).perform)

	def tap(self, what):
		"""What changes only the page that is shown."""
		self.find(what).click()
		self.taps += 1
		return self

	def _leave(self, act):
		left = self.one("html")
		act()
		self.taps += 1
		end = time.monotonic() + chrome.WAIT_S
		while self._is_shown(left):
			if time.monotonic() > end:
				raise AssertionError(f"{self.path} stayed:\n{self.main}")
			time.sleep(0.01)
		self.screens.append(self.heading)
		return self

	def _is_shown(self, left):
		try:
			left.is_enabled()
			return True
		except StaleElementReferenceException:
			return self.driver.execute_script("return document.readyState") != "complete"
		except WebDriverException as error:  # between two pages
			return "no such execution context" in str(error) or "not attached" in str(error) or "Node with" in str(error)

	# With the keyboard alone

	def keys_to(self, what):
		"""Tab until the element with this id or these words has the focus."""
		for _ in range(60):
			if what in self.driver.execute_script(FOCUSED):
				return self
			self.strike(Keys.TAB)
		raise AssertionError(f"Tab never comes to {what!r} on {self.path}")

	def strike(self, *keys):
		ActionChains(self.driver).send_keys(*keys).perform()
		return self

	def fill(self, **values):
		for name, words in values.items():
			self.keys_to(self.field(name).get_attribute("id")).strike(words)
			self._filled(name, words)
		return self

	def enter(self):
		return self._leave(lambda: self.strike(Keys.ENTER))

	# What it took

	def complaints(self):
		"""What stands in the console, the policy for content first of all; a page's own status does not count."""
		return [line["message"] for line in self.driver.get_log("browser") if "the server responded with a status of" not in line["message"]]

	def wire(self):
		"""Bytes of each page and what it brought since it was last asked: compressed, with headers, as they came."""
		sizes = [0]
		for line in self.driver.get_log("performance"):
			event = json.loads(line["message"])["message"]
			if event["method"] == "Network.requestWillBeSent" and event["params"]["type"] == "Document":
				sizes.append(0)
				self.document = event["params"]["requestId"]
			if event["method"] == "Network.loadingFinished":
				sizes[-1] += event["params"]["encodedDataLength"]
			sizes[-1] += event["params"].get("redirectResponse", {}).get("encodedDataLength", 0)
		return [size for size in sizes if size > 0]

	def served(self):
		"""The page as it came, before Chromium made a tree of it."""
		return self.driver.execute_cdp_cmd("Network.getResponseBody", {"requestId": self.document})["body"]

	def seconds(self):
		"""What a person would take since the wire was last asked, by the model of UX 1."""
		sizes = self.wire()
		person = self.keys * KEY_S + self.fields * FIELD_S + self.taps * TAP_S + self.app * APP_S
		return person + len(sizes) * TRIP_S + sum(sizes) * 8 / BITS_A_S
