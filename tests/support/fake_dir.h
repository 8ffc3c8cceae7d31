/* SPDX-License-Identifier: MIT */
/*
 * A directory in memory, behind the verbs of dir.h: a few people, one ppolicy, and whatever a
 * directory can do wrong. Include after cmocka.h.
 */
#ifndef LK_TESTS_FAKE_DIR_H
#define LK_TESTS_FAKE_DIR_H

#include "crypto/crypto.h"
#include "directory/dir.h"

#define FAKE_PEOPLE_MAX 8
#define FAKE_HISTORY	4
#define FAKE_TEXT	128
#define FAKE_ATTRIBUTES 16
#define FAKE_KEYS_MAX	24
#define FAKE_ALLOWED_MAX 4

struct fake_person {
	char username[FAKE_TEXT];
	struct dir_person person; /* texts are literals or live as long as the test */
	char password[FAKE_TEXT];
	char history[FAKE_HISTORY][FAKE_TEXT];
	int history_count;
	bool is_expired;
	int grace_left;
	uint8_t totp[512]; /* sealed */
	size_t totp_len;
	char totp_name[FAKE_TEXT];
	char recovery[CRYPTO_RECOVERY_COUNT][FAKE_TEXT];
	size_t recovery_count;
	char allowed[FAKE_ALLOWED_MAX][FAKE_TEXT];
	size_t allowed_count;
	int binds; /* that reached the directory */
	/* What dir_attributes_get knows of them; values are literals. */
	struct {
		const char *name;
		const struct lk_str *values;
		size_t count;
	} attribute[FAKE_ATTRIBUTES];
};

struct fake_key {
	char name[DIR_KEY_NAME_MAX_BYTES + 1], kid[DIR_KEY_KID_MAX_BYTES + 1];
	char sealed[4096];
	size_t sealed_len;
	int64_t made_at_s, signs_at_s;
};

struct fake_secret {
	char name[DIR_KEY_NAME_MAX_BYTES + 1];
	char sealed[256];
	size_t sealed_len;
	int64_t made_at_s;
};

struct dir {
	const struct lk_call *call;
	struct fake_key keys[FAKE_KEYS_MAX];
	size_t key_count;
	struct fake_secret secrets[FAKE_KEYS_MAX];
	size_t secret_count;
	struct fake_person people[FAKE_PEOPLE_MAX];
	int count;
	/*
	 * Called before each verb with its name; LK_OK: go on. Anything else is what the verb
	 * returns; with is_done_first it does its work all the same.
	 */
	enum lk_err (*hook)(void *context, const char *verb);
	void *context;
	bool is_done_first;
	int password_writes;
};

/* id is made from the name. */
struct fake_person *
fake_dir_add(struct dir *dir, const char *username, const char *password);
/* One more attribute; values stay the test's. */
void
fake_dir_know(struct fake_person *fake, const char *name, const struct lk_str *values,
	      size_t count);
struct fake_person *
fake_dir_find(struct dir *dir, const char *username);

#endif
