noinst_HEADERS += src/tables/errors.def
