# SPDX-License-Identifier: MIT
"""Real Chromium, as different people have it set up: narrow or wide, dark or light, with scripts or without."""
import os
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

CHROMIUM, CHROMEDRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
WAIT_S = 20
RUN_AXE = """
const done = arguments[arguments.length - 1], rules = Object.assign({"target-size": {enabled: true}}, arguments[0]);
axe.run(document, {resultTypes: ["violations"], rules: rules}).then(r => done(r.violations), e => done([{id: "axe", help: String(e), nodes: []}]));
"""


def options_make(script, language):
	options = webdriver.ChromeOptions()
	options.binary_location = CHROMIUM
	for word in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--no-proxy-server", f"--lang={language}", f"--accept-lang={language}"):
		options.add_argument(word)
	if os.geteuid() == 0:
		options.add_argument("--no-sandbox")
	options.add_experimental_option("prefs", {
		"intl.accept_languages": language, "credentials_enable_service": False,
		"profile.default_content_setting_values.javascript": 1 if script else 2,
	})
	options.set_capability("acceptInsecureCerts", True)
	options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
	return options


class Chromium(webdriver.Chrome):
	"""One is ended before it has tidied up: what it leaves lies in a folder of its own."""

	def __init__(self, options):
		self.folder = tempfile.TemporaryDirectory(prefix="lk-chromium.")
		super().__init__(service=Service(CHROMEDRIVER, env=dict(os.environ, TMPDIR=self.folder.name)), options=options)

	def quit(self):
		super().quit()
		self.folder.cleanup()


def chromium_start(script=True, width=1280, height=900, dark=False, language="en"):
	"""The window shows exactly width × height of the page."""
	driver = Chromium(options_make(script, language))
	driver.set_page_load_timeout(WAIT_S)
	driver.set_script_timeout(WAIT_S)
	view_set(driver, width, height, dark)
	return driver


def view_set(driver, width, height, dark=False, forced=False):
	"""forced: colours as Windows' high contrast has them."""
	driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
		{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
	driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
		{"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
			{"name": "forced-colors", "value": "active" if forced else "none"}]})


def axe_file():
	"""Where axe-core is, or None."""
	folder = os.environ.get("LK_NODE")
	path = Path(folder or "/nonexistent", "axe-core", "axe.min.js")
	return path if path.exists() else None


def axe(driver, without=()):
	"""What axe-core finds wrong on the page that is shown, one line a finding; clean is []. without: rules not asked again."""
	if not driver.execute_script("return !!window.axe"):
		driver.execute_script(axe_file().read_text())
	found = driver.execute_async_script(RUN_AXE, {rule: {"enabled": False} for rule in without})
	return [f"{finding['id']}: {finding['help']}: {' '.join(str(node['target']) for node in finding['nodes'])}" for finding in found]
