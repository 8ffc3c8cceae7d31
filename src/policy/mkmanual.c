/* SPDX-License-Identifier: MIT */
/* Build time only: prints latchkeyd(8), latchkey.conf(5), latchkey-policy(5) or a sample
 * latchkey.conf, from the tables where they know, so that none goes stale. */
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "policy/policy.h"

#define MANUAL_MAX_BYTES 1048576u

static void
conf_page(struct lk_buf *out)
{
	lk_buf_add_c(
	    out,
	    ".TH LATCHKEY.CONF 5 \"\" \"latchkey " PACKAGE_VERSION "\"\n"
	    ".SH NAME\n"
	    "latchkey.conf \\- settings of latchkeyd\n"
	    ".SH SYNOPSIS\n"
	    ".I /etc/latchkey/latchkey.conf\n.br\n"
	    ".I /etc/latchkey/conf.d/*.conf\n"
	    ".SH DESCRIPTION\n"
	    "Lines are\n.BR [section] ,\n.B key = value\nor a comment that begins with # or ;.\n"
	    "There are no quotes, no continued lines and no comments behind a value.\n"
	    "Files in conf.d are read after the main file, in the order of their names;\n"
	    "what stands later wins over earlier files. A key twice in one file, and one\n"
	    "that does not exist, are errors.\n"
	    "Lengths of time may be written with a unit: ms, s, min, h, days.\n"
	    ".PP\n"
	    "Secrets never stand here but in files of their own, which only their owner may "
	    "touch.\n"
	    ".PP\n"
	    ".B latchkeyd \\-\\-check\\-config\ntells everything that is wrong at once.\n"
	    ".SH KEYS\n");
	conf_manual(out);
	lk_buf_add_c(out, ".SH SEE ALSO\n.BR latchkeyd (8),\n.BR latchkey\\-policy (5)\n");
}

static void
policy_page(struct lk_buf *out)
{
	lk_buf_add_c(
	    out,
	    ".TH LATCHKEY\\-POLICY 5 \"\" \"latchkey " PACKAGE_VERSION "\"\n"
	    ".SH NAME\n"
	    "latchkey\\-policy \\- what an organisation asks of its people\n"
	    ".SH SYNOPSIS\n"
	    ".I /etc/latchkey/policies/*.policy\n.br\n"
	    ".I /etc/latchkey/policies/applications/*.conf\n"
	    ".SH DESCRIPTION\n"
	    "Policy files are written like\n.BR latchkey.conf (5).\n"
	    "Each has one section\n.B [default]\nand may have sections\n.B [group NAME]\n"
	    "for groups of the directory. Somebody gets each rule from the first group section,\n"
	    "from the top of the file, that names one of their groups and sets the rule; else "
	    "from\n"
	    "[default]; else its default below. Group names are alike in either case.\n"
	    ".PP\n"
	    "Proofs are\n.BR password ,\n.B totp\n(a code from the authenticator) and\n"
	    ".B recovery\n(a recovery code), joined by\n.B and\nand\n.BR or ;\n"
	    ".B and\nbinds more closely.\n"
	    ".PP\n"
	    "claims.policy has one section,\n.BR [claims] :\n"
	    "from which attribute of the directory each thing comes that applications can be told\n"
	    "of a person. Without the file it is as below.\n"
	    ".PP\n"
	    "Everything is read whole or not at all; a reload with an error changes nothing.\n"
	    ".B latchkeyctl policy check\ntells everything that is wrong,\n"
	    ".B latchkeyctl policy explain\nwhich line decided for somebody.\n"
	    ".SS The list of common passwords\n"
	    "is made by\n.BR latchkey\\-wordlist .\n"
	    "A password is refused when one of these stands in it: all of it; what is left "
	    "without\n"
	    "up to 4 digits or signs before and 6 behind; and of both, when they are one word "
	    "over\n"
	    "and over, that word. Small and capital letters are alike, accents do not count, and\n"
	    "look\\-alikes (@ 4 a, 3 e, 1 ! | l i, 0 o, 5 $ s, 7 + t, 8 b, 9 6 g, 2 z) are one "
	    "letter.\n"
	    ".SH FILES\n");
	policy_manual(out);
	lk_buf_add_c(out, ".SH SEE ALSO\n.BR latchkeyd (8),\n.BR latchkeyctl (1),\n"
			  ".BR latchkey.conf (5)\n");
}

