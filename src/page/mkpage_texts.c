/* SPDX-License-Identifier: MIT */
/* Reads text.en and text.cy: "key = Sentence with {place}", "key[one] = …" for plurals; quotes
 * around a sentence keep blanks at its ends. */
#include <stdlib.h>
#include <string.h>

#include "page/mkpage.h"

static const char *const form_names[FORM_COUNT] = {"zero", "one", "two", "few", "many", "other"};
static const char *const languages[LANG_COUNT] = {NULL, "tables/text.en", "tables/text.cy"};

static int
compare(const void *a, const void *b)
{
	const struct mk_text *x = a, *y = b;
	size_t len = x->key.len < y->key.len ? x->key.len : y->key.len;
	int order = memcmp(x->key.ptr, y->key.ptr, len);

	return order != 0 ? order : (x->key.len > y->key.len) - (x->key.len < y->key.len);
}

const struct mk_text *
mk_text_find(const struct mk *mk, struct lk_str key)
{
	size_t i;

	for (i = 0; i < mk->text_count; i++)
		if (lk_str_is_equal(mk->texts[i].key, key))
			return &mk->texts[i];
	return NULL;
}

/* "key[few]" → "key" and FORM_FEW. FORM_COUNT: no such form. */
static enum page_form
form_cut(struct lk_str *key)
{
	struct lk_str form = lk_str_from(*key, lk_str_find(*key, '[') + 1);
	int i;

	if (lk_str_find(*key, '[') == key->len)
		return FORM_OTHER;
	key->len = lk_str_find(*key, '[');
	if (!lk_str_ends(form, "]"))
		return FORM_COUNT;
	form.len--;
	for (i = 0; i < FORM_COUNT; i++)
		if (lk_str_is(form, form_names[i]))
			return (enum page_form)i;
	return FORM_COUNT;
}

static bool
key_is_good(struct lk_str key)
{
	size_t i;

	for (i = 0; i < key.len; i++)
		if ((key.ptr[i] < 'a' || key.ptr[i] > 'z') && key.ptr[i] != '_' &&
		    (i == 0 || key.ptr[i] < '0' || key.ptr[i] > '9'))
			return false;
	return key.len > 0 && key.len < 60;
}

static struct lk_str
unquote(struct lk_str text)
{
	if (text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"')
		return lk_str_n(text.ptr + 1, text.len - 2);
	return text;
}

static void
add(struct mk *mk, enum lang lang, struct lk_str key, struct mk_words words)
{
	enum page_form form = form_cut(&key);
	struct mk_text *text = (struct mk_text *)mk_text_find(mk, key);

	if (!key_is_good(key) || form == FORM_COUNT || words.text.len == 0) {
		mk_fault(mk, &words, "not \"key = words\" or \"key[form] = words\"");
		return;
	}
	if (text == NULL) {
		if (mk->text_count == MK_TEXTS_MAX)
			exit(1);
		text = &mk->texts[mk->text_count++];
		text->key = key;
	}
	if (text->words[lang][form].path != NULL)
		mk_fault(mk, &words, "%.*s stands already in line %d", LK_STR_ARGS(key),
			 text->words[lang][form].line);
	text->words[lang][form] = words;
}

static void
read_language(struct mk *mk, enum lang lang)
{
	struct lk_str rest = mk_read(mk->source_dir, languages[lang]), row;
	struct mk_words words = {.path = mk_path(mk->source_dir, languages[lang])};

	while (lk_str_split(&rest, '\n', &row)) {
		size_t at = lk_str_find(row, '=');

		words.line++;
		row = lk_str_trim(row);
		if (row.len == 0 || row.ptr[0] == '#')
			continue;
		at = lk_str_find(row, '=');
		words.text = unquote(lk_str_trim(lk_str_from(row, at + 1)));
		add(mk, lang, lk_str_trim(lk_str_n(row.ptr, at)), words);
	}
}

/* Each language has each text, and plurals the forms of their language. */
static void
check(struct mk *mk, const struct mk_text *text)
{
	const struct mk_words *en = text->words[LANG_EN], *cy = text->words[LANG_CY];
	bool is_plural = en[FORM_ONE].path != NULL;
	int form;

	if (en[FORM_OTHER].path == NULL || cy[FORM_OTHER].path == NULL) {
		for (form = 0; form < FORM_OTHER && en[form].path == NULL; form++)
			if (cy[form].path != NULL)
				break;
		mk_fault(mk,
			 en[FORM_OTHER].path != NULL   ? &en[FORM_OTHER]
			 : cy[FORM_OTHER].path != NULL ? &cy[FORM_OTHER]
			 : en[form].path != NULL       ? &en[form]
						       : &cy[form],
			 "%.*s is missing in the other language, or its form [other]",
			 LK_STR_ARGS(text->key));
		return;
	}
	for (form = 0; form < FORM_OTHER; form++)
		if (is_plural != (cy[form].path != NULL) ||
		    (en[form].path != NULL && form != FORM_ONE))
			mk_fault(mk, &cy[FORM_OTHER],
				 "%.*s: English has [one] [other], Welsh [zero] [one] [two] [few] "
				 "[many] "
				 "[other], or neither has any (%s)",
				 LK_STR_ARGS(text->key), form_names[form]);
}

void
mk_texts_read(struct mk *mk)
{
	size_t i;

	read_language(mk, LANG_EN);
	read_language(mk, LANG_CY);
	qsort(mk->texts, mk->text_count, sizeof mk->texts[0], compare);
	for (i = 0; i < mk->text_count; i++)
		check(mk, &mk->texts[i]);
}
