#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""latchkeyctl on files, without a daemon."""
import datetime
import json
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctl import *  # noqa: E402,F403

GOLDEN = TOP / "tests" / "golden"


class Help(unittest.TestCase):
	maxDiff = None

	def golden(self, name, *words):
		ended = run(*words)
		self.assertEqual(ended.code, DONE)
		path = GOLDEN / "ctl" / f"{name}.want"
		if os.environ.get("LK_GOLDEN") == "write":
			path.write_text(ended.out)
		self.assertEqual(ended.out, path.read_text())

	def test_usage_and_help_are_as_looked_at(self):
		self.golden("help", "help")
		self.golden("help_user", "help", "user")

	def test_every_row_has_help_with_an_example(self):
		for line in run("help").out.splitlines()[2:34]:
			noun = line.split()[0]
			ended = run(noun, "--help")
			self.assertEqual(ended.code, DONE)
			self.assertIn(f"Example: latchkeyctl {noun}", ended.out)

	def test_what_cannot_be_understood_is_2_and_says_why(self):
		for words, why in ((("nothing",), "there is no 'nothing'"), (("user", "shwo", "x"), "user cannot 'shwo'"),
				(("user", "show"), "usage: latchkeyctl user show USER"), (("status", "--colour"), "no option --colour"),
				(("status", "--since", "1h"), "has no option --since"), (("status", "--config"), "needs a value"),
				(("status", "-j"), "no option -j"), (("status", "--json=1"), "takes no value"), ((), "NOUN"),
				(("key", "retire", "-Sw0"), "goes last, behind --"),
				(("status", "--server", "https://there"), "only unix:///PATH")):
			with self.subTest(words=words):
				ended = run(*words)
				self.assertEqual((ended.code, ended.out), (USAGE, ""))
				self.assertIn(why, ended.err)

	def test_options_may_stand_anywhere_and_end_with_two_dashes(self):
		self.assertEqual(run("--quiet", "completion", "--json", "bash").code, DONE)
		self.assertIn("there is no '--version'", run("--", "--version").err)

	def test_version(self):
		self.assertRegex(run("--version").out, r"^latchkeyctl \d+\.\d+")

	def test_the_completion_knows_every_noun_and_verb(self):
		script = run("completion", "bash").out
		ask = script + '\nCOMP_WORDS=(latchkeyctl %s) COMP_CWORD=%d; _latchkeyctl; echo "${COMPREPLY[@]}"'

		def said(words, at):
			return subprocess.run(["bash", "-c", ask % (words, at)], capture_output=True, text=True, check=True).stdout.split()
		self.assertEqual(said("us", 1), ["user"])
		self.assertEqual(said("user un", 2), ["unlock"])
		self.assertEqual(said("--socket /x user un", 4), ["unlock"])
		self.assertIn("--reason", said("user unlock --", 3))
		self.assertNotIn("--reason", said("user show --", 3))

	@unittest.skipUnless(shutil.which("groff"), "no groff")
	def test_the_manuals_are_good_man(self):
		made = [BUILD / name for name in ("latchkeyd.8", "latchkeyctl.1", "latchkey.conf.5", "latchkey-policy.5", "latchkey-errors.7")]
		for name in made + [TOP / "pam" / "pam_latchkey.8", TOP / "src" / "mailer" / "latchkey-mailer.8"]:
			done = subprocess.run(["groff", "-man", "-ww", "-z", "-Kutf8", "-Tutf8", str(name)], capture_output=True,
				text=True, check=False)
			self.assertEqual((done.returncode, done.stderr), (0, ""), name)

	def test_the_manual_of_errors_has_every_row(self):
		text = (BUILD / "latchkey-errors.7").read_text()
		for line in (TOP / "src" / "tables" / "errors.def").read_text().splitlines():
			if line.startswith("LK_ERR("):
				name, number = [cell.strip() for cell in line[7:].split(",")[:2]]
				self.assertIn(f"LK\\-{number} {name}\n", text)


