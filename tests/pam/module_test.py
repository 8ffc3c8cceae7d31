# SPDX-License-Identifier: MIT
"""What pam_latchkey.so makes of every answer, and of none. Needs no root and nothing of /etc."""
import concurrent.futures
import os
import socket
import struct
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fake import *  # noqa: E402,F403

PASSWORD_ASKED = answer(ASK, prompt_kind=ASK_PASSWORD, prompt="Password: ")
CODE_ASKED = answer(ASK, prompt_kind=ASK_CODE, prompt="Code from your app: ", is_echo=1, handle="h1")
NEW_ASKED = answer(ASK, prompt_kind=ASK_NEW, prompt="New password: ", prompt_again="Again: ",
                   prompt_mismatch="Both must be the same")


def hold(conn, _asked):
    """Never answers; the connection stays open."""


class ModuleCase(unittest.TestCase):
    def setUp(self):
        self.service = Service()
        self.daemon = None

    def tearDown(self):
        if self.daemon:
            self.daemon.stop()
        self.service.close()

    def says(self, *replies):
        self.daemon = Daemon(self.service.socket, replies)

    def run_and_expect(self, code, verbs, *typed, **more):
        ended = self.service.run(verbs, *typed, **more)
        self.assertEqual(ended.codes[-1:], [code], ended.lines)
        return ended


class SigningIn(ModuleCase):
    def test_password_then_code(self):
        self.says(PASSWORD_ASKED, CODE_ASKED, answer(DONE, info="Your password ends in 3 days"))
        ended = self.run_and_expect("PAM_SUCCESS", "a", "word word word", "123456")
        self.assertEqual(ended.said, ["hidden: Password: ", "shown: Code from your app: ",
                                      "info: Your password ends in 3 days"])
        first, second, third = self.daemon.asked
        self.assertEqual((first["kind"], first["username"], first["service"]), (AUTH, "morgan", "door"))
        self.assertNotIn("password", first)
        self.assertEqual(second["password"], "word word word")
        self.assertEqual((third["code"], third["handle"]), ("123456", "h1"))
        self.assertNotIn("password", third)

    def test_a_refusal_is_told(self):
        self.says(PASSWORD_ASKED, answer(REFUSED, reason=WRONG, sentence="Check your password\nOr your code"))
        ended = self.run_and_expect("PAM_AUTH_ERR", "a", "x")
        self.assertEqual(ended.said[1:], ["error: Check your password", "error: Or your code"])

    def test_each_reason_has_its_code(self):
        for reason, code in ((WRONG, "PAM_AUTH_ERR"), (TOO_FAST, "PAM_MAXTRIES"), (LOCKED, "PAM_MAXTRIES"),
                             (LEFT, "PAM_ACCT_EXPIRED"), (BLOCKED, "PAM_ACCT_EXPIRED"), (UNKNOWN, "PAM_AUTH_ERR"),
                             (77, "PAM_AUTH_ERR")):
            with self.subTest(reason=reason):
                self.says(answer(REFUSED, reason=reason))
                self.run_and_expect(code, "a")
                self.daemon.stop()
                os.unlink(self.service.socket)
        self.daemon = None

    def test_nobody_at_the_prompt_is_no_success(self):
        self.says(PASSWORD_ASKED, answer(DONE))
        self.run_and_expect("PAM_CONV_ERR", "a", "-")
        self.assertEqual(len(self.daemon.asked), 1)

    def test_an_empty_password_is_never_sent(self):
        self.says(PASSWORD_ASKED, answer(DONE))
        self.run_and_expect("PAM_AUTH_ERR", "a", "")
        self.assertEqual(len(self.daemon.asked), 1)

    def test_a_password_too_long_is_refused(self):
        self.says(PASSWORD_ASKED, answer(DONE))
        self.run_and_expect("PAM_AUTH_ERR", "a", "a" * 1025)
        self.assertEqual(len(self.daemon.asked), 1)

    def test_a_daemon_that_asks_for_ever_is_left(self):
        self.says(PASSWORD_ASKED)
        self.run_and_expect("PAM_AUTHINFO_UNAVAIL", "a", *["x"] * 50)
        self.assertLessEqual(len(self.daemon.asked), 7)

    def test_a_name_that_no_terminal_should_print_is_refused_here(self):
        self.says(answer(DONE))
        self.run_and_expect("PAM_AUTH_ERR", "a", user="mor\x1bgan")
        self.run_and_expect("PAM_USER_UNKNOWN", "a", user="m" * 257)
        self.assertEqual(self.daemon.asked, [])


