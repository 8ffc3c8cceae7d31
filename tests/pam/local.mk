# SPDX-License-Identifier: MIT
# The module in a real stack, against a daemon that says what a test wants. Neither the driver nor the module carries a
# sanitizer: the module's objects run under one in tests/unit/pam_map_test and tests/fuzz/wire_fuzz.
TEST_EXTENSIONS = .py
PY_LOG_COMPILER = /usr/bin/python3
AM_TESTS_ENVIRONMENT = LK_BUILD='$(abs_top_builddir)'; export LK_BUILD; PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE;

check_PROGRAMS += tests/pam/drive
tests_pam_drive_SOURCES = tests/pam/drive.c
tests_pam_drive_CFLAGS = $(LK_MODULE_CFLAGS)
tests_pam_drive_LDADD = -lpam

check_LTLIBRARIES = tests/pam/short_memory.la
tests_pam_short_memory_la_SOURCES = tests/pam/short_memory.c
tests_pam_short_memory_la_CFLAGS = $(LK_MODULE_CFLAGS) -fvisibility=default -Wno-missing-prototypes
tests_pam_short_memory_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

dist_check_SCRIPTS += tests/pam/module_test.py
EXTRA_DIST += tests/pam/fake.py
TESTS += tests/pam/module_test.py
