# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libaudit.a
libaudit_a_CFLAGS = $(AM_CFLAGS) -pthread
libaudit_a_SOURCES = \
	src/audit/audit.c src/audit/audit.h \
	src/audit/chain.c src/audit/chain.h \
	src/audit/file.c src/audit/file.h \
	src/audit/head.c src/audit/head.h \
	src/audit/line.c src/audit/line.h \
	src/audit/lines.c src/audit/lines.h \
	src/audit/open.h \
	src/audit/queue.c src/audit/queue.h \
	src/audit/read.c src/audit/read.h \
	src/audit/scan.c src/audit/scan.h
