/* SPDX-License-Identifier: MIT */
/* Nothing verifies but what the RFCs signed; the corpus holds those three tokens. */
/* Folders: base crypto */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>

#include "crypto/crypto.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* RFC 7515 A.2, A.3; RFC 8037 A.2. */
#define JWKS                                                                                       \
	"{\"keys\":[{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\""                    \
	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt" \
	"0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX" \
	"ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5" \
	"IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\"},"       \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"                                  \
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\","                                                    \
	"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}"
#define RFC_7515                                                                                   \
	"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"
#define RFC_8037 "Example of Ed25519 signing"

static struct crypto_jwks set;

static void
begin(void)
{
	if (set.count == 0 &&
	    (crypto_init() != LK_OK || crypto_jwks_read(LK_STR(JWKS), NULL, &set) != LK_OK))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(4096, 1u << 18);
	struct crypto_jws_allow allow[3];
	struct crypto_jws_rule rule = {allow, 3, "JWT", true};
	struct crypto_jws jws;
	struct lk_why why = {.len = 0};
	size_t i;

	begin();
	if (arena == NULL)
		return 0;
	for (i = 0; i < 3; i++)
		allow[i].key = set.keys[i];
	allow[0].alg = CRYPTO_RS256;
	allow[1].alg = CRYPTO_ES256;
	allow[2].alg = CRYPTO_EDDSA;
	if (crypto_jws_verify(&rule, lk_str_n((const char *)bytes, len), arena, &why, &jws) ==
		LK_OK &&
	    !lk_str_is(jws.payload, RFC_7515) && !lk_str_is(jws.payload, RFC_8037))
		abort();
	lk_arena_free(arena);
	return 0;
}
