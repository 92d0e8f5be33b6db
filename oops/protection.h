/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What general protection faults mean. */
#ifndef KWCHECK_OOPS_PROTECTION_H
#define KWCHECK_OOPS_PROTECTION_H

#include "oops/question.h"

enum cause_kind protection_cause(const struct cause_question *q, struct cause *cause);

#endif
