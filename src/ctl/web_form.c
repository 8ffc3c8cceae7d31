/* SPDX-License-Identifier: MIT */
#include "ctl/web_form.h"

#include <string.h>

#define SENT_MAX_BYTES 16384u

/* Where what stands in s; s.len: nowhere. */
static size_t
place_of(struct lk_str s, const char *what)
{
	size_t len = strlen(what);

	for (size_t at = 0; at + len <= s.len; at++) {
		if (memcmp(s.ptr + at, what, len) == 0)
			return at;
	}
	return s.len;
}

/* What stands between the next from and the to behind it; *rest goes on there. */
static bool
between(struct lk_str *rest, const char *from, const char *to, struct lk_str *out)
{
	size_t at = place_of(*rest, from);
	struct lk_str found;

	if (at == rest->len)
		return false;
	found = lk_str_from(*rest, at + strlen(from));
	at = place_of(found, to);
	if (at == found.len)
		return false;
	*rest = lk_str_from(found, at + strlen(to));
	*out = lk_str_n(found.ptr, at);
	return true;
}

/* attribute: ` name="`. */
static struct lk_str
value_of(struct lk_str tag, const char *attribute)
{
	struct lk_str value = {NULL, 0};

	(void)between(&tag, attribute, "\"", &value);
	return value;
}

/* -1: no hex digit. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void
web_form_decode(struct lk_buf *out, struct lk_str text)
{
	while (text.len > 0) {
		bool is_hex = text.ptr[0] == '%' && text.len >= 3 && hex_value(text.ptr[1]) >= 0 &&
			      hex_value(text.ptr[2]) >= 0;

		if (is_hex)
			lk_buf_add_byte(
			    out, (char)(hex_value(text.ptr[1]) * 16 + hex_value(text.ptr[2])));
		else
			lk_buf_add_byte(out, text.ptr[0] == '+' ? ' ' : text.ptr[0]);
		text = lk_str_from(text, is_hex ? 3 : 1);
	}
}

void
web_form_put(struct lk_buf *sent, const char *name, struct lk_str value)
{
	lk_buf_printf(sent, "%s%s=", sent->len == 0 ? "" : "&", name);
	lk_buf_add_percent(sent, value, "");
}

/* The character a reference stands for; *text goes on behind it. */
static char
character_take(struct lk_str *text)
{
	static const struct {
		const char *name;
		char is;
	} all[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
	char first = text->ptr[0];

	for (size_t i = 0; first == '&' && i < sizeof(all) / sizeof(all[0]); i++) {
		if (!lk_str_starts(*text, all[i].name))
			continue;
		*text = lk_str_from(*text, strlen(all[i].name));
		return all[i].is;
	}
	*text = lk_str_from(*text, 1);
	return first;
}

static void
hidden_put(struct web_form *form, struct lk_str tag)
{
	struct lk_str name = value_of(tag, " name=\""), value = value_of(tag, " value=\"");
	char plain_name[64];
	LK_AUTO_BUF plain;

	lk_buf_init(&plain, SENT_MAX_BYTES);
	if (name.len == 0 || name.len >= sizeof(plain_name) ||
	    strspn(name.ptr, "abcdefghijklmnopqrstuvwxyz_") < name.len)
		return;
	memcpy(plain_name, name.ptr, name.len);
	plain_name[name.len] = '\0';
	while (value.len > 0)
		lk_buf_add_byte(&plain, character_take(&value));
	web_form_put(&form->sent, plain_name, lk_buf_str(&plain));
}

/* inside: from behind "<form " to "</form>". */
static void
form_read(struct lk_str inside, struct web_form *form)
{
	struct lk_str tag;

	form->action = value_of(lk_str_n(inside.ptr, lk_str_find(inside, '>')), "action=\"");
	form->has_allow = place_of(inside, " id=\"allow\"") < inside.len;
	form->has_signout = place_of(inside, " id=\"signout\"") < inside.len;
	while (between(&inside, "<input ", ">", &tag)) {
		struct lk_str name = value_of(tag, "name=\"");

		form->has_username |= lk_str_is(name, "username");
		form->has_password |= lk_str_is(name, "password");
		form->has_code |= lk_str_is(name, "code");
		if (place_of(tag, "type=\"hidden\"") < tag.len)
			hidden_put(form, tag);
	}
}

static bool
asks(const struct web_form *form)
{
	return form->has_username || form->has_password || form->has_code || form->has_allow;
}

static bool
signs_out(const struct web_form *form)
{
	return form->has_signout;
}

static bool
find(struct lk_str page, bool (*is_it)(const struct web_form *form), struct web_form *out)
{
	struct lk_str inside;

	while (between(&page, "<form ", "</form>", &inside)) {
		*out = (struct web_form){.has_code = false};
		lk_buf_init(&out->sent, SENT_MAX_BYTES);
		form_read(inside, out);
		if (lk_str_starts(out->action, "/") && is_it(out))
			return true;
		lk_buf_done(&out->sent);
	}
	return false;
}

bool
web_form_find(struct lk_str page, struct web_form *out)
{
	return find(page, asks, out);
}

bool
web_form_find_signout(struct lk_str page, struct web_form *out)
{
	return find(page, signs_out, out);
}

void
web_form_done(struct web_form *form)
{
	lk_buf_done(&form->sent);
}

struct lk_str
web_form_title(struct lk_str page)
{
	struct lk_str title = {NULL, 0};

	(void)between(&page, "<h1>", "</h1>", &title);
	return title;
}
