/* SPDX-License-Identifier: MIT */
/* What we sign is what another program, openssl on the command line, takes for signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <openssl/x509.h>

#include "support/files_help.h"
#include "support/jws_help.h"

static char home[HELP_PATH_BYTES];

static int
begin(void **state)
{
	help_folder(home);
	return chdir(home) == 0 ? help_jws_begin(state) : -1;
}

static int
end(void **state)
{
	help_folder_remove(home);
	return help_jws_end(state);
}

static void
put(const char *name, const void *bytes, size_t len)
{
	FILE *file = fopen(name, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* Returns what the program ended with; 127: there is none. */
static int
run(const char *const *words)
{
	pid_t pid = fork();
	int status = 0, nowhere;

	assert_true(pid >= 0);
	if (pid == 0) {
		nowhere = open("/dev/null", O_WRONLY);
		dup2(nowhere, STDOUT_FILENO);
		dup2(nowhere, STDERR_FILENO);
		execvp(words[0], (char *const *)(uintptr_t)words);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* RFC 8410 s4: what stands before the 32 bytes. */
static void
put_ed25519_key(const struct crypto_jwk *key)
{
	unsigned char der[44] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21};

	memcpy(der + 12, key->ed_public, sizeof key->ed_public);
	put("key", der, sizeof der);
}

static void
put_key(const struct crypto_jwk *key)
{
	unsigned char *der = NULL;
	int len;

	if (key->kind == JOSE_ED25519) {
		put_ed25519_key(key);
		return;
	}
	len = i2d_PUBKEY(key->pkey, &der);
	assert_true(len > 0);
	put("key", der, (size_t)len);
	OPENSSL_free(der);
}

/* One number of 32 bytes as DER has it: no zeros before it but one where it would look negative. */
static size_t
der_number(const unsigned char *bytes, unsigned char *out)
{
	size_t zeros = 0, pad;

	while (zeros < 31 && bytes[zeros] == 0)
		zeros++;
	pad = bytes[zeros] >> 7;
	out[0] = 2;
	out[1] = (unsigned char)(32 - zeros + pad);
	out[2] = 0;
	memcpy(out + 2 + pad, bytes + zeros, 32 - zeros);
	return 2 + pad + 32 - zeros;
}

static void
put_signature(const struct crypto_jwk *key, const unsigned char *proof)
{
	unsigned char der[80] = {0x30};
	size_t len;

	if (key->kind != JOSE_P256) {
		put("signature", proof, jose_signature_bytes(key));
		return;
	}
	len = der_number(proof, der + 2);
	len += der_number(proof + 32, der + 2 + len);
	der[1] = (unsigned char)len;
	put("signature", der, 2 + len);
}

/* 0 when openssl says that "signature" is one of the file called text. */
static int
verify_by_openssl(enum crypto_alg alg, const char *text)
{
	const char *const hashed[] = {"openssl",   "dgst",    "-sha256", "-keyform",
				      "DER",	   "-verify", "key",	 "-signature",
				      "signature", text,      NULL};
	const char *const pss[] = {"openssl",
				   "dgst",
				   "-sha256",
				   "-keyform",
				   "DER",
				   "-verify",
				   "key",
				   "-sigopt",
				   "rsa_padding_mode:pss",
				   "-sigopt",
				   "rsa_pss_saltlen:32",
				   "-signature",
				   "signature",
				   text,
				   NULL};
	const char *const whole[] = {"openssl",	  "pkeyutl",  "-verify", "-pubin", "-inkey",
				     "key",	  "-keyform", "DER",	 "-rawin", "-sigfile",
				     "signature", "-in",      text,	 NULL};

	if (alg == CRYPTO_EDDSA)
		return run(whole);
	return run(alg == CRYPTO_PS256 ? pss : hashed);
}

static void
openssl_takes_our_signatures_and_no_others(void **state)
{
	static const char *const version[] = {"openssl", "version", NULL};
	unsigned char proof[JOSE_SIGNATURE_MAX_BYTES];
	int alg;

	(void)state;
	if (run(version) == 127)
		skip();
	put("text", "text", 4);
	put("other", "texu", 4);
	for (alg = CRYPTO_RS256; alg < CRYPTO_ALG_COUNT; alg++) {
		struct crypto_jwk *key = help_keys[alg];

		assert_int_equal(jose_sign_bytes(key, (enum crypto_alg)alg, LK_STR("text"), proof),
				 LK_OK);
		put_key(key);
		put_signature(key, proof);
		assert_int_equal(verify_by_openssl((enum crypto_alg)alg, "text"), 0);
		assert_int_equal(verify_by_openssl((enum crypto_alg)alg, "other"), 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(openssl_takes_our_signatures_and_no_others),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
