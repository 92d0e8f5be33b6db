/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables that the CPU itself reads: IDT, GDT, TSS; and the vsyscall page. */
#include "audit/cpu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/nameless.h"
#include "audit/names.h"
#include "audit/pages.h"
#include "kcore/x86.h"

enum { NR_GATES = 256, GATE_BYTES = 16, NR_EXCEPTIONS = 32, MAX_CPUS = 8192 };

/* Intel SDM vol. 3A 6.14.1: bits of a 64-bit gate. */
static uint64_t gate_handler(const uint64_t gate[2])
{
	return (gate[0] & 0xffff) | (gate[0] >> 48) << 16 | gate[1] << 32;
}

static bool is_gate_present(const uint64_t gate[2])
{
	return gate[0] >> 47 & 1;
}

/* Is it a leftover of the boot? Vectors of exceptions that no CPU raises still lead to
 * the early handlers, which lie in freed init text (arch/x86/kernel/head_64.S).
 */
static bool is_boot_leftover(const struct audit *audit, unsigned vector, uint64_t handler)
{
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, handler);

	return vector < NR_EXCEPTIONS && symbol &&
	       strcmp(symbol->name, "early_idt_handler_array") == 0 &&
	       region_of(audit->kernel, handler)->kind == REGION_FREED_INIT;
}

static void check_gates(struct audit *audit, size_t row, uint64_t va)
{
	size_t nr = 0;

	for (unsigned i = 0; i < NR_GATES; i++) {
		uint64_t gate[2], handler;
		char place[128];

		if (mappings_read(&audit->mappings, va + i * GATE_BYTES, gate,
				  sizeof(gate)) < 0) {
			audit_undecided(audit, row, "gate %u cannot be read", i);
			return;
		}
		if (!is_gate_present(gate))
			continue;
		nr++;
		handler = gate_handler(gate);
		if (!audit_is_kernel_text(audit, handler) &&
		    !is_boot_leftover(audit, i, handler))
			audit_find(
				audit, row, AUDIT_HANDLER_OUTSIDE, va + i * GATE_BYTES,
				GATE_BYTES,
				"interrupt vector %u leads to %s (%s), not to kernel text",
				i, audit_place(audit, handler, place, sizeof(place)),
				region_of(audit->kernel, handler)->name);
	}
	snprintf(audit->rows[row].detail, sizeof(audit->rows[row].detail),
		 "%zu gates, all checked to lead to kernel text", nr);
}

/* The tables that the CPU reads are the hypervisor's. Xen was told what is in the
 * kernel's own when those were loaded (arch/x86/xen/enlighten_pv.c:xen_load_idt()), and
 * does not look there again.
 */
static bool is_of_xen(const struct audit *audit)
{
	return audit->kernel->p2m.nr > 0;
}

/* Up to 5.7 idt_table is writable and only its alias is sealed; those kernels have
 * debug_idt_table as well.
 */
static void check_idt(struct audit *audit)
{
	struct audit_row row = {
		.group = AUDIT_CPU,
		.verdict = AUDIT_SEALED,
		.name = "interrupt table",
		.symbol = "idt_table",
		.size_bytes = NR_GATES * GATE_BYTES,
		.expected = "r--",
		.why = "where the CPU goes on an interrupt or a fault",
		.since = "5.8",
	};
	uint64_t unused;
	size_t index;

	if (!audit_symbol(audit, "idt_table", &row.address))
		return;
	if (audit_symbol(audit, "debug_idt_table", &unused) || is_of_xen(audit)) {
		row.expected = NULL;
		row.verdict = AUDIT_INFO;
	}
	index = audit_add_row(audit, &row);
	if (index >= audit->nr_rows)
		return;
	pages_check(audit, index, row.address, row.size_bytes);
	check_gates(audit, index, row.address);
}

/* What the CPUs were told to use: idt_descr {u16 limit; u64 address}. The IDT's alias is
 * the first page of cpu_entry_area (CPU_ENTRY_AREA_RO_IDT). With FRED the table
 * stays where it is linked and is not used.
 */
static void check_live_idt(struct audit *audit)
{
	const struct audit_row row = {
		.group = AUDIT_CPU,
		.verdict = AUDIT_SEALED,
		.name = "interrupt table in use",
		.symbol = "idt_descr",
		.address = X86_CPU_ENTRY_AREA,
		.size_bytes = PAGE_BYTES,
		.expected = "r--",
		.why = "the address that the CPUs were given for the table",
		.since = "4.15",
	};
	uint64_t descr, table, used, alias_pa, table_pa;
	char place[128];
	size_t index;

	if (is_of_xen(audit) || !audit_symbol(audit, "idt_descr", &descr) ||
	    !audit_symbol(audit, "idt_table", &table) ||
	    mappings_read_word(&audit->mappings, descr + 2, &used) < 0)
		return;
	index = audit_add_row(audit, &row);
	if (index >= audit->nr_rows)
		return;
	if (used != table && used != X86_CPU_ENTRY_AREA) {
		audit_find(audit, index, AUDIT_TABLE_MOVED, used, 0,
			   "the CPUs were given an interrupt table at %s (%s)",
			   audit_place(audit, used, place, sizeof(place)),
			   region_of(audit->kernel, used)->name);
		return;
	}
	if (used == table)
		return;
	pages_check(audit, index, X86_CPU_ENTRY_AREA, PAGE_BYTES);
	if (mappings_pa(&audit->mappings, X86_CPU_ENTRY_AREA, &alias_pa) &&
	    mappings_pa(&audit->mappings, table, &table_pa) && alias_pa != table_pa)
		audit_find(audit, index, AUDIT_TABLE_MOVED, X86_CPU_ENTRY_AREA,
			   PAGE_BYTES,
			   "the interrupt table in use lies in physical page 0x%" PRIx64
			   ", the kernel's own in 0x%" PRIx64,
			   alias_pa, table_pa);
}

