# SPDX-License-Identifier: MIT
"""A store whose security writes wait for a copy: with none to wait for nobody can sign in, and whoever asks is told so before."""
import json
import signal
import subprocess
import time

import pytest

from browser import Browser
from faults import is_ready, ready_again
from keys_test import get
from oauth import Application
from parts import wait_until
from promises_oauth_test import Pair
from steps import show_password
from story import build_folder


@pytest.fixture(scope="module")
def pair():
	made = Pair()
	yield made
	made.end()


def figures(demo):
	return dict(line.rsplit(" ", 1) for line in get(demo.metrics_url, "")[2].splitlines() if not line.startswith("#"))


def parts(demo):
	return figures(demo)['latchkey_part_up{part="replicas"}'], figures(demo)["latchkey_store_replicas"]


def words(demo):
	return get(demo.metrics_url.removesuffix("/metrics"), "/readyz?verbose")


def ctl(demo, noun):
	done = subprocess.run([build_folder() / "latchkeyctl", "--config", demo.config, "--json", noun], capture_output=True, text=True,
		timeout=30, check=False)
	return done.returncode, json.loads(done.stdout)


def seen(demo, seconds):
	"""What /readyz says meanwhile, ten times a second."""
	end, answers = time.monotonic() + seconds, set()
	while time.monotonic() < end:
		answers.add(is_ready(demo))
		time.sleep(0.1)
	return answers


def test_with_its_copy_it_is_ready(pair):
	assert is_ready(pair.demo) and parts(pair.demo) == ("1", "1")
	code, status = ctl(pair.demo, "status")
	assert code == 0 and status["is_ready"], status


def test_without_its_copy_it_is_not_ready_and_says_why(pair, totp):
	demo, copy, who = pair.demo, pair.copies[-1], pair.demo.person()
	copy.signal(signal.SIGSTOP)
	try:
		wait_until(lambda: not is_ready(demo), 12, "not ready")
		said = words(demo)
		assert said[0] == 503 and "\nstore: 0 of its replicas follow, and wait_replicas = 1: nobody can sign in\n" in said[2]
		assert parts(demo) == ("0", "0")
		code, status = ctl(demo, "status")
		assert code == 1 and not status["is_ready"]
		[store] = [part for part in status["parts"] if part["name"] == "store"]
		assert not store["is_up"] and "nobody can sign in" in store["words"], store
		code, doctor = ctl(demo, "doctor")
		[store] = [check for check in doctor["checks"] if check["name"] == "store"]
		assert code == 1 and not store["is_ok"] and "wait_replicas" in store["fix"], store
		browser = Browser(demo.base_url)
		assert show_password(browser, who).status == 503, "as it said"
		browser.close()
		asker = Application(demo, "resource_server")
		assert asker.post("/introspect", {"token": "lk_at_none"})[:2] == (200, {"active": False}), "who only reads is answered"
		assert seen(demo, 4) == {False}, "and it stays so"
	finally:
		copy.signal(signal.SIGCONT)
	ready_again(demo, 12)
	assert parts(demo) == ("1", "1") and "\nstore: answers\n" in words(demo)[2]


def test_a_copy_that_comes_and_goes_does_not_make_it_come_and_go(pair):
	demo, copy = pair.demo, pair.copies[-1]
	assert is_ready(demo)
	for _ in range(3):
		copy.signal(signal.SIGSTOP)
		ready = seen(demo, 2)
		copy.signal(signal.SIGCONT)
		assert ready | seen(demo, 1) == {True}
