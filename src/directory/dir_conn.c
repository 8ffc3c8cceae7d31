/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "directory/dir_conn.h"
#include "directory/dir_health.h"
#include "directory/dir_tls.h"

/* A server that was down may take this long of a request that another server could answer. */
#define PROBE_MS 200
/* No answer of a directory to what we ask is longer. */
#define ANSWER_MAX_BYTES ((ber_len_t)8 << 20)

static struct timeval
limit_of(int ms)
{
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

struct dir_until
dir_conn_until(const struct dir *dir, size_t server, bool may_go_elsewhere)
{
	int limit_ms = dir->settings->operation_timeout_ms;
	int left_ms = lk_call_left_ms(dir->call);

	if (may_go_elsewhere && dir_health_has_other(dir->servers, server)) {
		left_ms /= 2;
		if (!dir_health_is_up(dir->servers, server) && limit_ms > PROBE_MS)
			limit_ms = PROBE_MS;
	}
	return (struct dir_until){.clock = dir->settings->clock,
				  .mono_ms = dir_now_mono_ms(dir) +
					     (left_ms < limit_ms ? left_ms : limit_ms)};
}

void
dir_conn_failed(struct dir *dir, const struct dir_conn *conn, enum metric_dir_op op, int code)
{
	char *words = NULL;

	metric_count_directory_failures_total(dir->settings->metrics, op, METRIC_NONE);
	(void)ldap_get_option(conn->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &words);
	lk_why_add(dir->call->why, "%s: %s%s%s", dir->servers->each[conn->server].uri,
		   ldap_err2string(code), words == NULL ? "" : ": ", words == NULL ? "" : words);
	ldap_memfree(words);
}

void
dir_conn_drop(struct dir_conn *conn)
{
	int fd = -1;

	if (conn->ld == NULL)
		return;
	/* Nothing is to be read any more, not even the other side's end of TLS. */
	if (ldap_get_option(conn->ld, LDAP_OPT_DESC, &fd) == LDAP_OPT_SUCCESS && fd >= 0)
		(void)shutdown(fd, SHUT_RD);
	(void)ldap_unbind_ext(conn->ld, NULL, NULL);
	conn->ld = NULL;
}

static bool
set_options(LDAP *ld, int limit_ms)
{
	int version = LDAP_VERSION3;
	struct timeval limit = limit_of(limit_ms);
	ber_len_t most = ANSWER_MAX_BYTES;
	Sockbuf *socket = NULL;

	return ldap_get_option(ld, LDAP_OPT_SOCKBUF, &socket) == LDAP_OPT_SUCCESS &&
	       ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_MAX_INCOMING, &most) == 1 &&
	       ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &limit) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_TIMEOUT, &limit) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON) == LDAP_OPT_SUCCESS &&
	       /* Without it a handshake with a server that hangs never returns. */
	       ldap_set_option(ld, LDAP_OPT_CONNECT_ASYNC, LDAP_OPT_ON) == LDAP_OPT_SUCCESS;
}

/* A message of which only the first half came must not hold us either. */
static void
limit_socket(LDAP *ld, int limit_ms)
{
	struct timeval limit = limit_of(limit_ms);
	int fd = -1;

	if (ldap_get_option(ld, LDAP_OPT_DESC, &fd) != LDAP_OPT_SUCCESS || fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

/* A libldap code; the answer is that of the last step. */
static int
sign_in(struct dir *dir, struct dir_conn *conn, enum dir_who who, struct dir_answer *answer)
{
	const struct dir_settings *settings = dir->settings;
	struct dir_until until = dir_conn_until(dir, conn->server, true);
	const char *uri = dir->servers->each[conn->server].uri;
	struct dir_ask ask = {.kind = DIR_ASK_BIND, .who = who};
	int code = LDAP_SUCCESS, id = 0;

	if (who == DIR_AS_SERVICE) {
		ask.dn = settings->bind_dn;
		ask.password = settings->bind_password;
	}
	if (!set_options(conn->ld, dir_until_left_ms(&until)) ||
	    (dir_tls_is_used(settings, uri) && !dir_tls_set(conn->ld, settings)))
		return LDAP_LOCAL_ERROR;
	if (dir_tls_is_asked(settings, uri))
		code = dir_wire_starttls(conn->ld, &until, answer);
	if (code != LDAP_SUCCESS)
		return code;
	dir_answer_done(answer);
	code = dir_wire_start(conn->ld, &ask, &until, &id);
	if (code == LDAP_SUCCESS)
		code = dir_wire_finish(conn->ld, id, &until, answer);
	limit_socket(conn->ld, settings->operation_timeout_ms);
	return code;
}

/* True when it stands; health and why are told either way. */
static bool
conn_open(struct dir *dir, struct dir_conn *conn, enum dir_who who, size_t server)
{
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	int64_t began_ms = dir_now_mono_ms(dir);
	int code;

	conn->server = server;
	if (ldap_initialize(&conn->ld, dir->servers->each[server].uri) != LDAP_SUCCESS)
		conn->ld = NULL;
	code = conn->ld == NULL ? LDAP_NO_MEMORY : sign_in(dir, conn, who, &answer);
	metric_time_directory_request_duration_seconds(dir->settings->metrics,
						       METRIC_DIR_OP_connect, METRIC_NONE,
						       (dir_now_mono_ms(dir) - began_ms) * 1000);
	/* Nobody may be refused (no anonymous binds): the server answers, and that was the
	 * question. */
	if (code == LDAP_SUCCESS && (answer.code == LDAP_SUCCESS || who == DIR_AS_PERSON)) {
		dir_health_good(dir->servers, server);
		return true;
	}
	if (code == LDAP_SUCCESS) {
		lk_why_add(dir->call->why, "the service account %s cannot sign in",
			   dir->settings->bind_dn);
		code = answer.code;
	}
	if (conn->ld != NULL)
		dir_conn_failed(dir, conn, METRIC_DIR_OP_connect, code);
	if (code == LDAP_TIMEOUT)
		dir_health_late(dir->servers, server, dir_now_mono_ms(dir) - began_ms);
	else
		dir_health_bad(dir->servers, server);
	dir_conn_drop(conn);
	return false;
}

/* Closed by the other side, or said something nobody asked for (it is about to close)? */
static bool
is_stale(const struct dir_conn *conn)
{
	struct pollfd watch = {.fd = -1, .events = POLLIN};

	return ldap_get_option(conn->ld, LDAP_OPT_DESC, &watch.fd) != LDAP_OPT_SUCCESS ||
	       watch.fd < 0 || poll(&watch, 1, 0) != 0;
}

enum lk_err
dir_conn_need(struct dir *dir, enum dir_who who)
{
	struct dir_conn *conn = &dir->conn[who], fresh = {.ld = NULL};
	size_t i;

	if (conn->ld != NULL && (is_stale(conn) || !dir_health_is_up(dir->servers, conn->server)))
		dir_conn_drop(conn);
	for (i = 0; i < dir->servers->count && lk_call_left_ms(dir->call) > 0; i++) {
		if (conn->ld != NULL && conn->server == i)
			return LK_OK;
		if (!dir_health_may_try(dir->servers, i) || !conn_open(dir, &fresh, who, i))
			continue;
		dir_conn_drop(conn);
		*conn = fresh;
		return LK_OK;
	}
	lk_why_add(dir->call->why, "no directory server answers");
	return LK_E_DIRECTORY_DOWN;
}

void
dir_conn_try(struct dir *dir, size_t server)
{
	struct dir_conn conn = {.ld = NULL};

	if (conn_open(dir, &conn, DIR_AS_SERVICE, server))
		dir_conn_drop(&conn);
}
