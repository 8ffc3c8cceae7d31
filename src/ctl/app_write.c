/* SPDX-License-Identifier: MIT */
#include "ctl/app_write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "conf/conf.h"
#include "conf/ini.h"
#include "conf/table.h"
#include "ctl/app_text.h"
#include "ctl/need.h"
#include "ctl/register.h"

#define ARENA_MAX_BYTES 16777216u

static bool
path_find(struct app_change *change)
{
	const char *dir = change->ctl->conf->policies_dir;

	change->path =
	    change->old != NULL
		? change->old->file
		: lk_arena_printf(change->arena, "%s/applications/%s.conf", dir, change->client_id)
		      .ptr;
	return change->path != NULL;
}

static bool
before_read(struct app_change *change)
{
	struct conf_faults faults;
	bool is_read = true;

	conf_faults_init(&faults);
	if (change->old != NULL)
		is_read = conf_text_read(change->path, change->arena, &faults, &change->before);
	ctl_faults_put(change->ctl->err, &faults);
	conf_faults_done(&faults);
	lk_buf_add_str(&change->text, change->before);
	return is_read;
}

bool
app_change_begin(struct app_change *change, struct ctl *ctl)
{
	*change = (struct app_change){.ctl = ctl, .client_id = ctl->args[0]};
	lk_buf_init(&change->text, CONF_INI_FILE_MAX_BYTES);
	change->policy = ctl_policy_need(ctl);
	change->arena = lk_arena_new(65536, ARENA_MAX_BYTES);
	if (change->policy == NULL || change->arena == NULL)
		return false;
	change->old = policy_application_find(change->policy, lk_str_c(change->client_id));
	return path_find(change) && before_read(change);
}

void
app_change_done(struct app_change *change)
{
	lk_buf_done(&change->text);
	lk_arena_free(change->arena);
	policy_free(change->policy);
}

bool
app_change_set(struct app_change *change, struct lk_str key, struct lk_str value)
{
	struct lk_str now;

	if (!app_text_check(value)) {
		ctl_complain(change->ctl, "%.*s must be one line without blanks at its ends",
			     LK_STR_ARGS(key));
		return false;
	}
	now = lk_arena_dup(change->arena, lk_buf_str(&change->text));
	lk_buf_clear(&change->text);
	app_text_set(now, key, value, &change->text);
	return lk_buf_is_ok(&change->text) && (now.ptr != NULL || now.len == 0);
}

/* What is not a setting like others. */
static bool
may_set(const struct app_change *change, struct lk_str key)
{
	if (lk_str_is(key, "client_id"))
		ctl_complain(change->ctl, "client_id stays: applications know it; add another");
	else if (lk_str_is(key, "secret_digests"))
		ctl_complain(change->ctl, "secrets come from app rotate, never from arguments");
	else
		return true;
	return false;
}

bool
app_change_set_all(struct app_change *change, size_t first)
{
	const struct ctl *ctl = change->ctl;

	for (size_t i = first; i < ctl->arg_count; i++) {
		struct lk_str pair = lk_str_c(ctl->args[i]);
		size_t equals = lk_str_find(pair, '=');
		struct lk_str key = lk_str_n(pair.ptr, equals);

		if (equals == 0 || equals == pair.len) {
			ctl_complain(ctl, "%s is no KEY=VALUE", ctl->args[i]);
			return false;
		}
		if (!may_set(change, key) ||
		    !app_change_set(change, key, lk_str_trim(lk_str_from(pair, equals + 1))))
			return false;
	}
	return true;
}

/* Those there were, each with its end. One that ended already is left out. */
static void
old_digests_add(const struct app_change *change, int64_t keep_s, struct lk_buf *out)
{
	int64_t now_s = lk_clock_wall_s(change->ctl->clock);

	if (change->old == NULL || keep_s == 0)
		return;
	for (size_t i = 0; i < change->old->secret_digests.count; i++) {
		struct lk_str item = lk_str_c(change->old->secret_digests.items[i]), digest = item;
		int64_t until_s = now_s + keep_s, was_s;
		struct lk_str piece;

		(void)lk_str_split(&digest, ':', &piece);
		(void)lk_str_split(&digest, ':', &piece);
		if (digest.ptr != NULL && policy_moment_read(digest, &was_s))
			until_s = was_s < until_s ? was_s : until_s;
		if (digest.ptr != NULL)
			item.len = (size_t)(digest.ptr - item.ptr) - 1;
		if (until_s <= now_s)
			continue;
		lk_buf_printf(out, ", %.*s:", LK_STR_ARGS(item));
		policy_moment_write(until_s + 59, out); /* whole minutes: rather a little longer */
	}
}

bool
app_change_secret(struct app_change *change, int64_t keep_s)
{
	struct crypto_ring *ring = NULL;
	struct lk_why why = {0};
	bool is_made = false;
	LK_AUTO_BUF digests;

	lk_buf_init(&digests, 4000);
	change->secret = crypto_token_make("lk_cs_", change->arena);
	if (crypto_ring_load(change->ctl->conf->key_file, &why, &ring) != LK_OK)
		ctl_complain(change->ctl, "%s: %s", change->ctl->conf->key_file, why.text);
	else
		is_made = change->secret.ptr != NULL &&
			  register_digest_make(ring, change->client_id, change->secret, &digests) ==
			      LK_OK;
	crypto_ring_free(ring);
	if (!is_made)
		return false;
	old_digests_add(change, keep_s, &digests);
	return lk_buf_is_ok(&digests) &&
	       app_change_set(change, LK_STR("secret_digests"), lk_buf_str(&digests));
}

