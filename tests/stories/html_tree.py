# SPDX-License-Identifier: MIT
"""A page as a small tree, read strictly: what is not closed, or an id that stands twice, is a fault of the page."""
import re
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Their end may be left out (HTML 13.1.2.4), here as nowhere else on our pages.
MAY_STAY_OPEN = {"li", "p", "option", "dt", "dd"}
INSIDE_A_LINE = {"a", "abbr", "b", "code", "em", "i", "small", "span", "strong"}


class PageFault(AssertionError):
	"""The page itself is wrong, whatever it says."""


class Node:
	def __init__(self, tag, attrs, parent):
		self.tag = tag
		self.attrs = attrs
		self.parent = parent
		self.children = []

	def get(self, name, otherwise=None):
		return self.attrs.get(name, otherwise)

	def has_class(self, name):
		return name in self.get("class", "").split()

	def walk(self):
		"""Itself and all below it, in the order of the text."""
		yield self
		for child in self.children:
			if isinstance(child, Node):
				yield from child.walk()

	def all(self, tag=None, **attrs):
		"""Those of a tag with such attributes; True stands for any value."""
		return [node for node in self.walk() if node is not self and node.is_like(tag, attrs)]

	def first(self, tag=None, **attrs):
		found = self.all(tag, **attrs)
		return found[0] if found else None

	def is_like(self, tag, attrs):
		if tag is not None and self.tag != tag:
			return False
		return all(name in self.attrs if value is True else self.get(name) == value for name, value in attrs.items())

	def raw(self):
		"""All text, with a blank where a line or field ends."""
		text = "".join(child if isinstance(child, str) else child.raw() for child in self.children)
		return text if self.tag in INSIDE_A_LINE else f" {text} "

	@property
	def text(self):
		"""As a person reads it: blanks once, hyphens that do not break as hyphens."""
		return re.sub(r"\s+", " ", self.raw().replace("\u2011", "-")).strip()


class Reader(HTMLParser):
	def __init__(self):
		super().__init__(convert_charrefs=True)
		self.root = Node("", {}, None)
		self.at = self.root
		self.ids = set()

	def handle_starttag(self, tag, attrs):
		names = [name for name, _ in attrs]
		if len(names) != len(set(names)):
			raise PageFault(f"<{tag}> has an attribute twice: {names}")
		attrs = {name: "" if value is None else value for name, value in attrs}
		if "id" in attrs:
			if attrs["id"] in self.ids:
				raise PageFault(f"id {attrs['id']!r} stands twice")
			self.ids.add(attrs["id"])
		if tag == self.at.tag and tag in MAY_STAY_OPEN:
			self.at = self.at.parent
		node = Node(tag, attrs, self.at)
		self.at.children.append(node)
		if tag not in VOID:
			self.at = node

	def handle_startendtag(self, tag, attrs):
		self.handle_starttag(tag, attrs)
		if tag not in VOID:
			self.handle_endtag(tag)

	def handle_endtag(self, tag):
		while self.at.tag != tag and self.at.tag in MAY_STAY_OPEN:
			self.at = self.at.parent
		if self.at.tag != tag:
			raise PageFault(f"</{tag}> where <{self.at.tag}> is open, line {self.getpos()[0]}")
		self.at = self.at.parent

	def handle_data(self, data):
		self.at.children.append(data)


def tree(text):
	reader = Reader()
	reader.feed(text)
	reader.close()
	if reader.at is not reader.root:
		raise PageFault(f"<{reader.at.tag}> is never closed")
	return reader.root
