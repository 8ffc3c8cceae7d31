# SPDX-License-Identifier: MIT
# latchkeyctl from outside: files and a daemon that says what a test wants.
check_PROGRAMS += tests/ctl/audit_make
tests_ctl_audit_make_SOURCES = tests/ctl/audit_make.c
tests_ctl_audit_make_LDADD = libaudit.a libcrypto.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS) $(JANSSON_LIBS) -lpthread
dist_check_SCRIPTS += tests/ctl/files_test.py tests/ctl/daemon_test.py
TESTS += tests/ctl/files_test.py tests/ctl/daemon_test.py
EXTRA_DIST += tests/ctl/ctl.py \
	tests/golden/ctl/help.want \
	tests/golden/ctl/help_user.want
