/* SPDX-License-Identifier: MIT */
#include "ctl/web.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX_BYTES 1048576u
#define CONNECT_MAX_S	 5L
#define ANSWER_MAX_S	 20L

struct web {
	CURL *curl;
	CURLSH *cookies; /* outlive what one question set */
	const char *ca_file;
};

struct web *
web_new(const char *ca_file)
{
	struct web *web = calloc(1, sizeof(*web));

	if (web == NULL)
		return NULL;
	web->ca_file = ca_file;
	web->curl = curl_easy_init();
	web->cookies = curl_share_init();
	if (web->curl != NULL && web->cookies != NULL &&
	    curl_share_setopt(web->cookies, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE) == CURLSHE_OK)
		return web;
	web_free(web);
	return NULL;
}

void
web_free(struct web *web)
{
	if (web == NULL)
		return;
	curl_easy_cleanup(web->curl);
	curl_share_cleanup(web->cookies);
	free(web);
}

static size_t
on_body(char *from, size_t size, size_t count, void *context)
{
	struct web_answer *answer = context;

	lk_buf_add(&answer->body, from, size * count);
	return lk_buf_is_ok(&answer->body) ? size * count : 0;
}

static bool
server_set(const struct web *web)
{
	CURL *curl = web->curl;

	/* What the last question set must not be sent with this one. */
	curl_easy_reset(curl);
	return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
		   CURLE_OK &&
	       (web->ca_file == NULL ||
		curl_easy_setopt(curl, CURLOPT_CAINFO, web->ca_file) == CURLE_OK) &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_MAX_S) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWER_MAX_S) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SHARE, web->cookies) == CURLE_OK;
}

static bool
question_set(const struct web *web, const struct web_question *question)
{
	CURL *curl = web->curl;

	if (curl_easy_setopt(curl, CURLOPT_URL, question->url) != CURLE_OK)
		return false;
	if (question->form.ptr != NULL &&
	    (curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)question->form.len) != CURLE_OK ||
	     curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, question->form.ptr) != CURLE_OK))
		return false;
	if (question->basic != NULL)
		return curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) == CURLE_OK &&
		       curl_easy_setopt(curl, CURLOPT_USERPWD, question->basic) == CURLE_OK;
	if (question->bearer != NULL)
		return curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER) ==
			   CURLE_OK &&
		       curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, question->bearer) == CURLE_OK;
	return true;
}

/* As a browser says it of a page's own form, so that the service takes it for one. */
static struct curl_slist *
headers_make(const struct web_question *question)
{
	char origin[1100] = "Origin: ";
	const char *host = strstr(question->url, "://");
	size_t len;

	if (question->form.ptr == NULL || question->basic != NULL || host == NULL)
		return NULL;
	len = (size_t)(host - question->url) + 3 + strcspn(host + 3, "/?#");
	if (len > 1000)
		return NULL;
	memcpy(origin + 8, question->url, len);
	origin[8 + len] = '\0';
	return curl_slist_append(NULL, origin);
}

static void
location_keep(CURL *curl, struct web_answer *out)
{
	char *location = NULL;

	if (curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location) == CURLE_OK &&
	    location != NULL && strlen(location) < sizeof(out->location))
		memcpy(out->location, location, strlen(location) + 1);
}

bool
web_ask(struct web *web, const struct web_question *question, struct web_answer *out,
	const char **out_words)
{
	struct curl_slist *headers = headers_make(question);
	CURLcode end = CURLE_FAILED_INIT;

	memset(out, 0, sizeof(*out));
	lk_buf_init(&out->body, ANSWER_MAX_BYTES);
	if (server_set(web) && question_set(web, question) &&
	    curl_easy_setopt(web->curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
	    curl_easy_setopt(web->curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
	    curl_easy_setopt(web->curl, CURLOPT_WRITEDATA, out) == CURLE_OK)
		end = curl_easy_perform(web->curl);
	curl_slist_free_all(headers);
	*out_words = curl_easy_strerror(end);
	if (end != CURLE_OK)
		return false;
	curl_easy_getinfo(web->curl, CURLINFO_RESPONSE_CODE, &out->status);
	location_keep(web->curl, out);
	return true;
}
