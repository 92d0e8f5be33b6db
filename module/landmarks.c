/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places and values of the kernel that code which gets around protection has to do with.
 */
#include "module/landmarks.h"

/* With CONFIG_PARAVIRT_XXL entries are written through pointers. */
static void find_paravirt(struct landmarks *landmarks, struct kernel *kernel)
{
	uint32_t mmu, set_pte, set_pmd;
	uint64_t pv_ops;

	if (!symbols_address(&kernel->symbols, "pv_ops", &pv_ops) ||
	    types_offset(&kernel->types, "paravirt_patch_template", "mmu", &mmu) < 0 ||
	    types_offset(&kernel->types, "pv_mmu_ops", "set_pte", &set_pte) < 0 ||
	    types_offset(&kernel->types, "pv_mmu_ops", "set_pmd", &set_pmd) < 0)
		return;
	landmarks->pv_set_pte = pv_ops + mmu + set_pte;
	landmarks->pv_set_pmd = pv_ops + mmu + set_pmd;
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
	types_offset(types, "kprobe", "symbol_name", &landmarks.kprobe_name);
	types_offset(types, "kprobe", "addr", &landmarks.kprobe_address);
	types_size(types, "page", &landmarks.page_bytes);
	types_offset(types, "module", "init", &landmarks.module_init);
	types_offset(types, "module", "exit", &landmarks.module_exit);
	landmarks.page_offset = read_variable(kernel, "page_offset_base");
	landmarks.vmemmap = read_variable(kernel, "vmemmap_base");
	*ret = landmarks;
}
