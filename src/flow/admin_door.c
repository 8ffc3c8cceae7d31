/* SPDX-License-Identifier: MIT */
#include "flow/admin_door.h"

#include "flow/admin_tell.h"

#define TEXT_MAX_BYTES 8192u

static const struct {
	const char *verb;
	admin_run *run;
} verbs[] = {
    {"status", admin_status_run},
    {"doctor", admin_doctor_run},
    {"routes", admin_routes_run},
    {"config.show", admin_config_show_run},
    {"user.find", admin_user_find_run},
    {"user.show", admin_user_show_run},
    {"user.unlock", admin_user_unlock_run},
    {"user.signout", admin_user_signout_run},
    {"user.history", admin_user_history_run},
    {"explain", admin_explain_run},
    {"key.list", admin_key_list_run},
    {"key.rotate", admin_key_rotate_run},
    {"key.retire", admin_key_retire_run},
};

static void
admin_begin(struct admin *admin, struct flow *flow, const struct admin_question *question)
{
	struct asker *asker = &admin->desk.asker;

	*asker = (struct asker){
	    .flow = flow,
	    .arena = flow->call->arena,
	    .door = LK_STR("ctl"),
	    .metric_door = METRIC_DOOR_none,
	    .reference = question->reference,
	    .address = LK_STR("local"),
	    .lang = LANG_EN,
	    .now_s = lk_clock_wall_s(flow->fast->clock),
	};
	admin->desk.actor =
	    lk_arena_printf(asker->arena, "%.*s (uid %u)", LK_STR_ARGS(question->peer_user),
			    (unsigned)question->peer_uid);
	admin->asked = question->asked;
	page_values_init(&admin->values);
	page_set_c(&admin->values, PLACE_service_name, flow->fast->conf->service_name);
	page_set_c(&admin->values, PLACE_help_phone, flow->fast->conf->help_phone);
	page_set(&admin->values, PLACE_reference, question->reference);
	page_set(&admin->values, PLACE_actor, admin->desk.actor);
	lk_buf_init(&admin->text, TEXT_MAX_BYTES);
}

static enum lk_err
verb_run(struct admin *admin)
{
	struct lk_str verb = admin_asked(admin, "verb");

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (lk_str_is(verb, verbs[i].verb))
			return verbs[i].run(admin);
	admin->refusal = TEXT_ctl_verb_none;
	return LK_E_NOT_FOUND;
}

static void
error_write(struct admin *admin, enum lk_err err)
{
	const struct lk_err_row *row = lk_err_row(err);
	struct lk_buf *out = admin->out;
	LK_AUTO_BUF words;

	lk_buf_init(&words, TEXT_MAX_BYTES);
	page_sentence(&words,
		      admin->refusal == TEXT_NONE ? page_text_find(row->text_key) : admin->refusal,
		      admin->desk.asker.lang, &admin->values);
	lk_buf_clear(out);
	lk_buf_add_c(out, "{\"ok\":false");
	admin_put(out, "ref", admin->desk.asker.reference);
	admin_put_c(out, "error", row->name);
	admin_put_number(out, "number", row->number);
	admin_put(out, "text", lk_buf_str(&words));
	lk_buf_add_byte(out, '}');
}

void
flow_admin_answer(struct flow *flow, const struct admin_question *question, struct lk_buf *out_json)
{
	struct admin admin = {.out = out_json};
	enum lk_err err;

	admin_begin(&admin, flow, question);
	lk_buf_add_c(out_json, "{\"ok\":true");
	admin_put(out_json, "ref", question->reference);
	err = verb_run(&admin);
	if (err == LK_OK) {
		lk_buf_printf(out_json, ",\"text\":[%.*s]}", LK_STR_ARGS(lk_buf_str(&admin.text)));
		if (!lk_buf_is_ok(out_json) || !lk_buf_is_ok(&admin.text))
			err = LK_E_BROKEN;
	}
	if (err != LK_OK)
		error_write(&admin, err);
	lk_buf_done(&admin.text);
}
