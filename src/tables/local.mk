# SPDX-License-Identifier: MIT
noinst_HEADERS += \
	src/tables/api.def \
	src/tables/application.def \
	src/tables/audit.def \
	src/tables/claims.def \
	src/tables/config.def \
	src/tables/ctl.def \
	src/tables/errors.def \
	src/tables/fields.def \
	src/tables/headers.def \
	src/tables/inputs.def \
	src/tables/keys.def \
	src/tables/labels.def \
	src/tables/mails.def \
	src/tables/metrics.def \
	src/tables/pages.def \
	src/tables/params.def \
	src/tables/places.def \
	src/tables/routes.def \
	src/tables/rules.def \
	src/tables/steps.def \
	src/tables/wire.def
