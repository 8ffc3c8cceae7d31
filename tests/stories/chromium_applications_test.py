# SPDX-License-Identifier: MIT
"""
On the way to an application in Chromium: forms whose way ends at another origin, which browsers hold against form-action; and
whatever stands in between, to its end: the application's name stays, and the way goes on where it began.
"""
import json
from urllib.parse import parse_qs, urlsplit

import pytest
import redis

import chrome
from landing import Landing
from oauth import Application
from parts import wait_until
from steps import new_password
from story import audit
from window import Window, codes_shown, key_shown

TABLET = {"client_id": "tablet", "client_name": "Tablet", "redirect_uris": ["http://[::1]:9104/callback"],
	"grant_types": ["authorization_code"], "token_endpoint_auth_method": "none"}
LEARNING = {"client_id": "learning", "client_name": "Learning", "redirect_uris": ["http://127.0.0.1:9105/callback"],
	"grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "none", "consent": "ask"}
PHONE = {"client_id": "phone", "client_name": "Phone", "redirect_uris": ["com.example.phone:/done"],
	"grant_types": ["authorization_code"], "token_endpoint_auth_method": "none"}


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
	"""A demo with applications of this file's own."""
	from story import Private
	file = tmp_path_factory.mktemp("applications") / "own.json"
	file.write_text(json.dumps([TABLET, LEARNING, PHONE]))
	private = Private(application=[file], staff=300)
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


def test_where_no_form_may_lead_the_application_is_told_so(applied, window, totp):
	"""No form-action can name [::1]: the form would be blocked and its button dead."""
	listening, app = Landing(ipv6=True), Application(applied, "tablet")
	app.redirect_uri = listening.url("/callback")
	window.open("/signin")
	sign_in(window, applied.person(), totp)
	window.open(app.address(response_mode="form_post"))
	assert window.heading == "Arrived" and not window.complaints()
	assert len(listening.asked) == 1 and "error=invalid_request&error_description=response_mode%20must%20be%20query" in listening.asked[0]
	listening.close()


# --- a scheme of its own: this Chromium has no program for it, and ends a way that has left for one


def left_for(window, app):
	"""Answers with which Chromium left for the application since this was last asked; nothing stood against it."""
	assert not window.complaints()
	events = [json.loads(line["message"])["message"] for line in window.driver.get_log("performance")]
	ended = {event["params"]["requestId"]: event["params"] for event in events if event["method"] == "Network.loadingFailed"}
	sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
	left = [one for one in sent if one["documentURL"].startswith(app.redirect_uri + "?")]
	for one in left:
		end = ended[one["requestId"]]
		assert end["errorText"] in ("net::ERR_ABORTED", "net::ERR_UNKNOWN_URL_SCHEME") and "blockedReason" not in end, end
	return [{name: values[0] for name, values in parse_qs(urlsplit(one["documentURL"]).query).items()} for one in left]


def test_a_scheme_of_its_own_is_left_for_behind_a_form(applied, window, totp):
	app, answers = Application(applied, "phone"), []
	window.open(app.address())
	sign_in(window, applied.person(), totp)
	assert (window.heading, window.caption) == ("Going on to Phone", "To continue to Phone")
	wait_until(lambda: answers.extend(left_for(window, app)) or answers, 5, "Chromium leaves by itself")
	assert len(answers) == 1 and answers[0]["state"] == app.state
	link = window.find("#continue").get_attribute("href")
	assert link.startswith(app.redirect_uri + "?code=" + answers[0]["code"]), "and there is a link for who it does not leave by itself"
	assert app.exchange(answers[0]["code"])[0] == 200


def test_so_it_is_for_who_is_signed_in(applied, window, totp):
	app = Application(applied, "phone")
	window.open("/signin")
	sign_in(window, applied.person(), totp)
	window.open(app.address())
	code = left_for(window, app)[0]["code"]
	assert app.exchange(code)[0] == 200
	window.open(app.address(response_mode="form_post"))
	assert left_for(window, app)[0]["error"] == "invalid_request", "no form leads there"


def test_no_page_lets_a_form_lead_to_more_than_it_must(applied, http_applied):
	page = Application(applied, "rooms").ask(http_applied).follow()
	assert "form-action 'self' http://127.0.0.1:*;" in page.headers["content-security-policy"]
	page = Application(applied, "web").ask(http_applied).follow()
	assert "form-action 'self' http://127.0.0.1:9101;" in page.headers["content-security-policy"], "its port is known"
	for ours in ("tablet", "phone"):
		page = Application(applied, ours).ask(http_applied).follow()
		assert "form-action 'self';" in page.headers["content-security-policy"], "what no policy can name, or should"


@pytest.fixture
def http_applied(applied):
	from browser import Browser
	browser = Browser(applied.base_url, applied.ca_file)
	yield browser
	browser.close()


# --- whatever stands in between


@pytest.fixture
def rooms(applied):
	listening = Landing()
	app = Application(applied, "rooms")
	app.redirect_uri = listening.url("/callback")
	app.listening = listening
	yield app
	listening.close()


TO_ROOMS = "To continue to Room booking"


def show_password(window, app, person):
	window.forget().open(app.address())
	assert (window.heading, window.caption) == ("Sign in", TO_ROOMS)
	return window.type(username=person.username, password=person.password).press("#signin")


def assert_on_the_way(window, heading):
	assert window.heading == heading, window.main
	assert window.caption == TO_ROOMS, window.main


def assert_arrived(applied, window, app):
	"""And the code is worth something."""
	assert window.heading == "Arrived", window.main
	answer = {name: values[0] for name, values in parse_qs(urlsplit(window.driver.current_url).query).items()}
	assert answer["state"] == app.state and app.exchange(answer["code"])[0] == 200
	assert len(app.listening.asked) == 1 and not window.complaints()


def enrol(window, totp):
	"""From the page with the seed to the end; gives (seed, recovery codes)."""
	assert_on_the_way(window, "Set up your authenticator app")
	seed = key_shown(window)
	window.type(code=totp(seed)).press("#continue")
	assert_on_the_way(window, "Save your recovery codes")
	codes = codes_shown(window)
	window.press("#saved")
	return seed, codes


def test_a_first_phone_is_set_up_on_the_way(applied, window, rooms, totp):
	show_password(window, rooms, applied.person("no_totp"))
	enrol(window, totp)
	assert_arrived(applied, window, rooms)


def test_a_lost_phone_is_replaced_on_the_way(applied, window, rooms, totp):
	person = applied.person("no_totp")
	show_password(window, rooms, person)
	code = enrol(window, totp)[1][0]
	rooms.listening.asked.clear()
	show_password(window, rooms, person).tap("summary")
	window.press("Use a recovery code")
	assert_on_the_way(window, "Enter a recovery code")
	window.type(recovery=code).press("#continue")
	enrol(window, totp)
	assert_arrived(applied, window, rooms)


@pytest.mark.parametrize("state", ("expired", "must_change"))
def test_a_password_that_ended_is_replaced_on_the_way(applied, window, rooms, totp, state):
	person = applied.person(state)
	show_password(window, rooms, person).type(code=totp(person.totp_secret)).press("#continue")
	assert_on_the_way(window, "Create a new password")
	window.type(new_password=new_password()).press("#save")
	assert_arrived(applied, window, rooms)


def forgotten(window, app):
	window.forget().open(app.address()).press("I’ve forgotten my password")
	assert_on_the_way(window, "Set a new password")
	return window


def test_a_forgotten_password_leads_on_to_what_waits(applied, window, rooms, totp):
	person = applied.person()
	forgotten(window, rooms).press("Cymraeg").press("English").type(username=person.username, code="000000").press("#continue")
	assert_on_the_way(window, "Set a new password")
	window.type(code=totp(person.totp_secret)).press("#continue")
	assert_on_the_way(window, "Create a new password")
	window.type(new_password=new_password()).press("#save")
	assert window.heading == "Your password has been changed"
	window.press("Continue to Room booking")
	assert_arrived(applied, window, rooms)


def test_so_it_does_when_the_phone_is_gone_as_well(applied, window, rooms, totp):
	person = applied.person("no_totp")
	show_password(window, rooms, person)
	code = enrol(window, totp)[1][0]
	rooms.listening.asked.clear()
	forgotten(window, rooms).tap("summary")
	window.press("Use a recovery code")
	assert_on_the_way(window, "Enter a recovery code")
	window.type(username=person.username, recovery=code).press("#continue")
	assert_on_the_way(window, "Create a new password")
	window.type(new_password=new_password()).press("#save").press("Continue to Room booking")
	enrol(window, totp)
	assert_arrived(applied, window, rooms)


def test_an_unlock_leads_on_to_what_waits(applied, window, rooms, totp):
	person = applied.person("locked")
	show_password(window, rooms, person)
	window.press("Unlock my account now")
	assert_on_the_way(window, "Unlock your account")
	window.type(code=totp(person.totp_secret)).press("#unlock").press("Sign in")
	assert_on_the_way(window, "Sign in")
	window.type(username=person.username, password=person.password).press("#signin")
	window.type(code=totp(person.totp_secret)).press("#continue")
	assert_arrived(applied, window, rooms)


def test_a_lock_may_end_in_a_new_password_too(applied, window, rooms, totp):
	person = applied.person("locked")
	show_password(window, rooms, person).press("Set a new password")
	assert_on_the_way(window, "Set a new password")
	window.type(username=person.username, code=totp(person.totp_secret)).press("#continue")
	window.type(new_password=new_password()).press("#save").press("Continue to Room booking")
	assert_arrived(applied, window, rooms)


def test_what_waited_is_gone_and_the_button_leads_to_the_application(applied, window, rooms, totp):
	person = applied.person()
	forgotten(window, rooms).type(username=person.username, code=totp(person.totp_secret)).press("#continue")
	store = redis.Redis.from_url(applied.redis.url)
	for key in store.scan_iter("j:*"):
		if store.strlen(key) > 400:
			store.delete(key)
	window.type(new_password=new_password()).press("#save")
	assert window.find("Continue to Room booking").get_attribute("href") == "https://rooms.example/"


def test_what_waits_in_another_browser_is_not_led_to(applied, window, http_applied, rooms, totp):
	person = applied.person()
	elsewhere = rooms.ask(http_applied).headers["location"].partition("next=")[2]
	window.open(f"/reset?application=rooms&next={elsewhere}").type(username=person.username, code=totp(person.totp_secret))
	window.press("#continue").type(new_password=new_password()).press("#save")
	assert window.find("Continue to Room booking").get_attribute("href") == "https://rooms.example/"


# --- what it may know


@pytest.fixture
def learning(applied):
	listening = Landing()
	app = Application(applied, "learning")
	app.redirect_uri = listening.url("/callback")
	app.listening = listening
	yield app
	listening.close()


def held(window, app):
	"""What the application is given for the code it came back with."""
	code = parse_qs(urlsplit(window.driver.current_url).query)["code"][0]
	status, tokens = app.exchange(code)
	assert status == 200, tokens
	return tokens


def test_people_allow_once_and_take_it_back_on_their_account_page(applied, window, learning, totp):
	person = applied.person()
	window.open("/signin")
	sign_in(window, person, totp)
	window.open(learning.address(scope="openid email"))
	assert (window.heading, window.caption) == ("Let Learning know about you?", "To continue to Learning")
	assert "Your work email" in window.main and "Your name" not in window.main
	assert window.press("#allow").heading == "Arrived", window.main
	tokens = held(window, learning)
	for less in ("openid email", "openid"):
		window.open(learning.address(scope=less))
		assert window.heading == "Arrived", "it was allowed"
	window.open(learning.address(scope="openid email profile"))
	assert window.heading == "Let Learning know about you?" and "Your name" in window.main, "more than that was not"
	window.open(learning.address(prompt="consent"))
	assert window.heading == "Let Learning know about you?", "and it may want to ask"
	window.open("/account")
	assert "Services you allowed to know about you" in window.main and "Allowed on" in window.main
	window.press("Cymraeg").press("English").press("#take_back_learning")
	assert window.heading == "Your account" and "Learning" not in window.main
	assert learning.refresh(tokens["refresh_token"])[1]["error"] == "invalid_grant", "what it held ended"
	window.open(learning.address(scope="openid"))
	assert window.heading == "Let Learning know about you?"
	assert len(audit(applied, event="consent_ended", username=person.username, actor="learning")) == 1
	assert not window.complaints()


def test_the_list_of_what_was_allowed_reads_in_every_view(applied, chromium, axe, learning, totp):
	window = Window(chromium(), applied.base_url)
	window.open("/signin")
	sign_in(window, applied.person(), totp)
	assert window.open(learning.address()).press("#allow").heading == "Arrived"
	for width, dark, language in ((1280, False, "en"), (320, True, "en"), (320, False, "cy")):
		chrome.view_set(window.driver, width, 800, dark)
		window.open(f"/language/{language}?to=/account")
		assert window.one("#allowed").is_displayed() and not axe(window.driver)
		assert window.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")
