/* SPDX-License-Identifier: MIT */
#include "flow/claims.h"

#include "base/json.h"
#include "base/utf8.h"
#include "directory/dir_time.h"
#include "flow/scope.h"
#include "policy/application.h"
#include "policy/claims.h"

#define VALUE_MAX_BYTES	 DIR_ATTRIBUTE_VALUE_BYTES
#define QUOTED_MAX_BYTES (6u * DIR_ATTRIBUTE_VALUES_MAX * VALUE_MAX_BYTES)
#define NAMES_MAX_BYTES	 2048u
#define PART_PREFIX	 "address."

/* --- lists and names ------------------------------------------------------------------------ */

static bool
is_part(const struct policy_claim *claim)
{
	return lk_str_starts(lk_str_c(claim->name), PART_PREFIX);
}

/* Of the member the claim is, or is in. */
static struct lk_str
top_name(const struct policy_claim *claim)
{
	return is_part(claim) ? LK_STR("address") : lk_str_c(claim->name);
}

static bool
is_wanted(const struct policy_claim *claim, struct lk_str scope)
{
	return scope_has(scope, lk_str_c(claim->scope));
}

enum lk_err
claims_names(const struct policy *policy, struct lk_arena *arena, struct lk_str scope,
	     struct lk_str also, struct lk_str *out_names)
{
	size_t count;
	const struct policy_claim *claims = policy_claims(policy, &count);
	struct lk_str kept;
	LK_AUTO_BUF names;

	lk_buf_init(&names, NAMES_MAX_BYTES);
	for (size_t i = 0; i < count; i++) {
		struct lk_str name = top_name(&claims[i]);

		if (!is_wanted(&claims[i], scope) && !scope_has(also, name))
			continue;
		if (scope_has(lk_buf_str(&names), name))
			continue;
		lk_buf_add_c(&names, names.len == 0 ? "" : " ");
		lk_buf_add_str(&names, name);
	}
	kept = lk_arena_dup(arena, lk_buf_str(&names));
	if (!lk_buf_is_ok(&names) || kept.ptr == NULL)
		return LK_E_MEMORY;
	*out_names = kept;
	return LK_OK;
}

/* Is a member told? Whoever asks goes through members and claims in the same order, mostly. */
struct telling {
	const struct policy_claim *claims;
	size_t count, at; /* at: where the last one was found */
	struct lk_str scope, also;
	const char *last_scope; /* of a claim, and whether it is wanted */
	bool is_last_wanted;
};

static bool
is_scope_told(struct telling *telling, const char *scope)
{
	if (telling->last_scope != scope) {
		telling->last_scope = scope;
		telling->is_last_wanted = scope_has_c(telling->scope, scope);
	}
	return telling->is_last_wanted;
}

static bool
is_member_told(struct telling *telling, struct lk_str name)
{
	bool is_known = false;

	for (size_t step = 0; step < telling->count; step++) {
		size_t at = telling->at + step;
		const struct policy_claim *claim =
		    &telling->claims[at < telling->count ? at : at - telling->count];

		if (!lk_str_is_equal(top_name(claim), name))
			continue;
		is_known = true;
		if (!is_scope_told(telling, claim->scope))
			continue;
		telling->at = (size_t)(claim - telling->claims);
		return true;
	}
	return is_known && scope_has(telling->also, name);
}

enum lk_err
claims_tell(const struct policy *policy, struct lk_str json, const struct claims_wanted *wanted,
	    struct lk_buf *buf)
{
	struct telling telling = {.scope = wanted->scope, .also = wanted->also};
	struct claims_reading reading;
	struct claims_member member;
	size_t begin = buf->len;

	telling.claims = policy_claims(policy, &telling.count);
	if (!claims_begin(json, &reading))
		return LK_E_FORMAT;
	while (claims_next(&reading, &member)) {
		if (is_member_told(&telling, member.name))
			claims_member_write(buf, &member);
	}
	return claims_end(buf, &reading, begin);
}

/* --- making --------------------------------------------------------------------------------- */

struct making {
	const struct asker *asker;
	const struct dir_person *person;
	const struct policy_application *application;
	struct lk_str scope;
	const struct policy_claim *claims;
	size_t claim_count;
	const char *names[DIR_ATTRIBUTES_MAX]; /* asked of the directory */
	struct dir_attribute found[DIR_ATTRIBUTES_MAX];
	size_t count;
};