class Accounts(ModuleCase):
    def test_account_states(self):
        for reply, code in ((answer(DONE), "PAM_SUCCESS"), (answer(NEW_PASSWORD), "PAM_NEW_AUTHTOK_REQD"),
                            (answer(REFUSED, reason=LOCKED), "PAM_PERM_DENIED"),
                            (answer(REFUSED, reason=LEFT), "PAM_ACCT_EXPIRED"),
                            (answer(REFUSED, reason=UNKNOWN), "PAM_USER_UNKNOWN"),
                            (answer(UNAVAILABLE), "PAM_AUTHINFO_UNAVAIL"),
                            (PASSWORD_ASKED, "PAM_AUTHINFO_UNAVAIL")):
            self.says(reply)
            self.run_and_expect(code, "c")
            self.daemon.stop()
            os.unlink(self.service.socket)
        self.daemon = None

    def test_what_was_proven_goes_along(self):
        self.says(PASSWORD_ASKED, answer(DONE, handle="h2"), answer(DONE))
        self.run_and_expect("PAM_SUCCESS", "ac", "x")
        self.assertEqual(self.daemon.asked[2]["handle"], "h2")

    def test_credentials_and_sessions_ask_nobody(self):
        self.says(answer(DONE))
        self.run_and_expect("PAM_SUCCESS", "as")
        self.assertNotIn("PAM_SUCCESS", self.service.run("o").codes)
        self.assertNotIn("PAM_SUCCESS", self.service.run("k").codes)
        self.assertEqual(len(self.daemon.asked), 1)


class Changing(ModuleCase):
    def test_must_change_asks_only_for_the_new_one(self):
        self.says(PASSWORD_ASKED, answer(DONE, handle="h3"), answer(NEW_PASSWORD, info="Create a new password"),
                  answer(DONE, handle="h3"), NEW_ASKED, answer(DONE, info="Changed"))
        ended = self.run_and_expect("PAM_SUCCESS", "acx", "temporary pass", "three new words", "three new words")
        self.assertEqual(ended.codes, ["PAM_SUCCESS", "PAM_NEW_AUTHTOK_REQD", "PAM_SUCCESS"])
        last = self.daemon.asked[-1]
        self.assertEqual((last["current_password"], last["new_password"], last["handle"]),
                         ("temporary pass", "three new words", "h3"))
        self.assertEqual(last["flags"], 4)
        self.assertEqual(self.daemon.asked[3]["flags"], 6)

    def test_every_broken_rule_is_told_and_asked_again(self):
        again = answer(ASK, prompt_kind=ASK_NEW, prompt="New password: ", prompt_again="Again: ",
                       sentence="Password must be 12 characters or more\nThis password is too easy to guess")
        self.says(answer(ASK, prompt_kind=ASK_CURRENT, prompt="Current password: "), answer(DONE, handle="h4"),
                  NEW_ASKED, again, answer(DONE))
        ended = self.run_and_expect("PAM_SUCCESS", "x", "old", "short", "short", "long enough words", "long enough words")
        self.assertIn("error: Password must be 12 characters or more", ended.said)
        self.assertIn("error: This password is too easy to guess", ended.said)

    def test_two_different_new_passwords_are_not_sent(self):
        self.says(answer(DONE, handle="h5"), NEW_ASKED, answer(DONE))
        ended = self.run_and_expect("PAM_SUCCESS", "x", "one one one", "two two two", "same same", "same same")
        self.assertIn("error: Both must be the same", ended.said)
        self.assertEqual([a.get("new_password") for a in self.daemon.asked], [None, None, "same same"])

    def test_three_bad_new_passwords_end_it(self):
        self.says(answer(DONE, handle="h6"), NEW_ASKED)
        self.run_and_expect("PAM_AUTHTOK_ERR", "x", *["bad"] * 20)
        self.assertEqual(len(self.daemon.asked), 5)

    @unittest.skipUnless(os.getuid() == 0, "is about root")
    def test_root_is_sent_to_latchkeyctl(self):
        self.says(answer(REFUSED, reason=NOT_HERE, sentence="Use latchkeyctl"))
        ended = self.run_and_expect("PAM_PERM_DENIED", "p")
        self.assertEqual(ended.said, ["error: Use latchkeyctl"])
        self.assertEqual(self.daemon.asked[0]["flags"], 3)


