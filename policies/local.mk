# SPDX-License-Identifier: MIT
policiesdir = $(sysconfdir)/latchkey/policies
dist_policies_DATA = \
	policies/claims.policy \
	policies/lockout.policy \
	policies/password.policy \
	policies/reset.policy \
	policies/signin.policy
applicationsdir = $(policiesdir)/applications
dist_applications_DATA = policies/applications/example.conf.sample
