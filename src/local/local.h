/* SPDX-License-Identifier: MIT */
/*
 * The two sockets of this machine: one for pam_latchkey.so, one for latchkeyctl. One thread reads
 * whole frames from processes whose user the kernel names, hands each to a lane and writes the
 * answer. Knows frames and peers; what they ask is the flows' (pam_door.h, admin_door.h).
 *
 * Promises: nobody makes us hold more than LOCAL_CONNECTIONS_MAX connections, nor one user more
 * than their share; a frame is whole within LOCAL_FRAME_MS or the connection ends; whatever is not
 * answered by a flow (lanes full or stopping) is WIRE_VERDICT_UNAVAILABLE; what was read and
 * answered is wiped.
 */
#ifndef LK_LOCAL_LOCAL_H
#define LK_LOCAL_LOCAL_H

#include <stdint.h>

#include "base/err.h"
#include "flow/admin_door.h"
#include "flow/live.h"
#include "flow/pam_door.h"
#include "lane/lane.h"

#define LOCAL_CONNECTIONS_MAX	 512  /* in all */
#define LOCAL_CONNECTIONS_USERS	 256  /* of all users but root, who runs sshd, together */
#define LOCAL_CONNECTIONS_A_USER 32   /* of one user but root */
#define LOCAL_CONNECTIONS_ADMIN	 16   /* on the admin socket */
#define LOCAL_FRAME_MS		 5000 /* for a frame, and for taking its answer */
#define LOCAL_PAM_MS		 4000 /* for answering one; less than LATCHKEY_BUDGET_MS */
#define LOCAL_ADMIN_MS		 5000
#define LOCAL_ARENA_MAX_BYTES	 1048576u

struct local;

struct local_settings {
	const char *pam_path;	/* NULL: no such door */
	const char *admin_path; /* NULL: no such door */
	struct live *live;
	struct lane_pool *lanes;
	const struct lk_clock *clock;
	const struct lk_log *log;
	/* flow_pam_answer and flow_admin_answer; tests give their own */
	void (*pam_answer)(struct flow *flow, const struct pam_question *question,
			   struct wire_out *out);
	void (*admin_answer)(struct flow *flow, const struct admin_question *question,
			     struct lk_buf *out_json);
};

/*
 * Make both sockets and start the thread, all signals blocked in it. The pam socket is open to
 * every user of the machine (0666), the admin socket to our user and group (0660) and there to
 * conf's admin_users alone. Who calls this is who the clients see listening: drop rights first.
 *
 *   settings  texts are read now, the rest is borrowed until local_stop
 *
 * A missing folder is made (0755). A socket file is replaced when nobody listens on it.
 *
 * Returns: LK_OK
 *          LK_E_BUSY    somebody listens there already (why says where)
 *          LK_E_FORMAT  the path is too long, stands for something else than a socket, or others
 *                       may write its folder (why says)
 *          LK_E_BROKEN  the system says no (why says)
 *          LK_E_MEMORY
 */
enum lk_err
local_start(const struct local_settings *settings, struct lk_why *why,
	    struct local **out) LK_MUST_CHECK;
/*
 * From its return on no connection is taken and no job handed to the lanes: frames that still come
 * are answered WIRE_VERDICT_UNAVAILABLE. The socket files are gone. Before
 * lane_pool_stop.
 */
void
local_quiesce(struct local *local);
/*
 * After lane_pool_stop: give the last answers out, at most until the deadline; end the thread and
 * free everything. NULL is fine.
 */
void
local_stop(struct local *local, int64_t deadline_mono_ms);

#endif
