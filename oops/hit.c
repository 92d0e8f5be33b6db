/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies at the address that faulted. */
#include "oops/hit.h"

#include <stdio.h>
#include <string.h>

#include "kcore/region.h"
#include "kcore/release.h"
#include "kcore/x86.h"

/* Where the kernel's own words change from "NULL pointer" to another page. */
static const uint64_t NULL_PAGE_END = 4096;
/* A symbol that nothing follows may be of any size: this much is believed. */
static const uint64_t MAX_UNBOUNDED_BYTES = 64 * 1024;
/* No symbol of the image is larger (log buffers are tens of megabytes). */
static const uint64_t MAX_SYMBOL_BYTES = 64 * 1024 * 1024;
static const uint64_t MAX_SECTION_BYTES = 16 * 1024 * 1024;
static const uint64_t GIB = 1 << 30;

bool hit_is_middle(uint64_t address)
{
	return address >= X86_MODULES_START_NOKASLR && address < X86_MODULES_START;
}

static enum hit_kind kind_of(uint64_t address, unsigned levels, enum hit_middle middle)
{
	if (!pt_is_canonical(address, levels))
		return HIT_NON_CANONICAL;
	if (address < NULL_PAGE_END)
		return HIT_NULL_PAGE;
	if (!(address >> 63))
		return HIT_USER;
	if (hit_is_middle(address))
		return middle == HIT_MIDDLE_MODULES ? HIT_MODULES
		       : middle == HIT_MIDDLE_IMAGE ? HIT_IMAGE
						    : HIT_KERNEL;
	if (address >= X86_IMAGE_BASE && address < X86_MODULES_START)
		return HIT_IMAGE;
	if (address >= X86_MODULES_START && address < X86_MODULES_END)
		return HIT_MODULES;
	return HIT_KERNEL;
}

/* The image's parts by their boundary symbols, the more specific first. */
static const struct {
	const char *start, *end;
	enum hit_section section;
	const char *name;
} image_sections[] = {
	{"__init_begin", "__init_end", HIT_FREED_INIT, ".init"},
	{"__start_ro_after_init", "__end_ro_after_init", HIT_RO_AFTER_INIT,
	 ".data..ro_after_init"},
	{"__start_rodata", "__end_rodata", HIT_RODATA, ".rodata"},
	{"_stext", "_etext", HIT_TEXT, ".text"},
	{"__bss_start", "__bss_stop", HIT_BSS, ".bss"},
	{"_sdata", "_edata", HIT_DATA, ".data"},
};

static void find_image_section(struct symbols *symbols, struct hit *hit)
{
	for (size_t i = 0; i < sizeof(image_sections) / sizeof(image_sections[0]); i++) {
		uint64_t start, end;

		if (!symbols_address(symbols, image_sections[i].start, &start) ||
		    !symbols_address(symbols, image_sections[i].end, &end) ||
		    hit->address < start || hit->address >= end)
			continue;
		hit->section = image_sections[i].section;
		snprintf(hit->section_name, sizeof(hit->section_name), "%s",
			 image_sections[i].name);
		return;
	}
}

static enum hit_section section_of_region(enum region_kind kind)
{
	switch (kind) {
	case REGION_TEXT:
		return HIT_TEXT;
	case REGION_RODATA:
		return HIT_RODATA;
	case REGION_RO_AFTER_INIT:
		return HIT_RO_AFTER_INIT;
	case REGION_DATA:
		return HIT_DATA;
	case REGION_BSS:
		return HIT_BSS;
	case REGION_FREED_INIT:
		return HIT_FREED_INIT;
	case REGION_FREED_GAP:
		return HIT_FREED_GAP;
	default:
		return HIT_SECTION_UNKNOWN;
	}
}

static void find_region(struct kernel *kernel, struct hit *hit)
{
	const struct region *region = region_of(kernel, hit->address);

	hit->region_name = region->name;
	hit->section = section_of_region(region->kind);
	if (hit->section != HIT_SECTION_UNKNOWN)
		snprintf(hit->section_name, sizeof(hit->section_name), "%s",
			 region->name);
	if (region->kind == REGION_MODULES)
		hit->kind = HIT_MODULES;
}

