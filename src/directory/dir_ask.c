/* SPDX-License-Identifier: MIT */
#include "directory/dir_ask.h"
#include "directory/dir_conn.h"
#include "directory/dir_health.h"

void
dir_answer_done(struct dir_answer *answer)
{
	if (answer->messages != NULL)
		(void)ldap_msgfree(answer->messages);
	answer->messages = NULL;
}

static enum metric_dir_op
op_of(enum dir_ask_kind kind)
{
	switch (kind) {
	case DIR_ASK_BIND:
		return METRIC_DIR_OP_bind;
	case DIR_ASK_SEARCH:
		return METRIC_DIR_OP_search;
	case DIR_ASK_PASSWORD:
	case DIR_ASK_TRY_PASSWORD:
		return METRIC_DIR_OP_password;
	case DIR_ASK_MODIFY:
	case DIR_ASK_ADD:
	case DIR_ASK_DELETE:
		break;
	}
	return METRIC_DIR_OP_modify;
}

static bool
is_change(enum dir_ask_kind kind)
{
	/* What cannot change anything may be asked twice. */
	return kind >= DIR_ASK_MODIFY && kind != DIR_ASK_TRY_PASSWORD;
}

/* Did libldap fail before anything could be sent, for a reason of ours? */
static bool
is_ours(int code)
{
	return code == LDAP_ENCODING_ERROR || code == LDAP_FILTER_ERROR ||
	       code == LDAP_PARAM_ERROR || code == LDAP_NO_MEMORY;
}

/* A libldap code; on failure the connection is gone. */
static int
ask_once(struct dir *dir, const struct dir_ask *ask, struct dir_answer *out, bool *out_is_sent)
{
	struct dir_conn *conn = &dir->conn[ask->who];
	struct dir_until until = dir_conn_until(dir, conn->server, !is_change(ask->kind));
	int64_t began_ms = dir_now_mono_ms(dir);
	int id = 0, code = dir_wire_start(conn->ld, ask, &until, &id);

	*out_is_sent = code == LDAP_SUCCESS;
	if (code == LDAP_SUCCESS)
		code = dir_wire_finish(conn->ld, id, &until, out);
	metric_time_directory_request_duration_seconds(dir->settings->metrics, op_of(ask->kind),
						       METRIC_NONE,
						       (dir_now_mono_ms(dir) - began_ms) * 1000);
	if (code == LDAP_SUCCESS) {
		dir_health_good(dir->servers, conn->server);
		return code;
	}
	dir_conn_failed(dir, conn, op_of(ask->kind), code);
	if (code == LDAP_TIMEOUT)
		dir_health_late(dir->servers, conn->server, dir_now_mono_ms(dir) - began_ms);
	dir_answer_done(out);
	dir_conn_drop(conn);
	return code;
}

enum lk_err
dir_ask(struct dir *dir, const struct dir_ask *ask, struct dir_answer *out)
{
	bool is_sent = false;
	enum lk_err err;
	int tries, code;

	for (tries = 0; tries < 2; tries++) {
		err = dir_conn_need(dir, ask->who);
		if (err != LK_OK)
			return err;
		*out = (struct dir_answer){.ppolicy = DIR_PPOLICY_NOTHING};
		code = ask_once(dir, ask, out, &is_sent);
		if (code == LDAP_SUCCESS)
			return LK_OK;
		if (!is_sent && is_ours(code))
			return code == LDAP_NO_MEMORY ? LK_E_MEMORY : LK_E_BROKEN;
		if (is_change(ask->kind))
			return is_sent ? LK_E_DIRECTORY_UNSURE : LK_E_DIRECTORY_DOWN;
	}
	return LK_E_DIRECTORY_DOWN;
}

bool
dir_answer_is_read_only(const struct dir_answer *answer)
{
	struct lk_str text = lk_str_c(answer->text);

	/* slapd's words for "readonly on", "restrict" and a replica that knows no provider. */
	return answer->code == LDAP_REFERRAL || (answer->code == LDAP_UNWILLING_TO_PERFORM &&
						 (lk_str_starts(text, "operation restricted") ||
						  lk_str_starts(text, "shadow context")));
}

void
dir_answer_why(struct dir *dir, const struct dir_answer *answer)
{
	lk_why_add(dir->call->why, "the directory refuses: %d %s%s%s", answer->code,
		   ldap_err2string(answer->code), answer->text[0] == '\0' ? "" : ": ",
		   answer->text);
}

enum lk_err
dir_answer_err(struct dir *dir, const struct dir_answer *answer)
{
	if (dir_answer_is_read_only(answer))
		return LK_E_DIRECTORY_READ_ONLY;
	if (answer->code == LDAP_SUCCESS)
		return LK_OK;
	dir_answer_why(dir, answer);
	switch (answer->code) {
	case LDAP_NO_SUCH_OBJECT:
		return LK_E_PERSON_NOT_FOUND;
	case LDAP_BUSY:
	case LDAP_UNAVAILABLE:
		return LK_E_DIRECTORY_DOWN;
	case LDAP_OTHER: /* it broke in the middle: done or not is not said */
		return LK_E_DIRECTORY_UNSURE;
	default:
		return LK_E_BROKEN;
	}
}

enum lk_err
dir_answer_search_err(struct dir *dir, const struct dir_answer *answer)
{
	if (answer->code == LDAP_SUCCESS || answer->code == LDAP_SIZELIMIT_EXCEEDED ||
	    answer->code == LDAP_NO_SUCH_OBJECT)
		return LK_OK;
	dir_answer_why(dir, answer);
	if (answer->code == LDAP_INSUFFICIENT_ACCESS || answer->code == LDAP_INVALID_DN_SYNTAX)
		return LK_E_BROKEN;
	return LK_E_DIRECTORY_DOWN;
}