class Config(FolderCase):
	def test_a_good_one_is_0(self):
		self.expect(DONE, "config", "check")

	def test_every_fault_is_told_as_golden(self):
		for want in sorted((GOLDEN / "conf").glob("*.want")):
			if not want.read_text():
				continue
			ended = run("config", "check", "--config", want.with_suffix(".conf"))
			self.assertEqual(ended.code, REFUSED)
			told = [line.split("golden/conf/")[-1].split(":", 1)[1] for line in ended.out.splitlines()]
			wanted = [line.split(":", 1)[1] for line in want.read_text().splitlines()]
			self.assertEqual(told, wanted, want.name)

	def test_faults_as_json_have_their_place(self):
		found = run("config", "check", "--json", "--config", GOLDEN / "conf" / "misspelt.conf").json
		self.assertFalse(found["ok"])
		self.assertTrue(all(fault["line"] > 0 and fault["words"] for fault in found["faults"]))

	def test_show_says_where_each_comes_from_and_no_secret(self):
		ended = self.expect(DONE, "config", "show")
		self.assertRegex(ended.out, r"\[http\] listen = 127.0.0.1:18080 +# .*latchkey.conf:\d+")
		self.assertRegex(ended.out, r"\[http\] lanes = 8 +# default")
		self.assertNotIn("secret words", ended.out)
		found = {(row["section"], row["key"]): row for row in self.expect(DONE, "config", "show", "--json").json["settings"]}
		self.assertEqual(found["http", "listen"]["value"], "127.0.0.1:18080")
		self.assertNotIn("file", found["http", "lanes"])

	def test_default_is_the_sample(self):
		self.assertEqual(self.expect(DONE, "config", "default").out, (BUILD / "latchkey.conf.sample").read_text())

	def test_policy_check_and_explain(self):
		self.expect(DONE, "policy", "check")
		self.assertIn("min_length = 12", self.expect(DONE, "policy", "explain", "password").out)
		self.expect(USAGE, "policy", "explain", "passwords")
		rules = self.expect(DONE, "policy", "explain", "lockout", "--json").json["rules"]
		self.assertGreater(len(rules), 3)
		(self.folder / "policies" / "reset.policy").write_text("[default]\nprofs = totp\n")
		self.assertIn("reset.policy:2:1", self.expect(REFUSED, "policy", "check").out)


class Audit(FolderCase):
	LINES = 9

	def setUp(self):
		super().setUp()
		self.audit_make(self.LINES)
		self.original = self.log.read_bytes()

	def fault_line(self, content):
		self.log.write_bytes(content)
		ended = self.expect(REFUSED, "audit", "verify", "--json")
		self.assertFalse(ended.json["ok"])
		self.assertNotEqual(self.expect(REFUSED, "audit", "verify").out, "")
		return ended.json["line"]

	def lines(self):
		return self.original.splitlines(keepends=True)

	def test_verify_finds_a_whole_log_whole(self):
		self.assertIn(f"{self.LINES} lines", self.expect(DONE, "audit", "verify").out)

	def test_verify_finds_a_flipped_bit_in_every_line(self):
		at = 0
		for number, line in enumerate(self.lines(), 1):
			middle = at + len(line) // 2
			flipped = bytearray(self.original)
			flipped[middle] ^= 1
			self.assertEqual(self.fault_line(bytes(flipped)), number)
			at += len(line)

	def test_verify_finds_a_dropped_line(self):
		lines = self.lines()
		self.assertEqual(self.fault_line(b"".join(lines[:3] + lines[4:])), 4)

	def test_verify_finds_lines_that_changed_places(self):
		lines = self.lines()
		lines[4], lines[5] = lines[5], lines[4]
		self.assertEqual(self.fault_line(b"".join(lines)), 5)

	def test_verify_finds_a_log_cut_short(self):
		self.assertEqual(self.fault_line(b"".join(self.lines()[:-1])), self.LINES)
		self.assertEqual(self.fault_line(self.original[:-5]), self.LINES)

	def test_verify_under_another_key_is_not_whole(self):
		key_file_write(self.folder / "keys")
		self.expect(REFUSED, "audit", "verify")

	def test_show_is_a_timeline_of_one_person_or_reference(self):
		self.assertEqual(len(self.expect(DONE, "audit", "show").out.splitlines()), self.LINES)
		of_one = self.expect(DONE, "audit", "show", "SM10001").out.splitlines()
		self.assertEqual(len(of_one), 5)
		self.assertRegex(of_one[0], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  AAAA-AAAA  sm10001 +sm10001 signed in\.")
		self.assertEqual(len(self.expect(DONE, "audit", "show", "--ref", "7q4m2xpd").out.splitlines()), 1)
		self.assertEqual(self.expect(DONE, "audit", "show", "--since", "2999-01-01").out, "")
		self.assertEqual(len(self.expect(DONE, "audit", "show", "--since", "1h").out.splitlines()), self.LINES)

	def test_export_gives_the_lines_themselves(self):
		self.assertEqual(self.expect(DONE, "audit", "export").out.encode(), self.original)
		for line in self.expect(DONE, "audit", "show", "--json").out.splitlines():
			self.assertEqual(json.loads(line)["event"], "signin_done")

	def test_follow_shows_what_comes(self):
		argv = [str(CTL), "--config", str(self.conf), "audit", "follow"]
		with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as follow:
			for _ in range(self.LINES):
				follow.stdout.readline()
			self.audit_make(1)
			self.assertIn("7Q4M-2XPD", follow.stdout.readline())
			follow.kill()

	def test_no_log_is_1_and_what_cannot_be_understood_2(self):
		self.expect(REFUSED, "audit", "show", "--file", self.folder / "none")
		self.expect(USAGE, "audit", "show", "--since", "yesterday")
		self.expect(USAGE, "audit", "show", "--ref", "!")

	@unittest.skipUnless(os.getuid() == 0, "needs another user")
	def test_who_may_not_read_it_is_told_so(self):
		self.log.chmod(0o600)
		self.folder.joinpath("audit").chmod(0o755)
		done = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", str(CTL), "audit", "show", "--file",
			str(self.log)], capture_output=True, text=True, check=False)
		self.assertEqual(done.returncode, NOT_ALLOWED, done.stderr)


