/* SPDX-License-Identifier: MIT */
/* The keys that sign tokens; the daemon keeps and changes them. */
#include <stdio.h>

#include "client/wire.h"
#include "ctl/ask.h"
#include "ctl/verbs.h"

#define DAY_S	 86400
#define NOT_OPEN "  DOES NOT OPEN with the daemon's key file"

/* "RS256-7    signs      12d  from 2026-11-27 17:05:16  until …  KID" */
static void
key_put(struct ctl *ctl, const struct lk_json *key)
{
	struct lk_str name = ctl_member(key, "name"), state = ctl_member(key, "state");
	struct lk_str kid = ctl_member(key, "kid");
	int64_t ends_at_s = ctl_member_number(key, "ends_at_s");
	int64_t age_s = lk_clock_wall_s(ctl->clock) - ctl_member_number(key, "made_at_s");
	LK_AUTO_BUF line;

	lk_buf_init(&line, WIRE_FRAME_MAX_BYTES);
	lk_buf_printf(&line, "%-10.*s %-8.*s %4lldd  from ", LK_STR_ARGS(name), LK_STR_ARGS(state),
		      (long long)(age_s / DAY_S));
	ctl_time(&line, ctl_member_number(key, "signs_at_s"));
	if (ends_at_s != 0) {
		lk_buf_add_c(&line, "  until ");
		ctl_time(&line, ends_at_s);
	}
	lk_buf_printf(&line, "  %.*s", LK_STR_ARGS(kid));
	if (!ctl_member_flag(key, "is_open"))
		lk_buf_add_c(&line, NOT_OPEN);
	ctl_put(ctl, lk_buf_str(&line));
}

/* "pairwise-2 pairwise   12d  sealed with key 1 of the key file  names of people, signs nothing" */
static void
seal_put(struct ctl *ctl, const struct lk_json *seal)
{
	struct lk_str name = ctl_member(seal, "name"), state = ctl_member(seal, "state");
	int64_t age_s = lk_clock_wall_s(ctl->clock) - ctl_member_number(seal, "made_at_s");
	LK_AUTO_BUF line;

	lk_buf_init(&line, WIRE_FRAME_MAX_BYTES);
	lk_buf_printf(&line, "%-10.*s %-8.*s %4lldd  names of people, signs nothing; sealed with "
		      "key %lld of the key file", LK_STR_ARGS(name), LK_STR_ARGS(state),
		      (long long)(age_s / DAY_S), (long long)ctl_member_number(seal, "key_id"));
	if (!ctl_member_flag(seal, "is_open"))
		lk_buf_add_c(&line, NOT_OPEN);
	ctl_put(ctl, lk_buf_str(&line));
}

static void
row_put(struct ctl *ctl, const struct lk_json *row)
{
	if (lk_json_find(row, "alg") == NULL)
		seal_put(ctl, row);
	else
		key_put(ctl, row);
}

enum ctl_exit
ctl_key_list_run(struct ctl *ctl)
{
	LK_AUTO_BUF question;

	ctl_question_init(&question, "key.list");
	return ctl_ask_list(ctl, &question, "keys", row_put);
}

static enum ctl_exit
change(struct ctl *ctl, const char *verb, const char *member, const char *asked)
{
	const char *reason = ctl->value[CTL_OPTION_REASON];
	struct lk_buf question;

	if (reason == NULL || reason[0] == '\0') {
		ctl_complain(ctl, "give a --reason: it stands in the audit");
		return CTL_USAGE;
	}
	if (!ctl_confirm(ctl, asked))
		return CTL_USAGE;
	ctl_question_init(&question, verb);
	ctl_question_put(&question, "reason", reason);
	if (ctl->arg_count > 0)
		ctl_question_put(&question, member, ctl->args[0]);
	return ctl_ask_and_put(ctl, &question);
}

enum ctl_exit
ctl_key_rotate_run(struct ctl *ctl)
{
	return change(ctl, "key.rotate", "alg", "Make new keys that sign in a few seconds?");
}

enum ctl_exit
ctl_key_retire_run(struct ctl *ctl)
{
	char words[256];

	(void)snprintf(words, sizeof words, "Remove %.100s, so that what it signed counts no more?",
		       ctl->args[0]);
	return change(ctl, "key.retire", "key", words);
}
