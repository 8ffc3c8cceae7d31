/* SPDX-License-Identifier: MIT */
#include "flow/desk.h"

void
desk_looked(const struct desk *desk, const struct subject *subject)
{
	const struct fast *fast = desk->asker.flow->fast;
	struct trail trail = {.event = AUDIT_DESK_LOOKED, .actor = desk->actor};

	metric_count_desk_actions_total(fast->metrics, METRIC_ACT_show, LK_OK);
	if (trail_write(&desk->asker, subject, &trail) != LK_OK)
		lk_log(fast->log, LK_LOG_WARNING, "desk", desk->asker.reference,
		       "a look at an account is not in the audit");
}

enum lk_err
desk_acted(const struct desk *desk, const struct subject *subject, const struct desk_act *act)
{
	const struct trail trail = {
	    .event = act->result == LK_OK ? act->event : AUDIT_DESK_REFUSED,
	    .result = act->result,
	    .actor = desk->actor,
	    .reason = act->reason,
	};

	metric_count_desk_actions_total(desk->asker.flow->fast->metrics, act->metric, act->result);
	return trail_write(&desk->asker, subject, &trail);
}
