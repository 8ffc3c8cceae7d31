/* SPDX-License-Identifier: MIT */
#include "audit/line.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "base/utc.h"

struct event_row {
	const char *text_key; /* "audit_" and the event's name in the file */
	int number;
	const char *severity;
	const char *needs;
};
#define NAME_AT (sizeof "audit_" - 1)

static const struct event_row events[AUDIT_EVENT_COUNT] = {
    [AUDIT_NONE] = {"audit_none", 0, "WARNING", "-"},
#define LK_AUDIT(name, number, severity, needs, keep_days, text)                                   \
	[AUDIT_##name] = {#text, number, #severity, needs},
#include "tables/audit.def"
};

/* max_bytes is of the escaped value. All of them at their longest fit in a fragment: see the test.
 */
struct slot_row {
	const char *name;
	struct lk_str before; /* what stands between the value and the one before it */
	char letter;	      /* in "needs"; 0: never needed */
	size_t offset;
	size_t max_bytes;
};
#define SLOT(name, letter, max_bytes)                                                              \
	{                                                                                          \
#name, {",\"" #name "\":\"", sizeof ",\"" #name "\":\"" - 1 }, letter,             \
			offsetof(struct audit_line, name), max_bytes                               \
	}

static const struct slot_row slots[] = {
    SLOT(ref, 'R', 40),	    SLOT(person_id, 'P', 80), SLOT(username, 0, 256),
    SLOT(actor, 'A', 256),  SLOT(door, 0, 64),	      SLOT(address, 0, 96),
    SLOT(session, 'S', 32), SLOT(reason, 'W', 768),   SLOT(detail, 0, 1536),
};
#define SLOT_COUNT (sizeof slots / sizeof slots[0])

const char *
audit_event_name(enum audit_event event)
{
	return audit_event_text_key(event) + NAME_AT;
}

const char *
audit_event_text_key(enum audit_event event)
{
	if ((int)event < 0 || event >= AUDIT_EVENT_COUNT)
		event = AUDIT_NONE;
	return events[event].text_key;
}

/* The fragment as it grows; its bounds are known, so passing them is a fault of ours. */
struct text {
	char *bytes;
	size_t len;
};

static inline void
put(struct text *text, struct lk_str s)
{
	assert(s.len <= AUDIT_FRAGMENT_MAX_BYTES - text->len);
	memcpy(text->bytes + text->len, s.ptr, s.len);
	text->len += s.len;
}

static inline void
put_c(struct text *text, const char *s)
{
	put(text, lk_str_c(s));
}

/* An ellipsis tells that a value was cut. */
static void
put_value(struct text *text, struct lk_str before, struct lk_str value, size_t max_bytes)
{
	char *at;
	size_t used, len;

	put(text, before);
	assert(max_bytes <= AUDIT_FRAGMENT_MAX_BYTES - text->len);
	at = text->bytes + text->len;
	len = lk_json_escape(value, at, max_bytes, &used);
	if (used < value.len)
		len = lk_json_escape(value, at, max_bytes - 3, &used);
	text->len += len;
	if (used < value.len)
		put(text, LK_STR("\xE2\x80\xA6"));
	put(text, LK_STR("\""));
}

void
audit_time_write(int64_t at_s, char out[AUDIT_TIME_LEN + 1])
{
	lk_utc_write(at_s, "0000-00-00T00:00:00Z", out);
}

static void
put_time(struct text *text, int64_t at_s)
{
	char words[AUDIT_TIME_LEN + 1];

	audit_time_write(at_s, words);
	put(text, lk_str_n(words, AUDIT_TIME_LEN));
}

static struct lk_str
slot_of(const struct audit_line *line, const struct slot_row *row)
{
	struct lk_str value;

	memcpy(&value, (const char *)line + row->offset, sizeof value);
	return value;
}

static bool
put_slots(struct text *text, const struct audit_line *line, const char *needs)
{
	char missing[SLOT_COUNT];
	size_t i, count = 0;

	for (i = 0; i < SLOT_COUNT; i++) {
		struct lk_str value = slot_of(line, &slots[i]);

		if (value.len > 0)
			put_value(text, slots[i].before, value, slots[i].max_bytes);
		else if (slots[i].letter != '\0' && strchr(needs, slots[i].letter) != NULL)
			missing[count++] = slots[i].letter;
	}
	if (count == 0)
		return false;
	put(text, LK_STR(",\"missing\":\""));
	put(text, lk_str_n(missing, count));
	put(text, LK_STR("\""));
	return true;
}

size_t
audit_line_write(const struct audit_line *line, int64_t at_s, char out[AUDIT_FRAGMENT_MAX_BYTES],
		 bool *out_is_missing)
{
	const char *name = audit_event_name(line->event);
	bool is_known = line->event > AUDIT_NONE && line->event < AUDIT_EVENT_COUNT;
	const struct event_row *row = &events[is_known ? line->event : AUDIT_NONE];
	struct text text = {out, 0};

	/* Words of ours, which need no escape. */
	put(&text, LK_STR("\"time\":\""));
	put_time(&text, at_s);
	put(&text, LK_STR("\",\"event\":\""));
	put_c(&text, name);
	put(&text, LK_STR("\",\"severity\":\""));
	put_c(&text, row->severity);
	put(&text, LK_STR("\",\"result\":\""));
	put_c(&text, lk_err_row(line->result)->name);
	put(&text, LK_STR("\""));
	*out_is_missing = put_slots(&text, line, row->needs);
	return text.len;
}

static bool
read_time(const struct lk_json *value, int64_t *out)
{
	struct lk_str words;
	struct tm utc = {0};
	const char *end;

	if (!lk_json_to_str(value, &words) || words.len != 20)
		return false;
	end = strptime(words.ptr, "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (end == NULL || *end != '\0')
		return false;
	*out = (int64_t)timegm(&utc);
	return true;
}

static enum audit_event
event_find(struct lk_str name)
{
	int event;

	for (event = AUDIT_NONE + 1; event < AUDIT_EVENT_COUNT; event++) {
		if (lk_str_is(name, audit_event_name((enum audit_event)event)))
			return (enum audit_event)event;
	}
	return AUDIT_NONE;
}

static bool
result_find(struct lk_str name, enum lk_err *out)
{
	int err;

	for (err = LK_OK; err < LK_ERR_COUNT; err++) {
		if (lk_str_is(name, lk_err_row((enum lk_err)err)->name)) {
			*out = (enum lk_err)err;
			return true;
		}
	}
	return false;
}

static void
read_slots(const struct lk_json *document, struct audit_line *line)
{
	size_t i;

	for (i = 0; i < SLOT_COUNT; i++) {
		struct lk_str value;

		if (lk_json_to_str(lk_json_find(document, slots[i].name), &value))
			memcpy((char *)line + slots[i].offset, &value, sizeof value);
	}
}

/* An event or result of a later version reads as AUDIT_NONE, LK_E_BROKEN: the line is shown, not
 * hidden. */
static bool
read_members(const struct lk_json *document, struct audit_record *record)
{
	struct lk_str event, result;
	int64_t number;

	if (!lk_json_to_i64(lk_json_find(document, "n"), &number) || number < 1 ||
	    !read_time(lk_json_find(document, "time"), &record->at_s) ||
	    !lk_json_to_str(lk_json_find(document, "event"), &event) ||
	    !lk_json_to_str(lk_json_find(document, "result"), &result))
		return false;
	record->number = (uint64_t)number;
	record->line.event = event_find(event);
	if (!result_find(result, &record->line.result))
		record->line.result = LK_E_BROKEN;
	read_slots(document, &record->line);
	return true;
}

enum lk_err
audit_line_read(struct lk_str line, struct lk_json **out_document, struct audit_record *out)
{
	struct audit_record record = {.json = line};
	struct lk_json *document;
	enum lk_err err = lk_json_read(line, AUDIT_LINE_MAX_BYTES, &document);

	if (err != LK_OK)
		return err;
	if (!read_members(document, &record)) {
		lk_json_free(document);
		return LK_E_FORMAT;
	}
	*out_document = document;
	*out = record;
	return LK_OK;
}