static enum hit_section section_of(const struct modsection_rules *rules, const char *name,
				   enum modsection_source *source)
{
	static const enum hit_section sections[MODSECTION_NR_KINDS] = {
		[MODSECTION_NONE] = HIT_SECTION_UNKNOWN,
		[MODSECTION_TEXT] = HIT_TEXT,
		[MODSECTION_RODATA] = HIT_RODATA,
		[MODSECTION_RO_AFTER_INIT] = HIT_RO_AFTER_INIT,
		[MODSECTION_DATA] = HIT_DATA,
		[MODSECTION_INIT_TEXT] = HIT_FREED_INIT,
		[MODSECTION_INIT_RODATA] = HIT_FREED_INIT,
		[MODSECTION_INIT_DATA] = HIT_FREED_INIT,
		[MODSECTION_PER_CPU] = HIT_DATA,
	};
	enum modsection_kind kind = modsection_by_name(rules, name, source);

	if (*source == MODSECTION_NOT_KNOWN)
		return HIT_SECTION_UNKNOWN;
	return strncmp(name, ".bss", strlen(".bss")) == 0 ? HIT_BSS : sections[kind];
}

void hit_set_section(struct hit *hit, const struct hit_sources *sources,
		     const char *module, const char *name)
{
	struct modsection_rules rules = {.release = sources->version};
	enum modsection_source source;

	if (sources->kernel)
		modsection_read(&rules, sources->kernel);
	hit->section = section_of(&rules, name, &source);
	hit->is_section_by_release = source == MODSECTION_BY_RELEASE;
	snprintf(hit->section_name, sizeof(hit->section_name), "%s", name);
	if (!hit->module[0])
		snprintf(hit->module, sizeof(hit->module), "%s", module);
}

static void find_module_section(const struct hit_sources *sources, struct hit *hit)
{
	const struct hit_section_at *best = NULL;

	for (size_t i = 0; i < sources->nr_sections; i++) {
		const struct hit_section_at *section = &sources->sections[i];

		if (section->address <= hit->address &&
		    hit->address - section->address < MAX_SECTION_BYTES &&
		    (!best || section->address > best->address))
			best = section;
	}
	if (best)
		hit_set_section(hit, sources, best->module, best->name);
}

static bool find_symbol(struct symbols *symbols, struct hit *hit)
{
	const struct symbol *symbol = symbols_at(symbols, hit->address);
	uint64_t next;

	if (!symbol)
		return false;
	hit->offset = hit->address - symbol->address;
	hit->is_unbounded = !symbols_next_address(symbols, hit->address, &next) ||
			    next - symbol->address > MAX_SYMBOL_BYTES;
	if (hit->is_unbounded && hit->offset >= MAX_UNBOUNDED_BYTES)
		return false;
	/* Modules leave gaps: what follows a module's last symbol is not part of it. */
	hit->has_symbol = true;
	hit->letter = symbol->type;
	snprintf(hit->symbol, sizeof(hit->symbol), "%s", symbol->name);
	snprintf(hit->module, sizeof(hit->module), "%s",
		 symbol->module ? symbol->module : "");
	return true;
}

/* sys_call_table and the like: whose slot it is. */
static void find_entry(struct kernel *kernel, struct hit *hit)
{
	const struct symbol *symbol;
	uint64_t target, slot = hit->address & ~7ULL;

	if (!kernel || !strstr(hit->symbol, "sys_call_table") ||
	    kernel_read(kernel, slot, &target, sizeof(target)) < 0)
		return;
	symbol = symbols_at(&kernel->symbols, target);
	if (symbol && symbol->address == target)
		snprintf(hit->entry, sizeof(hit->entry), "%s", symbol->name);
}

/* What does not move: Documentation/arch/x86/x86_64/mm.rst, the same with 4 and 5 levels.
 */
static const struct {
	uint64_t start, end;
	const char *name;
	unsigned since;
} fixed_areas[] = {
	{.start = X86_CPU_ENTRY_AREA,
	 .end = X86_CPU_ENTRY_AREA_END,
	 .name = "the cpu_entry_area (GDT, IDT, TSS and entry stacks of the CPUs)",
	 .since = RELEASE(4, 15)},
	{.start = 0xffffff0000000000,
	 .end = 0xffffff8000000000,
	 .name = "the espfix stacks"},
	{.start = X86_EFI, .end = X86_EFI_END, .name = "EFI firmware's mapping"},
	{.start = X86_VSYSCALL, .end = X86_VSYSCALL + 4096, .name = "the vsyscall page"},
	{.start = X86_MODULES_END, .end = 0xffffffffff800000, .name = "the fixmap"},
};