bool
app_change_check(struct app_change *change)
{
	const struct policy_draft draft = {change->path, lk_buf_str(&change->text)};
	struct conf_faults faults;
	enum lk_err err;

	conf_faults_init(&faults);
	err = policy_application_try(change->policy, &draft, change->arena, &faults, &change->made);
	if (err == LK_OK && strcmp(change->made.client_id, change->client_id) != 0)
		err = LK_E_BROKEN;
	ctl_faults_put(change->ctl->err, &faults);
	conf_faults_done(&faults);
	if (err != LK_OK)
		ctl_complain(change->ctl, "nothing was changed");
	return err == LK_OK;
}

/* As the old file, or readable by whoever may read the folder's group. */
static bool
owner_set(const struct app_change *change, int fd)
{
	const char *dir = change->ctl->conf->policies_dir;
	struct stat st;

	if (change->old != NULL)
		return stat(change->path, &st) == 0 && fchmod(fd, st.st_mode & 07777) == 0 &&
		       (fchown(fd, st.st_uid, st.st_gid) == 0 || errno == EPERM);
	return stat(dir, &st) == 0 && (fchown(fd, (uid_t)-1, st.st_gid) == 0 || errno == EPERM);
}

static bool
half_write(const struct app_change *change, const char *half)
{
	int fd = open(half, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	ssize_t len = (ssize_t)change->text.len;
	bool is_written;

	if (fd < 0)
		return false;
	is_written = owner_set(change, fd) && write(fd, change->text.bytes, (size_t)len) == len &&
		     fsync(fd) == 0;
	return close(fd) == 0 && is_written;
}

/* A new file never takes the place of one somebody else just made. */
static bool
half_place(const struct app_change *change, const char *half)
{
	if (change->old != NULL)
		return rename(half, change->path) == 0;
	return link(half, change->path) == 0 && unlink(half) == 0;
}

static void
folder_sync(const struct app_change *change)
{
	struct lk_str folder =
	    lk_str_n(change->path, (size_t)(strrchr(change->path, '/') - change->path));
	const char *name = lk_arena_c(change->arena, folder);
	int fd = name == NULL ? -1 : open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
}

static enum ctl_exit
file_put(const struct app_change *change)
{
	const char *half =
	    lk_arena_printf(change->arena, "%s.new-%d", change->path, (int)getpid()).ptr;
	int why;

	if (half != NULL && half_write(change, half) && half_place(change, half)) {
		folder_sync(change);
		return CTL_DONE;
	}
	why = errno;
	if (half != NULL)
		(void)unlink(half);
	ctl_complain(change->ctl, "%s: %s; nothing was changed", change->path,
		     why == EEXIST ? "is there already" : strerrordesc_np(why));
	return why == EACCES || why == EPERM ? CTL_NOT_ALLOWED : CTL_REFUSED;
}

static void
tell_json(const struct app_change *change, bool is_dry)
{
	LK_AUTO_BUF json;

	lk_buf_init(&json, 2 * CONF_INI_FILE_MAX_BYTES);
	lk_buf_add_c(&json, "{\"ok\":true,\"client_id\":");
	lk_json_quote(&json, lk_str_c(change->client_id));
	lk_buf_add_c(&json, ",\"file\":");
	lk_json_quote(&json, lk_str_c(change->path));
	if (is_dry) {
		lk_buf_add_c(&json, ",\"text\":");
		lk_json_quote(&json, lk_buf_str(&change->text));
	} else if (change->secret.len > 0) {
		lk_buf_add_c(&json, ",\"client_secret\":");
		lk_json_quote(&json, change->secret);
	}
	fprintf(change->ctl->out, "%.*s}\n", LK_STR_ARGS(lk_buf_str(&json)));
}

enum ctl_exit
app_change_end(struct app_change *change, const char *what)
{
	struct ctl *ctl = change->ctl;
	bool is_dry = ctl->is_set[CTL_OPTION_DRY_RUN];
	enum ctl_exit end = is_dry ? CTL_DONE : file_put(change);

	if (end != CTL_DONE)
		return end;
	if (ctl->is_set[CTL_OPTION_JSON])
		tell_json(change, is_dry);
	else if (is_dry)
		ctl_put(ctl, lk_buf_str(&change->text));
	else if (change->secret.len > 0)
		fprintf(ctl->out, "client_secret %.*s  (shown once)\n",
			LK_STR_ARGS(change->secret));
	if (is_dry)
		return CTL_DONE;
	ctl_note(ctl,
		 "%s: %s. The daemon takes it with its next reload: systemctl reload "
		 "latchkeyd, or SIGHUP",
		 change->path, what);
	return CTL_DONE;
}
