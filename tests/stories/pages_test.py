# SPDX-License-Identifier: MIT
"""
Every page, refusal and confirmation as Chromium shows it: nothing found by axe-core, nothing cut or pushed sideways, everything
reachable with the keyboard, whoever looks: narrow, wide, magnified, dark, without scripts, with text at double size.
"""
import os
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium.webdriver.support.ui import WebDriverWait

import chrome
import looks

VIEWS = ((375, 800, False), (1280, 900, False), (375, 800, True), (320, 256, False))
# Colours move nothing.
SHAPES = pytest.mark.parametrize("viewer", [view for view in VIEWS if not view[2]], indirect=True)
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def plain(names):
	"""Without the refusals, of which one looks like the other."""
	return [name for name in names if name.count(".") == 2] + ["signin.signin_wrong.cy.html", "new_password.password_common.cy.html"]


class Handler(SimpleHTTPRequestHandler):
	def guess_type(self, path):
		return TYPES.get(Path(path).suffix, "text/plain")

	def log_message(self, *_):
		pass


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
	"""(address, names)"""
	folder = tmp_path_factory.mktemp("pages")
	subprocess.run([Path(os.environ.get("LK_BUILD", "."), "tests/page/page_samples"), folder], check=True)
	server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
	threading.Thread(target=server.serve_forever, daemon=True).start()
	yield f"http://127.0.0.1:{server.server_port}", sorted(path.name for path in folder.glob("*.html"))
	server.shutdown()
	server.server_close()


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{view[0]}x{view[1]}{'-dark' if view[2] else ''}")
def viewer(request):
	width, height, dark = request.param
	driver = chrome.chromium_start(width=width, height=height, dark=dark)
	yield driver
	driver.quit()


@pytest.mark.skipif(chrome.axe_file() is None, reason="axe-core is not here")
def test_axe_finds_nothing_on_any_page(pages, viewer):
	address, names = pages
	found = []
	# Each refusal once: its Welsh is other words in the same places.
	every = [name for name in names if ".en." in name]
	for name in every if viewer.execute_script("return innerWidth") == 1280 else plain(names):
		viewer.get(f"{address}/{name}")
		found += [f"{name}: {words}" for words in chrome.axe(viewer)]
	assert not found, "\n".join(found)


@pytest.mark.skipif(chrome.axe_file() is None, reason="axe-core is not here")
def test_axe_would_find_a_field_without_a_label(pages, viewer):
	viewer.get(f"{pages[0]}/signin.en.html")
	viewer.execute_script("document.querySelector('label').remove()")
	assert any(words.startswith("label:") for words in chrome.axe(viewer))


@SHAPES
def test_nothing_goes_sideways_or_is_cut_with_wide_spaces_and_double_text(pages, viewer):
	address, names = pages
	wrong = []
	for name in plain(names):
		viewer.get(f"{address}/{name}")
		wrong += [f"{name}: {words}" for words in looks.sideways(viewer)]
	assert not wrong, "\n".join(wrong)


@SHAPES
def test_tab_goes_to_everything_in_order_and_it_is_seen(pages, viewer):
	address, names = pages
	wrong = []
	for name in plain(names):
		viewer.get(f"{address}/{name}")
		wrong += [f"{name}: {words}" for words in looks.tab_order(viewer)]
	assert not wrong, "\n".join(wrong)


def test_without_scripts_no_button_is_there_that_does_nothing(pages):
	address, names = pages
	driver = chrome.chromium_start(script=False, width=375, height=800)
	try:
		for name in names:
			driver.get(f"{address}/{name}")
			for button in driver.find_elements("css selector", "button[type=button]"):
				assert not button.is_displayed(), f"{name}: {button.get_attribute('outerHTML')}"
	finally:
		driver.quit()


def test_show_shows_the_password_and_hides_it_before_it_is_sent(pages, viewer):
	viewer.get(f"{pages[0]}/signin.en.html")
	field = viewer.find_element("id", "password")
	button = viewer.find_element("css selector", "[data-show=password]")
	field.send_keys("correct horse")
	button.click()
	assert field.get_attribute("type") == "text" and button.text.startswith("Hide")
	assert viewer.find_element("id", "password-state").get_attribute("textContent") == "Your password is shown"
	viewer.execute_script("document.querySelector('main form').addEventListener('submit', e => e.preventDefault())")
	viewer.find_element("id", "signin").click()
	assert field.get_attribute("type") == "password"


def test_a_form_is_sent_once_however_often_it_is_pressed(pages, viewer):
	viewer.get(f"{pages[0]}/signin.en.html")
	sent = viewer.execute_script("""
		let sent = 0;
		const form = document.querySelector("main form");
		form.addEventListener("submit", e => { if (!e.defaultPrevented) sent++; e.preventDefault(); });
		for (let i = 0; i < 3; i++) document.getElementById("signin").click();
		return sent;
	""")
	assert sent == 1


def test_focus_begins_in_the_code_and_with_an_error_in_its_box(pages, viewer):
	wait = WebDriverWait(viewer, chrome.WAIT_S)
	viewer.get(f"{pages[0]}/code.en.html")
	wait.until(lambda d: d.switch_to.active_element.get_attribute("id") == "code")
	viewer.get(f"{pages[0]}/code.code_wrong.en.html")
	wait.until(lambda d: d.switch_to.active_element.get_attribute("role") == "alert")
