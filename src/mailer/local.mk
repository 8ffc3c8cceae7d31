# SPDX-License-Identifier: MIT
# A program of its own: the only one that links libcurl, and what libcurl brings. smtp.c and web.c stand outside the library,
# so that tests can be the servers.
noinst_LIBRARIES += libmailer.a
libmailer_a_SOURCES = \
	src/mailer/backoff.c src/mailer/backoff.h \
	src/mailer/calls.c src/mailer/calls.h \
	src/mailer/message.c src/mailer/message.h \
	src/mailer/reach.c src/mailer/reach.h \
	src/mailer/run.c src/mailer/run.h \
	src/mailer/smtp.h \
	src/mailer/watch.c src/mailer/watch.h \
	src/mailer/web.h
pkglibexec_PROGRAMS += latchkey-mailer
latchkey_mailer_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
latchkey_mailer_SOURCES = \
	src/mailer/latchkey_mailer.c \
	src/mailer/smtp.c \
	src/mailer/web.c
latchkey_mailer_LDADD = libmailer.a libspool.a libcrypto.a libconf.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS) $(CURL_LIBS)
dist_man_MANS += src/mailer/latchkey-mailer.8
