/* SPDX-License-Identifier: MIT */
/* The audit log as it lies on the disk: needs no daemon, harms none that is writing. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/read.h"
#include "base/json.h"
#include "conf/conf.h"
#include "crypto/crypto.h"
#include "ctl/need.h"
#include "ctl/verbs.h"
#include "page/page.h"

#define LOOK_AGAIN_MS  500
#define LINE_MAX_BYTES 16384u

/* What one reading looks for and has seen. */
struct look {
	struct ctl *ctl;
	struct audit_query query;
	char ref[CRYPTO_REFERENCE_LEN + 1];
	bool wants_json;
	uint64_t last_number; /* shown already */
};

static void
sentence_write(struct lk_buf *out, const struct audit_line *line)
{
	struct page_values values;

	page_values_init(&values);
	page_set(&values, PLACE_username, line->username);
	page_set(&values, PLACE_actor, line->actor);
	page_set(&values, PLACE_reason, line->reason);
	page_sentence(out, page_text_find(audit_event_text_key(line->event)), LANG_EN, &values);
}

/* One line of the timeline: when, reference, who, what, and what is known beside it. */
static void
record_write(struct lk_buf *out, const struct audit_record *record)
{
	const struct audit_line *line = &record->line;
	const struct {
		const char *name;
		struct lk_str value;
	} extras[] = {{"door", line->door}, {"from", line->address}, {"detail", line->detail}};

	ctl_time(out, record->at_s);
	lk_buf_printf(out, "  %-9.*s  %-12.*s  ", LK_STR_ARGS(line->ref),
		      LK_STR_ARGS(line->username));
	sentence_write(out, line);
	if (line->result != LK_OK)
		lk_buf_printf(out, " (%s)", lk_err_row(line->result)->name);
	for (size_t i = 0; i < sizeof(extras) / sizeof(extras[0]); i++)
		if (extras[i].value.len > 0)
			lk_buf_printf(out, "  %s: %.*s", extras[i].name,
				      LK_STR_ARGS(extras[i].value));
}

static bool
record_put(const struct audit_record *record, void *context)
{
	struct look *look = context;
	LK_AUTO_BUF text;

	lk_buf_init(&text, LINE_MAX_BYTES);
	if (record->number <= look->last_number)
		return true;
	look->last_number = record->number;
	if (look->wants_json) {
		fprintf(look->ctl->out, "%.*s\n", LK_STR_ARGS(record->json));
		return true;
	}
	record_write(&text, record);
	ctl_put(look->ctl, lk_buf_str(&text));
	return true;
}

/* --file, or the configuration's. NULL: said. */
static const char *
path_need(struct ctl *ctl)
{
	const struct conf *conf;

	if (ctl->value[CTL_OPTION_FILE] != NULL)
		return ctl->value[CTL_OPTION_FILE];
	conf = ctl_conf_need(ctl);
	return conf == NULL ? NULL : conf->audit_file;
}

static bool
look_fill(struct ctl *ctl, struct look *look)
{
	const char *since = ctl->value[CTL_OPTION_SINCE], *ref = ctl->value[CTL_OPTION_REF];

	look->ctl = ctl;
	if (ctl->arg_count > 0)
		look->query.username = lk_str_c(ctl->args[0]);
	if (since != NULL &&
	    !ctl_since(lk_str_c(since), lk_clock_wall_s(ctl->clock), &look->query.since_s)) {
		ctl_complain(ctl, "--since: 30m, 12h, 7d, or a day as 2026-11-01");
		return false;
	}
	if (ref == NULL)
		return true;
	if (!crypto_reference_normalise(lk_str_c(ref), look->ref)) {
		ctl_complain(ctl, "%s is no reference, like 7Q4M-2XPD", ref);
		return false;
	}
	look->query.ref = lk_str_n(look->ref, CRYPTO_REFERENCE_LEN);
	return true;
}

static enum ctl_exit
read_end(struct ctl *ctl, const char *path, enum lk_err err)
{
	if (err == LK_OK)
		return CTL_DONE;
	if (access(path, R_OK) != 0 && errno == EACCES) {
		ctl_complain(ctl, "%s may not be read by this user", path);
		return CTL_NOT_ALLOWED;
	}
	ctl_complain(ctl, err == LK_E_NOT_FOUND ? "%s is not there" : "%s cannot be read", path);
	return CTL_REFUSED;
}

