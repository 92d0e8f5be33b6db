/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, offsets and values of the kernel by which code gets around its protection.
 */
#ifndef KWCHECK_KCORE_LANDMARKS_H
#define KWCHECK_KCORE_LANDMARKS_H

#include <stdint.h>

#include "kcore/guards.h"

struct landmarks {
	uint64_t phys_base, ro_flag, init_mm_pgd; /* addresses; 0: not there */
	/* Of these pointers in pv_ops. */
	uint64_t pv_set_pte, pv_set_pmd, pv_read_msr, pv_read_cr0, pv_write_cr0;
	uint32_t kprobe_name, kprobe_address; /* offsets in struct kprobe; 0: unknown */
	uint32_t page_bytes;		      /* of struct page */
	uint32_t module_init, module_exit;    /* offsets in struct module; 0: unknown */
	uint64_t page_offset, vmemmap;	      /* values; 0: unknown */
	/* Where the CPU finds the IDT, and enters the kernel by syscall; 0: unknown. */
	uint64_t idt, syscall_entry;
	bool is_entry_unknown; /* of a kernel that was not booted: FRED may be in use */
	struct guards guards;
};

void landmarks_find(struct landmarks *ret, struct kernel *kernel);

/* Does it hold where the kernel is entered, and that is not known? */
bool landmarks_lacks_msr(const struct landmarks *landmarks, uint32_t number);

/* What the MSR of that number holds; 0: not known here. */
uint64_t landmarks_msr(const struct landmarks *landmarks, uint32_t number);

#endif
