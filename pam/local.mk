# SPDX-License-Identifier: MIT
# Runs inside sshd and sudo: own objects only, hidden but for pam_sm_*, no library but libc and libpam, no sanitizer.
pam_LTLIBRARIES += pam_latchkey.la
pam_latchkey_la_SOURCES = \
	pam/pam_args.c pam/pam_args.h \
	pam/pam_latchkey.c \
	pam/pam_map.c pam/pam_map.h \
	pam/pam_talk.c pam/pam_talk.h \
	src/client/client.c src/client/latchkey.h \
	src/client/transport.h \
	src/client/transport_unix.c \
	src/client/wire.c src/client/wire.h
pam_latchkey_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/pam
pam_latchkey_la_CFLAGS = $(LK_MODULE_CFLAGS)
pam_latchkey_la_LDFLAGS = -module -avoid-version -shared -export-symbols-regex '^pam_sm_' -Wl,-z,relro,-z,now,-z,defs
pam_latchkey_la_LIBADD = -lpam
dist_man_MANS += pam/pam_latchkey.8

# PAM loads the .so; libtool's own note has no place there.
install-data-hook:
	rm -f '$(DESTDIR)$(pamdir)/pam_latchkey.la'
uninstall-hook:
	rm -f '$(DESTDIR)$(pamdir)/pam_latchkey.so'
