/* SPDX-License-Identifier: MIT */
#include "metric/metric.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "metric/label_names.h"
#include "metric/process.h"

/* Threads are spread over this many shares, so that few of them write to the same cache line. */
#define SHARES	   4u
#define LINE_BYTES 64u

enum kind { KIND_COUNTER = 1, KIND_GAUGE, KIND_TIMES, KIND_JOURNEYS };

struct row {
	enum kind kind;
	const char *name;
	enum metric_list a, b;
	const char *help;
};

static const struct row rows[METRIC_COUNT] = {
#define LK_METRIC(kind, name, a, b, help)                                                          \
	{KIND_##kind, #name, METRIC_LIST_##a, METRIC_LIST_##b, help},
#include "tables/metrics.def"
};

/* Upper bounds in microseconds; one more bucket takes the rest. Both lists have the same length. */
#define BOUNDS 15u
static const int64_t bounds[2][BOUNDS] = {
    {100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000,
     10000000},
    {5000000, 10000000, 15000000, 20000000, 25000000, 30000000, 45000000, 60000000, 90000000,
     120000000, 180000000, 240000000, 300000000, 600000000, 900000000},
};
/* A histogram's cells: its buckets, then the sum of its microseconds. */
#define BUCKETS	   (BOUNDS + 1)
#define TIME_CELLS (BUCKETS + 1)

struct metrics {
	char version[32];
	size_t begins[METRIC_COUNT]; /* first cell of each metric in a share */
	size_t share_cells;
	_Atomic uint64_t *cells; /* SHARES × share_cells */
};

static unsigned
values(enum metric_list list)
{
	return metric_labels[list].count;
}

static size_t
cells_each(const struct row *row)
{
	return row->kind >= KIND_TIMES ? TIME_CELLS : 1;
}

struct metrics *
metrics_new(const char *version)
{
	struct metrics *metrics = calloc(1, sizeof *metrics);
	size_t i;

	if (metrics == NULL)
		return NULL;
	snprintf(metrics->version, sizeof metrics->version, "%s", version);
	for (i = 0; i < METRIC_COUNT; i++) {
		metrics->begins[i] = metrics->share_cells;
		metrics->share_cells +=
		    (size_t)values(rows[i].a) * values(rows[i].b) * cells_each(&rows[i]);
	}
	metrics->share_cells = (metrics->share_cells + LINE_BYTES / 8 - 1) & ~(LINE_BYTES / 8 - 1);
	/* calloc, not memset: pages nobody counts on stay the system's. */
	metrics->cells = calloc(SHARES * metrics->share_cells, sizeof metrics->cells[0]);
	if (metrics->cells == NULL) {
		free(metrics);
		return NULL;
	}
	return metrics;
}

void
metrics_free(struct metrics *metrics)
{
	if (metrics == NULL)
		return;
	free((void *)metrics->cells);
	free(metrics);
}

/* This thread's. Threads' descriptors lie pages apart, so their low bits say nothing. */
static unsigned
share_of_thread(void)
{
	uint64_t self = (uint64_t)(uintptr_t)pthread_self();

	return (unsigned)((self >> 6) * 0x9E3779B97F4A7C15u >> 62) % SHARES;
}

/* The first cell of one label pair, in the first share. */
static size_t
cell_index(const struct metrics *metrics, struct metric_at at)
{
	const struct row *row = &rows[at.metric];
	unsigned a = at.a < values(row->a) ? at.a : 0;
	unsigned b = at.b < values(row->b) ? at.b : 0;

	return metrics->begins[at.metric] + ((size_t)a * values(row->b) + b) * cells_each(row);
}

static _Atomic uint64_t *
own_cell(struct metrics *metrics, struct metric_at at)
{
	return &metrics->cells[share_of_thread() * metrics->share_cells + cell_index(metrics, at)];
}

void
metric_add(struct metrics *metrics, struct metric_at at, uint64_t count)
{
	if (metrics != NULL)
		atomic_fetch_add_explicit(own_cell(metrics, at), count, memory_order_relaxed);
}

/* A gauge lives in the first share only: setting one of four would say nothing. */
void
metric_set(struct metrics *metrics, struct metric_at at, int64_t value)
{
	if (metrics != NULL)
		atomic_store_explicit(&metrics->cells[cell_index(metrics, at)], (uint64_t)value,
				      memory_order_relaxed);
}

void
metric_move(struct metrics *metrics, struct metric_at at, int64_t by)
{
	if (metrics != NULL)
		atomic_fetch_add_explicit(&metrics->cells[cell_index(metrics, at)], (uint64_t)by,
					  memory_order_relaxed);
}

static const int64_t *
bounds_of(const struct row *row)
{
	return bounds[row->kind == KIND_JOURNEYS];
}

void
metric_observe(struct metrics *metrics, struct metric_at at, int64_t micros)
{
	_Atomic uint64_t *cell;
	unsigned bucket = 0;

	if (metrics == NULL)
		return;
	if (micros < 0)
		micros = 0;
	while (bucket < BOUNDS && micros > bounds_of(&rows[at.metric])[bucket])
		bucket++;
	cell = own_cell(metrics, at);
	atomic_fetch_add_explicit(&cell[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&cell[BUCKETS], (uint64_t)micros, memory_order_relaxed);
}

static uint64_t
total(const struct metrics *metrics, size_t cell)
{
	uint64_t sum = 0;
	unsigned share;

	for (share = 0; share < SHARES; share++)
		sum += atomic_load_explicit(&metrics->cells[share * metrics->share_cells + cell],
					    memory_order_relaxed);
	return sum;
}

/* One line's name and labels. le NULL: none; suffix "" or "_bucket" … */
struct line {
	const struct row *row;
	unsigned a, b;
	const char *suffix;
	const char *le;
};

static void
label_write(struct lk_buf *out, enum metric_list list, unsigned value, const char **between)
{
	const struct metric_label *label = &metric_labels[list];
	const char *name;

	if (label->word == NULL)
		return;
	lk_buf_printf(out, "%s%s=\"", *between, label->word);
	for (name = label->name(value); *name != '\0'; name++)
		lk_buf_add_byte(out, *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name);
	lk_buf_add_byte(out, '"');
	*between = ",";
}

static void
line_begin(struct lk_buf *out, const struct line *line)
{
	const char *between = "{";

	lk_buf_printf(out, "latchkey_%s%s", line->row->name, line->suffix);
	label_write(out, line->row->a, line->a, &between);
	label_write(out, line->row->b, line->b, &between);
	if (line->le != NULL) {
		lk_buf_printf(out, "%sle=\"%s\"", between, line->le);
		between = ",";
	}
	lk_buf_add_c(out, between[0] == '{' ? " " : "} ");
}

/* Microseconds as seconds, without zeros nobody needs. */
static void
seconds_text(char text[32], uint64_t micros)
{
	size_t len;

	len = (size_t)snprintf(text, 32, "%" PRIu64 ".%06" PRIu64, micros / 1000000,
			       micros % 1000000);
	while (text[len - 1] == '0')
		text[--len] = '\0';
	if (text[len - 1] == '.')
		text[len - 1] = '\0';
}

static void
times_write(const struct metrics *metrics, struct line line, size_t cell, struct lk_buf *out)
{
	uint64_t count = 0;
	char text[32];
	unsigned i;

	line.suffix = "_bucket";
	for (i = 0; i < BUCKETS; i++) {
		count += total(metrics, cell + i);
		snprintf(text, sizeof text, "+Inf");
		if (i < BOUNDS)
			seconds_text(text, (uint64_t)bounds_of(line.row)[i]);
		line.le = text;
		line_begin(out, &line);
		lk_buf_printf(out, "%" PRIu64 "\n", count);
	}
	line.le = NULL;
	line.suffix = "_sum";
	line_begin(out, &line);
	seconds_text(text, total(metrics, cell + BUCKETS));
	lk_buf_printf(out, "%s\n", text);
	line.suffix = "_count";
	line_begin(out, &line);
	lk_buf_printf(out, "%" PRIu64 "\n", count);
}

static bool
is_untouched(const struct metrics *metrics, const struct row *row, size_t cell)
{
	size_t i, cells = row->kind >= KIND_TIMES ? BUCKETS : 1;

	if (values(row->a) == 1)
		return false;
	for (i = 0; i < cells; i++) {
		if (total(metrics, cell + i) != 0)
			return false;
	}
	return true;
}

static void
cell_write(const struct metrics *metrics, struct line line, size_t cell, struct lk_buf *out)
{
	/* The first value of a list means "none": a gauge nobody moved there is no news. */
	bool is_news = line.row->kind == KIND_GAUGE && line.a > 0;

	if (!is_news && is_untouched(metrics, line.row, cell))
		return;
	if (line.row->kind >= KIND_TIMES) {
		times_write(metrics, line, cell, out);
		return;
	}
	line_begin(out, &line);
	lk_buf_printf(out, "%" PRId64 "\n", (int64_t)total(metrics, cell));
}

static void
metric_write(const struct metrics *metrics, enum metric metric, struct lk_buf *out)
{
	static const char *const types[] = {
	    [KIND_COUNTER] = "counter",
	    [KIND_GAUGE] = "gauge",
	    [KIND_TIMES] = "histogram",
	    [KIND_JOURNEYS] = "histogram",
	};
	struct line line = {.row = &rows[metric], .suffix = ""};
	struct metric_at at = {.metric = metric};

	lk_buf_printf(out, "# HELP latchkey_%s %s\n# TYPE latchkey_%s %s\n", line.row->name,
		      line.row->help, line.row->name, types[line.row->kind]);
	for (at.a = 0; at.a < values(line.row->a); at.a++) {
		for (at.b = 0; at.b < values(line.row->b); at.b++) {
			line.a = at.a;
			line.b = at.b;
			cell_write(metrics, line, cell_index(metrics, at), out);
		}
	}
}

void
metrics_write(const struct metrics *metrics, struct lk_buf *out)
{
	int metric;

	lk_buf_printf(out,
		      "# HELP latchkey_build_info Which version this is.\n"
		      "# TYPE latchkey_build_info gauge\n"
		      "latchkey_build_info{version=\"%s\"} 1\n",
		      metrics->version);
	for (metric = 0; metric < METRIC_COUNT; metric++)
		metric_write(metrics, (enum metric)metric, out);
	metric_process_write(out);
}
