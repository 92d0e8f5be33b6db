/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What part of the kernel's address space an address lies in. */
#include "kcore/region.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/x86.h"
#include "pagetable/sweep.h"

static const struct region regions[REGION_NR_KINDS] = {
	[REGION_UNKNOWN] = {.kind = REGION_UNKNOWN,
			    .name = "no known region",
			    .meaning = "unused address space"},
	[REGION_USER] = {.kind = REGION_USER,
			 .name = "user half",
			 .meaning = "belongs to a process"},
	[REGION_NON_CANONICAL] = {.kind = REGION_NON_CANONICAL,
				  .name = "non-canonical hole",
				  .meaning = "no address at all"},
	[REGION_FREED_INIT] = {.kind = REGION_FREED_INIT,
			       .name = ".init",
			       .meaning = "freed after boot, reused for anything"},
	[REGION_FREED_GAP] = {.kind = REGION_FREED_GAP,
			      .name = "section padding",
			      .meaning = "freed after boot, reused"},
	[REGION_RO_AFTER_INIT] = {.kind = REGION_RO_AFTER_INIT,
				  .intent = REGION_SEALED,
				  .name = ".data..ro_after_init",
				  .meaning = "sealed after boot"},
	[REGION_RODATA] = {.kind = REGION_RODATA,
			   .intent = REGION_SEALED,
			   .name = ".rodata",
			   .meaning = "constant, sealed at boot"},
	[REGION_TEXT] = {.kind = REGION_TEXT,
			 .intent = REGION_SEALED,
			 .name = ".text",
			 .meaning = "kernel code, sealed at boot"},
	[REGION_DATA] = {.kind = REGION_DATA,
			 .intent = REGION_WRITABLE,
			 .name = ".data",
			 .meaning = "writable by design"},
	[REGION_BSS] = {.kind = REGION_BSS,
			.intent = REGION_WRITABLE,
			.name = ".bss",
			.meaning = "writable by design"},
	[REGION_IMAGE] = {.kind = REGION_IMAGE,
			  .name = "kernel image",
			  .meaning = "section unknown"},
	[REGION_MODULES] = {.kind = REGION_MODULES,
			    .name = "module area",
			    .meaning = "code and data of modules and BPF"},
	[REGION_DIRECT_MAP] = {.kind = REGION_DIRECT_MAP,
			       .name = "direct map",
			       .meaning = "all physical memory"},
	[REGION_VMALLOC] = {.kind = REGION_VMALLOC,
			    .name = "vmalloc",
			    .meaning = "mapped on demand"},
	[REGION_VMEMMAP] = {.kind = REGION_VMEMMAP,
			    .name = "vmemmap",
			    .meaning = "struct page array"},
	[REGION_CPU_ENTRY_AREA] =
		{.kind = REGION_CPU_ENTRY_AREA,
		 .name = "cpu_entry_area",
		 .meaning = "per-CPU entry stacks, GDT, TSS, the IDT's alias"},
	[REGION_ESPFIX] = {.kind = REGION_ESPFIX,
			   .name = "espfix",
			   .meaning = "per-CPU stacks for 16-bit iret"},
	[REGION_EFI] = {.kind = REGION_EFI,
			.name = "EFI runtime",
			.meaning = "mapped in efi_mm only"},
	[REGION_FIXMAP] = {.kind = REGION_FIXMAP,
			   .name = "fixmap",
			   .meaning = "compile-time addresses, often devices"},
	[REGION_VSYSCALL] = {.kind = REGION_VSYSCALL,
			     .name = "vsyscall",
			     .meaning = "a page for user space"},
	[REGION_GUARD_HOLE] = {.kind = REGION_GUARD_HOLE,
			       .name = "guard hole",
			       .meaning = "reserved for a hypervisor"},
	[REGION_LDT] = {.kind = REGION_LDT,
			.name = "LDT remap",
			.meaning = "per process, with PTI"},
};

/* The parts of the image by their boundary symbols, the more specific first:
 * arch/x86/kernel/vmlinux.lds.S, include/asm-generic/vmlinux.lds.h.
 */
static const struct {
	enum kernel_label start, end;
	enum region_kind kind;
} sections[] = {
	{LABEL_INIT_BEGIN, LABEL_INIT_END, REGION_FREED_INIT},
	{LABEL_START_RO_AFTER_INIT, LABEL_END_RO_AFTER_INIT, REGION_RO_AFTER_INIT},
	{LABEL_START_RODATA, LABEL_END_RODATA, REGION_RODATA},
	{LABEL_TEXT, LABEL_ETEXT, REGION_TEXT},
	{LABEL_ETEXT, LABEL_START_RODATA, REGION_FREED_GAP},
	/* Given back where memory is not encrypted (5.0 and newer). */
	{LABEL_BSS_DECRYPTED_UNUSED, LABEL_BSS_DECRYPTED_END, REGION_FREED_GAP},
	{LABEL_BSS_START, LABEL_BSS_STOP, REGION_BSS},
	{LABEL_SDATA, LABEL_EDATA, REGION_DATA},
	{LABEL_END_RODATA, LABEL_SDATA, REGION_FREED_GAP},
	{LABEL_TEXT, LABEL_END, REGION_IMAGE},
};

