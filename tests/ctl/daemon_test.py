#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""latchkeyctl before a daemon that says what a test wants."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctl import *  # noqa: E402,F403

NO = {"ok": False, "ref": "7Q4M-2XPD", "error": "PERSON_NOT_FOUND", "number": 2008, "text": "Nobody has that staff ID."}


class Asking(DaemonCase):
	def test_nobody_there_is_3(self):
		self.assertIn("not there", self.expect(UNREACHABLE, "status").err)

	def test_a_daemon_that_hangs_up_is_3(self):
		self.says(b"")
		self.expect(UNREACHABLE, "status")

	def test_an_answer_that_cannot_be_read_is_3(self):
		self.says(frame(field(VERDICT, VERDICT_DONE), field(JSON, "{")))
		self.expect(UNREACHABLE, "status")

	def test_who_may_not_ask_is_4(self):
		self.says(frame(field(VERDICT, VERDICT_REFUSED), field(REASON, REASON_NOT_ALLOWED)))
		self.assertIn("admin_users", self.expect(NOT_ALLOWED, "status").err)

	def test_a_refusal_is_1_with_its_words_and_reference(self):
		self.says(NO)
		ended = self.expect(REFUSED, "user", "show", "nobody")
		self.assertEqual(ended.err, "latchkeyctl: Nobody has that staff ID. (reference 7Q4M-2XPD)\n")

	def test_each_error_has_its_exit_code(self):
		for error, code in (("DIRECTORY_DOWN", UNREACHABLE), ("STORE_DOWN", UNREACHABLE), ("NOT_ALLOWED", NOT_ALLOWED),
				("DIRECTORY_UNSURE", PARTLY), ("ACCOUNT_BLOCKED", REFUSED), ("ANEW_ONE", REFUSED)):
			with self.subTest(error=error):
				daemon = self.says(dict(NO, error=error))
				self.expect(code, "user", "show", "x")
				daemon.stop()
				(self.folder / "run" / "admin.sock").unlink()

	def test_partly_done_is_5(self):
		self.says({"ok": True, "is_partly": True, "text": ["Unlocked, but the mail could not be written."]})
		self.assertIn("Unlocked", self.expect(PARTLY, "user", "unlock", "x", "--reason", "y", "--yes").out)

	def test_json_is_the_answer_as_it_came(self):
		self.says({"ok": True, "text": ["x"], "new_member": 1})
		self.assertEqual(self.expect(DONE, "user", "show", "x", "--json").json["new_member"], 1)

	def test_the_socket_comes_from_the_option_first(self):
		self.says({"ok": True, "is_ready": True})
		ended = run("status", "--server", f"unix://{self.folder}/run/admin.sock")
		self.assertEqual(ended.code, DONE)

	def test_names_cannot_steer_the_terminal(self):
		self.says({"ok": True, "people": [{"username": "x\u001b[2J", "name": "A\u202eB\u009b1m\r", "state": "open", "mail": "m"}]})
		ended = self.expect(DONE, "user", "find", "x")
		self.assertFalse(set(ended.out) & {"\u001b", "\u202e", "\u009b", "\r"})


class Changing(DaemonCase):
	def test_a_reason_is_needed_and_nothing_is_asked_without(self):
		daemon = self.says({"ok": True})
		self.expect(USAGE, "user", "unlock", "x", "--yes")
		self.assertEqual(daemon.asked, [])

	def test_without_a_terminal_nothing_is_changed_unless_yes(self):
		daemon = self.says({"ok": True, "text": ["done"]})
		self.assertIn("--yes", self.expect(USAGE, "user", "signout", "x", "--reason", "y", text="y\n").err)
		self.assertEqual(daemon.asked, [])
		self.expect(DONE, "user", "signout", "x", "--reason", "stolen", "--yes")
		self.assertEqual(daemon.asked, [{"verb": "user.signout", "user": "x", "reason": "stolen", "dry_run": False}])

	def test_dry_run_asks_for_no_change(self):
		daemon = self.says({"ok": True, "text": ["would be unlocked"]})
		self.expect(DONE, "user", "unlock", "x", "--dry-run")
		self.assertIs(daemon.asked[0]["dry_run"], True)


