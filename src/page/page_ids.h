/* SPDX-License-Identifier: MIT */
/* Names of what there is to read: languages, pages, mails, and places in them. */
#ifndef LK_PAGE_PAGE_IDS_H
#define LK_PAGE_PAGE_IDS_H

enum lang { LANG_EN = 1, LANG_CY, LANG_COUNT };

enum page_id {
	PAGE_NONE = 0,
#define LK_PAGE(name, heading, uses) PAGE_##name,
#include "tables/pages.def"
	PAGE_COUNT
};

enum mail_id {
	MAIL_NONE = 0,
#define LK_MAIL(name, subject, uses) MAIL_##name,
#include "tables/mails.def"
	MAIL_COUNT
};

/* Places that templates and sentences may name; one row each in tables/places.def. */
enum place {
	PLACE_NONE = 0,
#define LK_PLACE(name, kind, example) PLACE_##name,
#include "tables/places.def"
	PLACE_COUNT
};

#endif
