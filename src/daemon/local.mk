# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libdaemon.a
libdaemon_a_CFLAGS = $(AM_CFLAGS) -pthread
libdaemon_a_SOURCES = \
	src/daemon/check.c src/daemon/check.h \
	src/daemon/daemon.h \
	src/daemon/notify.c src/daemon/notify.h \
	src/daemon/reload.c \
	src/daemon/run.c \
	src/daemon/setting.c \
	src/daemon/start.c \
	src/daemon/watch.c
