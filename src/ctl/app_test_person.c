/* SPDX-License-Identifier: MIT */
/* The way of a person through an application's sign-in: pages, code, tokens, userinfo. */
#include <string.h>

#include "crypto/hash.h"
#include "ctl/app_trial.h"

#define HOPS_MAX 12

/* --- the first page -------------------------------------------------------------------------- */

static const char *
authorize_url(const struct trial *trial, const char *redirect)
{
	uint8_t hash[CRYPTO_SHA256_BYTES];
	char challenge[CRYPTO_SHA256_BYTES * 2];
	struct lk_str scope = {NULL, 0};
	size_t len;
	LK_AUTO_BUF query;

	lk_buf_init(&query, 16384);
	crypto_sha256(trial->verifier, hash);
	len = crypto_base64url_write(hash, sizeof(hash), challenge);
	if (policy_application_scopes_narrow(trial->application,
					     LK_STR("openid profile email groups"), trial->arena,
					     &scope) != LK_OK)
		return "";
	web_form_put(&query, "response_type", LK_STR("code"));
	web_form_put(&query, "client_id", lk_str_c(trial->application->client_id));
	web_form_put(&query, "redirect_uri", lk_str_c(redirect));
	web_form_put(&query, "scope", scope);
	web_form_put(&query, "state", trial->state);
	web_form_put(&query, "nonce", trial->nonce);
	web_form_put(&query, "code_challenge", lk_str_n(challenge, len));
	web_form_put(&query, "code_challenge_method", LK_STR("S256"));
	return lk_arena_printf(trial->arena, "%s?%.*s",
			       trial_endpoint(trial, "authorization_endpoint"),
			       LK_STR_ARGS(lk_buf_str(&query)))
	    .ptr;
}

static bool
is_ours(const struct trial *trial, const char *location)
{
	const char *base = trial->ctl->conf->base_url;
	size_t len = strlen(base);

	return strncmp(location, base, len) == 0 && location[len] == '/';
}

/* Back at the application: its own address, and what was added to it. */
static bool
is_back(const struct trial *trial, const char *location)
{
	size_t len = strlen(trial->redirect);

	return strncmp(location, trial->redirect, len) == 0 &&
	       (location[len] == '?' || location[len] == '&');
}

/* From redirect to redirect, as long as they stay with the service. */
static bool
follow(struct trial *trial, const char *name, struct web_answer *answer)
{
	for (int hops = 0; answer->status >= 301 && answer->status <= 303 &&
			   is_ours(trial, answer->location) && !is_back(trial, answer->location);
	     hops++) {
		struct lk_str location = lk_arena_dup(trial->arena, lk_str_c(answer->location));
		const struct web_question question = {.url = location.ptr};

		lk_buf_done(&answer->body);
		if (hops == HOPS_MAX || location.ptr == NULL) {
			trial_put(trial, name, "redirects go in a circle", "look at the log");
			return false;
		}
		if (!trial_ask(trial, name, &question, answer))
			return false;
	}
	return true;
}

/* A name=value of a redirect's query, decoded; nothing when it is not there. */
static struct lk_str
back_value(const struct trial *trial, const char *location, const char *name)
{
	struct lk_str rest = lk_str_from(lk_str_c(location), strcspn(location, "?") + 1), pair;
	LK_AUTO_BUF plain;

	lk_buf_init(&plain, 4096);
	while (lk_str_split(&rest, '&', &pair)) {
		size_t equals = lk_str_find(pair, '=');

		if (!lk_str_is(lk_str_n(pair.ptr, equals), name))
			continue;
		web_form_decode(&plain, lk_str_from(pair, equals + 1));
		return lk_arena_dup(trial->arena, lk_buf_str(&plain));
	}
	return (struct lk_str){NULL, 0};
}

/* What a page that is none of ours to go on from says. */
static void
page_put(struct trial *trial, const char *name, const struct web_answer *page)
{
	struct lk_str title = web_form_title(lk_buf_str(&page->body));
	struct lk_str error, words;

	if (is_back(trial, page->location)) {
		error = back_value(trial, page->location, "error");
		words = back_value(trial, page->location, "error_description");
		trial_putf(trial, name, "the words say it; latchkey-errors(7)",
			   "people are sent back with %.*s: %.*s", LK_STR_ARGS(error),
			   LK_STR_ARGS(words));
		return;
	}
	trial_putf(trial, name,
		   "the daemon's log says why; has it been told of the file? systemctl reload "
		   "latchkeyd",
		   "people read: %.*s (%ld)", (int)(title.len < 300 ? title.len : 300), title.ptr,
		   page->status);
}

/* An address that is not registered must end on a page, whatever comes. */
static void
stranger_check(struct trial *trial)
{
	const char *redirect =
	    lk_arena_printf(trial->arena, "%s-latchkey-app-test", trial->redirect).ptr;
	const struct web_question question = {
	    .url = redirect == NULL ? "" : authorize_url(trial, redirect)};
	struct web_answer answer;

	if (!trial_ask(trial, "other redirect", &question, &answer)) {
		lk_buf_done(&answer.body);
		return;
	}
	if (answer.status >= 400 && answer.location[0] == '\0')
		trial_put(trial, "other redirect", "is refused with a page", NULL);
	else
		trial_putf(trial, "other redirect", "tell the service's developers at once",
			   "is not refused: %ld %.400s", answer.status, answer.location);
	lk_buf_done(&answer.body);
}

