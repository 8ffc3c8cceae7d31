/* SPDX-License-Identifier: MIT */
#include "conf/value.h"

#define WORD_MAX_BYTES 64u

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Three rows of the usual table; [0] is the one being filled, [2] the one before last. */
struct distance {
	struct lk_str a, b;
	unsigned rows[3][WORD_MAX_BYTES + 1];
};

static unsigned
cell(const struct distance *d, size_t i, size_t j)
{
	bool is_same = lower(d->a.ptr[i - 1]) == lower(d->b.ptr[j - 1]);
	unsigned best = d->rows[1][j - 1] + (is_same ? 0 : 1);

	best = least(best, d->rows[1][j] + 1);
	best = least(best, d->rows[0][j - 1] + 1);
	if (i > 1 && j > 1 && lower(d->a.ptr[i - 1]) == lower(d->b.ptr[j - 2]) &&
	    lower(d->a.ptr[i - 2]) == lower(d->b.ptr[j - 1]))
		best = least(best, d->rows[2][j - 2] + 1);
	return best;
}

static void
row_fill(struct distance *d, size_t i)
{
	size_t j;

	for (j = 0; j <= d->b.len; j++) {
		d->rows[2][j] = d->rows[1][j];
		d->rows[1][j] = d->rows[0][j];
	}
	d->rows[0][0] = (unsigned)i;
	for (j = 1; j <= d->b.len; j++)
		d->rows[0][j] = cell(d, i, j);
}

unsigned
conf_distance(struct lk_str a, struct lk_str b, unsigned most)
{
	struct distance d = {.a = a, .b = b};
	size_t i;

	if (a.len > WORD_MAX_BYTES || b.len > WORD_MAX_BYTES)
		return most + 1;
	for (i = 0; i <= b.len; i++)
		d.rows[0][i] = (unsigned)i;
	for (i = 1; i <= a.len; i++)
		row_fill(&d, i);
	return least(d.rows[0][b.len], most + 1);
}

bool
conf_is_near(struct lk_str a, struct lk_str b, unsigned *out_rank)
{
	unsigned most = a.len < 4 ? 1 : a.len < 8 ? 2 : 3;
	unsigned distance = conf_distance(a, b, most);

	if (distance > most)
		return false;
	*out_rank = distance;
	return true;
}
