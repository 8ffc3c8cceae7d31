# SPDX-License-Identifier: MIT
"""
What applications ask, beside the HTTP library that answers the same bytes to the same question, alone and with one GET of Redis a request,
all measured in turn. A share is the library's CPU a request by ours: 1 is as fast as can be.
"""
import base64
import hashlib
import json
import os
import re
import secrets
import time
import urllib.request
from urllib.parse import parse_qs, urlencode, urlsplit

import redis
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bench_parts import SIGN_IN, Bare, Client, Question, answer_of, cpu_s, free_and_bound, sign_in

ROUNDS = 5
ROUND_S = 2
EXCHANGES = 200
TOKENS = (1000, 1000000)
TOKEN_MAX_BYTES = 200
SIGN_INS = 50
WHOLE_MAX = 2.0

# Least share of the library's speed in CPU, as it is asked for.
AIMS = {"introspection, kept answer": 0.8, "introspection, asks Redis": 0.5, "introspection, unknown token": None, "userinfo": 0.5,
	"discovery": 0.9, "keys": 0.9, "client credentials": 0.35}

def told(what, figure, aim=None, more=""):
	verdict = f"aim >= {aim:<4} {'met' if figure >= aim else 'MISSED':6}" if aim is not None else ""
	print(f"{what:44} {figure:8.2f}   {verdict:19} {more}".rstrip(), flush=True)


def basic(application):
	return "Authorization: Basic " + base64.b64encode(f"{application.client_id}:{application.client_secret}".encode()).decode()


def form(path, application, **fields):
	return Question("POST", path, (basic(application), "Content-Type: application/x-www-form-urlencoded"), urlencode(fields))


def json_of(base_url, question):
	return json.loads(answer_of(base_url, *question).partition(b"\r\n\r\n")[2])


# --- one question, in turn with the library

def told_share(what, measured, aim=None):
	told(what, measured.share["bare"], aim, f"{measured.share['get']:.2f} with a GET; " +
		", ".join(f"{us:.1f}" for us in measured.us.values()) + " us CPU a request; " +
		", ".join(f"{rate:.0f}" for rate in measured.rate.values()) + " a second")


def compare(demo, build, ports, name, question):
	"""Gives the library's CPU a request."""
	answer = answer_of(demo.base_url, *question)
	bare = Bare(build, ports[0], answer, "each")
	get = Bare(build, ports[1], answer, "get", urlsplit(demo.redis.url).port)
	sides = {"ours": (demo.base_url, demo.pids.latchkeyd), "bare": (bare.base_url, bare.pid), "get": (get.base_url, get.pid)}
	try:
		free, bound = free_and_bound(sides, [demo.pids.redis], question, ROUNDS, ROUND_S)
	finally:
		bare.end()
		get.end()
	told_share(f"{name}: share of the library's speed", free, AIMS.get(name))
	told_share("  all on one processor", bound)
	return free.us["bare"]


# --- a token of a person