/* Finds the mapping of @pa in cpu_entry_area, and in @ret the address of @pa there. NULL:
 * cpu_entry_area does not map it.
 */
static const struct mapping *entry_area_of(const struct audit *audit, uint64_t pa,
					   uint64_t *ret)
{
	const struct mappings *mappings = &audit->mappings;
	const struct mapping *mapping = mappings_from(mappings, X86_CPU_ENTRY_AREA);

	for (; mapping && mapping < mappings->array + mappings->nr &&
	       mapping->va < X86_CPU_ENTRY_AREA_END;
	     mapping++)
		if (mapping->reason == PT_OK && pa >= mapping->pa &&
		    pa - mapping->pa < mapping->size_bytes) {
			*ret = mapping->va + (pa - mapping->pa);
			return mapping;
		}
	return NULL;
}

static bool is_cpu_possible(const struct audit *audit, unsigned cpu)
{
	uint64_t mask, word;

	return audit_symbol(audit, "__cpu_possible_mask", &mask) &&
	       mappings_read_word(&audit->mappings, mask + cpu / 64 * 8, &word) == 0 &&
	       word >> cpu % 64 & 1;
}

/* A per-CPU object that is read-only in cpu_entry_area, where the CPU looks for it, and
 * writable at its own page, where the kernel changes it.
 */
static void check_per_cpu(struct audit *audit, const char *symbol, const char *name,
			  const char *why)
{
	struct audit_row row = {
		.group = AUDIT_CPU,
		.verdict = AUDIT_SEALED,
		.why = why,
		.since = "4.12",
	};
	uint64_t template, offsets, ids;
	uint32_t nr_ids = 0;
	size_t index, nr = 0;

	if (!audit_symbol(audit, symbol, &template) ||
	    !audit_symbol(audit, "__per_cpu_offset", &offsets) ||
	    !audit_symbol(audit, "nr_cpu_ids", &ids) ||
	    mappings_read(&audit->mappings, ids, &nr_ids, sizeof(nr_ids)) < 0 ||
	    nr_ids > MAX_CPUS)
		return;
	snprintf(row.name, sizeof(row.name), "%s", name);
	snprintf(row.symbol, sizeof(row.symbol), "%s", symbol);
	index = audit_add_row(audit, &row);
	if (index >= audit->nr_rows)
		return;
	for (unsigned cpu = 0; cpu < nr_ids; cpu++) {
		const struct mapping *mapping;
		uint64_t offset, pa, va;

		if (!is_cpu_possible(audit, cpu) ||
		    mappings_read_word(&audit->mappings, offsets + 8 * cpu, &offset) <
			    0 ||
		    !mappings_pa(&audit->mappings, template + offset, &pa))
			continue;
		mapping = entry_area_of(audit, pa, &va);
		if (!mapping)
			continue;
		if (nr++ == 0) {
			audit->rows[index].address = va;
			snprintf(audit->rows[index].found,
				 sizeof(audit->rows[index].found), "%s",
				 mapping_rights(mapping));
		}
		if (mapping->writable)
			audit_find(
				audit, index, AUDIT_WRITABLE, va, PAGE_BYTES,
				"the %s of CPU %u can be written where the CPU reads it, "
				"at 0x%016" PRIx64,
				name, cpu, va);
	}
	audit->rows[index].nr_pages = nr;
	if (nr == 0)
		audit_undecided(audit, index, "not found in cpu_entry_area");
	else
		snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail),
			 "of %zu CPUs; writable at its per-CPU page by design", nr);
}

static void check_vsyscall(struct audit *audit)
{
	const struct mapping *mapping = mappings_at(&audit->mappings, X86_VSYSCALL);
	const struct audit_row row = {
		.group = AUDIT_CPU,
		.verdict = AUDIT_SEALED,
		.name = "vsyscall page",
		.address = X86_VSYSCALL,
		.size_bytes = PAGE_BYTES,
		.expected = mapping && !mapping->nx ? "r-x" : "r--",
		.why = "the one page of the kernel half that is user space's",
		.since = "2.6",
	};
	size_t index;

	if (!mapping)
		return;
	index = audit_add_row(audit, &row);
	if (index < audit->nr_rows)
		pages_check(audit, index, X86_VSYSCALL, PAGE_BYTES);
}

void cpu_want(struct audit *audit)
{
	audit_want(audit, "idt_table");
	audit_want(audit, "debug_idt_table");
	audit_want(audit, "idt_descr");
	audit_want(audit, "gdt_page");
	audit_want(audit, "cpu_tss_rw");
	audit_want(audit, "__per_cpu_offset");
	audit_want(audit, "nr_cpu_ids");
	audit_want(audit, "__cpu_possible_mask");
}

void cpu_check(struct audit *audit)
{
	check_idt(audit);
	check_live_idt(audit);
	check_per_cpu(audit, "gdt_page", "segment table (GDT)",
		      "the CPU's segments; the kernel changes them through another page");
	check_per_cpu(audit, "cpu_tss_rw", "task state (TSS)",
		      "the CPU's stacks; the kernel changes them through another page");
	check_vsyscall(audit);
	nameless_tell(audit, AUDIT_CPU, "interrupt, segment and task tables");
}
