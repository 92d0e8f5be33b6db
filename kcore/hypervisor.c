/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the kernel run below a hypervisor? */
#include "kcore/hypervisor.h"

#include <string.h>

enum { FEATURE_HYPERVISOR = KERNEL_CPU_FEATURE(4, 31) };

static const struct {
	const char *name, *words;
} hypervisors[] = {
	[HYPERVISOR_NONE] = {"none", "none"},
	[HYPERVISOR_UNNAMED] = {"unnamed", "which the kernel does not know by name"},
	[HYPERVISOR_VMWARE] = {"vmware", "VMware"},
	[HYPERVISOR_HYPER_V] = {"hyper-v", "Hyper-V"},
	[HYPERVISOR_XEN_PV] = {"xen-pv", "Xen"},
	[HYPERVISOR_XEN_HVM] = {"xen-hvm", "Xen"},
	[HYPERVISOR_KVM] = {"kvm", "KVM"},
	[HYPERVISOR_JAILHOUSE] = {"jailhouse", "Jailhouse"},
	[HYPERVISOR_ACRN] = {"acrn", "ACRN"},
	[HYPERVISOR_BHYVE] = {"bhyve", "bhyve"},
};
_Static_assert(sizeof(hypervisors) / sizeof(hypervisors[0]) == NR_HYPERVISORS,
	       "each has its words");

/* enum x86_hypervisor_type by number, since 4.15; the last one since 6.17
 * (arch/x86/include/asm/hypervisor.h). The first is "none that the kernel knows".
 */
static const enum hypervisor types[] = {
	HYPERVISOR_NONE,      HYPERVISOR_VMWARE,  HYPERVISOR_HYPER_V,
	HYPERVISOR_XEN_PV,    HYPERVISOR_XEN_HVM, HYPERVISOR_KVM,
	HYPERVISOR_JAILHOUSE, HYPERVISOR_ACRN,	  HYPERVISOR_BHYVE,
};

/* Without CONFIG_HYPERVISOR_GUEST there is no such variable, and no type is known. */
static enum hypervisor type_of(struct kernel *kernel)
{
	uint32_t type;

	if (kernel_read_variable(kernel, "x86_hyper_type", &type, sizeof(type)) < 0)
		return HYPERVISOR_UNKNOWN;
	return type < sizeof(types) / sizeof(types[0]) ? types[type] : HYPERVISOR_UNNAMED;
}

static enum hypervisor noted_of(const struct kernel *kernel)
{
	char name[32];

	if (!kernel_about(kernel, "HYPERVISOR", name, sizeof(name)))
		return HYPERVISOR_UNKNOWN;
	for (int i = HYPERVISOR_NONE; i < NR_HYPERVISORS; i++)
		if (strcmp(name, hypervisors[i].name) == 0)
			return (enum hypervisor)i;
	return HYPERVISOR_UNKNOWN;
}

enum hypervisor hypervisor_of(struct kernel *kernel)
{
	enum hypervisor type = type_of(kernel);
	bool has;

	if (type > HYPERVISOR_NONE)
		return type;
	/* What the kernel does not know by name CPUID tells all the same. */
	if (kernel_cpu_has(kernel, FEATURE_HYPERVISOR, &has) < 0)
		return noted_of(kernel);
	return has ? HYPERVISOR_UNNAMED : HYPERVISOR_NONE;
}

const char *hypervisor_name(enum hypervisor hypervisor)
{
	return hypervisors[hypervisor].name;
}

const char *hypervisor_words(enum hypervisor hypervisor)
{
	return hypervisors[hypervisor].words;
}

bool hypervisor_may_deny(enum hypervisor hypervisor)
{
	return hypervisor > HYPERVISOR_NONE;
}