bool
trial_authorize(struct trial *trial, struct web_answer *page)
{
	struct web_question question = {.url = authorize_url(trial, trial->redirect)};
	struct web_form form;

	stranger_check(trial);
	if (question.url == NULL)
		question.url = "";
	if (!trial_ask(trial, "authorize", &question, page) || !follow(trial, "authorize", page))
		return false;
	if (page->status != 200 || !web_form_find(lk_buf_str(&page->body), &form)) {
		page_put(trial, "authorize", page);
		return false;
	}
	web_form_done(&form);
	trial_put(trial, "authorize", "people are asked to sign in", NULL);
	return true;
}

/* --- the pages ------------------------------------------------------------------------------- */

/* What a person would type; false when it was left out. */
static bool
form_fill(struct trial *trial, struct web_form *form)
{
	struct lk_str typed;

	if (form->has_username)
		web_form_put(&form->sent, "username", lk_str_c(trial->ctl->value[CTL_OPTION_USER]));
	if (form->has_password) {
		typed = trial_line_ask(trial, "Their password");
		web_form_put(&form->sent, "password", typed);
		return typed.len > 0;
	}
	if (form->has_code) {
		typed = trial_line_ask(trial, "Their code");
		web_form_put(&form->sent, "code", typed);
		return typed.len > 0;
	}
	if (form->has_allow)
		web_form_put(&form->sent, "answer", LK_STR("allow"));
	return true;
}

static bool
form_send(struct trial *trial, struct web_form *form, struct web_answer *page)
{
	struct lk_str url = lk_arena_printf(trial->arena, "%s%.*s", trial->ctl->conf->base_url,
					    LK_STR_ARGS(form->action));
	const struct web_question question = {.url = url.ptr, .form = lk_buf_str(&form->sent)};

	lk_buf_done(&page->body); /* action pointed there */
	return url.ptr != NULL && trial_ask(trial, "pages", &question, page) &&
	       follow(trial, "pages", page);
}

/* Until the application's address comes. */
static bool
pages_pass(struct trial *trial, struct web_answer *page)
{
	bool goes_on = true;

	for (int count = 0; goes_on && !is_back(trial, page->location); count++) {
		struct web_form form;

		if (count == HOPS_MAX || !web_form_find(lk_buf_str(&page->body), &form)) {
			page_put(trial, "pages", page);
			return false;
		}
		goes_on = form_fill(trial, &form) && form_send(trial, &form, page);
		web_form_done(&form);
	}
	if (!goes_on)
		ctl_note(trial->ctl, "the person's way was left there");
	return goes_on;
}

/* --- what the application does then ---------------------------------------------------------- */

/* RFC 9207 and RFC 6749 s4.1.2: what came back is for us, and from whom we asked. */
static struct lk_str
code_take(struct trial *trial, const struct web_answer *page)
{
	struct lk_str code = back_value(trial, page->location, "code");

	if (code.len == 0) {
		page_put(trial, "code", page);
		return code;
	}
	if (!lk_str_is_equal(back_value(trial, page->location, "state"), trial->state) ||
	    !lk_str_is(back_value(trial, page->location, "iss"), trial->ctl->conf->base_url)) {
		trial_put(trial, "code", "state or iss came back changed",
			  "look at what stands between");
		code.len = 0;
		return code;
	}
	trial_put(trial, "code", "came back with state and iss as they must be", NULL);
	return code;
}

static bool
token_ask(struct trial *trial, struct lk_str code, struct web_answer *answer)
{
	struct web_question question = {.url = trial_endpoint(trial, "token_endpoint")};
	LK_AUTO_BUF form;

	lk_buf_init(&form, 65536);
	web_form_put(&form, "grant_type", LK_STR("authorization_code"));
	web_form_put(&form, "code", code);
	web_form_put(&form, "redirect_uri", lk_str_c(trial->redirect));
	web_form_put(&form, "code_verifier", trial->verifier);
	trial_sign(trial, &question, &form);
	if (!trial_ask(trial, "tokens", &question, answer))
		return false;
	if (answer->status == 200)
		return true;
	trial_putf(trial, "tokens", "the words say it; latchkey-errors(7)",
		   "the code gives none: %ld %.*s: %.*s", answer->status,
		   LK_STR_ARGS(trial_member(trial, answer, "error")),
		   LK_STR_ARGS(trial_member(trial, answer, "error_description")));
	return false;
}

