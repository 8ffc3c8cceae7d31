# SPDX-License-Identifier: MIT
# For pam-auth-update, which knows no comments in its profiles. Local accounts come first; root and the system's own stay
# out of it; people the daemon refuses, or cannot ask about, do not get in by an SSH key either.
pamconfigsdir = $(datadir)/pam-configs
dist_pamconfigs_DATA = contrib/debian/pam-configs/latchkey
