# SPDX-License-Identifier: MIT
"""
What somebody does who wants another person's session or step: plants cookies, keeps old ones, sends forms from elsewhere, waits. The
numbers are rows of SECURITY section 2.
"""
import pytest

from browser import Browser
from door import ASK, AUTH, DONE, Door
from steps import at_code, enrolled, new_password, reset_proven, show_password, signed_in
from story import audit

SESSION, BROWSER, DEVICE = "lk_session", "lk_browser", "lk_device"


def is_in(browser):
	page = browser.get("/")
	return page.status == 200 and page.heading == "Your services"


def planted(demo, http):
	"""(the attacker, the victim), both with the browser cookie that the attacker made."""
	http.get("/signin")
	victim = http.other()
	victim.cookies = {BROWSER: http.cookies[BROWSER]}
	return http, victim


# --- fixation -----------------------------------------------------------------------------------


def test_a_planted_browser_cookie_does_not_share_the_session(demo, http, totp):
	"""Row 2."""
	attacker, victim = planted(demo, http)
	signed_in(victim, demo.person(), totp)
	for path in ("/", "/signin", "/signin/code", "/account", "/account/authenticator/new", "/reset/done"):
		attacker.get(path)
	assert SESSION not in attacker.cookies and not is_in(attacker)


def test_a_planted_browser_cookie_does_not_share_a_proven_reset(demo, http, totp):
	"""Rows 1, 2, 16: the victim proves it's them, the attacker chooses the password."""
	attacker, victim = planted(demo, http)
	person = demo.person()
	key = attacker.get("/reset").form("code").values["form_key"]
	reset_proven(victim, person, totp)
	page = attacker.get("/reset/password")
	assert page.status == 303, page.heading
	attacker.post("/reset/password", {"form_key": key, "new-password": new_password()}, base="/reset/password")
	assert not audit(demo, event="password_changed", username=person.username)


def test_a_planted_browser_cookie_does_not_share_the_way_after_the_password(demo, http, totp):
	"""Row 2: the attacker saw a code over the victim's shoulder, but does not know the password."""
	attacker, victim = planted(demo, http)
	person = demo.person()
	key = attacker.get("/signin").form("password").values["form_key"]
	at_code(victim, person)
	attacker.post("/signin/code", {"form_key": key, "code": totp(person.totp_secret)}, base="/signin/code")
	assert SESSION not in attacker.cookies


def test_a_planted_browser_cookie_does_not_show_a_new_authenticator(demo, http, totp):
	attacker, victim = planted(demo, http)
	page, secret, codes = enrolled(show_password(victim, demo.person("no_totp")).follow(), totp)
	for path in ("/account/authenticator/new", "/account/recovery-codes", "/account/recovery-codes.txt"):
		body = attacker.get(path).body.decode()
		assert secret not in body and codes[0] not in body, path
	form = page.form("form_key", action="/account/recovery-codes")
	form.send()
	attacker.post(form.action, form.values, base=form.action)
	assert not is_in(attacker) and is_in(victim)


def test_a_planted_session_cookie_signs_nobody_in_as_somebody_else(demo, http, totp):
	"""The attacker's own session in the victim's browser: whoever signs in there leaves it."""
	mine, person = demo.person(), demo.person()
	signed_in(http, mine, totp)
	victim = http.other()
	victim.cookies = {SESSION: http.cookies[SESSION]}
	signed_in_again(victim, person, totp)
	assert victim.cookies[SESSION] != http.cookies[SESSION]


def test_cookies_made_up_twice_sent_or_of_another_kind_open_nothing(demo, http, totp):
	"""Row 15: a cookie nobody can read is no cookie."""
	signed_in(http, demo.person(), totp)
	session, browser, device = (http.cookies[name] for name in (SESSION, BROWSER, DEVICE))
	signs = (f"{SESSION}={session}; {SESSION}={session}", f"{SESSION}=; {SESSION}={session}", f"{SESSION}={session}; {SESSION}=x",
		f"{SESSION}={browser}", f"{SESSION}={device}", f"{BROWSER}={session}", f"{SESSION}={session[:-1]}", f"{SESSION}={session}A",
		f"{SESSION}=\"{session}\"", f"{SESSION.upper()}={session}", f" {SESSION} ={session}", f"{SESSION}={session}%00",
		f"{SESSION}={'A' * 4000}", "=;=;;; ;", f"__Host-{SESSION}={session}", f"{SESSION}={session.swapcase()}",
		f"{SESSION}={session.replace('_', '-', 1)}", "lk:epoch", f"{SESSION}=*", f"{SESSION}=s:*", f"{SESSION}={session},{session}")
	for cookie in signs:
		page = http.other().request("GET", "/", headers={"Cookie": cookie})
		assert page.status == 303 and page.headers["location"] in ("/signin", "/session-ended"), cookie
	assert is_in(http)


