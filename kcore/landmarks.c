/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places and values of the kernel that code which gets around protection has to do with.
 */
#include "kcore/landmarks.h"

#include "kcore/x86.h"

/* Which of the pointers at @pv_ops leads to function @native: without types, by that. 0:
 * none, or several.
 */
static uint64_t find_by_content(struct kernel *kernel, uint64_t pv_ops,
				const char *native)
{
	enum { NR_POINTERS = 96 };
	uint64_t function, pointer, found = 0;

	if (!symbols_address(&kernel->symbols, native, &function))
		return 0;
	for (uint64_t at = pv_ops; at < pv_ops + 8 * NR_POINTERS; at += 8) {
		if (kernel_read_cached(kernel, at, &pointer, sizeof(pointer)) < 0)
			break;
		if (pointer != function)
			continue;
		if (found)
			return 0;
		found = at;
	}
	return found;
}

/* Of pointer @operation in @part of pv_ops, which leads to @native unless a hypervisor
 * changed it; 0: unknown.
 */
static uint64_t find_pointer(struct kernel *kernel, const char *part, const char *type,
			     const char *operation, const char *native)
{
	const struct types *types = &kernel->types;
	uint32_t outer, inner;
	uint64_t pv_ops;

	if (!symbols_address(&kernel->symbols, "pv_ops", &pv_ops))
		return 0;
	if (types_offset(types, "paravirt_patch_template", part, &outer) < 0 ||
	    types_offset(types, type, operation, &inner) < 0)
		return types->btf ? 0 : find_by_content(kernel, pv_ops, native);
	return pv_ops + outer + inner;
}

/* With CONFIG_PARAVIRT_XXL entries are written through pointers, and MSRs read. */
static void find_paravirt(struct landmarks *landmarks, struct kernel *kernel)
{
	landmarks->pv_set_pte = find_pointer(kernel, "mmu", "pv_mmu_ops", "set_pte",
					     "native_set_pte");
	landmarks->pv_set_pmd = find_pointer(kernel, "mmu", "pv_mmu_ops", "set_pmd",
					     "native_set_pmd");
	landmarks->pv_read_cr0 = find_pointer(kernel, "cpu", "pv_cpu_ops", "read_cr0",
					      "native_read_cr0");
	landmarks->pv_write_cr0 = find_pointer(kernel, "cpu", "pv_cpu_ops", "write_cr0",
					       "native_write_cr0");
	landmarks->pv_read_msr = find_pointer(kernel, "cpu", "pv_cpu_ops", "read_msr",
					      "native_read_msr");
}

/* Does the CPU enter the kernel by FRED? Then it has no IDT, and the MSRs of syscall are
 * not set. Where that cannot be told, FRED is assumed.
 */
static bool has_fred(struct kernel *kernel)
{
	enum { FRED = KERNEL_CPU_FEATURE(12, 17) };
	uint64_t va;
	bool has;

	if (!symbols_address(&kernel->symbols, "asm_fred_entrypoint_kernel", &va))
		return false;
	return kernel_cpu_has(kernel, FRED, &has) < 0 || has;
}

/* The CPU uses the IDT by an alias of its own: asm/cpu_entry_area.h. Until 4.20 it
 * entered by a trampoline with page-table isolation.
 */
static void find_entries(struct landmarks *landmarks, struct kernel *kernel)
{
	uint64_t trampoline;

	if (has_fred(kernel)) {
		/* The CPU that it will be booted on decides. */
		landmarks->is_entry_unknown = kernel->is_unbooted;
		return;
	}
	landmarks->idt = X86_CPU_ENTRY_AREA;
	if (!symbols_address(&kernel->symbols, "entry_SYSCALL_64_trampoline",
			     &trampoline))
		symbols_address(&kernel->symbols, "entry_SYSCALL_64",
				&landmarks->syscall_entry);
}

/* What variable @name holds; 0: not known. */
static uint64_t read_variable(struct kernel *kernel, const char *name)
{
	uint64_t value = 0;

	return kernel_read_variable(kernel, name, &value, sizeof(value)) == 0 ? value : 0;
}

void landmarks_find(struct landmarks *ret, struct kernel *kernel)
{
	struct landmarks landmarks = {0};
	struct types *types = &kernel->types;
	uint64_t init_mm;
	uint32_t offset;

	symbols_address(&kernel->symbols, "phys_base", &landmarks.phys_base);
	symbols_address(&kernel->symbols, "kernel_set_to_readonly", &landmarks.ro_flag);
	if (symbols_address(&kernel->symbols, "init_mm", &init_mm) &&
	    types_offset(types, "mm_struct", "pgd", &offset) == 0)
		landmarks.init_mm_pgd = init_mm + offset;
	find_paravirt(&landmarks, kernel);
	find_entries(&landmarks, kernel);
	types_offset(types, "kprobe", "symbol_name", &landmarks.kprobe_name);
	types_offset(types, "kprobe", "addr", &landmarks.kprobe_address);
	types_size(types, "page", &landmarks.page_bytes);
	types_offset(types, "module", "init", &landmarks.module_init);
	types_offset(types, "module", "exit", &landmarks.module_exit);
	guards_find(&landmarks.guards, kernel);
	landmarks.page_offset = read_variable(kernel, "page_offset_base");
	landmarks.vmemmap = read_variable(kernel, "vmemmap_base");
	*ret = landmarks;
}

enum { MSR_LSTAR = 0xc0000082 }; /* asm/msr-index.h */

bool landmarks_lacks_msr(const struct landmarks *landmarks, uint32_t number)
{
	return number == MSR_LSTAR && landmarks->is_entry_unknown;
}

uint64_t landmarks_msr(const struct landmarks *landmarks, uint32_t number)
{
	return number == MSR_LSTAR ? landmarks->syscall_entry : 0;
}
