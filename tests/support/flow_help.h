/* SPDX-License-Identifier: MIT */
/*
 * A small world for flows: real pages, policies, crypto, audit and spool; a directory and a store
 * in memory; a clock turned by hand; browsers that keep their cookies. Include after cmocka.h.
 */
#ifndef LK_TESTS_FLOW_HELP_H
#define LK_TESTS_FLOW_HELP_H

#include "flow/flow.h"
#include "flow/steps.h"
#include "support/fake_dir.h"
#include "support/fake_store.h"
#include "support/files_help.h"

#define HELP_START_S   1795800000 /* Friday 27 November 2026, 5pm */
#define ASHA	       "asha"
#define OLD_PASSWORD   "velvet otter lantern"
#define NEW_PASSWORD   "quiet harbour bicycle"
#define OTHER_PASSWORD "seven marble windows"

struct help_clock {
	struct lk_clock clock;
	int64_t wall_s, mono_ms;
};
struct world {
	char folder[HELP_PATH_BYTES];
	char spool[HELP_PATH_BYTES], log[HELP_PATH_BYTES];
	struct help_clock clock;
	struct conf conf;
	struct crypto_ring *ring;
	struct policy *policy;
	struct audit *audit;
	struct metrics *metrics;
	struct client_memory *clients; /* of the loop of all requests that need no lane */
	struct lk_log logger;
	struct fast fast;
	struct dir dir;
	struct store store;
	struct fake_person *asha; /* ok, with an authenticator and two recovery codes */
	char recovery[2][16];	  /* asha's */
	unsigned light_count;	  /* requests that needed no lane */
	/* The request that runs; for those that die in the middle. */
	struct lk_arena *arena;
	struct res *res;
};
struct browser {
	char cookie[COOKIE_COUNT][600];
	bool is_stranger; /* forgets which device it is */
	bool is_welsh;
	const char *accept;	    /* NULL: it does not say */
	const char *forwarded_host; /* X-Forwarded-Host; NULL: none */
	const char *original_url;   /* a web server asks for it; NULL: none does */
};
struct reply {
	int status;
	char location[1024];
	char body[RES_BODY_MAX_BYTES];
	bool is_even; /* leaves no earlier than every other refusal */
	int retry_after_s;
	char type[64];
	char headers[4096]; /* of its own: "WWW-Authenticate: Bearer\n"… */
};
/* What a program sends. */
struct program {
	const char *path;	   /* with its query */
	const char *body;	   /* NULL: GET */
	const char *authorization; /* NULL: none */
	const char *address;	   /* NULL: 192.0.2.7 */
};

/* Set-up and tear-down of one test: *state is a struct world. */
int
world_begin(void **state);
int
world_end(void **state);
/* Policies again, with this written into one of their files. */
void
world_policy(struct world *world, const char *file, const char *text);
void
world_pass(struct world *world, int64_t seconds);

/* From now on no audit line gets to the disk; or again. */
void
world_audit_breaks(struct world *world, bool is_broken);
/* The same from the inside of a hook: nothing more is written from here on. */
void
world_disk_full(bool is_full);
/* The daemon was killed inside a request (longjmp out of a hook): what it held goes. */
void
world_died(struct world *world);

/* One request, whole, as http would hand it in. fields: "code=123456&…", the form key is added. */
void
get(struct world *world, struct browser *browser, const char *path, struct reply *out);
void
post(struct world *world, struct browser *browser, const char *path, const char *fields,
     struct reply *out);
/* One request of a program, or of a browser that comes from one (browser: NULL or that one). */
void
program(struct world *world, struct browser *browser, const struct program *sent,
	struct reply *out);
/* "name=value" with value as a form sends it, after '&' when out holds something. */
void
field(char out[1024], const char *name, const char *value);

/* The code on this person's phone now, or steps away from now; of somebody without a phone: 0s. */
const char *
code_of(const struct world *world, const struct fake_person *fake, int steps);
/* The code of the key that stands on a page. */
const char *
code_shown(const struct world *world, const struct reply *page);
/* Give somebody an authenticator, recovery codes (out: two of them). */
void
phone_give(struct world *world, struct fake_person *fake);
void
codes_give(struct world *world, struct fake_person *fake, char out[2][16]);

/* Through the pages. Each must go well. */
void
sign_in(struct world *world, struct browser *browser, const char *name, const char *password);

/* How often an event stands in the audit, with this result (NULL: any). */
int
audited(const struct world *world, const char *event, const char *result);
/* Mails in the spool whose text holds words. */
int
mailed(const struct world *world, const char *words);

#define assert_way(reply, path)                                                                    \
	do {                                                                                       \
		assert_int_equal((reply)->status, 303);                                            \
		assert_string_equal((reply)->location, path);                                      \
	} while (0)
#define assert_says(reply, words)                                                                  \
	do {                                                                                       \
		if (strstr((reply)->body, words) == NULL)                                          \
			fail_msg("%d %s does not say '%s': %.3000s", (reply)->status,              \
				 (reply)->location, words, (reply)->body);                         \
	} while (0)
#define assert_says_not(reply, words) assert_null(strstr((reply)->body, words))

#endif
