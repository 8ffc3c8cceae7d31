# SPDX-License-Identifier: MIT
# What contrib/quickstart starts.
noinst_PROGRAMS += contrib/demo/seal_seeds
contrib_demo_seal_seeds_SOURCES = contrib/demo/seal_seeds.c
contrib_demo_seal_seeds_LDADD = libcrypto.a libbase.a $(SODIUM_LIBS) $(OATH_LIBS)
EXTRA_DIST += \
	contrib/quickstart \
	contrib/demo/applications.py \
	contrib/demo/claims.policy \
	contrib/demo/catcher.py \
	contrib/demo/demo.py \
	contrib/demo/demo.schema \
	contrib/demo/directory.py \
	contrib/demo/install \
	contrib/demo/packages \
	contrib/demo/parts.py \
	contrib/demo/people.py \
	contrib/demo/settings.py \
	contrib/demo/words.py
