/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of functions and other objects that the kernel links among its constants. */
#include "audit/dispatch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/lsmlayout.h"
#include "audit/nameless.h"
#include "audit/names.h"
#include "audit/pages.h"

/* A new sealed object is a row here. Whether an object is sealed follows from where the
 * kernel at hand links it: an object among the constants or in the text has to be
 * read-only, an object in writable data is told as information. since: the first release
 * that links it among the constants.
 */
static const struct object {
	const char *symbol;
	const char *end; /* NULL: up to the next symbol */
	const char *why, *since;
	bool has_entries; /* 8-byte pointers to kernel text, 0 for none */
} objects[] = {
	{"sys_call_table", NULL,
	 "system calls by number (since 6.9 and in its backports read by tracing only)",
	 "2.6", true},
	{"ia32_sys_call_table", NULL, "32-bit system calls by number", "2.6", true},
	{"x32_sys_call_table", NULL, "x32 system calls by number", "5.4", true},
	{"x64_sys_call", NULL, "calls a system call by number", "6.9", false},
	{"x32_sys_call", NULL, "calls an x32 system call by number", "6.9", false},
	{"ia32_sys_call", NULL, "calls a 32-bit system call by number", "6.9", false},
	{"__start___ex_table", "__stop___ex_table",
	 "where execution goes on after a fault", "5.10", false},
	{"__start___jump_table", "__stop___jump_table",
	 "where static keys patch the text", "5.0", false},
	{"__start_static_call_sites", "__stop_static_call_sites",
	 "where static calls patch the text", "5.10", false},
	{"__start___ksymtab", "__stop___ksymtab", "what modules may call", "2.6", false},
	{"__start___ksymtab_gpl", "__stop___ksymtab_gpl", "what modules may call", "2.6",
	 false},
	{"__start_notes", "__stop_notes", "the build-id", "2.6", false},
	{"idt_descr", NULL, "address of the interrupt table", "5.8", false},
	{"vdso_image_64", NULL, "the code that every process gets", "3.16", false},
	{"vdso64_image", NULL, "the code that every process gets", "7.0", false},
	{"null_fops", NULL, "file operations of /dev/null", "2.6", false},
	{"mem_fops", NULL, "file operations of /dev/mem", "2.6", false},
	{"def_chr_fops", NULL, "file operations of character devices", "2.6", false},
	{"ptmx_fops", NULL, "file operations of /dev/ptmx", "4.6", false},
	{"tcp4_seq_ops", NULL, "what /proc/net/tcp lists", "2.6", false},
	{"tcp6_seq_ops", NULL, "what /proc/net/tcp6 lists", "2.6", false},
	{"proc_root_operations", NULL, "what /proc lists", "2.6", false},
	{"kallsyms_proc_ops", NULL, "what /proc/kallsyms says", "5.6", false},
	{"kcore_proc_ops", NULL, "what /proc/kcore says: this audit rests on it", "5.6",
	 false},
	{"modules_proc_ops", NULL, "what /proc/modules lists", "5.6", false},
	{"simple_dir_operations", NULL, "directories of pseudo file systems", "2.6",
	 false},
	{"page_offset_base", NULL, "where the direct map lies", "4.8", false},
	{"vmalloc_base", NULL, "where vmalloc space lies", "4.8", false},
	{"vmemmap_base", NULL, "where struct page lies", "4.9", false},
	{"cr4_pinned_bits", NULL, "the CR4 bits that cannot be cleared", "5.3", false},
	{"cr_pinning", NULL, "whether CR0.WP, SMEP and SMAP are pinned", "5.3", false},
	{"x86_return_thunk", NULL, "where every return goes", "6.6", false},
	{"rodata_enabled", NULL, "whether anything is sealed", "4.6", false},
	{"execmem_info", NULL, "where module memory comes from", "6.10", false},
	{"lsm_active_cnt", NULL, "how many security modules there are", "6.8", false},
	{"apparmor_enabled", NULL, "whether AppArmor confines", "5.10", false},
	{"tomoyo_enabled", NULL, "whether TOMOYO confines", "5.1", false},
	{"landlock_initialized", NULL, "whether Landlock confines", "5.13", false},
	{"selinux_enabled_boot", NULL, "whether SELinux was enabled", "5.6", false},
	{"selinux_blob_sizes", NULL, "where SELinux keeps its labels", "5.1", false},
};

/* Can code run at @va, or does a module's function lie there? */
static bool is_code(const struct audit *audit, uint64_t va)
{
	const struct mapping *mapping = mappings_at(&audit->mappings, va);
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, va);

	return (mapping && mapping->reason == PT_OK && !mapping->nx) ||
	       (symbol && symbol->module && symbol->address == va);
}

