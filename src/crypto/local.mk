# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libcrypto.a
libcrypto_a_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS) $(OATH_CFLAGS) $(CRYPTO_CFLAGS)
libcrypto_a_SOURCES = \
	src/crypto/base64url.c src/crypto/base64url.h \
	src/crypto/crypto.h \
	src/crypto/digest.c src/crypto/digest.h \
	src/crypto/fingerprint.c src/crypto/fingerprint.h \
	src/crypto/hash.c src/crypto/hash.h \
	src/crypto/init.c \
	src/crypto/jose_claims.c src/crypto/jose_claims.h \
	src/crypto/jose_inside.h \
	src/crypto/jose_jwk.c \
	src/crypto/jose_jws.c src/crypto/jose_jws.h \
	src/crypto/jose_key.c src/crypto/jose_key.h \
	src/crypto/jose_number.c \
	src/crypto/jose_raw.c \
	src/crypto/keyring.c src/crypto/keyring.h \
	src/crypto/letters.c src/crypto/letters.h \
	src/crypto/pwhash.c src/crypto/pwhash.h \
	src/crypto/recovery.c src/crypto/recovery.h \
	src/crypto/reference.c src/crypto/reference.h \
	src/crypto/ring.h \
	src/crypto/seal.c src/crypto/seal.h \
	src/crypto/token.c src/crypto/token.h \
	src/crypto/totp.c src/crypto/totp.h
