/* SPDX-License-Identifier: MIT */
/* The two local sockets, real ones, before lanes and flows that do what a test wants. After
 * cmocka.h. */
#ifndef LK_TESTS_LOCAL_HELP_H
#define LK_TESTS_LOCAL_HELP_H

#include <pthread.h>
#include <stdatomic.h>

#include "local/local.h"

enum lanes { LANES_RUN, LANES_FULL, LANES_DROP, LANES_KEEP };

extern atomic_llong turned_ms; /* added to the machine's clock */
extern atomic_int held, asked_pam, asked_admin;
extern atomic_uint seen_uid;
extern enum lanes lanes;
extern struct lane_job *kept; /* LANES_KEEP: run it with on_a_lane */
extern bool flow_is_silent;
extern int hold_ms; /* the flow's answers leave no earlier */
extern const char *admins[3];
extern struct conf conf;
extern char folder[], pam_path[], admin_path[];
extern struct local *local;
extern struct lk_why why;

int64_t
mono_ms(const struct lk_clock *clock);
void *
lane_run(void *job);
void
on_a_lane(void *(*run)(void *), struct lane_job *job);

/* Into local. */
enum lk_err
start(void);
int
folder_set_up(void **state);
int
folder_tear_down(void **state);
/* With running sockets; the second sees that every hold was dropped. */
int
set_up(void **state);
int
tear_down(void **state);

int
connected(const char *path);
void
send_all(int fd, const void *bytes, size_t len);
size_t
frame_make(unsigned char *bytes, enum wire_kind kind, enum wire_field field, const char *text);
/* False: the other side closed without a word. */
bool
answer_read(int fd, unsigned char *bytes, struct wire_frame *out);
/* Of one frame on a connection of its own; 0: closed without a word. */
uint32_t
verdict_of(const char *path, enum wire_kind kind, uint32_t *out_reason);
void
closed_without_a_word(const char *path, const void *bytes, size_t len);
void
still_answers(void);

#endif
