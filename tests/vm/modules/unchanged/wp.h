/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CR0.WP off and on again, past native_write_cr0(), which pins it. */
#ifndef KWCHECK_TESTS_WP_H
#define KWCHECK_TESTS_WP_H

#include <linux/irqflags.h>
#include <asm/processor-flags.h>

static inline unsigned long wp_off(unsigned long *flags)
{
	unsigned long cr0;

	local_irq_save(*flags);
	asm volatile("mov %%cr0, %0" : "=r"(cr0));
	asm volatile("mov %0, %%cr0" : : "r"(cr0 & ~X86_CR0_WP) : "memory");
	return cr0;
}

static inline void wp_on(unsigned long cr0, unsigned long flags)
{
	asm volatile("mov %0, %%cr0" : : "r"(cr0) : "memory");
	local_irq_restore(flags);
}

#endif
