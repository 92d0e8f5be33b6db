/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/hypervisor.h"

#include <criterion/criterion.h>

#include "small.h"

#define KERNEL "ffffffff81000000 T _stext\n"
#define CPU "ffffffff81400000 D boot_cpu_data\n"
#define TYPE "ffffffff81400200 B x86_hyper_type\n"

enum { CAPABILITY = 8, WORD = 4, BIT = 31 };

static uint64_t type, words;

static void fill(void)
{
	small_put(SMALL_DATA + 0x200, type);
	small_put(SMALL_DATA + CAPABILITY + WORD * sizeof(uint32_t), words);
}

static enum hypervisor find(const char *kallsyms, struct btf *btf)
{
	enum hypervisor found;
	struct small small;

	small_open(&small, kallsyms, fill, btf);
	found = hypervisor_of(&small.kernel);
	small_close(&small);
	return found;
}

Test(kcore_hypervisor, by_the_kernels_name_for_it)
{
	static const char *const names[] = {"vmware",  "hyper-v",   "xen-pv", "xen-hvm",
					    "kvm",     "jailhouse", "acrn",   "bhyve",
					    "unnamed", "unnamed"};

	for (type = 1; type <= sizeof(names) / sizeof(names[0]); type++)
		cr_expect_str_eq(hypervisor_name(find(KERNEL TYPE, NULL)),
				 names[type - 1]);
}

/* QEMU's emulator is none that the kernel knows by name. */
Test(kcore_hypervisor, by_the_cpu)
{
	type = 0;
	words = 1U << BIT;
	cr_expect_eq(find(KERNEL CPU TYPE, small_cpu_types(CAPABILITY)),
		     HYPERVISOR_UNNAMED);
	cr_expect_eq(find(KERNEL CPU, small_cpu_types(CAPABILITY)), HYPERVISOR_UNNAMED);
	words = ~(1U << BIT);
	cr_expect_eq(find(KERNEL CPU TYPE, small_cpu_types(CAPABILITY)), HYPERVISOR_NONE);
	cr_expect_eq(find(KERNEL CPU, small_cpu_types(CAPABILITY)), HYPERVISOR_NONE);
}

/* That the kernel names none is not that there is none. */
Test(kcore_hypervisor, unknown_is_not_guessed)
{
	type = 0;
	words = 1U << BIT;
	cr_expect_eq(find(KERNEL TYPE, small_cpu_types(CAPABILITY)), HYPERVISOR_UNKNOWN);
	cr_expect_eq(find(KERNEL CPU TYPE, NULL), HYPERVISOR_UNKNOWN);
	cr_expect_null(hypervisor_name(HYPERVISOR_UNKNOWN));
	cr_expect_not(hypervisor_may_deny(HYPERVISOR_UNKNOWN));
	cr_expect_not(hypervisor_may_deny(HYPERVISOR_NONE));
	cr_expect(hypervisor_may_deny(HYPERVISOR_UNNAMED));
}
