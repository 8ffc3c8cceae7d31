# SPDX-License-Identifier: MIT
"""What must be so on every page in Chromium, whoever made it: each look gives what is wrong, one line a fault."""
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

# What people may set (WCAG 1.4.12, 1.4.4), one at a time.
STYLES = ("", "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}",
	"html{font-size:200%}")
STYLED = """
const sheet = new CSSStyleSheet();  // the policy for content lets no other in
sheet.replaceSync(arguments[0]);
document.adoptedStyleSheets = [sheet];
"""
SIDEWAYS = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
CUT = """
return Array.from(document.querySelectorAll("main *, header *, footer *, nav *")).filter(e => e.getClientRects().length
	&& !e.closest(".away, svg") && e.tagName != "INPUT" && (e.scrollWidth > e.clientWidth + 1) && e.clientWidth > 0
	&& getComputedStyle(e).display != "inline").map(e => e.outerHTML.slice(0, 120))
"""
STOPS = """
return Array.from(document.querySelectorAll("a[href], button, input, summary")).filter(e => e.tabIndex >= 0 && !e.hidden
	&& e.type != "hidden" && !e.closest("details:not([open]) > div") && e.getClientRects().length).map(e => e.outerHTML.slice(0, 100))
"""
HERE = """
const e = document.activeElement, box = e.getClientRects()[0], style = getComputedStyle(e);
const there = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 12));
return [e.outerHTML.slice(0, 100), style.outlineStyle != "none" && parseFloat(style.outlineWidth) >= 2, e === there || e.contains(there)];
"""
LOW = """
return Array.from(document.querySelectorAll(".btn, .in")).filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 48)
	.map(e => e.outerHTML.slice(0, 100))
"""


def sideways(driver):
	"""Scrolls sideways or is cut, as it is, with wide spaces, with text at double size."""
	found = []
	for style in STYLES:
		driver.execute_script(STYLED, style)
		cut = driver.execute_script(CUT)
		if cut or driver.execute_script(SIDEWAYS):
			found.append(f"{style[:30]!r}: {cut}")
	driver.execute_script(STYLED, "")
	return found


def since_first(walked, wanted):
	return walked[walked.index(wanted[0]):] if wanted and wanted[0] in walked else []


def tab_order(driver):
	"""Tab goes to everything, in the order of the HTML, and each stop is seen."""
	driver.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
	wanted, walked, found = driver.execute_script(STOPS), [], []
	for _ in range(2 * len(wanted) + 2):  # begins where the page puts the focus, and comes round
		if len(since_first(walked, wanted)) >= len(wanted):
			break
		ActionChains(driver, duration=0).send_keys(Keys.TAB).perform()
		what, has_ring, is_seen = driver.execute_script(HERE)
		if what.startswith("<body"):
			continue
		walked.append(what)
		if not (has_ring and is_seen):
			found.append(f"{what}: ring {has_ring}, seen {is_seen}")
	return found if since_first(walked, wanted) == wanted else [*found, f"order {walked}"]


def low(driver):
	"""Buttons and fields a thumb may miss."""
	return driver.execute_script(LOW)
