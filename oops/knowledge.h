/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of each cause: what it is, and the ways out with their costs. */
#ifndef KWCHECK_OOPS_KNOWLEDGE_H
#define KWCHECK_OOPS_KNOWLEDGE_H

#include "oops/cause.h"

/* knowledge_fill - summary and ways of @cause->kind, for a kernel of @version (0: any) */
void knowledge_fill(struct cause *cause, unsigned version);

#endif
