/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <unistd.h>

#include "base/json.h"
#include "conf/conf.h"
#include "crypto/crypto.h"
#include "ctl/need.h"
#include "ctl/verbs.h"

/* The ring the new key will stand in; NULL with LK_OK: there is none yet. */
static enum lk_err
ring_find(struct ctl *ctl, struct crypto_ring **out)
{
	struct lk_why why = {0};
	enum lk_err err;

	*out = NULL;
	if (ctl->value[CTL_OPTION_CONFIG] == NULL && access(CTL_CONFIG, F_OK) != 0)
		return LK_OK;
	if (ctl_conf_need(ctl) == NULL)
		return LK_E_FORMAT;
	err = crypto_ring_load(ctl->conf->key_file, &why, out);
	if (err == LK_E_NOT_FOUND)
		return LK_OK;
	if (err != LK_OK)
		ctl_complain(ctl, "%s: %s", ctl->conf->key_file, why.text);
	return err;
}

enum ctl_exit
ctl_key_new_run(struct ctl *ctl)
{
	struct crypto_ring *ring;
	enum lk_err err = ring_find(ctl, &ring);
	LK_AUTO_BUF line;

	lk_buf_init(&line, 256);
	if (err == LK_OK)
		err = crypto_ring_line_make(ring, &line);
	crypto_ring_free(ring);
	if (err != LK_OK)
		return CTL_REFUSED;
	if (isatty(fileno(ctl->out)) != 0)
		ctl_note(ctl, "this is a secret; it belongs at the end of the key file");
	if (ctl->is_set[CTL_OPTION_JSON])
		fprintf(ctl->out, "{\"ok\":true,\"line\":\"%.*s\"}\n", (int)line.len - 1,
			line.bytes);
	else
		fprintf(ctl->out, "%.*s", LK_STR_ARGS(lk_buf_str(&line)));
	return CTL_DONE;
}
