# SPDX-License-Identifier: MIT
# The rules of shape, as programs; each says FILE:LINE: what is wrong. They need nothing but python3.
LINT_TESTS = \
	tests/lint/calls \
	tests/lint/dist \
	tests/lint/layers \
	tests/lint/plain-words \
	tests/lint/proof \
	tests/lint/sizes \
	tests/lint/tables \
	tests/lint/unused \
	tests/lint/whitespace
dist_check_SCRIPTS += $(LINT_TESTS)
TESTS += $(LINT_TESTS)
EXTRA_DIST += tests/lint/lint.py tests/lint/secret-readers
