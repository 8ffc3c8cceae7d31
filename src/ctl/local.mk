# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libctl.a
libctl_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
libctl_a_SOURCES = \
	src/ctl/app.c \
	src/ctl/app_change.c \
	src/ctl/app_import.c \
	src/ctl/app_snippet.c \
	src/ctl/app_test.c \
	src/ctl/app_test_person.c \
	src/ctl/app_text.c src/ctl/app_text.h \
	src/ctl/app_trial.c src/ctl/app_trial.h \
	src/ctl/app_write.c src/ctl/app_write.h \
	src/ctl/ask.c src/ctl/ask.h \
	src/ctl/audit.c \
	src/ctl/config.c \
	src/ctl/ctl.h \
	src/ctl/doctor.c \
	src/ctl/help.c \
	src/ctl/key.c \
	src/ctl/main.c \
	src/ctl/need.c src/ctl/need.h \
	src/ctl/options.c \
	src/ctl/register.c src/ctl/register.h \
	src/ctl/say.c \
	src/ctl/signing.c \
	src/ctl/status.c \
	src/ctl/table.c \
	src/ctl/user.c \
	src/ctl/verbs.h \
	src/ctl/web.c src/ctl/web.h \
	src/ctl/web_form.c src/ctl/web_form.h \
	src/ctl/written.c src/ctl/written.h
CTL_LIBS = libctl.a libclient.a libpolicy.a libpage.a libaudit.a libcrypto.a libconf.a libbase.a \
	$(SODIUM_LIBS) $(OATH_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(QRENCODE_LIBS) $(UNISTRING_LIBS) $(ZXCVBN_LIBS) $(CURL_LIBS) -lpthread
bin_PROGRAMS += latchkeyctl
latchkeyctl_SOURCES = src/latchkeyctl.c
latchkeyctl_LDADD = $(CTL_LIBS)

$(libctl_a_OBJECTS) $(mkctl_OBJECTS): | src/page/text_ids.h
src/ctl/libctl_a-app_snippet.$(OBJEXT): src/ctl/snippets_made.h

# The manuals and the completion are made from the table by a program that runs at build time only.
noinst_PROGRAMS += mkctl
mkctl_SOURCES = src/ctl/mkctl.c src/ctl/errors_manual.c src/ctl/errors_manual.h
mkctl_LDADD = $(CTL_LIBS)
CTL_MADE = latchkeyctl.1 latchkey-errors.7 latchkeyctl.bash
nodist_man_MANS += latchkeyctl.1 latchkey-errors.7
CLEANFILES += $(CTL_MADE)
$(CTL_MADE): mkctl$(EXEEXT)
	$(AM_V_GEN)./mkctl$(EXEEXT) $@ >$@-new && mv $@-new $@
bashcompdir = $(datadir)/bash-completion/completions
all-local: latchkeyctl.bash
install-data-local: latchkeyctl.bash
	$(MKDIR_P) '$(DESTDIR)$(bashcompdir)'
	$(INSTALL_DATA) latchkeyctl.bash '$(DESTDIR)$(bashcompdir)/latchkeyctl'
uninstall-local:
	rm -f '$(DESTDIR)$(bashcompdir)/latchkeyctl'
