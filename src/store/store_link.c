/* SPDX-License-Identifier: MIT */
#include "store/store_link.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "crypto/token.h"

#define BACKOFF_LAST_MS 1000

void
store_link_init(struct store_link *link, struct store_shared *shared,
		const struct store_async_loop *loop)
{
	*link = (struct store_link){.shared = shared, .loop = *loop};
	lk_buf_init(&link->out, STORE_LINK_OUT_MAX_BYTES);
}

void
store_link_done(struct store_link *link)
{
	store_link_close(link);
	lk_buf_done(&link->out);
}

int64_t
store_link_now_ms(const struct store_link *link)
{
	return lk_clock_mono_ms(link->shared->clock);
}

void
store_link_watch(struct store_link *link)
{
	uint32_t events = EPOLLIN;

	if (link->redis == NULL)
		return;
	if (link->sent_bytes < link->out.len)
		events |= EPOLLOUT;
	if (events != link->watched)
		link->loop.watch(link->loop.context, link->redis->fd, events);
	link->watched = events;
}

void
store_link_close(struct store_link *link)
{
	if (link->redis == NULL)
		return;
	if (link->watched != 0)
		link->loop.watch(link->loop.context, link->redis->fd, 0);
	redisFree(link->redis);
	link->redis = NULL;
	link->watched = 0;
	link->sent_bytes = 0;
	lk_buf_clear(&link->out);
}

void
store_link_back_off(struct store_link *link)
{
	int ms = link->backoff_ms * 2;

	if (ms < STORE_BACKOFF_FIRST_MS)
		ms = STORE_BACKOFF_FIRST_MS;
	link->backoff_ms = ms > BACKOFF_LAST_MS ? BACKOFF_LAST_MS : ms;
	link->retry_at_mono_ms = store_link_now_ms(link) + link->backoff_ms / 2 +
				 crypto_random_below((uint32_t)link->backoff_ms / 2 + 1);
}

bool
store_link_open(struct store_link *link)
{
	const struct store_shared *shared = link->shared;
	const struct store_place *place = &shared->place;

	lk_why_clear(&link->why);
	link->redis = place->host[0] == '\0' ? redisConnectUnixNonBlock(place->path)
					     : redisConnectNonBlock(place->host, place->port);
	if (link->redis == NULL || link->redis->err != 0) {
		lk_why_add(&link->why, "store: no connection: %.60s",
			   link->redis == NULL ? "no memory" : link->redis->errstr);
		store_link_close(link);
		store_link_back_off(link);
		return false;
	}
	store_bounds_set(&link->bounds, link->redis);
	link->server = (struct store_server){0};
	link->hello_count = store_hello_write(&link->out, place, shared->settings.password);
	link->hello_at = 0;
	link->has_time_again = false;
	link->hello_until_mono_ms = store_link_now_ms(link) + shared->settings.timeout_ms;
	store_link_watch(link);
	return true;
}

static bool
lost(struct store_link *link, const char *how)
{
	lk_why_clear(&link->why);
	lk_why_add(&link->why, "store: connection lost: %.60s", how);
	return false;
}

bool
store_link_send(struct store_link *link)
{
	struct lk_str rest = lk_str_from(lk_buf_str(&link->out), link->sent_bytes);
	ssize_t n;

	if (rest.len == 0)
		return true;
	n = send(link->redis->fd, rest.ptr, rest.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return lost(link, "while sending");
	if (n > 0)
		link->sent_bytes += (size_t)n;
	if (link->sent_bytes == link->out.len) {
		link->sent_bytes = 0;
		lk_buf_clear(&link->out);
	}
	return true;
}

bool
store_link_read(struct store_link *link)
{
	if (redisBufferRead(link->redis) != REDIS_OK)
		return lost(link, link->redis->errstr);
	if (store_bounds_are_passed(link->redis))
		return lost(link, "an answer without end");
	return true;
}

bool
store_link_take(struct store_link *link, redisReply **out)
{
	void *reply = NULL;

	if (redisGetReplyFromReader(link->redis, &reply) != REDIS_OK)
		return lost(link, "it does not talk like Redis");
	*out = reply;
	return true;
}

bool
store_link_is_greeted(const struct store_link *link)
{
	return link->redis != NULL && link->hello_at == link->hello_count;
}

bool
store_link_hello(struct store_link *link, const redisReply *reply, enum store_health *out_health)
{
	struct store_hello_at at = {link->hello_at, link->hello_count};

	if (!store_hello_read(&link->server, at, reply, &link->why))
		return false;
	link->hello_at++;
	*out_health = STORE_HEALTH_OK;
	if (!store_link_is_greeted(link))
		return true;
	*out_health = store_server_health(&link->server, &link->why);
	if (*out_health == STORE_HEALTH_OK)
		link->backoff_ms = 0;
	return true;
}