class WhenTheDaemonIsNotWell(ModuleCase):
    """F33: never PAM_SUCCESS, never PAM_IGNORE, never longer than five seconds."""

    def test_daemon_missing(self):
        for verb in "acx":
            self.run_and_expect("PAM_AUTHINFO_UNAVAIL", verb)

    def test_wrong_owner_of_the_socket_is_sent_nothing(self):
        if os.getuid() == 0:
            self.service.stack("socket=" + self.service.socket)  # only root may listen there
        else:
            self.service.stack("socket=%s uid=1" % self.service.socket)
        self.says(answer(DONE))
        for verb in "acx":
            self.run_and_expect("PAM_AUTHINFO_UNAVAIL", verb)
        time.sleep(0.1)
        self.assertEqual(self.daemon.asked, [])

    def test_nonsense_is_no_answer(self):
        done = answer(DONE)
        for name, reply in {
            "nothing": b"", "text": b"HTTP/1.1 200 OK\r\n\r\n", "zeros": b"\0" * 4096,
            "huge": b"LK\x01\x80" + struct.pack(">I", 1 << 31) + b"a" * 65536,
            "too long": b"LK\x01\x80" + struct.pack(">I", 16377) + b"a" * 16377,
            "asked back": frame(AUTH, verdict=DONE), "version": b"LK\x02" + done[3:],
            "no verdict": frame(ANSWER, sentence="hm"), "verdict 0": answer(0), "verdict 1": answer(1),
            "twice": b"LK\x01\x80" + struct.pack(">I", 14) + 2 * done[8:],
            "escape": answer(DONE, info="\x1b]0;x\x07"), "ask of nothing": answer(ASK, prompt_kind=9, prompt="?"),
            "ask without words": answer(ASK, prompt_kind=ASK_PASSWORD),
        }.items():
            with self.subTest(name):
                self.says(reply)
                self.run_and_expect("PAM_AUTHINFO_UNAVAIL", "a", "x")
                self.daemon.stop()
                os.unlink(self.service.socket)
        self.daemon = None

    def test_a_yes_cut_anywhere_is_no_yes(self):
        done = answer(DONE)
        for cut in range(len(done)):
            self.says(done[:cut])
            self.run_and_expect("PAM_AUTHINFO_UNAVAIL", "a")
            self.daemon.stop()
            os.unlink(self.service.socket)
        self.daemon = None

    def test_local_line_goes_on_with_the_typed_password(self):
        self.says(PASSWORD_ASKED, b"")
        self.service.stack(None, after="")
        ended = self.run_and_expect("PAM_AUTHINFO_UNAVAIL", "a", "x")
        self.assertEqual(len([line for line in ended.said if line.startswith("hidden")]), 1)


def slow(_conn, _asked):
    time.sleep(1.7)
    return PASSWORD_ASKED


def drip(conn, _asked):
    for byte in answer(DONE, info="a" * 2000):
        conn.sendall(bytes([byte]))
        time.sleep(0.05)


class FullQueue:
    """A daemon that is stopped, with as many callers waiting as the system lets wait."""

    def __init__(self, path):
        self.sockets = [socket.socket(socket.AF_UNIX) for _ in range(4)]
        self.sockets[0].bind(path)
        self.sockets[0].listen(0)
        for other in self.sockets[1:]:
            other.setblocking(False)
            other.connect_ex(path)

    def stop(self):
        for each in self.sockets:
            each.close()


class WhenTheDaemonIsSlow(unittest.TestCase):
    """F33, the waiting ones, all at once: five seconds are five seconds."""

    def run_one(self, service):
        began = time.monotonic()
        ended = service.run("a", *["x"] * 9)
        return ended.codes, time.monotonic() - began

    def test_never_longer_than_five_seconds(self):
        services = {name: Service() for name in ("stalled", "slow answers share one limit", "a byte at a time", "queue full")}
        daemons = [Daemon(service.socket, [reply]) for service, reply in zip(services.values(), (hold, slow, drip))]
        daemons.append(FullQueue(services["queue full"].socket))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            ends = dict(zip(services, pool.map(self.run_one, services.values())))
        for each in [*daemons, *services.values()]:
            (each.stop if hasattr(each, "asked") or isinstance(each, FullQueue) else each.close)()
        for name, (codes, took_s) in ends.items():
            with self.subTest(name):
                self.assertEqual(codes, ["PAM_AUTHINFO_UNAVAIL"])
                self.assertTrue(4 < took_s < 5.2, took_s)


