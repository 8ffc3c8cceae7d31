# SPDX-License-Identifier: MIT
"""
What every story has at hand. Run them with make check-stories; one: make check-stories STORY_TESTS=tests/stories/NAME_test.py

	demo        the demo, started once for all; demo.person("ok") is somebody fresh
	http        a browser without scripts (browser.py)
	totp        totp(secret): the next unused code
	chromium    chromium(script=True, width=1280, height=900, dark=False, language="en"): a real one (chrome.py: axe)
	own_demo    own_demo(…): a demo of the test's own, to stop, kill and set up differently (story.py: Private)
"""
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import story  # noqa: E402
from browser import Browser  # noqa: E402
from codes import Totp  # noqa: E402


@pytest.fixture(scope="session")
def demo():
	running = story.Running()
	yield running
	words = running.end()
	assert not words, words


@pytest.fixture
def own_demo():
	started = []

	def start(**options):
		started.append(story.Private(**options))
		return started[-1]

	yield start
	words = [private.end() for private in started]
	assert not any(words), "\n".join(words)


@pytest.fixture
def http(demo):
	browser = Browser(demo.base_url, demo.ca_file)
	yield browser
	browser.close()


@pytest.fixture(scope="session")
def totp():
	return Totp()


@pytest.fixture
def chromium():
	from chrome import chromium_start
	drivers = []

	def start(**options):
		drivers.append(chromium_start(**options))
		return drivers[-1]

	yield start
	for driver in drivers:
		driver.quit()


@pytest.fixture
def axe():
	from chrome import axe as run, axe_file
	if axe_file() is None:
		pytest.skip("axe-core is not there; tests/run brings it")
	return run


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
	"""Beside a failure: the last that the daemon wrote."""
	outcome = yield
	report = outcome.get_result()
	demo = getattr(item, "funcargs", {}).get("demo")
	if report.when == "call" and report.failed and demo is not None:
		report.sections.append(("latchkeyd", "\n".join(demo.log("latchkeyd").splitlines()[-15:])))
