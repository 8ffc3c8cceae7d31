# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = \
	src/conf/address.c src/conf/address.h \
	src/conf/conf.c src/conf/conf.h \
	src/conf/fault.c src/conf/fault.h \
	src/conf/file.c \
	src/conf/ini.c src/conf/ini.h \
	src/conf/near.c \
	src/conf/rules.c src/conf/rules.h \
	src/conf/secret_file.c src/conf/secret_file.h \
	src/conf/table.c src/conf/table.h \
	src/conf/text.c \
	src/conf/value.c src/conf/value.h \
	src/conf/write.c src/conf/write.h
