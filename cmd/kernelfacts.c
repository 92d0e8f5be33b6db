/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What answers say of the kernel that was asked. */
#include "cmd/kernelfacts.h"

#include <string.h>

#include "kcore/root.h"

_Static_assert(sizeof(((struct kernelfacts *)0)->release) ==
		       sizeof(((struct kernel *)0)->release),
	       "a release is copied whole");
_Static_assert(sizeof(((struct kernelfacts *)0)->build_id) ==
		       sizeof(((struct kernel *)0)->build_id),
	       "a build ID is copied whole");

void kernelfacts_of(struct kernel *kernel, struct kernelfacts *ret)
{
	*ret = (struct kernelfacts){
		.path = kernel->path,
		.is_live = kernel->is_live,
		.is_unbooted = kernel->is_unbooted,
		.symbols_from = kernel->symbols_from,
		.root_name = root_name(&kernel->root),
		.root_pa = kernel->pt.root_pa,
		.hypervisor = hypervisor_of(kernel),
		.format = kernel->pt.format,
		.nr_notes = kernel->nr_notes,
	};
	kernel_host(kernel, ret->host, sizeof(ret->host));
	kernel_time(kernel, ret->time, sizeof(ret->time));
	memcpy(ret->release, kernel->release, sizeof(ret->release));
	memcpy(ret->build_id, kernel->build_id, sizeof(ret->build_id));
	memcpy(ret->notes, kernel->notes, sizeof(ret->notes));
}
