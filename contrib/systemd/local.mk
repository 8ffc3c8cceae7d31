# SPDX-License-Identifier: MIT
SYSTEMD_MADE = contrib/systemd/latchkeyd.service contrib/systemd/latchkey-mailer.service
systemunitdir = $(systemdsystemunitdir)
nodist_systemunit_DATA = $(SYSTEMD_MADE)
sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = contrib/systemd/sysusers.d/latchkey.conf
CLEANFILES += $(SYSTEMD_MADE)
EXTRA_DIST += \
	contrib/systemd/latchkey-mailer.service.in \
	contrib/systemd/latchkeyd.service.in

SUFFIXES = .service.in .service
.service.in.service:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@pkglibexecdir[@]|$(pkglibexecdir)|g' $< >$@-new && mv $@-new $@
$(SYSTEMD_MADE): Makefile

dist_check_SCRIPTS += tests/unit/service_test
TESTS += tests/unit/service_test
