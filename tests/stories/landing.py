# SPDX-License-Identifier: MIT
"""An application on the person's own machine or beside it: a page at every path, for browsers that come back to it."""
import http.server
import socket
import threading

PAGE = b"<!DOCTYPE html><html lang=en><title>Arrived</title><h1>Arrived</h1><p>Where the application begins."


class Landing:
	"""url("/callback") is where it stands: 127.0.0.1, or [::1] when asked for; a port nobody registered. asked: paths, in order."""

	def __init__(self, ipv6=False):
		self.asked = []
		outer = self

		class Handler(http.server.BaseHTTPRequestHandler):
			def do_GET(self):
				if self.path != "/favicon.ico":
					outer.asked.append(self.path)
				self.send_response(200)
				self.send_header("Content-Type", "text/html")
				self.send_header("Content-Length", str(len(PAGE)))
				self.end_headers()
				self.wfile.write(PAGE)

			def log_message(self, *args):
				pass

		class Server(http.server.ThreadingHTTPServer):
			address_family = socket.AF_INET6 if ipv6 else socket.AF_INET
			daemon_threads = True

		self.server = Server(("::1" if ipv6 else "127.0.0.1", 0), Handler)
		self.origin = f"http://{'[::1]' if ipv6 else '127.0.0.1'}:{self.server.server_address[1]}"
		threading.Thread(target=self.server.serve_forever, daemon=True).start()

	def url(self, path):
		return self.origin + path

	def close(self):
		self.server.shutdown()
		self.server.server_close()
