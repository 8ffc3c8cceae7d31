/* SPDX-License-Identifier: MIT */
/*
 * latchkeyd without its flows: src/http and src/lane over tests/support/fake_flow.c, for tests that
 * speak to it over sockets. Prints "PORT METRICS_PORT"; ends when its standard input does.
 * Settings: NAME=NUMBER words.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "audit/open.h"
#include "http/http.h"

struct setting {
	const char *name;
	int *value;
};

static struct conf conf = {
    .listen = {"127.0.0.1:0", "127.0.0.1", 0, true},
    .metrics_listen = {"127.0.0.1:0", "127.0.0.1", 0, true},
    .worker_count = 1,
    .lane_count = 2,
    .lane_queue_count = 4,
    .connection_max_count = 4096,
    .connection_per_address_count = 4096,
    .request_head_timeout_s = 1,
    .request_body_timeout_s = 1,
    .idle_timeout_s = 2,
};

static int wanted_port, sync_ms;

static void
settings_read(int count, char **words)
{
	const struct setting settings[] = {
	    {"workers", &conf.worker_count},
	    {"port", &wanted_port},
	    {"lanes", &conf.lane_count},
	    {"lane_queue", &conf.lane_queue_count},
	    {"connections", &conf.connection_max_count},
	    {"head_timeout", &conf.request_head_timeout_s},
	    {"body_timeout", &conf.request_body_timeout_s},
	    {"idle_timeout", &conf.idle_timeout_s},
	    {"sync_ms", &sync_ms},
	};
	size_t i;
	int at;

	for (at = 1; at < count; at++) {
		size_t len = strcspn(words[at], "=");

		for (i = 0; i < sizeof settings / sizeof *settings; i++) {
			if (strlen(settings[i].name) == len &&
			    strncmp(settings[i].name, words[at], len) == 0)
				*settings[i].value = (int)strtol(words[at] + len + 1, NULL, 10);
		}
	}
	conf.tls_certificate_file = getenv("SERVE_CERTIFICATE");
	conf.tls_key_file = getenv("SERVE_KEY");
}

static void
keep(struct fast *fast, void *context)
{
	(void)fast;
	(void)context;
}

/* A disk as slow as the test wants it, for the audit log at SERVE_AUDIT. */
static int
sync_slow(int fd)
{
	nanosleep(&(struct timespec){sync_ms / 1000, sync_ms % 1000 * 1000000L}, NULL);
	return fdatasync(fd);
}

static struct audit *
audit_make(const struct fast *fast)
{
	static const struct audit_io slow = {write, sync_slow};
	const struct audit_setup setup = {getenv("SERVE_AUDIT"), fast->ring, fast->clock, &slow};
	struct lk_why why = {.len = 0};
	struct audit *audit = NULL;

	if (setup.path == NULL)
		return NULL;
	if (audit_open_setup(&setup, &why, &audit) != LK_OK) {
		fprintf(stderr, "serve: %s\n", why.text);
		exit(2);
	}
	return audit;
}

static struct crypto_ring *
ring_make(void)
{
	struct crypto_ring *ring = NULL;
	struct lk_str line = LK_STR("1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n");

	if (crypto_init() != LK_OK || crypto_ring_read(line, NULL, &ring) != LK_OK)
		exit(2);
	return ring;
}

/* Any free one, known before anybody can ask: base_url needs it. */
static int
port_find(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		exit(2);
	close(fd);
	return ntohs(address.sin_port);
}

static void
address_set(int port)
{
	static char base_url[64];

	conf.listen.port = (uint16_t)port;
	snprintf(base_url, sizeof base_url, "%s://127.0.0.1:%d",
		 conf.tls_key_file == NULL ? "http" : "https", port);
	conf.base_url = base_url;
}

static int
serve(struct fast *fast)
{
	struct live *live = live_new(fast, keep, NULL);
	struct lane_settings lanes = {conf.lane_count, conf.lane_queue_count, fast, false};
	struct http_setup setup = {live, lane_pool_new(&lanes), NULL, &conf};
	struct lk_why why = {.len = 0};
	struct http *http = NULL;
	char byte;

	if (http_new(&setup, &why, &http) != LK_OK) {
		fprintf(stderr, "serve: %s\n", why.text);
		return 1;
	}
	printf("%u %u\n", http_port(http), http_metrics_port(http));
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		continue;
	http_drain(http, lk_clock_mono_ms(fast->clock) + 2000);
	lane_pool_stop(setup.lanes, lk_clock_mono_ms(fast->clock) + 2000);
	http_free(http);
	lane_pool_free(setup.lanes);
	live_free(live);
	return 0;
}

int
main(int count, char **words)
{
	static const struct lk_log log = {.least = LK_LOG_INFO, .fd = 2};
	struct lk_log here = log;
	struct crypto_ring *ring = ring_make();
	struct fast fast = {.conf = &conf, .clock = lk_clock_system(), .log = &here, .ring = ring};
	sigset_t pipe;
	int status;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe, NULL);
	here.clock = fast.clock;
	settings_read(count, words);
	address_set(wanted_port == 0 ? port_find() : wanted_port);
	fast.is_https = conf.tls_key_file != NULL;
	fast.metrics = metrics_new("test");
	fast.audit = audit_make(&fast);
	status = serve(&fast);
	audit_close(fast.audit);
	metrics_free(fast.metrics);
	crypto_ring_free(ring);
	return status;
}
