/* SPDX-License-Identifier: MIT */
/* Inside src/conf only: the rows of latchkey.conf, and what must hold between them. */
#ifndef LK_CONF_RULES_H
#define LK_CONF_RULES_H

#include "conf/conf.h"
#include "conf/table.h"

extern const struct conf_table conf_table;

enum conf_reader { CONF_READER_DAEMON = 1, CONF_READER_MAILER };
/* Each rule that does not hold, at the key that can mend it; main is where keys not given would
 * stand. */
void
conf_rules_check(const struct conf *conf, enum conf_reader reader, const char *main_file,
		 struct conf_faults *faults);

#endif