static enum ctl_exit
look_once(struct ctl *ctl, bool wants_json)
{
	struct look look = {.wants_json = wants_json};
	const char *path;

	if (!look_fill(ctl, &look))
		return CTL_USAGE;
	path = path_need(ctl);
	if (path == NULL)
		return CTL_REFUSED;
	return read_end(ctl, path, audit_read(path, &look.query, record_put, &look));
}

enum ctl_exit
ctl_audit_show_run(struct ctl *ctl)
{
	return look_once(ctl, ctl->is_set[CTL_OPTION_JSON]);
}

enum ctl_exit
ctl_audit_export_run(struct ctl *ctl)
{
	return look_once(ctl, true);
}

/* Until it is interrupted, or nobody reads any more. A log that was just moved away comes back. */
enum ctl_exit
ctl_audit_follow_run(struct ctl *ctl)
{
	struct look look = {.wants_json = ctl->is_set[CTL_OPTION_JSON]};
	struct stat seen = {0}, now = {0};
	const char *path;
	enum lk_err err;

	if (!look_fill(ctl, &look))
		return CTL_USAGE;
	path = path_need(ctl);
	if (path == NULL)
		return CTL_REFUSED;
	for (;;) {
		if (stat(path, &now) != 0 || now.st_size != seen.st_size ||
		    now.st_ino != seen.st_ino) {
			seen = now;
			err = audit_read(path, &look.query, record_put, &look);
			if (err != LK_OK && (err != LK_E_NOT_FOUND || look.last_number == 0))
				return read_end(ctl, path, err);
			if (fflush(ctl->out) != 0)
				return CTL_DONE;
		}
		(void)poll(NULL, 0, LOOK_AGAIN_MS);
	}
}

static void
fault_put(struct ctl *ctl, const char *path, const struct audit_fault *fault)
{
	LK_AUTO_BUF json;

	lk_buf_init(&json, LINE_MAX_BYTES);
	if (ctl->is_set[CTL_OPTION_JSON]) {
		lk_buf_printf(&json, "{\"ok\":%s,\"count\":%llu,\"line\":%llu,\"words\":",
			      fault->line == 0 ? "true" : "false", (unsigned long long)fault->count,
			      (unsigned long long)fault->line);
		lk_json_quote(&json, lk_str_c(fault->words));
		lk_buf_add_c(&json, ",\"file\":");
		lk_json_quote(&json, lk_str_c(path));
		fprintf(ctl->out, "%.*s}\n", LK_STR_ARGS(lk_buf_str(&json)));
	} else if (fault->line == 0) {
		fprintf(ctl->out, "%llu lines, the chain is whole\n",
			(unsigned long long)fault->count);
	} else {
		fprintf(ctl->out, "%s:%llu: %s\n", path, (unsigned long long)fault->line,
			fault->words);
	}
}

enum ctl_exit
ctl_audit_verify_run(struct ctl *ctl)
{
	const struct conf *conf = ctl_conf_need(ctl);
	struct audit_fault fault = {0};
	struct crypto_ring *ring = NULL;
	struct lk_why why = {0};
	const char *path;
	enum lk_err err;

	path = conf == NULL ? NULL : path_need(ctl);
	if (path == NULL)
		return CTL_REFUSED;
	if (crypto_ring_load(conf->key_file, &why, &ring) != LK_OK) {
		ctl_complain(ctl, "%s: %s", conf->key_file, why.text);
		return access(conf->key_file, R_OK) != 0 && errno == EACCES ? CTL_NOT_ALLOWED
									    : CTL_REFUSED;
	}
	err = audit_verify(path, ring, &fault);
	crypto_ring_free(ring);
	if (err != LK_OK && err != LK_E_FORMAT)
		return read_end(ctl, path, err);
	fault_put(ctl, path, &fault);
	return fault.line == 0 ? CTL_DONE : CTL_REFUSED;
}
