# SPDX-License-Identifier: MIT
# One program a module. Rows sorted; libraries in link order (a folder's own first, then those to its left).
if HAVE_CMOCKA
UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/tests
CRYPTO_TEST_CFLAGS = $(UNIT_CFLAGS) $(OATH_CFLAGS)
AUDIT_TEST_CFLAGS = $(UNIT_CFLAGS) -pthread
AUDIT_TEST_LIBS = libaudit.a libcrypto.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS) -lpthread
CONF_TEST_CFLAGS = $(UNIT_CFLAGS) $(SODIUM_CFLAGS)
CONF_TEST_LIBS = libconf.a libbase.a $(SODIUM_LIBS) $(CMOCKA_LIBS)
PAGE_TEST_LIBS = libpage.a libbase.a $(QRENCODE_LIBS) $(SODIUM_LIBS) $(CMOCKA_LIBS)
POLICY_TEST_LIBS = libpolicy.a libcrypto.a libconf.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(UNISTRING_LIBS) $(ZXCVBN_LIBS) $(CMOCKA_LIBS)
SPOOL_TEST_LIBS = libspool.a libcrypto.a libbase.a $(SODIUM_LIBS) $(OATH_LIBS) $(CMOCKA_LIBS)
DIRECTORY_TEST_CFLAGS = $(UNIT_CFLAGS) $(LDAP_CFLAGS)
DIRECTORY_TEST_LIBS = libdirectory.a libcrypto.a libmetric.a libbase.a \
	$(LDAP_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) $(CMOCKA_LIBS) -lpthread
CRYPTO_TEST_LIBS = libcrypto.a libbase.a $(SODIUM_LIBS) $(OATH_LIBS) $(CMOCKA_LIBS)
JOSE_TEST_CFLAGS = $(UNIT_CFLAGS) $(SODIUM_CFLAGS) $(CRYPTO_CFLAGS)
JOSE_TEST_LIBS = libcrypto.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
EXCHANGE_TEST_LIBS = libexchange.a libcrypto.a libconf.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS) $(CMOCKA_LIBS)
LOCAL_TEST_LIBS = liblocal.a libclient.a libcrypto.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS) -lpthread

UNIT_TESTS = \
	tests/unit/application_file_test \
	tests/unit/application_test \
	tests/unit/audit_append_test \
	tests/unit/audit_note_test \
	tests/unit/audit_file_test \
	tests/unit/audit_kill_test \
	tests/unit/audit_line_test \
	tests/unit/audit_verify_test \
	tests/unit/bearer_test \
	tests/unit/certificate_test \
	tests/unit/claims_test \
	tests/unit/conf_test \
	tests/unit/conf_value_test \
	tests/unit/cookie_test \
	tests/unit/ctl_say_test \
	tests/unit/desk_test \
	tests/unit/device_test \
	tests/unit/digest_test \
	tests/unit/dir_escape_test \
	tests/unit/dir_health_test \
	tests/unit/dir_ppolicy_test \
	tests/unit/dir_shape_test \
	tests/unit/exchange_attacks_test \
	tests/unit/form_test \
	tests/unit/framing_test \
	tests/unit/guesses_test \
	tests/unit/help_test \
	tests/unit/http_timer_test \
	tests/unit/jose_attacks_test \
	tests/unit/jose_claims_test \
	tests/unit/jose_jws_test \
	tests/unit/jose_key_test \
	tests/unit/jose_openssl_test \
	tests/unit/json_test \
	tests/unit/keyring_test \
	tests/unit/known_test \
	tests/unit/lane_test \
	tests/unit/local_start_test \
	tests/unit/local_test \
	tests/unit/log_test \
	tests/unit/mailer_run_test \
	tests/unit/metric_test \
	tests/unit/origin_test \
	tests/unit/page_escape_test \
	tests/unit/page_mail_test \
	tests/unit/page_test \
	tests/unit/page_time_test \
	tests/unit/pam_map_test \
	tests/unit/params_test \
	tests/unit/policy_password_test \
	tests/unit/policy_test \
	tests/unit/reach_test \
	tests/unit/recovery_test \
	tests/unit/reply_test \
	tests/unit/seal_test \
	tests/unit/signing_plan_test \
	tests/unit/spool_call_test \
	tests/unit/spool_kill_test \
	tests/unit/spool_test \
	tests/unit/store_cache_test \
	tests/unit/store_record_grant_test \
	tests/unit/store_record_test \
	tests/unit/store_replicas_test \
	tests/unit/token_test \
	tests/unit/token_text_test \
	tests/unit/totp_test \
	tests/unit/utf8_name_test \
	tests/unit/utc_test \
	tests/unit/utf8_test \
	tests/unit/web_form_test \
	tests/unit/wire_test \
	tests/unit/wordlist_test
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
noinst_HEADERS += tests/support/application_help.h tests/support/audit_disk.h tests/support/audit_help.h tests/support/crypto_help.h tests/support/exchange_help.h \
	tests/support/origin_help.h tests/support/files_help.h tests/support/local_help.h \
	tests/support/desk_help.h tests/support/jose_help.h tests/support/jws_help.h \
	tests/support/policy_help.h

