/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What answers say of the kernel that was asked: taken once, then only printed. */
#ifndef KWCHECK_CMD_KERNELFACTS_H
#define KWCHECK_CMD_KERNELFACTS_H

#include "kcore/hypervisor.h"
#include "kcore/kernel.h"

struct kernelfacts {
	char release[128];
	char build_id[48];
	bool is_live;
	bool is_unbooted;	  /* all is of the kernel's image */
	const char *path;	  /* of the core */
	char host[72];		  /* "": not known */
	char time[32];		  /* of the core's memory; "": not known */
	const char *symbols_from; /* "memory", "kallsyms" or "vmlinux" */
	const char *root_name;	  /* of the table that walks start from: root_name() */
	uint64_t root_pa;
	enum hypervisor hypervisor;
	struct pt_format format;
	char notes[KERNEL_MAX_NOTES][KERNEL_NOTE_BYTES];
	size_t nr_notes;
};

/* Once the kernel is open and its root is chosen nothing of this changes. */
void kernelfacts_of(struct kernel *kernel, struct kernelfacts *ret);

#endif
