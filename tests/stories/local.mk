# SPDX-License-Identifier: MIT
# Stories: real programs on loopback. A C program stands in check_PROGRAMS and STORY_TESTS; a pytest file in STORY_FILES
# alone.
STORY_FILES += tests/stories/account_test.py
STORY_FILES += tests/stories/apps_test.py
STORY_FILES += tests/stories/attack_flood_test.py
STORY_FILES += tests/stories/attack_guess_test.py
STORY_FILES += tests/stories/attack_local_test.py
STORY_FILES += tests/stories/again_test.py
STORY_FILES += tests/stories/attack_oauth_test.py
STORY_FILES += tests/stories/attack_session_test.py
STORY_FILES += tests/stories/attack_text_test.py
STORY_FILES += tests/stories/certificate_test.py
STORY_FILES += tests/stories/chromium_applications_test.py
STORY_FILES += tests/stories/chromium_journeys_test.py
STORY_FILES += tests/stories/chromium_pages_test.py
STORY_FILES += tests/stories/clients_test.py
STORY_FILES += tests/stories/ctl_test.py
STORY_FILES += tests/stories/daemon_test.py
STORY_FILES += tests/stories/device_test.py
STORY_FILES += tests/stories/faults_around_test.py
STORY_FILES += tests/stories/faults_directory_test.py
STORY_FILES += tests/stories/faults_ppolicy_test.py
STORY_FILES += tests/stories/faults_robots_test.py
STORY_FILES += tests/stories/faults_store_test.py
STORY_FILES += tests/stories/faults_storm_test.py
STORY_FILES += tests/stories/forward_test.py
STORY_FILES += tests/stories/host_test.py
STORY_FILES += tests/stories/keys_test.py
STORY_FILES += tests/stories/logout_test.py
STORY_FILES += tests/stories/nodes_test.py
STORY_FILES += tests/stories/oauth_test.py
STORY_FILES += tests/stories/oauth_loop_test.py
STORY_FILES += tests/stories/operator_test.py
STORY_FILES += tests/stories/pages_test.py
STORY_FILES += tests/stories/pairwise_test.py
STORY_FILES += tests/stories/pam_test.py
STORY_FILES += tests/stories/promises_oauth_test.py
STORY_FILES += tests/stories/promises_test.py
STORY_FILES += tests/stories/recover_test.py
STORY_FILES += tests/stories/replicas_test.py
STORY_FILES += tests/stories/scaffold_test.py
STORY_FILES += tests/stories/signin_test.py
STORY_FILES += tests/stories/token_news_test.py
STORY_TESTS += $(STORY_FILES)
EXTRA_DIST += $(STORY_FILES) \
	tests/stories/browser.py \
	tests/stories/chrome.py \
	tests/stories/codes.py \
	tests/stories/conftest.py \
	tests/stories/door.py \
	tests/stories/faults.py \
	tests/stories/host.py \
	tests/stories/html_tree.py \
	tests/stories/keyed.py \
	tests/stories/landing.py \
	tests/stories/looks.py \
	tests/stories/node.py \
	tests/stories/oauth.py \
	tests/stories/receiver.py \
	tests/stories/run \
	tests/stories/screens.py \
	tests/stories/steps.py \
	tests/stories/story.py \
	tests/stories/town.py \
	tests/stories/walk.py \
	tests/stories/window.py
CLEANFILES += tests/stories/*.log tests/stories/*.trs tests/stories/*.out
# Half of the time, and nothing that is measured: these run beside the others.
STORY_BESIDE = \
	tests/stories/apps_test.py \
	tests/stories/chromium_applications_test.py \
	tests/stories/chromium_journeys_test.py \
	tests/stories/chromium_pages_test.py \
	tests/stories/clients_test.py \
	tests/stories/device_test.py \
	tests/stories/faults_storm_test.py \
	tests/stories/forward_test.py \
	tests/stories/oauth_loop_test.py \
	tests/stories/pages_test.py \
	tests/stories/promises_oauth_test.py \
	tests/stories/scaffold_test.py \
	tests/directory/dir_check_test.py \
	tests/directory/dir_people_test.py \
	tests/directory/dir_policy_test.py \
	tests/directory/rights_test.py \
	tests/mailer/mailer_test.py
# These measure how long others take: they run when nothing else does.
STORY_ALONE = tests/stories/attack_flood_test.py tests/stories/attack_guess_test.py tests/stories/nodes_test.py
LK_PLAIN = $(abs_top_builddir)

check-stories: all-am $(check_LIBRARIES) $(check_LTLIBRARIES) $(check_PROGRAMS)
	LK_BUILD='$(abs_top_builddir)' LK_PLAIN='$(LK_PLAIN)' LK_NODE='$(LK_NODE)' \
		LK_BESIDE='$(STORY_BESIDE)' LK_ALONE='$(STORY_ALONE)' \
		$(top_srcdir)/tests/stories/run $(STORY_TESTS)

list-tests:
	@for t in $(TESTS); do echo "check $$t"; done
	@for t in $(STORY_TESTS); do echo "story $$t"; done

.PHONY: check-stories list-tests

# Measured on purpose only.
check_PROGRAMS += tests/support/bare_server
tests_support_bare_server_SOURCES = tests/support/bare_server.c
tests_support_bare_server_CFLAGS = $(AM_CFLAGS) $(MHD_CFLAGS) $(HIREDIS_CFLAGS)
tests_support_bare_server_LDADD = $(MHD_LIBS) $(HIREDIS_LIBS)
EXTRA_DIST += README.md tests/bench tests/support/bench_parts.py tests/support/bench_programs.py

# Turn the daemon's clock, and keep its loops from going on: tests/stories/faults.py.
check_LTLIBRARIES += tests/support/clock_shift.la tests/support/stand_still.la
tests_support_clock_shift_la_SOURCES = tests/support/clock_shift.c
tests_support_clock_shift_la_CFLAGS = $(LK_MODULE_CFLAGS) -fvisibility=default
tests_support_clock_shift_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_support_stand_still_la_SOURCES = tests/support/stand_still.c
tests_support_stand_still_la_CFLAGS = $(LK_MODULE_CFLAGS) -fvisibility=default
tests_support_stand_still_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
