/* SPDX-License-Identifier: MIT */
#include "http/pem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conf/secret_file.h"

#define PEM_MAX_BYTES 262144u

static enum lk_err
file_read(const char *path, struct lk_why *why, struct lk_buf *out)
{
	char piece[4096];
	ssize_t len = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	lk_buf_init(out, PEM_MAX_BYTES);
	while (fd >= 0 && (len = read(fd, piece, sizeof piece)) > 0)
		lk_buf_add(out, piece, (size_t)len);
	if (len < 0)
		lk_why_add(why, "%s cannot be read: %s", path, strerror(errno));
	else if (!lk_buf_is_ok(out) || out->len == 0)
		lk_why_add(why, "%s is empty or far too long", path);
	explicit_bzero(piece, sizeof piece);
	if (fd >= 0)
		close(fd);
	return len == 0 && lk_buf_is_ok(out) && out->len > 0 ? LK_OK : LK_E_FORMAT;
}

enum lk_err
pem_read(const struct conf *conf, struct lk_why *why, struct lk_buf *out_certificate,
	 struct lk_buf *out_key)
{
	const char *fault;
	enum lk_err err;

	if (conf->tls_certificate_file == NULL)
		return LK_OK;
	fault = conf_secret_file_fault(conf->tls_key_file);
	if (fault != NULL) {
		lk_why_add(why, "%s %s", conf->tls_key_file, fault);
		return LK_E_FORMAT;
	}
	err = file_read(conf->tls_certificate_file, why, out_certificate);
	return err == LK_OK ? file_read(conf->tls_key_file, why, out_key) : err;
}
