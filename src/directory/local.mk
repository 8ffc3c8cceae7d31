# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libdirectory.a
libdirectory_a_CFLAGS = $(AM_CFLAGS) $(LDAP_CFLAGS)
libdirectory_a_SOURCES = \
	src/directory/dir.c src/directory/dir.h \
	src/directory/dir_again.c src/directory/dir_again.h \
	src/directory/dir_ask.c src/directory/dir_ask.h \
	src/directory/dir_attribute_name.c \
	src/directory/dir_attributes.c src/directory/dir_attributes.h \
	src/directory/dir_changes.c src/directory/dir_changes.h \
	src/directory/dir_check.c src/directory/dir_check.h \
	src/directory/dir_conn.c src/directory/dir_conn.h \
	src/directory/dir_entry.c src/directory/dir_entry.h \
	src/directory/dir_escape.c src/directory/dir_escape.h \
	src/directory/dir_factors.c src/directory/dir_factors.h \
	src/directory/dir_health.c src/directory/dir_health.h \
	src/directory/dir_inside.h \
	src/directory/dir_keys.c src/directory/dir_keys.h \
	src/directory/dir_password.c \
	src/directory/dir_people.c \
	src/directory/dir_person.h \
	src/directory/dir_policy.c src/directory/dir_policy.h \
	src/directory/dir_ppolicy.c src/directory/dir_ppolicy.h \
	src/directory/dir_send.c \
	src/directory/dir_servers.c src/directory/dir_servers.h \
	src/directory/dir_shape.c src/directory/dir_shape.h \
	src/directory/dir_tls.c src/directory/dir_tls.h \
	src/directory/dir_time.c src/directory/dir_time.h \
	src/directory/dir_wire.c src/directory/dir_wire.h
