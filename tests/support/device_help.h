/* SPDX-License-Identifier: MIT */
/*
 * Screens that wait for a person (RFC 8628), in a world with applications (oauth_help.h). Include
 * after cmocka.h, in the one file of a test.
 */
#ifndef LK_TESTS_DEVICE_HELP_H
#define LK_TESTS_DEVICE_HELP_H

#include "flow/device_grant.h"
#include "support/oauth_help.h"

#define GRANT "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code="

static struct reply reply;

/* A screen that waits. */
struct screen {
	const char *client_id;
	char device_code[64], user_code[16], link[64];
};

static inline int
begin(void **state)
{
	if (oauth_begin(state) != 0)
		return -1;
	oauth_application(*state, "payroll", "device = yes\n");
	oauth_application(*state, "page", "device = yes\n");
	return 0;
}

static inline bool
is_public(const char *client_id)
{
	return strcmp(client_id, "page") == 0;
}

static inline void
ask_send(struct world *world, const char *client_id, const char *more, struct reply *out)
{
	char body[512];
	struct program sent = {.path = "/device_authorization", .body = body};

	if (is_public(client_id))
		snprintf(body, sizeof body, "client_id=%s%s", client_id, more);
	else
		snprintf(body, sizeof body, "%s", more + (more[0] == '&'));
	if (!is_public(client_id))
		sent.authorization = basic_of(client_id, SECRET);
	program(world, NULL, &sent, out);
}

static inline struct screen
ask(struct world *world, const char *client_id, const char *more)
{
	struct screen screen = {.client_id = client_id};

	ask_send(world, client_id, more, &reply);
	if (reply.status != 200)
		fail_msg("%d %s", reply.status, reply.body);
	snprintf(screen.device_code, sizeof screen.device_code, "%s", told(&reply, "device_code"));
	snprintf(screen.user_code, sizeof screen.user_code, "%s", told(&reply, "user_code"));
	assert_int_equal(strlen(screen.user_code), 9);
	assert_int_equal(strncmp(told(&reply, "verification_uri_complete"), ISSUER, strlen(ISSUER)),
			 0);
	snprintf(screen.link, sizeof screen.link, "%s",
		 told(&reply, "verification_uri_complete") + strlen(ISSUER));
	return screen;
}

static inline const char *
poll(struct world *world, const struct screen *screen)
{
	char body[256];

	snprintf(body, sizeof body, "%s%s", GRANT, screen->device_code);
	token_post(world, screen->client_id, body, &reply);
	return reply.status == 200 ? "" : told(&reply, "error");
}

/* The link as we write it once it was read: without the dash. */
static inline const char *
path_of(const struct screen *screen)
{
	static char path[64];
	const char *dash = strchr(screen->link, '-');

	snprintf(path, sizeof path, "%.*s%s", (int)(dash - screen->link), screen->link, dash + 1);
	return path;
}

/* The code typed on our page. */
static inline void
type(struct world *world, struct browser *browser, const char *user_code)
{
	char fields[1024] = "";

	field(fields, "user_code", user_code);
	post(world, browser, "/device", fields, &reply);
}

static inline void
say(struct world *world, struct browser *browser, const struct screen *screen, const char *word)
{
	char fields[1024] = "";

	field(fields, "user_code", screen->user_code);
	field(fields, "answer", word);
	post(world, browser, "/device/answer", fields, &reply);
}

static inline struct screen
allowed(struct world *world, struct browser *browser, const char *more)
{
	struct screen screen = ask(world, "payroll", more);

	say(world, browser, &screen, "allow");
	assert_way(&reply, "/device/done");
	return screen;
}

#endif
