# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libpolicy.a
libpolicy_a_SOURCES = \
	src/policy/application.h \
	src/policy/application_secret.c \
	src/policy/claims.c src/policy/claims.h \
	src/policy/draft.h \
	src/policy/fold.c src/policy/fold.h \
	src/policy/known.c src/policy/known.h \
	src/policy/password.h \
	src/policy/policy.c src/policy/policy.h \
	src/policy/policy_application.c \
	src/policy/policy_file.c \
	src/policy/policy_folder.c \
	src/policy/policy_inside.h \
	src/policy/policy_load.c \
	src/policy/policy_may.c \
	src/policy/policy_normalise.c \
	src/policy/policy_password.c \
	src/policy/policy_rules.c \
	src/policy/policy_text.c \
	src/policy/proofs.c src/policy/proofs.h \
	src/policy/when.c src/policy/when.h \
	src/policy/wordlist.c src/policy/wordlist.h
bin_PROGRAMS += latchkey-wordlist
latchkey_wordlist_SOURCES = src/policy/latchkey_wordlist.c
latchkey_wordlist_LDADD = libpolicy.a libconf.a libbase.a $(SODIUM_LIBS) $(UNISTRING_LIBS)

# Manuals are made from the tables by a program that runs at build time only.
noinst_PROGRAMS += mkmanual
mkmanual_SOURCES = src/policy/mkmanual.c
mkmanual_LDADD = libpolicy.a libcrypto.a libconf.a libbase.a $(SODIUM_LIBS) $(UNISTRING_LIBS)
CONF_MADE = latchkeyd.8 latchkey.conf.5 latchkey-policy.5 latchkey.conf.sample
nodist_man_MANS += latchkeyd.8 latchkey.conf.5 latchkey-policy.5
confdocdir = $(docdir)
nodist_confdoc_DATA = latchkey.conf.sample
CLEANFILES += $(CONF_MADE)
$(CONF_MADE): mkmanual$(EXEEXT)
	$(AM_V_GEN)./mkmanual$(EXEEXT) $@ >$@-new && mv $@-new $@