static bool
is_told(const struct making *making, const struct policy_claim *claim)
{
	return is_wanted(claim, making->scope) &&
	       (making->application == NULL ||
		policy_application_scope_check(making->application, lk_str_c(claim->scope)));
}

static enum lk_err
attributes_read(struct making *making)
{
	for (size_t i = 0; i < making->claim_count; i++) {
		const struct policy_claim *claim = &making->claims[i];

		if (is_told(making, claim) && claim->type != POLICY_CLAIM_GROUPS &&
		    making->count < DIR_ATTRIBUTES_MAX &&
		    dir_attribute_is_askable(lk_str_c(claim->attribute)))
			making->names[making->count++] = claim->attribute;
	}
	return dir_attributes_get(making->asker->flow->dir, making->person, making->names,
				  making->count, making->found);
}

/* Can it be told as text? Empty, byte 0, not UTF-8, too long: no. */
static bool
is_text(struct lk_str value)
{
	return value.len > 0 && value.len <= VALUE_MAX_BYTES &&
	       lk_str_find(value, '\0') == value.len && lk_utf8_check(value);
}

/* The first value that can be told; nothing when there is none. */
static struct lk_str
first_text(const struct dir_attribute *values)
{
	for (size_t i = 0; i < values->count; i++) {
		if (is_text(values->values[i]))
			return values->values[i];
	}
	return (struct lk_str){NULL, 0};
}

/* What Latchkey itself goes by where that attribute says nothing. */
static const struct lk_str *
stand_in(const struct making *making, const char *attribute)
{
	if (lk_str_is_equal_nocase(lk_str_c(attribute), LK_STR("displayName")))
		return &making->person->display_name;
	if (lk_str_is_equal_nocase(lk_str_c(attribute), LK_STR("ou")))
		return &making->person->department;
	return NULL;
}

static struct dir_attribute
values_of(const struct making *making, const struct policy_claim *claim)
{
	const struct dir_person *person = making->person;
	const struct lk_str *known;

	if (claim->type == POLICY_CLAIM_GROUPS)
		return (struct dir_attribute){person->groups, person->group_count, false};
	for (size_t i = 0; i < making->count; i++) {
		if (making->names[i] == claim->attribute && first_text(&making->found[i]).len > 0)
			return making->found[i];
	}
	known = stand_in(making, claim->attribute);
	return (struct dir_attribute){known, known == NULL ? 0 : 1, false};
}

/* RFC 4517 s3.3.28: '$' ends a line; "\24" and "\5C" stand for '$' and '\'. */
static void
lines_quote(struct lk_buf *out, struct lk_str value)
{
	LK_AUTO_BUF text;

	lk_buf_init(&text, VALUE_MAX_BYTES + 1);
	while (value.len > 0) {
		size_t step = 1;
		char byte = value.ptr[0] == '$' ? '\n' : value.ptr[0];

		if (lk_str_starts(value, "\\24"))
			byte = '$';
		if (lk_str_starts(value, "\\24") || lk_str_starts(value, "\\5C") ||
		    lk_str_starts(value, "\\5c"))
			step = 3;
		lk_buf_add_byte(&text, byte);
		value = lk_str_from(value, step);
	}
	lk_json_quote(out, lk_buf_str(&text));
}

/* RFC 2798 s2.7 has them as Accept-Language does: "cy-GB, en;q=0.8"; the first of them is told. */
static struct lk_str
language_of(struct lk_str value)
{
	size_t len = 0;

	while (len < value.len && strchr(",; ", value.ptr[len]) == NULL)
		len++;
	return lk_str_n(value.ptr, len);
}

static bool
is_language(const struct policy_claim *claim)
{
	return lk_str_is_equal_nocase(lk_str_c(claim->attribute), LK_STR("preferredLanguage"));
}

/* All of them or nothing: half a list of groups would be a decision nobody made. */
static void
list_quote(struct lk_buf *out, const struct dir_attribute *values)
{
	size_t begin = out->len;

	if (values->is_cut)
		return;
	for (size_t i = 0; i < values->count; i++) {
		if (!is_text(values->values[i]))
			continue;
		lk_buf_add_c(out, out->len == begin ? "[" : ",");
		lk_json_quote(out, values->values[i]);
	}
	lk_buf_add_byte(out, ']');
}

