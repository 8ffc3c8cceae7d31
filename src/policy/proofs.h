/* SPDX-License-Identifier: MIT */
/* What a person can show, and which of it is enough. Pure. */
#ifndef LK_POLICY_PROOFS_H
#define LK_POLICY_PROOFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "conf/value.h"

/* Bits, kept in journeys and sessions: a bit, once used, keeps its meaning. */
enum policy_proof {
	POLICY_PROOF_PASSWORD = 1,
	POLICY_PROOF_TOTP = 2,
	POLICY_PROOF_RECOVERY = 4,
	/* 8 passkey, 16 one-time pass, 32 code by mail: not there yet, files may not name them */
};

#define POLICY_CHOICES_MAX 8u
/* Any one choice is enough; a choice is all of its bits. The first is what people are asked for. */
struct policy_proofs {
	uint8_t count;
	uint8_t choice[POLICY_CHOICES_MAX]; /* enum policy_proof, or'ed */
};

/* Is what was shown enough? No choice at all is never enough. */
bool
policy_proofs_are_met(const struct policy_proofs *proofs, unsigned shown);
/*
 * What is missing: of the first choice all of whose proofs the person has, else of the first. has:
 * what the person could show at all. 0 when it is enough.
 */
unsigned
policy_proofs_missing(const struct policy_proofs *proofs, unsigned shown, unsigned has);
/* Could the person ever show enough with what they have? */
bool
policy_proofs_can_meet(const struct policy_proofs *proofs, unsigned has);
/* Is proof part of any choice? */
bool
policy_proofs_name(const struct policy_proofs *proofs, enum policy_proof proof);

/* "password and totp or password and recovery", for tables of conf. */
extern const struct conf_own policy_proofs_own;
void
policy_proofs_write(const void *proofs, struct lk_buf *out);

#endif
