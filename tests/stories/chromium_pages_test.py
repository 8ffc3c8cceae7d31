# SPDX-License-Identifier: MIT
"""
Every page of the running service in each of its states, in both languages, reached as people reach it (walk.py) and looked at there:
by axe-core, with wide spaces, with double text, with Tab, at the console, on the wire. LK_SHOTS=FOLDER keeps a picture of each.
"""
import gzip
import os
from collections import defaultdict
from pathlib import Path

import html5lib
import pytest

import chrome
import looks
from walk import walk
from window import Window

# The slowest rule; colours are the same at each width.
WIDTH_IS_NOTHING_TO = ("color-contrast",)
VIEWS = ((375, 800, False), (375, 800, True), (1280, 900, False), (320, 256, False))
FIRST_LOAD_MAX, PAGE_MAX = 14_000, 30_000
SETTLED = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"
WHOLE_HEIGHT = "return document.documentElement.scrollHeight"


def name_of(view):
	return f"{view[0]}{'-dark' if view[2] else ''}"


def picture(driver, name):
	"""For people to look at, forced colours too."""
	folder = Path(os.environ["LK_SHOTS"])
	folder.mkdir(parents=True, exist_ok=True)
	for width, height, is_dark, is_forced in ((375, 300, False, False), (375, 300, True, False), (1280, 900, False, False),
			(375, 300, False, True)):
		chrome.view_set(driver, width, height, is_dark, is_forced)
		chrome.view_set(driver, width, driver.execute_script(WHOLE_HEIGHT), is_dark, is_forced)
		driver.save_screenshot(str(folder / f"{name}-{width}{'-dark' if is_dark else ''}{'-forced' if is_forced else ''}.png"))


def look(window, name, found):
	"""All looks at the state that is shown."""
	driver = window.driver
	found["console"] += [f"{name}: {words}" for words in window.complaints()]
	found["heavy"] += [f"{name}: {size} bytes" for size in window.wire() if size > PAGE_MAX]
	found["title"] += title_faults(window, name)
	found["html"] += [f"{name}: {fault}" for fault in html_faults(window.served())]
	for view in VIEWS:
		chrome.view_set(driver, *view)
		if chrome.axe_file():
			found["axe"] += [f"{name}-{name_of(view)}: {words}" for words in chrome.axe(driver, () if view[0] == 375 else WIDTH_IS_NOTHING_TO)]
		found["sideways"] += [f"{name}-{name_of(view)}: {words}" for words in looks.sideways(driver)]
	chrome.view_set(driver, *VIEWS[0])
	found["low"] += [f"{name}: {words}" for words in looks.low(driver)]
	window.complaints()  # of our own doing
	if "LK_SHOTS" in os.environ:
		picture(driver, name)
		chrome.view_set(driver, *VIEWS[0])
	driver.execute_async_script(SETTLED)  # or the next click may meet what has just moved


def title_faults(window, name):
	error, service = {"en": ("Error: ", "Staff sign-in"), "cy": ("Gwall: ", "Mewngofnodi staff")}[window.language]
	wanted = f"{error if window.errors else ''}{window.heading} – {service}"
	return [] if window.driver.title == wanted else [f"{name}: {window.driver.title!r} is not {wanted!r}"]


def html_faults(text):
	parser = html5lib.HTMLParser(strict=False)
	parser.parse(text)
	return [f"{at[0]}: {code} {what}" for at, code, what in parser.errors]


@pytest.fixture(scope="module", params=("en", "cy"))
def found(request, demo, totp):
	"""What is wrong, by what was looked at."""
	driver = chrome.chromium_start(width=375, height=800, language=request.param)
	faults = defaultdict(list)
	window = Window(driver, demo.base_url)
	try:
		for state in walk(window, demo, totp):
			look(window, f"{state}.{request.param}", faults)
			faults["states"].append(state)
	finally:
		driver.quit()
	return faults


def none(faults):
	assert not faults, "\n".join(faults)


@pytest.mark.skipif(chrome.axe_file() is None, reason="axe-core is not here; tests/run brings it")
def test_axe_finds_nothing_in_any_state(found):
	none(found["axe"])


def test_nothing_goes_sideways_in_any_state(found):
	none(found["sideways"])


def test_the_title_is_the_heading_and_says_when_something_is_wrong(found):
	none(found["title"])


def test_buttons_and_fields_are_as_high_as_a_thumb(found):
	none(found["low"])


def test_nothing_is_refused_by_the_policy_for_content(found):
	none(found["console"])


def test_every_page_served_is_valid_html(found):
	none(found["html"])


def test_no_page_is_heavier_than_a_slow_link_bears(found):
	none(found["heavy"])


def test_the_walk_met_every_state_once(found):
	assert len(found["states"]) == len(set(found["states"])) >= 45


def test_a_fault_in_html_would_be_found():
	assert html_faults("<!DOCTYPE html><p><div></p>") and not html_faults("<!DOCTYPE html><html><head><title>a</title></head><body></body></html>")


def test_the_first_page_and_all_it_needs_is_small(demo, http):
	"""As it comes over the wire to a browser that takes gzip."""
	page = http.get("/signin", accept_encoding="gzip")
	text = gzip.decompress(page.body).decode() if page.headers.get("content-encoding") == "gzip" else page.text
	wanted = {node for node in html5lib.parse(text, namespaceHTMLElements=False).iter() if node.get("href", node.get("src", "")).startswith("/assets/")}
	sizes = {"page": len(page.body) + len(bytes(page.headers))}
	for node in wanted:
		asset = http.get(node.get("href") or node.get("src"), accept_encoding="gzip")
		assert asset.status == 200
		sizes[asset.path] = len(asset.body) + len(bytes(asset.headers))
	print(sizes, sum(sizes.values()))
	assert len(sizes) == 4 and sum(sizes.values()) <= FIRST_LOAD_MAX