/* The claim's value as JSON; nothing when there is none. */
static void
value_write(const struct making *making, const struct policy_claim *claim, struct lk_buf *out)
{
	struct dir_attribute values = values_of(making, claim);
	struct lk_str first = first_text(&values);
	int64_t at_s;

	if (is_language(claim))
		first = language_of(first);
	if (first.len == 0)
		return;
	switch (claim->type) {
	case POLICY_CLAIM_TEXT:
		lk_json_quote(out, first);
		break;
	case POLICY_CLAIM_LINES:
		lines_quote(out, first);
		break;
	case POLICY_CLAIM_PRESENT:
		lk_buf_add_c(out, "true");
		break;
	case POLICY_CLAIM_TIME:
		if (dir_time_read(first, &at_s))
			lk_buf_printf(out, "%lld", (long long)at_s);
		break;
	case POLICY_CLAIM_LIST:
	case POLICY_CLAIM_GROUPS:
		list_quote(out, &values);
		break;
	}
}

/* What does not fit is left out whole. */
static void
member_add(const struct making *making, struct lk_buf *object, struct lk_str name,
	   const struct lk_buf *value)
{
	if (!lk_buf_is_ok(value) || value->len == 0)
		return;
	if (object->len + name.len + value->len + sizeof(",\"\":}") > CLAIMS_MAX_BYTES) {
		lk_why_add(making->asker->flow->call->why, "claim %.*s of %.*s does not fit",
			   LK_STR_ARGS(name), LK_STR_ARGS(making->person->id));
		return;
	}
	lk_buf_printf(object, "%s\"%.*s\":", object->len == 1 ? "" : ",", LK_STR_ARGS(name));
	lk_buf_add_str(object, lk_buf_str(value));
}

static void
address_write(const struct making *making, struct lk_buf *out)
{
	LK_AUTO_BUF value;

	lk_buf_init(&value, QUOTED_MAX_BYTES);
	lk_buf_add_byte(out, '{');
	for (size_t i = 0; i < making->claim_count; i++) {
		const struct policy_claim *claim = &making->claims[i];

		if (!is_part(claim) || !is_told(making, claim))
			continue;
		lk_buf_clear(&value);
		value_write(making, claim, &value);
		member_add(making, out, lk_str_from(lk_str_c(claim->name), strlen(PART_PREFIX)),
			   &value);
	}
	lk_buf_add_byte(out, '}');
	if (out->len == strlen("{}"))
		lk_buf_clear(out);
}

static void
object_write(const struct making *making, struct lk_buf *out)
{
	bool has_address = false;
	LK_AUTO_BUF value;

	lk_buf_init(&value, QUOTED_MAX_BYTES);
	lk_buf_add_byte(out, '{');
	for (size_t i = 0; i < making->claim_count; i++) {
		const struct policy_claim *claim = &making->claims[i];

		if (!is_told(making, claim) || (is_part(claim) && has_address))
			continue;
		has_address = has_address || is_part(claim);
		lk_buf_clear(&value);
		if (is_part(claim))
			address_write(making, &value);
		else
			value_write(making, claim, &value);
		member_add(making, out, top_name(claim), &value);
	}
	lk_buf_add_byte(out, '}');
}

enum lk_err
claims_make(const struct asker *asker, const struct subject *subject,
	    const struct policy_application *application, struct lk_str scope,
	    struct lk_str *out_json)
{
	struct making *making = lk_arena_alloc(asker->arena, sizeof(*making));
	struct lk_str json;
	enum lk_err err;
	LK_AUTO_BUF out;

	lk_buf_init(&out, CLAIMS_MAX_BYTES);
	if (making == NULL)
		return LK_E_MEMORY;
	if (!subject->is_known)
		return LK_E_PERSON_NOT_FOUND;
	*making = (struct making){
	    .asker = asker, .person = &subject->person, .application = application, .scope = scope};
	making->claims = policy_claims(asker->flow->fast->policy, &making->claim_count);
	err = attributes_read(making);
	if (err != LK_OK)
		return err;
	object_write(making, &out);
	json = lk_arena_dup(asker->arena, lk_buf_str(&out));
	if (!lk_buf_is_ok(&out) || json.ptr == NULL)
		return LK_E_MEMORY;
	*out_json = json;
	return LK_OK;
}
