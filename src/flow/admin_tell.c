/* SPDX-License-Identifier: MIT */
#include "flow/admin_tell.h"

#define SENTENCE_MAX_BYTES 2048u
/* Kept free behind a list: its end, "text" and "next". */
#define LIST_END_BYTES 2500u

/* --- the question ---------------------------------------------------------------------------- */

struct lk_str
admin_asked(const struct admin *admin, const char *name)
{
	struct lk_str text = {NULL, 0};

	(void)lk_json_to_str(lk_json_find(admin->asked, name), &text);
	return text;
}

int64_t
admin_asked_number(const struct admin *admin, const char *name)
{
	int64_t number = 0;

	(void)lk_json_to_i64(lk_json_find(admin->asked, name), &number);
	return number;
}

bool
admin_asked_flag(const struct admin *admin, const char *name)
{
	bool flag = false;

	(void)lk_json_to_bool(lk_json_find(admin->asked, name), &flag);
	return flag;
}

/* --- members --------------------------------------------------------------------------------- */

/* The first member of an object has no comma before it. */
static void
name_put(struct lk_buf *out, const char *name)
{
	if (out->len > 0 && out->bytes[out->len - 1] != '{')
		lk_buf_add_byte(out, ',');
	lk_buf_printf(out, "\"%s\":", name);
}

void
admin_put(struct lk_buf *out, const char *name, struct lk_str value)
{
	name_put(out, name);
	lk_json_quote(out, value);
}

void
admin_put_c(struct lk_buf *out, const char *name, const char *value)
{
	admin_put(out, name, lk_str_c(value));
}

void
admin_put_number(struct lk_buf *out, const char *name, int64_t value)
{
	name_put(out, name);
	lk_buf_printf(out, "%lld", (long long)value);
}

void
admin_put_flag(struct lk_buf *out, const char *name, bool value)
{
	name_put(out, name);
	lk_buf_add_c(out, value ? "true" : "false");
}

/* --- sentences ------------------------------------------------------------------------------- */

void
admin_say_str(struct admin *admin, struct lk_str text)
{
	if (admin->text.len > 0)
		lk_buf_add_byte(&admin->text, ',');
	lk_json_quote(&admin->text, text);
}

void
admin_say(struct admin *admin, enum text_id text)
{
	LK_AUTO_BUF words;

	lk_buf_init(&words, SENTENCE_MAX_BYTES);
	page_sentence(&words, text, admin->desk.asker.lang, &admin->values);
	admin_say_str(admin, lk_buf_str(&words));
}

static void
place_keep(struct admin *admin, enum place place, struct lk_buf *words)
{
	if (lk_buf_is_ok(words))
		page_set(&admin->values, place,
			 lk_arena_dup(admin->desk.asker.arena, lk_buf_str(words)));
	lk_buf_done(words);
}

void
admin_set_time(struct admin *admin, int64_t at_s)
{
	const struct asker *asker = &admin->desk.asker;
	struct lk_buf words;

	lk_buf_init(&words, SENTENCE_MAX_BYTES);
	page_time(&words, asker->lang, at_s, asker->now_s);
	place_keep(admin, PLACE_time, &words);
}

void
admin_set_until(struct admin *admin, int64_t until_s)
{
	const struct asker *asker = &admin->desk.asker;
	int64_t left_s = until_s > asker->now_s ? until_s - asker->now_s : 0;
	struct lk_buf words;

	admin_set_time(admin, until_s);
	lk_buf_init(&words, SENTENCE_MAX_BYTES);
	page_duration(&words, asker->lang, left_s);
	place_keep(admin, PLACE_duration, &words);
}

void
admin_set_date(struct admin *admin, int64_t at_s)
{
	const struct asker *asker = &admin->desk.asker;
	struct lk_buf words;

	lk_buf_init(&words, SENTENCE_MAX_BYTES);
	page_date(&words, asker->lang, at_s, asker->now_s);
	place_keep(admin, PLACE_date, &words);
}

void
admin_set_count(struct admin *admin, int64_t count)
{
	page_set(&admin->values, PLACE_count,
		 lk_arena_printf(admin->desk.asker.arena, "%lld", (long long)count));
}

/* --- lists ----------------------------------------------------------------------------------- */

void
admin_list_begin(struct admin_list *list, struct admin *admin, const char *name)
{
	*list = (struct admin_list){.admin = admin, .from = admin_asked_number(admin, "from")};
	name_put(admin->out, name);
	lk_buf_add_byte(admin->out, '[');
}

bool
admin_list_wants(struct admin_list *list)
{
	struct lk_buf *out = list->admin->out;

	if (list->next != 0)
		return false;
	if (list->index++ < list->from)
		return false;
	list->mark = out->len;
	if (out->bytes[out->len - 1] != '[')
		lk_buf_add_byte(out, ',');
	lk_buf_add_byte(out, '{');
	return true;
}

bool
admin_list_fits(struct admin_list *list)
{
	struct lk_buf *out = list->admin->out;

	lk_buf_add_byte(out, '}');
	if (out->len + LIST_END_BYTES <= ADMIN_ANSWER_MAX_BYTES)
		return true;
	if (list->index - 1 == list->from) /* one that is too large alone: it must do */
		return true;
	out->len = list->mark;
	list->next = list->index - 1;
	return false;
}

void
admin_list_end(struct admin_list *list)
{
	struct lk_buf *out = list->admin->out;

	lk_buf_add_byte(out, ']');
	if (list->next != 0)
		admin_put_number(out, "next", list->next);
}