class Keys(FolderCase):
	def test_each_new_key_follows_the_last(self):
		keys = self.folder / "keys"
		for number in (2, 3):
			line = self.expect(DONE, "key", "new").out
			self.assertRegex(line, rf"^{number} [A-Za-z0-9_-]{{43}}\n$")
			keys.write_text(keys.read_text() + line)
		self.assertTrue(self.expect(DONE, "key", "new", "--json").json["line"].startswith("4 "))

	def test_the_first_key_of_all_needs_no_file(self):
		(self.folder / "keys").unlink()
		self.assertRegex(self.ctl("key", "new").out, r"^(1 [A-Za-z0-9_-]{43}\n)?$")

	def test_a_key_file_others_may_read_is_refused(self):
		(self.folder / "keys").chmod(0o644)
		self.expect(REFUSED, "key", "new")


class Applications(FolderCase):
	ONE = {"client_name": "Room Booking", "redirect_uris": ["https://rooms.example/done"], "client_uri": "https://rooms.example/"}

	def imported(self, code, found, *words):
		return self.expect(code, "app", "import", "-", *words, text=json.dumps(found))

	def test_what_is_imported_is_listed_and_shown(self):
		secret = self.imported(DONE, self.ONE, "--json").json["applications"][0]["client_secret"]
		self.assertRegex(secret, r"^lk_cs_[A-Za-z0-9_-]{43}$")
		self.assertIn("room-booking", self.expect(DONE, "app", "list").out)
		shown = self.expect(DONE, "app", "show", "room-booking", "--json").json["application"]
		self.assertEqual((shown["kind"], shown["redirect_uris"], shown["secret_count"]), ("web", self.ONE["redirect_uris"], 1))
		self.assertIn("https://rooms.example/done", self.expect(DONE, "app", "show", "room-booking").out)
		written = (self.folder / "policies" / "applications" / "room-booking.conf").read_text()
		self.assertNotIn(secret, written)
		self.assertRegex(written, r"secret_digests = 1:[A-Za-z0-9_-]{43}\n")

	def test_a_secret_that_is_given_is_kept_as_digest_and_not_told_again(self):
		ended = self.imported(DONE, dict(self.ONE, client_secret="a given secret, long"))
		self.assertNotIn("a given secret", ended.out + ended.err)
		for path in (self.folder / "policies").rglob("*.conf"):
			self.assertNotIn("a given secret", path.read_text())

	def test_kinds_come_from_the_grants(self):
		cases = {"spa": {"token_endpoint_auth_method": "none"}, "robot": {"grant_types": ["client_credentials"], "redirect_uris": []},
			"resource_server": {"grant_types": [], "redirect_uris": []}, "web": {}}
		found = [dict(self.ONE, client_id=kind, **more) for kind, more in cases.items()]
		told = self.imported(DONE, found, "--json").json["applications"]
		self.assertEqual([one["kind"] for one in told], list(cases))
		self.assertNotIn("client_secret", told[0])

	def test_names_of_rfc_7591_become_keys(self):
		self.imported(DONE, dict(self.ONE, token_endpoint_auth_method="client_secret_post", id_token_signed_response_alg="ES256",
			subject_type="pairwise", scope="openid profile", post_logout_redirect_uris=["https://rooms.example/bye"],
			backchannel_logout_uri="https://rooms.example/out", frontchannel_logout_uri="https://rooms.example/front",
			jwks_uri="https://rooms.example/keys", response_types=["code"], grant_types=["authorization_code", "refresh_token"]))
		written = (self.folder / "policies" / "applications" / "room-booking.conf").read_text().splitlines()
		for line in ("auth_method = post", "id_token_alg = ES256", "subject = pairwise", "scopes = openid profile",
				"signed_out_uris = https://rooms.example/bye", "backchannel_logout_uri = https://rooms.example/out",
				"frontchannel_logout_uri = https://rooms.example/front", "jwks_uri = https://rooms.example/keys"):
			self.assertIn(line, written)

	def test_keys_of_the_metadata_get_a_file_of_their_own(self):
		key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
		asked = dict(self.ONE, token_endpoint_auth_method="private_key_jwt", jwks={"keys": [key]})
		told = self.imported(DONE, asked, "--json").json["applications"][0]
		self.assertNotIn("client_secret", told)
		path = self.folder / "policies" / "applications" / "room-booking.jwks"
		self.assertEqual(json.loads(path.read_text()), {"keys": [key]})
		private = dict(self.ONE, client_id="other", token_endpoint_auth_method="private_key_jwt",
			jwks={"keys": [dict(key, d="nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")]})
		self.assertIn("JWK Set", self.imported(REFUSED, private).err)
		self.assertFalse(path.with_name("other.jwks").exists())

	def test_what_is_not_offered_is_refused_by_name(self):
		for more in ({"token_endpoint_auth_method": "client_secret_jwt"}, {"id_token_signed_response_alg": "none"},
				{"subject_type": "hidden"}, {"response_types": ["token"]}, {"kind": "daemon"}):
			with self.subTest(more=more):
				self.assertIn(next(iter(more)), self.imported(REFUSED, dict(self.ONE, **more)).err)

	def test_a_grant_there_is_not_is_left_out_and_told_or_refused_when_nothing_else_is(self):
		for grants in (["implicit"], ["password", "refresh_token"], ["urn:ietf:params:oauth:grant-type:jwt-bearer"], ["refresh_token"], "implicit",
				[1], ["Authorization_Code"]):
			for more in ({}, {"token_endpoint_auth_method": "none"}, {"kind": "password_only"}):
				with self.subTest(grants=grants, more=more):
					told = self.imported(REFUSED, dict(self.ONE, grant_types=grants, **more)).err
					self.assertIn("grant_types", told)
					self.assertTrue(grants[0] == 1 or grants == "implicit" or grants[0] in told, told)
		self.assertIn("client_credentials", self.imported(REFUSED, dict(self.ONE, grant_types=["client_credentials"],
			token_endpoint_auth_method="none")).err)
		for kind, grants, left_out in (("web", ["authorization_code", "implicit", "password"], "implicit password"),
				("web", ["client_credentials", "authorization_code"], "client_credentials"),
				("web", ["authorization_code", "refresh_token"], None), ("robot", ["client_credentials", "implicit"], "implicit"),
				("resource_server", [], None)):
			for dry in (["--dry-run"], []):
				with self.subTest(grants=grants, dry=dry):
					ended = self.imported(DONE, dict(self.ONE, client_id=f"{kind}-{len(grants)}{len(left_out or '')}", redirect_uris=[],
						owner="us", grant_types=grants), "--json", *dry)
					self.assertEqual(ended.json["applications"][0]["kind"], kind)
					if left_out is None:
						self.assertNotIn("grant_types", ended.err)
					else:
						self.assertIn(f"grant_types {left_out}: not offered, left out", ended.err)

	def test_a_robot_has_an_owner_and_expires(self):
		robot = {"client_id": "night", "grant_types": ["client_credentials"], "client_name": "Nightly transfer"}
		self.assertIn("who answers for it", self.imported(DONE, robot).err)
		written = (self.folder / "policies" / "applications" / "night.conf").read_text()
		self.assertRegex(written, r"owner = nobody yet\npurpose = Nightly transfer\nexpires = 20\d\d-\d\d-\d\dT\d\d:\d\dZ\n")
		self.assertNotIn("who answers", self.imported(DONE, dict(robot, client_id="day", contacts=["payroll@finance.example"])).err)
		self.imported(REFUSED, dict(robot, client_id="long", expires="2999-01-01"))

	def test_all_or_nothing(self):
		bad = dict(self.ONE, client_id="bad", redirect_uris=["http://rooms.example/*"])
		ended = self.imported(REFUSED, [self.ONE, bad])
		self.assertIn("nothing was registered", ended.err)
		self.assertEqual(self.expect(DONE, "app", "list").out, "")

	def test_what_is_registered_stays_as_it_is(self):
		self.imported(DONE, self.ONE)
		path = self.folder / "policies" / "applications" / "room-booking.conf"
		before = path.read_text()
		self.assertIn("registered already", self.imported(REFUSED, self.ONE).err)
		self.assertEqual(path.read_text(), before)

	def test_nothing_leads_out_of_the_folder_or_makes_a_second_line(self):
		for more in ({"client_id": "../out"}, {"client_id": ".hidden"}, {"client_id": "-kind"}, {"client_name": "x\nkind = robot"},
				{"redirect_uris": ["https://a.example/,https://b.example/"]}, {"client_secret": "short"}):
			with self.subTest(more=more):
				self.imported(REFUSED, dict(self.ONE, **more))
		self.assertEqual(os.listdir(self.folder / "policies" / "applications"),
			[name for name in os.listdir(self.folder / "policies" / "applications") if name.endswith(".sample")])

	def test_dry_run_writes_nothing_and_tells_no_secret(self):
		ended = self.imported(DONE, self.ONE, "--dry-run")
		self.assertNotIn("lk_cs_", ended.out + self.imported(DONE, self.ONE, "--dry-run", "--json").out)
		self.assertEqual(self.expect(DONE, "app", "list").out, "")

	def test_a_dry_run_says_what_a_real_one_would(self):
		"""The same words and the same exit, faults of the policy check among them; nothing stands there afterwards."""
		apps = self.folder / "policies" / "applications"
		(apps / "wiki.conf").write_text("[application]\nclient_id = wiki\nname = Wiki\nkind = web\ngroups = everyone\nhosts = wiki.example\n")
		before = sorted(os.listdir(apps))
		bad = {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "AAAA"}]}
		for found in ({"redirect_uris": ["http://rooms.example/*"]}, {"client_id": "wiki"}, {"client_id": "new", "hosts": ["wiki.example"]},
				{"session_max": "long"}, {"client_id": "x", "grant_types": ["client_credentials"], "expires": "2999-01-01"},
				{"token_endpoint_auth_method": "private_key_jwt", "jwks": bad}, {"token_endpoint_auth_method": "private_key_jwt"},
				[self.ONE, {"client_id": "room-booking"}], [{"client_id": "a", "hosts": ["a.example"]}, {"client_id": "b", "hosts": ["a.example"]}],
				{"client_id": "../out"}, [self.ONE, {"client_id": "last", "scope": 'a"b'}]):
			found = dict(self.ONE, **found) if isinstance(found, dict) else found
			with self.subTest(found=found):
				dry, real = self.imported(REFUSED, found, "--dry-run"), self.imported(REFUSED, found)
				self.assertEqual((dry.out, dry.err), (real.out, real.err))
				self.assertIn("nothing was registered", dry.err)
				self.assertEqual(sorted(os.listdir(apps)), before)

	def test_a_dry_run_takes_what_a_real_one_takes(self):
		key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
		found = [dict(self.ONE, token_endpoint_auth_method="private_key_jwt", jwks={"keys": [key]}), {"client_id": "other"}]
		dry, real = self.imported(DONE, found, "--dry-run"), self.imported(DONE, found)
		self.assertEqual(dry.out, "room-booking\nother\n")
		self.assertRegex(real.out, r"^room-booking\nother\n  client_secret lk_cs_\S+  \(shown once\)\n$")

	def test_a_folder_that_takes_no_file_is_told_at_a_dry_run_as_well(self):
		apps = self.folder / "policies" / "applications"
		apps.chmod(0o555)
		self.addCleanup(apps.chmod, 0o755)
		found = self.folder / "found.json"
		found.write_text(json.dumps(self.ONE))
		powerless = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
		words = [*powerless, str(CTL), "--config", str(self.conf), "app", "import", str(found)]
		real, dry = (subprocess.run([*words, *more], capture_output=True, text=True, check=False) for more in ((), ("--dry-run",)))
		self.assertEqual((dry.returncode, dry.stdout, dry.stderr), (real.returncode, real.stdout, real.stderr))
		self.assertEqual(real.returncode, NOT_ALLOWED)

	def test_no_json_and_no_such_application_are_1(self):
		self.expect(REFUSED, "app", "import", "-", text="{")
		self.expect(REFUSED, "app", "import", "-", text="[1]")
		self.expect(REFUSED, "app", "show", "nobody")



