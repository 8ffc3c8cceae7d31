# SPDX-License-Identifier: MIT
EXTRA_DIST += \
	contrib/directory/README.md \
	contrib/directory/acl.conf \
	contrib/directory/base.ldif \
	contrib/directory/latchkey.ldif \
	contrib/directory/latchkey.schema \
	contrib/directory/slapd.conf