/* What does not move with KASLR: Documentation/arch/x86/x86_64/mm.rst. */
static const struct {
	unsigned levels; /* 0: either */
	uint64_t first, last;
	enum region_kind kind;
} fixed[] = {
	{4, 0xffff800000000000, 0xffff87ffffffffff, REGION_GUARD_HOLE},
	{5, 0xff00000000000000, 0xff0fffffffffffff, REGION_GUARD_HOLE},
	{4, 0xffff880000000000, 0xffff887fffffffff, REGION_LDT},
	{5, 0xff10000000000000, 0xff10ffffffffffff, REGION_LDT},
	{0, X86_CPU_ENTRY_AREA, X86_CPU_ENTRY_AREA_END - 1, REGION_CPU_ENTRY_AREA},
	{0, 0xffffff0000000000, 0xffffff7fffffffff, REGION_ESPFIX},
	{0, X86_EFI, X86_EFI_END - 1, REGION_EFI},
	{0, X86_VSYSCALL, X86_VSYSCALL + 0xfff, REGION_VSYSCALL},
	{0, X86_MODULES_END, X86_VSYSCALL - 1, REGION_FIXMAP},
};

static enum region_kind section_of(const struct kernel *kernel, uint64_t va)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		uint64_t start = kernel->labels[sections[i].start];
		uint64_t end = kernel->labels[sections[i].end];

		if (start && va >= start && va < end)
			return sections[i].kind;
	}
	/* The last large page of the image reaches beyond it. */
	if (kernel->labels[LABEL_END] && va >= kernel->labels[LABEL_END] &&
	    va - kernel->labels[LABEL_END] < pt_level_span(PT_PMD) &&
	    va >> 21 == (kernel->labels[LABEL_END] - 1) >> 21)
		return REGION_FREED_GAP;
	return REGION_UNKNOWN;
}

/* The direct map has no more than what is RAM, its last 2 MiB page filled. */
static uint64_t direct_map_end(const struct kernel *kernel)
{
	uint64_t end = 0, span = pt_level_span(PT_PMD);

	for (size_t i = 0; i < kernel->core.nr_segments; i++) {
		const struct elfcore_segment *ram = &kernel->core.segments[i];

		if (ram->pa != ELFCORE_NO_PA && ram->va < X86_IMAGE_BASE &&
		    ram->pa + ram->memory_bytes > end)
			end = ram->pa + ram->memory_bytes;
	}
	return kernel->direct_map + ((end + span - 1) & ~(span - 1));
}

/* Between RAM segments the direct map has pages as well: of reserved memory, or to fill a
 * large page. So it has before the first one, where it is known to begin.
 */
static bool is_in_direct_map(const struct kernel *kernel, uint64_t va)
{
	bool is_above = false, is_below = false;

	if (kernel->direct_map && va >= kernel->direct_map && va < direct_map_end(kernel))
		return true;

	for (size_t i = 0; i < kernel->core.nr_segments; i++) {
		const struct elfcore_segment *segment = &kernel->core.segments[i];

		/* A dump by physical address has no virtual ones. */
		if (segment->va >= X86_IMAGE_BASE || segment->pa == ELFCORE_NO_PA ||
		    segment->va == segment->pa)
			continue;
		is_above |= va > segment->va;
		is_below |= va < segment->va;
	}
	return is_above && is_below;
}

/* arch/x86/include/asm/pgtable_64_types.h: VMALLOC_SIZE_TB. */
static uint64_t vmalloc_bytes(const struct kernel *kernel)
{
	return (kernel->pt.format.levels == 5 ? 12800ULL : 32) << 40;
}

/* The array of all struct pages. */
static uint64_t vmemmap_bytes(const struct kernel *kernel)
{
	return (kernel->pt.format.levels == 5 ? 512ULL : 1) << 40;
}

/* Of a dump by physical address, whose segments say nothing of virtual ones. */
static enum region_kind area_kind(const struct kernel *kernel, uint64_t va)
{
	if (va >= X86_MODULES_START && va < X86_MODULES_END)
		return REGION_MODULES;
	if (!kernel->vmalloc || va < kernel->vmalloc)
		return REGION_UNKNOWN;
	if (va >= kernel->vmemmap)
		return va - kernel->vmemmap < vmemmap_bytes(kernel) ? REGION_VMEMMAP
								    : REGION_UNKNOWN;
	return va - kernel->vmalloc < vmalloc_bytes(kernel) ? REGION_VMALLOC
							    : REGION_UNKNOWN;
}

