# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libflow.a
libflow_a_SOURCES = \
	src/flow/account.c \
	src/flow/account_allowed.c src/flow/account_allowed.h \
	src/flow/account_password.c \
	src/flow/admin_door.c src/flow/admin_door.h \
	src/flow/admin_keys.c \
	src/flow/admin_people.c \
	src/flow/admin_service.c \
	src/flow/admin_story.c src/flow/admin_story.h \
	src/flow/admin_tell.c src/flow/admin_tell.h \
	src/flow/alive.c src/flow/alive.h \
	src/flow/answer.c \
	src/flow/arrive.c src/flow/arrive.h \
	src/flow/asker.c src/flow/asker.h \
	src/flow/changed.c src/flow/changed.h \
	src/flow/claims.c src/flow/claims.h \
	src/flow/claims_tell.c src/flow/claims_tell.h \
	src/flow/bearer.c src/flow/bearer.h \
	src/flow/consent.c src/flow/consent.h \
	src/flow/consent_text.c src/flow/consent_text.h \
	src/flow/cors.c src/flow/cors.h \
	src/flow/client_assertion.c \
	src/flow/client_auth.c src/flow/client_auth.h \
	src/flow/client_memory.c src/flow/client_memory.h \
	src/flow/client_basic.c src/flow/client_basic.h \
	src/flow/client_guess.c \
	src/flow/authorize.c \
	src/flow/authorize_ask.c src/flow/authorize_ask.h \
	src/flow/authorize_claims.c src/flow/authorize_claims.h \
	src/flow/authorize_give.c \
	src/flow/authorize_inside.h \
	src/flow/authorize_note.c src/flow/authorize_note.h \
	src/flow/authorize_pending.c src/flow/authorize_pending.h \
	src/flow/authorize_reply.c \
	src/flow/authorize_way.c \
	src/flow/authorize_who.c \
	src/flow/desk.c src/flow/desk.h \
	src/flow/desk_find.c src/flow/desk_find.h \
	src/flow/desk_help.c src/flow/desk_help.h \
	src/flow/desk_story.c src/flow/desk_story.h \
	src/flow/device.c src/flow/device.h \
	src/flow/device_answer.c \
	src/flow/device_ask.c \
	src/flow/device_grant.c src/flow/device_grant.h \
	src/flow/device_page.c \
	src/flow/digits.c src/flow/digits.h \
	src/flow/discovery.c src/flow/discovery.h \
	src/flow/enrol.c src/flow/enrol.h \
	src/flow/enrol_begin.c \
	src/flow/enrol_kept.c src/flow/enrol_kept.h \
	src/flow/enrol_start.h \
	src/flow/fetched.c src/flow/fetched.h \
	src/flow/flow.h \
	src/flow/forward.c src/flow/forward.h \
	src/flow/forward_auth.c \
	src/flow/forward_url.c src/flow/forward_url.h \
	src/flow/forward_way.c \
	src/flow/gate.c src/flow/gate.h \
	src/flow/goodbye.c src/flow/goodbye.h \
	src/flow/grant.c src/flow/grant.h \
	src/flow/guard.c src/flow/guard.h \
	src/flow/guesses.c src/flow/guesses.h \
	src/flow/handlers.h \
	src/flow/health.c src/flow/health.h \
	src/flow/help.c src/flow/help.h \
	src/flow/jwks.c \
	src/flow/introspect.c \
	src/flow/id_token.c src/flow/id_token.h \
	src/flow/locked.c src/flow/locked.h \
	src/flow/logout.c \
	src/flow/logout_ask.c src/flow/logout_ask.h \
	src/flow/new_password.c src/flow/new_password.h \
	src/flow/next.c src/flow/next.h \
	src/flow/openapi.c src/flow/openapi.h \
	src/flow/pam_change.c \
	src/flow/pam_door.c src/flow/pam_door.h \
	src/flow/pam_prove.c \
	src/flow/pam_talk.h \
	src/flow/password_step.c src/flow/password_step.h \
	src/flow/pairwise.c src/flow/pairwise.h \
	src/flow/pairwise_life.c src/flow/pairwise_life.h \
	src/flow/payload.c src/flow/payload.h \
	src/flow/pkce.c src/flow/pkce.h \
	src/flow/plain_pages.c \
	src/flow/prove.c src/flow/prove.h \
	src/flow/recovery_codes.c \
	src/flow/reset.c \
	src/flow/reset_password.c \
	src/flow/reset_way.h \
	src/flow/revoke.c \
	src/flow/route.c src/flow/route.h \
	src/flow/scope.c src/flow/scope.h \
	src/flow/second_step.c \
	src/flow/service_name.c src/flow/service_name.h \
	src/flow/services.c \
	src/flow/session.c src/flow/session.h \
	src/flow/show.c src/flow/show.h \
	src/flow/signing.c src/flow/signing.h \
	src/flow/signing_life.c src/flow/signing_life.h \
	src/flow/signing_order.c src/flow/signing_order.h \
	src/flow/signing_plan.c src/flow/signing_plan.h \
	src/flow/signin.c \
	src/flow/signin_password.c \
	src/flow/signout.c src/flow/signout.h \
	src/flow/steps.c src/flow/steps.h \
	src/flow/throttle.c src/flow/throttle.h \
	src/flow/token.c \
	src/flow/token_ask.h \
	src/flow/token_code.c \
	src/flow/token_device.c \
	src/flow/token_give.c \
	src/flow/token_refresh.c \
	src/flow/token_text.c src/flow/token_text.h \
	src/flow/told.c src/flow/told.h \
	src/flow/trail.c src/flow/trail.h \
	src/flow/unlock.c \
	src/flow/userinfo.c
