/* SPDX-License-Identifier: MIT */
/* Registers what a JSON file lists: all of it, or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "ctl/need.h"
#include "ctl/register.h"
#include "ctl/verbs.h"

#define IMPORT_MAX_COUNT 200u /* files: an application may have two */
#define IMPORT_MAX_BYTES 1048576u

/* One run: everything is made and looked at first, then written. */
struct import {
	struct ctl *ctl;
	struct register_with with;
	struct lk_why why;
	struct policy_draft files[IMPORT_MAX_COUNT];
	size_t count;
	struct registered made[IMPORT_MAX_COUNT];
	size_t made_count;
};

static bool
file_read(struct ctl *ctl, const char *path, struct lk_buf *out)
{
	char piece[4096];
	FILE *file = strcmp(path, "-") == 0 ? ctl->in : fopen(path, "re");
	size_t len;

	if (file == NULL) {
		ctl_complain(ctl, "%s: %s", path, strerrordesc_np(errno));
		return false;
	}
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		lk_buf_add(out, piece, len);
	explicit_bzero(piece, sizeof(piece));
	if (file != ctl->in)
		(void)fclose(file);
	return true;
}

static enum ctl_exit
file_refuse(const struct import *import, const char *path, int why)
{
	ctl_complain(import->ctl, "%s: %s", path,
		     why == EEXIST ? "is registered already" : strerrordesc_np(why));
	return why == EACCES ? CTL_NOT_ALLOWED : CTL_REFUSED;
}

/* applications/ID.ending, unless it is there or about to be. */
static enum ctl_exit
file_plan(struct import *import, const struct registered *registered, const char *ending,
	  struct lk_str text)
{
	struct policy_draft *file = &import->files[import->count];

	if (import->count == IMPORT_MAX_COUNT) {
		ctl_complain(import->ctl, "too many at once");
		return CTL_REFUSED;
	}
	file->file = lk_arena_printf(import->with.arena, "%s/%s.%s", import->with.folder,
				     registered->client_id, ending)
			 .ptr;
	file->text = lk_arena_dup(import->with.arena, text);
	if (file->file == NULL || file->text.ptr == NULL) {
		ctl_complain(import->ctl, "too much at once");
		return CTL_REFUSED;
	}
	for (size_t i = 0; i < import->count; i++) {
		if (strcmp(import->files[i].file, file->file) == 0)
			return file_refuse(import, file->file, EEXIST);
	}
	import->count++;
	return access(file->file, F_OK) == 0 ? file_refuse(import, file->file, EEXIST) : CTL_DONE;
}

static enum ctl_exit
one_plan(struct import *import, const struct lk_json *metadata)
{
	struct registered *registered = &import->made[import->made_count];
	enum ctl_exit end = CTL_DONE;
	LK_AUTO_BUF text;

	lk_buf_init(&text, 65536);
	if (import->made_count == IMPORT_MAX_COUNT) {
		ctl_complain(import->ctl, "too many at once");
		return CTL_REFUSED;
	}
	if (register_make(&import->with, metadata, registered, &text) != LK_OK) {
		ctl_complain(import->ctl, "%s: %s", registered->client_id, import->why.text);
		return CTL_REFUSED;
	}
	import->made_count++;
	if (registered->keys.len > 0)
		end = file_plan(import, registered, "jwks", registered->keys);
	return end == CTL_DONE ? file_plan(import, registered, "conf", lk_buf_str(&text)) : end;
}

static enum ctl_exit
all_plan(struct import *import, const struct lk_json *document)
{
	size_t count = lk_json_count(document);
	enum ctl_exit end = CTL_DONE;
	struct policy_drafts drafts;
	struct policy *policy;

	if (lk_json_is_object(document))
		end = one_plan(import, document);
	for (size_t i = 0; i < count && end == CTL_DONE; i++)
		end = one_plan(import, lk_json_at(document, i));
	if (end != CTL_DONE)
		return end;
	drafts = (struct policy_drafts){import->files, import->count};
	policy = ctl_policy_need_with(import->ctl, &drafts); /* what the daemon will say of them */
	policy_free(policy);
	return policy == NULL ? CTL_REFUSED : CTL_DONE;
}

