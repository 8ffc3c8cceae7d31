/* SPDX-License-Identifier: MIT */
/*
 * Who is asking, at whichever door: pages, terminal. The steps, limits, locks and words below the
 * doors see this and nothing of HTTP or PAM.
 */
#ifndef LK_FLOW_ASKER_H
#define LK_FLOW_ASKER_H

#include "flow/flow.h"

/* Everything borrowed for the length of the request. */
struct asker {
	struct flow *flow;
	struct lk_arena *arena;
	struct lk_str door; /* "web", "pam:sshd" */
	enum metric_door metric_door;
	struct lk_str reference;
	struct lk_str address;
	struct crypto_digest address_key;
	struct lk_str browser;	   /* journeys hang on it: cookie or handle; empty: none */
	struct lk_str session;	   /* signed in already: cookie; empty: not */
	struct lk_str device;	   /* what proves a known device (device.h); empty: none */
	struct lk_str device_name; /* as people call it */
	enum lang lang;
	int64_t now_s;
};

void
asker_of_req(struct flow *flow, const struct req *req, struct asker *out);
/* Of a program: no browser, no device. */
void
asker_of_program(struct flow *flow, const struct req *req, struct asker *out);

/* Whose account it is about. */
struct subject {
	bool is_known;
	struct lk_str typed;	  /* the name as typed; empty after subject_get */
	struct lk_str key;	  /* what limits hang on: the id, or "?" and a digest of typed */
	struct dir_person person; /* all zero when not known */
	bool is_on_known_device;  /* the asker's device is one this person signed in on */
};

/*
 * The person of that name; nobody is LK_OK too, with the same limits as somebody.
 *
 * Time:    one directory look-up.
 * Returns: LK_OK · LK_E_DIRECTORY_DOWN
 */
enum lk_err
subject_find(const struct asker *asker, struct lk_str typed, struct subject *out) LK_MUST_CHECK;
/* By id, read anew. Returns: LK_OK · LK_E_PERSON_NOT_FOUND · LK_E_DIRECTORY_DOWN */
enum lk_err
subject_get(const struct asker *asker, struct lk_str person_id, struct subject *out) LK_MUST_CHECK;
/* For dir_ verbs: the person, or NULL so that the same work is done on nobody. */
const struct dir_person *
subject_person(const struct subject *subject);
/* For policies. out borrows. */
void
subject_who(const struct subject *subject, struct policy_who *out);

#endif
