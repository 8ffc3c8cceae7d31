/* SPDX-License-Identifier: MIT */
#include "flow/help.h"

#include <pthread.h>
#include <stdlib.h>

#define WORDS_MAX_BYTES 2048u
#define MINUTE_S	60

struct help {
	const char *phone, *hours;
	struct lk_buf tel; /* "tel:03000000000" */
	struct lk_buf hours_said[LANG_COUNT];
	pthread_mutex_t lock;		     /* of what follows: */
	struct lk_buf open_said[LANG_COUNT]; /* true in that minute */
	int64_t open_minute[LANG_COUNT];     /* since the epoch; -1: none yet */
};

/* "0300 000 0000" → "tel:03000000000". */
static void
tel_write(struct lk_buf *out, const char *phone)
{
	lk_buf_add_c(out, "tel:");
	for (; *phone != '\0'; phone++)
		if ((*phone >= '0' && *phone <= '9') || *phone == '+')
			lk_buf_add_byte(out, *phone);
}

static void
lang_init(struct help *help, enum lang lang)
{
	struct lk_buf *hours = &help->hours_said[lang];

	lk_buf_init(hours, WORDS_MAX_BYTES);
	if (page_help_hours(hours, lang, help->hours) != LK_OK)
		lk_buf_clear(hours);
	lk_buf_init(&help->open_said[lang], WORDS_MAX_BYTES);
	help->open_minute[lang] = -1;
}

struct help *
help_new(const char *phone, const char *hours)
{
	struct help *help = calloc(1, sizeof *help);

	if (help == NULL)
		return NULL;
	help->phone = phone;
	help->hours = hours;
	lk_buf_init(&help->tel, WORDS_MAX_BYTES);
	tel_write(&help->tel, phone);
	pthread_mutex_init(&help->lock, NULL);
	lang_init(help, LANG_EN);
	lang_init(help, LANG_CY);
	return help;
}

void
help_free(struct help *help)
{
	int lang;

	if (help == NULL)
		return;
	for (lang = 0; lang < LANG_COUNT; lang++) {
		lk_buf_done(&help->hours_said[lang]);
		lk_buf_done(&help->open_said[lang]);
	}
	lk_buf_done(&help->tel);
	pthread_mutex_destroy(&help->lock);
	free(help);
}

static void
open_say(struct help *help, enum lang lang, int64_t now_s)
{
	struct lk_buf *open = &help->open_said[lang];

	lk_buf_clear(open);
	if (page_help_open(open, lang, help->hours, now_s) != LK_OK)
		lk_buf_clear(open);
	help->open_minute[lang] = now_s / MINUTE_S;
}

static struct lk_str
open_copy(struct help *help, enum lang lang, int64_t now_s, struct lk_arena *arena)
{
	struct lk_str copy;

	pthread_mutex_lock(&help->lock);
	if (help->open_minute[lang] != now_s / MINUTE_S)
		open_say(help, lang, now_s);
	copy = lk_arena_dup(arena, lk_buf_str(&help->open_said[lang]));
	pthread_mutex_unlock(&help->lock);
	return copy;
}

void
help_fill(struct help *help, enum lang lang, int64_t now_s, struct lk_arena *arena,
	  struct page_values *values)
{
	page_set_c(values, PLACE_help_phone, help->phone);
	page_set(values, PLACE_help_tel, lk_buf_str(&help->tel));
	page_set(values, PLACE_help_hours, lk_buf_str(&help->hours_said[lang]));
	page_set(values, PLACE_help_open, open_copy(help, lang, now_s, arena));
}
