/* SPDX-License-Identifier: MIT */
/* audit_make KEYFILE LOG COUNT: so many lines, as the daemon writes them. */
#include <stdio.h>
#include <stdlib.h>

#include "audit/audit.h"

int
main(int argc, char **argv)
{
	const struct lk_clock *clock = lk_clock_system();
	struct crypto_ring *ring = NULL;
	struct audit *audit = NULL;
	struct lk_why why = {0};
	int failed = 0;

	if (argc != 4 || crypto_init() != LK_OK ||
	    crypto_ring_load(argv[1], &why, &ring) != LK_OK ||
	    audit_open(argv[2], ring, clock, &why, &audit) != LK_OK) {
		(void)fprintf(stderr, "%s\n", why.text);
		return 1;
	}
	for (long i = strtol(argv[3], NULL, 10); i > 0; i--) {
		const struct audit_line line = {
		    .event = AUDIT_SIGNIN_DONE,
		    .ref = i == 1 ? LK_STR("7Q4M-2XPD") : LK_STR("AAAA-AAAA"),
		    .person_id = LK_STR("0b2d1f9c-0000-4000-8000-000000000001"),
		    .username = i % 2 ? LK_STR("sm10001") : LK_STR("jp10002"),
		    .session = LK_STR("AbCdEfGh"),
		    .door = LK_STR("web"),
		};

		failed |= audit_append(audit, &line, lk_clock_mono_ms(clock) + 5000) != LK_OK;
	}
	audit_close(audit);
	crypto_ring_free(ring);
	return failed;
}