tests_unit_application_file_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_application_file_test_LDADD = $(POLICY_TEST_LIBS)
tests_unit_application_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_application_test_LDADD = $(POLICY_TEST_LIBS)
tests_unit_audit_append_test_CFLAGS = $(AUDIT_TEST_CFLAGS)
tests_unit_audit_append_test_LDADD = $(AUDIT_TEST_LIBS)
tests_unit_audit_note_test_CFLAGS = $(AUDIT_TEST_CFLAGS)
tests_unit_audit_note_test_LDADD = $(AUDIT_TEST_LIBS)
tests_unit_audit_file_test_CFLAGS = $(AUDIT_TEST_CFLAGS)
tests_unit_audit_file_test_LDADD = $(AUDIT_TEST_LIBS)
tests_unit_audit_kill_test_CFLAGS = $(AUDIT_TEST_CFLAGS)
tests_unit_audit_kill_test_LDADD = $(AUDIT_TEST_LIBS)
tests_unit_audit_line_test_CFLAGS = $(AUDIT_TEST_CFLAGS)
tests_unit_audit_line_test_LDADD = $(AUDIT_TEST_LIBS)
tests_unit_audit_verify_test_CFLAGS = $(AUDIT_TEST_CFLAGS)
tests_unit_audit_verify_test_LDADD = $(AUDIT_TEST_LIBS)
tests_unit_bearer_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_bearer_test_LDADD = libflow.a libbase.a $(SODIUM_LIBS) $(CMOCKA_LIBS)
tests_unit_claims_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_claims_test_LDADD = libflow.a libbase.a $(SODIUM_LIBS) $(CMOCKA_LIBS)
tests_unit_conf_test_CFLAGS = $(CONF_TEST_CFLAGS)
tests_unit_conf_test_LDADD = $(CONF_TEST_LIBS)
tests_unit_certificate_test_CFLAGS = $(UNIT_CFLAGS) $(GNUTLS_CFLAGS) -pthread
tests_unit_certificate_test_LDADD = libhttp.a libconf.a libmetric.a libbase.a $(GNUTLS_LIBS) $(SODIUM_LIBS) $(JANSSON_LIBS) \
	$(CMOCKA_LIBS) -lpthread
tests_unit_conf_value_test_CFLAGS = $(CONF_TEST_CFLAGS)
tests_unit_conf_value_test_LDADD = $(CONF_TEST_LIBS)
tests_unit_cookie_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_cookie_test_LDADD = $(EXCHANGE_TEST_LIBS)
tests_unit_ctl_say_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ctl_say_test_LDADD = libctl.a libbase.a $(SODIUM_LIBS) $(CMOCKA_LIBS)
tests_unit_desk_test_SOURCES = tests/unit/desk_test.c tests/support/desk_help.c
tests_unit_desk_test_CFLAGS = $(UNIT_CFLAGS) -pthread
tests_unit_desk_test_LDADD = libflow.a libexchange.a libspool.a libpolicy.a libpage.a libaudit.a libcrypto.a \
	libconf.a libmetric.a libbase.a $(QRENCODE_LIBS) $(ZXCVBN_LIBS) $(UNISTRING_LIBS) $(SODIUM_LIBS) \
	$(OATH_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS) -lpthread
