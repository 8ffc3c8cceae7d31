# SPDX-License-Identifier: MIT
"""A daemon that says what a test wants, and a service that asks it."""
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading

AUTH, ACCOUNT, CHANGE, ANSWER = 1, 2, 3, 128
DONE, ASK, REFUSED, NEW_PASSWORD, UNAVAILABLE = (
    0x444F4E45, 0x41534B3F, 0x4E4F5421, 0x4E455750, 0x4F555421)
WRONG, TOO_FAST, LOCKED, LEFT, NOT_STARTED, BLOCKED, UNKNOWN, RULE, UNSURE, NOT_HERE = range(1, 11)
ASK_PASSWORD, ASK_CODE, ASK_CURRENT, ASK_NEW = range(1, 5)
TAGS = dict(capabilities=1, service=2, username=3, rhost=4, tty=5, ruser=6, language=7, handle=8, password=9,
            code=10, current_password=11, new_password=12, flags=13, verdict=32, reason=33, prompt_kind=34,
            prompt=35, prompt_again=36, prompt_mismatch=37, is_echo=38, sentence=39, info=40)
NAMES = {tag: name for name, tag in TAGS.items()}
DAEMON_UID = 65534 if os.getuid() == 0 else os.getuid()
BUILD = os.environ.get("LK_BUILD", os.getcwd())
MODULE = os.path.join(BUILD, ".libs", "pam_latchkey.so")


def frame(kind, **fields):
    body = b""
    for name, value in fields.items():
        data = struct.pack(">I", value) if isinstance(value, int) else value.encode()
        body += struct.pack(">BH", TAGS[name], len(data)) + data
    return b"LK\x01" + bytes([kind]) + struct.pack(">I", len(body)) + body


def answer(verdict, **fields):
    return frame(ANSWER, verdict=verdict, **fields)


def read_exactly(conn, count):
    data = b""
    while len(data) < count:
        piece = conn.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def read_frame(conn):
    head = read_exactly(conn, 8)
    body = read_exactly(conn, struct.unpack(">I", head[4:])[0])
    fields = {"kind": head[3]}
    while body:
        tag, length = struct.unpack(">BH", body[:3])
        value = body[3:3 + length]
        name = NAMES[tag]
        fields[name] = struct.unpack(">I", value)[0] if name in ("flags", "capabilities") else value.decode()
        body = body[3 + length:]
    return fields


class Daemon:
    """replies: one callable or bytes for each connection, in order; the last one stays."""

    def __init__(self, path, replies):
        self.replies = list(replies)
        self.asked = []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        if os.getuid() == 0:  # who called listen() is who the other side sees
            os.seteuid(DAEMON_UID)
        try:
            self.socket.listen(8)
        finally:
            if os.getuid() == 0:
                os.seteuid(0)
        self.open = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                conn, _ = self.socket.accept()
            except OSError:
                return
            self.open.append(conn)
            try:
                self.serve(conn)
            except (EOFError, OSError):
                conn.close()

    def serve(self, conn):
        self.asked.append(read_frame(conn))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if callable(reply):
            reply = reply(conn, self.asked[-1])
        if reply is not None:
            conn.sendall(reply)
            conn.close()

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)
        for conn in self.open:
            conn.close()


class Service:
    """A pam.d folder of its own; the module as built."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="lk-pam-")
        os.chmod(self.dir, 0o755)
        self.socket = os.path.join(self.dir, "pam.sock")
        self.stack()

    def stack(self, arguments=None, before="", after=""):
        if arguments is None:
            arguments = "socket=%s uid=%d" % (self.socket, DAEMON_UID)
        lines = ["%s %s%s" % (kind, "required ", MODULE + " " + arguments)
                 for kind in ("auth", "account", "password", "session")]
        with open(os.path.join(self.dir, "door"), "w") as out:
            out.write(before + "\n".join(lines) + "\n" + after)

    def run(self, verbs, *typed, user="morgan", env=None):
        drive = os.path.join(BUILD, "tests", "pam", "drive")
        done = subprocess.run([drive, self.dir, "door", user, verbs, *typed], capture_output=True, text=True,
                              timeout=20, env=dict(os.environ, LC_ALL="C.UTF-8", **(env or {})), check=False)
        return Ended(done)

    def close(self):
        shutil.rmtree(self.dir)


class Ended:
    def __init__(self, done):
        self.status = done.returncode
        self.lines = done.stdout.splitlines()
        self.err = done.stderr
        self.codes = [line[2:] for line in self.lines if line[1:6] == " PAM_"]
        self.said = [line for line in self.lines if ": " in line]
