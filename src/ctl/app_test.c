/* SPDX-License-Identifier: MIT */
/* An application's sign-in tried against the running daemon: what it would meet, and why not. */
#include <string.h>

#include "ctl/app_trial.h"
#include "ctl/need.h"
#include "ctl/verbs.h"

#define ARENA_MAX_BYTES 8388608u
#define RELOAD_FIX	"has the daemon been told? systemctl reload latchkeyd, or SIGHUP"

static bool
has_people(const struct policy_application *application)
{
	return application->kind != POLICY_ROBOT && application->kind != POLICY_RESOURCE_SERVER;
}

static bool
has_secret(const struct policy_application *application)
{
	return application->auth_method == POLICY_AUTH_BASIC ||
	       application->auth_method == POLICY_AUTH_POST;
}

/* --- what the service says of itself --------------------------------------------------------- */

static bool
metadata_check(struct trial *trial)
{
	const char *base = trial->ctl->conf->base_url;
	const char *url =
	    lk_arena_printf(trial->arena, "%s/.well-known/openid-configuration", base).ptr;
	const struct web_question question = {.url = url == NULL ? "" : url};
	struct web_answer answer;
	bool is_good = false;

	if (!trial_ask(trial, "discovery", &question, &answer)) {
		lk_buf_done(&answer.body);
		return false;
	}
	if (answer.status == 200 &&
	    lk_json_read(lk_buf_str(&answer.body), answer.body.len, &trial->metadata) == LK_OK)
		is_good = strcmp(trial_endpoint(trial, "issuer"), base) == 0;
	lk_buf_done(&answer.body);
	if (is_good)
		trial_putf(trial, "discovery", NULL, "the issuer is %s", base);
	else
		trial_putf(trial, "discovery",
			   "base_url must be the address people use; look at a proxy before it",
			   "%s does not say that it is %s (%ld)", question.url, base,
			   answer.status);
	return is_good;
}

/* One key of the set for what the application's id tokens are signed with? */
static bool
has_key(const struct trial *trial)
{
	enum crypto_alg alg = (enum crypto_alg)trial->application->id_token_alg;
	struct crypto_jwks keys;
	bool is_there = false;

	if (crypto_jwks_read(trial->jwks, NULL, &keys) != LK_OK)
		return false;
	for (size_t i = 0; i < keys.count; i++)
		is_there |= crypto_jwk_fits(keys.keys[i], alg);
	crypto_jwks_done(&keys);
	return is_there;
}

static void
keys_check(struct trial *trial)
{
	const char *alg = crypto_alg_name((enum crypto_alg)trial->application->id_token_alg);
	const struct web_question question = {.url = trial_endpoint(trial, "jwks_uri")};
	struct web_answer answer;

	if (trial_ask(trial, "keys", &question, &answer)) {
		trial->jwks = lk_arena_dup(trial->arena, lk_buf_str(&answer.body));
		if (has_key(trial))
			trial_putf(trial, "keys", NULL, "one for %s is published", alg);
		else
			trial_putf(trial, "keys", "latchkeyctl key list, and /readyz?verbose",
				   "none for %s is published", alg);
	}
	lk_buf_done(&answer.body);
}

/* --- where people are sent back to ----------------------------------------------------------- */

static size_t
same_len(const char *a, const char *b)
{
	size_t len = 0;

	while (a[len] != '\0' && a[len] == b[len])
		len++;
	return len;
}

/* Both under each other, and a mark where they part. */
static void
mismatch_put(struct trial *trial, const char *asked)
{
	const struct conf_list *list = &trial->application->redirect_uris;
	const char *nearest = "none at all";
	size_t best = 0;

	for (size_t i = 0; i < list->count; i++) {
		size_t len = same_len(asked, list->items[i]);

		if (i > 0 && len <= best)
			continue;
		best = len;
		nearest = list->items[i];
	}
	trial_putf(trial, "redirect",
		   "latchkeyctl app edit ID redirect_uris=…, or what the application sends",
		   "not as registered, letter by letter:\n"
		   "      asked      %.450s\n      registered %.450s\n      %*s^ from here on",
		   asked, nearest, (int)(11 + (best < 450 ? best : 450)), "");
}

static bool
redirect_check(struct trial *trial)
{
	const struct policy_application *application = trial->application;
	const char *asked = trial->ctl->value[CTL_OPTION_REDIRECT];

	if (asked == NULL && application->redirect_uris.count > 0)
		asked = application->redirect_uris.items[0];
	if (asked == NULL) {
		trial_put(trial, "redirect", "no address is registered to send people back to",
			  "latchkeyctl app edit ID redirect_uris=https://…");
		return false;
	}
	if (!policy_application_redirect_check(application, lk_str_c(asked))) {
		mismatch_put(trial, asked);
		return false;
	}
	trial->redirect = asked;
	trial_putf(trial, "redirect", NULL, "%.900s", asked);
	return true;
}

/* --- how it proves who it is ----------------------------------------------------------------- */

/* Is it one of those the file keeps digests of? */
static bool
secret_local_check(struct trial *trial)
{
	struct crypto_ring *ring = NULL;
	struct lk_why why = {0};
	bool is_one;

	if (crypto_ring_load(trial->ctl->conf->key_file, &why, &ring) != LK_OK) {
		trial_putf(trial, "secret", "only who may read it can try secrets", "%s: %s",
			   trial->ctl->conf->key_file, why.text);
		return false;
	}
	is_one = policy_application_secret_check(trial->application, ring, trial->secret,
						 lk_clock_wall_s(trial->ctl->clock));
	crypto_ring_free(ring);
	if (!is_one)
		trial_put(trial, "secret", "is none of those its file keeps digests of",
			  "latchkeyctl app rotate makes a new one");
	return is_one;
}

