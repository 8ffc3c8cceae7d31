# SPDX-License-Identifier: MIT
# The mailer against a real mail server that misbehaves (contrib/demo/catcher.py), and applications that do.
STORY_FILES += tests/mailer/mailer_test.py tests/mailer/calls_test.py
