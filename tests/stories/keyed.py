# SPDX-License-Identifier: MIT
"""
An application that proves itself with a key of its own (private_key_jwt).

	key = Key("keyed")                             key.jwk is for its registration
	app.post("/token", fields | key.proof(issuer), basic=False)
"""
import base64
import json
import secrets
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def letters(data):
	return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
	def __init__(self, client_id):
		self.client_id = client_id
		self._private = ec.generate_private_key(ec.SECP256R1())
		numbers = self._private.public_key().public_numbers()
		self.jwk = {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "mine",
			"x": letters(numbers.x.to_bytes(32, "big")), "y": letters(numbers.y.to_bytes(32, "big"))}

	def assertion(self, issuer, now=None):
		now = int(time.time() if now is None else now)
		said = {"iss": self.client_id, "sub": self.client_id, "aud": issuer, "jti": secrets.token_hex(16), "iat": now, "exp": now + 60}
		text = ".".join(letters(json.dumps(part).encode()) for part in ({"alg": "ES256", "kid": "mine"}, said))
		r, s = utils.decode_dss_signature(self._private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
		return f"{text}.{letters(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

	def proof(self, issuer, now=None):
		"""The two fields it sends."""
		return {"client_assertion_type": TYPE, "client_assertion": self.assertion(issuer, now)}