tests_unit_device_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_device_test_LDADD = libflow.a $(CRYPTO_TEST_LIBS)
tests_unit_digest_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_digest_test_LDADD = $(CRYPTO_TEST_LIBS)
tests_unit_dir_escape_test_CFLAGS = $(DIRECTORY_TEST_CFLAGS)
tests_unit_dir_escape_test_LDADD = $(DIRECTORY_TEST_LIBS)
tests_unit_dir_health_test_CFLAGS = $(DIRECTORY_TEST_CFLAGS) -pthread
tests_unit_dir_health_test_LDADD = $(DIRECTORY_TEST_LIBS)
tests_unit_dir_ppolicy_test_CFLAGS = $(DIRECTORY_TEST_CFLAGS)
tests_unit_dir_ppolicy_test_LDADD = $(DIRECTORY_TEST_LIBS)
tests_unit_dir_shape_test_CFLAGS = $(DIRECTORY_TEST_CFLAGS)
tests_unit_dir_shape_test_LDADD = $(DIRECTORY_TEST_LIBS)
tests_unit_exchange_attacks_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_exchange_attacks_test_LDADD = $(EXCHANGE_TEST_LIBS)
tests_unit_form_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_form_test_LDADD = $(EXCHANGE_TEST_LIBS)
tests_unit_framing_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_framing_test_LDADD = libhttp.a libbase.a $(SODIUM_LIBS) $(CMOCKA_LIBS)
tests_unit_guesses_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_guesses_test_LDADD = libflow.a $(CMOCKA_LIBS) -lpthread
tests_unit_help_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_help_test_LDADD = libflow.a $(PAGE_TEST_LIBS) -lpthread
tests_unit_http_timer_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_http_timer_test_LDADD = libhttp.a libbase.a $(CMOCKA_LIBS)
tests_unit_jose_attacks_test_CFLAGS = $(JOSE_TEST_CFLAGS)
tests_unit_jose_attacks_test_LDADD = $(JOSE_TEST_LIBS)
tests_unit_jose_claims_test_CFLAGS = $(JOSE_TEST_CFLAGS)
tests_unit_jose_claims_test_LDADD = $(JOSE_TEST_LIBS)
tests_unit_jose_jws_test_CFLAGS = $(JOSE_TEST_CFLAGS)
tests_unit_jose_jws_test_LDADD = $(JOSE_TEST_LIBS)
tests_unit_jose_key_test_CFLAGS = $(JOSE_TEST_CFLAGS)
tests_unit_jose_key_test_LDADD = $(JOSE_TEST_LIBS)
tests_unit_jose_openssl_test_CFLAGS = $(JOSE_TEST_CFLAGS)
tests_unit_jose_openssl_test_LDADD = $(JOSE_TEST_LIBS)
tests_unit_json_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_json_test_LDADD = libbase.a $(SODIUM_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
tests_unit_known_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_known_test_LDADD = $(POLICY_TEST_LIBS)
tests_unit_lane_test_CFLAGS = $(UNIT_CFLAGS) -pthread
tests_unit_lane_test_LDADD = liblane.a libmetric.a libbase.a $(SODIUM_LIBS) $(CMOCKA_LIBS) -lpthread
tests_unit_keyring_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_keyring_test_LDADD = $(CRYPTO_TEST_LIBS)
tests_unit_local_start_test_SOURCES = tests/unit/local_start_test.c tests/support/local_help.c
tests_unit_local_start_test_CFLAGS = $(UNIT_CFLAGS) -pthread
tests_unit_local_start_test_LDADD = $(LOCAL_TEST_LIBS)
tests_unit_local_test_SOURCES = tests/unit/local_test.c tests/support/local_help.c
tests_unit_local_test_CFLAGS = $(UNIT_CFLAGS) -pthread
tests_unit_local_test_LDADD = $(LOCAL_TEST_LIBS)
tests_unit_log_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_log_test_LDADD = libbase.a $(SODIUM_LIBS) $(CMOCKA_LIBS)
tests_unit_mailer_run_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mailer_run_test_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=spool_remove,--wrap=spool_put_back,--wrap=watch_wait,--wrap=watch_is_stopped
tests_unit_mailer_run_test_LDADD = libmailer.a $(SPOOL_TEST_LIBS)
tests_unit_metric_test_CFLAGS = $(UNIT_CFLAGS) -pthread
tests_unit_metric_test_LDADD = libmetric.a libbase.a $(SODIUM_LIBS) $(CMOCKA_LIBS) -lpthread
tests_unit_origin_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_origin_test_LDADD = $(EXCHANGE_TEST_LIBS)
tests_unit_page_escape_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_page_escape_test_LDADD = $(PAGE_TEST_LIBS)
tests_unit_page_mail_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_page_mail_test_LDADD = $(PAGE_TEST_LIBS)
tests_unit_page_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_page_test_LDADD = $(PAGE_TEST_LIBS)
tests_unit_page_time_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_page_time_test_LDADD = $(PAGE_TEST_LIBS)
tests_unit_pam_map_test_SOURCES = tests/unit/pam_map_test.c pam/pam_args.c pam/pam_map.c
tests_unit_pam_map_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/pam
tests_unit_pam_map_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_pam_map_test_LDADD = $(CMOCKA_LIBS)
tests_unit_params_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_params_test_LDADD = $(EXCHANGE_TEST_LIBS)
tests_unit_policy_password_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_policy_password_test_LDADD = $(POLICY_TEST_LIBS)
tests_unit_policy_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_policy_test_LDADD = $(POLICY_TEST_LIBS)
tests_unit_reach_test_CFLAGS = $(CONF_TEST_CFLAGS)
tests_unit_reach_test_LDADD = libmailer.a $(CONF_TEST_LIBS)
tests_unit_recovery_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_recovery_test_LDADD = $(CRYPTO_TEST_LIBS)
tests_unit_reply_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_reply_test_LDADD = libexchange.a libpage.a libbase.a \
	$(QRENCODE_LIBS) $(SODIUM_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
tests_unit_seal_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_seal_test_LDADD = $(CRYPTO_TEST_LIBS)
tests_unit_signing_plan_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_signing_plan_test_LDADD = libflow.a $(JOSE_TEST_LIBS) -lpthread
tests_unit_spool_call_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_spool_call_test_LDADD = $(SPOOL_TEST_LIBS)
tests_unit_spool_kill_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_spool_kill_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=write
tests_unit_spool_kill_test_LDADD = $(SPOOL_TEST_LIBS)
tests_unit_spool_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_spool_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=write,--wrap=fsync,--wrap=renameat
tests_unit_spool_test_LDADD = $(SPOOL_TEST_LIBS)
tests_unit_store_cache_test_CFLAGS = $(UNIT_CFLAGS) -pthread
tests_unit_store_cache_test_LDADD = libstore.a libcrypto.a libmetric.a libbase.a \
	$(HIREDIS_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) $(CMOCKA_LIBS) -lpthread
tests_unit_store_record_grant_test_CFLAGS = $(UNIT_CFLAGS) -pthread
tests_unit_store_record_grant_test_LDADD = libstore.a libcrypto.a libmetric.a libbase.a \
	$(HIREDIS_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) $(CMOCKA_LIBS) -lpthread
tests_unit_store_record_test_CFLAGS = $(UNIT_CFLAGS) -pthread
tests_unit_store_record_test_LDADD = libstore.a libcrypto.a libmetric.a libbase.a \
	$(HIREDIS_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) $(CMOCKA_LIBS) -lpthread
tests_unit_store_replicas_test_CFLAGS = $(UNIT_CFLAGS) $(HIREDIS_CFLAGS) -pthread
tests_unit_store_replicas_test_LDADD = libstore.a libcrypto.a libmetric.a libbase.a \
	$(HIREDIS_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) $(CMOCKA_LIBS) -lpthread
tests_unit_token_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_token_test_LDADD = $(CRYPTO_TEST_LIBS)
tests_unit_token_text_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_token_text_test_LDADD = libflow.a $(JOSE_TEST_LIBS)
tests_unit_totp_test_CFLAGS = $(CRYPTO_TEST_CFLAGS)
tests_unit_totp_test_LDADD = $(CRYPTO_TEST_LIBS)
tests_unit_utf8_name_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_utf8_name_test_LDADD = libbase.a $(SODIUM_LIBS) $(UNISTRING_LIBS) $(CMOCKA_LIBS)
tests_unit_utc_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_utc_test_LDADD = libbase.a $(SODIUM_LIBS) $(CMOCKA_LIBS)
tests_unit_utf8_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_utf8_test_LDADD = libbase.a $(SODIUM_LIBS) $(CMOCKA_LIBS)
tests_unit_web_form_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_web_form_test_LDADD = libctl.a libbase.a $(SODIUM_LIBS) $(CMOCKA_LIBS)
tests_unit_wire_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_wire_test_LDADD = libclient.a $(CMOCKA_LIBS)
tests_unit_wordlist_test_CFLAGS = $(UNIT_CFLAGS)
tests_unit_wordlist_test_LDADD = $(POLICY_TEST_LIBS)
endif
dist_check_SCRIPTS += tests/unit/tally_test.py
TESTS += tests/unit/tally_test.py
EXTRA_DIST += \
	tests/golden/conf/certificate_without_key.conf \
	tests/golden/conf/certificate_without_key.want \
	tests/golden/conf/https_without_proxy.conf \
	tests/golden/conf/https_without_proxy.want \
	tests/golden/conf/misspelt.conf \
	tests/golden/conf/misspelt.want \
	tests/golden/conf/plain_http.conf \
	tests/golden/conf/plain_http.want \
	tests/golden/conf/rules.conf \
	tests/golden/conf/rules.want \
	tests/golden/conf/shape.conf \
	tests/golden/conf/shape.want \
	tests/golden/conf/values.conf \
	tests/golden/conf/values.want \
	tests/golden/policy/rules.want \
	tests/golden/policy/rules/lockout.policy \
	tests/golden/policy/rules/password.policy \
	tests/golden/policy/rules/reset.policy \
	tests/golden/policy/rules/signin.policy \
	tests/golden/policy/wrong.want \
	tests/golden/policy/wrong/applications/a.conf \
	tests/golden/policy/wrong/applications/b.conf \
	tests/golden/policy/wrong/applications/c.conf \
	tests/golden/policy/wrong/applications/ignored.conf.sample \
	tests/golden/policy/wrong/lockout.policy \
	tests/golden/policy/wrong/password.policy \
	tests/golden/policy/wrong/reset.policy \
	tests/golden/policy/wrong/signin.policy
