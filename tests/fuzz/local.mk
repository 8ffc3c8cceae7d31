# SPDX-License-Identifier: MIT
# One harness a parser, replayed over its corpus by make check; rows sorted.
FUZZ_TESTS = \
	tests/fuzz/address_fuzz \
	tests/fuzz/application_file_fuzz \
	tests/fuzz/application_may_fuzz \
	tests/fuzz/app_text_fuzz \
	tests/fuzz/audit_fuzz \
	tests/fuzz/audit_head_fuzz \
	tests/fuzz/authorize_fuzz \
	tests/fuzz/base64url_fuzz \
	tests/fuzz/claims_file_fuzz \
	tests/fuzz/claims_fuzz \
	tests/fuzz/client_basic_fuzz \
	tests/fuzz/conf_file_fuzz \
	tests/fuzz/consent_fuzz \
	tests/fuzz/cookie_fuzz \
	tests/fuzz/ctl_plain_fuzz \
	tests/fuzz/dir_escape_fuzz \
	tests/fuzz/dir_ppolicy_fuzz \
	tests/fuzz/dir_time_fuzz \
	tests/fuzz/device_fuzz \
	tests/fuzz/enrol_kept_fuzz \
	tests/fuzz/form_fuzz \
	tests/fuzz/forward_url_fuzz \
	tests/fuzz/framing_fuzz \
	tests/fuzz/jose_claims_fuzz \
	tests/fuzz/jose_jwk_fuzz \
	tests/fuzz/jose_jwks_fuzz \
	tests/fuzz/jose_jws_fuzz \
	tests/fuzz/json_fuzz \
	tests/fuzz/keyring_fuzz \
	tests/fuzz/local_conn_fuzz \
	tests/fuzz/mail_message_fuzz \
	tests/fuzz/origin_fuzz \
	tests/fuzz/page_escape_fuzz \
	tests/fuzz/page_hours_fuzz \
	tests/fuzz/params_fuzz \
	tests/fuzz/password_fuzz \
	tests/fuzz/policy_file_fuzz \
	tests/fuzz/register_fuzz \
	tests/fuzz/seal_fuzz \
	tests/fuzz/spool_file_fuzz \
	tests/fuzz/store_record_fuzz \
	tests/fuzz/token_text_fuzz \
	tests/fuzz/utf8_fuzz \
	tests/fuzz/web_form_fuzz \
	tests/fuzz/when_fuzz \
	tests/fuzz/wire_fuzz \
	tests/fuzz/wordlist_fuzz
