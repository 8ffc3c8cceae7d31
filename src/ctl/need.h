/* SPDX-License-Identifier: MIT */
/* What a verb cannot do without: it is there, or err says why not. */
#ifndef LK_CTL_NEED_H
#define LK_CTL_NEED_H

#include "conf/fault.h"
#include "ctl/ctl.h"
#include "policy/draft.h"
#include "policy/policy.h"

#define CTL_FAULTS_MAX_BYTES 65536u

const char *
ctl_conf_path(const struct ctl *ctl);
/* Yours: policy_free. */
struct policy *
ctl_policy_need(struct ctl *ctl);
/* The same with files that are not there yet. */
struct policy *
ctl_policy_need_with(struct ctl *ctl, const struct policy_drafts *drafts);
/* drafts: NULL for none. */
enum lk_err
ctl_policy_load(const struct conf *conf, const struct policy_drafts *drafts,
		struct conf_faults *faults, struct policy **out) LK_MUST_CHECK;
/* A line each. */
void
ctl_faults_put(FILE *out, const struct conf_faults *faults);

#endif
