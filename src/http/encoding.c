/* SPDX-License-Identifier: MIT */
#include "http/encoding.h"

/* A weight of nothing but zeros. RFC 9110 s12.4.2. */
static bool
is_weight_zero(struct lk_str weight)
{
	size_t i;

	if (!lk_str_starts(weight, "0"))
		return false;
	for (i = 1; i < weight.len; i++) {
		if (weight.ptr[i] != '0' && weight.ptr[i] != '.')
			return false;
	}
	return true;
}

static bool
is_refused(struct lk_str parameters)
{
	struct lk_str piece;

	while (lk_str_split(&parameters, ';', &piece)) {
		piece = lk_str_trim(piece);
		if (lk_str_starts(piece, "q=") || lk_str_starts(piece, "Q="))
			return is_weight_zero(lk_str_from(piece, 2));
	}
	return false;
}

bool
encoding_takes_gzip(struct lk_str accept_encoding)
{
	struct lk_str piece;

	while (lk_str_split(&accept_encoding, ',', &piece)) {
		size_t end = lk_str_find(piece, ';');
		struct lk_str coding = lk_str_trim(lk_str_n(piece.ptr, end));

		if (lk_str_is_equal_nocase(coding, LK_STR("gzip")))
			return !is_refused(lk_str_from(piece, end + 1));
	}
	return false;
}
