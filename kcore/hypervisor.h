/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the kernel run below a hypervisor? Its second-stage tables (EPT, NPT) may deny a
 * write that the kernel's own allow.
 */
#ifndef KWCHECK_KCORE_HYPERVISOR_H
#define KWCHECK_KCORE_HYPERVISOR_H

#include "kcore/kernel.h"

enum hypervisor {
	HYPERVISOR_UNKNOWN = 0,
	HYPERVISOR_NONE,    /* the CPU says so */
	HYPERVISOR_UNNAMED, /* the kernel does not know which */
	HYPERVISOR_VMWARE,
	HYPERVISOR_HYPER_V,
	HYPERVISOR_XEN_PV,
	HYPERVISOR_XEN_HVM,
	HYPERVISOR_KVM,
	HYPERVISOR_JAILHOUSE,
	HYPERVISOR_ACRN,
	HYPERVISOR_BHYVE,
	NR_HYPERVISORS,
};

/* By what the kernel recorded of CPUID when it booted; where a capture has not got that,
 * by what was noted when it was made.
 */
enum hypervisor hypervisor_of(struct kernel *kernel);

/* hypervisor_name - stable: "none", "unnamed", "kvm"
 * NULL of HYPERVISOR_UNKNOWN.
 */
const char *hypervisor_name(enum hypervisor hypervisor);

/* For people: "KVM". */
const char *hypervisor_words(enum hypervisor hypervisor);

/* Is there one whose tables may deny a write? */
bool hypervisor_may_deny(enum hypervisor hypervisor);

#endif
