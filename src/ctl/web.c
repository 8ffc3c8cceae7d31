/* SPDX-License-Identifier: MIT */
#include "ctl/web.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX_BYTES 1048576u
#define CONNECT_MAX_S	 5L
#define ANSWER_MAX_S	 20L

struct web {
	CURL *curl; /* one for all questions: it keeps the cookies */
};

static bool
server_set(CURL *curl, const char *ca_file)
{
	return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
		   CURLE_OK &&
	       (ca_file == NULL || curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file) == CURLE_OK) &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_MAX_S) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWER_MAX_S) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_COOKIEFILE, "") == CURLE_OK;
}

struct web *
web_new(const char *ca_file)
{
	struct web *web = calloc(1, sizeof(*web));

	if (web == NULL)
		return NULL;
	web->curl = curl_easy_init();
	if (web->curl != NULL && server_set(web->curl, ca_file))
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
	free(web);
}

static size_t
on_body(char *from, size_t size, size_t count, void *context)
{
	struct web_answer *answer = context;

	lk_buf_add(&answer->body, from, size * count);
	return lk_buf_is_ok(&answer->body) ? size * count : 0;
}

/* What the last question set must not be sent with this one: all of it is set each time. */
static bool
who_set(CURL *curl, const struct web_question *question)
{
	unsigned long how = question->basic != NULL    ? CURLAUTH_BASIC
			    : question->bearer != NULL ? CURLAUTH_BEARER
						       : CURLAUTH_NONE;

	return curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)how) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_USERPWD, question->basic) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, question->bearer) == CURLE_OK;
}

static bool
question_set(CURL *curl, const struct web_question *question)
{
	if (curl_easy_setopt(curl, CURLOPT_URL, question->url) != CURLE_OK ||
	    !who_set(curl, question))
		return false;
	if (question->form.ptr == NULL)
		return curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L) == CURLE_OK;
	return curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)question->form.len) ==
		   CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, question->form.ptr) == CURLE_OK;
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

/* Where a redirect leads, or a page after no seconds: "Refresh: 0; url=…". */
static void
location_keep(CURL *curl, struct web_answer *out)
{
	static const char at_once[] = "0; url=";
	struct curl_header *refresh;
	const char *location = NULL;
	char *redirect = NULL;

	(void)curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &redirect);
	if (redirect != NULL)
		location = redirect;
	else if (curl_easy_header(curl, "Refresh", 0, CURLH_HEADER, -1, &refresh) == CURLHE_OK &&
		 strncmp(refresh->value, at_once, sizeof(at_once) - 1) == 0)
		location = refresh->value + sizeof(at_once) - 1;
	if (location != NULL && strlen(location) < sizeof(out->location))
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
	if (question_set(web->curl, question) &&
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
