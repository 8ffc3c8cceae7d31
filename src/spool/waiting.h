/* SPDX-License-Identifier: MIT */
/*
 * Mails that wait, for the one program that sends them: taken in the order they were put, tried
 * again later, removed once sent, or set aside.
 */
#ifndef LK_SPOOL_WAITING_H
#define LK_SPOOL_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "spool/spool.h"

struct spool;

/* Or a call. */
struct spool_mail {
	const char *name; /* of the file; stays the same for the mail's life */
	int64_t at_s;	  /* when it was put */
	bool is_call;	  /* to is a URL, mail what is sent there */
	bool is_fetch;	  /* and a call: mail is the client id whose keys are read there */
	struct lk_str to;
	uint32_t tries;	   /* that failed */
	int64_t next_at_s; /* not to be tried before; 0: at once */
	struct lk_str mail;
};

/*
 * Open the spool, or calls/ in it, for sending; makes it as spool_init does, without calls/. What
 * a killed daemon left half written is removed once it is an hour old.
 *
 * Returns: LK_OK · as spool_init · LK_E_BUSY another program sends from it (why says) · LK_E_MEMORY
 */
enum lk_err
spool_open(const char *dir, int64_t now_s, struct lk_why *why, struct spool **out) LK_MUST_CHECK;
/* NULL is fine. */
void
spool_close(struct spool *spool);
/*
 * The names of all mails that wait, oldest first, in the arena.
 *
 * Returns: LK_OK · LK_E_MEMORY · LK_E_BROKEN the folder cannot be read
 */
enum lk_err
spool_list(struct spool *spool, struct lk_arena *arena, const char *const **out_names,
	   size_t *out_count) LK_MUST_CHECK;
/*
 * Read one; everything in the arena.
 *
 * Returns: LK_OK · LK_E_NOT_FOUND it is gone · LK_E_FORMAT it is no mail as spool_put wrote it ·
 *          LK_E_MEMORY · LK_E_BROKEN
 */
enum lk_err
spool_get(struct spool *spool, struct lk_arena *arena, const char *name,
	  struct spool_mail *out) LK_MUST_CHECK;
/* Keep tries and next_at_s of mail, synced. LK_E_MEMORY, LK_E_BROKEN: the file is as it was. */
enum lk_err
spool_put_back(struct spool *spool, const struct spool_mail *mail) LK_MUST_CHECK;
/* It was sent: remove it, synced. LK_E_BROKEN: it may be there still. */
enum lk_err
spool_remove(struct spool *spool, const char *name) LK_MUST_CHECK;
/* It will never be sent: into bad/. When that holds SPOOL_COUNT_MAX, it is removed. */
enum lk_err
spool_set_aside(struct spool *spool, const char *name) LK_MUST_CHECK;

/* What was read for it. LK_E_FORMAT as spool_keys_get; LK_E_BROKEN: nothing was changed. */
enum lk_err
spool_keys_put(struct spool *spool, const struct spool_mail *fetch,
	       struct lk_str text) LK_MUST_CHECK;

#endif
