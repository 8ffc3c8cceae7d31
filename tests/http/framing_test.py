#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every row of SECURITY section 6 over a real socket, and what every answer carries."""
import os
import socket
import sys
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from serving import Server, answer, answers, is_closed, send  # noqa: E402

FORM = "Content-Type: application/x-www-form-urlencoded"
HIDDEN = b"GET /seen HTTP/1.1\r\nHost: hidden\r\n\r\n"


class Framing(unittest.TestCase):
	@classmethod
	def setUpClass(cls):
		cls.server = Server()

	@classmethod
	def tearDownClass(cls):
		status = cls.server.stop()
		if status != 0:
			raise AssertionError(f"the server ended with {status}: {cls.server.said()}")

	def raw(self, *lines, body=b"", path="/form", method="POST", host=True):
		head = [f"{method} {path} HTTP/1.1".encode()] + ([f"Host: {self.server.host}".encode()] if host else [])
		head += [line if isinstance(line, bytes) else line.encode() for line in lines]
		return b"\r\n".join(head) + b"\r\n\r\n" + body

	def refused(self, raw, *statuses):
		"""One answer with one of the statuses, then the connection ends: no second request is ever served."""
		with self.server.connect() as connection:
			send(connection, raw)
			one, rest = answer(connection)
			self.assertIsNotNone(one, "no answer")
			self.assertIn(one.status, statuses or (400,))
			self.assertTrue(one.closes, one.headers)
			self.assertEqual(rest, b"")
			self.assertTrue(is_closed(connection, 2))
			return one

	def test_a_length_beside_chunked_is_refused_and_the_hidden_request_never_served(self):
		self.refused(self.raw(FORM, "Content-Length: 4", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + HIDDEN))
		self.refused(self.raw(FORM, "Transfer-Encoding: chunked", "Content-Length: 4", body=b"0\r\n\r\n" + HIDDEN))
		self.refused(self.raw(FORM, "Transfer-Encoding:\tchunked", "Content-Length: 4", body=b"0\r\n\r\n" + HIDDEN))

	def test_two_lengths_are_refused(self):
		self.refused(self.raw(FORM, "Content-Length: 4", "Content-Length: 5", body=b"a=b&c"))
		self.refused(self.raw(FORM, "Content-Length: 4", "Content-Length: 4", body=b"a=b&" + HIDDEN))

	def test_chunked_twice_or_by_another_name_is_refused(self):
		self.refused(self.raw(FORM, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + HIDDEN))
		self.refused(self.raw(FORM, "Transfer-Encoding : chunked", body=b"0\r\n\r\n" + HIDDEN))
		self.refused(self.raw(FORM, "Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n" + HIDDEN))
		self.refused(self.raw(FORM, "Transfer-Encoding: identity", "Content-Length: 0"))

	def test_a_folded_chunked_is_refused(self):
		self.refused(self.raw(FORM, "Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n" + HIDDEN))

	def test_one_host_and_only_one(self):
		self.refused(self.raw(f"Host: {self.server.host}", path="/loop", method="GET"))
		self.refused(self.raw("Host: evil.example", path="/loop", method="GET"))
		with self.server.connect() as connection:
			send(connection, b"GET /loop HTTP/1.1\r\n\r\n")
			self.assertEqual(answer(connection)[0].status, 400)
			self.assertTrue(is_closed(connection, 2))

	def test_a_host_that_is_not_ours_is_told_so(self):
		one = self.server.ask(b"GET /loop HTTP/1.1\r\nHost: evil.example\r\n\r\n")[0]
		self.assertEqual(one.status, 421)
		self.assertNotIn(b"evil", one.body)

	def test_blanks_before_the_colon_and_names_that_are_none(self):
		self.refused(self.raw("X Y: a", path="/loop", method="GET"))
		self.refused(self.raw("X : a", path="/loop", method="GET"))
		self.refused(self.raw("Content-Length : 4", FORM, body=b"a=b&" + HIDDEN))
		self.refused(self.raw(b"X\xc3\xa9: a", path="/loop", method="GET"))

	def test_control_bytes_in_values_are_refused(self):
		self.refused(self.raw(b"X: a\x01b", path="/loop", method="GET"))
		self.refused(self.raw(b"X: a\x7fb", path="/loop", method="GET"))

	def test_a_bare_cr_smuggles_nothing(self):
		for raw in (self.raw(b"X: a\rContent-Length: 5", path="/loop", method="GET"),
				self.raw(b"X: a\rTransfer-Encoding: chunked", path="/loop", method="GET")):
			self.assertLessEqual(len(self.server.ask(raw + HIDDEN)), 2)

	def test_a_byte_0_cuts_nothing(self):
		self.refused(self.raw(path="/loop\0x", method="GET"))
		self.refused(self.raw(path="/loop%00x", method="GET"))

	def test_a_length_is_digits(self):
		for length in ("+4", "-4", "0x4", "4,4", "", "4 4"):
			with self.subTest(length):
				with self.server.connect() as connection:
					send(connection, self.raw(FORM, f"Content-Length: {length}", body=b"a=b&" + HIDDEN))
					one, rest = answer(connection)
					self.assertEqual(one.status, 400)
					self.assertNotIn(b"HTTP/1.1 200", rest)
					self.assertTrue(is_closed(connection, 2))

	def test_too_much_is_told_before_the_body_comes(self):
		for length in ("65537", "52428800", "9223372036854775807"):
			for method in ("POST", "GET"):
				with self.subTest(length=length, method=method):
					began = time.monotonic()
					self.refused(self.raw(FORM, f"Content-Length: {length}", method=method, path="/form"), 413)
					self.assertLess(time.monotonic() - began, 0.5)
		one = self.server.ask(self.raw(FORM, "Content-Length: 99999999999999999999999"))[0]
		self.assertIn(one.status, (400, 413))

	def test_more_than_the_row_takes_is_too_much(self):
		self.refused(self.raw(FORM, "Content-Length: 8193"), 413)
		self.refused(self.raw("Content-Length: 1", path="/loop", method="GET", body=b"a"), 413)

	def test_chunks_are_counted(self):
		one = self.server.ask(self.raw(FORM, "Transfer-Encoding: chunked", body=b"a\r\nusername=a\r\n0\r\n\r\n"))[0]
		self.assertEqual((one.status, one.body), (200, b"username=a"))
		chunk = b"1000\r\n" + b"a" * 4096 + b"\r\n"
		one = self.server.ask(self.raw(FORM, "Transfer-Encoding: chunked", body=chunk * 3 + b"0\r\n\r\n"))[0]
		self.assertEqual(one.status, 413)
		self.assertEqual([], self.server.ask(self.raw(FORM, "Transfer-Encoding: chunked", body=chunk * 100)))

	def test_a_chunk_extension_without_end_is_cut(self):
		got = self.server.ask(self.raw(FORM, "Transfer-Encoding: chunked", body=b"1;" + b"x" * 1048576))
		self.assertTrue(all(one.status in (400, 413, 500) and one.closes for one in got))

	def test_heads_too_large_are_refused_and_closed(self):
		for raw in (self.raw(*[f"X-{i}: a" for i in range(80)], path="/loop", method="GET"),
				self.raw("X: " + "a" * 40000, path="/loop", method="GET"),
				self.raw(path="/" + "a" * 40000, method="GET")):
			with self.server.connect() as connection:
				send(connection, raw)
				one, _ = answer(connection)
				self.assertIn(one.status, (400, 413, 414, 431))
				self.assertTrue(is_closed(connection, 2))

	def test_thousands_of_arguments_are_read_like_any(self):
		for each in ("a&", "&", "a=1&", "a[]=%20;"):
			for count in (1, 240, 14000 // len(each)):
				one = self.server.ask(self.raw(path="/seen?" + each * count, method="GET"))[0]
				self.assertEqual(one.status, 200, (each, count))
			one = self.server.ask(self.raw("X: y", "Content-Length: 0", path="/program?" + each * 1500))[0]
			self.assertEqual(one.status, 200, each)

	def test_methods_nobody_needs_are_refused_and_those_there_are_told(self):
		for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW"):
			one = self.server.ask(self.raw(path="/loop", method=method))[0]
			self.assertEqual((one.status, one.headers["allow"]), (405, "GET, HEAD"), method)
		one = self.server.ask(self.raw("Content-Length: 0", path="/loop", method="POST"))[0]
		self.assertEqual((one.status, one.headers["allow"]), (405, "GET, HEAD"))
		one = self.server.ask(self.raw(path="/form", method="GET"))[0]
		self.assertEqual((one.status, one.headers["allow"]), (405, "POST"))
		self.refused(b"CONNECT a:443 HTTP/1.1\r\nHost: " + self.server.host.encode() + b"\r\n\r\n", 400, 405)

	def test_targets_are_paths(self):
		for path in (f"http://{self.server.host}/loop", "*", "loop", "/loop#a", "/%2floop", "/%zz"):
			with self.subTest(path):
				self.refused(self.raw(path=path, method="GET"))

	def test_versions_are_1_0_and_1_1(self):
		for version in ("HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "ICY/1.1", "http/1.1"):
			with self.subTest(version):
				got = self.server.ask(f"GET /loop {version}\r\nHost: {self.server.host}\r\n\r\n".encode())
				self.assertTrue(all(one.status in (400, 505) for one in got))
		one = self.server.ask(f"GET /loop HTTP/1.0\r\nHost: {self.server.host}\r\n\r\n".encode())[0]
		self.assertEqual(one.status, 200)

	def test_a_post_is_a_form(self):
		for line in ("X: y", "Content-Type: text/plain", "Content-Type: multipart/form-data; boundary=a",
				"Content-Type: application/json"):
			self.refused(self.raw(line, "Content-Length: 10", body=b"username=a"))
		one = self.server.ask(self.raw(FORM + "; charset=UTF-8", "Content-Length: 10", body=b"username=a"))[0]
		self.assertEqual((one.status, one.body), (200, b"username=a"))

	def test_an_empty_form_is_one(self):
		one = self.server.ask(self.raw(FORM, "Content-Length: 0"))[0]
		self.assertEqual((one.status, one.body), (200, b"username="))
		self.assertEqual(self.server.ask(self.raw(FORM))[0].status, 200)

	def test_a_page_nobody_has_leaves_the_connection_open(self):
		with self.server.connect() as connection:
			send(connection, self.server.head("/nowhere"))
			one, _ = answer(connection)
			self.assertEqual((one.status, one.closes), (404, False))
			send(connection, self.server.head("/loop"))
			self.assertEqual(answer(connection)[0].status, 200)

	def test_forms_that_cannot_be_read_reach_the_flow_as_such(self):
		for body in (b"username=a&username=b", b"nobody=1", b"username=%ff", b"username=%00", b"username=%4"):
			one = self.server.ask(self.raw(FORM, f"Content-Length: {len(body)}", body=body))[0]
			self.assertEqual(one.status, 400, body)

	def test_tls_on_the_plain_port_is_closed(self):
		with self.server.connect() as connection:
			send(connection, bytes.fromhex("160301010001000000") + os.urandom(64) + b"\r\n\r\n")
			self.assertTrue(is_closed(connection, 3))

	def test_every_answer_carries_the_headers(self):
		for path in ("/loop", "/lane", "/nowhere", "/empty", "/assets/a.css"):
			headers = self.server.get(path).headers
			self.assertEqual(headers["content-security-policy"], "default-src 'none'; style-src 'self'; script-src 'self'; "
				"img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
			self.assertEqual(headers["referrer-policy"], "no-referrer")
			self.assertEqual(headers["x-content-type-options"], "nosniff")
			self.assertEqual(headers["cross-origin-opener-policy"], "same-origin")
			self.assertNotIn("server", headers)
			self.assertNotIn("strict-transport-security", headers)
			self.assertIn("content-length", headers)

	def test_pages_are_not_kept_and_assets_are(self):
		headers = self.server.get("/loop").headers
		self.assertEqual((headers["cache-control"], headers["vary"]), ("no-store", "Cookie, Accept-Language"))
		self.assertEqual(headers["content-language"], "en")
		self.assertEqual(self.server.get("/seen", "Accept-Language: cy").headers["content-language"], "cy")
		plain, packed = self.server.get("/assets/a.css"), self.server.get("/assets/a.css", "Accept-Encoding: gzip")
		self.assertEqual(plain.headers["cache-control"], "public, max-age=31536000, immutable")
		self.assertEqual((plain.body, packed.headers["content-encoding"]), (b"plain", "gzip"))
		self.assertEqual(packed.body, b"\x1f\x8bzipped")
		self.assertEqual(self.server.get("/assets/b.css").status, 404)

	def test_programs_are_read_by_their_parameters(self):
		token = b"token=a%2Bb&resource=urn%3Aa&resource=urn%3Ab&client_id=&nobody=1"
		one = self.server.ask(self.raw(FORM, f"Content-Length: {len(token)}", "Authorization: Bearer x",
			"X-Original-URL: https://app.example/a", path="/program?state=%C3%A9", body=token))[0]
		self.assertEqual(one.body.decode(), "state=\u00e9\ntoken=a+b\nresource=urn:a urn:b\nbad=0\nauthorization=Bearer x\n"
			"url=https://app.example/a\n")
		self.assertEqual(one.headers["x-latchkey-sub"], "somebody")
		self.assertEqual(one.headers["cache-control"], "private, max-age=5")
		self.assertEqual((one.headers["access-control-allow-origin"], one.headers["vary"]), ("https://app.example", "Origin"))
		self.assertNotIn("content-language", one.headers)

	def test_what_is_published_is_what_it_is_now(self):
		for query in ("a", "a", "b", "a", "a", ""):
			one = self.server.get(f"/published?{query}")
			self.assertEqual((one.status, one.body), (200, f"published {query}".encode()))
			self.assertEqual(one.headers["access-control-allow-origin"], "*")
			self.assertEqual(one.headers["cache-control"], "public, max-age=300")
			self.assertEqual(one.headers["x-content-type-options"], "nosniff")
		with self.server.connect() as connection:
			for _ in range(2):
				send(connection, self.server.head("/published?a", "HEAD"))
				one, rest = answer(connection, is_head=True)
				self.assertEqual((one.status, one.headers["content-length"], rest), (200, "11", b""))
				send(connection, self.server.head("/published?a"))
				self.assertEqual(answer(connection)[0].body, b"published a")

	def test_a_program_may_post_nothing_and_nothing_but_a_form(self):
		self.assertIn(b"bad=0", self.server.ask(self.raw("X: y", "Content-Length: 0", path="/program"))[0].body)
		one = self.server.ask(self.raw("Content-Type: application/json", "Content-Length: 2", path="/program", body=b"{}"))[0]
		self.assertIn(b"bad=1", one.body)

	def test_only_a_program_is_asked_whether_a_page_may(self):
		lines = "Origin: https://app.example", "Access-Control-Request-Method: GET", "Connection: close"
		with self.server.connect() as connection:
			send(connection, self.server.head("/program", "OPTIONS", *lines))
			one, rest = answer(connection, is_head=True)
			self.assertEqual((one.status, rest), (204, b""))
			self.assertEqual(one.headers["access-control-allow-origin"], "https://app.example")
		for path in ("/loop", "/form"):
			one = self.server.ask(self.server.head(path, "OPTIONS", *lines))[0]
			self.assertEqual(one.status, 405)
			self.assertNotIn("access-control-allow-origin", one.headers)
		one = self.server.ask(self.server.head("/program", "OPTIONS", "Origin: https://other.example", "Connection: close"))[0]
		self.assertEqual(one.status, 405)
		self.assertNotIn("access-control-allow-origin", one.headers)

	def test_another_host_is_taken_only_where_the_flow_says(self):
		for path, status in (("/program", 200), ("/loop", 421)):
			raw = f"GET {path} HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n\r\n".encode()
			self.assertEqual(self.server.ask(raw)[0].status, status)
		raw = b"GET /program HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n"
		self.assertEqual(self.server.ask(raw)[0].status, 421)

	def test_headers_that_say_two_things_say_nothing(self):
		body = self.server.get("/program", "X-Original-URL: https://a", "X-Original-URL: https://b").body
		self.assertIn(b"url=\n", body)
		body = self.server.get("/program", "X-Original-URL: https://" + "a" * 5000).body
		self.assertIn(b"url=\n", body)
		self.refused(self.raw("Authorization: Basic YTpi", "Authorization: Bearer x", method="GET", path="/program"))

	def test_an_applications_origin_may_stand_at_the_end_of_a_form(self):
		policy = self.server.get("/framed").headers["content-security-policy"]
		self.assertIn("form-action 'self' https://app.example:8443; frame-src https://a.example http://[::1]:9; base-uri", policy)
		policy = self.server.get("/framed?evil").headers["content-security-policy"]
		self.assertIn("form-action 'self' https://app.example:8443; base-uri", policy)
		policy = self.server.get("/framed?ports").headers["content-security-policy"]
		self.assertIn("frame-src http://127.0.0.1:*; base-uri", policy, "any port may be named")
		policy = self.server.get("/framed?any").headers["content-security-policy"]
		self.assertNotIn("*", policy, "but not any place")

	def test_a_header_that_cannot_be_spoils_the_answer(self):
		one = self.server.get("/spoilt")
		self.assertEqual(one.status, 500)
		self.assertNotIn("set-cookie", one.headers)

	def test_head_is_get_without_its_body(self):
		with self.server.connect() as connection:
			send(connection, self.server.head("/big", "HEAD"))
			one, rest = answer(connection, is_head=True)
			self.assertEqual((one.status, one.headers["content-length"], rest), (200, "120000", b""))
			send(connection, self.server.head("/loop"))
			self.assertEqual(answer(connection)[0].body, b"loop\n")

	def test_a_flow_that_fills_nothing_is_a_fault_of_ours(self):
		self.assertEqual(self.server.get("/empty").status, 500)

	def test_requests_behind_each_other_are_answered_in_order(self):
		with self.server.connect() as connection:
			send(connection, b"".join(self.server.head(path) for path in ("/loop", "/lane", "/stored", "/even")))
			self.assertEqual([one.body for one in answers(connection)], [b"loop\n", b"lane\n", b"stored\n", b"even\n"])

	def test_answers_that_share_a_head_share_nothing_else(self):
		"""Of one length and another, in one connection and another; every head is what it would be alone."""
		kinds = {"json": ("application/json", "no-store"), "jwt_": ("application/jwt", "no-store"),
			"kept": ("application/json", "private, max-age=5")}
		asked = [kind + f"{number:0{length}d}" for number in range(40) for kind in kinds for length in (9, 9, 400, 400)]
		with self.server.connect() as first, self.server.connect() as second:
			rest = {first: b"", second: b""}
			for number, query in enumerate(asked):
				who = (first, second)[number % 3 == 0]
				is_head = number % 7 == 0
				send(who, self.server.head("/plain?" + query, "HEAD" if is_head else "GET"))
				one, rest[who] = answer(who, rest[who], is_head)
				self.assertEqual(one.body, b"" if is_head else query.encode())
				self.assertEqual((one.headers["content-type"], one.headers["cache-control"]), kinds[query[:4]])
				self.assertEqual((one.status, int(one.headers["content-length"])), (200, len(query)))
				if number % 5 == 0:  # its body moves
					self.server.get("/big")
				alone = self.server.get("/plain?" + query)
				self.assertEqual((alone.body, alone.headers["connection"]), (query.encode(), "close"))
				self.assertEqual([name for name in alone.names if name != "Connection"], [name for name in one.names if name != "Connection"])

	def test_cookies_go_in_and_out(self):
		one = self.server.get("/seen", "Cookie: lk_language=cy; other=1")
		self.assertIn(b"language=cy", one.body)
		self.assertIn("lk_language=cy", one.headers["set-cookie"])
		self.assertIn("HttpOnly", one.headers["set-cookie"])

	def test_what_is_sent_reaches_the_flow_and_is_bounded(self):
		body = self.server.get("/%73een?a=%41", "User-Agent: " + "u" * 999, "Sec-Fetch-Site: same-origin").body
		for line in (b"path=/seen", b"query=a=%41", b"address=127.0.0.1", b"agent=256", b"same_origin=1"):
			self.assertIn(line, body)

	def test_an_answer_that_must_wait_leaves_no_earlier(self):
		began = time.monotonic()
		self.assertEqual(self.server.get("/even").body, b"even\n")
		self.assertGreaterEqual(time.monotonic() - began, 0.29)

	def test_metrics_and_words_are_at_their_own_address(self):
		def listener(path):
			with self.server.connect(self.server.metrics_port) as connection:
				send(connection, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
				return answer(connection)[0]
		self.server.get("/loop")
		self.assertIn(b"latchkey_http_requests_total", listener("/metrics").body)
		self.assertEqual(listener("/readyz").body, b"ready\n")
		self.assertIn(b"store: answers", listener("/readyz?verbose").body)
		self.assertEqual(listener("/loop").status, 404)
		self.assertEqual(self.server.get("/metrics").status, 404)

	def test_one_line_a_request_and_no_names_in_it(self):
		self.server.ask(self.raw(FORM, "Content-Length: 13", body=b"username=asha"))
		self.assertIn("key=form result=200", self.server.said())
		self.assertNotIn("asha", self.server.said())


if __name__ == "__main__":
	unittest.main()
