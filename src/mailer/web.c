/* SPDX-License-Identifier: MIT */
#include "mailer/web.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mailer/reach.h"

#define CONNECT_MAX_S 5L

struct one {
	CURL *curl; /* NULL: none on its way */
	const struct conf *conf;
	bool is_plain;	 /* http: to this machine alone */
	bool was_closed; /* an address of it may not be called */
	bool is_fetch;
	struct lk_buf body; /* what a fetch read */
};

struct web {
	CURLM *multi;
	const struct conf *conf;
	struct curl_slist *headers;
	struct one each[WEB_AT_ONCE];
};

struct web *
web_new(const struct conf *conf)
{
	struct web *web = calloc(1, sizeof *web);

	if (web == NULL)
		return NULL;
	web->conf = conf;
	web->multi = curl_multi_init();
	/* libcurl's own "Expect: 100-continue" would wait for a word many servers never say. */
	web->headers = curl_slist_append(NULL, "Expect:");
	if (web->multi != NULL && web->headers != NULL)
		return web;
	web_free(web);
	return NULL;
}

static void
drop(struct web *web, struct one *one)
{
	if (one->curl == NULL)
		return;
	curl_multi_remove_handle(web->multi, one->curl);
	curl_easy_cleanup(one->curl);
	one->curl = NULL;
}

void
web_free(struct web *web)
{
	if (web == NULL)
		return;
	for (size_t i = 0; i < WEB_AT_ONCE; i++) {
		drop(web, &web->each[i]);
		lk_buf_done(&web->each[i].body);
	}
	curl_multi_cleanup(web->multi);
	curl_slist_free_all(web->headers);
	free(web);
}

/* --- where to ------------------------------------------------------------------------------- */

static bool
ip_of(const struct curl_sockaddr *address, struct conf_ip *out)
{
	static const struct conf_ip four = {{[10] = 0xff, [11] = 0xff}};
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	*out = four;
	if (address->family == AF_INET) {
		memcpy(&in, &address->addr, sizeof in);
		memcpy(out->bytes + 12, &in.sin_addr, 4);
		return true;
	}
	if (address->family != AF_INET6 || address->addrlen < sizeof in6)
		return false;
	memcpy(&in6, &address->addr, sizeof in6);
	memcpy(out->bytes, &in6.sin6_addr, 16);
	return true;
}

/* The last word on every connection, behind whatever a name server said. */
static curl_socket_t
on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct one *one = context;
	struct conf_ip ip;

	(void)purpose;
	if (ip_of(address, &ip) && reach_check(&one->conf->call_allow, &ip) &&
	    (!one->is_plain || conf_ip_is_loopback(&ip)))
		return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	one->was_closed = true;
	return CURL_SOCKET_BAD;
}

/* Of a call, its status said all we want to know: whatever else it says ends it. */
static size_t
on_body(char *from, size_t size, size_t count, void *context)
{
	struct one *one = context;

	if (!one->is_fetch)
		return 0;
	lk_buf_add(&one->body, from, size * count);
	return lk_buf_is_ok(&one->body) ? size * count : 0;
}

/* Those of the file, then, and not the system's besides. */
static bool
trust_set(CURL *curl, const char *ca_file)
{
	return ca_file == NULL || (curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file) == CURLE_OK &&
				   curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK);
}

static bool
server_set(CURL *curl, const struct conf *conf)
{
	long timeout_s = conf->call_timeout_s;
	long connect_s = timeout_s < CONNECT_MAX_S ? timeout_s : CONNECT_MAX_S;

	return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
		   CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	       trust_set(curl, conf->call_ca_file) &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_s) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeout_s) == CURLE_OK;
}

static bool
callbacks_set(CURL *curl, struct one *one)
{
	return curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, one) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, one) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PRIVATE, one) == CURLE_OK;
}

/* --- the calls ------------------------------------------------------------------------------ */

static bool
post_set(const struct web *web, CURL *curl, struct lk_str body)
{
	return curl_easy_setopt(curl, CURLOPT_HTTPHEADER, web->headers) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.len) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, body.ptr) == CURLE_OK;
}

/* body NULL: a fetch. */
static enum lk_err
begin(struct web *web, size_t slot, const char *url, const struct lk_str *body)
{
	struct one *one = &web->each[slot];

	lk_buf_done(&one->body);
	*one = (struct one){.curl = curl_easy_init(),
			    .conf = web->conf,
			    .is_plain = lk_str_starts(lk_str_c(url), "http:"),
			    .is_fetch = body == NULL};
	lk_buf_init(&one->body, WEB_BODY_MAX_BYTES);
	if (one->curl == NULL)
		return LK_E_MEMORY;
	if (curl_easy_setopt(one->curl, CURLOPT_URL, url) != CURLE_OK ||
	    (body != NULL && !post_set(web, one->curl, *body)) ||
	    !server_set(one->curl, web->conf) || !callbacks_set(one->curl, one) ||
	    curl_multi_add_handle(web->multi, one->curl) != CURLM_OK) {
		curl_easy_cleanup(one->curl);
		one->curl = NULL;
		return LK_E_FORMAT;
	}
	return LK_OK;
}

enum lk_err
web_begin(struct web *web, size_t slot, const char *url, struct lk_str body)
{
	return begin(web, slot, url, &body);
}

enum lk_err
web_begin_fetch(struct web *web, size_t slot, const char *url)
{
	return begin(web, slot, url, NULL);
}

/* Once there was a status, what became of the rest does not matter, but for what is fetched. */
static enum web_end
end_of(const struct one *one, CURLcode err, long status)
{
	if (status == 0)
		return one->was_closed ? WEB_CLOSED : WEB_DOWN;
	if (one->is_fetch && err != CURLE_OK)
		return err == CURLE_WRITE_ERROR ? WEB_NEVER : WEB_DOWN;
	if (status >= 200 && status < 300)
		return WEB_DONE;
	if (status >= 500 || status == 408 || status == 425 || status == 429)
		return WEB_LATER;
	return WEB_NEVER;
}

bool
web_take(struct web *web, struct web_said *out)
{
	struct one *one = NULL;
	CURLMsg *message;
	int left;

	curl_multi_perform(web->multi, &left);
	do {
		message = curl_multi_info_read(web->multi, &left);
	} while (message != NULL && message->msg != CURLMSG_DONE);
	if (message == NULL ||
	    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&one) != CURLE_OK)
		return false;
	out->slot = (size_t)(one - web->each);
	out->status = 0;
	curl_easy_getinfo(one->curl, CURLINFO_RESPONSE_CODE, &out->status);
	out->words = curl_easy_strerror(message->data.result);
	out->end = end_of(one, message->data.result, out->status);
	if (out->end == WEB_CLOSED)
		out->words = "an address that may not be called: see [calls] allow";
	out->body = one->is_fetch ? lk_buf_str(&one->body) : (struct lk_str){NULL, 0};
	drop(web, one);
	return true;
}

void
web_wait(struct web *web, const int fds[2], int most_ms)
{
	struct curl_waitfd waits[2];
	unsigned count = 0;

	for (size_t i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			waits[count++] = (struct curl_waitfd){fds[i], CURL_WAIT_POLLIN, 0};
	}
	(void)curl_multi_poll(web->multi, waits, count, most_ms, NULL);
}
