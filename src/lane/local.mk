# SPDX-License-Identifier: MIT
# With live: every door needs both.
noinst_LIBRARIES += liblane.a
liblane_a_CFLAGS = $(AM_CFLAGS) -pthread
liblane_a_SOURCES = \
	src/flow/live.c src/flow/live.h \
	src/lane/lane.c src/lane/lane.h