/* What the daemon says to the right secret: a robot gets a token, whoever asks about tokens an
 * answer; who signs people in is told that this code is none. */
static void
secret_question(const struct trial *trial, struct web_question *question, struct lk_buf *form)
{
	const struct policy_application *application = trial->application;
	bool asks = application->kind == POLICY_RESOURCE_SERVER;

	question->url = trial_endpoint(trial, asks ? "introspection_endpoint" : "token_endpoint");
	if (asks) {
		web_form_put(form, "token", LK_STR("lk_at_none"));
	} else if (application->kind == POLICY_ROBOT) {
		web_form_put(form, "grant_type", LK_STR("client_credentials"));
	} else {
		web_form_put(form, "grant_type", LK_STR("authorization_code"));
		web_form_put(form, "code", LK_STR("lk_ac_none"));
		web_form_put(form, "redirect_uri", lk_str_c(trial->redirect));
		web_form_put(form, "code_verifier", trial->verifier);
	}
	trial_sign(trial, question, form);
}

static void
secret_put(struct trial *trial, const struct web_answer *answer)
{
	struct lk_str error = trial_member(trial, answer, "error");
	struct lk_str words = trial_member(trial, answer, "error_description");

	if (answer->status == 200 || lk_str_is(error, "invalid_grant"))
		trial_put(trial, "secret", "the daemon takes it", NULL);
	else if (lk_str_is(error, "invalid_client"))
		trial_put(trial, "secret", "the daemon does not take it", RELOAD_FIX);
	else
		trial_putf(trial, "secret", "the words say it; latchkey-errors(7)",
			   "the daemon answers %ld %.*s: %.*s", answer->status, LK_STR_ARGS(error),
			   LK_STR_ARGS(words));
}

static void
secret_check(struct trial *trial)
{
	struct web_question question = {.url = ""};
	struct web_answer answer;
	LK_AUTO_BUF form;

	lk_buf_init(&form, 65536);
	if (!has_secret(trial->application))
		return;
	trial->secret = trial_line_ask(trial, "Its secret");
	if (trial->secret.len == 0) {
		ctl_note(trial->ctl, "its secret was left out, and what needs it");
		return;
	}
	if (!secret_local_check(trial))
		return;
	secret_question(trial, &question, &form);
	if (trial_ask(trial, "secret", &question, &answer))
		secret_put(trial, &answer);
	lk_buf_done(&answer.body);
}

/* --- all of it ------------------------------------------------------------------------------- */

/* A robot that may not act now gets no token, whatever its secret. */
static void
life_check(struct trial *trial)
{
	const struct policy_application *application = trial->application;
	int64_t now_s = lk_clock_wall_s(trial->ctl->clock);

	if (!policy_application_life_check(application, now_s))
		trial_put(trial, "life", "it has expired",
			  "latchkeyctl app edit ID expires=…, once its owner says so");
	else if (!policy_application_hours_check(application, now_s))
		trial_put(trial, "life", "this is none of its hours", "latchkeyctl app show ID");
}

static void
people_check(struct trial *trial)
{
	struct web_answer page;

	if (!redirect_check(trial))
		return;
	if (trial_authorize(trial, &page)) {
		secret_check(trial);
		if (trial->ctl->value[CTL_OPTION_USER] != NULL)
			trial_person(trial, &page);
	}
	lk_buf_done(&page.body);
}

static void
all_check(struct trial *trial)
{
	trial_putf(trial, "file", NULL, "%.900s", trial->application->file);
	life_check(trial);
	if (!metadata_check(trial))
		return;
	if (!has_people(trial->application)) {
		secret_check(trial);
		return;
	}
	keys_check(trial);
	people_check(trial);
}

static bool
trial_begin(struct trial *trial, struct ctl *ctl)
{
	*trial = (struct trial){.ctl = ctl};
	lk_buf_init(&trial->json, 65536);
	trial->policy = ctl_policy_need(ctl);
	if (trial->policy == NULL)
		return false;
	trial->application = policy_application_find(trial->policy, lk_str_c(ctl->args[0]));
	if (trial->application == NULL)
		ctl_complain(ctl, "no application is called %s", ctl->args[0]);
	trial->arena = lk_arena_new(65536, ARENA_MAX_BYTES);
	trial->web = web_new(ctl->value[CTL_OPTION_CA_FILE]);
	if (trial->application == NULL || trial->arena == NULL || trial->web == NULL)
		return false;
	trial->state = crypto_token_make("", trial->arena);
	trial->nonce = crypto_token_make("", trial->arena);
	trial->verifier = crypto_token_make("", trial->arena);
	return trial->verifier.ptr != NULL;
}

enum ctl_exit
ctl_app_test_run(struct ctl *ctl)
{
	struct trial trial;
	bool has_begun = trial_begin(&trial, ctl);

	if (has_begun)
		all_check(&trial);
	if (has_begun && ctl->is_set[CTL_OPTION_JSON])
		fprintf(ctl->out, "{\"ok\":%s,\"checks\":[%.*s]}\n",
			trial.wrong_count == 0 ? "true" : "false",
			LK_STR_ARGS(lk_buf_str(&trial.json)));
	lk_json_free(trial.metadata);
	lk_buf_done(&trial.json);
	web_free(trial.web);
	lk_arena_free(trial.arena);
	policy_free(trial.policy);
	return has_begun && trial.wrong_count == 0 ? CTL_DONE : CTL_REFUSED;
}
