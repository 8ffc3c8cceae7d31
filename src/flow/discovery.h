/* SPDX-License-Identifier: MIT */
/*
 * What there is to be used here, for programs that configure themselves: written once for each
 * configuration, from the routes there are. Nothing is named that does not work.
 */
#ifndef LK_FLOW_DISCOVERY_H
#define LK_FLOW_DISCOVERY_H

#include "conf/conf.h"
#include "policy/policy.h"

struct discovery;

/* NULL without memory. What is given is borrowed for the call. */
struct discovery *
discovery_new(const struct conf *conf, const struct policy *policy) LK_MUST_CHECK;
/* NULL is fine. */
void
discovery_free(struct discovery *discovery);

#endif