/* __x64_sys_read, __ia32_compat_sys_ioctl, sys_ni_syscall and their like. */
static bool is_system_call(const struct audit *audit, uint64_t va)
{
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, va);

	return symbol && symbol->address == va && strstr(symbol->name, "sys_") &&
	       audit_is_kernel_text(audit, va);
}

/* How many bytes of a table of system calls there are up to the next symbol, which is
 * @size_bytes on. What lies between is not the table's: padding, KASAN's red zone, a
 * constant that has no name. So the table ends behind the last system call, and behind
 * the entries after it that lead to code.
 */
static uint64_t entries_size(const struct audit *audit, uint64_t va, uint64_t size_bytes)
{
	uint64_t end = 0, entry;

	for (uint64_t at = 0; at + 8 <= size_bytes; at += 8)
		if (mappings_read_word(&audit->mappings, va + at, &entry) == 0 &&
		    is_system_call(audit, entry))
			end = at + 8;
	if (end == 0)
		return size_bytes;
	while (end + 8 <= size_bytes &&
	       mappings_read_word(&audit->mappings, va + end, &entry) == 0 &&
	       !audit_is_kernel_text(audit, entry) && is_code(audit, entry))
		end += 8;
	return end;
}

/* An entry of the table that leads out of the kernel's text. */
static bool is_outside(const struct audit *audit, uint64_t at)
{
	uint64_t entry;

	return mappings_read_word(&audit->mappings, at, &entry) == 0 && entry &&
	       !audit_is_kernel_text(audit, entry);
}

/* Hijacked entries are few: where most lead elsewhere this is no table of functions, or
 * another one than is known here.
 */
static bool is_doubtful(const struct audit *audit, uint64_t va, uint64_t size_bytes)
{
	size_t nr_outside = 0;

	for (uint64_t at = va; at + 8 <= va + size_bytes; at += 8)
		nr_outside += is_outside(audit, at);
	return lsmlayout_is_doubtful(nr_outside, size_bytes / 8);
}

static void check_entries(struct audit *audit, size_t row, uint64_t va,
			  uint64_t size_bytes)
{
	size_t nr = 0;

	if (is_doubtful(audit, va, size_bytes)) {
		audit_undecided(
			audit, row,
			"most of its entries do not lead to kernel text: it is read "
			"wrong rather than hijacked");
		return;
	}
	for (uint64_t at = va; at + 8 <= va + size_bytes; at += 8) {
		char place[128];
		uint64_t entry;

		if (mappings_read_word(&audit->mappings, at, &entry) < 0 || entry == 0)
			continue;
		nr++;
		if (audit_is_kernel_text(audit, entry))
			continue;
		audit_find(audit, row, AUDIT_HANDLER_OUTSIDE, at, 8,
			   "entry %" PRIu64 " of %s leads to %s (%s), not to kernel text",
			   (at - va) / 8, audit->rows[row].name,
			   audit_place(audit, entry, place, sizeof(place)),
			   region_of(audit->kernel, entry)->name);
	}
	snprintf(audit->rows[row].detail, sizeof(audit->rows[row].detail),
		 "%zu entries, all checked to lead to kernel text", nr);
}

static void check_object(struct audit *audit, const struct object *object, uint64_t va)
{
	bool is_sealed = audit_is_constant(audit, va);
	struct audit_row row = {
		.group = AUDIT_DISPATCH,
		.verdict = is_sealed ? AUDIT_SEALED : AUDIT_INFO,
		.address = va,
		.size_bytes = audit_symbol_size(audit, va),
		.expected = !is_sealed			      ? NULL
			    : audit_is_kernel_text(audit, va) ? "r-x"
							      : "r--",
		.why = object->why,
		.since = object->since,
	};
	uint64_t end;
	size_t index;

	if (object->end && audit_symbol(audit, object->end, &end) && end >= va)
		row.size_bytes = end - va;
	if (object->has_entries)
		row.size_bytes = entries_size(audit, va, row.size_bytes);
	if (row.size_bytes == 0)
		return;
	snprintf(row.name, sizeof(row.name), "%s", object->symbol);
	snprintf(row.symbol, sizeof(row.symbol), "%s", object->symbol);
	if (!is_sealed)
		snprintf(row.detail, sizeof(row.detail),
			 "this release keeps it in writable memory");
	index = audit_add_row(audit, &row);
	if (index >= audit->nr_rows)
		return;
	pages_check(audit, index, va, row.size_bytes);
	if (object->has_entries && is_sealed)
		check_entries(audit, index, va, row.size_bytes);
}

void dispatch_want(struct audit *audit)
{
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		audit_want(audit, objects[i].symbol);
		if (objects[i].end)
			audit_want(audit, objects[i].end);
	}
}

void dispatch_check(struct audit *audit)
{
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		uint64_t va;

		if (audit_constant(audit, objects[i].symbol, &va))
			check_object(audit, &objects[i], va);
	}
	nameless_tell(audit, AUDIT_DISPATCH, "tables of functions");
}