static void
daemon_page(struct lk_buf *out)
{
	lk_buf_add_c(
	    out,
	    ".TH LATCHKEYD 8 \"\" \"latchkey " PACKAGE_VERSION "\"\n"
	    ".SH NAME\n"
	    "latchkeyd \\- sign staff in, and let them help themselves\n"
	    ".SH SYNOPSIS\n"
	    ".B latchkeyd\n[\\-\\-config FILE]\n.br\n"
	    ".B latchkeyd\n[\\-\\-config FILE] \\-\\-check\\-config | \\-\\-init\\-store\n.br\n"
	    ".B latchkeyd\n\\-\\-help\\-config | \\-\\-version | \\-\\-help\n"
	    ".SH DESCRIPTION\n"
	    "Serves the pages where people sign in, set a new password and unlock their account,\n"
	    "answers\n.BR pam_latchkey (8)\nand\n.BR latchkeyctl (1)\n"
	    "on two sockets of this machine. Stays in the foreground and writes its log to\n"
	    "standard error. People live in an LDAP directory, sessions in Redis.\n"
	    ".SH OPTIONS\n"
	    ".TP\n.B \\-\\-config FILE\nsettings instead of\n.I /etc/latchkey/latchkey.conf\n"
	    ".TP\n.B \\-\\-check\\-config\n"
	    "say everything that is wrong with settings, policies, keys and certificates, with\n"
	    "file, line and column, and end: 0 nothing, 1 something. Asks no server.\n"
	    ".TP\n.B \\-\\-init\\-store\n"
	    "tell a new, empty Redis that no code was ever used, and end. Without it the codes\n"
	    "of its first minute are refused.\n"
	    ".TP\n.B \\-\\-help\\-config\nevery setting and every policy rule\n"
	    ".SH SIGNALS\n"
	    ".TP\n.B HUP\n"
	    "read settings, policies and applications again, all or nothing, and go on in the\n"
	    "audit log if it was moved away. With a setting that needs a restart nothing is\n"
	    "taken, and the log names it. A renewed certificate is read at the next start.\n"
	    ".TP\n.B TERM, INT\n"
	    "take no more, answer what is being asked, end\n"
	    ".SH ADDRESSES\n"
	    ".TP\n.B /healthz\n200 while the program runs\n"
	    ".TP\n.B /readyz\n"
	    "200 when directory, store with as many replicas as wait_replicas says, audit log,\n"
	    "keys and clock are well, else 503; on metrics_listen\n.B /readyz?verbose\n"
	    "says which is not\n"
	    ".TP\n.B /metrics\non metrics_listen: counters, for Prometheus\n"
	    ".SH FILES\n"
	    ".I /etc/latchkey/latchkey.conf\n.br\n.I /etc/latchkey/policies/\n.br\n"
	    ".I /run/latchkey/\n"
	    ".SH EXIT STATUS\n0 ended as told; 1 could not start, or found something wrong; 2 "
	    "usage\n"
	    ".SH SEE ALSO\n"
	    ".BR latchkey.conf (5),\n.BR latchkey\\-policy (5),\n.BR latchkeyctl (1),\n"
	    ".BR latchkey\\-mailer (8),\n.BR pam_latchkey (8),\n.BR latchkey\\-errors (7)\n");
}

int
main(int argc, char **argv)
{
	const char *which = argc == 2 ? argv[1] : "";
	LK_AUTO_BUF out;

	lk_buf_init(&out, MANUAL_MAX_BYTES);
	if (strcmp(which, "latchkey.conf.5") == 0)
		conf_page(&out);
	else if (strcmp(which, "latchkey-policy.5") == 0)
		policy_page(&out);
	else if (strcmp(which, "latchkeyd.8") == 0)
		daemon_page(&out);
	else if (strcmp(which, "latchkey.conf.sample") == 0)
		conf_sample(&out);
	if (out.len == 0 || !lk_buf_is_ok(&out) || fwrite(out.bytes, 1, out.len, stdout) != out.len)
		return 1;
	return fflush(stdout) == 0 ? 0 : 1;
}