# --- old ones -----------------------------------------------------------------------------------


def test_the_session_of_before_is_dead_after_signing_in_anew(demo, http, totp):
	"""Row 4; SECURITY 3.4: new id at sign-in, the old one dead."""
	person = demo.person()
	signed_in(http, person, totp)
	old = http.other()
	old.cookies = dict(http.cookies)
	signed_in_again(http, person, totp)
	assert is_in(http) and http.cookies[SESSION] != old.cookies[SESSION] and not is_in(old)


def test_the_session_of_somebody_else_in_this_browser_is_dead_after_signing_in(demo, http, totp):
	first, second = demo.person(), demo.person()
	signed_in(http, first, totp)
	old = http.other()
	old.cookies = dict(http.cookies)
	signed_in_again(http, second, totp)
	assert is_in(http) and not is_in(old)


def signed_in_again(http, person, totp):
	page = http.get("/signin?next=/account").form("password").send(username=person.username, password=person.password)
	return page.follow().form("code").send(code=totp(person.totp_secret))


def test_signing_out_leaves_nothing_that_leads_back(demo, http, totp):
	person = demo.person()
	code = totp(person.totp_secret)
	form = at_code(http, person).form("code").fill(code=code)
	form.send().follow()
	old = http.other()
	old.cookies = dict(http.cookies)
	http.get("/").form("form_key", action="/signout").send()
	assert not is_in(old)
	page = old.post("/signin/code", form.values, base="/signin/code")
	assert page.status != 303 or page.headers["location"] != "/", page.headers["location"]
	assert not is_in(old)


# --- what was proven before a new password --------------------------------------------------------


def changed_elsewhere(http, person, totp):
	elsewhere = http.other()
	chosen = new_password()
	page = reset_proven(elsewhere, person, totp).form("new-password").send(new_password=chosen).follow()
	assert page.heading == "Your password has been changed"
	person.password = chosen


def test_a_password_shown_before_it_was_changed_signs_nobody_in(demo, http, totp):
	"""A stolen password stands at the code page while its owner resets it."""
	person = demo.person()
	form = at_code(http, person).form("code")
	changed_elsewhere(http, person, totp)
	form.send(code=totp(person.totp_secret))
	assert not is_in(http)


def test_a_password_shown_at_a_terminal_before_it_was_changed_signs_nobody_in(demo, http, totp):
	person, door = demo.person(), Door(demo, rhost="192.0.2.7")
	first = door.ask(AUTH, username=person.username, password=person.password)
	assert first["verdict"] == ASK
	changed_elsewhere(http, person, totp)
	last = door.ask(AUTH, username=person.username, handle=first["handle"], code=totp(person.totp_secret))
	assert last["verdict"] != DONE, last


def test_a_reset_proven_before_the_password_was_changed_changes_nothing(demo, http, totp):
	"""A code read over a shoulder stands at the new-password page while its owner resets first."""
	person = demo.person()
	form = reset_proven(http, person, totp).form("new-password")
	changed_elsewhere(http, person, totp)
	form.send(new_password=new_password())
	assert len(audit(demo, event="password_changed", username=person.username)) == 1
	at_code(http.other(), person)


def test_an_authenticator_begun_with_the_password_alone_does_not_replace_one_set_up_since(demo, http, totp):
	"""SECURITY 3.2: changing factors needs the same proof."""
	person = demo.person("no_totp")
	begun = show_password(http, person).follow()
	page, _, _ = enrolled(show_password(http.other(), person).follow(), totp)
	page.form("form_key", action="/account/recovery-codes").send()
	secret = seed_of(begun)
	begun.form("code").send(code=totp(secret))
	assert len(audit(demo, event="totp_added", username=person.username)) == 1


def seed_of(page):
	from steps import KEY
	return KEY.search(page.main).group().replace(" ", "")


# --- forms from elsewhere -----------------------------------------------------------------------

POSTS = ("/signin", "/signin/code", "/signin/recovery", "/signin/password", "/signout", "/reset", "/recovery", "/reset/password", "/unlock",
	"/account/sign-out-others", "/account/password", "/account/authenticator/new", "/account/recovery-codes")


