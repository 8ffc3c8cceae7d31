/* SPDX-License-Identifier: MIT */
#include "conf/value.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/utf8.h"
#include "conf/address.h"

#define LIST_MAX_COUNT 256u

/* The member of the struct a row stands for. */
static void *
member(const struct conf_row *row, void *base)
{
	return (char *)base + row->offset;
}

static bool
refuse(struct lk_buf *words, const char *text)
{
	lk_buf_add_c(words, text);
	return false;
}

static bool
text_read(struct lk_arena *arena, const struct conf_row *row, struct lk_str text, const char **out,
	  struct lk_buf *words)
{
	int64_t count = (int64_t)lk_utf8_count(text);

	if (row->max > 0 && (count < row->min || count > row->max)) {
		lk_buf_printf(words, "must be %" PRId64 " to %" PRId64 " characters, not %" PRId64,
			      row->min, row->max, count);
		return false;
	}
	*out = lk_arena_c(arena, text);
	return *out != NULL || refuse(words, "does not fit in memory");
}

static bool
is_separator(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

/* Cuts the next entry of a LIST off *rest. */
static bool
entry_take(struct lk_str *rest, struct lk_str *out)
{
	size_t len = 0;

	while (rest->len > 0 && is_separator(rest->ptr[0]))
		*rest = lk_str_from(*rest, 1);
	while (len < rest->len && !is_separator(rest->ptr[len]))
		len++;
	*out = lk_str_n(rest->ptr, len);
	*rest = lk_str_from(*rest, len);
	return len > 0;
}

/* The same of NAMES; empty ones are passed over. */
static bool
name_take(struct lk_str *rest, struct lk_str *out)
{
	while (lk_str_split(rest, ',', out)) {
		*out = lk_str_trim(*out);
		if (out->len > 0)
			return true;
	}
	return false;
}

typedef bool
take(struct lk_str *rest, struct lk_str *out);

static bool
list_read(struct lk_arena *arena, take *next, struct lk_str text, struct conf_list *out,
	  struct lk_buf *words)
{
	struct lk_str rest = text, entry;
	struct conf_list list = {.count = 0};
	const char **items;

	while (next(&rest, &entry))
		list.count++;
	if (list.count > LIST_MAX_COUNT)
		return refuse(words, "must have 256 entries or less");
	items = lk_arena_alloc(arena, (list.count + 1) * sizeof *items);
	if (items == NULL)
		return refuse(words, "does not fit in memory");
	list.items = items;
	for (rest = text; next(&rest, &entry); items++) {
		*items = lk_arena_c(arena, entry);
		if (*items == NULL)
			return refuse(words, "does not fit in memory");
	}
	*out = list;
	return true;
}

static bool
path_read(struct lk_arena *arena, struct lk_str text, const char **out, struct lk_buf *words)
{
	if (!lk_str_starts(text, "/"))
		return refuse(words, "must be an absolute path, one that begins with '/'");
	if (text.len > 1023)
		return refuse(words, "must be 1023 bytes or less");
	*out = lk_arena_c(arena, text);
	return *out != NULL || refuse(words, "does not fit in memory");
}

static bool
address_read(struct lk_arena *arena, struct lk_str text, struct conf_address *out,
	     struct lk_buf *words)
{
	struct conf_address address;
	struct lk_str host;
	struct conf_ip ip;

	if (!conf_host_port_split(text, &host, &address.port) || !conf_ip_read(host, &ip))
		return refuse(words, "must be an IP address and a port, like 127.0.0.1:8080 or "
				     "[::1]:8080");
	address.is_loopback = conf_ip_is_loopback(&ip);
	address.text = lk_arena_c(arena, text);
	address.host = lk_arena_c(arena, host);
	if (address.text == NULL || address.host == NULL)
		return refuse(words, "does not fit in memory");
	*out = address;
	return true;
}

static bool
url_read(struct lk_arena *arena, const struct conf_row *row, struct lk_str text, const char **out,
	 struct lk_buf *words)
{
	struct conf_url url;

	if (!conf_url_split(text, &url))
		return refuse(words, "must be an address like scheme://host:port, without blanks");
	if (url.has_user)
		return refuse(words, "must not hold a user or password");
	return text_read(arena, row, text, out, words);
}

struct unit {
	const char *of;	  /* the row's unit */
	const char *word; /* what may stand behind the number */
	int64_t times;
};

static const struct unit units[] = {
    {"ms", "ms", 1},	       {"ms", "s", 1000},
    {"ms", "min", 60000},      {"s", "s", 1},
    {"s", "min", 60},	       {"s", "h", 3600},
    {"s", "day", 86400},       {"s", "days", 86400},
    {"days", "day", 1},	       {"days", "days", 1},
    {"days", "weeks", 7},      {"characters", "characters", 1},
    {"letters", "letters", 1}, {"bits", "bits", 1},
};

/* 0: no such unit for this row. */
static int64_t
unit_times(const struct conf_row *row, struct lk_str word)
{
	size_t i;

	if (word.len == 0)
		return 1;
	for (i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (strcmp(units[i].of, row->unit) == 0 && lk_str_is(word, units[i].word))
			return units[i].times;
	}
	return 0;
}

static bool
number_read(const struct conf_row *row, struct lk_str text, int64_t *out)
{
	struct lk_str digits;
	uint64_t number;
	int64_t times;
	size_t len = 0;

	while (len < text.len && text.ptr[len] >= '0' && text.ptr[len] <= '9')
		len++;
	digits = lk_str_n(text.ptr, len);
	times = unit_times(row, lk_str_trim(lk_str_from(text, len)));
	if (times == 0 || !lk_str_to_u64(digits, &number) || number > INT_MAX)
		return false;
	*out = (int64_t)number * times;
	return true;
}

/* As somebody wrote it, short and on one line. */
static void
quote(struct lk_buf *words, struct lk_str text)
{
	struct lk_str cut = lk_utf8_cut(text, 40);

	lk_buf_printf(words, ", not '%.*s%s'", LK_STR_ARGS(cut), cut.len < text.len ? "…" : "");
}

static bool
refuse_range(const struct conf_row *row, struct lk_str text, struct lk_buf *words)
{
	lk_buf_add_c(words, "must be ");
	conf_range_write(row, words);
	quote(words, text);
	return false;
}

static bool
int_read(const struct conf_row *row, struct lk_str text, int *out, struct lk_buf *words)
{
	int64_t number;

	if (!number_read(row, text, &number) || number < row->min || number > row->max)
		return refuse_range(row, text, words);
	*out = (int)number;
	return true;
}

static bool
bool_read(const struct conf_row *row, struct lk_str text, bool *out, struct lk_buf *words)
{
	if (!lk_str_is(text, "yes") && !lk_str_is(text, "no"))
		return refuse_range(row, text, words);
	*out = lk_str_is(text, "yes");
	return true;
}

static bool
word_read(const struct conf_row *row, struct lk_str text, int *out, struct lk_buf *words)
{
	struct lk_str rest = lk_str_c(row->unit), word;
	int number;

	for (number = 1; lk_str_split(&rest, '|', &word); number++) {
		if (!lk_str_is_equal(word, text))
			continue;
		*out = number;
		return true;
	}
	return refuse_range(row, text, words);
}

static bool
filled_read(struct lk_arena *arena, const struct conf_row *row, struct lk_str text, void *out,
	    struct lk_buf *words)
{
	switch (row->type) {
	case CONF_TEXT:
		return text_read(arena, row, text, out, words);
	case CONF_LIST:
		return list_read(arena, entry_take, text, out, words);
	case CONF_NAMES:
		return list_read(arena, name_take, text, out, words);
	case CONF_PATH:
		return path_read(arena, text, out, words);
	case CONF_INT:
		return int_read(row, text, out, words);
	case CONF_BOOL:
		return bool_read(row, text, out, words);
	case CONF_ADDRESS:
		return address_read(arena, text, out, words);
	case CONF_URL:
		return url_read(arena, row, text, out, words);
	case CONF_WORD:
		return word_read(row, text, out, words);
	case CONF_OWN:
		return row->own->read(text, out, words);
	}
	return refuse(words, "has no type");
}

static void
left_out(const struct conf_row *row, void *out)
{
	static const char *const nothing[] = {NULL};

	if (row->type == CONF_TEXT || row->type == CONF_URL)
		*(const char **)out = "";
	else if (row->type == CONF_PATH)
		*(const char **)out = NULL;
	else if (row->type == CONF_LIST || row->type == CONF_NAMES)
		*(struct conf_list *)out = (struct conf_list){.items = nothing};
	else if (row->type == CONF_ADDRESS)
		*(struct conf_address *)out = (struct conf_address){.host = NULL};
}

static bool
may_be_empty(const struct conf_row *row)
{
	return row->preset != NULL && row->preset[0] == '\0' && row->type != CONF_INT &&
	       row->type != CONF_BOOL && row->type != CONF_WORD;
}

bool
conf_value_read(struct lk_arena *arena, const struct conf_row *row, struct lk_str text, void *base,
		struct lk_buf *words)
{
	if (text.len > 0)
		return filled_read(arena, row, text, member(row, base), words);
	if (!may_be_empty(row))
		return refuse(words, "must not be empty");
	left_out(row, member(row, base));
	return true;
}

static void
list_write(const struct conf_list *list, struct lk_buf *out)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		lk_buf_printf(out, "%s%s", i == 0 ? "" : ", ", list->items[i]);
}

