/* SPDX-License-Identifier: MIT */
#include "flow/trail.h"

#include "flow/service_name.h"
#include "page/page.h"
#include "spool/spool.h"

#define MAIL_MAX_BYTES 16384u

/* People hear the same of a name nobody has; the log keeps what was true. */
static enum lk_err
true_row(const struct subject *subject, enum lk_err result)
{
	bool is_wrong = result == LK_E_SIGNIN_WRONG || result == LK_E_CODE_WRONG ||
			result == LK_E_RECOVERY_WRONG;

	return is_wrong && subject != NULL && !subject->is_known ? LK_E_PERSON_NOT_FOUND : result;
}

static enum lk_err
append(const struct asker *asker, const struct audit_line *line)
{
	const struct fast *fast = asker->flow->fast;
	int64_t began_ms = lk_clock_mono_ms(fast->clock);
	enum lk_err err = audit_append(fast->audit, line, asker->flow->call->deadline_mono_ms);

	metric_time_audit_sync_duration_seconds(fast->metrics, METRIC_NONE, METRIC_NONE,
						(lk_clock_mono_ms(fast->clock) - began_ms) * 1000);
	if (err == LK_OK)
		metric_count_audit_lines_total(fast->metrics, METRIC_NONE, METRIC_NONE);
	return err;
}

void
trail_line(const struct asker *asker, const struct subject *subject, const struct trail *trail,
	   struct audit_line *out)
{
	const struct lk_call *call = asker->flow->call;

	*out = (struct audit_line){
	    .event = trail->event,
	    .result = true_row(subject, trail->result),
	    .ref = asker->reference,
	    .door = asker->door,
	    .address = asker->address,
	    .actor = trail->actor,
	    .reason = trail->reason,
	    .session = trail->session,
	    .detail = trail->detail,
	};

	if (out->detail.len == 0)
		out->detail = lk_str_n(call->why->text, call->why->len);
	if (subject != NULL && subject->is_known) {
		out->person_id = subject->person.id;
		out->username = subject->person.username;
	}
}

enum lk_err
trail_write(const struct asker *asker, const struct subject *subject, const struct trail *trail)
{
	struct audit_line line;

	trail_line(asker, subject, trail, &line);
	return append(asker, &line);
}

enum lk_err
trail_event(const struct asker *asker, const struct subject *subject, enum audit_event event,
	    enum lk_err result)
{
	struct trail trail = {.event = event, .result = result};

	return trail_write(asker, subject, &trail);
}

static enum lang
mail_language(const struct asker *asker, const struct subject *subject)
{
	if (lk_str_is(subject->person.language, "cy"))
		return LANG_CY;
	return lk_str_is(subject->person.language, "en") ? LANG_EN : asker->lang;
}

static void
mail_places(const struct asker *asker, const struct subject *subject, enum lang lang,
	    struct page_values *values)
{
	const struct fast *fast = asker->flow->fast;
	struct lk_buf time, hours;

	lk_buf_init(&time, 200);
	lk_buf_init(&hours, 400);
	page_time(&time, lang, asker->now_s, asker->now_s);
	page_set(values, PLACE_time, lk_arena_dup(asker->arena, lk_buf_str(&time)));
	if (page_help_hours(&hours, lang, fast->conf->help_hours) == LK_OK)
		page_set(values, PLACE_help_hours, lk_arena_dup(asker->arena, lk_buf_str(&hours)));
	lk_buf_done(&time);
	lk_buf_done(&hours);
	page_set_c(values, PLACE_service_name, service_name(fast->conf, lang));
	page_set_c(values, PLACE_help_phone, fast->conf->help_phone);
	page_set(values, PLACE_reference, asker->reference);
	page_set(values, PLACE_display_name, subject->person.display_name);
	page_set(values, PLACE_device, asker->device_name);
	page_set(values, PLACE_url, lk_arena_printf(asker->arena, "%s/help", fast->conf->base_url));
}

void
trail_mail(const struct asker *asker, const struct subject *subject, enum mail_id mail,
	   const struct page_values *values)
{
	const struct fast *fast = asker->flow->fast;
	enum lang lang = mail_language(asker, subject);
	struct page_values all;
	LK_AUTO_BUF text;
	enum lk_err err = LK_E_MEMORY;

	page_values_init(&all);
	if (values != NULL)
		all = *values;
	mail_places(asker, subject, lang, &all);
	lk_buf_init(&text, MAIL_MAX_BYTES);
	page_mail(&text, mail, lang, &all);
	if (lk_buf_is_ok(&text) && subject->person.mail.len > 0)
		err = spool_put(fast->conf->spool_dir, subject->person.mail, lk_buf_str(&text),
				asker->now_s);
	if (err == LK_OK)
		metric_count_mails_spooled_total(fast->metrics, METRIC_NONE, METRIC_NONE);
	else
		lk_log(fast->log, LK_LOG_WARNING, "mail", asker->reference,
		       "a mail could not be put into the spool: %s", lk_err_row(err)->name);
}