check_PROGRAMS += $(FUZZ_TESTS)
TESTS += $(FUZZ_TESTS)
EXTRA_DIST += tests/fuzz/run \
	tests/fuzz/corpus/address/plain \
	tests/fuzz/corpus/address/signs \
	tests/fuzz/corpus/application_file/sample \
	tests/fuzz/corpus/application_file/robot \
	tests/fuzz/corpus/application_file/scheme \
	tests/fuzz/corpus/application_file/wrong_a \
	tests/fuzz/corpus/application_file/wrong_b \
	tests/fuzz/corpus/application_file/wrong_c \
	tests/fuzz/corpus/application_may/loopback \
	tests/fuzz/corpus/application_may/scheme \
	tests/fuzz/corpus/application_may/secret \
	tests/fuzz/corpus/application_may/userinfo \
	tests/fuzz/corpus/app_text/comments \
	tests/fuzz/corpus/app_text/twice \
	tests/fuzz/corpus/audit/continued \
	tests/fuzz/corpus/audit/end \
	tests/fuzz/corpus/audit/first \
	tests/fuzz/corpus/audit_head/true \
	tests/fuzz/corpus/authorize/claims \
	tests/fuzz/corpus/authorize/many \
	tests/fuzz/corpus/authorize/plain \
	tests/fuzz/corpus/authorize/twice \
	tests/fuzz/corpus/base64url/high \
	tests/fuzz/corpus/base64url/padded \
	tests/fuzz/corpus/base64url/token \
	tests/fuzz/corpus/base64url/zero \
	tests/fuzz/corpus/claims/broken \
	tests/fuzz/corpus/claims/empty \
	tests/fuzz/corpus/claims/quoted \
	tests/fuzz/corpus/claims/whole \
	tests/fuzz/corpus/claims_file/demo \
	tests/fuzz/corpus/claims_file/shipped \
	tests/fuzz/corpus/client_basic/encoded \
	tests/fuzz/corpus/client_basic/plain \
	tests/fuzz/corpus/client_basic/zero \
	tests/fuzz/corpus/conf_file/certificate_without_key \
	tests/fuzz/corpus/conf_file/https_without_proxy \
	tests/fuzz/corpus/conf_file/misspelt \
	tests/fuzz/corpus/conf_file/plain_http \
	tests/fuzz/corpus/conf_file/rules \
	tests/fuzz/corpus/conf_file/shape \
	tests/fuzz/corpus/conf_file/values \
	tests/fuzz/corpus/consent/large \
	tests/fuzz/corpus/consent/nothing \
	tests/fuzz/corpus/consent/plain \
	tests/fuzz/corpus/consent/zeros \
	tests/fuzz/corpus/cookie/host \
	tests/fuzz/corpus/cookie/plain \
	tests/fuzz/corpus/cookie/twice \
	tests/fuzz/corpus/ctl_plain/cut \
	tests/fuzz/corpus/ctl_plain/steering \
	tests/fuzz/corpus/dir_escape/bytes \
	tests/fuzz/corpus/dir_escape/metacharacters \
	tests/fuzz/corpus/dir_escape/plain \
	tests/fuzz/corpus/dir_ppolicy/empty \
	tests/fuzz/corpus/dir_ppolicy/expires \
	tests/fuzz/corpus/dir_ppolicy/grace \
	tests/fuzz/corpus/dir_ppolicy/locked \
	tests/fuzz/corpus/dir_ppolicy/long_form \
	tests/fuzz/corpus/dir_time/closed \
	tests/fuzz/corpus/dir_time/csn \
	tests/fuzz/corpus/dir_time/fraction \
	tests/fuzz/corpus/dir_time/leap \
	tests/fuzz/corpus/dir_time/no_such_day \
	tests/fuzz/corpus/device/foreign \
	tests/fuzz/corpus/device/two \
	tests/fuzz/corpus/enrol_kept/codes \
	tests/fuzz/corpus/enrol_kept/seed \
	tests/fuzz/corpus/enrol_kept/whole \
	tests/fuzz/corpus/enrol_kept/zero \
	tests/fuzz/corpus/form/all \
	tests/fuzz/corpus/form/signin \
	tests/fuzz/corpus/form/wrong \
	tests/fuzz/corpus/forward_url/braces \
	tests/fuzz/corpus/forward_url/plain \
	tests/fuzz/corpus/forward_url/port \
	tests/fuzz/corpus/forward_url/user \
	tests/fuzz/corpus/framing/folded \
	tests/fuzz/corpus/framing/post \
	tests/fuzz/corpus/framing/smuggled \
	tests/fuzz/corpus/jose_claims/holds \
	tests/fuzz/corpus/jose_claims/list \
	tests/fuzz/corpus/jose_claims/odd \
	tests/fuzz/corpus/jose_jwk/ec \
	tests/fuzz/corpus/jose_jwk/ed25519 \
	tests/fuzz/corpus/jose_jwk/other \
	tests/fuzz/corpus/jose_jwk/private \
	tests/fuzz/corpus/jose_jwk/rsa \
	tests/fuzz/corpus/jose_jwks/skipped \
	tests/fuzz/corpus/jose_jwks/symmetric \
	tests/fuzz/corpus/jose_jwks/three \
	tests/fuzz/corpus/jose_jwks/twice \
	tests/fuzz/corpus/jose_jws/eddsa \
	tests/fuzz/corpus/jose_jws/embedded \
	tests/fuzz/corpus/jose_jws/es256 \
	tests/fuzz/corpus/jose_jws/kid \
	tests/fuzz/corpus/jose_jws/none \
	tests/fuzz/corpus/jose_jws/rs256 \
	tests/fuzz/corpus/json/bytes \
	tests/fuzz/corpus/json/deep \
	tests/fuzz/corpus/json/object \
	tests/fuzz/corpus/json/twice \
	tests/fuzz/corpus/keyring/crlf \
	tests/fuzz/corpus/keyring/twice \
	tests/fuzz/corpus/keyring/two \
	tests/fuzz/corpus/local_conn/cut \
	tests/fuzz/corpus/local_conn/garbage \
	tests/fuzz/corpus/local_conn/two \
	tests/fuzz/corpus/mail_message/lines \
	tests/fuzz/corpus/mail_message/plain \
	tests/fuzz/corpus/mail_message/welsh \
	tests/fuzz/corpus/origin/proxied \
	tests/fuzz/corpus/origin/stranger \
	tests/fuzz/corpus/page_escape/markup \
	tests/fuzz/corpus/page_escape/url \
	tests/fuzz/corpus/page_escape/zero \
	tests/fuzz/corpus/page_hours/default \
	tests/fuzz/corpus/page_hours/overlap \
	tests/fuzz/corpus/params/authorize \
	tests/fuzz/corpus/params/token \
	tests/fuzz/corpus/params/wrong \
	tests/fuzz/corpus/password/ascii \
	tests/fuzz/corpus/password/doubled \
	tests/fuzz/corpus/password/marks \
	tests/fuzz/corpus/password/wide \
	tests/fuzz/corpus/password/zero \
	tests/fuzz/corpus/policy_file/lockout \
	tests/fuzz/corpus/policy_file/lockout_wrong \
	tests/fuzz/corpus/policy_file/password \
	tests/fuzz/corpus/policy_file/password_wrong \
	tests/fuzz/corpus/policy_file/reset \
	tests/fuzz/corpus/policy_file/reset_wrong \
	tests/fuzz/corpus/policy_file/signin \
	tests/fuzz/corpus/policy_file/signin_wrong \
	tests/fuzz/corpus/register/keys \
	tests/fuzz/corpus/register/lines \
	tests/fuzz/corpus/register/robot \
	tests/fuzz/corpus/register/screen \
	tests/fuzz/corpus/register/web \
	tests/fuzz/corpus/seal/short \
	tests/fuzz/corpus/seal/true \
	tests/fuzz/corpus/spool_file/call \
	tests/fuzz/corpus/spool_file/fetch \
	tests/fuzz/corpus/spool_file/name \
	tests/fuzz/corpus/spool_file/waits \
	tests/fuzz/corpus/spool_file/wrong \
	tests/fuzz/corpus/store_record/code \
	tests/fuzz/corpus/store_record/device \
	tests/fuzz/corpus/store_record/grant \
	tests/fuzz/corpus/store_record/journey \
	tests/fuzz/corpus/store_record/robot \
	tests/fuzz/corpus/store_record/session \
	tests/fuzz/corpus/store_record/tcp \
	tests/fuzz/corpus/store_record/token \
	tests/fuzz/corpus/store_record/unix \
	tests/fuzz/corpus/token_text/access \
	tests/fuzz/corpus/token_text/code \
	tests/fuzz/corpus/token_text/refresh \
	tests/fuzz/corpus/token_text/signed \
	tests/fuzz/corpus/token_text/user_code \
	tests/fuzz/corpus/utf8/cut \
	tests/fuzz/corpus/utf8/mixed \
	tests/fuzz/corpus/web_form/consent \
	tests/fuzz/corpus/web_form/signin \
	tests/fuzz/corpus/when/hours \
	tests/fuzz/corpus/when/moment \
	tests/fuzz/corpus/wire/admin \
	tests/fuzz/corpus/wire/answer \
	tests/fuzz/corpus/wire/ask \
	tests/fuzz/corpus/wire/twice \
	tests/fuzz/corpus/wire/unknown \
	tests/fuzz/corpus/wordlist/cut \
	tests/fuzz/corpus/wordlist/two
