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
#define PATH_BYTES	 512

/* One run. Files written are taken away again when anything goes wrong. */
struct import {
	struct ctl *ctl;
	struct register_with with;
	struct lk_why why;
	char paths[IMPORT_MAX_COUNT][PATH_BYTES];
	size_t count;
	struct lk_buf told; /* JSON of what was registered, with new secrets */
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

/* Never over a file that is there. */
static enum ctl_exit
file_write(struct import *import, const char *path, struct lk_str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	bool is_written;

	if (fd < 0) {
		ctl_complain(import->ctl, "%s: %s", path,
			     errno == EEXIST ? "is registered already" : strerrordesc_np(errno));
		return errno == EACCES ? CTL_NOT_ALLOWED : CTL_REFUSED;
	}
	import->count++;
	is_written = write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0;
	(void)close(fd);
	if (!is_written)
		ctl_complain(import->ctl, "%s: cannot be written", path);
	return is_written ? CTL_DONE : CTL_REFUSED;
}

static void
registered_tell(struct import *import, const struct registered *registered)
{
	struct lk_buf *told = &import->told;

	lk_buf_add_c(told, told->len == 0 ? "{\"client_id\":" : ",{\"client_id\":");
	lk_json_quote(told, lk_str_c(registered->client_id));
	lk_buf_printf(told, ",\"kind\":\"%s\"", registered->kind);
	if (registered->is_secret_new) {
		lk_buf_add_c(told, ",\"client_secret\":");
		lk_json_quote(told, registered->secret);
	}
	lk_buf_add_byte(told, '}');
	if (import->ctl->is_set[CTL_OPTION_JSON])
		return;
	ctl_put(import->ctl, lk_str_c(registered->client_id));
	if (registered->is_secret_new && !import->ctl->is_set[CTL_OPTION_DRY_RUN])
		fprintf(import->ctl->out, "  client_secret %.*s  (shown once)\n",
			LK_STR_ARGS(registered->secret));
}

/* applications/ID.ending, which goes again when anything goes wrong. */
static enum ctl_exit
text_keep(struct import *import, const struct registered *registered, const char *ending,
	  struct lk_str text)
{
	struct lk_str path = lk_arena_printf(import->with.arena, "%s/%s.%s", import->with.folder,
					     registered->client_id, ending);

	if (path.ptr == NULL || path.len >= PATH_BYTES || import->count == IMPORT_MAX_COUNT) {
		ctl_complain(import->ctl, "too many, or too long a path");
		return CTL_REFUSED;
	}
	memcpy(import->paths[import->count], path.ptr, path.len + 1);
	if (import->ctl->is_set[CTL_OPTION_DRY_RUN])
		return CTL_DONE;
	return file_write(import, import->paths[import->count], text);
}

static enum ctl_exit
one_register(struct import *import, const struct lk_json *metadata)
{
	struct registered registered;
	enum ctl_exit end = CTL_DONE;
	LK_AUTO_BUF text;

	lk_buf_init(&text, 65536);
	if (register_make(&import->with, metadata, &registered, &text) != LK_OK) {
		ctl_complain(import->ctl, "%s: %s", registered.client_id, import->why.text);
		return CTL_REFUSED;
	}
	if (registered.keys.len > 0)
		end = text_keep(import, &registered, "jwks", registered.keys);
	if (end == CTL_DONE)
		end = text_keep(import, &registered, "conf", lk_buf_str(&text));
	if (end != CTL_DONE)
		return end;
	registered_tell(import, &registered);
	if (registered.is_owner_wanted)
		ctl_note(import->ctl, "%s: say in its file who answers for it (owner)",
			 registered.client_id);
	return CTL_DONE;
}

static enum ctl_exit
all_register(struct import *import, const struct lk_json *document)
{
	size_t count = lk_json_count(document);
	enum ctl_exit end = CTL_DONE;
	struct policy *policy;

	if (lk_json_is_object(document))
		end = one_register(import, document);
	for (size_t i = 0; i < count && end == CTL_DONE; i++)
		end = one_register(import, lk_json_at(document, i));
	if (end != CTL_DONE)
		return end;
	policy = ctl_policy_need(import->ctl); /* what application.def says of them */
	policy_free(policy);
	return policy == NULL ? CTL_REFUSED : CTL_DONE;
}

static enum ctl_exit
import_run(struct import *import, const struct lk_json *document)
{
	enum ctl_exit end = all_register(import, document);

	if (end != CTL_DONE) {
		for (size_t i = 0; i < import->count; i++)
			(void)unlink(import->paths[i]);
		ctl_complain(import->ctl, "nothing was registered");
		return end;
	}
	if (import->ctl->is_set[CTL_OPTION_JSON])
		fprintf(import->ctl->out, "{\"ok\":true,\"applications\":[%.*s]}\n",
			LK_STR_ARGS(lk_buf_str(&import->told)));
	ctl_note(import->ctl, "the daemon takes them with its next reload (SIGHUP)");
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
					      .arena = lk_arena_new(65536, 4 * IMPORT_MAX_BYTES),
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
	lk_buf_init(&import.told, IMPORT_MAX_BYTES);
	if (!import_ready(&import, &ring) || !file_read(ctl, ctl->args[0], &text))
		end = CTL_REFUSED;
	else if (!lk_buf_is_ok(&text) ||
		 lk_json_read(lk_buf_str(&text), IMPORT_MAX_BYTES, &document) != LK_OK)
		ctl_complain(ctl, "%s: is no JSON", ctl->args[0]);
	else
		end = import_run(&import, document);
	lk_json_free(document);
	lk_buf_done(&import.told);
	lk_arena_free(import.with.arena);
	crypto_ring_free(ring);
	return end;
}
