/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "spool/waiting.h"
#include "support/files_help.h"

#define MAIL LK_STR("Subject: Your password was changed\n\nHello\n")
#define TO   LK_STR("asha@example.org")
#define NOW  1795799116

/* --- a disk that says no, and what was asked of it ------------------------------------------ */

static struct {
	char done[64]; /* w write · f fsync of a file · d of a folder · r rename */
	char fails;    /* the letter that fails; 0: none */
	size_t piece;  /* most bytes one write takes; 0: all */
} disk;

ssize_t
__real_write(int fd, const void *from, size_t len);
ssize_t
__wrap_write(int fd, const void *from, size_t len);
int
__real_fsync(int fd);
int
__wrap_fsync(int fd);
int
__real_renameat(int from, const char *name, int to, const char *new_name);
int
__wrap_renameat(int from, const char *name, int to, const char *new_name);

static bool
note(char letter)
{
	size_t len = strlen(disk.done);

	if (len + 1 < sizeof disk.done)
		disk.done[len] = letter;
	errno = EIO;
	return disk.fails != letter;
}

ssize_t
__wrap_write(int fd, const void *from, size_t len)
{
	if (fd <= 2)
		return __real_write(fd, from, len);
	if (!note('w'))
		return -1;
	return __real_write(fd, from, disk.piece > 0 && len > disk.piece ? disk.piece : len);
}

int
__wrap_fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !note(S_ISDIR(st.st_mode) ? 'd' : 'f'))
		return -1;
	return __real_fsync(fd);
}

int
__wrap_renameat(int from, const char *name, int to, const char *new_name)
{
	return note('r') ? __real_renameat(from, name, to, new_name) : -1;
}

/* --- a spool in a folder of its own --------------------------------------------------------- */

struct place {
	char folder[HELP_PATH_BYTES];
	char dir[HELP_PATH_BYTES];
	struct lk_arena *arena;
	struct spool *spool;
};

static int
begin(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	help_folder(place->folder);
	help_path(place->dir, place->folder, "spool");
	place->arena = lk_arena_new(65536, 1u << 22);
	assert_int_equal(spool_init(place->dir, NULL), LK_OK);
	memset(&disk, 0, sizeof disk);
	*state = place;
	return 0;
}

static int
end(void **state)
{
	struct place *place = *state;

	memset(&disk, 0, sizeof disk);
	spool_close(place->spool);
	lk_arena_free(place->arena);
	help_folder_remove(place->folder);
	free(place);
	return 0;
}

static size_t
count_in(const struct place *place, const char *name)
{
	char path[HELP_PATH_BYTES];
	DIR *entries = opendir(help_path(path, place->dir, name));
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(entries);
	while ((entry = readdir(entries)) != NULL)
		count += entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
	closedir(entries);
	return count;
}

static void
open_it(struct place *place)
{
	if (place->spool == NULL)
		assert_int_equal(spool_open(place->dir, NOW, NULL, &place->spool), LK_OK);
}

static size_t
list(struct place *place, const char *const **out_names)
{
	size_t count = 0;

	open_it(place);
	assert_int_equal(spool_list(place->spool, place->arena, out_names, &count), LK_OK);
	return count;
}

/* The only one. */
static struct spool_mail
get(struct place *place)
{
	const char *const *names;
	struct spool_mail mail;

	assert_int_equal(list(place, &names), 1);
	assert_int_equal(spool_get(place->spool, place->arena, names[0], &mail), LK_OK);
	return mail;
}

static void
put(const struct place *place, int64_t at_s)
{
	assert_int_equal(spool_put(place->dir, TO, MAIL, at_s), LK_OK);
}

/* --- putting -------------------------------------------------------------------------------- */

