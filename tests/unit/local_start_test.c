/* SPDX-License-Identifier: MIT */
/* Where the local sockets stand, who may touch them, and how they go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "support/files_help.h"
#include "support/local_help.h"

static mode_t
mode_of(const char *path)
{
	struct stat found;

	assert_int_equal(stat(path, &found), 0);
	return found.st_mode & 07777;
}

static void
the_files_are_as_open_as_said(void **state)
{
	(void)state;
	assert_int_equal(mode_of(pam_path), 0666);
	assert_int_equal(mode_of(admin_path), 0660);
}

static void
a_socket_somebody_listens_on_stays_theirs(void **state)
{
	struct local *first = local;

	(void)state;
	assert_int_equal(start(), LK_E_BUSY);
	assert_non_null(strstr(why.text, "somebody listens there already"));
	local = first;
	still_answers();
}

static void
after_quiesce_nothing_is_handed_on(void **state)
{
	unsigned char bytes[WIRE_FRAME_MAX_BYTES];
	struct wire_frame answer;
	int fd = connected(pam_path);

	(void)state;
	still_answers();
	local_quiesce(local);
	send_all(fd, bytes, frame_make(bytes, WIRE_AUTH, WIRE_USERNAME, "late"));
	assert_true(answer_read(fd, bytes, &answer));
	assert_int_equal(wire_number(&answer, WIRE_VERDICT, 0), WIRE_VERDICT_UNAVAILABLE);
	assert_int_equal(asked_pam, 1);
	close(fd);
	assert_int_equal(access(pam_path, F_OK), -1);
	assert_int_equal(access(admin_path, F_OK), -1);
}

static void
a_socket_file_left_over_is_replaced(void **state)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	snprintf(where.sun_path, sizeof(where.sun_path), "%.100s", pam_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&where, sizeof(where)), 0);
	close(fd);
	assert_int_equal(start(), LK_OK);
	still_answers();
	local_stop(local, mono_ms(NULL) + 1000);
}

static void
another_file_is_never_replaced(void **state)
{
	(void)state;
	help_write(folder, "pam.sock", 0644, "mine");
	assert_int_equal(start(), LK_E_FORMAT);
	assert_int_equal(access(pam_path, F_OK), 0);
}

static void
a_folder_others_may_write_is_refused(void **state)
{
	(void)state;
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(start(), LK_E_FORMAT);
	assert_non_null(strstr(why.text, "only its owner may write"));
}

static void
a_missing_folder_is_made(void **state)
{
	char sub[HELP_PATH_BYTES];

	(void)state;
	help_path(sub, folder, "run");
	help_path(pam_path, folder, "run/pam.sock");
	help_path(admin_path, folder, "run/admin.sock");
	assert_int_equal(start(), LK_OK);
	assert_int_equal(mode_of(sub), 0755);
	local_stop(local, mono_ms(NULL) + 1000);
}

static void
a_path_too_long_is_refused(void **state)
{
	struct sockaddr_un where;

	(void)state;
	memset(pam_path + strlen(pam_path), 'x', sizeof(where.sun_path));
	assert_int_equal(start(), LK_E_FORMAT);
	memset(pam_path, 0, strlen(pam_path));
}

#define RUNNING(test)  cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define STARTING(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RUNNING(the_files_are_as_open_as_said),
	    RUNNING(a_socket_somebody_listens_on_stays_theirs),
	    RUNNING(after_quiesce_nothing_is_handed_on),
	    STARTING(a_socket_file_left_over_is_replaced),
	    STARTING(another_file_is_never_replaced),
	    STARTING(a_folder_others_may_write_is_refused),
	    STARTING(a_missing_folder_is_made),
	    STARTING(a_path_too_long_is_refused),
	};

	if (crypto_init() != LK_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
