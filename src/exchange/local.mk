# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libexchange.a
libexchange_a_SOURCES = \
	src/exchange/address.c src/exchange/address.h \
	src/exchange/cookie.c src/exchange/cookie.h \
	src/exchange/form.c src/exchange/form.h \
	src/exchange/origin.c src/exchange/origin.h \
	src/exchange/params.c src/exchange/params.h \
	src/exchange/reply.c src/exchange/reply.h \
	src/exchange/req.h \
	src/exchange/res.c src/exchange/res.h
