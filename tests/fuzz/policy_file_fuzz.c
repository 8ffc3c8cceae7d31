/* SPDX-License-Identifier: MIT */
/* A policy file: the first byte says which of the four. What is taken can be asked and explained,
 * and stays in its ranges. */
/* Folders: base conf crypto policy */
/* Libraries: libsodium liboath jansson */
/* Others: zxcvbn */
#include <stdlib.h>
#include <string.h>

#include "policy/policy_inside.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
ask(const struct policy *policy)
{
	const struct lk_str group = LK_STR("a");
	const struct policy_who who = {.groups = &group, .group_count = 1};
	struct policy_password password;
	struct policy_lockout lockout;
	struct policy_reset reset;
	struct policy_signin signin;

	policy_password_ask(policy, &who, &password);
	policy_lockout_ask(policy, &lockout);
	policy_reset_ask(policy, &who, &reset);
	policy_signin_ask(policy, &who, &signin);
	must(password.min_length_count >= 8 && password.min_length_count <= 64);
	must(lockout.wrong_passwords >= 3 && lockout.wrong_passwords <= 100);
	must(!policy_proofs_are_met(&reset.proofs, 0));
	must(!policy_proofs_are_met(&signin.proofs, 0));
	must(signin.without_second_step >= POLICY_ENROL &&
	     signin.without_second_step <= POLICY_ALLOW);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct policy policy = {.arena = lk_arena_new(65536, 1u << 26)};
	const struct policy_who anybody = {.groups = NULL};
	struct conf_faults faults = {.count = 0};
	struct lk_str text;
	LK_AUTO_BUF out;
	int file;

	lk_buf_init(&out, 1u << 20);
	for (file = 0; file < POLICY_FILE_COUNT; file++) {
		bool is_this = len > 0 && bytes[0] % POLICY_FILE_COUNT == file;

		policy.paths[file] = policy_tables[file].file;
		text = is_this ? lk_str_n((const char *)bytes + 1, len - 1) : lk_str_n("", 0);
		must(policy_text_read(&policy, (enum policy_file)file, text, &faults));
	}
	if (conf_faults_count(&faults) == 0)
		policy_rules_check(&policy, &faults);
	ask(&policy);
	for (file = 0; file < POLICY_FILE_COUNT; file++)
		policy_explain(&policy, (enum policy_file)file, &anybody, &out);
	conf_faults_sort(&faults);
	conf_faults_write(&faults, &out);
	must(lk_buf_is_ok(&out));
	conf_faults_done(&faults);
	lk_arena_free(policy.arena);
	return 0;
}