/* Never over a file that is there. */
static enum ctl_exit
file_write(const struct import *import, const struct policy_draft *file)
{
	int fd = open(file->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	ssize_t len = (ssize_t)file->text.len;
	bool is_written;

	if (fd < 0)
		return file_refuse(import, file->file, errno);
	is_written = write(fd, file->text.ptr, (size_t)len) == len && fsync(fd) == 0;
	(void)close(fd);
	if (is_written)
		return CTL_DONE;
	(void)unlink(file->file);
	ctl_complain(import->ctl, "%s: cannot be written", file->file);
	return CTL_REFUSED;
}

/* Those written are taken away again when one cannot be. */
static enum ctl_exit
all_write(const struct import *import)
{
	enum ctl_exit end = CTL_DONE;
	size_t written = 0;

	while (written < import->count && end == CTL_DONE) {
		end = file_write(import, &import->files[written]);
		written += end == CTL_DONE;
	}
	if (end == CTL_DONE)
		return end;
	while (written > 0)
		(void)unlink(import->files[--written].file);
	return end;
}

/* What open would say, with nothing opened. */
static enum ctl_exit
folder_check(const struct import *import)
{
	if (import->count == 0 || access(import->with.folder, W_OK | X_OK) == 0)
		return CTL_DONE;
	return file_refuse(import, import->files[0].file, errno);
}

static void
one_tell(const struct import *import, const struct registered *registered)
{
	struct ctl *ctl = import->ctl;

	if (registered->dropped.len > 0)
		ctl_note(ctl, "%s: grant_types %.*s: not offered, left out", registered->client_id,
			 LK_STR_ARGS(registered->dropped));
	if (registered->is_owner_wanted)
		ctl_note(ctl, "%s: say in its file who answers for it (owner)",
			 registered->client_id);
	if (ctl->is_set[CTL_OPTION_JSON])
		return;
	ctl_put(ctl, lk_str_c(registered->client_id));
	if (registered->is_secret_new && !ctl->is_set[CTL_OPTION_DRY_RUN])
		fprintf(ctl->out, "  client_secret %.*s  (shown once)\n",
			LK_STR_ARGS(registered->secret));
}

static void
json_tell(const struct import *import)
{
	LK_AUTO_BUF json;

	lk_buf_init(&json, IMPORT_MAX_BYTES);
	for (size_t i = 0; i < import->made_count; i++) {
		const struct registered *registered = &import->made[i];

		lk_buf_add_c(&json, i == 0 ? "{\"client_id\":" : ",{\"client_id\":");
		lk_json_quote(&json, lk_str_c(registered->client_id));
		lk_buf_printf(&json, ",\"kind\":\"%s\"", registered->kind);
		if (registered->is_secret_new && !import->ctl->is_set[CTL_OPTION_DRY_RUN]) {
			lk_buf_add_c(&json, ",\"client_secret\":");
			lk_json_quote(&json, registered->secret);
		}
		lk_buf_add_byte(&json, '}');
	}
	fprintf(import->ctl->out, "{\"ok\":true,\"applications\":[%.*s]}\n",
		LK_STR_ARGS(lk_buf_str(&json)));
}

static enum ctl_exit
import_run(struct import *import, const struct lk_json *document)
{
	struct ctl *ctl = import->ctl;
	enum ctl_exit end = all_plan(import, document);

	if (end == CTL_DONE)
		end = ctl->is_set[CTL_OPTION_DRY_RUN] ? folder_check(import) : all_write(import);
	if (end != CTL_DONE) {
		ctl_complain(ctl, "nothing was registered");
		return end;
	}
	for (size_t i = 0; i < import->made_count; i++)
		one_tell(import, &import->made[i]);
	if (ctl->is_set[CTL_OPTION_JSON])
		json_tell(import);
	if (!ctl->is_set[CTL_OPTION_DRY_RUN])
		ctl_note(ctl, "the daemon takes them with its next reload (SIGHUP)");
	return CTL_DONE;
}

/* What there is must be right before anything is added. */
static bool
import_ready(struct import *import, struct crypto_ring **out_ring)
{
	struct policy *policy = ctl_policy_need(import->ctl);

	policy_free(policy);
	if (policy == NULL)
		return false;
	if (crypto_ring_load(import->ctl->conf->key_file, &import->why, out_ring) != LK_OK) {
		ctl_complain(import->ctl, "%s: %s", import->ctl->conf->key_file, import->why.text);
		return false;
	}
	import->with = (struct register_with){.ring = *out_ring,
					      .arena = lk_arena_new(65536, 8 * IMPORT_MAX_BYTES),
					      .why = &import->why,
					      .now_s = lk_clock_wall_s(import->ctl->clock)};
	if (import->with.arena == NULL)
		return false;
	import->with.folder =
	    lk_arena_printf(import->with.arena, "%s/applications", import->ctl->conf->policies_dir)
		.ptr;
	return import->with.folder != NULL;
}

enum ctl_exit
ctl_app_import_run(struct ctl *ctl)
{
	static struct import import;
	struct crypto_ring *ring = NULL;
	struct lk_json *document = NULL;
	enum ctl_exit end = CTL_REFUSED;
	LK_AUTO_BUF text;

	lk_buf_init(&text, IMPORT_MAX_BYTES);
	import = (struct import){.ctl = ctl};
	if (!import_ready(&import, &ring) || !file_read(ctl, ctl->args[0], &text))
		end = CTL_REFUSED;
	else if (!lk_buf_is_ok(&text) ||
		 lk_json_read(lk_buf_str(&text), IMPORT_MAX_BYTES, &document) != LK_OK)
		ctl_complain(ctl, "%s: is no JSON", ctl->args[0]);
	else
		end = import_run(&import, document);
	lk_json_free(document);
	lk_arena_free(import.with.arena);
	crypto_ring_free(ring);
	return end;
}
