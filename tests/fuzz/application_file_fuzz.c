/* SPDX-License-Identifier: MIT */
/* An application's file: what is taken has whole web addresses only, and those of a scheme of its
 * own when it keeps no secret. */
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
application_check(const struct policy_application *application)
{
	size_t i;

	must(application->client_id[0] != '\0' && strchr(application->client_id, '\n') == NULL);
	must(application->is_for_everyone || application->groups.count > 0);
	for (i = 0; i < application->redirect_uris.count; i++) {
		const char *uri = application->redirect_uris.items[i];
		bool is_web = strncmp(uri, "http://", 7) == 0 || strncmp(uri, "https://", 8) == 0;

		must(is_web || application->is_public);
		must(is_web || (strcspn(uri, ".") < strcspn(uri, ":") &&
				strncmp(strchr(uri, ':'), ":/", 2) == 0 &&
				strncmp(strchr(uri, ':'), "://", 3) != 0));
		must(strpbrk(uri, "*#\\@ \"<>") == NULL || strchr(uri, '@') != NULL);
	}
	must(application->kind != POLICY_PASSWORD_ONLY ||
	     application->proofs.choice[0] == POLICY_PROOF_PASSWORD);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(65536, 1u << 24);
	struct conf_faults faults = {.count = 0};
	struct policy_application_from from = {arena, "fuzz", NULL, 1764000000};
	struct policy_application application;
	LK_AUTO_BUF out;

	lk_buf_init(&out, 1u << 20);
	must(policy_application_text_read(&from, lk_str_n((const char *)bytes, len), &faults,
					  &application));
	if (conf_faults_count(&faults) == 0)
		application_check(&application);
	conf_faults_write(&faults, &out);
	must(lk_buf_is_ok(&out));
	conf_faults_done(&faults);
	lk_arena_free(arena);
	return 0;
}
