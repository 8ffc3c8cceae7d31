/* SPDX-License-Identifier: MIT */
/*
 * What anybody may send to /authorize: whatever it is, nobody is led to an address that is not
 * registered, what is asked stays within what the application may have, and what waits while
 * somebody signs in comes back as it was.
 */
/* Folders: base conf crypto policy exchange/form.c exchange/params.c flow/pkce.c flow/scope.c */
/* Files: flow/authorize_ask flow/authorize_claims flow/authorize_note */
/* Libraries: libsodium liboath jansson */
/* Others: zxcvbn */
#include <stdlib.h>

#include "exchange/params.h"
#include "flow/authorize_ask.h"
#include "flow/authorize_note.h"
#include "flow/scope.h"
#include "policy/policy_inside.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define NOW_S 1795800000

static const char text[] = "[application]\nclient_id = payroll\nname = Payroll\nkind = web\n"
			   "groups = everyone\nscopes = openid profile\n"
			   "redirect_uris = https://payroll.example/cb\n"
			   "resources = https://files.example\n";

/* One application, and no folder. */
static void
policy_make(struct lk_arena *arena, struct policy *out)
{
	static const char *const scopes[] = {"openid", "profile", "offline_access"};
	static const struct conf_list people = {scopes, 3};
	struct policy_application_from from = {arena, "payroll.conf", &people, NOW_S};
	struct conf_faults faults = {.count = 0};

	*out = (struct policy){.arena = arena, .application_count = 1};
	out->applications = lk_arena_alloc(arena, sizeof *out->applications);
	out->by_id = lk_arena_alloc(arena, sizeof *out->by_id);
	if (out->applications == NULL || out->by_id == NULL ||
	    !policy_claims_text_read(out, "claims.policy", LK_STR(""), &faults) ||
	    !policy_application_text_read(&from, lk_str_c(text), &faults, out->applications) ||
	    conf_faults_count(&faults) > 0)
		abort();
	out->by_id[0] = out->applications;
	conf_faults_done(&faults);
}

static void
kept_check(const struct req *req)
{
	struct lk_str param[PARAM_COUNT], note = authorize_note_make(req);

	if (note.ptr == NULL)
		return;
	if (authorize_note_read(note, req->arena, param) != LK_OK)
		abort();
	for (int i = PARAM_response_type; i <= PARAM_display; i++) {
		if (param[i].len > 0 && !lk_str_is_equal(param[i], req->param[i]))
			abort();
	}
}

static void
ask_check(const struct policy *policy, const struct req *req)
{
	struct authorize_params params = {
	    .policy = policy,
	    .now_s = NOW_S,
	    .arena = req->arena,
	    .param = req->param,
	    .is_bad = req->is_param_bad,
	    .bad = req->param_bad,
	};
	struct authorize_ask ask;

	if (authorize_target_read(&params, &ask) != LK_OK)
		return;
	if (!lk_str_is(ask.redirect_uri, "https://payroll.example/cb"))
		abort();
	if (authorize_ask_read(&params, &ask) != LK_OK)
		return;
	if (!scope_is_within(ask.scope, LK_STR("openid profile")) ||
	    !scope_is_within(ask.audience, LK_STR("https://files.example")) ||
	    (ask.challenge.len != 0 && ask.challenge.len != CRYPTO_TOKEN_LEN))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(65536, 8u << 20);
	struct policy policy;
	struct req *req = arena == NULL ? NULL : lk_arena_alloc(arena, sizeof *req);

	if (req == NULL)
		abort();
	policy_make(arena, &policy);
	req->arena = arena;
	if (params_read(req, lk_str_n((const char *)bytes, len), lk_str_n(NULL, 0)) != LK_OK)
		abort();
	kept_check(req);
	ask_check(&policy, req);
	lk_arena_free(arena);
	return 0;
}
