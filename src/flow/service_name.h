/* SPDX-License-Identifier: MIT */
/* What the service is called. */
#ifndef LK_FLOW_SERVICE_NAME_H
#define LK_FLOW_SERVICE_NAME_H

#include "conf/conf.h"
#include "page/page_ids.h"

/* Apart from the pages, since mails say it too. Pure; borrowed from conf. */
const char *
service_name(const struct conf *conf, enum lang lang);

#endif
