/* SPDX-License-Identifier: MIT */
#include "flow/openapi.h"

#include "base/json.h"

struct api {
	enum method method;
	const char *path, *params, *answers, *says;
};
static const struct api apis[] = {
#define LK_API(method, path, params, answers, says) {METHOD_##method, path, params, answers, says},
#include "tables/api.def"
};

enum kind { KIND_PLAIN = 1, KIND_SECRET };
enum from { FROM_ANY = 1, FROM_BODY };
struct thing {
	const char *name;
	size_t max_bytes;
	int kind;
};
static const struct thing fields[FIELD_COUNT] = {
#define LK_FIELD(name, sent, kind, max_bytes, normaliser)                                          \
	[FIELD_##name] = {sent, max_bytes, KIND_##kind},
#include "tables/fields.def"
};
static const struct thing params[PARAM_COUNT] = {
#define LK_PARAM(name, max_bytes, many, from) [PARAM_##name] = {#name, max_bytes, FROM_##from},
#include "tables/params.def"
};

/* What any page may be answered, and any program: those of api.def come first. */
#define UNREAD_ANSWERS " 414:unread 431:unread"
#define PAGE_ANSWERS                                                                               \
	"200:page 303:way 400:page 403:page 404:page 405:other_page 409:page 413:page 421:page "   \
	"423:page 429:page 502:page 503:page" UNREAD_ANSWERS
#define PROGRAM_ANSWERS                                                                            \
	"405:other_method 413:refusal 421:page 429:refusal 503:refusal" UNREAD_ANSWERS
#define BROWSER_ANSWERS                                                                            \
	"403:page 405:other_page 413:page 421:page 423:page 429:page 502:page "                    \
	"503:page" UNREAD_ANSWERS

static const struct api *
api_find(const struct route *route)
{
	for (size_t i = 0; i < sizeof apis / sizeof apis[0]; i++) {
		if (apis[i].method == route->method &&
		    lk_str_is(lk_str_c(apis[i].path), route->path))
			return &apis[i];
	}
	return NULL;
}

bool
openapi_has(const struct route *route)
{
	return api_find(route) != NULL;
}

/* --- what is sent ----------------------------------------------------------------------------- */

static void
comma(struct lk_buf *out)
{
	char last = out->len > 0 ? out->bytes[out->len - 1] : '{';

	if (last != '{' && last != '[')
		lk_buf_add_byte(out, ',');
}

static void
schema_add(struct lk_buf *out, const struct thing *thing, bool is_secret)
{
	lk_buf_printf(out, "{\"type\":\"string\",\"maxLength\":%zu%s}", thing->max_bytes,
		      is_secret ? ",\"format\":\"password\"" : "");
}

static const struct thing *
param_find(struct lk_str name)
{
	for (int i = PARAM_NONE + 1; i < PARAM_COUNT; i++) {
		if (lk_str_is(name, params[i].name))
			return &params[i];
	}
	return NULL;
}

/* Next name of a row's list; *out_must: it has a '!' behind it. */
static const struct thing *
param_next(struct lk_str *rest, bool *out_must)
{
	struct lk_str word;

	if (!lk_str_split(rest, ' ', &word))
		return NULL;
	*out_must = lk_str_ends(word, "!");
	return param_find(lk_str_n(word.ptr, word.len - *out_must));
}

static void
query_add(struct lk_buf *out, const struct api *api)
{
	struct lk_str rest = lk_str_c(api->params);
	const struct thing *thing;
	bool must;

	while ((thing = param_next(&rest, &must)) != NULL) {
		comma(out);
		lk_buf_printf(out, "{\"name\":\"%s\",\"in\":\"query\",\"required\":%s,\"schema\":",
			      thing->name, must ? "true" : "false");
		schema_add(out, thing, false);
		lk_buf_add_byte(out, '}');
	}
}

static void
property_add(struct lk_buf *out, const struct thing *thing, bool is_secret)
{
	comma(out);
	lk_buf_printf(out, "\"%s\":", thing->name);
	schema_add(out, thing, is_secret);
}

static void
params_add(struct lk_buf *out, const struct api *api)
{
	struct lk_str rest = lk_str_c(api->params);
	const struct thing *thing;
	bool must;

	while ((thing = param_next(&rest, &must)) != NULL)
		property_add(out, thing, thing->kind == FROM_BODY);
	lk_buf_add_c(out, "},\"required\":[");
	rest = lk_str_c(api->params);
	while ((thing = param_next(&rest, &must)) != NULL) {
		if (!must)
			continue;
		comma(out);
		lk_buf_printf(out, "\"%s\"", thing->name);
	}
}

static void
fields_add(struct lk_buf *out, uint32_t wanted)
{
	for (int i = FIELD_NONE + 1; i < FIELD_COUNT; i++) {
		if ((wanted & 1u << i) != 0)
			property_add(out, &fields[i], fields[i].kind == KIND_SECRET);
	}
	lk_buf_add_c(out, "},\"additionalProperties\":false,\"required\":[");
	if ((wanted & (uint32_t)F_form_key) != 0)
		lk_buf_add_c(out, "\"form_key\"");
}

static void
body_add(struct lk_buf *out, const struct route *route, const struct api *api)
{
	lk_buf_add_c(out, ",\"requestBody\":{\"content\":{\"application/x-www-form-urlencoded\":"
			  "{\"schema\":{\"type\":\"object\",\"properties\":{");
	if (api != NULL)
		params_add(out, api);
	else
		fields_add(out, route->fields);
	lk_buf_add_c(out, "]}}}}");
}

/* --- what is answered ------------------------------------------------------------------------- */

static bool
is_told(struct lk_str told, struct lk_str status)
{
	struct lk_str one;

	while (lk_str_split(&told, ' ', &one)) {
		if (lk_str_is_equal(lk_str_n(one.ptr, lk_str_find(one, ':')), status))
			return true;
	}
	return false;
}

/* Those of words that are not in told. */
static void
answers_add(struct lk_buf *out, const char *words, const char *told)
{
	struct lk_str rest = lk_str_c(words), one, status;

	while (lk_str_split(&rest, ' ', &one)) {
		status = lk_str_n(one.ptr, lk_str_find(one, ':'));
		if (is_told(lk_str_c(told), status))
			continue;
		comma(out);
		lk_buf_printf(out, "\"%.*s\":{\"$ref\":\"#/components/responses/%.*s\"}",
			      LK_STR_ARGS(status), LK_STR_ARGS(lk_str_from(one, status.len + 1)));
	}
}

static void
responses_add(struct lk_buf *out, const struct route *route, const struct api *api)
{
	lk_buf_add_c(out, ",\"responses\":{");
	if (api != NULL)
		answers_add(out, api->answers, "");
	if (api == NULL)
		answers_add(out, PAGE_ANSWERS, "");
	else if (flow_route_is_program(route))
		answers_add(out, PROGRAM_ANSWERS, api->answers);
	else
		answers_add(out, BROWSER_ANSWERS, api->answers);
	lk_buf_add_byte(out, '}');
}

/* --- routes ----------------------------------------------------------------------------------- */

static const char *
security_of(const struct route *route)
{
	if (lk_str_is(lk_str_c(route->path), "/userinfo"))
		return "[{\"token\":[]}]";
	if (flow_route_is_program(route))
		return "[{\"client\":[]},{}]";
	return route->guard == GUARD_SESSION ? "[{\"session\":[]}]" : "[]";
}

static bool
takes_all_below(const struct route *route)
{
	struct lk_str path = lk_str_c(route->path);

	return path.len > 1 && lk_str_ends(path, "/");
}

static void
operation_add(struct lk_buf *out, const struct route *route)
{
	const struct api *api = api_find(route);

	comma(out);
	lk_buf_printf(out, "\"%s\":{\"operationId\":\"%s\",\"tags\":[\"%s\"],\"summary\":",
		      route->method == METHOD_POST ? "post" : "get", route->name,
		      api != NULL ? "applications" : "people");
	lk_json_quote(out, lk_str_c(api != NULL ? api->says : route->source));
	lk_buf_printf(out, ",\"security\":%s,\"parameters\":[", security_of(route));
	if (takes_all_below(route))
		lk_buf_add_c(out, "{\"name\":\"rest\",\"in\":\"path\",\"required\":true,"
				  "\"schema\":{\"type\":\"string\"}}");
	if (api != NULL && route->method == METHOD_GET)
		query_add(out, api);
	lk_buf_add_byte(out, ']');
	if (route->method == METHOD_POST)
		body_add(out, route, api);
	responses_add(out, route, api);
	lk_buf_add_byte(out, '}');
}

static bool
is_same_path(const struct route *a, const struct route *b)
{
	return lk_str_is(lk_str_c(a->path), b->path);
}

/* The first row of a path writes all of its methods. */
static void
path_add(struct lk_buf *out, size_t at)
{
	const struct route *route = &flow_routes[at];

	for (size_t i = 0; i < at; i++) {
		if (is_same_path(&flow_routes[i], route))
			return;
	}
	comma(out);
	lk_buf_printf(out, "\"%s%s\":{", route->path, takes_all_below(route) ? "{rest}" : "");
	for (size_t i = at; i < flow_route_count; i++) {
		if (is_same_path(&flow_routes[i], route))
			operation_add(out, &flow_routes[i]);
	}
	lk_buf_add_byte(out, '}');
}

#define OTHER_ALLOW                                                                                \
	"\"headers\":{\"Allow\":{\"description\":\"Those there are\",\"schema\":{\"type\":"        \
	"\"string\"}}},"
static const char components[] =
    "\"components\":{\"securitySchemes\":{"
    "\"client\":{\"type\":\"http\",\"scheme\":\"basic\"},"
    "\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
    "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"lk_session\"}},"
    "\"responses\":{"
    "\"page\":{\"description\":\"A page\",\"content\":{\"text/html; charset=utf-8\":{},"
    "\"text/plain; charset=utf-8\":{}}},"
    "\"way\":{\"description\":\"On to another page\",\"headers\":{\"Location\":"
    "{\"schema\":{\"type\":\"string\"}}}},"
    "\"other_method\":{\"description\":\"To any method of this path that is not "
    "described\"," OTHER_ALLOW "\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\","
    "\"required\":[\"error\"],\"properties\":{\"error\":{\"const\":\"invalid_request\"},"
    "\"error_description\":{\"type\":\"string\"}}}}}},"
    "\"other_page\":{\"description\":\"To any method of this path that is not "
    "described\"," OTHER_ALLOW "\"content\":{\"text/html; charset=utf-8\":{}}},"
    "\"none\":{\"description\":\"Nothing but headers\"},"
    "\"unread\":{\"description\":\"The address, or the headers, are longer than we read\"},"
    "\"json\":{\"description\":\"What was asked for\",\"content\":{\"application/json\":"
    "{\"schema\":{\"type\":\"object\"}}}},"
    "\"tokens\":{\"description\":\"Tokens\",\"content\":{\"application/json\":"
    "{\"schema\":{\"type\":\"object\",\"required\":[\"access_token\",\"token_type\","
    "\"expires_in\"],\"properties\":{\"access_token\":{\"type\":\"string\"},"
    "\"token_type\":{\"const\":\"Bearer\"},\"expires_in\":{\"type\":\"integer\"},"
    "\"scope\":{\"type\":\"string\"},\"id_token\":{\"type\":\"string\"},"
    "\"refresh_token\":{\"type\":\"string\"}}}}}},"
    "\"person\":{\"description\":\"Claims\",\"content\":{\"application/json\":"
    "{\"schema\":{\"type\":\"object\",\"required\":[\"sub\"],\"properties\":{\"sub\":"
    "{\"type\":\"string\"}}}}}},"
    "\"device\":{\"description\":\"What to show\",\"content\":{\"application/json\":"
    "{\"schema\":{\"type\":\"object\",\"required\":[\"device_code\",\"user_code\","
    "\"verification_uri\",\"expires_in\"],\"properties\":{\"device_code\":{\"type\":\"string\"},"
    "\"user_code\":{\"type\":\"string\"},\"verification_uri\":{\"type\":\"string\"},"
    "\"expires_in\":{\"type\":\"integer\"},\"interval\":{\"type\":\"integer\"}}}}}},"
    "\"answer\":{\"description\":\"What the token is worth\",\"content\":{\"application/json\":"
    "{\"schema\":{\"type\":\"object\",\"required\":[\"active\"],\"properties\":{\"active\":"
    "{\"type\":\"boolean\"}}}},\"application/token-introspection+jwt\":"
    "{\"schema\":{\"type\":\"string\"}}}},"
    "\"refusal\":{\"description\":\"Why not\",\"content\":{\"application/json\":"
    "{\"schema\":{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{\"error\":"
    "{\"type\":\"string\"},\"error_description\":{\"type\":\"string\"}}}},"
    "\"text/html; charset=utf-8\":{}}}}}";

void
openapi_write(const struct conf *conf, struct lk_buf *out)
{
	lk_buf_add_c(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":");
	lk_json_quote(out, lk_str_c(conf->service_name));
	lk_buf_printf(out, ",\"version\":\"1\"},\"servers\":[{\"url\":\"%s\"}],\"paths\":{",
		      conf->base_url);
	for (size_t i = 0; i < flow_route_count; i++)
		path_add(out, i);
	lk_buf_printf(out, "},%s}", components);
}
