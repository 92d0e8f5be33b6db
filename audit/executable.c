/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Code that is made at run time, and pages that are anyone's: writable and executable, or
 * user space's.
 */
#include "audit/executable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/pages.h"
#include "kcore/x86.h"

/* What kallsyms calls the owners of generated code (kernel/kallsyms.c,
 * kernel/trace/ftrace.c, kernel/kprobes.c, kernel/bpf/core.c).
 */
static const struct {
	const char *module, *name, *why, *since;
} owners[] = {
	{"bpf", "BPF programs", "code made from BPF", "4.9"},
	{"__builtin__ftrace", "ftrace trampolines", "code that tracing runs", "5.10"},
	{"__builtin__kprobes", "kprobe pages", "code that kprobes run", "5.10"},
};

enum { NR_OWNERS = sizeof(owners) / sizeof(owners[0]) };

static bool is_executable(const struct audit *audit, const struct mapping *mapping)
{
	return mapping->reason == PT_OK && !mapping->nx &&
	       !audit->kernel->pt.format.no_nx;
}

static void check_owner(struct audit *audit, size_t owner)
{
	struct symbols *symbols = &audit->kernel->symbols;
	const struct symbol *symbol;
	struct audit_row row = {
		.group = AUDIT_EXECUTABLE,
		.verdict = AUDIT_SEALED,
		.expected = "r-x",
		.why = owners[owner].why,
		.since = owners[owner].since,
	};
	size_t index, nr = 0;

	snprintf(row.name, sizeof(row.name), "%s", owners[owner].name);
	index = audit_add_row(audit, &row);
	if (index >= audit->nr_rows)
		return;
	for (size_t i = symbols->own.nr; (symbol = symbols_nth(symbols, i)); i++) {
		const struct mapping *mapping;

		if (!symbol->module)
			continue;
		if (strcmp(symbol->module, owners[owner].module) != 0)
			continue;
		/* Gone since kallsyms was read. */
		mapping = mappings_at(&audit->mappings, symbol->address);
		if (!mapping)
			continue;
		if (nr++ == 0)
			audit->rows[index].address = symbol->address;
		pages_check(audit, index, symbol->address, 1);
	}
	snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail), "%zu", nr);
}

/* Executable memory that is neither the image's nor a module's and has no symbol. It must
 * not be writable. Nobody can tell what it is: classic BPF filters have no symbols, the
 * real-mode trampoline lies in low memory, and a module that hid itself looks the same.
 */
static void check_others(struct audit *audit)
{
	const struct audit_row row = {
		.group = AUDIT_EXECUTABLE,
		.verdict = AUDIT_INFO,
		.name = "other executable memory",
		.expected = "r-x",
		.why = "classic BPF, caches of module memory, the real-mode trampoline; "
		       "hidden code would be here, too",
	};
	size_t index = audit_add_row(audit, &row), nr_ranges = audit->nr_ranges;
	uint64_t nr_bytes = 0;

	if (index >= audit->nr_rows)
		return;
	for (size_t i = 0; i < audit->mappings.nr; i++) {
		const struct mapping *mapping = &audit->mappings.array[i];
		bool is_known = mapping->va == X86_VSYSCALL ||
				(mapping->va >= audit->kernel->labels[LABEL_TEXT] &&
				 mapping->va < audit->kernel->labels[LABEL_END]);

		/* Most mappings are data: they end here, before the long loop. */
		if (is_known || mapping->writable || !is_executable(audit, mapping))
			continue;
		for (size_t j = 0; j < nr_ranges && !is_known; j++)
			is_known = audit->ranges[j].va >= mapping->va &&
				   audit->ranges[j].va - mapping->va <
					   mapping->size_bytes;
		if (is_known)
			continue;
		nr_bytes += mapping->size_bytes;
		if (audit->rows[index].address == 0)
			audit->rows[index].address = mapping->va;
		audit_add_range(audit, index, mapping->va, mapping->size_bytes, false);
		snprintf(audit->rows[index].found, sizeof(audit->rows[index].found), "%s",
			 mapping_rights(mapping));
	}
	snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail),
		 "%" PRIu64 " KiB without a symbol", nr_bytes / 1024);
}

