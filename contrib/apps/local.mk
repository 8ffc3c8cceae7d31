# SPDX-License-Identifier: MIT
# Settings for programs that let people in with Latchkey; latchkeyctl app snippet fills them in.
APP_SNIPPETS = \
	contrib/apps/apache \
	contrib/apps/apache-resource \
	contrib/apps/caddy \
	contrib/apps/dovecot \
	contrib/apps/gitlab \
	contrib/apps/grafana \
	contrib/apps/haproxy \
	contrib/apps/nextcloud \
	contrib/apps/nginx \
	contrib/apps/node \
	contrib/apps/python \
	contrib/apps/shell \
	contrib/apps/sssd \
	contrib/apps/traefik
appsdir = $(docdir)/apps
dist_apps_DATA = $(APP_SNIPPETS)

noinst_PROGRAMS += mksnippet
mksnippet_SOURCES = src/ctl/mksnippet.c
CLEANFILES += src/ctl/snippets_made.h
src/ctl/snippets_made.h: mksnippet$(EXEEXT) $(APP_SNIPPETS)
	$(AM_V_GEN)$(MKDIR_P) src/ctl && ./mksnippet$(EXEEXT) $(APP_SNIPPETS:%=$(top_srcdir)/%) >$@-new && mv $@-new $@
