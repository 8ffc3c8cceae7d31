/* SPDX-License-Identifier: MIT */
/* A key that reads is published as the same key, which reads again. */
/* Folders: base crypto */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>

#include "crypto/crypto.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
write_and_read_back(const struct crypto_jwk *key)
{
	struct crypto_jwk *again = NULL;
	LK_AUTO_BUF text = {0};
	int alg;

	lk_buf_init(&text, 8192);
	crypto_jwk_write(key, &text);
	must(lk_buf_is_ok(&text));
	must(crypto_jwk_read(lk_buf_str(&text), NULL, &again) == LK_OK);
	must(lk_str_is_equal(crypto_jwk_kid(key), crypto_jwk_kid(again)));
	for (alg = 0; alg <= CRYPTO_ALG_COUNT; alg++)
		must(crypto_jwk_fits(key, (enum crypto_alg)alg) ==
		     crypto_jwk_fits(again, (enum crypto_alg)alg));
	crypto_jwk_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct crypto_jwk *key = NULL;
	struct lk_why why = {.len = 0};

	must(crypto_init() == LK_OK);
	if (crypto_jwk_read(lk_str_n((const char *)bytes, len), &why, &key) == LK_OK)
		write_and_read_back(key);
	crypto_jwk_free(key);
	return 0;
}
