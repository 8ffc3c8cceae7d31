# SPDX-License-Identifier: MIT
# The module compiles these files itself (pam/local.mk): it may link nothing.
noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = \
	src/client/client.c src/client/latchkey.h \
	src/client/transport.h \
	src/client/transport_unix.c \
	src/client/wire.c src/client/wire.h
