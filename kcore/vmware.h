/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of a VMware machine: a .vmem and the .vmss or .vmsn that says where it goes. */
#ifndef KWCHECK_KCORE_VMWARE_H
#define KWCHECK_KCORE_VMWARE_H

#include "kcore/elfcore.h"

/* A state file, and what is in it by itself. */
struct vmware_state {
	int fd;
	const char *path; /* for messages */
};

/* vmware_open - the memory at @memory_fd, laid out as @state says
 *
 * @memory_fd: a .vmem, of @path; or @state's own descriptor, for a state file that holds
 * the memory itself, as ESX writes it. It must outlive @ret. Returns 0, or -errno with
 * @err filled.
 */
int vmware_open(struct elfcore *ret, const struct vmware_state *state, int memory_fd,
		const char *path, struct error *err);

/* vmware_beside - the file of the same name with another ending
 * @path: of a .vmem, which may end in .gz, .xz or .zst besides, a .vmss or a .vmsn.
 * @ending: ".vmss", ".vmsn" or ".vmem". Returns it, on the heap; NULL where @path has
 * none of these endings, or the one that is asked for.
 */
char *vmware_beside(const char *path, const char *ending);

#endif
