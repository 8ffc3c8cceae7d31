# SPDX-License-Identifier: MIT
"""What an authenticator app shows (RFC 6238, SHA-1, 6 digits, 30 seconds)."""
import base64
import hashlib
import hmac
import struct
import time

STEP_S = 30


def code_at(secret, step):
	key = base64.b32decode(secret.replace(" ", "").upper() + "=" * (-len(secret.replace(" ", "")) % 8))
	mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
	at = mac[-1] & 15
	return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


class Totp:
	"""totp(secret) gives a code that was not given before: of now, of the next half minute, or it waits."""

	def __init__(self, now=time.time, sleep=time.sleep):
		self.now = now
		self.sleep = sleep
		self.given = {}

	def __call__(self, secret):
		step = int(self.now()) // STEP_S
		if self.given.get(secret, -1) >= step:
			step = self.given[secret] + 1
			self.wait_for(step - 1)
		self.given[secret] = step
		return code_at(secret, step)

	def wait_for(self, step):
		while int(self.now()) // STEP_S < step:
			self.sleep(max(0.05, step * STEP_S - self.now()))

	def off(self, secret, steps):
		"""The code of so many steps from now, given before or not."""
		return code_at(secret, int(self.now()) // STEP_S + steps)

	def wrong(self, secret):
		"""Six digits that are no code of now, nor near it."""
		near = {self.off(secret, steps) for steps in range(-40, 41)}
		return next(code for code in (f"{i:06}" for i in range(123456, 124000)) if code not in near)
