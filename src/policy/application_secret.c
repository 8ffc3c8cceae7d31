/* SPDX-License-Identifier: MIT */
#include "policy/policy_inside.h"

bool
policy_secret_read(struct lk_str text, struct policy_secret *out)
{
	struct policy_secret secret = {.until_s = 0};
	struct lk_str number, digest;
	uint64_t id;

	if (!lk_str_split(&text, ':', &number) || !lk_str_split(&text, ':', &digest) ||
	    !lk_str_to_u64(number, &id) || id == 0 || id > UINT32_MAX)
		return false;
	if (crypto_base64url_into(digest, secret.digest.bytes, sizeof secret.digest.bytes) !=
	    sizeof secret.digest.bytes)
		return false;
	/* What is left after the second ':', if one was there. */
	if (text.ptr != NULL && !policy_moment_read(text, &secret.until_s))
		return false;
	secret.key_id = (uint32_t)id;
	*out = secret;
	return true;
}

bool
policy_application_secret_check(const struct policy_application *application,
				const struct crypto_ring *ring, struct lk_str secret, int64_t now_s)
{
	const struct lk_str pieces[] = {lk_str_c(application->client_id), secret};
	bool is_one = false;
	size_t i;

	if (secret.len == 0 || (application->auth_method != POLICY_AUTH_BASIC &&
				application->auth_method != POLICY_AUTH_POST))
		return false;
	for (i = 0; i < application->secret_digests.count; i++) {
		const struct policy_secret *kept = &application->secrets[i];
		struct crypto_digest_key key = {CRYPTO_APPLICATION, kept->key_id};
		struct crypto_digest digest;

		if (crypto_digest_under(ring, key, pieces, 2, &digest) != LK_OK)
			continue;
		/* All of them are looked at, so that time does not say which one it is. */
		is_one |= crypto_digest_is_equal(&digest, &kept->digest) &&
			  (kept->until_s == 0 || now_s < kept->until_s);
	}
	return is_one;
}