class StackLines(ModuleCase):
    def test_an_unknown_word_lets_nobody_in(self):
        self.says(answer(DONE))
        self.service.stack("socket=%s uid=%d try_frist_pass" % (self.service.socket, DAEMON_UID))
        for verb in "acx":
            self.run_and_expect("PAM_SERVICE_ERR", verb)
        self.assertEqual(self.daemon.asked, [])

    def test_use_first_pass_without_one_asks_nobody(self):
        self.says(PASSWORD_ASKED, answer(DONE))
        self.service.stack("socket=%s uid=%d use_first_pass" % (self.service.socket, DAEMON_UID))
        ended = self.run_and_expect("PAM_AUTH_ERR", "a", "x")
        self.assertEqual(ended.said, [])

    def test_quiet_tells_refusals_only(self):
        self.says(answer(REFUSED, reason=WRONG, sentence="no", info="good to know"))
        self.service.stack("socket=%s uid=%d quiet" % (self.service.socket, DAEMON_UID))
        self.assertEqual(self.run_and_expect("PAM_AUTH_ERR", "a").said, ["error: no"])


class ShortOfMemory(ModuleCase):
    """pam_u2f once let people in when an allocation failed (CVE-2025-23013)."""

    def try_all(self, verbs, *typed):
        limit = 0
        while True:
            limit += 1
            ended = self.service.run(verbs, *typed, env={
                "LD_PRELOAD": os.path.join(BUILD, "tests", "pam", ".libs", "short_memory.so"),
                "SHORT_MEMORY_AT": str(limit)})
            self.assertGreaterEqual(ended.status, 0, "died by a signal at call %d" % limit)
            self.assertNotEqual(ended.status, 0, (limit, ended.lines))
            self.assertNotIn("PAM_SUCCESS", ended.codes)
            if "memory: failed" not in ended.err:
                return limit - 1

    def test_a_refusal_stays_one_whatever_fails(self):
        self.says(answer(REFUSED, reason=WRONG, sentence="Check your password"))
        self.assertGreater(self.try_all("a"), 20)

    def test_an_account_refused_stays_refused(self):
        self.says(answer(REFUSED, reason=LEFT, sentence="ended"))
        self.assertGreater(self.try_all("c"), 20)

    def test_a_prompt_that_fails_is_no_yes(self):
        def by_password(_conn, asked):
            return answer(REFUSED, reason=WRONG) if asked.get("password") != "right" else answer(DONE)
        self.says(lambda conn, asked: by_password(conn, asked) if "password" in asked else PASSWORD_ASKED)
        self.assertGreater(self.try_all("a", "wrong"), 20)


class WhatIsShipped(unittest.TestCase):
    def tool(self, *command):
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def test_only_the_entry_points_can_be_seen(self):
        names = {line.split()[-1] for line in self.tool("nm", "-D", "--defined-only", MODULE).splitlines()}
        self.assertEqual(names, {"pam_sm_" + name for name in (
            "authenticate", "setcred", "acct_mgmt", "chauthtok", "open_session", "close_session")})

    def test_no_library_but_libc_and_libpam(self):
        needed = {line.split("[")[1].rstrip("]") for line in self.tool("readelf", "-d", MODULE).splitlines()
                  if "(NEEDED)" in line}
        self.assertEqual(needed, {"libc.so.6", "libpam.so.0"})

    def test_no_globals_that_change(self):
        symbols = self.tool("nm", MODULE).splitlines()
        writable = [s for s in symbols if s.split()[-2] in "bBdD"
                    and not s.split()[-1].startswith(("_", "completed", "__"))]
        self.assertEqual(writable, [])

    def test_nothing_that_writes_to_the_service_or_starts_threads(self):
        used = {line.split()[-1].split("@")[0] for line in self.tool("nm", "-D", "--undefined-only", MODULE).splitlines()}
        self.assertEqual(used & {"printf", "puts", "abort", "exit", "signal", "sigaction", "pthread_create", "fork",
                                 "system", "popen", "stdout", "stderr", "__printf_chk", "alarm"}, set())


if __name__ == "__main__":
    unittest.main(verbosity=1)
