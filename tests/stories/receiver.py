# SPDX-License-Identifier: MIT
"""An application's own server over HTTPS, for what it is told: keeps every call, answers as it is set to."""
import http.server
import ssl
import threading
from urllib.parse import parse_qs


class Receiver:
	"""told: [(path, {field: value})], in the order they came. status: what is answered. pages: what stands at a path."""

	def __init__(self, certificate, key):
		self.told = []
		self.status = 200
		self.pages = {}
		outer = self

		class Handler(http.server.BaseHTTPRequestHandler):
			def do_POST(self):
				body = self.rfile.read(int(self.headers["Content-Length"])).decode()
				if outer.status == 200:
					outer.told.append((self.path, {name: values[0] for name, values in parse_qs(body).items()}))
				self.send_response(outer.status)
				self.send_header("Content-Length", "0")
				self.end_headers()

			def do_GET(self):
				body = outer.pages.get(self.path)
				self.send_response(404 if body is None else 200)
				self.send_header("Content-Type", "application/json")
				self.send_header("Content-Length", str(len(body or b"")))
				self.end_headers()
				self.wfile.write(body or b"")

			def log_message(self, *args):
				pass

		context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		context.load_cert_chain(certificate, key)
		self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		self.server.daemon_threads = True
		self.server.handle_error = lambda *args: None
		self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
		self.port = self.server.server_address[1]
		threading.Thread(target=self.server.serve_forever, daemon=True).start()

	def url(self, path):
		return f"https://localhost:{self.port}{path}"

	def close(self):
		self.server.shutdown()
		self.server.server_close()
