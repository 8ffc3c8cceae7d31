# SPDX-License-Identifier: MIT
"""
Every page a person can meet, and the states of each: walk(…) goes there as they would and yields its name once it is shown.
Buttons are found by their ids, so that it is the same in each language.
"""
from browser import Browser
from screens import Screen
from steps import new_password

OTHERS = ("/help", "/accessibility", "/privacy", "/signed-out", "/session-ended", "/start-again", "/nowhere")


def walk(window, demo, totp):
	yield from signing_in(window, demo, totp)
	yield from account(window, demo)
	yield from screen(window, demo, totp)
	yield from refused(window, demo)
	yield from reset(window, demo, totp)
	yield from recovery(window, demo)
	yield from locked(window, demo, totp)
	yield from enrolment(window, demo, totp)
	yield from standing_in_the_way(window, demo, totp)
	window.forget()
	for path in OTHERS:
		window.open(path)
		yield path[1:]


def show_password(window, person, password=None):
	window.open("/signin").type(username=person.username, password=password or person.password)
	return window.press("#signin")


def signing_in(window, demo, totp):
	person = demo.person()
	window.forget().open("/signin?application=payroll")
	yield "signin"
	window.press("#signin")
	yield "signin-empty"
	window.type(username=person.username, password="not the right one").press("#signin")
	yield "signin-wrong"
	window.type(password=person.password).press("#signin")
	yield "code"
	window.tap("summary")
	yield "code-other-ways"
	window.type(code="123").press("#continue")
	yield "code-short"
	window.type(code=totp.wrong(person.totp_secret)).press("#continue")
	yield "code-wrong"
	window.type(code=totp(person.totp_secret)).press("#continue")


def account(window, demo):
	window.open("/")
	yield "services"
	window.open("/account")
	yield "account"
	window.press("#sign_out_others")
	yield "account-others-signed-out"
	window.press("#change_password")
	yield "account-password"
	window.type(password="not the right one", new_password="short").press("#save")
	yield "account-password-wrong"
	window.open("/account").press("#authenticator")
	yield "authenticator-replace"
	window.press("#signout")
	yield "signed-out-now"


def screen(window, demo, totp):
	person, http = demo.person(), Browser(demo.base_url, demo.ca_file)
	waiting = [Screen(http, demo.applications[0]).ask(device_name="build-04").link for _ in range(2)]
	show_password(window.forget(), person).type(code=totp(person.totp_secret)).press("#continue")
	window.open("/device")
	yield "device"
	window.press("#continue")
	yield "device-empty"
	window.type(user_code="WDJB-MJHT").press("#continue")
	yield "device-wrong"
	window.open(waiting[0])
	yield "device-check"
	window.press("#allow")
	yield "device-done"
	window.open(waiting[1]).press("#deny")
	yield "device-denied"


def refused(window, demo):
	for state in ("left", "closed"):
		show_password(window.forget(), demo.person(state))
		yield f"refused-{state}"


def reset(window, demo, totp):
	person = demo.person()
	window.forget().open("/signin?application=payroll").open("/reset")
	yield "reset"
	window.tap("summary")
	yield "reset-other-ways"
	window.type(username=person.username, code=totp.wrong(person.totp_secret)).press("#continue")
	yield "reset-wrong"
	window.press("#continue")
	yield "reset-empty"
	window.type(username=person.username, code=totp(person.totp_secret)).press("#continue")
	yield "new-password"
	window.tap("summary")
	yield "new-password-not-allowed"
	window.type(new_password=person.username).press("#save")
	yield "new-password-wrong"
	window.type(new_password=new_password()).press("#save")
	yield "reset-done"


def recovery(window, demo):
	window.forget().open("/recovery")
	yield "recovery"
	window.type(username=demo.person().username, recovery="AAAA-AAAA").press("#continue")
	yield "recovery-wrong"


def locked(window, demo, totp):
	person = demo.person("locked")
	show_password(window.forget(), person)
	yield "locked"
	window.press("a[href='/unlock']")
	yield "unlock"
	window.type(code=totp.wrong(person.totp_secret)).press("#unlock")
	yield "unlock-wrong"
	window.type(code=totp(person.totp_secret)).press("#unlock")
	yield "unlocked"
	window.forget().open("/unlock")
	yield "unlock-elsewhere"


def enrolment(window, demo, totp):
	show_password(window.forget(), demo.person("no_totp"))
	yield "authenticator"
	window.tap("summary")
	yield "authenticator-key"
	secret = window.one("#key").text.replace(" ", "")
	window.type(code=totp.wrong(secret)).press("#continue")
	yield "authenticator-wrong"
	window.type(code=totp(secret)).press("#continue")
	yield "recovery-codes"


def standing_in_the_way(window, demo, totp):
	person = demo.person("expired")
	show_password(window.forget(), person).type(code=totp(person.totp_secret)).press("#continue")
	yield "expired"
	person = demo.person("must_change")
	show_password(window.forget(), person).type(code=totp(person.totp_secret)).press("#continue")
	yield "must-change"
	show_password(window.forget(), demo.person())
	for code in range(100001, 100012):
		if window.all("#code"):
			window.type(code=str(code)).press("#continue")
	yield "codes-locked"
