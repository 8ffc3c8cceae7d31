# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libbase.a
libbase_a_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS) $(JANSSON_CFLAGS)
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/call.h \
	src/base/clock.c src/base/clock.h \
	src/base/err.c src/base/err.h \
	src/base/file.c src/base/file.h \
	src/base/json.c src/base/json.h src/base/json_quote.c \
	src/base/log.c src/base/log.h \
	src/base/secret.c src/base/secret.h src/base/secret_bytes.h \
	src/base/str.c src/base/str.h \
	src/base/url.c src/base/url.h \
	src/base/utc.c src/base/utc.h \
	src/base/utf8.c src/base/utf8.h \
	src/base/utf8_form.c src/base/utf8_form.h
