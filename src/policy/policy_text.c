/* SPDX-License-Identifier: MIT */
#include "conf/write.h"
#include "policy/policy_inside.h"

void
policy_help(struct lk_buf *out)
{
	int file;

	for (file = 0; file < POLICY_FILE_COUNT; file++) {
		lk_buf_printf(out, "%s%s\n", file == 0 ? "" : "\n", policy_tables[file].file);
		conf_table_help(&policy_tables[file].table, out);
	}
	lk_buf_add_c(out, "\nclaims.policy\n");
	conf_table_help(&policy_claims_table, out);
	lk_buf_add_c(out, "\napplications/NAME.conf\n");
	conf_table_help(&policy_application_table, out);
}

void
policy_manual(struct lk_buf *out)
{
	int file;

	for (file = 0; file < POLICY_FILE_COUNT; file++) {
		lk_buf_printf(out, ".SS \"%s\"\n", policy_tables[file].file);
		conf_table_manual(&policy_tables[file].table, out);
	}
	lk_buf_add_c(out, ".SS \"claims.policy\"\n");
	conf_table_manual(&policy_claims_table, out);
	lk_buf_add_c(out, ".SS \"applications/NAME.conf\"\n");
	conf_table_manual(&policy_application_table, out);
}
