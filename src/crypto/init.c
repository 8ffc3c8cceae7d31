/* SPDX-License-Identifier: MIT */
#include "crypto/crypto.h"

#include <liboath/oath.h>
#include <sodium.h>

#include "crypto/pwhash.h"
#include "crypto/token.h"

enum lk_err
crypto_init(void)
{
	if (sodium_init() < 0 || oath_init() != OATH_OK)
		return LK_E_BROKEN;
	if (crypto_random_init() != LK_OK)
		return LK_E_MEMORY;
	return crypto_pwhash_init();
}
