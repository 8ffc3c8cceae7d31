# SPDX-License-Identifier: MIT
"""Every page as page_samples writes it, and the HTML of one as a tree, read strictly."""
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

VOID = {"br", "hr", "img", "input", "link", "meta", "path"}


class Element:
	def __init__(self, tag, attrs, parent):
		self.tag, self.attrs, self.parent = tag, attrs, parent
		self.parts = []  # words and elements, in order

	@property
	def children(self):
		return [part for part in self.parts if isinstance(part, Element)]

	def all(self, tag=None):
		for child in self.children:
			if tag in (None, child.tag):
				yield child
			yield from child.all(tag)

	def text(self):
		return " ".join("".join(self.words()).split())

	def words(self):
		for part in self.parts:
			yield from part.words() if isinstance(part, Element) else [part]

	def get(self, name):
		return self.attrs.get(name)


class Reader(HTMLParser):
	"""Everything that is opened is closed, in order."""

	def __init__(self):
		super().__init__(convert_charrefs=True)
		self.top = self.at = Element("#", {}, None)
		self.faults = []

	def handle_starttag(self, tag, attrs):
		if len(dict(attrs)) != len(attrs):
			self.faults.append(f"<{tag}> says something twice")
		element = Element(tag, dict(attrs), self.at)
		self.at.parts.append(element)
		if tag not in VOID:
			self.at = element

	def handle_startendtag(self, tag, attrs):
		self.handle_starttag(tag, attrs)
		if tag not in VOID:
			self.handle_endtag(tag)

	def handle_endtag(self, tag):
		if tag in VOID:
			return
		if tag != self.at.tag:
			self.faults.append(f"</{tag}> where </{self.at.tag}> belongs")
			return
		self.at = self.at.parent

	def handle_data(self, data):
		self.at.parts.append(data)


def read(text):
	reader = Reader()
	reader.feed(text)
	reader.close()
	if reader.at is not reader.top:
		reader.faults.append(f"<{reader.at.tag}> is not closed")
	return reader.top, reader.faults


class Samples:
	"""with Samples() as folder: …; run in the build folder."""

	def __enter__(self):
		self.folder = tempfile.TemporaryDirectory()
		done = subprocess.run(["tests/page/page_samples", self.folder.name], check=False)
		if done.returncode != 0:
			sys.exit("page_samples did not run")
		return Path(self.folder.name)

	def __exit__(self, *_):
		self.folder.cleanup()
