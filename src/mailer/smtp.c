/* SPDX-License-Identifier: MIT */
#include "mailer/smtp.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MAX_S	 10L
#define ANSWERS_PER_SEND 5L
#define GOODBYE_MAX_S	 2L
/* "Authentication required": says that we are set up wrongly, nothing of the mail. RFC 4954 s6. */
#define CODE_AUTH_NEEDED 530
/* "Service not available, closing": RFC 5321 s4.2.3. */
#define CODE_CLOSING 421

struct smtp {
	CURL *curl;
	const struct smtp_stop *stop;
	struct lk_str rest;  /* of the letter being sent */
	bool is_handed_over; /* all of it went to libcurl: from here on the server may take it */
};

enum lk_err
smtp_init(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? LK_OK : LK_E_BROKEN;
}

static size_t
on_read(char *to, size_t size, size_t count, void *context)
{
	struct smtp *smtp = context;
	size_t len = size * count < smtp->rest.len ? size * count : smtp->rest.len;

	if (len > 0)
		memcpy(to, smtp->rest.ptr, len);
	smtp->rest = lk_str_from(smtp->rest, len);
	smtp->is_handed_over = smtp->rest.len == 0;
	return len;
}

/* Stops before the end of the letter only: then the server has nothing it could have taken. */
static int
on_progress(void *context, curl_off_t down, curl_off_t down_now, curl_off_t up, curl_off_t up_now)
{
	const struct smtp *smtp = context;

	(void)down;
	(void)down_now;
	(void)up;
	(void)up_now;
	return !smtp->is_handed_over && smtp->stop->should_stop(smtp->stop->context);
}

static bool
server_set(CURL *curl, const struct conf *conf)
{
	long tls = conf->smtp_starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE;

	return curl_easy_setopt(curl, CURLOPT_URL, conf->smtp_url) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_USE_SSL, tls) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	       (conf->smtp_ca_file == NULL ||
		(curl_easy_setopt(curl, CURLOPT_CAINFO, conf->smtp_ca_file) == CURLE_OK &&
		 curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK));
}

static bool
waits_set(CURL *curl, long answer_s)
{
	long connect_s = answer_s < CONNECT_MAX_S ? answer_s : CONNECT_MAX_S;

	return curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_s) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, answer_s) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWERS_PER_SEND * answer_s) == CURLE_OK;
}

static bool
callbacks_set(CURL *curl, struct smtp *smtp)
{
	return curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_READDATA, smtp) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_XFERINFODATA, smtp) == CURLE_OK;
}

struct smtp *
smtp_new(const struct conf *conf, const struct smtp_stop *stop)
{
	struct smtp *smtp = calloc(1, sizeof *smtp);

	if (smtp == NULL)
		return NULL;
	smtp->stop = stop;
	smtp->curl = curl_easy_init();
	if (smtp->curl != NULL && server_set(smtp->curl, conf) &&
	    waits_set(smtp->curl, conf->smtp_timeout_s) && callbacks_set(smtp->curl, smtp))
		return smtp;
	smtp_free(smtp);
	return NULL;
}

/* By ourselves: libcurl's own goodbye waits two minutes for an answer nobody needs. */
static void
goodbye(CURL *curl)
{
	curl_socket_t fd;

	if (curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK &&
	    fd != CURL_SOCKET_BAD && curl_easy_setopt(curl, CURLOPT_UPLOAD, 0L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "QUIT") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT, GOODBYE_MAX_S) == CURLE_OK)
		(void)curl_easy_perform(curl);
}

void
smtp_free(struct smtp *smtp)
{
	if (smtp == NULL)
		return;
	if (smtp->curl != NULL)
		goodbye(smtp->curl);
	curl_easy_cleanup(smtp->curl);
	free(smtp);
}

/*
 * libcurl gives CURLE_SEND_ERROR when MAIL, RCPT or DATA was refused; what is refused after all was
 * handed over was refused whole. Everything before is between the server and us.
 */
static enum smtp_end
end_of(const struct smtp *smtp, CURLcode err, long code)
{
	bool is_about_mail = err == CURLE_SEND_ERROR || smtp->is_handed_over;

	if (err == CURLE_OK)
		return SMTP_SENT;
	if (err == CURLE_ABORTED_BY_CALLBACK)
		return SMTP_STOPPED;
	if (is_about_mail && code / 100 == 5 && code != CODE_AUTH_NEEDED)
		return SMTP_NEVER;
	if (is_about_mail && code / 100 == 4 && code != CODE_CLOSING)
		return SMTP_LATER;
	return smtp->is_handed_over ? SMTP_UNSURE : SMTP_DOWN;
}

static bool
letter_set(struct smtp *smtp, const struct smtp_letter *letter, const struct curl_slist *to)
{
	smtp->rest = letter->message;
	smtp->is_handed_over = false;
	return curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, letter->from) == CURLE_OK &&
	       curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, to) == CURLE_OK &&
	       curl_easy_setopt(smtp->curl, CURLOPT_INFILESIZE_LARGE,
				(curl_off_t)letter->message.len) == CURLE_OK;
}

enum smtp_end
smtp_send(struct smtp *smtp, const struct smtp_letter *letter, struct smtp_said *out)
{
	struct curl_slist *to = curl_slist_append(NULL, letter->to);
	CURLcode err = CURLE_OUT_OF_MEMORY;
	long code = 0;

	if (to != NULL && letter_set(smtp, letter, to)) {
		err = curl_easy_perform(smtp->curl);
		curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &code);
	}
	curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(to);
	*out = (struct smtp_said){code, curl_easy_strerror(err)};
	return end_of(smtp, err, code);
}
