# SPDX-License-Identifier: MIT
# The directory's verbs against real, private slapds. They need slapd and run by make check-stories.
check_PROGRAMS += tests/directory/drive
tests_directory_drive_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
tests_directory_drive_LDADD = libdirectory.a libcrypto.a libmetric.a libbase.a \
	$(LDAP_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) $(JANSSON_LIBS) -lpthread

STORY_FILES += \
	tests/directory/dir_attributes_test.py \
	tests/directory/dir_changes_test.py \
	tests/directory/dir_check_test.py \
	tests/directory/dir_faults_test.py \
	tests/directory/dir_keys_test.py \
	tests/directory/dir_people_test.py \
	tests/directory/dir_policy_test.py \
	tests/directory/rights_test.py \
	tests/directory/schema_test.py
EXTRA_DIST += tests/directory/conftest.py tests/directory/lab.py
