/* SPDX-License-Identifier: MIT */
/*
 * Keys, seals, tokens, digests, signatures, one-time and recovery codes. Knows bytes, nothing of
 * people or pages. The only home of liboath and libcrypto, and with base/secret and base/arena of
 * sodium. Everything here is safe to call from any thread.
 */
#ifndef LK_CRYPTO_CRYPTO_H
#define LK_CRYPTO_CRYPTO_H

#include "base/err.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"
#include "crypto/jose_claims.h"
#include "crypto/jose_jws.h"
#include "crypto/jose_key.h"
#include "crypto/keyring.h"
#include "crypto/recovery.h"
#include "crypto/reference.h"
#include "crypto/seal.h"
#include "crypto/token.h"
#include "crypto/totp.h"

/*
 * Make the libraries ready: once in main, before any thread and before anything else here.
 *
 * Returns: LK_OK · LK_E_BROKEN a library says no: do not start.
 */
enum lk_err crypto_init(void) LK_MUST_CHECK;

#endif
