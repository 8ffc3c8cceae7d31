/* SPDX-License-Identifier: MIT */
#include "conf/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
conf_faults_init(struct conf_faults *faults)
{
	*faults = (struct conf_faults){.count = 0};
}

void
conf_faults_done(struct conf_faults *faults)
{
	size_t i;

	for (i = 0; i < faults->count; i++)
		free((char *)faults->rows[i].place.file);
	free(faults->rows);
	conf_faults_init(faults);
}

static struct conf_fault *
fault_new(struct conf_faults *faults, const char *file)
{
	struct conf_fault *fault;

	if (faults->rows == NULL)
		faults->rows = calloc(CONF_FAULTS_MAX, sizeof faults->rows[0]);
	if (faults->rows == NULL || faults->count == CONF_FAULTS_MAX)
		return NULL;
	fault = &faults->rows[faults->count];
	fault->place.file = strdup(file);
	if (fault->place.file == NULL)
		return NULL;
	faults->count++;
	return fault;
}

void
conf_fault_add(struct conf_faults *faults, struct conf_place place, const char *format, ...)
{
	struct conf_fault *fault = fault_new(faults, place.file);
	va_list args;
	char *c;

	if (fault == NULL) {
		faults->unkept_count++;
		return;
	}
	fault->place.line = place.line;
	fault->place.column = place.column;
	va_start(args, format);
	if (vsnprintf(fault->words, sizeof fault->words, format, args) < 0)
		fault->words[0] = '\0';
	va_end(args);
	for (c = fault->words; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
}

size_t
conf_faults_count(const struct conf_faults *faults)
{
	return faults->count + faults->unkept_count;
}

static int
compare(const void *one, const void *other)
{
	const struct conf_fault *a = one, *b = other;

	if (a->place.line != b->place.line)
		return a->place.line < b->place.line ? -1 : 1;
	if (a->place.column != b->place.column)
		return a->place.column < b->place.column ? -1 : 1;
	return strcmp(a->words, b->words);
}

/* Brings the faults of the file at rows[from] together, keeping their order; returns their end. */
static size_t
gather(struct conf_faults *faults, size_t from)
{
	const char *file = faults->rows[from].place.file;
	size_t end = from + 1, i;

	for (i = from + 1; i < faults->count; i++) {
		struct conf_fault moved = faults->rows[i];

		if (strcmp(moved.place.file, file) != 0)
			continue;
		memmove(&faults->rows[end + 1], &faults->rows[end],
			(i - end) * sizeof faults->rows[0]);
		faults->rows[end++] = moved;
	}
	return end;
}

void
conf_faults_sort(struct conf_faults *faults)
{
	size_t from, end;

	for (from = 0; from < faults->count; from = end) {
		end = gather(faults, from);
		qsort(&faults->rows[from], end - from, sizeof faults->rows[0], compare);
	}
}

void
conf_faults_write(const struct conf_faults *faults, struct lk_buf *out)
{
	size_t i;

	for (i = 0; i < faults->count; i++) {
		const struct conf_fault *fault = &faults->rows[i];

		lk_buf_add_c(out, fault->place.file);
		if (fault->place.line > 0)
			lk_buf_printf(out, ":%u:%u", fault->place.line, fault->place.column);
		lk_buf_printf(out, ": %s\n", fault->words);
	}
	if (faults->unkept_count > 0)
		lk_buf_printf(out, "and %zu more\n", faults->unkept_count);
}
