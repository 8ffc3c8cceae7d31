# SPDX-License-Identifier: MIT
"""latchkey.schema and latchkey.ldif say the same, and the second loads into cn=config."""
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from lab import TOP, program

HERE = TOP / "contrib" / "directory"
NAMES = {"olcobjectidentifier": "objectidentifier", "olcattributetypes": "attributetype", "olcobjectclasses": "objectclass"}


def words(text):
	"""Blanks and line ends alike."""
	return re.sub(r"\s+", " ", text).strip()


def of_schema():
	"""[(kind, definition)] in order."""
	text = re.sub(r"^#.*\n", "", (HERE / "latchkey.schema").read_text(), flags=re.MULTILINE)
	rows = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
	return [(kind.lower(), words(rest)) for kind, rest in (row.split(" ", 1) for row in rows if row.strip())]


def of_ldif():
	text = re.sub(r"^#.*\n", "", (HERE / "latchkey.ldif").read_text(), flags=re.MULTILINE)
	rows = [row.split(": ", 1) for row in re.split(r"^(?=\S)", text, flags=re.MULTILINE) if row.strip()]
	return [(NAMES[kind.lower()], words(rest.replace("\n ", ""))) for kind, rest in rows if kind.lower() in NAMES]


def test_both_files_say_the_same():
	assert of_schema() == of_ldif()
	assert len(of_schema()) > 10


def test_numbers_are_never_used_twice():
	numbers = re.findall(r"\( (lk(?:Attribute|Class):\d+) ", (HERE / "latchkey.schema").read_text())
	assert len(numbers) == len(set(numbers))


def test_the_ldif_loads_into_cn_config():
	folder = Path(tempfile.mkdtemp(prefix="lk-schema-"))
	try:
		(folder / "config").mkdir()
		base = "dn: cn=config\nobjectClass: olcGlobal\ncn: config\n\ndn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n\n"
		core = Path("/etc/ldap/schema/core.ldif").read_text()
		done = subprocess.run([program("slapadd"), "-n", "0", "-F", folder / "config"],
			input=base + core + "\n" + (HERE / "latchkey.ldif").read_text(), text=True, capture_output=True, timeout=30)
		assert done.returncode == 0, done.stderr
	finally:
		shutil.rmtree(folder)
