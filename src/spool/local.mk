# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libspool.a
libspool_a_SOURCES = \
	src/spool/spool.c src/spool/spool.h \
	src/spool/spool_file.c src/spool/spool_file.h \
	src/spool/spool_folder.h \
	src/spool/waiting.c src/spool/waiting.h
