# SPDX-License-Identifier: MIT
# Journeys with a directory and a store in memory and a clock turned by hand. Rows sorted.
if HAVE_CMOCKA
FLOW_TESTS = \
	tests/flow/authorize_again_test \
	tests/flow/authorize_meant_test \
	tests/flow/authorize_scheme_test \
	tests/flow/authorize_test \
	tests/flow/changed_test \
	tests/flow/claims_test \
	tests/flow/client_memory_test \
	tests/flow/client_test \
	tests/flow/consent_test \
	tests/flow/discovery_test \
	tests/flow/device_gate_test \
	tests/flow/device_grant_test \
	tests/flow/enrol_test \
	tests/flow/forward_test \
	tests/flow/forward_way_test \
	tests/flow/gate_test \
	tests/flow/fetched_test \
	tests/flow/goodbye_test \
	tests/flow/guess_test \
	tests/flow/introspect_test \
	tests/flow/logout_test \
	tests/flow/onward_test \
	tests/flow/openapi_test \
	tests/flow/pairwise_test \
	tests/flow/people_test \
	tests/flow/reset_fault_test \
	tests/flow/reset_test \
	tests/flow/revoke_test \
	tests/flow/signin_test \
	tests/flow/signing_test \
	tests/flow/steps_test \
	tests/flow/token_test \
	tests/flow/twice_test \
	tests/flow/userinfo_test
check_PROGRAMS += $(FLOW_TESTS)
TESTS += $(FLOW_TESTS)
noinst_HEADERS += tests/support/token_help.h tests/support/fake_dir.h tests/support/fake_inside.h tests/support/fake_store.h tests/support/flow_help.h \
	tests/support/device_help.h tests/support/oauth_help.h \
	tests/support/pairwise_help.h tests/support/signing_help.h
check_LIBRARIES += tests/support/libflowhelp.a
tests_support_libflowhelp_a_SOURCES = \
	tests/support/fake_dir.c \
	tests/support/fake_grant.c \
	tests/support/fake_store.c \
	tests/support/fake_try.c \
	tests/support/flow_help.c \
	tests/support/oauth_help.c \
	tests/support/signing_help.c
tests_support_libflowhelp_a_CFLAGS = $(UNIT_CFLAGS) $(OATH_CFLAGS) -pthread
FLOW_TEST_LIBS = tests/support/libflowhelp.a libflow.a \
	libexchange.a libpage.a libpolicy.a libspool.a libstore.a libdirectory.a libaudit.a \
	libcrypto.a libconf.a libmetric.a libbase.a \
	$(QRENCODE_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(UNISTRING_LIBS) \
	$(ZXCVBN_LIBS) $(CMOCKA_LIBS) -lpthread

tests_flow_changed_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_changed_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_authorize_again_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_authorize_again_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_authorize_meant_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_authorize_meant_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_authorize_scheme_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_authorize_scheme_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_authorize_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_authorize_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_onward_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_onward_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_consent_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_consent_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_client_memory_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_client_memory_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_client_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_client_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_token_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_token_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_claims_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_claims_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_discovery_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_discovery_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_device_gate_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_device_gate_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_device_grant_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_device_grant_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_enrol_test_CFLAGS = $(UNIT_CFLAGS) $(OATH_CFLAGS)
tests_flow_enrol_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_forward_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_forward_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_forward_way_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_forward_way_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_gate_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_gate_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_fetched_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_fetched_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_goodbye_test_CFLAGS = $(UNIT_CFLAGS) -pthread
tests_flow_goodbye_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_guess_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_guess_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_introspect_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_introspect_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_logout_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_logout_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_openapi_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_openapi_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_people_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_people_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_reset_fault_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_reset_fault_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_reset_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_reset_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_revoke_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_revoke_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_signin_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_signin_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_pairwise_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_pairwise_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_signing_test_CFLAGS = $(UNIT_CFLAGS) -pthread
tests_flow_signing_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_steps_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_steps_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_twice_test_CFLAGS = $(UNIT_CFLAGS) $(OATH_CFLAGS)
tests_flow_twice_test_LDADD = $(FLOW_TEST_LIBS)
tests_flow_userinfo_test_CFLAGS = $(UNIT_CFLAGS)
tests_flow_userinfo_test_LDADD = $(FLOW_TEST_LIBS)
endif