static void
a_mail_put_is_there_whole_and_only_for_us(void **state)
{
	struct place *place = *state;
	char path[HELP_PATH_BYTES];
	struct spool_mail mail;
	struct stat st;

	put(place, NOW);
	mail = get(place);
	assert_true(lk_str_is_equal(mail.to, TO));
	assert_true(lk_str_is_equal(mail.mail, MAIL));
	assert_int_equal(mail.at_s, NOW);
	assert_int_equal(mail.tries, 0);
	assert_int_equal(mail.next_at_s, 0);
	assert_int_equal(stat(help_path(path, place->dir, mail.name), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(count_in(place, "new"), 0);
}

static void
the_file_is_as_the_header_says(void **state)
{
	struct place *place = *state;
	char path[HELP_PATH_BYTES];
	char *text;

	put(place, NOW);
	text = help_read(help_path(path, place->dir, get(place).name));
	assert_string_equal(text, "to: asha@example.org\ntries: 0 next: 0\n\n"
				  "Subject: Your password was changed\n\nHello\n");
	free(text);
}

static void
file_then_name_then_folder_are_synced(void **state)
{
	struct place *place = *state;

	disk.piece = 60;
	put(place, NOW);
	assert_string_equal(disk.done, "wwfrd");
}

static void
a_disk_that_says_no_leaves_nothing(void **state)
{
	struct place *place = *state;
	const char *letters = "wfrd";

	for (; *letters != '\0'; letters++) {
		disk.fails = *letters;
		assert_int_equal(spool_put(place->dir, TO, MAIL, NOW), LK_E_BROKEN);
		assert_int_equal(count_in(place, "."), 0);
		assert_int_equal(count_in(place, "new"), 0);
	}
}

static void
no_folder_is_told(void **state)
{
	const struct place *place = *state;
	char path[HELP_PATH_BYTES];

	assert_int_equal(spool_put(help_path(path, place->folder, "none"), TO, MAIL, NOW),
			 LK_E_BROKEN);
}

static void
only_one_plain_address_is_taken(void **state)
{
	static const char *const wrong[] = {"",
					    "@",
					    "a@",
					    "@b",
					    "a",
					    "a@b@c",
					    "a b@c",
					    " a@b",
					    "a@b ",
					    "a@b\n",
					    "a@b\r\nBcc: x@y",
					    "a@b\nto: x@y",
					    "a\t@b",
					    "a@b,c@d",
					    "a@b;c@d",
					    "<a@b>",
					    "a@b>",
					    "a@b> SIZE=1",
					    "\"a\"@b",
					    "a(b)@c",
					    "a:b@c",
					    "a\\@b",
					    "a@[1.2.3.4]",
					    "a@b\x7F",
					    "a@b\x01",
					    "a@b\xC2\x85",
					    "a@b\xC2\xA0",
					    "a@b\xE2\x80\xA8",
					    "a@b\xFF",
					    "a@b\xC0\x8A"};
	const struct place *place = *state;
	char longest[256] = "";
	size_t i;

	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (spool_put(place->dir, lk_str_c(wrong[i]), MAIL, NOW) != LK_E_FORMAT)
			fail_msg("'%s' was taken", wrong[i]);
	}
	assert_int_equal(spool_put(place->dir, LK_STR("a@b\0c"), MAIL, NOW), LK_E_FORMAT);
	memset(longest, 'a', 255);
	longest[1] = '@';
	assert_int_equal(spool_put(place->dir, lk_str_n(longest, 255), MAIL, NOW), LK_E_FORMAT);
	assert_int_equal(count_in(place, "."), 0);
	assert_int_equal(spool_put(place->dir, lk_str_n(longest, 254), MAIL, NOW), LK_OK);
	assert_int_equal(spool_put(place->dir, LK_STR("o'neill+x.y-z@sub.example.org"), MAIL, NOW),
			 LK_OK);
	assert_int_equal(spool_put(place->dir, LK_STR("si\xC3\xA2n@example.org"), MAIL, NOW),
			 LK_OK);
}

static void
a_mail_is_text_of_at_most_64_kib(void **state)
{
	static char large[SPOOL_MAIL_MAX_BYTES + 1];
	struct place *place = *state;

	memset(large, 'x', sizeof large);
	assert_int_equal(spool_put(place->dir, TO, lk_str_n(large, sizeof large), NOW),
			 LK_E_FORMAT);
	assert_int_equal(spool_put(place->dir, TO, LK_STR(""), NOW), LK_E_FORMAT);
	assert_int_equal(spool_put(place->dir, TO, LK_STR("a\0b"), NOW), LK_E_FORMAT);
	assert_int_equal(spool_put(place->dir, TO, lk_str_n(large, SPOOL_MAIL_MAX_BYTES), NOW),
			 LK_OK);
	assert_int_equal(get(place).mail.len, SPOOL_MAIL_MAX_BYTES);
}

static void
fill(const struct place *place, const char *name, size_t count)
{
	char path[HELP_PATH_BYTES], one[HELP_PATH_BYTES], first[HELP_PATH_BYTES];
	size_t i;

	help_path(path, place->dir, name);
	help_write(path, "1.FIRST", 0600, "");
	help_path(first, path, "1.FIRST");
	for (i = 1; i < count; i++) {
		snprintf(one, sizeof one, "%.400s/%zu.X", path, i + 1);
		/* A link is a name like any other, and costs nothing. */
		if (link(first, one) == 0)
			continue;
		assert_int_equal(errno, EMLINK);
		help_write(path, strrchr(one, '/') + 1, 0600, "");
		memcpy(first, one, sizeof first);
	}
}

static void
a_full_spool_takes_no_more(void **state)
{
	struct place *place = *state;

	fill(place, ".", SPOOL_COUNT_MAX - 1);
	put(place, NOW);
	assert_int_equal(spool_put(place->dir, TO, MAIL, NOW), LK_E_BROKEN);
	assert_int_equal(count_in(place, "."), SPOOL_COUNT_MAX);
	assert_int_equal(count_in(place, "new"), 0);
}

/* --- folders -------------------------------------------------------------------------------- */

static void
mode_is(const struct place *place, const char *name, unsigned mode)
{
	char path[HELP_PATH_BYTES];
	struct stat st;

	assert_int_equal(stat(help_path(path, place->dir, name), &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
}

static void
folders_are_made_for_us_alone(void **state)
{
	const struct place *place = *state;

	mode_is(place, ".", 0700);
	mode_is(place, "new", 0700);
	mode_is(place, "bad", 0700);
	assert_int_equal(spool_init(place->dir, NULL), LK_OK);
}

static void
a_spool_others_can_write_is_refused(void **state)
{
	static const char *const names[] = {".", "new", "bad"};
	static const mode_t modes[] = {0720, 0702, 0777};
	struct place *place = *state;
	char path[HELP_PATH_BYTES];
	size_t i;

	for (i = 0; i < 3; i++) {
		struct lk_why why = {.len = 0};

		assert_int_equal(chmod(help_path(path, place->dir, names[i]), modes[i]), 0);
		assert_int_equal(spool_init(place->dir, &why), LK_E_FORMAT);
		assert_non_null(strstr(why.text, "others may write it"));
		assert_int_equal(spool_open(place->dir, NOW, &why, &place->spool), LK_E_FORMAT);
		assert_int_equal(chmod(path, 0700), 0);
	}
	assert_int_equal(spool_init(place->dir, NULL), LK_OK);
}

static void
a_link_or_a_file_is_no_spool(void **state)
{
	struct place *place = *state;
	char path[HELP_PATH_BYTES];
	struct lk_why why = {.len = 0};

	assert_int_equal(symlink(place->dir, help_path(path, place->folder, "link")), 0);
	assert_int_equal(spool_init(path, &why), LK_E_BROKEN);
	help_write(place->folder, "file", 0600, "");
	assert_int_equal(spool_init(help_path(path, place->folder, "file"), &why), LK_E_BROKEN);
	assert_int_equal(spool_init(help_path(path, place->folder, "a/b"), &why), LK_E_BROKEN);
	assert_true(why.len > 0);
}

/* --- taking --------------------------------------------------------------------------------- */

static void
mails_are_listed_oldest_first(void **state)
{
	struct place *place = *state;
	const char *const *names;

	put(place, 1000);
	put(place, 90);
	put(place, 999);
	help_write(place->dir, "not-a-mail", 0600, "x");
	help_write(place->dir, "12.lower", 0600, "x");
	assert_int_equal(list(place, &names), 3);
	assert_memory_equal(names[0], "90.", 3);
	assert_memory_equal(names[1], "999.", 4);
	assert_memory_equal(names[2], "1000.", 5);
}

static void
a_try_that_failed_is_kept(void **state)
{
	struct place *place = *state;
	struct spool_mail mail, again;

	put(place, NOW);
	mail = get(place);
	mail.tries = 3;
	mail.next_at_s = NOW + 60;
	memset(&disk, 0, sizeof disk);
	assert_int_equal(spool_put_back(place->spool, &mail), LK_OK);
	assert_string_equal(disk.done, "wfrd");
	again = get(place);
	assert_string_equal(again.name, mail.name);
	assert_int_equal(again.tries, 3);
	assert_int_equal(again.next_at_s, NOW + 60);
	assert_true(lk_str_is_equal(again.mail, MAIL));
}

static void
a_try_that_cannot_be_kept_leaves_the_mail(void **state)
{
	struct place *place = *state;
	struct spool_mail mail;

	put(place, NOW);
	mail = get(place);
	mail.tries = 3;
	disk.fails = 'w';
	assert_int_equal(spool_put_back(place->spool, &mail), LK_E_BROKEN);
	disk.fails = 'r';
	assert_int_equal(spool_put_back(place->spool, &mail), LK_E_BROKEN);
	assert_int_equal(get(place).tries, 0);
	assert_int_equal(count_in(place, "new"), 0);
}

static void
a_mail_sent_is_removed_and_synced(void **state)
{
	struct place *place = *state;
	struct spool_mail mail;

	put(place, NOW);
	mail = get(place);
	memset(&disk, 0, sizeof disk);
	assert_int_equal(spool_remove(place->spool, mail.name), LK_OK);
	assert_string_equal(disk.done, "d");
	assert_int_equal(count_in(place, "."), 0);
	assert_int_equal(spool_get(place->spool, place->arena, mail.name, &mail), LK_E_NOT_FOUND);
	disk.fails = 'd';
	assert_int_equal(spool_remove(place->spool, mail.name), LK_E_BROKEN);
}

static void
what_will_never_be_sent_is_set_aside(void **state)
{
	struct place *place = *state;

	put(place, NOW);
	open_it(place);
	assert_int_equal(spool_set_aside(place->spool, get(place).name), LK_OK);
	assert_int_equal(count_in(place, "."), 0);
	assert_int_equal(count_in(place, "bad"), 1);
}

static void
what_was_set_aside_has_a_bound_too(void **state)
{
	struct place *place = *state;

	fill(place, "bad", SPOOL_COUNT_MAX);
	put(place, NOW);
	open_it(place);
	assert_int_equal(spool_set_aside(place->spool, get(place).name), LK_OK);
	assert_int_equal(count_in(place, "."), 0);
	assert_int_equal(count_in(place, "bad"), SPOOL_COUNT_MAX);
}

static void
what_is_no_mail_is_told_apart(void **state)
{
	static const char *const texts[] = {"",
					    "to: a@b\n",
					    "to: a@b\ntries: 0 next: 0\n",
					    "to: a@b\ntries: 0 next: 0\n\n",
					    "to: a@b\ntries: -1 next: 0\n\nx",
					    "to: a@b\ntries: 0 next: 99999999999999999999\n\nx",
					    "to: a@b c\ntries: 0 next: 0\n\nx",
					    "tries: 0 next: 0\nto: a@b\n\nx",
					    "to: a@b\r\ntries: 0 next: 0\r\n\r\nx"};
	struct place *place = *state;
	char path[HELP_PATH_BYTES];
	struct spool_mail mail;
	size_t i;

	open_it(place);
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		help_write(place->dir, "1.A", 0600, texts[i]);
		assert_int_equal(spool_get(place->spool, place->arena, "1.A", &mail), LK_E_FORMAT);
	}
	assert_int_equal(symlink("/etc/passwd", help_path(path, place->dir, "2.A")), 0);
	assert_int_equal(spool_get(place->spool, place->arena, "2.A", &mail), LK_E_FORMAT);
	help_subfolder(place->dir, "3.A");
	assert_int_equal(spool_get(place->spool, place->arena, "3.A", &mail), LK_E_FORMAT);
	assert_int_equal(mkfifo(help_path(path, place->dir, "4.A"), 0600), 0);
	assert_int_equal(spool_get(place->spool, place->arena, "4.A", &mail), LK_E_FORMAT);
	assert_int_equal(spool_get(place->spool, place->arena, "../x", &mail), LK_E_FORMAT);
}

static void
one_program_sends_at_a_time(void **state)
{
	struct place *place = *state;
	struct spool *other = NULL;
	struct lk_why why = {.len = 0};

	open_it(place);
	assert_int_equal(spool_open(place->dir, NOW, &why, &other), LK_E_BUSY);
	assert_null(other);
	put(place, NOW); /* which keeps nobody from putting */
	spool_close(place->spool);
	place->spool = NULL;
	assert_int_equal(spool_open(place->dir, NOW, &why, &place->spool), LK_OK);
}

static void
what_was_left_half_written_goes_after_an_hour(void **state)
{
	struct place *place = *state;
	char path[HELP_PATH_BYTES], name[64];

	help_path(path, place->dir, "new");
	snprintf(name, sizeof name, "%d.OLD", NOW - 3601);
	help_write(path, name, 0600, "half");
	snprintf(name, sizeof name, "%d.YOUNG", NOW - 3599);
	help_write(path, name, 0600, "half");
	open_it(place);
	assert_int_equal(count_in(place, "new"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_mail_put_is_there_whole_and_only_for_us),
	    TEST(the_file_is_as_the_header_says),
	    TEST(file_then_name_then_folder_are_synced),
	    TEST(a_disk_that_says_no_leaves_nothing),
	    TEST(no_folder_is_told),
	    TEST(only_one_plain_address_is_taken),
	    TEST(a_mail_is_text_of_at_most_64_kib),
	    TEST(a_full_spool_takes_no_more),
	    TEST(folders_are_made_for_us_alone),
	    TEST(a_spool_others_can_write_is_refused),
	    TEST(a_link_or_a_file_is_no_spool),
	    TEST(mails_are_listed_oldest_first),
	    TEST(a_try_that_failed_is_kept),
	    TEST(a_try_that_cannot_be_kept_leaves_the_mail),
	    TEST(a_mail_sent_is_removed_and_synced),
	    TEST(what_will_never_be_sent_is_set_aside),
	    TEST(what_was_set_aside_has_a_bound_too),
	    TEST(what_is_no_mail_is_told_apart),
	    TEST(one_program_sends_at_a_time),
	    TEST(what_was_left_half_written_goes_after_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
