/* SPDX-License-Identifier: MIT */
/* A frame that reads well can be written again and reads the same; one that does not leaves nothing
 * behind. */
/* Folders: client */
/* Libraries: */
#include <stdlib.h>
#include <string.h>

#include "client/wire.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
must_be_equal(const struct wire_frame *a, const struct wire_frame *b)
{
	must(a->kind == b->kind);
	for (int i = 0; i < WIRE_FIELD_COUNT; i++) {
		must((a->value[i].ptr == NULL) == (b->value[i].ptr == NULL));
		must(a->value[i].len == b->value[i].len);
		if (a->value[i].ptr != NULL)
			must(memcmp(a->value[i].ptr, b->value[i].ptr, a->value[i].len) == 0);
	}
}

static void
write_again(const struct wire_frame *frame)
{
	unsigned char bytes[WIRE_FRAME_MAX_BYTES];
	struct wire_frame again;
	struct wire_out out;
	size_t len;

	wire_begin(&out, bytes, sizeof(bytes), frame->kind);
	for (int i = WIRE_NONE + 1; i < WIRE_FIELD_COUNT; i++)
		wire_put(&out, (enum wire_field)i, frame->value[i].ptr, frame->value[i].len);
	len = wire_end(&out);
	must(len > 0 && wire_read(bytes, len, &again));
	must_be_equal(frame, &again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wire_frame frame, nothing;
	char text[300];

	memset(&nothing, 0, sizeof(nothing));
	if (!wire_read(bytes, len, &frame)) {
		must_be_equal(&frame, &nothing);
		return 0;
	}
	must(wire_frame_len(bytes) == len);
	for (int i = WIRE_NONE + 1; i < WIRE_FIELD_COUNT; i++)
		if (wire_copy(&frame, (enum wire_field)i, text, sizeof(text)))
			must(frame.value[i].len < sizeof(text));
	write_again(&frame);
	return 0;
}