static enum region_kind segment_kind(const struct kernel *kernel, uint64_t va)
{
	const struct elfcore_segment *segment = elfcore_segment_of(&kernel->core, va);

	if (!segment && is_in_direct_map(kernel, va))
		return REGION_DIRECT_MAP;
	if (!segment)
		return kernel->is_live ? REGION_UNKNOWN : area_kind(kernel, va);
	if (segment->va >= X86_IMAGE_BASE)
		return segment->pa == ELFCORE_NO_PA ? REGION_MODULES : REGION_IMAGE;
	if (segment->pa != ELFCORE_NO_PA)
		return REGION_DIRECT_MAP;
	/* kcore lists vmalloc first, then RAM and vmemmap in pairs; vmemmap lies above.
	 */
	for (size_t i = 0; i < kernel->core.nr_segments; i++) {
		const struct elfcore_segment *other = &kernel->core.segments[i];

		if (other != segment && other->pa == ELFCORE_NO_PA &&
		    other->va < X86_IMAGE_BASE && other->va < segment->va)
			return REGION_VMEMMAP;
	}
	return REGION_VMALLOC;
}

static enum region_kind kind_of(const struct kernel *kernel, uint64_t va)
{
	unsigned levels = kernel->pt.format.levels;
	enum region_kind kind = REGION_UNKNOWN;

	if (!pt_is_canonical(va, levels))
		return REGION_NON_CANONICAL;
	if (!(va >> 63))
		return REGION_USER;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if ((fixed[i].levels == 0 || fixed[i].levels == levels) &&
		    va >= fixed[i].first && va <= fixed[i].last)
			return fixed[i].kind;
	if (va >= X86_IMAGE_BASE && va < X86_MODULES_END)
		kind = section_of(kernel, va);
	return kind == REGION_UNKNOWN ? segment_kind(kernel, va) : kind;
}

const struct region *region_of(const struct kernel *kernel, uint64_t va)
{
	return &regions[kind_of(kernel, va)];
}

/* Every address that kind_of() compares with. */
int region_bounds(const struct kernel *kernel, uint64_t **ret, size_t *ret_nr)
{
	const uint64_t *labels = kernel->labels, span = pt_level_span(PT_PMD);
	const uint64_t lone[] = {
		1ULL << 63,
		pt_kernel_half(kernel->pt.format.levels),
		X86_IMAGE_BASE,
		X86_MODULES_START,
		X86_MODULES_END,
		labels[LABEL_END],
		(labels[LABEL_END] + (span - 1)) & ~(span - 1),
		kernel->direct_map,
		direct_map_end(kernel),
		kernel->vmalloc,
		kernel->vmalloc + vmalloc_bytes(kernel),
		kernel->vmemmap,
		kernel->vmemmap + vmemmap_bytes(kernel),
	};
	enum {
		NR_LONE = sizeof(lone) / sizeof(lone[0]),
		NR_FIXED = sizeof(fixed) / sizeof(fixed[0]),
		NR_SECTIONS = sizeof(sections) / sizeof(sections[0])
	};
	size_t nr = 0;
	uint64_t *bounds = calloc(NR_LONE + 2 * NR_FIXED + 2 * NR_SECTIONS +
					  3 * kernel->core.nr_segments,
				  sizeof(*bounds));

	if (!bounds)
		return -ENOMEM;
	for (size_t i = 0; i < NR_LONE; i++)
		bounds[nr++] = lone[i];
	for (size_t i = 0; i < NR_FIXED; i++) {
		bounds[nr++] = fixed[i].first;
		bounds[nr++] = fixed[i].last + 1;
	}
	for (size_t i = 0; i < NR_SECTIONS; i++) {
		bounds[nr++] = labels[sections[i].start];
		bounds[nr++] = labels[sections[i].end];
	}
	for (size_t i = 0; i < kernel->core.nr_segments; i++) {
		const struct elfcore_segment *segment = &kernel->core.segments[i];

		bounds[nr++] = segment->va;
		bounds[nr++] = segment->va + segment->size_bytes;
		bounds[nr++] = segment->va + segment->memory_bytes;
	}
	qsort(bounds, nr, sizeof(*bounds), array_compare);
	*ret = bounds;
	*ret_nr = nr;
	return 0;
}

const struct region *region_of_kind(enum region_kind kind)
{
	return &regions[kind];
}

static char folded(char c)
{
	return c == ' ' || c == '_' ? '-' : (char)tolower((unsigned char)c);
}

static bool is_called(const char *name, const char *word)
{
	while (*name == '.')
		name++;
	while (*word == '.')
		word++;
	for (; *name && folded(*name) == folded(*word); name++, word++)
		;
	return *name == '\0' && *word == '\0';
}

const struct region *region_find(const char *name)
{
	for (size_t i = 0; i < REGION_NR_KINDS; i++)
		if (is_called(regions[i].name, name))
			return &regions[i];
	return NULL;
}
