# SPDX-License-Identifier: MIT
"""An application on a screen without a browser, as stories need one: RFC 8628 from the device's side."""
import base64
import json
from urllib.parse import quote, urlencode, urlsplit

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Screen:
	"""http: any browser; its cookies are not taken."""

	def __init__(self, http, application):
		self.http = http.other()
		self.application = application
		self.device_code = self.link = self.user_code = None

	def send(self, path, http=None, **fields):
		"""As a program; gives (status, what the JSON says)."""
		headers = {"Content-Type": "application/x-www-form-urlencoded"}
		if self.application.client_secret:
			both = f"{quote(self.application.client_id, safe='')}:{quote(self.application.client_secret, safe='')}"
			headers["Authorization"] = "Basic " + base64.b64encode(both.encode()).decode()
		else:
			fields["client_id"] = self.application.client_id
		page = (http or self.http).request("POST", path, urlencode(fields).encode(), headers)
		assert page.headers["content-type"].startswith("application/json") and "no-store" in page.headers["cache-control"]
		return page.status, json.loads(page.body)

	def ask(self, **fields):
		status, told = self.send("/device_authorization", **fields)
		assert status == 200, told
		assert told["interval"] == 5 and told["expires_in"] == 900
		assert told["verification_uri_complete"].startswith(f"{told['verification_uri']}?user_code={told['user_code']}.")
		self.device_code, self.user_code = told["device_code"], told["user_code"]
		parts = urlsplit(told["verification_uri_complete"])
		self.link = f"{parts.path}?{parts.query}"
		return self

	def poll(self, http=None):
		"""The error, or the tokens."""
		status, told = self.send("/token", http, grant_type=GRANT, device_code=self.device_code)
		assert status == (200 if "access_token" in told else 400), (status, told)
		return told.get("error") or told