FUZZ_MAIN = tests/fuzz/replay.c
FLOW_FUZZ_LIBS = libflow.a libcrypto.a libbase.a $(SODIUM_LIBS) $(OATH_LIBS) $(JANSSON_LIBS)
POLICY_FUZZ_LIBS = libpolicy.a libcrypto.a libconf.a libbase.a $(SODIUM_LIBS) $(OATH_LIBS) \
	$(CRYPTO_LIBS) $(JANSSON_LIBS) $(UNISTRING_LIBS) $(ZXCVBN_LIBS)
EXCHANGE_FUZZ_LIBS = libexchange.a libcrypto.a libconf.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS)
DIRECTORY_FUZZ_LIBS = libdirectory.a libcrypto.a libmetric.a libbase.a \
	$(LDAP_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) -lpthread

tests_fuzz_application_file_fuzz_SOURCES = tests/fuzz/application_file_fuzz.c $(FUZZ_MAIN)
tests_fuzz_application_file_fuzz_LDADD = $(POLICY_FUZZ_LIBS)
tests_fuzz_application_may_fuzz_SOURCES = tests/fuzz/application_may_fuzz.c $(FUZZ_MAIN)
tests_fuzz_application_may_fuzz_LDADD = $(POLICY_FUZZ_LIBS)
tests_fuzz_app_text_fuzz_SOURCES = tests/fuzz/app_text_fuzz.c $(FUZZ_MAIN)
tests_fuzz_app_text_fuzz_LDADD = libctl.a libbase.a $(SODIUM_LIBS)
tests_fuzz_audit_fuzz_SOURCES = tests/fuzz/audit_fuzz.c $(FUZZ_MAIN)
tests_fuzz_audit_fuzz_LDADD = libaudit.a libcrypto.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS) $(JANSSON_LIBS) -lpthread
tests_fuzz_audit_head_fuzz_SOURCES = tests/fuzz/audit_head_fuzz.c $(FUZZ_MAIN)
tests_fuzz_audit_head_fuzz_LDADD = libaudit.a libcrypto.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS) $(JANSSON_LIBS) -lpthread
tests_fuzz_authorize_fuzz_SOURCES = tests/fuzz/authorize_fuzz.c $(FUZZ_MAIN)
tests_fuzz_authorize_fuzz_LDADD = libflow.a libexchange.a libpolicy.a libcrypto.a libconf.a \
	libbase.a $(SODIUM_LIBS) $(OATH_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(UNISTRING_LIBS) $(ZXCVBN_LIBS)
tests_fuzz_base64url_fuzz_SOURCES = tests/fuzz/base64url_fuzz.c $(FUZZ_MAIN)
tests_fuzz_base64url_fuzz_LDADD = libcrypto.a libbase.a $(SODIUM_LIBS) $(OATH_LIBS)
tests_fuzz_claims_file_fuzz_SOURCES = tests/fuzz/claims_file_fuzz.c $(FUZZ_MAIN)
tests_fuzz_claims_file_fuzz_LDADD = $(POLICY_FUZZ_LIBS)
tests_fuzz_claims_fuzz_SOURCES = tests/fuzz/claims_fuzz.c $(FUZZ_MAIN)
tests_fuzz_claims_fuzz_LDADD = libflow.a libbase.a $(SODIUM_LIBS) $(JANSSON_LIBS)
tests_fuzz_client_basic_fuzz_SOURCES = tests/fuzz/client_basic_fuzz.c $(FUZZ_MAIN)
tests_fuzz_client_basic_fuzz_LDADD = libflow.a $(EXCHANGE_FUZZ_LIBS)
tests_fuzz_conf_file_fuzz_SOURCES = tests/fuzz/conf_file_fuzz.c $(FUZZ_MAIN)
tests_fuzz_conf_file_fuzz_LDADD = libconf.a libbase.a $(SODIUM_LIBS)
tests_fuzz_cookie_fuzz_SOURCES = tests/fuzz/cookie_fuzz.c $(FUZZ_MAIN)
tests_fuzz_cookie_fuzz_LDADD = $(EXCHANGE_FUZZ_LIBS)
tests_fuzz_device_fuzz_SOURCES = tests/fuzz/device_fuzz.c $(FUZZ_MAIN)
tests_fuzz_device_fuzz_LDADD = $(FLOW_FUZZ_LIBS)
tests_fuzz_consent_fuzz_SOURCES = tests/fuzz/consent_fuzz.c $(FUZZ_MAIN)
tests_fuzz_consent_fuzz_LDADD = $(FLOW_FUZZ_LIBS)
tests_fuzz_enrol_kept_fuzz_SOURCES = tests/fuzz/enrol_kept_fuzz.c $(FUZZ_MAIN)
tests_fuzz_enrol_kept_fuzz_LDADD = $(FLOW_FUZZ_LIBS)
tests_fuzz_dir_escape_fuzz_SOURCES = tests/fuzz/dir_escape_fuzz.c $(FUZZ_MAIN)
tests_fuzz_dir_escape_fuzz_LDADD = $(DIRECTORY_FUZZ_LIBS)
tests_fuzz_dir_ppolicy_fuzz_SOURCES = tests/fuzz/dir_ppolicy_fuzz.c $(FUZZ_MAIN)
tests_fuzz_dir_ppolicy_fuzz_LDADD = $(DIRECTORY_FUZZ_LIBS)
tests_fuzz_dir_time_fuzz_SOURCES = tests/fuzz/dir_time_fuzz.c $(FUZZ_MAIN)
tests_fuzz_dir_time_fuzz_LDADD = $(DIRECTORY_FUZZ_LIBS)
tests_fuzz_address_fuzz_SOURCES = tests/fuzz/address_fuzz.c $(FUZZ_MAIN)
tests_fuzz_address_fuzz_LDADD = $(EXCHANGE_FUZZ_LIBS)
tests_fuzz_form_fuzz_SOURCES = tests/fuzz/form_fuzz.c $(FUZZ_MAIN)
tests_fuzz_form_fuzz_LDADD = $(EXCHANGE_FUZZ_LIBS)
tests_fuzz_ctl_plain_fuzz_SOURCES = tests/fuzz/ctl_plain_fuzz.c $(FUZZ_MAIN)
tests_fuzz_ctl_plain_fuzz_LDADD = libctl.a libbase.a $(SODIUM_LIBS)
tests_fuzz_forward_url_fuzz_SOURCES = tests/fuzz/forward_url_fuzz.c $(FUZZ_MAIN)
tests_fuzz_forward_url_fuzz_LDADD = libflow.a $(EXCHANGE_FUZZ_LIBS)
tests_fuzz_framing_fuzz_SOURCES = tests/fuzz/framing_fuzz.c $(FUZZ_MAIN)
tests_fuzz_framing_fuzz_LDADD = libhttp.a libbase.a $(SODIUM_LIBS)
JOSE_FUZZ_LIBS = libcrypto.a libbase.a $(SODIUM_LIBS) $(OATH_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS)
tests_fuzz_jose_claims_fuzz_SOURCES = tests/fuzz/jose_claims_fuzz.c $(FUZZ_MAIN)
tests_fuzz_jose_claims_fuzz_LDADD = $(JOSE_FUZZ_LIBS)
tests_fuzz_jose_jwk_fuzz_SOURCES = tests/fuzz/jose_jwk_fuzz.c $(FUZZ_MAIN)
tests_fuzz_jose_jwk_fuzz_LDADD = $(JOSE_FUZZ_LIBS)
tests_fuzz_jose_jwks_fuzz_SOURCES = tests/fuzz/jose_jwks_fuzz.c $(FUZZ_MAIN)
tests_fuzz_jose_jwks_fuzz_LDADD = $(JOSE_FUZZ_LIBS)
tests_fuzz_jose_jws_fuzz_SOURCES = tests/fuzz/jose_jws_fuzz.c $(FUZZ_MAIN)
tests_fuzz_jose_jws_fuzz_LDADD = $(JOSE_FUZZ_LIBS)
tests_fuzz_json_fuzz_SOURCES = tests/fuzz/json_fuzz.c $(FUZZ_MAIN)
tests_fuzz_json_fuzz_LDADD = libbase.a $(SODIUM_LIBS) $(JANSSON_LIBS)
tests_fuzz_keyring_fuzz_SOURCES = tests/fuzz/keyring_fuzz.c $(FUZZ_MAIN)
tests_fuzz_keyring_fuzz_LDADD = libcrypto.a libbase.a $(SODIUM_LIBS) $(OATH_LIBS)
tests_fuzz_mail_message_fuzz_SOURCES = tests/fuzz/mail_message_fuzz.c $(FUZZ_MAIN)
tests_fuzz_mail_message_fuzz_LDADD = libmailer.a libspool.a libcrypto.a libbase.a $(SODIUM_LIBS) $(OATH_LIBS)
tests_fuzz_origin_fuzz_SOURCES = tests/fuzz/origin_fuzz.c $(FUZZ_MAIN)
tests_fuzz_origin_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_origin_fuzz_LDADD = $(EXCHANGE_FUZZ_LIBS)
tests_fuzz_local_conn_fuzz_SOURCES = tests/fuzz/local_conn_fuzz.c src/local/conn.c src/local/peer.c $(FUZZ_MAIN)
tests_fuzz_local_conn_fuzz_LDADD = libclient.a libcrypto.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS) $(JANSSON_LIBS)
tests_fuzz_page_escape_fuzz_SOURCES = tests/fuzz/page_escape_fuzz.c $(FUZZ_MAIN)
tests_fuzz_page_escape_fuzz_LDADD = libpage.a libbase.a $(SODIUM_LIBS)
tests_fuzz_page_hours_fuzz_SOURCES = tests/fuzz/page_hours_fuzz.c $(FUZZ_MAIN)
tests_fuzz_page_hours_fuzz_LDADD = libpage.a libbase.a $(SODIUM_LIBS)
tests_fuzz_params_fuzz_SOURCES = tests/fuzz/params_fuzz.c $(FUZZ_MAIN)
tests_fuzz_params_fuzz_LDADD = $(EXCHANGE_FUZZ_LIBS)
tests_fuzz_password_fuzz_SOURCES = tests/fuzz/password_fuzz.c $(FUZZ_MAIN)
tests_fuzz_password_fuzz_LDADD = $(POLICY_FUZZ_LIBS)
tests_fuzz_policy_file_fuzz_SOURCES = tests/fuzz/policy_file_fuzz.c $(FUZZ_MAIN)
tests_fuzz_policy_file_fuzz_LDADD = $(POLICY_FUZZ_LIBS)
tests_fuzz_register_fuzz_SOURCES = tests/fuzz/register_fuzz.c $(FUZZ_MAIN)
tests_fuzz_register_fuzz_LDADD = libctl.a $(POLICY_FUZZ_LIBS)
tests_fuzz_seal_fuzz_SOURCES = tests/fuzz/seal_fuzz.c $(FUZZ_MAIN)
tests_fuzz_seal_fuzz_LDADD = libcrypto.a libbase.a $(SODIUM_LIBS) $(OATH_LIBS)
tests_fuzz_spool_file_fuzz_SOURCES = tests/fuzz/spool_file_fuzz.c $(FUZZ_MAIN)
tests_fuzz_spool_file_fuzz_LDADD = libspool.a libcrypto.a libbase.a $(SODIUM_LIBS) $(OATH_LIBS)
tests_fuzz_store_record_fuzz_SOURCES = tests/fuzz/store_record_fuzz.c $(FUZZ_MAIN)
tests_fuzz_store_record_fuzz_LDADD = libstore.a libcrypto.a libmetric.a libbase.a \
	$(HIREDIS_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) -lpthread
