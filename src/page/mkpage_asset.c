/* SPDX-License-Identifier: MIT */
/* Style sheet, script and icon: squeezed, named by their content, and as C. */
#include <inttypes.h>
#include <stdio.h>

#include "page/mkpage.h"

static struct mk_asset assets[] = {
    {.name = "latchkey.css", .content_type = "text/css; charset=utf-8"},
    {.name = "latchkey.js", .content_type = "text/javascript; charset=utf-8"},
    {.name = "send.js", .content_type = "text/javascript; charset=utf-8"},
    {.name = "icon.svg", .content_type = "image/svg+xml"},
};

/* FNV-1a, folded: tells contents apart, proves nothing. */
static uint32_t
hash(struct lk_str bytes)
{
	uint64_t h = 14695981039346656037u;
	size_t i;

	for (i = 0; i < bytes.len; i++)
		h = (h ^ (unsigned char)bytes.ptr[i]) * 1099511628211u;
	return (uint32_t)(h ^ (h >> 32));
}

void
mk_assets_read(struct mk *mk)
{
	size_t i, dot;

	mk->assets = assets;
	mk->asset_count = sizeof assets / sizeof assets[0];
	for (i = 0; i < mk->asset_count; i++) {
		struct mk_asset *asset = &assets[i];
		struct lk_str name = lk_str_c(asset->name);
		char packed[64];

		snprintf(packed, sizeof packed, "%s.gz", asset->name);
		asset->plain = mk_read(mk->made_dir, asset->name);
		asset->gzipped = mk_read(mk->made_dir, packed);
		dot = lk_str_find(name, '.');
		snprintf(asset->path, sizeof asset->path, "/assets/%.*s-%08" PRIx32 "%s", (int)dot,
			 asset->name, hash(asset->plain), asset->name + dot);
	}
}

const struct mk_asset *
mk_asset_find(const struct mk *mk, struct lk_str name)
{
	size_t i;

	for (i = 0; i < mk->asset_count; i++)
		if (lk_str_is(name, mk->assets[i].name))
			return &mk->assets[i];
	return NULL;
}

static void
write_bytes(const char *what, size_t number, struct lk_str bytes)
{
	size_t i;

	printf("static const char %s_%zu[] = {\n", what, number);
	for (i = 0; i < bytes.len; i++)
		printf("%d,%s", (signed char)bytes.ptr[i], i % 32 == 31 ? "\n" : "");
	printf("0};\n");
}

void
mk_write_assets(const struct mk *mk)
{
	size_t i;

	printf("/* SPDX-License-Identifier: MIT */\n/* Made by mkpage. */\n"
	       "#include \"page/page_asset.h\"\n\n");
	for (i = 0; i < mk->asset_count; i++) {
		write_bytes("plain", i, mk->assets[i].plain);
		write_bytes("gzipped", i, mk->assets[i].gzipped);
	}
	printf("static const struct page_asset assets[] = {\n");
	for (i = 0; i < mk->asset_count; i++)
		printf("{\"%s\", \"%s\", {plain_%zu, sizeof plain_%zu - 1}, "
		       "{gzipped_%zu, sizeof gzipped_%zu - 1}},\n",
		       mk->assets[i].path, mk->assets[i].content_type, i, i, i, i);
	printf("};\n\n"
	       "const struct page_asset *\npage_asset_find(struct lk_str path)\n{\n\tsize_t i;\n\n"
	       "\tfor (i = 0; i < sizeof assets / sizeof assets[0]; i++)\n"
	       "\t\tif (lk_str_is(path, assets[i].path))\n\t\t\treturn &assets[i];\n"
	       "\treturn NULL;\n}\n");
}

/* Behind the comment that text begins with. */
static struct lk_str
skip_comment(struct lk_str text)
{
	while (text.len >= 2 && !(text.ptr[0] == '*' && text.ptr[1] == '/'))
		text = lk_str_from(text, 1);
	return lk_str_from(text, 2);
}

static void
squeeze_line(struct lk_str line, bool is_css)
{
	line = lk_str_trim(line);
	if (line.len > 0)
		printf("%.*s%s", LK_STR_ARGS(line), is_css ? "" : "\n");
}

/* Comments begin lines of their own; lines of a style sheet end in one of "{};,". */
void
mk_squeeze(struct lk_str text, bool is_css)
{
	struct lk_str line;

	while (text.len > 0) {
		if (lk_str_starts(text, "/*")) {
			text = skip_comment(text);
			continue;
		}
		if (!lk_str_split(&text, '\n', &line))
			break;
		squeeze_line(line, is_css);
	}
}
