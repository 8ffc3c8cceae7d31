# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libdaemon.a
libdaemon_a_CFLAGS = $(AM_CFLAGS) -pthread
libdaemon_a_SOURCES = \
	src/daemon/applications.c \
	src/daemon/check.c src/daemon/check.h \
	src/daemon/daemon.h \
	src/daemon/follow.c src/daemon/follow.h \
	src/daemon/notify.c src/daemon/notify.h \
	src/daemon/reload.c \
	src/daemon/run.c \
	src/daemon/setting.c \
	src/daemon/start.c \
	src/daemon/watch.c

sbin_PROGRAMS += latchkeyd
latchkeyd_SOURCES = src/latchkeyd.c
latchkeyd_LDADD = libdaemon.a liblocal.a libhttp.a liblane.a libflow.a libexchange.a libpage.a \
	libpolicy.a libspool.a libdirectory.a libstore.a libaudit.a libcrypto.a libconf.a \
	libmetric.a libclient.a libbase.a \
	$(MHD_LIBS) $(GNUTLS_LIBS) $(LDAP_LIBS) $(HIREDIS_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) \
	$(QRENCODE_LIBS) $(UNISTRING_LIBS) $(ZXCVBN_LIBS) -lpthread
