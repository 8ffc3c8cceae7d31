noinst_HEADERS += \
	src/tables/audit.def \
	src/tables/config.def \
	src/tables/errors.def \
	src/tables/keys.def
