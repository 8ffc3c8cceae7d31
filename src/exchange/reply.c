/* SPDX-License-Identifier: MIT */
#include "exchange/reply.h"

#include "page/page.h"

#define WORDS_MAX_BYTES 512u
#define BUSY_S		10
#define TOO_FAST_S	60
#define REALM		"realm=\"signin\""

void
reply_json(struct res *res, int status)
{
	res->status = status;
	res->content_type = "application/json";
}

static bool
is_description_byte(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

static void
description_add(struct lk_buf *out, struct lk_str words)
{
	size_t i;

	if (words.len == 0)
		return;
	lk_buf_add_c(out, ",\"error_description\":\"");
	for (i = 0; i < words.len; i++)
		lk_buf_add_byte(out, is_description_byte(words.ptr[i]) ? words.ptr[i] : '?');
	lk_buf_add_byte(out, '"');
}

/* What people read stays on pages: it names times and places that nobody filled. */
static void
row_words(const struct lk_err_row *row, struct lk_buf *out)
{
	struct page_values values;

	page_values_init(&values);
	if (row->audience == LK_AUDIENCE_DEVELOPER || row->http_status >= 500)
		page_sentence(out, page_text_find(row->text_key), LANG_EN, &values);
}

static int
status_of(const struct lk_err_row *row)
{
	return row->http_status < 400 || row->http_status == 423 ? 400 : row->http_status;
}

/* RFC 9110 s11.6.1: whoever says 401 says how to do better. */
static void
challenge_add(struct res *res, enum lk_err err)
{
	if (err == LK_E_OAUTH_CLIENT)
		res_header_add(res, "WWW-Authenticate", LK_STR("Basic " REALM));
	if (err == LK_E_OAUTH_TOKEN)
		res_header_add(res, "WWW-Authenticate",
			       LK_STR("Bearer " REALM ", error=\"invalid_token\""));
	if (err == LK_E_OAUTH_INSUFFICIENT)
		res_header_add(res, "WWW-Authenticate",
			       LK_STR("Bearer " REALM ", error=\"insufficient_scope\""));
}

void
reply_oauth(struct res *res, enum lk_err err, struct lk_str description)
{
	const struct lk_err_row *row = lk_err_row(err);
	LK_AUTO_BUF words;

	lk_buf_init(&words, WORDS_MAX_BYTES);
	if (description.len == 0)
		row_words(row, &words);
	lk_buf_clear(&res->body);
	lk_buf_printf(&res->body, "{\"error\":\"%s\"", row->oauth);
	description_add(&res->body, description.len > 0 ? description : lk_buf_str(&words));
	lk_buf_add_byte(&res->body, '}');
	reply_json(res, status_of(row));
	res->cache_control = NULL;
	challenge_add(res, err);
	if (res->status == 503)
		res->retry_after_s = BUSY_S;
	if (res->status == 429)
		res->retry_after_s = TOO_FAST_S;
}

void
reply_token_needed(struct res *res)
{
	lk_buf_clear(&res->body);
	lk_buf_add_c(&res->body, "{\"error\":\"invalid_token\",\"error_description\":"
				 "\"An access token is needed.\"}");
	reply_json(res, 401);
	res_header_add(res, "WWW-Authenticate", LK_STR("Bearer " REALM));
}
