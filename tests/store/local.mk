# SPDX-License-Identifier: MIT
# On a redis-server of their own, each on a socket in a temporary folder: run by check-stories.
if HAVE_CMOCKA
STORE_TESTS = \
	tests/store/store_async_test \
	tests/store/store_code_test \
	tests/store/store_connect_test \
	tests/store/store_fail_test \
	tests/store/store_goodbye_test \
	tests/store/store_grant_test \
	tests/store/store_hostile_test \
	tests/store/store_memory_test \
	tests/store/store_put_test \
	tests/store/store_still_test \
	tests/store/store_test \
	tests/store/store_track_hostile_test \
	tests/store/store_track_test \
	tests/store/store_try_test
check_PROGRAMS += $(STORE_TESTS)
STORY_TESTS += $(STORE_TESTS)
noinst_HEADERS += tests/support/async_help.h tests/support/grant_help.h tests/support/held_clock.h \
	tests/support/hostile_help.h tests/support/loop_help.h tests/support/redis_help.h \
	tests/support/store_help.h tests/support/wire_help.h
STORE_TEST_CFLAGS = $(UNIT_CFLAGS) $(HIREDIS_CFLAGS) -pthread
STORE_TEST_LIBS = libstore.a libcrypto.a libmetric.a libbase.a \
	$(HIREDIS_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) $(CMOCKA_LIBS) -lpthread

tests_store_store_async_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_async_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_code_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_code_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_connect_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_connect_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_fail_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_fail_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_goodbye_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_goodbye_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_grant_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_grant_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_hostile_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_hostile_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_memory_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_memory_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_put_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_put_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_still_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_still_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_track_hostile_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_track_hostile_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_track_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_track_test_LDADD = $(STORE_TEST_LIBS)
tests_store_store_try_test_CFLAGS = $(STORE_TEST_CFLAGS)
tests_store_store_try_test_LDADD = $(STORE_TEST_LIBS)
endif
CLEANFILES += tests/store/*.log tests/store/*.trs