class Lists(DaemonCase):
	def test_pieces_are_asked_for_to_the_end(self):
		def piece(asked):
			start = asked["from"]
			answer = {"ok": True, "people": [{"username": f"p{start}", "name": "n", "state": "open", "mail": "m"}]}
			return answer | ({"next": start + 1} if start < 2 else {})
		daemon = self.says(piece)
		self.assertEqual([line.split()[0] for line in self.expect(DONE, "user", "find", "p").out.splitlines()], ["p0", "p1", "p2"])
		self.assertEqual(len(daemon.asked), 3)

	def test_a_daemon_that_never_ends_a_list_is_left(self):
		self.says({"ok": True, "people": [], "next": 0})
		self.expect(DONE, "user", "find", "p")

	def test_history_is_a_line_each(self):
		self.says({"ok": True, "events": [{"at_s": 1764263116, "ref": "7Q4M-2XPD", "text": "Signed in."}]})
		self.assertEqual(self.expect(DONE, "user", "history", "x").out, "2025-11-27 17:05:16  7Q4M-2XPD  Signed in.\n")

	def test_explain_tells_sentences_then_events(self):
		self.says({"ok": True, "text": ["They are locked."], "events": [{"at_s": 0, "ref": "7Q4M-2XPD", "text": "Locked."}]})
		self.assertEqual(len(self.expect(DONE, "explain", "sm10001").out.splitlines()), 2)

	def test_status_is_1_when_a_part_is_down(self):
		self.says({"ok": True, "is_ready": False, "text": ["latchkeyd 0.1.0"], "parts": [
			{"name": "directory", "is_up": False, "words": "ldap://127.0.0.1:1"}]})
		self.assertRegex(self.expect(REFUSED, "status").out, r"directory +DOWN")

	def test_routes_and_running_settings(self):
		self.says({"ok": True, "routes": [{"method": "GET", "path": "/", "where": "LOOP", "guard": "SESSION", "name": "services"}],
			"settings": [{"section": "http", "key": "lanes", "value": "8"}]})
		self.assertIn("services", self.expect(DONE, "routes").out)
		self.assertEqual(self.expect(DONE, "config", "show", "--running").out, "[http] lanes = 8  # default\n")


class Doctor(DaemonCase):
	GOOD = {"ok": True, "checks": [{"name": "directory", "is_ok": True, "words": "answers", "fix": ""}]}

	def test_all_well_is_0(self):
		self.says(self.GOOD)
		self.audit_make(3)
		ended = self.expect(DONE, "doctor")
		self.assertNotIn("WRONG", ended.out)

	def test_each_wrong_thing_has_its_fix(self):
		self.says({"ok": True, "checks": [{"name": "store", "is_ok": False, "words": "evicts", "fix": "noeviction"}]})
		self.audit_make(3)
		self.log.write_bytes(self.log.read_bytes().replace(b"sm10001", b"sm10003"))
		(self.folder / "spool").chmod(0o777)
		(self.folder / "policies" / "reset.policy").write_text("x\n")
		found = self.expect(REFUSED, "doctor", "--json").json
		wrong = {check["name"]: check["fix"] for check in found["checks"] if not check["is_ok"]}
		self.assertEqual(set(wrong), {"policies", "audit", "mail", "store"})
		self.assertTrue(all(wrong.values()))
		self.assertIn("fix: noeviction", self.expect(REFUSED, "doctor").out)

	def test_a_missing_daemon_and_configuration_are_found(self):
		self.assertIn("WRONG daemon", self.expect(REFUSED, "doctor").out)
		self.conf.write_text("x\n")
		self.assertIn("WRONG configuration", self.expect(REFUSED, "doctor").out)


if __name__ == "__main__":
	unittest.main()