/* What RANDOMIZE_MEMORY moves (since 4.8), where it did not. With 4 levels. */
static const struct {
	uint64_t start, end;
	const char *name, *unsure_name;
} usual_areas[] = {
	/* Its first TiB; to 4.19 it began half a TiB earlier. */
	{0xffff888000000000, 0xffff898000000000, "the direct map of physical memory",
	 "the direct map of physical memory, where KASLR has not moved it"},
	{0xffffc90000000000, 0xffffe90000000000, "vmalloc",
	 "vmalloc, where KASLR has not moved it"},
	{0xffffea0000000000, 0xffffeb0000000000, "the page structures (vmemmap)",
	 "the page structures (vmemmap), where KASLR has not moved them"},
};

/* The direct map begins at a multiple of 1 GiB: since 4.8 KASLR chooses it, else it is
 * ffff888000000000 (ffff880000000000 to 4.19). Physical memory is mapped there in a row.
 */
static bool is_direct_map_of(const struct hit_sources *sources, uint64_t address,
			     uint64_t physical)
{
	uint64_t base = address - physical;

	return address < X86_CPU_ENTRY_AREA &&
	       base >= (sources->levels == 5 ? 0xff10000000000000 : 0xffff880000000000) &&
	       base < address + 1 && base % GIB == 0;
}

/* An entry that is not present has its frame inverted since 4.19 (L1TF:
 * arch/x86/include/asm/pgtable-invert.h).
 */
static bool is_direct_map(const struct hit_sources *sources, uint64_t address)
{
	const uint64_t frame = 0x000ffffffffff000;
	uint64_t entry = sources->absent_entry, in_page = address & 0xfff;

	if (sources->has_physical)
		return is_direct_map_of(sources, address, sources->physical);
	return entry & frame &&
	       (is_direct_map_of(sources, address, (entry & frame) | in_page) ||
		is_direct_map_of(sources, address, (~entry & frame) | in_page));
}

/* A kernel stack is aligned to its size: 16 KiB since 3.15, before that 8 KiB, more with
 * KASAN.
 */
static bool is_own_stack(const struct hit_sources *sources, uint64_t address)
{
	uint64_t size_bytes = sources->version >= RELEASE(3, 15) ? 16384 : 8192;

	return sources->has_stack && sources->stack >> 63 &&
	       address / size_bytes == sources->stack / size_bytes;
}

/* The log names the task's stack, as kernels did to 4.13. */
static bool is_task_stack(const struct hit_sources *sources, uint64_t address)
{
	uint64_t size_bytes = sources->version >= RELEASE(3, 15) ? 16384 : 8192;

	return sources->has_task_stack && address - sources->task_stack < size_bytes;
}

/* The 1 TiB that @address lies in. */
static uint64_t tib_of(uint64_t address)
{
	return address >> 40;
}

/* The per-CPU base lies in the direct map, a task's stack there or in vmalloc: where they
 * are far from where those start without KASLR, it moved them.
 */
static bool is_moved(const struct registers *registers)
{
	uint64_t gs, rsp;

	if (!registers)
		return false;
	gs = registers->value[REGISTER_GS];
	rsp = registers->value[REGISTER_RSP];
	if (registers_has(registers, REGISTER_GS) && gs >> 63 &&
	    gs < X86_CPU_ENTRY_AREA && tib_of(gs) != 0xffff88 && tib_of(gs) != 0xffff89)
		return true;
	return registers_has(registers, REGISTER_RSP) && rsp >> 63 &&
	       rsp < X86_CPU_ENTRY_AREA && tib_of(rsp) != 0xffff88 &&
	       tib_of(rsp) != 0xffff89 && tib_of(rsp) != 0xffffc9;
}

/* The page structures, of 64 bytes each, begin at a multiple of 1 GiB: where a register
 * holds the page's number the address tells where.
 */
static bool is_page_structure(const struct registers *registers, uint64_t address)
{
	enum { PAGE_STRUCTURE_BYTES = 64 };
	const uint64_t first = 0xffff900000000000, min_bytes = 1 << 20;

	if (!registers || address < first)
		return false;
	for (enum register_name name = 0; name <= REGISTER_R15; name++) {
		uint64_t number = registers->value[name];
		uint64_t base = (address & ~(PAGE_STRUCTURE_BYTES - 1ULL)) -
				number * PAGE_STRUCTURE_BYTES;

		if (registers_has(registers, name) && number < GIB << 6 &&
		    number * PAGE_STRUCTURE_BYTES % GIB >= min_bytes && base >= first &&
		    base < X86_CPU_ENTRY_AREA && base % GIB == 0)
			return true;
	}
	return false;
}

