/* SPDX-License-Identifier: MIT */
/* The answer of an authorization, in the address of a redirect or in a form that sends itself. */
#include "flow/authorize_inside.h"

#define LOCATION_MAX_BYTES 8192u
#define PARTS_MAX	   4u
#define WORDS_MAX_BYTES	   512u

struct part {
	const char *name;
	struct lk_str value;
};
struct parts {
	struct part part[PARTS_MAX];
	size_t count;
};

static void
part_add(struct parts *parts, const char *name, struct lk_str value)
{
	if (value.len > 0 && parts->count < PARTS_MAX)
		parts->part[parts->count++] = (struct part){name, value};
}

static struct lk_str
location_make(const struct authorizing *on, const struct parts *parts)
{
	struct lk_str uri = on->ask.redirect_uri;
	char between = lk_str_find(uri, '?') == uri.len ? '?' : '&';
	LK_AUTO_BUF location;

	lk_buf_init(&location, LOCATION_MAX_BYTES);
	lk_buf_add_str(&location, uri);
	for (size_t i = 0; i < parts->count; i++) {
		lk_buf_printf(&location, "%c%s=", i == 0 ? between : '&', parts->part[i].name);
		lk_buf_add_percent(&location, parts->part[i].value, "");
	}
	if (!lk_buf_is_ok(&location))
		return lk_str_n(NULL, 0);
	return lk_arena_dup(on->asker.arena, lk_buf_str(&location));
}

/* A form's way ends on this page, and another begins that no form-action stands against. */
static enum lk_err
by_page(struct authorizing *on, struct lk_str location)
{
	struct show *show = &on->show;

	res_header_add(show->res, "Refresh",
		       lk_arena_printf(on->asker.arena, "0; url=%.*s", LK_STR_ARGS(location)));
	show_application(show, lk_str_c(on->ask.application->client_id));
	page_set(&show->values, PLACE_continue_url, location);
	return show_page(show, PAGE_onward, 200);
}

static enum lk_err
by_redirect(struct authorizing *on, const struct parts *parts)
{
	struct lk_str location = location_make(on, parts);
	struct res *res = on->show.res;

	if (location.ptr == NULL)
		return LK_E_MEMORY;
	if (on->is_waiting && !res_origin_is_source(res_origin(on->ask.redirect_uri)))
		return by_page(on, location);
	lk_buf_clear(&res->body);
	res->status = 303; /* never 307: nothing typed here may be sent on (RFC 9700 s4.12) */
	res->content_type = NULL;
	res->location = location;
	return LK_OK;
}

static enum lk_err
by_form(struct authorizing *on, const struct parts *parts)
{
	struct page_item items[PARTS_MAX];
	struct show *show = &on->show;

	for (size_t i = 0; i < parts->count; i++)
		items[i] = (struct page_item){
		    .text = {lk_str_c(parts->part[i].name), parts->part[i].value}};
	show->values.items[0] = items;
	show->values.item_count[0] = parts->count;
	show_application(show, lk_str_c(on->ask.application->client_id));
	page_set(&show->values, PLACE_action, on->ask.redirect_uri);
	show->res->form_action = res_origin(on->ask.redirect_uri);
	return show_page(show, PAGE_form_post, 200);
}

static enum lk_err
reply(struct authorizing *on, struct parts *parts)
{
	part_add(parts, "state", on->ask.state);
	part_add(parts, "iss", lk_str_c(on->flow->fast->conf->base_url));
	return on->ask.is_form_post ? by_form(on, parts) : by_redirect(on, parts);
}

enum lk_err
authorize_reply_code(struct authorizing *on, struct lk_str code)
{
	struct parts parts = {.count = 0};

	part_add(&parts, "code", code);
	return reply(on, &parts);
}

/* In English and plain letters, whatever language the person reads. */
static struct lk_str
row_words(const struct lk_err_row *row, struct lk_arena *arena)
{
	struct lk_str text = {NULL, 0};
	struct page_values values;
	LK_AUTO_BUF words;

	page_values_init(&values);
	lk_buf_init(&words, WORDS_MAX_BYTES);
	page_sentence(&words, page_text_find(row->text_key), LANG_EN, &values);
	if (lk_buf_is_ok(&words))
		text = lk_arena_dup(arena, lk_buf_str(&words));
	return text;
}

/* What is told to people is told to nobody else. */
static struct lk_str
words_of(const struct authorizing *on, enum lk_err err)
{
	const struct lk_err_row *row = lk_err_row(err);

	if (on->ask.wrong != NULL)
		return lk_str_c(on->ask.wrong);
	if (row->audience != LK_AUDIENCE_DEVELOPER)
		return lk_str_n(NULL, 0);
	return row_words(row, on->asker.arena);
}

enum lk_err
authorize_reply_error(struct authorizing *on, enum lk_err err)
{
	struct parts parts = {.count = 0};

	part_add(&parts, "error", lk_str_c(lk_err_row(err)->oauth));
	part_add(&parts, "error_description", words_of(on, err));
	return reply(on, &parts);
}
