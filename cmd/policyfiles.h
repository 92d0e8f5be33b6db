/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in which the running kernel says what it asks of modules. */
#ifndef KWCHECK_CMD_POLICYFILES_H
#define KWCHECK_CMD_POLICYFILES_H

#include "module/policy.h"

enum { POLICYFILES_NR = 5, POLICYFILES_BYTES = 4096 };

struct policyfiles {
	char lines[POLICYFILES_NR][POLICYFILES_BYTES];
	struct policy_words words; /* into lines */
};

/* Reads what is there below @sysroot. */
void policyfiles_read(struct policyfiles *ret, const char *sysroot);

/* The same of what a capture noted of them. */
void policyfiles_recall(struct policyfiles *ret, const struct kernel *kernel);

#endif
