# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libhttp.a
libhttp_a_CFLAGS = $(AM_CFLAGS) $(MHD_CFLAGS) $(GNUTLS_CFLAGS) -pthread
libhttp_a_SOURCES = \
	src/http/again.c src/http/again.h \
	src/http/answer.c \
	src/http/certificate.c src/http/certificate.h \
	src/http/encoding.c src/http/encoding.h \
	src/http/framing.c src/http/framing.h \
	src/http/http.h \
	src/http/listen.c src/http/listen.h \
	src/http/loop.c \
	src/http/metrics.c \
	src/http/peer.c \
	src/http/pem.c src/http/pem.h \
	src/http/read.c src/http/read.h \
	src/http/send.c \
	src/http/server.c \
	src/http/start.c \
	src/http/timer.c src/http/timer.h \
	src/http/visit.c src/http/visit.h \
	src/http/worker.h