/* Stacks are allocated in the vmalloc area where a page in the same 1 TiB is no part of
 * the direct map: it is filled from its start.
 */
static bool is_beside_stack(const struct hit_sources *sources, uint64_t address)
{
	return sources->has_physical && sources->has_stack &&
	       sources->stack < X86_CPU_ENTRY_AREA && sources->levels == 4 &&
	       tib_of(sources->stack) == tib_of(address) && tib_of(address) >= 0xffff90;
}

static const char *area_of(const struct hit_sources *sources, uint64_t address)
{
	for (size_t i = 0; i < sizeof(fixed_areas) / sizeof(fixed_areas[0]); i++)
		if (address >= fixed_areas[i].start && address < fixed_areas[i].end &&
		    (!sources->version || sources->version >= fixed_areas[i].since))
			return fixed_areas[i].name;
	if (address >= X86_CPU_ENTRY_AREA)
		return NULL;
	if (is_own_stack(sources, address))
		return "the stack that RSP is on";
	if (is_task_stack(sources, address))
		return "the stack of the task that ran";
	if (is_direct_map(sources, address))
		return "the direct map of physical memory";
	if (is_page_structure(sources->registers, address))
		return "the page structures (vmemmap)";
	if (is_beside_stack(sources, address))
		return "vmalloc, as the stack that RSP is on";
	if (!sources->is_kaslr_off && is_moved(sources->registers))
		return NULL;
	/* Where the page is known it would have shown in the address: the first row. */
	for (size_t i = sources->has_physical;
	     i < sizeof(usual_areas) / sizeof(usual_areas[0]); i++)
		if (sources->levels == 4 && address >= usual_areas[i].start &&
		    address < usual_areas[i].end)
			return sources->is_kaslr_off ? usual_areas[i].name
						     : usual_areas[i].unsure_name;
	return NULL;
}

void hit_find(const struct hit_sources *sources, uint64_t address, struct hit *ret)
{
	struct kernel *kernel = sources->kernel;
	struct hit hit = {.address = address};

	hit.kind = kind_of(address, sources->levels, sources->middle);
	if (hit.kind >= HIT_IMAGE) {
		if (kernel && kernel->has_symbols && find_symbol(&kernel->symbols, &hit))
			hit.source = HIT_FROM_KERNEL;
		else if (sources->file_symbols &&
			 find_symbol(sources->file_symbols, &hit))
			hit.source = HIT_FROM_FILE;
		if (hit_is_middle(address) && hit.has_symbol && !hit.is_unbounded)
			hit.kind = hit.module[0] ? HIT_MODULES : HIT_IMAGE;
		else if (hit_is_middle(address) && hit.kind == HIT_KERNEL)
			hit.region_name = "the kernel image's or the modules'";
		else if (hit.kind == HIT_KERNEL)
			hit.region_name = area_of(sources, address);
		if (kernel) {
			find_region(kernel, &hit);
			hit.source = HIT_FROM_KERNEL;
		} else if (sources->file_symbols && hit.kind == HIT_IMAGE) {
			find_image_section(sources->file_symbols, &hit);
		}
		if (kernel && hit.kind == HIT_MODULES)
			find_module_section(sources, &hit);
	}
	if (hit.has_symbol && !hit.module[0]) {
		const struct lsmpart_question q = {
			.kernel = kernel,
			.address = address,
			.version = sources->version,
			.is_shuffled = sources->is_shuffled,
		};

		lsmpart_find(&q, hit.symbol, hit.offset, &hit.lsm);
		find_entry(kernel, &hit);
	}
	*ret = hit;
}

const char *hit_kind_name(enum hit_kind kind)
{
	static const char *const names[] = {
		[HIT_UNKNOWN] = "unknown",    [HIT_NULL_PAGE] = "null-page",
		[HIT_USER] = "user",	      [HIT_NON_CANONICAL] = "non-canonical",
		[HIT_IMAGE] = "kernel-image", [HIT_MODULES] = "module-area",
		[HIT_KERNEL] = "kernel",
	};

	return names[kind];
}

const char *hit_section_name(enum hit_section section)
{
	static const char *const names[] = {
		[HIT_SECTION_UNKNOWN] = "unknown",
		[HIT_TEXT] = "text",
		[HIT_RODATA] = "rodata",
		[HIT_RO_AFTER_INIT] = "ro-after-init",
		[HIT_DATA] = "data",
		[HIT_BSS] = "bss",
		[HIT_FREED_INIT] = "freed-init",
		[HIT_FREED_GAP] = "freed-gap",
	};

	return names[section];
}
