/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text and constants of the loaded modules, from the kernel's own list of them. */
#include "audit/modules.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/names.h"
#include "audit/pages.h"
#include "kcore/modsection.h"

enum { MAX_MODULES = 4096, NAME_BYTES = 56 };
enum { STATE_LIVE = 0, STATE_COMING = 1, STATE_UNFORMED = 3 };

/* Where struct module of this kernel keeps what; from BTF. */
struct layout {
	uint32_t list, name, state;
	bool has_memory;		  /* module.mem[], 6.4 and newer */
	uint32_t memory, memory_bytes;	  /* of the array, of one element */
	uint32_t base, size;		  /* in module_memory or module_layout */
	uint32_t core;			  /* module.core_layout, up to 6.3 */
	uint32_t text, ro, ro_after_init; /* sizes in module_layout: nested prefixes */
};

struct module {
	char name[NAME_BYTES];
	uint32_t state;
	uint64_t address;
};

/* What ought to be sealed of a module that is live. */
static const struct section {
	enum modsection_kind kind;
	const char *words, *why;
} sections[] = {
	{MODSECTION_TEXT, "text", "a module's code"},
	{MODSECTION_RODATA, "rodata", "a module's constants"},
	{MODSECTION_RO_AFTER_INIT, "ro_after_init",
	 "a module's data that its init wrote"},
};
enum { NR_SECTIONS = sizeof(sections) / sizeof(sections[0]) };

static int read_layout(const struct types *types, struct layout *ret)
{
	static const char memory[] = "module_memory", core[] = "module_layout";
	struct layout layout = {0};
	int r = types_offset(types, "module", "list", &layout.list);

	if (r == 0)
		r = types_offset(types, "module", "name", &layout.name);
	if (r == 0)
		r = types_offset(types, "module", "state", &layout.state);
	if (r < 0)
		return r;
	layout.has_memory = types_offset(types, "module", "mem", &layout.memory) == 0;
	if (layout.has_memory) {
		r = types_size(types, memory, &layout.memory_bytes);
		if (r == 0)
			r = types_offset(types, memory, "base", &layout.base);
		if (r == 0)
			r = types_offset(types, memory, "size", &layout.size);
	} else {
		r = types_offset(types, "module", "core_layout", &layout.core);
		if (r == 0)
			r = types_offset(types, core, "base", &layout.base);
		if (r == 0)
			r = types_offset(types, core, "text_size", &layout.text);
		if (r == 0)
			r = types_offset(types, core, "ro_size", &layout.ro);
		if (r == 0)
			r = types_offset(types, core, "ro_after_init_size",
					 &layout.ro_after_init);
	}
	if (r == 0)
		*ret = layout;
	return r;
}

static void check_section(struct audit *audit, const struct module *module,
			  const struct section *section, uint64_t va, uint64_t size_bytes)
{
	struct audit_row row = {
		.group = AUDIT_MODULES,
		.verdict = AUDIT_SEALED,
		.address = va,
		.size_bytes = size_bytes,
		.expected = modsection_rights(section->kind, MODULE_PHASE_LIVE),
		.why = section->why,
		.since = "4.11",
	};
	size_t index;

	if (size_bytes == 0)
		return;
	/* Sealed when its init has returned: kernel/module/main.c: do_init_module(). */
	if (section->kind == MODSECTION_RO_AFTER_INIT && module->state == STATE_COMING) {
		row.expected = NULL;
		row.verdict = AUDIT_INFO;
		snprintf(row.detail, sizeof(row.detail), "the module is loading");
	}
	snprintf(row.name, sizeof(row.name), "%.40s %s", module->name, section->words);
	snprintf(row.symbol, sizeof(row.symbol), "[%s]", module->name);
	index = audit_add_row(audit, &row);
	if (index < audit->nr_rows)
		pages_check(audit, index, va, size_bytes);
}

