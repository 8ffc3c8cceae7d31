/* SPDX-License-Identifier: MIT */
/*
 * What an application may: registered address, asked address, scopes and a secret's digest, a line
 * each. Whatever is asked, nobody is sent elsewhere than where the registered address leads, but
 * for a port of the own machine.
 */
/* Folders: base conf crypto policy */
/* Libraries: libsodium liboath jansson */
/* Others: zxcvbn */
#include <stdlib.h>
#include <string.h>

#include "base/url.h"
#include "conf/address.h"
#include "policy/policy_inside.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

/* The same scheme, host and path; and, unless it is http on this machine, the same altogether. */
static void
redirect_look(struct lk_str registered, struct lk_str asked)
{
	struct conf_url a, b;
	struct conf_ip ip;

	if (lk_str_is_equal(registered, asked))
		return;
	must(conf_url_split(registered, &a) && conf_url_split(asked, &b));
	must(!b.has_user && lk_str_is(b.scheme, "http") && lk_str_is_equal(a.host, b.host));
	must(conf_ip_read(b.host, &ip) && conf_ip_is_loopback(&ip));
	must(lk_str_is_equal(a.rest, b.rest));
}

static void
redirect_ask(struct lk_arena *arena, struct lk_str registered, struct lk_str asked)
{
	const char *item = lk_arena_c(arena, registered);
	struct policy_application application = {.redirect_uris = {&item, item == NULL ? 0u : 1u}};
	struct conf_url url;
	bool is_exact;

	/* What is no address is not registered. */
	if (item != NULL && !conf_url_split(registered, &url) && !lk_url_is_own(registered))
		return;
	is_exact = policy_application_redirect_check(&application, asked);
	must(is_exact == (item != NULL && lk_str_is_equal(registered, asked)));
	application.is_public = true;
	if (policy_application_redirect_check(&application, asked))
		redirect_look(registered, asked);
	must(!is_exact || policy_application_redirect_check(&application, asked));
	must(!policy_application_signed_out_check(&application, asked));
}

static void
scopes_ask(struct lk_arena *arena, struct lk_str asked)
{
	static const char *const items[] = {"openid", "profile", "files.read"};
	struct policy_application application = {.kind = POLICY_WEB, .scopes = {items, 3}};
	struct lk_str out = {NULL, 0}, word, again;

	if (policy_application_scopes_narrow(&application, asked, arena, &out) != LK_OK)
		return;
	must(out.len <= asked.len && out.len <= sizeof "openid profile files.read");
	must(policy_application_scopes_narrow(&application, out, arena, &again) == LK_OK);
	must(lk_str_is_equal(out, again));
	while (out.len > 0 && lk_str_split(&out, ' ', &word))
		must(policy_application_scope_check(&application, word));
}

static void
secret_ask(struct lk_str text)
{
	struct policy_secret secret;

	if (!policy_secret_read(text, &secret))
		return;
	must(secret.key_id > 0 && secret.until_s >= 0);
	must(lk_str_find(text, ':') < text.len && text.len >= 45);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str rest = lk_str_n((const char *)bytes, len), line[4] = {{NULL, 0}};
	struct lk_arena *arena = lk_arena_new(65536, 1u << 24);
	int i;

	for (i = 0; i < 4 && lk_str_split(&rest, '\n', &line[i]);)
		i++;
	redirect_ask(arena, line[0], line[1]);
	scopes_ask(arena, line[2]);
	secret_ask(line[3]);
	lk_arena_free(arena);
	return 0;
}
