# SPDX-License-Identifier: MIT
"""
Journeys by hand: clicking and typing in Chromium, with and without scripts, with the keyboard alone; how many screens and fields
each takes, how long by the model of UX 1, and that going back, reloading or pressing twice does nothing twice.
"""
import pytest
from selenium.webdriver.common.keys import Keys

import chrome
from browser import Browser
from screens import Screen
from steps import new_password
from story import audit
from window import Window, codes_shown, key_shown

TO_PAYROLL = "To continue to Payroll and Expenses"


def started(demo, script):
	return Window(chrome.chromium_start(script=script, width=375, height=800), demo.base_url)


@pytest.fixture(scope="module")
def shared(demo):
	"""One browser with scripts, one without, for all journeys."""
	windows = {script: started(demo, script) for script in (True, False)}
	yield windows
	for one in windows.values():
		one.driver.quit()


@pytest.fixture(params=(True, False), ids=("script", "no-script"))
def window(request, shared):
	return shared[request.param].forget().count_from_here()


@pytest.fixture
def scripted(shared):
	return shared[True].forget().count_from_here()


def show_password(window, person, path="/signin"):
	window.open(path).type(username=person.username, password=person.password).press("Sign in")
	return window


def signed_in(window, person, totp):
	show_password(window, person).type(code=totp(person.totp_secret)).press("Continue")
	assert window.heading == "Your services", window.main
	return window


def locked(window, demo, path="/signin"):
	"""One whom the directory locked, before the page that says so."""
	person = demo.person("locked")
	show_password(window, person, path)
	assert window.heading.startswith("Your account is locked until"), window.main
	return person


def figure(window, what, most):
	"""By the model: people and their link, not this machine."""
	seconds = window.seconds()
	print(f"{what}: {len(window.screens)} screens, {window.fields} fields, {seconds:.1f} s")
	assert seconds <= most


# --- the journeys of UX 4


def test_sign_in_and_out(demo, window, totp):
	person = demo.person()
	show_password(window, person, "/signin?application=payroll")
	assert (window.heading, window.caption) == ("Enter your security code", TO_PAYROLL)
	assert window.focused == "code"
	window.type(code=totp(person.totp_secret)).press("Continue")
	assert window.heading == "Your services"
	window.press("Sign out")
	assert window.heading == "You have signed out"
	assert window.open("/account").path != "/account"


def test_a_forgotten_password_takes_3_screens_3_fields_and_30_seconds(demo, window, totp):
	person = demo.person()
	window.open("/signin").wire()
	window.press("I’ve forgotten my password")
	assert window.heading == "Set a new password" and "authenticator" in window.main
	window.type(username=person.username, code=totp(person.totp_secret)).press("Continue")
	window.type(new_password="amber harbour plover").press("Save new password")
	assert window.screens == ["Set a new password", "Create a new password", "Your password has been changed"]
	assert window.fields == 3
	figure(window, "forgotten", 30)
	assert window.press("Go to your services").heading == "Your services"
	assert len(audit(demo, event="password_changed", username=person.username)) == 1


def test_a_locked_person_unlocks_in_2_screens_1_field_and_20_seconds(demo, window, totp):
	person = locked(window, demo)
	window.count_from_here().wire()
	window.press("Unlock my account now")
	assert window.focused == "code"
	window.type(code=totp(person.totp_secret)).press("Unlock account")
	assert window.screens == ["Unlock your account", "Your account is unlocked"] and window.fields == 1
	figure(window, "unlock", 20)
	window.press("Sign in").type(username=person.username, password=person.password).press("Sign in")
	assert window.heading == "Enter your security code"


def test_a_screen_is_signed_in_from_the_phone_link_in_2_screens_0_fields_and_10_seconds(demo, window, totp):
	person, http = demo.person(), Browser(demo.base_url, demo.ca_file)
	terminal = Screen(http, demo.applications[0]).ask(device_name="build-04")
	signed_in(window, person, totp).count_from_here().open(terminal.link)
	assert window.heading == "Are you signing in on build-04?", window.main
	window.press_twice("Yes, sign me in")
	assert window.heading == "You approved the sign-in", window.main
	assert len(audit(demo, event="device_allowed", username=person.username)) == 1
	assert (len(window.screens), window.fields) == (1, 0), "one after the link's own"
	figure(window, "screen", 10)
	assert "access_token" in terminal.poll()
	http.close()


def test_an_authenticator_takes_2_screens_and_1_field(demo, window, totp):
	person = demo.person("no_totp")
	show_password(window, person)
	assert window.heading == "Set up your authenticator app"
	window.count_from_here()
	screens = [window.heading]
	assert window.one("a[href^='otpauth:']").is_displayed() and window.one("svg.qr").is_displayed()
	person.totp_secret = key_shown(window)
	window.type(code=totp(person.totp_secret)).press("Continue")
	screens += window.screens
	assert screens == ["Set up your authenticator app", "Save your recovery codes"] and window.fields == 1
	assert len(set(codes_shown(window))) == 10
	assert window.press("I have saved my codes").heading == "Your services"