class ApplicationFiles(FolderCase):
	"""app add, edit, rotate, remove: one file, whole or as it was."""

	def setUp(self):
		super().setUp()
		self.apps = self.folder / "policies" / "applications"
		self.file = self.apps / "grafana.conf"

	def add(self, *more):
		return self.expect(DONE, "app", "add", "grafana", "--name", "Grafana", "--redirect", "https://grafana.example/done", *more)

	def shown(self):
		return self.expect(DONE, "app", "show", "grafana", "--json").json["application"]["settings"]

	def files(self):
		return sorted(path.name for path in self.apps.iterdir() if not path.name.endswith(".sample"))

	def test_one_is_added_with_a_secret_shown_once(self):
		ended = self.add("pkce=required", "scopes=openid profile")
		secret = ended.out.split()[1]
		self.assertRegex(secret, r"^lk_cs_[A-Za-z0-9_-]{43}$")
		self.assertIn("reload", ended.err)
		self.assertNotIn(secret, self.file.read_text())
		self.assertEqual(self.file.stat().st_mode & 0o777, 0o640)
		settings = self.shown()
		self.assertEqual((settings["name"], settings["pkce"], settings["scopes"], settings["secret_digests"]),
			("Grafana", "required", "openid, profile", "1"))
		self.expect(DONE, "policy", "check")
		self.assertEqual(self.files(), ["grafana.conf"])

	def test_none_is_added_that_could_not_be_read(self):
		for words in (("x", "--redirect", "http://rooms.example/"), ("../x",), (".x",), ("--", "-x"), ("x/y",), ("x", "pkcee=required"),
				("x", "pkce"), ("x", "kind=robot"), ("x", "--kind", "daemon"), ("x", "name=a\nkind = web"), ("x", "client_id=y"),
				("x", "secret_digests=1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")):
			with self.subTest(words=words):
				ended = self.expect(REFUSED, "app", "add", *words)
				self.assertEqual((ended.out, self.files()), ("", []))
				self.assertNotEqual(ended.err, "")

	def test_only_a_public_one_has_a_scheme_of_its_own(self):
		own = ("phone", "--redirect", "com.example.phone:/done")
		self.assertIn("only with auth_method = none", self.expect(REFUSED, "app", "add", *own).err)
		self.expect(REFUSED, "app", "add", "phone", "--kind", "spa", "--redirect", "phone:/done")
		self.expect(DONE, "app", "add", *own, "auth_method=none")
		shown = self.expect(DONE, "app", "snippet", "python", "phone").out
		self.assertIn("com.example.phone:/done", shown)
		found = json.dumps({"client_id": "other", "redirect_uris": [own[2]], "application_type": "native", "token_endpoint_auth_method": "none"})
		self.expect(DONE, "app", "import", "-", text=found)
		found = json.dumps({"client_id": "third", "redirect_uris": [own[2]]})
		self.assertIn("only with auth_method = none", self.expect(REFUSED, "app", "import", "-", text=found).err)

	def test_one_that_is_there_is_not_added_again(self):
		self.add()
		before = self.file.read_text()
		self.assertIn("registered already", self.expect(REFUSED, "app", "add", "grafana").err)
		self.assertEqual(self.file.read_text(), before)

	def test_public_ones_and_signers_get_no_secret(self):
		self.assertEqual(self.add("--kind", "spa").out, "")
		self.expect(DONE, "app", "add", "signer", "auth_method=private_key_jwt", "jwks_uri=https://signer.example/keys")
		self.assertNotIn("secret_digests", self.file.read_text())
		self.assertIn("has no secret", self.expect(REFUSED, "app", "rotate", "grafana").err)

	def test_edit_changes_its_keys_and_no_other_line(self):
		self.add()
		before = "# Asked for by the metrics team.\n" + self.file.read_text() + "\n# The end.\n"
		self.file.write_text(before)
		self.file.chmod(0o604)
		self.expect(DONE, "app", "edit", "grafana", "name=Graphs", "groups=Night Shift, desk", "description=Curves")
		self.assertEqual(self.file.read_text(), before.replace("name = Grafana", "name = Graphs").replace(
			"groups = everyone", "groups = Night Shift, desk") + "description = Curves\n")
		self.assertEqual(self.file.stat().st_mode & 0o777, 0o604)
		self.expect(DONE, "app", "edit", "grafana", "description=")
		self.assertNotIn("description", self.file.read_text())

	def test_an_edit_that_is_wrong_leaves_the_file_as_it_was(self):
		self.add()
		before = self.file.read_text()
		for pair in ("redirect_uris=https://*.example/", "groups=", "client_id=other", "secret_digests=", "naem=x", "hours=always"):
			with self.subTest(pair=pair):
				self.expect(REFUSED, "app", "edit", "grafana", "pkce=required", pair)
				self.assertEqual((self.file.read_text(), self.files()), (before, ["grafana.conf"]))
		self.expect(REFUSED, "app", "edit", "nobody", "name=x")
		self.expect(USAGE, "app", "edit", "grafana")

	def test_the_doctor_names_a_robot_that_stops_soon(self):
		soon = (datetime.date.today() + datetime.timedelta(days=9)).isoformat()
		later = (datetime.date.today() + datetime.timedelta(days=90)).isoformat()
		robot = ("--kind", "robot", "owner=Payroll team", "purpose=Payslips")
		self.expect(DONE, "app", "add", "night", *robot, f"expires={later}")
		self.assertIn("ok    robots", self.ctl("doctor").out)
		self.expect(DONE, "app", "edit", "night", f"expires={soon}")
		self.assertRegex(self.ctl("doctor").out, r"WRONG robots +night .*\n +fix: ask Payroll team")

	def test_a_host_belongs_to_one(self):
		self.add("hosts=graphs.example")
		self.assertIn("stands in", self.expect(REFUSED, "app", "add", "other", "hosts=graphs.example").err)
		self.expect(DONE, "app", "edit", "grafana", "hosts=graphs.example new.example")

	def test_a_new_secret_leaves_the_old_one_until_a_time(self):
		self.add()
		old = self.digests()
		new = self.expect(DONE, "app", "rotate", "grafana", "--keep", "2h").out.split()[1]
		now = self.digests()
		self.assertEqual((len(now), len(now[0].split(":"))), (2, 2))
		self.assertNotEqual(now[0], old[0])
		self.assertRegex(now[1], rf"^{old[0]}:20\d\d-\d\d-\d\dT\d\d:\d\dZ$")
		self.assertNotIn(new, self.file.read_text())
		told = self.expect(DONE, "app", "rotate", "grafana", "--json").json
		self.assertTrue(told["client_secret"].startswith("lk_cs_"))
		third = self.digests()
		self.assertEqual((len(third), third[2]), (3, now[1]))
		self.expect(DONE, "app", "rotate", "grafana", "--keep", "0")
		self.assertEqual(len(self.digests()), 1)
		self.expect(USAGE, "app", "rotate", "grafana", "--keep", "tomorrow")

	def digests(self):
		line = next(line for line in self.file.read_text().splitlines() if line.startswith("secret_digests = "))
		return line.split(" = ")[1].split(", ")

	def test_dry_runs_say_the_text_and_change_nothing(self):
		ended = self.add("--dry-run")
		self.assertIn("redirect_uris = https://grafana.example/done\n", ended.out)
		self.assertNotIn("lk_cs_", ended.out)
		self.assertEqual(self.files(), [])
		self.add()
		before = self.file.read_text()
		self.assertIn("pkce = required", self.expect(DONE, "app", "edit", "grafana", "pkce=required", "--dry-run").out)
		self.assertNotIn("client_secret", self.expect(DONE, "app", "rotate", "grafana", "--dry-run", "--json").out)
		self.expect(DONE, "app", "remove", "grafana", "--dry-run")
		self.assertEqual(self.file.read_text(), before)

	def test_remove_asks_and_takes_the_file_away(self):
		self.add()
		self.assertIn("--yes", self.expect(USAGE, "app", "remove", "grafana").err)
		self.assertEqual(self.files(), ["grafana.conf"])
		self.expect(DONE, "app", "remove", "grafana", "--yes")
		self.assertEqual(self.files(), [])
		self.expect(REFUSED, "app", "remove", "grafana", "--yes")

	def test_a_file_that_cannot_be_written_stays(self):
		self.add()
		before = self.file.read_text()
		self.apps.chmod(0o555)
		self.addCleanup(self.apps.chmod, 0o755)
		if os.access(self.apps, os.W_OK):
			ended = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", str(CTL), "--config", str(self.conf), "app",
				"edit", "grafana", "name=x"], capture_output=True, text=True, check=False).returncode
		else:
			ended = self.ctl("app", "edit", "grafana", "name=x").code
		self.assertIn(ended, (REFUSED, NOT_ALLOWED))
		self.assertEqual((self.file.read_text(), self.files()), (before, ["grafana.conf"]))

	def test_samples_are_listed_and_filled_in(self):
		self.add()
		names = [line.split()[0] for line in self.expect(DONE, "app", "snippet").out.splitlines()]
		self.assertEqual(names, sorted(path.name for path in (TOP / "contrib" / "apps").iterdir() if path.name != "local.mk"))
		base_url = self.settings_of_service()
		for name in names:
			with self.subTest(name=name):
				text = self.expect(DONE, "app", "snippet", name, "grafana").out
				self.assertNotRegex(text, r"@[A-Z_]+@|\bSITE\b")
				self.assertIn(base_url, text)
				for said in ("Register ", "Test ", "Undo ", "Name used "):
					self.assertIn(said, text)
				self.assertRegex(text, "Written for |Tried with |NOT TRIED ")
		self.assertIn('"text":', self.expect(DONE, "app", "snippet", "shell", "grafana", "--json").out)
		self.expect(REFUSED, "app", "snippet", "netscape", "grafana")
		self.expect(REFUSED, "app", "snippet", "shell", "nobody")
		self.expect(USAGE, "app", "snippet", "shell")

	def test_web_servers_are_told_host_and_port(self):
		self.add()
		server = self.settings_of_service().partition("://")[2].rstrip("/")
		text = self.expect(DONE, "app", "snippet", "haproxy", "grafana").out
		name, _, port = server.partition(":")
		self.assertIn(f"server latchkey {name}:{port or '443'} ssl verify required ", text)
		self.assertIn(f"set-header Host {server}\n", text)
		self.assertIn("sni str(%s) verifyhost %s\n" % (name, name), text)
		self.assertIn("Host(`grafana.example`)", self.expect(DONE, "app", "snippet", "traefik", "grafana").out)
		self.expect(DONE, "app", "add", "api", "--kind", "resource_server")
		self.assertIn("https://SITE/api/", self.expect(DONE, "app", "snippet", "apache-resource", "api").out)

	def settings_of_service(self):
		rows = self.expect(DONE, "config", "show", "--json").json["settings"]
		return next(row["value"] for row in rows if row["key"] == "base_url")

	def test_samples_are_good_shell_python_and_node(self):
		self.add()
		for name, program, ending in (("shell", ("sh", "-n"), "sh"), ("nextcloud", ("sh", "-n"), "sh"),
				("python", ("/usr/bin/python3", "-m", "py_compile"), "py"), ("node", ("node", "--check"), "mjs")):
			with self.subTest(name=name):
				path = self.folder / f"sample.{ending}"
				path.write_text(self.expect(DONE, "app", "snippet", name, "grafana").out)
				if shutil.which(program[0]):
					subprocess.run([*program, str(path)], check=True)


if __name__ == "__main__":
	unittest.main()
