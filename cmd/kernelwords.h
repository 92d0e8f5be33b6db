/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel would log of a fault, in its own words. */
#ifndef KWCHECK_CMD_KERNELWORDS_H
#define KWCHECK_CMD_KERNELWORDS_H

#include <stdint.h>
#include <stdio.h>

/* A page fault's first lines, @indent before each: arch/x86/mm/fault.c:
 * show_fault_oops().
 */
void kernelwords_page_fault(FILE *out, const char *indent, uint64_t address,
			    unsigned error_code);

/* A general protection fault's: arch/x86/kernel/traps.c:exc_general_protection(). */
void kernelwords_non_canonical(FILE *out, uint64_t address);

#endif
