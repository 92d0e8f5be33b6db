/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where ACPI's tables lie, as the kernel has it in its list of them. */
#ifndef KWCHECK_KCORE_ACPITABLES_H
#define KWCHECK_KCORE_ACPITABLES_H

#include "kcore/kernel.h"

/* Gives each table of kernel->firmware its place, where the kernel says it. */
void acpitables_place(struct kernel *kernel);

#endif
