# SPDX-License-Identifier: MIT
# What people see: every page, refusal and mail is written into a folder, compared, and held against the rules.
check_PROGRAMS += tests/page/page_samples
tests_page_page_samples_SOURCES = tests/page/page_samples.c
tests_page_page_samples_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
tests_page_page_samples_LDADD = libpage.a libbase.a $(QRENCODE_LIBS) $(SODIUM_LIBS)
PAGE_TESTS = tests/page/colours tests/page/golden tests/page/markup tests/page/stops
dist_check_SCRIPTS += $(PAGE_TESTS)
TESTS += $(PAGE_TESTS)
include tests/page/golden.mk
noinst_HEADERS += tests/support/page_help.h
EXTRA_DIST += tests/page/samples.py $(PAGE_GOLDEN)
