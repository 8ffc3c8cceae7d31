/* SPDX-License-Identifier: MIT */
#include "flow/service_name.h"

#include <stddef.h>

const char *
service_name(const struct conf *conf, enum lang lang)
{
	bool has_welsh = conf->service_name_cy != NULL && conf->service_name_cy[0] != '\0';

	return lang == LANG_CY && has_welsh ? conf->service_name_cy : conf->service_name;
}
