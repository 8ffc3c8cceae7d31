# SPDX-License-Identifier: MIT
# Stories: real programs on loopback. A C program stands in check_PROGRAMS and STORY_TESTS; a pytest file in STORY_FILES.
STORY_FILES =
STORY_TESTS = $(STORY_FILES)
EXTRA_DIST += tests/stories/run $(STORY_FILES)
LK_PLAIN = $(abs_top_builddir)

check-stories: all-am $(check_LIBRARIES) $(check_LTLIBRARIES) $(check_PROGRAMS)
	LK_BUILD='$(abs_top_builddir)' LK_PLAIN='$(LK_PLAIN)' LK_NODE='$(LK_NODE)' $(top_srcdir)/tests/stories/run $(STORY_TESTS)

list-tests:
	@for t in $(TESTS); do echo "check $$t"; done
	@for t in $(STORY_TESTS); do echo "story $$t"; done

.PHONY: check-stories list-tests
CLEANFILES += tests/stories/*.log tests/stories/*.trs
