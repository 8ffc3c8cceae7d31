# SPDX-License-Identifier: MIT
# The mailer against a real mail server that misbehaves: contrib/demo/catcher.py.
STORY_FILES += tests/mailer/mailer_test.py