def test_a_recovery_code_leads_to_a_new_authenticator(demo, window, totp):
	person = demo.person("no_totp")
	show_password(window, person)
	window.type(code=totp(key_shown(window))).press("Continue")
	code = codes_shown(window)[0]
	window.press("I have saved my codes")
	show_password(window.forget(), person).tap("I cannot use my authenticator app")
	window.press("Use a recovery code").type(recovery=code.lower()).press("Continue")
	assert window.heading == "Set up your authenticator app", window.main
	window.type(code=totp(key_shown(window))).press("Continue")
	assert window.press("I have saved my codes").heading == "Your account"


@pytest.mark.parametrize("state, words", (("expired", "Your password has expired"), ("must_change", "a temporary password")))
def test_a_password_that_ended_is_replaced_on_the_way_in(demo, window, totp, state, words):
	person = demo.person(state)
	show_password(window, person).type(code=totp(person.totp_secret)).press("Continue")
	assert window.heading == "Create a new password" and words in window.main
	assert window.type(new_password=new_password()).press("Save new password").heading == "Your services"


def test_the_account_changes_password_authenticator_and_devices(demo, window, totp):
	person = demo.person()
	signed_in(window, person, totp).press("Your account")
	assert "This device" in window.main
	window.press("#change_password").type(password=person.password, new_password=new_password()).press("Save new password")
	assert window.heading == "Your account", window.main
	window.press("#authenticator")
	window.type(code=totp(key_shown(window))).press("Continue")
	assert window.press("I have saved my codes").heading == "Your account"
	window.press("Sign out everywhere else")
	assert window.heading == "Your account"
	assert window.press("Sign out").heading == "You have signed out"


def test_too_many_wrong_codes_are_told_as_such(demo, scripted, totp):
	person = demo.person()
	show_password(scripted, person)
	for code in range(100001, 100012):
		if scripted.all("#code"):
			scripted.type(code=str(code)).press("Continue")
	assert scripted.heading.startswith("We are not taking codes until")
	assert "Too many wrong codes were entered" in scripted.main and "password was entered" not in scripted.main
	assert "Unlock my account now" not in scripted.main, "an unlock wants a code as well"


# --- the application a journey began at


def test_the_application_is_kept_through_a_forgotten_password(demo, window, totp):
	person = demo.person()
	window.open("/signin?application=payroll").press("Cymraeg").press("English")
	assert window.caption == TO_PAYROLL
	window.press("I’ve forgotten my password")
	assert window.caption == TO_PAYROLL
	window.type(username=person.username, code="000000").press("Continue")
	assert window.errors and window.caption == TO_PAYROLL
	window.type(code=totp(person.totp_secret)).press("Continue")
	assert window.caption == TO_PAYROLL
	window.type(new_password=new_password()).press("Save new password")
	assert window.find("Continue to Payroll and Expenses").get_attribute("href") == "https://payroll.example/"


def test_the_application_is_kept_through_an_unlock(demo, window, totp):
	person = locked(window, demo, "/signin?application=payroll")
	window.press("Unlock my account now")
	assert window.caption == TO_PAYROLL
	window.type(code=totp(person.totp_secret)).press("Unlock account").press("Sign in")
	assert (window.heading, window.caption) == ("Sign in", TO_PAYROLL)


# --- another language in the middle


def test_welsh_in_the_middle_stays_on_the_page_and_the_step(demo, window, totp):
	person = demo.person()
	show_password(window, person, "/signin?application=payroll")
	window.press("Cymraeg")
	assert (window.language, window.path, window.caption) == ("cy", "/signin/code", "I fynd ymlaen i Payroll and Expenses")
	window.type(code=totp(person.totp_secret)).press("#continue")
	assert (window.language, window.path) == ("cy", "/")
	window.press("English")
	assert (window.language, window.heading) == ("en", "Your services")


def test_welsh_in_the_middle_of_a_reset_forgets_nothing(demo, window, totp):
	person = demo.person()
	window.open("/reset").press("Cymraeg").type(username=person.username, code=totp(person.totp_secret)).press("#continue")
	assert (window.language, window.path) == ("cy", "/reset/password")
	window.press("English")
	assert window.heading == "Create a new password"
	assert window.type(new_password=new_password()).press("Save new password").heading == "Your password has been changed"


def test_welsh_after_an_error_leads_to_the_same_page(demo, window):
	window.open("/signin").press("Sign in")
	assert window.errors
	window.press("Cymraeg")
	assert (window.language, window.path) == ("cy", "/signin") and not window.errors


# --- with the keyboard alone


