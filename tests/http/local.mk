# SPDX-License-Identifier: MIT
# The door for browsers over real sockets, with fake flows behind it; of the real ones the memory of clients.
HTTP_TEST_LIBS = libhttp.a libflow.a liblane.a libexchange.a libaudit.a libcrypto.a libconf.a libmetric.a libbase.a \
	$(MHD_LIBS) $(GNUTLS_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) $(JANSSON_LIBS) -lpthread
check_PROGRAMS += tests/http/serve
tests_http_serve_SOURCES = tests/http/serve.c tests/support/fake_flow.c
tests_http_serve_CFLAGS = $(AM_CFLAGS) -pthread
tests_http_serve_LDADD = $(HTTP_TEST_LIBS)

dist_check_SCRIPTS += tests/http/framing_test.py tests/http/load_test.py
EXTRA_DIST += tests/http/serving.py
TESTS += tests/http/framing_test.py
# Thousands of connections.
STORY_TESTS += tests/http/load_test.py