/* Signed by a published key, for this application, and ours. */
static bool
id_token_is_good(struct trial *trial, struct lk_str token, struct lk_why *why)
{
	struct crypto_jws_allow allow[CRYPTO_JWKS_KEYS_MAX];
	struct crypto_jws_rule rule = {.allow = allow, .typ = "JWT", .typ_may_lack = true};
	const struct lk_str aud = lk_str_c(trial->application->client_id);
	const struct crypto_claims_rule wanted = {.iss = lk_str_c(trial->ctl->conf->base_url),
						  .aud = &aud,
						  .aud_count = 1,
						  .need = CRYPTO_NEED_SUB | CRYPTO_NEED_NONCE,
						  .now_s = lk_clock_wall_s(trial->ctl->clock),
						  .skew_s = 60};
	struct crypto_claims claims;
	struct crypto_jwks keys;
	struct crypto_jws jws;
	bool is_good;

	if (crypto_jwks_read(trial->jwks, why, &keys) != LK_OK)
		return false;
	for (size_t i = 0; i < keys.count; i++)
		allow[rule.allow_count++] = (struct crypto_jws_allow){
		    (enum crypto_alg)trial->application->id_token_alg, keys.keys[i]};
	is_good = crypto_jws_verify(&rule, token, trial->arena, why, &jws) == LK_OK &&
		  crypto_claims_read(jws.payload, trial->arena, why, &claims) == LK_OK &&
		  crypto_claims_check(&claims, &wanted, why) == LK_OK &&
		  lk_str_is_equal(claims.nonce, trial->nonce);
	crypto_jwks_done(&keys);
	return is_good;
}

static void
id_token_check(struct trial *trial, struct lk_str token)
{
	struct lk_why why = {0};

	if (token.len > 0 && id_token_is_good(trial, token, &why))
		trial_put(trial, "id token", "is signed, for this application, with its nonce",
			  NULL);
	else
		trial_putf(trial, "id token", "was openid among its scopes?",
			   "is not as it must be: %s", token.len == 0 ? "there is none" : why.text);
}

static void
userinfo_check(struct trial *trial, struct lk_str token)
{
	const struct web_question question = {.url = trial_endpoint(trial, "userinfo_endpoint"),
					      .bearer = token.ptr};
	struct web_answer answer;

	if (trial_ask(trial, "userinfo", &question, &answer)) {
		struct lk_str sub = trial_member(trial, &answer, "sub");
		struct lk_str name = trial_member(trial, &answer, "preferred_username");

		if (answer.status == 200 && sub.len > 0)
			trial_putf(trial, "userinfo", NULL, "sub %.*s, preferred_username %.*s",
				   LK_STR_ARGS(sub), LK_STR_ARGS(name));
		else
			trial_putf(trial, "userinfo", "latchkey-errors(7)", "answers %ld",
				   answer.status);
	}
	lk_buf_done(&answer.body);
}

/* What was made for a trial shall not stay. */
static void
token_end(struct trial *trial, struct lk_str token)
{
	struct web_question question = {.url = trial_endpoint(trial, "revocation_endpoint")};
	struct web_answer answer;
	LK_AUTO_BUF form;

	lk_buf_init(&form, 65536);
	web_form_put(&form, "token", token);
	trial_sign(trial, &question, &form);
	if (trial_ask(trial, "revocation", &question, &answer))
		trial_putf(trial, "revocation", answer.status == 200 ? NULL : "latchkey-errors(7)",
			   "answers %ld: what was given is ended", answer.status);
	lk_buf_done(&answer.body);
}

static bool
signout_ask(struct trial *trial, struct web_answer *page)
{
	const struct web_question question = {.url = trial_endpoint(trial, "end_session_endpoint")};

	return trial_ask(trial, "sign out", &question, page) && follow(trial, "sign out", page);
}

/* However far they came: who was not signed in by then is asked nothing. */
static void
person_end(struct trial *trial)
{
	struct web_answer page;
	struct web_form form;
	bool has_ended;

	if (signout_ask(trial, &page) && web_form_find_signout(lk_buf_str(&page.body), &form)) {
		has_ended = form_send(trial, &form, &page) && page.status == 200;
		web_form_done(&form);
		if (has_ended)
			trial_put(trial, "sign out", "the person's session is ended", NULL);
		else
			trial_putf(trial, "sign out", "latchkeyctl user signout",
				   "the person's session stays (%ld)", page.status);
	}
	lk_buf_done(&page.body);
}

static void
person_try(struct trial *trial, struct web_answer *page)
{
	struct web_answer answer = {.status = 0};
	struct lk_str code, access, refresh;

	if (!pages_pass(trial, page))
		return;
	trial_put(trial, "pages", "the person is through", NULL);
	code = code_take(trial, page);
	if (code.len > 0 && token_ask(trial, code, &answer)) {
		access = trial_member(trial, &answer, "access_token");
		refresh = trial_member(trial, &answer, "refresh_token");
		trial_put(trial, "tokens", "the code gives them", NULL);
		id_token_check(trial, trial_member(trial, &answer, "id_token"));
		userinfo_check(trial, access);
		token_end(trial, refresh.len > 0 ? refresh : access);
	}
	lk_buf_done(&answer.body);
}

void
trial_person(struct trial *trial, struct web_answer *page)
{
	person_try(trial, page);
	person_end(trial);
}
