/* SPDX-License-Identifier: MIT */
/*
 * The door for sshd, sudo and passwd: one frame in, one frame out, through the same steps as the
 * pages. Knows nothing of sockets; src/local reads the frame and says who is at the other end.
 */
#ifndef LK_FLOW_PAM_DOOR_H
#define LK_FLOW_PAM_DOOR_H

#include <sys/types.h>

#include "client/wire.h"
#include "flow/flow.h"

/*
 * What was asked; all borrowed. peer_uid is what the kernel says of the process that asked: root,
 * or somebody who runs a program of their own. A frame may claim anything; only peer_uid 0 may
 * claim to be root (WIRE_FLAG_ROOT) or say where somebody sits (RHOST).
 */
struct pam_question {
	const struct wire_frame *frame; /* AUTH, ACCOUNT or CHANGE; fields within wire.def */
	uid_t peer_uid;
	pid_t peer_pid;		 /* for the log; may have ended */
	struct lk_str reference; /* CRYPTO_REFERENCE_LEN characters, new for each frame */
};

/*
 * Answer one question.
 *
 *   flow  arena, clock, deadline and why are flow->call's; the arena is wiped once the answer left
 *   out   begun with WIRE_ANSWER in WIRE_FRAME_MAX_BYTES: put VERDICT and what belongs to it, do
 *         not end it; without VERDICT, or spoilt, the client gets WIRE_VERDICT_UNAVAILABLE
 *
 * Time:    by flow->call's deadline; the client waits LATCHKEY_BUDGET_MS in all.
 * Threads: a lane's.
 */
void
flow_pam_answer(struct flow *flow, const struct pam_question *question, struct wire_out *out);

#endif
