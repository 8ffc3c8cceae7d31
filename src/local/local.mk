# SPDX-License-Identifier: MIT
noinst_LIBRARIES += liblocal.a
liblocal_a_CFLAGS = $(AM_CFLAGS) -pthread
liblocal_a_SOURCES = \
	src/local/conn.c src/local/conn.h \
	src/local/listener.c src/local/listener.h \
	src/local/local.c src/local/local.h \
	src/local/peer.c src/local/peer.h