def test_sign_in_with_the_keyboard_alone(demo, window, totp):
	person = demo.person()
	window.open("/signin").fill(username=person.username, password=person.password).enter()
	window.strike(totp(person.totp_secret)).enter()
	assert window.heading == "Your services"


def test_a_forgotten_password_with_the_keyboard_alone(demo, window, totp):
	person = demo.person()
	window.open("/signin").keys_to("I’ve forgotten my password").enter()
	window.fill(username=person.username, code=totp(person.totp_secret)).keys_to("Continue").enter()
	window.fill(new_password=new_password()).keys_to("Save new password").enter()
	assert window.heading == "Your password has been changed"


def test_an_unlock_with_the_keyboard_alone(demo, window, totp):
	person = locked(window, demo)
	window.keys_to("Unlock my account now").enter()
	window.strike(totp(person.totp_secret)).enter()
	assert window.heading == "Your account is unlocked"


def test_the_error_box_leads_to_the_field(demo, window):
	window.open("/signin").press("Sign in")
	window.strike(Keys.TAB, Keys.ENTER)
	assert window.focused == "username"


# --- paste, show, press twice


def test_every_field_takes_what_is_pasted(demo, window, totp):
	person = demo.person()
	window.open("/signin").paste(username=f" {person.username} ", password=person.password)
	assert window.value("password") == person.password
	code = totp(person.totp_secret)
	window.press("Sign in").paste(code=f"{code[:3]} {code[3:]}").press("Continue")
	assert window.heading == "Your services"
	window.forget().open("/reset").paste(username=person.username, code="123 456")
	assert window.value("code") == "123 456"
	window.open("/recovery").paste(recovery="4k7t 9xqm")
	assert window.value("recovery") == "4k7t 9xqm"


def test_show_shows_only_with_scripts(demo, shared):
	for script, window in shared.items():
		window.forget().open("/signin").type(password="correct horse")
		button = window.one("[data-show=password]")
		assert button.is_displayed() == script
		if script:
			button.click()
			assert window.one("#password").get_attribute("type") == "text" and button.text.startswith("Hide")


def test_a_double_click_sends_one_form_with_scripts_and_does_it_once_without(demo, window, totp):
	person = demo.person()
	window.open("/reset").type(username=person.username, code=totp(person.totp_secret)).press("Continue")
	window.type(new_password=new_password())
	window.press_twice("Save new password")
	assert window.heading == "Your password has been changed", window.main
	assert len(audit(demo, event="password_changed", username=person.username)) == 1


# --- back, reload, two tabs


def test_back_and_reload_do_nothing_twice(demo, window, totp):
	person = demo.person()
	window.open("/reset").type(username=person.username, code=totp(person.totp_secret)).press("Continue")
	window.type(new_password=new_password()).press("Save new password")
	for _ in range(2):
		window.driver.refresh()
		assert window.heading == "Your password has been changed"
	window.driver.back()
	window.driver.refresh()
	assert window.heading == "Your password has been changed", "the step is done; back leads on"
	assert len(audit(demo, event="password_changed", username=person.username)) == 1


def test_back_after_signing_out_shows_nothing_of_anybody(demo, window, totp):
	person = demo.person()
	signed_in(window, person, totp).press("Your account").press("Sign out")
	window.driver.back()
	window.driver.refresh()
	assert window.path in ("/session-ended", "/signin"), window.main
	assert "Signed in as" not in window.main


def test_two_tabs_end_in_one_session(demo, window, totp):
	person = demo.person()
	show_password(window, person)
	first = window.driver.current_window_handle
	window.driver.switch_to.new_window("tab")
	window.open("/signin/code")
	assert window.heading == "Enter your security code"
	window.type(code=totp(person.totp_secret)).press("Continue")
	second = window.driver.current_window_handle
	window.driver.switch_to.window(first)
	window.type(code="123456").press("Continue")
	assert window.heading in ("Your services", "That page was open too long"), window.main
	assert window.open("/").heading == "Your services"
	assert len(audit(demo, event="signin_done", username=person.username)) == 1
	window.driver.close()
	window.driver.switch_to.window(second)


def test_what_was_typed_is_kept_but_not_the_password(demo, window):
	person = demo.person()
	window.open("/signin").type(username=person.username, password="not the right one").press("Sign in")
	assert (window.value("username"), window.value("password")) == (person.username, "")


def test_with_scripts_codes_are_copied_printed_and_saved(demo, scripted, totp):
	show_password(scripted, demo.person("no_totp"))
	scripted.type(code=totp(key_shown(scripted))).press("Continue")
	assert [e.text for e in scripted.all(".acts .btn")] == ["Download", "Print", "Copy"]
	codes = codes_shown(scripted)
	scripted.driver.execute_script("window.print = () => { window.printed = true }")
	scripted.tap("Print")
	assert scripted.driver.execute_script("return window.printed")
	scripted.driver.refresh()
	assert codes_shown(scripted) == codes