tests_fuzz_token_text_fuzz_SOURCES = tests/fuzz/token_text_fuzz.c $(FUZZ_MAIN)
tests_fuzz_token_text_fuzz_LDADD = $(FLOW_FUZZ_LIBS)
tests_fuzz_utf8_fuzz_SOURCES = tests/fuzz/utf8_fuzz.c $(FUZZ_MAIN)
tests_fuzz_utf8_fuzz_LDADD = libbase.a $(SODIUM_LIBS) $(JANSSON_LIBS)
tests_fuzz_web_form_fuzz_SOURCES = tests/fuzz/web_form_fuzz.c $(FUZZ_MAIN)
tests_fuzz_web_form_fuzz_LDADD = libctl.a libbase.a $(SODIUM_LIBS)
tests_fuzz_when_fuzz_SOURCES = tests/fuzz/when_fuzz.c $(FUZZ_MAIN)
tests_fuzz_when_fuzz_LDADD = $(POLICY_FUZZ_LIBS)
tests_fuzz_wire_fuzz_SOURCES = tests/fuzz/wire_fuzz.c $(FUZZ_MAIN)
tests_fuzz_wire_fuzz_LDADD = libclient.a
tests_fuzz_wordlist_fuzz_SOURCES = tests/fuzz/wordlist_fuzz.c $(FUZZ_MAIN)
tests_fuzz_wordlist_fuzz_LDADD = $(POLICY_FUZZ_LIBS)
