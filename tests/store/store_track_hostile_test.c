/* SPDX-License-Identifier: MIT */
/*
 * News that are none: whatever is said on the connection that tells of changes, nothing is told
 * from memory, and the connection ends. The test itself is the server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "store/store_track.h"
#include "support/store_help.h"

#define RUN_ID "0123456789abcdef0123456789abcdef01234567"
#define GREETING                                                                                   \
	"+OK\r\n"                                                                                  \
	"$49\r\nrun_id:" RUN_ID "\r\n\r\n"                                                         \
	"$29\r\nmaxmemory_policy:noeviction\r\n\r\n"                                               \
	"*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"
#define CHANNEL	   "$20\r\n__redis__:invalidate\r\n"
#define SUBSCRIBED ":7\r\n+OK\r\n*3\r\n$9\r\nsubscribe\r\n" CHANNEL ":1\r\n"
#define MESSAGE	   "*3\r\n$7\r\nmessage\r\n" CHANNEL

static struct help_redis place;
static int listener;
static struct store_shared *shared;
static struct store_track *track;
static struct help_store h;
static int watched_fd;

static void
watch(void *context, int fd, uint32_t events)
{
	(void)context;
	watched_fd = events == 0 ? -1 : fd;
}

static int
begin(void **state)
{
	static const struct store_async_loop loop = {watch, NULL};
	static const struct store_epoch epoch = {RUN_ID, 7, 7};
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)state;
	help_folder(place.folder);
	help_path(place.socket, place.folder, "s");
	snprintf(place.url, sizeof place.url, "unix://%s", place.socket);
	memcpy(address.sun_path, place.socket, strlen(place.socket));
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listener, 16), 0);
	shared = help_shared(&place, 1000, 0);
	store_shared_take(shared, &epoch);
	help_store_on(&h, shared);
	watched_fd = -1;
	track = store_track_new(shared, &loop);
	return track == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	store_track_free(track);
	help_store_off(&h);
	store_shared_free(shared);
	close(listener);
	help_folder_remove(place.folder);
	return 0;
}

static struct store_ask
ask_for_token(void)
{
	static struct crypto_digest token;

	token = help_digest(1);
	return (struct store_ask){.token = &token};
}

static void
turn(void)
{
	int wait_ms = store_track_tick(track);
	struct pollfd fd = {watched_fd, POLLIN | POLLOUT, 0};

	assert_in_range(wait_ms, 1, 1000);
	if (poll(&fd, watched_fd < 0 ? 0 : 1, wait_ms > 5 ? 5 : wait_ms) > 0)
		store_track_ready(track, (uint32_t)fd.revents);
}

/* The other end of its next connection; it came because a token was asked for. */
static int
meet(void)
{
	struct store_ask ask = ask_for_token();
	struct pollfd fd = {listener, POLLIN, 0};
	int64_t until = lk_clock_mono_ms(lk_clock_system()) + 5000;

	(void)store_track_expect(track, &ask);
	while (poll(&fd, 1, 0) == 0) {
		assert_true(lk_clock_mono_ms(lk_clock_system()) < until);
		turn();
	}
	return accept(listener, NULL, NULL);
}

/* Says all of it; true when it hung up within some turns. */
static bool
hangs_up_on(const char *words, size_t len)
{
	struct store_ask ask = ask_for_token();
	struct store_answer answer;
	int fd = meet();
	bool has_hung_up = false;

	assert_true(fd >= 0);
	assert_int_equal(send(fd, words, len, MSG_NOSIGNAL), len);
	for (int i = 0; i < 50 && !has_hung_up; i++) {
		turn();
		assert_false(store_track_find(track, &h.call, ask.token, &answer));
		has_hung_up = watched_fd < 0;
	}
	close(fd);
	while (watched_fd >= 0)
		turn();
	return has_hung_up;
}

static void
whatever_is_no_news_ends_the_connection(void **state)
{
	static const char *const rubbish[] = {
	    GREETING "+OK\r\n",
	    GREETING "-ERR unknown command\r\n",
	    GREETING ":7\r\n-ERR Unknown subcommand\r\n",
	    GREETING ":7\r\n:1\r\n",
	    GREETING ":7\r\n+OK\r\n+OK\r\n",
	    GREETING ":7\r\n+OK\r\n*1\r\n$11\r\nunsubscribe\r\n",
	    GREETING SUBSCRIBED "+PONG\r\n",
	    GREETING SUBSCRIBED "-ERR\r\n",
	    GREETING SUBSCRIBED "$-1\r\n",
	    GREETING SUBSCRIBED "*-1\r\n",
	    GREETING SUBSCRIBED "*0\r\n",
	    GREETING SUBSCRIBED "*3\r\n$7\r\nmessage\r\n$5\r\nother\r\n*1\r\n$4\r\nat:x\r\n",
	    GREETING SUBSCRIBED "*3\r\n$8\r\npmessage\r\n" CHANNEL "*1\r\n$4\r\nat:x\r\n",
	    GREETING SUBSCRIBED "*2\r\n$7\r\nmessage\r\n" CHANNEL,
	    GREETING SUBSCRIBED MESSAGE ":5\r\n",
	    GREETING SUBSCRIBED MESSAGE "$4\r\nat:x\r\n",
	    GREETING SUBSCRIBED MESSAGE "*70000\r\n",
	    GREETING SUBSCRIBED "rubbish\r\n",
	    "+OK\r\n+OK\r\n+OK\r\n+OK\r\n",
	    "-NOAUTH\r\n",
	    "rubbish\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++)
		if (!hangs_up_on(rubbish[i], strlen(rubbish[i])))
			fail_msg("it listens to %s", rubbish[i]);
}

/* One says of nothing that it changed, one of all; one names what we never heard of. */
static void
news_of_strange_keys_are_harmless(void **state)
{
	static const char words[] = GREETING SUBSCRIBED MESSAGE
	    "*4\r\n:5\r\n$0\r\n\r\n*1\r\n$1\r\nx\r\n$40\r\nat:"
	    "4567890123456789012345678901234567890\r\n" MESSAGE "*0\r\n" MESSAGE "$-1\r\n" MESSAGE
	    "*-1\r\n" MESSAGE "*1\r\n$15\r\nhb:\0\0\0\0\0\0\0\0\0\0\0\1\r\n";

	(void)state;
	assert_false(hangs_up_on(words, sizeof words - 1));
}

static void
a_server_that_is_not_master_is_not_listened_to(void **state)
{
	static const char words[] = "+OK\r\n"
				    "$49\r\nrun_id:" RUN_ID "\r\n\r\n"
				    "$29\r\nmaxmemory_policy:noeviction\r\n\r\n"
				    "*5\r\n$5\r\nslave\r\n$1\r\nx\r\n:1\r\n$1\r\nx\r\n:0\r\n";

	(void)state;
	assert_true(hangs_up_on(words, sizeof words - 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(whatever_is_no_news_ends_the_connection),
	    TEST(news_of_strange_keys_are_harmless),
	    TEST(a_server_that_is_not_master_is_not_listened_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
