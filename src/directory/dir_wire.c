/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <string.h>
#include <sys/time.h>

#include "directory/dir_wire.h"

int
dir_until_left_ms(const struct dir_until *until)
{
	int64_t left = until->mono_ms - lk_clock_mono_ms(until->clock);

	return left <= 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

/* Until the handle may be connected; false when the time is over. */
static bool
wait_connected(LDAP *ld, const struct dir_until *until)
{
	struct pollfd watch = {.fd = -1, .events = POLLOUT};
	int left_ms = dir_until_left_ms(until);

	if (left_ms == 0)
		return false;
	if (ldap_get_option(ld, LDAP_OPT_DESC, &watch.fd) != LDAP_OPT_SUCCESS || watch.fd < 0)
		left_ms = 1;
	/* Writable, and libldap has more to do: let it come to that without spinning. */
	if (poll(&watch, 1, left_ms) > 0)
		(void)poll(NULL, 0, 1);
	return true;
}

int
dir_wire_start(LDAP *ld, const struct dir_ask *ask, const struct dir_until *until, int *out_id)
{
	int code;

	while ((code = dir_send(ld, ask, out_id)) == LDAP_X_CONNECTING) {
		if (!wait_connected(ld, until))
			return LDAP_TIMEOUT;
	}
	return code;
}

static void
read_ppolicy(LDAPControl **controls, struct dir_answer *out)
{
	LDAPControl *found = ldap_control_find(LDAP_CONTROL_PASSWORDPOLICYRESPONSE, controls, NULL);

	if (found != NULL)
		(void)dir_ppolicy_read(
		    lk_str_n(found->ldctl_value.bv_val, found->ldctl_value.bv_len), &out->ppolicy);
}

static int
read_result(LDAP *ld, struct dir_answer *out)
{
	LDAPControl **controls = NULL;
	char *text = NULL;
	int code =
	    ldap_parse_result(ld, out->messages, &out->code, NULL, &text, NULL, &controls, 0);
	struct lk_str words = lk_str_c(text);

	if (code == LDAP_SUCCESS) {
		out->ld = ld;
		memcpy(out->text, words.len == 0 ? "" : words.ptr,
		       words.len < sizeof out->text ? words.len : sizeof out->text - 1);
		read_ppolicy(controls, out);
	}
	ldap_controls_free(controls);
	ldap_memfree(text);
	return code;
}

int
dir_wire_finish(LDAP *ld, int id, const struct dir_until *until, struct dir_answer *out)
{
	int left_ms = dir_until_left_ms(until), type, code = LDAP_SERVER_DOWN;
	struct timeval wait = {.tv_sec = left_ms / 1000, .tv_usec = left_ms % 1000 * 1000};

	*out = (struct dir_answer){.ppolicy = DIR_PPOLICY_NOTHING};
	type = ldap_result(ld, id, LDAP_MSG_ALL, &wait, &out->messages);
	if (type > 0)
		return read_result(ld, out);
	if (type == 0)
		return LDAP_TIMEOUT;
	(void)ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &code);
	return code == LDAP_SUCCESS ? LDAP_SERVER_DOWN : code;
}

int
dir_wire_starttls(LDAP *ld, const struct dir_until *until, struct dir_answer *out)
{
	int left_ms, id = 0, code;
	struct timeval limit;

	while ((code = ldap_start_tls(ld, NULL, NULL, &id)) == LDAP_X_CONNECTING) {
		if (!wait_connected(ld, until))
			return LDAP_TIMEOUT;
	}
	if (code == LDAP_SUCCESS)
		code = dir_wire_finish(ld, id, until, out);
	if (code != LDAP_SUCCESS || out->code != LDAP_SUCCESS)
		return code != LDAP_SUCCESS ? code : LDAP_CONNECT_ERROR;
	/* The handshake waits no longer than the network timeout (with CONNECT_ASYNC on). */
	left_ms = dir_until_left_ms(until);
	if (left_ms == 0)
		return LDAP_TIMEOUT;
	limit = (struct timeval){.tv_sec = left_ms / 1000, .tv_usec = left_ms % 1000 * 1000};
	if (ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &limit) != LDAP_OPT_SUCCESS)
		return LDAP_OTHER;
	return ldap_install_tls(ld);
}
