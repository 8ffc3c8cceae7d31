/* SPDX-License-Identifier: MIT */
/* What metrics_listen answers: figures for collectors, and in words what works and what does not.
 */
#include "http/worker.h"

#include <string.h>

#include "flow/health.h"

static unsigned
ready_answer(struct http *http, bool is_verbose, struct lk_buf *out)
{
	const struct fast *fast = live_hold(http->live);
	struct health health;

	health_look(fast, &health);
	if (is_verbose)
		health_write(fast, out);
	live_drop(http->live, fast);
	lk_buf_add_c(out, health.is_ready ? "ready\n" : "not ready\n");
	return health.is_ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static enum MHD_Result
reply(struct MHD_Connection *connection, unsigned status, const char *type, struct lk_buf *body)
{
	struct lk_str text = lk_buf_str(body);
	struct MHD_Response *response;
	enum MHD_Result result = MHD_NO;

	if (!lk_buf_is_ok(body))
		return MHD_NO;
	response = MHD_create_response_from_buffer(text.len, (char *)(uintptr_t)text.ptr,
						   MHD_RESPMEM_MUST_COPY);
	if (response == NULL)
		return MHD_NO;
	if (MHD_add_response_header(response, "Content-Type", type) == MHD_YES &&
	    MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES)
		result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result
metrics_request(void *context, struct MHD_Connection *connection, const char *url,
		const char *method, const char *version, const char *upload, size_t *upload_len,
		void **slot)
{
	static const char plain[] = "text/plain; charset=utf-8";
	struct worker *worker = context;
	bool is_verbose = MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND,
							"verbose", 7, NULL, NULL) == MHD_YES;
	unsigned status = MHD_HTTP_NOT_FOUND;
	const char *type = plain;
	LK_AUTO_BUF body = {0};

	(void)version;
	(void)upload;
	if (strcmp(method, "GET") != 0 || *upload_len > 0)
		return MHD_NO;
	/* Answered in the first call, the connection would be closed. */
	if (*slot == NULL) {
		*slot = worker;
		return MHD_YES;
	}
	lk_buf_init(&body, METRIC_TEXT_MAX_BYTES);
	if (strcmp(url, "/metrics") == 0) {
		status = MHD_HTTP_OK;
		type = METRIC_CONTENT_TYPE;
		metrics_write(worker->http->metrics, &body);
	} else if (strcmp(url, "/readyz") == 0) {
		status = ready_answer(worker->http, is_verbose, &body);
	} else {
		lk_buf_add_c(&body, "/metrics and /readyz are here.\n");
	}
	return reply(connection, status, type, &body);
}
