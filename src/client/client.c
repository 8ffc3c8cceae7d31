/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "client/latchkey.h"
#include "client/transport.h"
#include "client/wire.h"

/* The installed header names its own numbers; they are those of the frames. */
_Static_assert((int)LATCHKEY_DONE == (int)WIRE_VERDICT_DONE &&
		   (int)LATCHKEY_ASK == (int)WIRE_VERDICT_ASK &&
		   (int)LATCHKEY_REFUSED == (int)WIRE_VERDICT_REFUSED &&
		   (int)LATCHKEY_NEW_PASSWORD == (int)WIRE_VERDICT_NEW_PASSWORD,
	       "verdicts");
_Static_assert((int)LATCHKEY_PROMPT_NEW_PASSWORD == (int)WIRE_PROMPT_NEW_PASSWORD, "prompts");
_Static_assert((int)LATCHKEY_NOT_ALLOWED == (int)WIRE_REASON_NOT_ALLOWED, "reasons");

void
latchkey_wipe(void *bytes, size_t len)
{
	explicit_bzero(bytes, len);
}

/* What only describes where the person sits is made to fit: a strange terminal name must keep
 * nobody out. */
static void
put_cleaned(struct wire_out *out, enum wire_field field, const char *text, size_t max_bytes)
{
	char clean[257];
	size_t len;

	if (text == NULL)
		return;
	for (len = 0; len < max_bytes && text[len] != '\0'; len++) {
		unsigned char c = (unsigned char)text[len];

		clean[len] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	wire_put(out, field, clean, len);
}

static uint32_t
flags_of(const struct latchkey_request *request)
{
	uint32_t flags = 0;

	if (request->is_root)
		flags |= WIRE_FLAG_ROOT;
	if (request->is_prelim)
		flags |= WIRE_FLAG_PRELIM;
	if (request->is_forced)
		flags |= WIRE_FLAG_FORCED;
	return flags;
}

static size_t
request_write(const struct latchkey_request *request, unsigned char *frame)
{
	static const enum wire_kind kinds[] = {
	    [LATCHKEY_AUTH] = WIRE_AUTH,
	    [LATCHKEY_ACCOUNT] = WIRE_ACCOUNT,
	    [LATCHKEY_CHANGE] = WIRE_CHANGE,
	};
	struct wire_out out;

	if (request->verb < LATCHKEY_AUTH || request->verb > LATCHKEY_CHANGE)
		return 0;
	wire_begin(&out, frame, WIRE_FRAME_MAX_BYTES, kinds[request->verb]);
	wire_put_number(&out, WIRE_CAPABILITIES, 0);
	put_cleaned(&out, WIRE_SERVICE, request->service, 64);
	wire_put_c(&out, WIRE_USERNAME, request->username);
	put_cleaned(&out, WIRE_RHOST, request->rhost, 256);
	put_cleaned(&out, WIRE_TTY, request->tty, 64);
	put_cleaned(&out, WIRE_RUSER, request->ruser, 256);
	put_cleaned(&out, WIRE_LANGUAGE, request->language, 64);
	wire_put_c(&out, WIRE_HANDLE, request->handle);
	wire_put_c(&out, WIRE_PASSWORD, request->password);
	wire_put_c(&out, WIRE_CODE, request->code);
	wire_put_c(&out, WIRE_CURRENT_PASSWORD, request->current_password);
	wire_put_c(&out, WIRE_NEW_PASSWORD, request->new_password);
	wire_put_number(&out, WIRE_FLAGS, flags_of(request));
	return wire_end(&out);
}

/* An ASK that asks for nothing we know, or a number that is no verdict, leaves UNAVAILABLE
 * standing. */
static void
answer_read(const struct wire_frame *frame, struct latchkey_answer *out)
{
	uint32_t verdict = wire_number(frame, WIRE_VERDICT, 0);
	uint32_t prompt = wire_number(frame, WIRE_PROMPT_KIND, 0);
	uint32_t reason = wire_number(frame, WIRE_REASON, 0);

	if (verdict != LATCHKEY_DONE && verdict != LATCHKEY_ASK && verdict != LATCHKEY_REFUSED &&
	    verdict != LATCHKEY_NEW_PASSWORD)
		return;
	(void)wire_copy(frame, WIRE_HANDLE, out->handle, sizeof(out->handle));
	(void)wire_copy(frame, WIRE_PROMPT, out->text, sizeof(out->text));
	(void)wire_copy(frame, WIRE_PROMPT_AGAIN, out->again, sizeof(out->again));
	(void)wire_copy(frame, WIRE_PROMPT_MISMATCH, out->mismatch, sizeof(out->mismatch));
	(void)wire_copy(frame, WIRE_SENTENCE, out->sentence, sizeof(out->sentence));
	(void)wire_copy(frame, WIRE_INFO, out->info, sizeof(out->info));
	if (verdict == LATCHKEY_ASK &&
	    (prompt < LATCHKEY_PROMPT_PASSWORD || prompt > LATCHKEY_PROMPT_NEW_PASSWORD ||
	     out->text[0] == '\0'))
		return;
	if (reason <= LATCHKEY_NOT_ALLOWED)
		out->reason = (enum latchkey_reason)reason;
	out->prompt = verdict == LATCHKEY_ASK ? (enum latchkey_prompt)prompt : LATCHKEY_PROMPT_NONE;
	out->is_echo = wire_number(frame, WIRE_IS_ECHO, 0) == 1;
	out->verdict = (enum latchkey_verdict)verdict;
}

void
latchkey_ask(struct latchkey *latchkey, const struct latchkey_request *request,
	     struct latchkey_answer *out)
{
	unsigned char asked[WIRE_FRAME_MAX_BYTES], answered[WIRE_FRAME_MAX_BYTES];
	struct wire_frame frame;
	size_t len, answered_len = 0;

	memset(out, 0, sizeof(*out));
	out->verdict = LATCHKEY_UNAVAILABLE;
	len = request_write(request, asked);
	if (len == 0) { /* a name or password no daemon of ours would take */
		out->verdict = LATCHKEY_REFUSED;
		out->reason = LATCHKEY_WRONG;
	} else if (transport_unix_exchange(latchkey, asked, len, answered, &answered_len) ==
		   TRANSPORT_OK) {
		if (wire_read(answered, answered_len, &frame) && frame.kind == WIRE_ANSWER)
			answer_read(&frame, out);
	}
	latchkey_wipe(answered, sizeof(answered));
	latchkey_wipe(asked, sizeof(asked));
}

long
latchkey_admin_ask(struct latchkey *latchkey, const char *json, char *out, size_t room)
{
	unsigned char bytes[WIRE_FRAME_MAX_BYTES];
	struct wire_frame frame;
	struct wire_out asked;
	enum transport_end end;
	size_t len;

	wire_begin(&asked, bytes, sizeof(bytes), WIRE_ADMIN);
	wire_put_c(&asked, WIRE_JSON, json);
	len = wire_end(&asked);
	if (len == 0)
		return -3;
	end = transport_unix_exchange(latchkey, bytes, len, bytes, &len);
	if (end == TRANSPORT_WRONG_PEER)
		return -2;
	if (end != TRANSPORT_OK || !wire_read(bytes, len, &frame) || frame.kind != WIRE_ANSWER)
		return -1;
	if (wire_number(&frame, WIRE_REASON, 0) == WIRE_REASON_NOT_ALLOWED)
		return -2;
	return wire_copy(&frame, WIRE_JSON, out, room) ? (long)frame.value[WIRE_JSON].len : -1;
}
