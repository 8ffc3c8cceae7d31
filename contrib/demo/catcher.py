#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
A mail server for demos and tests: takes every mail and puts it into a folder, one file each, with the envelope in front
(Return-Path, Delivered-To). Loopback only.

It misbehaves on request: lines in the behaviour file, read anew for every command, of the form "COMMAND REPLY", such as
"RCPT 451 4.3.0 try later" or "DATA 554 5.6.0 no"; COMMAND is a verb, GREETING, or END (the dot after the message).
"slow SECONDS" waits before every reply; "hang COMMAND" never answers it; "cut COMMAND" closes the connection there;
"lose END" takes the mail and closes without saying so.
"""
import argparse
import asyncio
import os
import signal
import ssl
import time
from pathlib import Path

MESSAGE_MAX_BYTES = 1 << 20
LINE_MAX_BYTES = 2048


class Behaviour:
	def __init__(self, path):
		self.path = path

	def _lines(self):
		try:
			return self.path.read_text().splitlines()
		except OSError:
			return []

	def value(self, word):
		"""What stands behind word, or None."""
		for line in self._lines():
			first, _, rest = line.partition(" ")
			if first == word:
				return rest
		return None

	def has(self, word, command):
		return f"{word} {command}" in self._lines()


class Session:
	"""One connection. A method a verb; each gives the reply."""

	def __init__(self, catcher, reader, writer):
		self.catcher = catcher
		self.reader = reader
		self.writer = writer
		self.is_tls = False
		self.sender = None
		self.recipients = []

	async def say(self, command, reply):
		behaviour = self.catcher.behaviour
		slow = behaviour.value("slow")
		if slow:
			await asyncio.sleep(float(slow))
		if behaviour.has("hang", command):
			await asyncio.sleep(3600)
		if behaviour.has("cut", command):
			raise ConnectionError
		reply = behaviour.value(command) or reply
		self.writer.write(reply.replace("\n", "\r\n").encode() + b"\r\n")
		await self.writer.drain()
		return reply[0] in "23"

	async def talk(self):
		if not await self.say("GREETING", "220 catcher.example ESMTP"):
			return
		while True:
			line = await self.reader.readline()
			if not line:
				return
			command, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
			if command.upper() == "QUIT":
				await self.say("QUIT", "221 bye")
				return
			verb = getattr(self, "on_" + command.lower(), None)
			if verb is None:
				await self.say(command.upper(), "502 not known")
			else:
				await verb(rest)

	async def on_ehlo(self, _):
		can_tls = self.catcher.tls is not None and not self.is_tls
		await self.say("EHLO", f"250-catcher.example\n250-SIZE {MESSAGE_MAX_BYTES}\n250-8BITMIME\n"
			+ ("250-STARTTLS\n" if can_tls else "") + "250 SMTPUTF8")

	async def on_helo(self, _):
		await self.say("HELO", "250 catcher.example")

	async def on_starttls(self, _):
		if self.catcher.tls is None or self.is_tls:
			await self.say("STARTTLS", "454 not now")
		elif await self.say("STARTTLS", "220 go on"):
			await self.writer.start_tls(self.catcher.tls)
			self.is_tls = True

	async def on_mail(self, rest):
		if await self.say("MAIL", "250 ok"):
			self.sender, self.recipients = rest, []

	async def on_rcpt(self, rest):
		if await self.say("RCPT", "250 ok"):
			self.recipients.append(rest)

	async def on_rset(self, _):
		self.sender, self.recipients = None, []
		await self.say("RSET", "250 ok")

	async def on_noop(self, _):
		await self.say("NOOP", "250 ok")

	async def on_data(self, _):
		if not self.recipients:
			await self.say("DATA", "503 who for?")
			return
		if not await self.say("DATA", "354 go on"):
			return
		message = await self._message()
		if self.catcher.behaviour.has("lose", "END"):
			self.catcher.keep(self, message)
			raise ConnectionError
		if (self.catcher.behaviour.value("END") or "2")[0] == "2" and not self.catcher.behaviour.has("cut", "END"):
			self.catcher.keep(self, message)
		await self.say("END", "250 kept")

	async def _message(self):
		lines, size = [], 0
		while True:
			line = await self.reader.readline()
			if not line:
				raise ConnectionError
			if line == b".\r\n":
				return b"".join(lines)
			size += len(line)
			if size > MESSAGE_MAX_BYTES:
				raise ConnectionError
			lines.append(line[1:] if line.startswith(b".") else line)


class Catcher:
	def __init__(self, options):
		self.mails = options.mails
		self.behaviour = Behaviour(options.behaviour)
		self.count = 0
		self.tls = None
		if options.certificate:
			self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
			self.tls.load_cert_chain(options.certificate, options.key)

	def keep(self, session, message):
		self.count += 1
		name = f"{time.time_ns():020d}-{os.getpid()}-{self.count:06d}.eml"
		head = "".join([f"Return-Path: {session.sender.partition(':')[2].split(' ')[0]}\r\n"] + [
			f"Delivered-To: {recipient.partition(':')[2].split(' ')[0]}\r\n" for recipient in session.recipients]
			+ (["X-Catcher: TLS\r\n"] if session.is_tls else []))
		half = self.mails / f".{name}"
		half.write_bytes(head.encode() + message)
		half.rename(self.mails / name)

	async def connection(self, reader, writer):
		try:
			await Session(self, reader, writer).talk()
		except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.CancelledError):
			pass
		finally:
			writer.close()

	async def serve(self, port):
		server = await asyncio.start_server(self.connection, "127.0.0.1", port, limit=LINE_MAX_BYTES * 16)
		stopped = asyncio.Event()
		for number in (signal.SIGTERM, signal.SIGINT):
			asyncio.get_running_loop().add_signal_handler(number, stopped.set)
		async with server:
			await stopped.wait()


def options_read():
	parser = argparse.ArgumentParser(description="Catches mail.")
	parser.add_argument("--port", type=int, required=True)
	parser.add_argument("--mails", type=Path, required=True)
	parser.add_argument("--behaviour", type=Path, default=Path("/nonexistent"))
	parser.add_argument("--certificate")
	parser.add_argument("--key")
	return parser.parse_args()


if __name__ == "__main__":
	chosen = options_read()
	asyncio.run(Catcher(chosen).serve(chosen.port))