static void find_wx(struct audit *audit)
{
	const struct audit_row row = {
		.group = AUDIT_EXECUTABLE,
		.verdict = AUDIT_SEALED,
		.name = "writable and executable",
		.why = "no page of the kernel half may be both",
		.since = "4.4",
	};

	audit->wx_row = audit_add_row(audit, &row);
	for (size_t i = 0; i < audit->mappings.nr; i++) {
		const struct mapping *mapping = &audit->mappings.array[i];

		if (mapping->writable && is_executable(audit, mapping))
			audit_add_violation(audit, AUDIT_WRITABLE_EXECUTABLE, mapping->va,
					    mapping->size_bytes, 0);
	}
}

void executable_compare(struct audit *audit)
{
	const char *said = NULL;
	const char *s;
	struct audit_row *row;
	bool says_clean, is_clean;
	uint64_t nr_pages = 0;

	if (audit->wx_row >= audit->nr_rows)
		return;
	row = &audit->rows[audit->wx_row];
	for (size_t i = 0; i < audit->nr_violations; i++)
		if (audit->violations[i].kind == AUDIT_WRITABLE_EXECUTABLE)
			nr_pages += audit->violations[i].size_bytes / PAGE_BYTES;
	row->nr_pages = nr_pages;
	s = nr_pages == 1 ? "" : "s";
	is_clean = nr_pages == 0;
	if (is_clean && audit->words.ask_wx_pages)
		said = audit->words.ask_wx_pages(audit->words.ctx);
	if (!said) {
		snprintf(row->detail, sizeof(row->detail), "%" PRIu64 " page%s", nr_pages,
			 s);
		return;
	}
	says_clean = strncmp(said, "SUCCESS", 7) == 0;
	snprintf(row->detail, sizeof(row->detail),
		 "%" PRIu64 " page%s; the kernel's check_wx_pages says %.*s", nr_pages, s,
		 (int)strcspn(said, "\n"), said);
	if (says_clean != is_clean)
		audit_find(audit, audit->wx_row, AUDIT_KERNEL_DISAGREES, 0, 0,
			   "check_wx_pages says %.*s, the page tables hold %" PRIu64
			   " writable and executable pages",
			   (int)strcspn(said, "\n"), said, nr_pages);
}

static void find_user_pages(struct audit *audit)
{
	const struct audit_row row = {
		.group = AUDIT_EXECUTABLE,
		.verdict = AUDIT_SEALED,
		.name = "pages of user space",
		.why = "user space may reach no page of the kernel half but vsyscall",
		.since = "2.6",
	};
	size_t index = audit_add_row(audit, &row);

	for (size_t i = 0; i < audit->mappings.nr; i++) {
		const struct mapping *mapping = &audit->mappings.array[i];
		struct pt_walk walk;

		if (!mapping->user || mapping->reason != PT_OK ||
		    mapping->va == X86_VSYSCALL)
			continue;
		pt_walk(&audit->kernel->pt, mapping->va, &walk);
		if (walk.reason == PT_OK && walk.user)
			audit_find(audit, index, AUDIT_USER_PAGE, mapping->va,
				   mapping->size_bytes,
				   "%" PRIu64 " pages at 0x%016" PRIx64
				   " (%s) can be reached from user space",
				   mapping->size_bytes / PAGE_BYTES, mapping->va,
				   region_of(audit->kernel, mapping->va)->name);
	}
}

void executable_check(struct audit *audit)
{
	for (size_t i = 0; i < NR_OWNERS; i++)
		check_owner(audit, i);
	check_others(audit);
	find_wx(audit);
	find_user_pages(audit);
}
