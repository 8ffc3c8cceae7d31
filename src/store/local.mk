# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libstore.a
libstore_a_CFLAGS = $(AM_CFLAGS) $(HIREDIS_CFLAGS) -pthread
libstore_a_SOURCES = \
	src/store/record.h \
	src/store/record_grant.c src/store/record_grant.h \
	src/store/store.h \
	src/store/store_async.c src/store/store_async.h src/store/store_async_inside.h \
	src/store/store_async_take.c \
	src/store/store_cache.c src/store/store_cache.h \
	src/store/store_change.h \
	src/store/store_codec.c \
	src/store/store_commit.c \
	src/store/store_conn.c \
	src/store/store_epoch.c src/store/store_epoch.h \
	src/store/store_fetch.c src/store/store_fetch.h \
	src/store/store_goodbye.c src/store/store_goodbye.h \
	src/store/store_grant.c src/store/store_grant.h \
	src/store/store_inside.h \
	src/store/store_keys.c src/store/store_keys.h \
	src/store/store_link.c src/store/store_link.h \
	src/store/store_pack.c src/store/store_pack.h \
	src/store/store_place.c src/store/store_place.h \
	src/store/store_plan.c src/store/store_plan.h \
	src/store/store_put.c src/store/store_put.h \
	src/store/store_queue.c src/store/store_queue.h \
	src/store/store_replicas.c src/store/store_replicas.h \
	src/store/store_script.c src/store/store_script.h \
	src/store/store_server.c src/store/store_server.h \
	src/store/store_sessions.c \
	src/store/store_shared.c \
	src/store/store_still.c src/store/store_still.h \
	src/store/store_track.c src/store/store_track.h \
	src/store/store_trip.c \
	src/store/store_try.c src/store/store_try.h \
	src/store/store_wire.c src/store/store_wire.h
