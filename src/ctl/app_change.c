/* SPDX-License-Identifier: MIT */
/* Applications registered, changed and taken away, a file each. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "ctl/app_write.h"
#include "ctl/verbs.h"

#define KEEP_S 86400

/* What was said in options, and what must stand in every file. */
static bool
new_text(struct app_change *change)
{
	const struct ctl *ctl = change->ctl;
	const char *name = ctl->value[CTL_OPTION_NAME], *kind = ctl->value[CTL_OPTION_KIND];
	const char *redirect = ctl->value[CTL_OPTION_REDIRECT];

	lk_buf_add_c(&change->text, "# SPDX-License-Identifier: MIT\n[application]\n");
	return app_change_set(change, LK_STR("client_id"), lk_str_c(change->client_id)) &&
	       app_change_set(change, LK_STR("name"),
			      lk_str_c(name == NULL ? change->client_id : name)) &&
	       app_change_set(change, LK_STR("kind"), lk_str_c(kind == NULL ? "web" : kind)) &&
	       app_change_set(change, LK_STR("groups"), LK_STR("everyone")) &&
	       app_change_set(change, LK_STR("redirect_uris"), lk_str_c(redirect));
}

static bool
has_secret(const struct policy_application *application)
{
	return application->auth_method == POLICY_AUTH_BASIC ||
	       application->auth_method == POLICY_AUTH_POST;
}

/* It becomes a file's name, and a word given to latchkeyctl. */
static bool
id_check(const struct app_change *change)
{
	const char *id = change->client_id;

	if (id[0] == '.' || id[0] == '-' || strchr(id, '/') != NULL) {
		ctl_complain(change->ctl, "%s: an ID holds no '/' and begins with no dot or dash",
			     id);
		return false;
	}
	if (change->old != NULL)
		ctl_complain(change->ctl, "%s is registered already, in %s", id, change->path);
	return change->old == NULL;
}

enum ctl_exit
ctl_app_add_run(struct ctl *ctl)
{
	struct app_change change;
	enum ctl_exit end = CTL_REFUSED;
	bool is_good;

	is_good = app_change_begin(&change, ctl) && id_check(&change) && new_text(&change) &&
		  app_change_set_all(&change, 1) && app_change_check(&change);
	if (is_good && has_secret(&change.made) && !ctl->is_set[CTL_OPTION_DRY_RUN])
		is_good = app_change_secret(&change, 0) && app_change_check(&change);
	if (is_good)
		end = app_change_end(&change, "is registered");
	app_change_done(&change);
	return end;
}

/* There is one to change; or said that there is none. */
static bool
begin_old(struct app_change *change, struct ctl *ctl)
{
	if (!app_change_begin(change, ctl))
		return false;
	if (change->old == NULL)
		ctl_complain(ctl, "no application is called %s", change->client_id);
	return change->old != NULL;
}

enum ctl_exit
ctl_app_edit_run(struct ctl *ctl)
{
	struct app_change change;
	enum ctl_exit end = CTL_REFUSED;

	if (begin_old(&change, ctl) && app_change_set_all(&change, 1) && app_change_check(&change))
		end = app_change_end(&change, "is changed");
	app_change_done(&change);
	return end;
}

static bool
keep_read(const struct ctl *ctl, int64_t *out_s)
{
	const char *given = ctl->value[CTL_OPTION_KEEP];
	int64_t before_s;

	*out_s = KEEP_S;
	if (given == NULL)
		return true;
	if (strcmp(given, "0") == 0) {
		*out_s = 0;
		return true;
	}
	if (strchr(given, '-') != NULL || !ctl_since(lk_str_c(given), 0, &before_s)) {
		ctl_complain(ctl, "--keep must be 30m, 12h, 7d, or 0, not %s", given);
		return false;
	}
	*out_s = -before_s;
	return true;
}

enum ctl_exit
ctl_app_rotate_run(struct ctl *ctl)
{
	struct app_change change;
	enum ctl_exit end = CTL_REFUSED;
	int64_t keep_s;
	bool is_good;

	if (!keep_read(ctl, &keep_s))
		return CTL_USAGE;
	is_good = begin_old(&change, ctl);
	if (is_good && !has_secret(change.old)) {
		ctl_complain(ctl, "%s has no secret: its auth_method is one without",
			     change.client_id);
		is_good = false;
	}
	if (is_good && app_change_secret(&change, keep_s) && app_change_check(&change))
		end = app_change_end(&change, "has a new secret");
	app_change_done(&change);
	return end;
}

/* The file of its keys goes with it, when it is the one that import made. */
static void
keys_remove(const struct app_change *change)
{
	size_t len = strlen(change->path) - strlen("conf");
	const char *keys = lk_arena_printf(change->arena, "%.*sjwks", (int)len, change->path).ptr;

	if (keys != NULL && change->old->jwks_file != NULL &&
	    strcmp(keys, change->old->jwks_file) == 0)
		(void)unlink(keys);
}

static enum ctl_exit
file_remove(const struct app_change *change)
{
	struct ctl *ctl = change->ctl;
	const char *question =
	    lk_arena_printf(change->arena, "Take %s away? Nobody can sign in there any more.",
			    change->client_id)
		.ptr;

	if (ctl->is_set[CTL_OPTION_DRY_RUN])
		return CTL_DONE;
	if (question == NULL || !ctl_confirm(ctl, question))
		return CTL_USAGE;
	if (unlink(change->path) != 0) {
		ctl_complain(ctl, "%s: %s", change->path, strerrordesc_np(errno));
		return errno == EACCES || errno == EPERM ? CTL_NOT_ALLOWED : CTL_REFUSED;
	}
	keys_remove(change);
	ctl_note(ctl,
		 "%s is gone. The daemon forgets it with its next reload: systemctl reload "
		 "latchkeyd, or SIGHUP",
		 change->path);
	return CTL_DONE;
}

enum ctl_exit
ctl_app_remove_run(struct ctl *ctl)
{
	struct app_change change;
	enum ctl_exit end = CTL_REFUSED;
	LK_AUTO_BUF json;

	lk_buf_init(&json, 65536);
	if (begin_old(&change, ctl))
		end = file_remove(&change);
	if (end == CTL_DONE && ctl->is_set[CTL_OPTION_JSON]) {
		lk_buf_add_c(&json, "{\"ok\":true,\"client_id\":");
		lk_json_quote(&json, lk_str_c(change.client_id));
		fprintf(ctl->out, "%.*s}\n", LK_STR_ARGS(lk_buf_str(&json)));
	} else if (end == CTL_DONE && ctl->is_set[CTL_OPTION_DRY_RUN]) {
		ctl_put(ctl, lk_str_c(change.path));
	}
	app_change_done(&change);
	return end;
}