def challenge_of(verifier):
	return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def code_for(client, application, scope="openid profile email"):
	"""A code for somebody who is signed in, and what it is exchanged with."""
	verifier = secrets.token_urlsafe(32)
	asked = {"response_type": "code", "client_id": application.client_id, "redirect_uri": application.redirect_uris[0], "scope": scope,
		"state": "s", "nonce": "n", "code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
	response, _ = client.request("GET", "/authorize?" + urlencode(asked))
	where = response.getheader("Location") or ""
	code = parse_qs(urlsplit(where).query).get("code")
	if code is None:
		raise SystemExit(f"bench: /authorize answered {response.status} {where}")
	return {"grant_type": "authorization_code", "code": code[0], "redirect_uri": application.redirect_uris[0], "code_verifier": verifier}


# --- many tokens

def tokens_put(store, key, count):
	"""So many live tokens: copies of a real one, as long to live. Bytes each."""
	value, ttl = store.get(key), store.ttl(key)
	before = store.info("memory")["used_memory"]
	for first in range(0, count, 10000):
		pipe = store.pipeline(transaction=False)
		for _ in range(min(10000, count - first)):
			pipe.set(b"at:" + os.urandom(16), value, ex=ttl)
		pipe.execute()
	return (store.info("memory")["used_memory"] - before) / count


def bench_tokens(demo, build, ports, robot, server):
	"""Nothing may grow with how many tokens there are."""
	store = redis.Redis.from_url(demo.redis.url)
	json_of(demo.base_url, form("/token", robot, grant_type="client_credentials"))
	key = next(store.scan_iter(b"at:*"))
	for count in TOKENS:
		size = tokens_put(store, key, count)
		print(f"bytes of Redis a token, {count} more live ones {size:20.0f}   aim <= {TOKEN_MAX_BYTES} "
			f"{'met' if size <= TOKEN_MAX_BYTES else 'MISSED'}", flush=True)
		token = json_of(demo.base_url, form("/token", robot, grant_type="client_credentials"))["access_token"]
		compare(demo, build, ports, f"introspection beside {count} tokens", form("/introspect", server, token=token))


# --- tokens nobody remembers

HITS = re.compile(r"^latchkey_token_cache_hits_total (\d+)$", re.M)


def hits_of(demo):
	found = HITS.search(urllib.request.urlopen(demo.metrics_url, timeout=5).read().decode())
	return int(found.group(1)) if found else 0


class NewsCut:
	"""Nobody may hear from Redis what changed, so that nothing is answered from memory."""

	def __init__(self, redis_url):
		self.store = redis.Redis.from_url(redis_url)

	def __enter__(self):
		self.store.execute_command("ACL", "SETUSER", "default", "-subscribe")
		self.store.execute_command("CLIENT", "KILL", "TYPE", "pubsub")

	def __exit__(self, *_):
		self.store.execute_command("ACL", "SETUSER", "default", "+subscribe")


def bench_unremembered(demo, build, ports, question):
	before = hits_of(demo)
	with NewsCut(demo.redis.url):
		compare(demo, build, ports, "introspection, asks Redis", question)
	print(f"  answered from memory all the same: {hits_of(demo) - before} requests", flush=True)


# --- a whole sign-in

def signature_us():
	"""What one signature of an id token (RS256) costs this machine."""
	key = rsa.generate_private_key(65537, 2048)
	began = time.process_time()
	for _ in range(SIGN_INS):
		key.sign(b"x" * 600, padding.PKCS1v15(), hashes.SHA256())
	return (time.process_time() - began) / SIGN_INS * 1e6


def bench_whole(demo, application, people, totp, parts_us):
	"""From the password to the id token, in CPU of daemon, slapd and Redis, beside what it cannot do without."""
	pids = (demo.pids.latchkeyd, demo.pids.slapd, demo.pids.redis)
	before = sum(cpu_s(pid) for pid in pids)
	for person in people[:SIGN_INS]:
		client = Client(demo.base_url)
		sign_in(client, person, totp)
		if "id_token" not in json_of(demo.base_url, form("/token", application, **code_for(client, application))):
			raise SystemExit("bench: a code was not taken")
	whole = (sum(cpu_s(pid) for pid in pids) - before) / len(people[:SIGN_INS]) * 1e6
	print(f"{'sign-in with code exchange: CPU beside its parts':44} {whole / parts_us:8.2f}   aim <= {WHOLE_MAX:<4} "
		f"{'met' if whole / parts_us <= WHOLE_MAX else 'MISSED':6} {whole:.0f} us and {parts_us:.0f} us", flush=True)


def bench_exchange(demo, client, application, bare_us):
	client.renew()
	exchanges = [code_for(client, application) for _ in range(EXCHANGES)]
	before = cpu_s(demo.pids.latchkeyd)
	began = time.monotonic()
	for fields in exchanges:
		if "id_token" not in json_of(demo.base_url, form("/token", application, **fields)):
			raise SystemExit("bench: a code was not taken")
	used = (cpu_s(demo.pids.latchkeyd) - before) / EXCHANGES * 1e6
	lasted = time.monotonic() - began
	told("code exchange: share of the library's speed", bare_us / used, None, f"{used:.0f} us CPU a request, {EXCHANGES / lasted:.0f} a second one by one")


def bench_programs(demo, build, ports, people, totp, directory_us):
	person = people.pop()
	by_kind = {application.kind: application for application in demo.applications}
	web, robot, server = by_kind["web"], by_kind["robot"], by_kind["resource_server"]
	client = Client(demo.base_url)
	sign_in(client, person, totp)

	def token():
		"""A new one: they end in minutes."""
		client.renew()
		return json_of(demo.base_url, form("/token", web, **code_for(client, web)))["access_token"]

	compare(demo, build, ports, "discovery", Question("GET", "/.well-known/openid-configuration"))
	compare(demo, build, ports, "keys", Question("GET", "/jwks.json"))
	compare(demo, build, ports, "introspection, kept answer", form("/introspect", server, token=token()))
	bare_us = compare(demo, build, ports, "introspection, unknown token", form("/introspect", server, token="lk_at_" + "A" * 43))
	compare(demo, build, ports, "userinfo", Question("GET", "/userinfo", (f"Authorization: Bearer {token()}",)))
	compare(demo, build, ports, "client credentials", form("/token", robot, grant_type="client_credentials"))
	bench_unremembered(demo, build, ports, form("/introspect", server, token=token()))
	bench_exchange(demo, client, web, bare_us)
	bench_whole(demo, web, people, totp, (len(SIGN_IN) + 2) * bare_us + directory_us + signature_us())
	bench_tokens(demo, build, ports, robot, server)