static void
word_write(const struct conf_row *row, int number, struct lk_buf *out)
{
	struct lk_str rest = lk_str_c(row->unit), word;

	while (lk_str_split(&rest, '|', &word)) {
		if (--number == 0)
			lk_buf_add_str(out, word);
	}
}

void
conf_value_write(const struct conf_row *row, const void *base, struct lk_buf *out)
{
	const void *value = (const char *)base + row->offset;

	switch (row->type) {
	case CONF_TEXT:
	case CONF_PATH:
	case CONF_URL:
		lk_buf_add_str(out, lk_str_c(*(const char *const *)value));
		break;
	case CONF_LIST:
	case CONF_NAMES:
		list_write(value, out);
		break;
	case CONF_INT:
		lk_buf_printf(out, "%d", *(const int *)value);
		break;
	case CONF_BOOL:
		lk_buf_add_c(out, *(const bool *)value ? "yes" : "no");
		break;
	case CONF_ADDRESS:
		lk_buf_add_str(out, lk_str_c(((const struct conf_address *)value)->text));
		break;
	case CONF_WORD:
		word_write(row, *(const int *)value, out);
		break;
	case CONF_OWN:
		row->own->write(value, out);
		break;
	}
}

static void
words_write(const char *choices, struct lk_buf *out)
{
	struct lk_str rest = lk_str_c(choices), word;
	bool is_first = true;

	while (lk_str_split(&rest, '|', &word)) {
		if (!is_first)
			lk_buf_add_c(out, rest.ptr == NULL ? " or " : ", ");
		lk_buf_add_str(out, word);
		is_first = false;
	}
}

void
conf_range_write(const struct conf_row *row, struct lk_buf *out)
{
	const char *unit = row->type == CONF_INT ? row->unit : "characters";

	if (row->type == CONF_BOOL)
		lk_buf_add_c(out, "yes or no");
	else if (row->type == CONF_WORD)
		words_write(row->unit, out);
	else if (row->type == CONF_OWN)
		lk_buf_add_c(out, row->own->range);
	else if (row->max > 0)
		lk_buf_printf(out, "%" PRId64 " to %" PRId64 "%s%s", row->min, row->max,
			      unit[0] == '\0' ? "" : " ", unit);
}