static int read_u32(const struct audit *audit, uint64_t va, uint32_t *ret)
{
	return mappings_read(&audit->mappings, va, ret, sizeof(*ret));
}

static int check_memory(struct audit *audit, const struct layout *layout,
			const struct module *module)
{
	for (size_t i = 0; i < NR_SECTIONS; i++) {
		uint64_t index = (uint64_t)modsection_mem_index(sections[i].kind);
		uint64_t at = module->address + layout->memory +
			      index * layout->memory_bytes;
		uint64_t base;
		uint32_t size_bytes;

		if (mappings_read_word(&audit->mappings, at + layout->base, &base) < 0 ||
		    read_u32(audit, at + layout->size, &size_bytes) < 0)
			return -EFAULT;
		check_section(audit, module, &sections[i], base, size_bytes);
	}
	return 0;
}

static int check_core(struct audit *audit, const struct layout *layout,
		      const struct module *module)
{
	uint64_t at = module->address + layout->core, base;
	uint32_t text, ro, ro_after_init;

	if (mappings_read_word(&audit->mappings, at + layout->base, &base) < 0 ||
	    read_u32(audit, at + layout->text, &text) < 0 ||
	    read_u32(audit, at + layout->ro, &ro) < 0 ||
	    read_u32(audit, at + layout->ro_after_init, &ro_after_init) < 0 ||
	    ro < text || ro_after_init < ro)
		return -EFAULT;
	check_section(audit, module, &sections[0], base, text);
	check_section(audit, module, &sections[1], base + text, ro - text);
	check_section(audit, module, &sections[2], base + ro, ro_after_init - ro);
	return 0;
}

/* Returns how many modules there are, or -errno where the list breaks. */
static int walk_list(struct audit *audit, size_t row, const struct layout *layout,
		     uint64_t head)
{
	const struct mappings *mappings = &audit->mappings;
	uint64_t prev = head, node;
	int nr = 0;

	if (mappings_read_word(mappings, head, &node) < 0)
		return -EFAULT;
	for (; node != head; nr++) {
		struct module module = {.address = node - layout->list};
		uint64_t back;

		if (nr == MAX_MODULES)
			return -ELOOP;
		if (mappings_read_word(mappings, node + 8, &back) < 0 ||
		    read_u32(audit, module.address + layout->state, &module.state) < 0 ||
		    mappings_read_string(mappings, module.address + layout->name,
					 module.name, sizeof(module.name)) < 0)
			return -EFAULT;
		if (back != prev)
			audit_find(
				audit, row, AUDIT_LIST_BROKEN, node, 0,
				"the list of modules is broken at %s: its back-pointer "
				"does not lead to the module before it",
				module.name);
		if (module.state < STATE_UNFORMED &&
		    (layout->has_memory ? check_memory : check_core)(audit, layout,
								     &module) < 0)
			return -EFAULT;
		prev = node;
		if (mappings_read_word(mappings, node, &node) < 0)
			return -EFAULT;
	}
	return nr;
}

void modules_check(struct audit *audit)
{
	const struct audit_row row = {
		.group = AUDIT_MODULES,
		.verdict = AUDIT_SEALED,
		.name = "list of modules",
		.symbol = "modules",
		.why = "says which modules there are; writable by design",
	};
	struct layout layout;
	uint64_t head;
	size_t index;
	int nr;

	if (!audit_symbol(audit, "modules", &head))
		return;
	index = audit_add_row(audit, &row);
	if (index >= audit->nr_rows)
		return;
	audit->rows[index].address = head;
	if (read_layout(&audit->kernel->types, &layout) < 0) {
		audit_undecided(
			audit, index,
			"no BTF for struct module: where modules lie is not known");
		return;
	}
	nr = walk_list(audit, index, &layout, head);
	if (nr < 0)
		audit_undecided(audit, index, "the list of modules cannot be followed");
	else
		snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail),
			 "%d modules", nr);
}