@pytest.mark.parametrize("path", POSTS)
def test_no_form_does_anything_without_its_key_or_with_that_of_another(demo, http, totp, path):
	"""SECURITY 3.4: the key of another browser, of another job, none, empty, twice."""
	person = demo.staff[1]
	other = http.other()
	foreign = other.get("/signin").form("password").values["form_key"]
	unlock = http.get("/unlock").form("code").values["form_key"]
	fields = {"username": person.username, "password": person.password, "new-password": new_password(), "code": "000000",
		"recovery": "ABCD-EFGH"}
	for key in (None, "", foreign, unlock if path != "/unlock" else foreign, foreign + "A", "%00", "A" * 5000):
		values = allowed(path, fields) | ({} if key is None else {"form_key": key})
		page = http.post(path, values, base=path)
		assert page.status in (303, 400, 413) and page.headers.get("location") in (None, "/start-again", "/signin", "/session-ended"), page


def allowed(path, fields):
	names = {"/signin": "username password", "/signin/code": "code", "/signin/recovery": "recovery", "/reset": "username code",
		"/signin/password": "new-password", "/recovery": "username recovery", "/reset/password": "new-password",
		"/unlock": "username code", "/account/password": "password new-password", "/account/authenticator/new": "code"}
	return {name: fields[name] for name in names.get(path, "").split()}


@pytest.mark.parametrize("method", ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "Post", "POST\t"))
def test_only_post_signs_out(demo, method, signed_in_here):
	browser = signed_in_here
	try:
		page = browser.request(method, "/signout")
		assert page.status in (400, 404, 405, 501), page
	except ValueError:  # the client itself refuses to say it
		pass
	assert is_in(browser)


@pytest.fixture(scope="module")
def signed_in_here(demo, totp):
	browser = Browser(demo.base_url, demo.ca_file)
	signed_in(browser, demo.person(), totp)
	yield browser
	browser.close()


def test_looking_changes_nothing(demo, http, totp, signed_in_here):
	"""SECURITY 3.3, 3.4: mail scanners and prefetchers follow links. GET and HEAD of every page, with everything a form has in the query."""
	person = demo.person()
	before = len(audit(demo))
	query = f"?username={person.username}&password={person.password}&new-password={new_password()}&code=000000&form_key=x".replace(" ", "+")
	for path in POSTS + ("/", "/account", "/locked", "/unlock/done", "/reset/done", "/signed-out", "/start-again"):
		for method in ("GET", "HEAD"):
			for browser in (http, signed_in_here):
				page = browser.request(method, path + query)
				assert page.status in (200, 303, 405), page
				assert method == "GET" or not page.body
	assert len(audit(demo)) == before and is_in(signed_in_here)
	at_code(http.other(), person)


# --- frames, places to be sent to ------------------------------------------------------------------


def test_no_page_can_stand_in_a_frame_or_be_kept(demo, http, totp, signed_in_here):
	for path in ("/signin", "/reset", "/unlock", "/recovery", "/", "/account", "/account/password", "/nothing-here", "/healthz"):
		headers = signed_in_here.get(path).headers
		policy = headers.get("content-security-policy", "")
		assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy and "unsafe" not in policy, path
		assert "base-uri 'none'" in policy and "form-action" in policy
		assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
		assert "no-store" in headers["cache-control"], path
		assert "server" not in headers and "x-powered-by" not in headers


ELSEWHERE = ("https://evil.example/", "//evil.example", "/\\evil.example", "/%2Fevil.example", "/%5cevil.example", "https:evil.example", "javascript:alert(1)",
	"/account@evil.example", "\t//evil.example", "/account/../..//evil.example", "/account%0d%0aX-Evil:%20yes", "/account?x=//evil.example", "http://127.0.0.1@evil.example",
	"/signout", "/assets/", "/healthz", "/account#x", "/language/cy", ".evil.example", "data:text/html,x", "/account%00.evil.example", "/account\n")


def test_nobody_is_sent_elsewhere_after_signing_in(demo, http, totp):
	"""Rows 34 and 42."""
	from urllib.parse import quote
	for where in ELSEWHERE:
		for name in ("next", "application", "to", "redirect_uri", "return_to"):
			page = http.get(f"/signin?{name}={quote(where, safe='')}")
			form = page.form("password")
			assert form.values.get("next", "") == "" and form.values.get("application", "") == "", (name, where)
			assert "evil.example" not in page.body.decode()
	for where in ELSEWHERE:
		page = http.get(f"/language/cy?to={quote(where, safe='')}")
		assert page.status == 303 and page.headers["location"].startswith("/") and "evil" not in page.headers["location"] \
			and not page.headers["location"].startswith("//"), where
		assert "x-evil" not in page.headers
	person = demo.person()
	http.get("/language/en")
	key = http.get("/signin").form("password").values["form_key"]
	page = http.post("/signin", {"form_key": key, "username": person.username, "password": person.password, "next": "//evil.example", "application": "//evil.example"})
	page = page.follow().form("code").send(code=totp(person.totp_secret))
	assert page.status == 303 and page.headers["location"] == "/"
