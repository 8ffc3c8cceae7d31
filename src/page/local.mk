# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libpage.a
libpage_a_CFLAGS = $(AM_CFLAGS) $(QRENCODE_CFLAGS)
libpage_a_SOURCES = \
	src/page/page.c src/page/page.h \
	src/page/page_asset.h \
	src/page/page_escape.c src/page/page_escape.h \
	src/page/page_hours.c src/page/page_hours.h \
	src/page/page_ids.h \
	src/page/page_inside.h \
	src/page/page_mail.c \
	src/page/page_qr.c \
	src/page/page_run.h \
	src/page/page_time.c src/page/page_time.h
nodist_libpage_a_SOURCES = src/page/page_made.c src/page/page_asset_made.c

# Words, templates and assets become C by a program that runs at build time only.
noinst_PROGRAMS += mkpage
mkpage_SOURCES = \
	src/page/mkpage.c src/page/mkpage.h \
	src/page/mkpage_asset.c \
	src/page/mkpage_compile.c \
	src/page/mkpage_emit.c \
	src/page/mkpage_template.c \
	src/page/mkpage_texts.c \
	src/page/mkpage_write.c \
	src/page/page_escape.c
mkpage_LDADD = libbase.a $(SODIUM_LIBS)

PAGE_TEXTS = src/tables/text.en src/tables/text.cy
PAGE_TABLES = \
	src/tables/fields.def \
	src/tables/inputs.def \
	src/tables/mails.def \
	src/tables/pages.def \
	src/tables/places.def
PAGE_TEMPLATES = \
	src/page/templates/accessibility.html \
	src/page/templates/account.html \
	src/page/templates/authenticator_added.mail \
	src/page/templates/bad_request.html \
	src/page/templates/busy.html \
	src/page/templates/caption.html \
	src/page/templates/code.html \
	src/page/templates/consent.html \
	src/page/templates/desk_signed_out.mail \
	src/page/templates/desk_unlocked.mail \
	src/page/templates/device.html \
	src/page/templates/device_check.html \
	src/page/templates/device_denied.html \
	src/page/templates/device_done.html \
	src/page/templates/end.mail \
	src/page/templates/enrol.html \
	src/page/templates/errors.html \
	src/page/templates/field_code.html \
	src/page/templates/field_hint.html \
	src/page/templates/field_secret.html \
	src/page/templates/field_text.html \
	src/page/templates/form_key.html \
	src/page/templates/form_post.html \
	src/page/templates/forward.html \
	src/page/templates/frame.html \
	src/page/templates/help.html \
	src/page/templates/kept_username.html \
	src/page/templates/languages.html \
	src/page/templates/locked.html \
	src/page/templates/menu.html \
	src/page/templates/logout.html \
	src/page/templates/new_password.html \
	src/page/templates/no_access.html \
	src/page/templates/no_app.html \
	src/page/templates/not_found.html \
	src/page/templates/password_changed.mail \
	src/page/templates/onward.html \
	src/page/templates/place_account_name.html \
	src/page/templates/place_help_phone.html \
	src/page/templates/place_reference.html \
	src/page/templates/privacy.html \
	src/page/templates/problem.html \
	src/page/templates/recovery.html \
	src/page/templates/recovery_codes.html \
	src/page/templates/recovery_used.mail \
	src/page/templates/reference.html \
	src/page/templates/refused.html \
	src/page/templates/reset.html \
	src/page/templates/reset_done.html \
	src/page/templates/services.html \
	src/page/templates/session_ended.html \
	src/page/templates/signed_out.html \
	src/page/templates/signin.html \
	src/page/templates/stale.html \
	src/page/templates/too_fast.html \
	src/page/templates/unavailable.html \
	src/page/templates/unlock.html \
	src/page/templates/unlock_done.html \
	src/page/templates/unlocked.mail \
	src/page/templates/unsure.html
PAGE_ASSETS = src/page/assets/icon.svg src/page/assets/latchkey.css \
	src/page/assets/latchkey.js src/page/assets/send.js
EXTRA_DIST += $(PAGE_TEXTS) $(PAGE_TEMPLATES) $(PAGE_ASSETS)

PAGE_SQUEEZED = src/page/made/icon.svg src/page/made/latchkey.css src/page/made/latchkey.js \
	src/page/made/send.js
PAGE_PACKED = src/page/made/icon.svg.gz src/page/made/latchkey.css.gz \
	src/page/made/latchkey.js.gz src/page/made/send.js.gz
PAGE_MADE = src/page/text_ids.h src/page/page_made.c src/page/page_asset_made.c
BUILT_SOURCES += $(PAGE_MADE)
CLEANFILES += $(PAGE_MADE) $(PAGE_SQUEEZED) $(PAGE_PACKED)

src/page/made/%.gz: src/page/made/%
	$(AM_V_GEN)gzip -9nc src/page/made/$* >$@-new && mv $@-new $@
src/page/made/%: src/page/assets/% mkpage$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) src/page/made && ./mkpage$(EXEEXT) squeeze $< >$@-new && mv $@-new $@
src/page/text_ids.h: mkpage$(EXEEXT) $(PAGE_TEXTS)
	$(AM_V_GEN)$(MKDIR_P) src/page && ./mkpage$(EXEEXT) ids $(srcdir)/src >$@-new && mv $@-new $@
src/page/page_made.c: mkpage$(EXEEXT) $(PAGE_TEXTS) $(PAGE_TABLES) $(PAGE_TEMPLATES) \
		$(PAGE_SQUEEZED) $(PAGE_PACKED)
	$(AM_V_GEN)./mkpage$(EXEEXT) pages $(srcdir)/src src/page/made >$@-new && mv $@-new $@
src/page/page_asset_made.c: mkpage$(EXEEXT) $(PAGE_SQUEEZED) $(PAGE_PACKED)
	$(AM_V_GEN)./mkpage$(EXEEXT) assets $(srcdir)/src src/page/made >$@-new && mv $@-new $@
# Whoever includes page/page.h waits for the names of the texts.
$(libpage_a_OBJECTS) $(libexchange_a_OBJECTS) $(libflow_a_OBJECTS) $(libhttp_a_OBJECTS) \
$(liblocal_a_OBJECTS) $(liblane_a_OBJECTS) $(libdaemon_a_OBJECTS) $(latchkeyd_OBJECTS): | \
	src/page/text_ids.h
