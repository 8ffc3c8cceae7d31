# SPDX-License-Identifier: MIT
"""
On the way to an application in Chromium: forms whose way ends at another origin, which browsers hold against form-action.
"""
import json

import pytest

import chrome
from landing import Landing
from oauth import Application
from window import Window

TABLET = {"client_id": "tablet", "client_name": "Tablet", "redirect_uris": ["http://[::1]:9104/callback"],
	"grant_types": ["authorization_code"], "token_endpoint_auth_method": "none"}


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
	"""A demo with applications of this file's own."""
	from story import Private
	file = tmp_path_factory.mktemp("applications") / "tablet.json"
	file.write_text(json.dumps([TABLET]))
	private = Private(application=[file])
	yield private
	words = private.end()
	assert not words, words


@pytest.fixture(params=(True, False), ids=("script", "no-script"))
def window(request, applied):
	driver = chrome.chromium_start(script=request.param, width=375, height=800)
	yield Window(driver, applied.base_url)
	driver.quit()


@pytest.fixture(params=(False, True), ids=("127.0.0.1", "[::1]"))
def own_machine(request, applied):
	"""(application, where it listens today): on the person's own machine, at a port nobody registered."""
	listening = Landing(ipv6=request.param)
	app = Application(applied, "tablet" if request.param else "rooms")
	app.redirect_uri = listening.url("/callback")
	yield app, listening
	listening.close()


def sign_in(window, person, totp):
	window.type(username=person.username, password=person.password).press("#signin")
	return window.type(code=totp(person.totp_secret)).press("#continue")


def test_an_application_on_ones_own_machine_is_reached_at_any_port(applied, window, own_machine, totp):
	app, listening = own_machine
	window.open(app.address())
	assert window.heading == "Sign in"
	sign_in(window, applied.person(), totp)
	assert window.heading == "Arrived" or window.press("#continue").heading == "Arrived", "no button is dead"
	assert not window.complaints()
	assert [path.partition("?")[0] for path in listening.asked] == ["/callback"]
	assert window.driver.current_url.startswith(app.redirect_uri + "?code=lk_ac_")


def test_so_it_is_behind_a_question(applied, window, own_machine, totp):
	app, listening = own_machine
	window.open("/signin")
	sign_in(window, applied.person(), totp)
	window.open(app.address(prompt="consent"))
	assert window.heading.startswith("Let "), window.main
	window.press("#allow")
	assert window.heading == "Arrived" or window.press("#continue").heading == "Arrived", "no button is dead"
	assert not window.complaints() and len(listening.asked) == 1


def test_no_page_lets_a_form_lead_to_more_than_it_must(applied, http_applied):
	page = Application(applied, "rooms").ask(http_applied).follow()
	assert "form-action 'self' http://127.0.0.1:*;" in page.headers["content-security-policy"]
	page = Application(applied, "web").ask(http_applied).follow()
	assert "form-action 'self' http://127.0.0.1:9101;" in page.headers["content-security-policy"], "its port is known"
	page = Application(applied, "tablet").ask(http_applied).follow()
	assert "form-action 'self';" in page.headers["content-security-policy"]


@pytest.fixture
def http_applied(applied):
	from browser import Browser
	browser = Browser(applied.base_url, applied.ca_file)
	yield browser
	browser.close()
