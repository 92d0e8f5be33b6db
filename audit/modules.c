/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text and constants of the loaded modules, from the kernel's own list of them. */
#include "audit/modules.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/nameless.h"
#include "audit/modregions.h"
#include "audit/names.h"
#include "audit/pages.h"
#include "kcore/modsection.h"

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

/* kernel/module/main.c: do_init_module() says that a module is live, seals what its init
 * wrote, and forgets where what it frees was, in this order. Symbols are in the latter:
 * each module has it. Where @member is in between nothing is known of what its init
 * wrote: on a busy machine for seconds.
 */
static bool is_in_init(const struct audit *audit, const struct modregions_layout *layout,
		       size_t member)
{
	uint64_t base;

	return layout->has_init &&
	       mappings_read_word(&audit->mappings,
				  audit->modlist.array[member].address + layout->init,
				  &base) == 0 &&
	       base;
}

static void check_section(struct audit *audit, const struct modregions_layout *layout,
			  size_t member, const struct section *section, uint64_t va,
			  uint64_t size_bytes)
{
	const char *name = audit->modlist.array[member].name;
	struct audit_row row = {
		.group = AUDIT_MODULES,
		.verdict = AUDIT_SEALED,
		.member = member + 1,
		.address = va,
		.size_bytes = size_bytes,
		.expected = modsection_rights(section->kind, MODULE_PHASE_LIVE),
		.why = section->why,
		.since = "4.11",
	};
	size_t index;

	if (size_bytes == 0)
		return;
	snprintf(row.name, sizeof(row.name), "%.40s %s", name, section->words);
	snprintf(row.symbol, sizeof(row.symbol), "[%s]", name);
	index = audit_add_row(audit, &row);
	if (section->kind == MODSECTION_RO_AFTER_INIT &&
	    is_in_init(audit, layout, member))
		audit_undecided(audit, index, "%s", AUDIT_CHANGING);
	else if (index < audit->nr_rows)
		pages_check(audit, index, va, size_bytes);
}

static int check_member(struct audit *audit, const struct modregions_layout *layout,
			size_t member)
{
	struct modregion regions[MODSECTION_NR_KINDS];
	int r = modregions_read(regions, &audit->mappings, layout,
				audit->modlist.array[member].address);

	for (size_t i = 0; r == 0 && i < NR_SECTIONS; i++) {
		const struct modregion *region = &regions[sections[i].kind];

		check_section(audit, layout, member, &sections[i], region->va,
			      region->size_bytes);
	}
	return r;
}

/* Each module's back-pointer leads to the one before it. */
static void check_links(struct audit *audit, size_t row)
{
	const struct modlist *list = &audit->modlist;
	uint64_t prev = list->head;

	for (size_t i = 0; i < list->nr; i++) {
		if (list->array[i].back != prev)
			audit_find(
				audit, row, AUDIT_LIST_BROKEN, list->array[i].node, 0,
				"the list of modules is broken at %s: its back-pointer "
				"does not lead to the module before it",
				list->array[i].name);
		prev = list->array[i].node;
	}
}

static void cannot_be_followed(struct audit *audit, size_t row)
{
	audit_undecided(audit, row, "the list of modules cannot be followed");
}

void modules_check(struct audit *audit)
{
	const struct audit_row row = {
		.group = AUDIT_MODULES,
		.verdict = AUDIT_SEALED,
		.name = "list of modules",
		.symbol = "modules",
		.address = audit->modlist.head,
		.why = "says which modules there are; writable by design",
	};
	struct modlist *list = &audit->modlist;
	struct modregions_layout layout;
	size_t index;

	if (!list->head) {
		nameless_tell(audit, AUDIT_MODULES, "list of modules");
		return;
	}
	index = audit_add_row(audit, &row);
	if (index >= audit->nr_rows)
		return;
	audit->modules_row = index;
	if (list->error == -ENOENT ||
	    modregions_find(&layout, &audit->kernel->types) < 0) {
		audit_undecided(
			audit, index,
			"no BTF for struct module: where modules lie is not known");
		return;
	}
	if (list->error != -EAGAIN)
		check_links(audit, index);
	for (size_t i = 0; i < list->nr; i++)
		list->array[i].is_unreadable = list->array[i].state == MODLIST_LIVE &&
					       check_member(audit, &layout, i) < 0;
	if (list->error == -EAGAIN)
		audit_undecided(audit, index, "%s", AUDIT_CHANGING);
	else if (list->error < 0)
		cannot_be_followed(audit, index);
	else
		snprintf(audit->rows[index].detail, sizeof(audit->rows[index].detail),
			 "%zu modules", list->nr);
}

/* ---- after the checks ---- */

/* Rows of a module that did not stay say nothing, nor do its pages. */
static bool is_of_leaver(const struct audit *audit, const struct modlist *after,
			 size_t row)
{
	size_t member = row < audit->nr_rows ? audit->rows[row].member : 0;

	return member && !modlist_has_live(after, &audit->modlist.array[member - 1]);
}

static void drop_violations_in(struct audit *audit, const struct audit_range *range)
{
	uint64_t start = audit_page_of(range->va),
		 end = audit_page_end(range->va, range->size_bytes);
	size_t nr_kept = 0;

	for (size_t i = 0; i < audit->nr_violations; i++) {
		const struct audit_violation *violation = &audit->violations[i];

		if (violation->va < start || violation->va + violation->size_bytes > end)
			audit->violations[nr_kept++] = *violation;
	}
	audit->nr_violations = nr_kept;
}

static void drop_findings(struct audit *audit, const struct modlist *after)
{
	size_t nr_kept = 0;

	for (size_t i = 0; i < audit->nr_findings; i++)
		if (!is_of_leaver(audit, after, audit->findings[i].row))
			audit->findings[nr_kept++] = audit->findings[i];
	audit->nr_findings = nr_kept;
}

static void drop_leavers(struct audit *audit, const struct modlist *after)
{
	drop_findings(audit, after);
	for (size_t i = 0; i < audit->nr_ranges; i++)
		if (is_of_leaver(audit, after, audit->ranges[i].row)) {
			drop_violations_in(audit, &audit->ranges[i]);
			audit->ranges[i].is_sealed = false;
		}
	for (size_t i = 0; i < audit->nr_rows; i++) {
		struct audit_row *row = &audit->rows[i];

		if (!is_of_leaver(audit, after, i))
			continue;
		row->verdict = AUDIT_INFO;
		row->expected = NULL;
		snprintf(row->detail, sizeof(row->detail),
			 "the module went while it was looked at");
	}
}

static bool is_named_before(const struct modlist *list, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(list->array[j].name, list->array[i].name) == 0)
			return true;
	return false;
}

/* Adds those of @list that are not live in @other to the names. Returns how many. */
static size_t name_movers(const struct modlist *list, const struct modlist *other,
			  char *names, size_t names_bytes, size_t nr)
{
	enum { MAX_NAMED = 4 };

	for (size_t i = 0; i < list->nr; i++) {
		size_t used = strlen(names);

		if (modlist_has_live(other, &list->array[i]) || is_named_before(list, i))
			continue;
		if (nr++ < MAX_NAMED)
			snprintf(names + used, names_bytes - used, "%s%.40s",
				 used ? ", " : "", list->array[i].name);
	}
	return nr;
}

static void note_movers(struct audit *audit, const struct modlist *after)
{
	char names[192] = "";
	size_t nr = name_movers(&audit->modlist, after, names, sizeof(names), 0);

	if (nr == 0)
		return;
	audit_notice(audit, audit->modules_row, audit->modlist.head,
		     "%zu module%s coming or going and %s not audited: %s%s", nr,
		     nr == 1 ? " was" : "s were", nr == 1 ? "is" : "are", names,
		     nr > 4 ? ", ..." : "");
}

void modules_settle(struct audit *audit, const struct modlist *after)
{
	const struct modlist *list = &audit->modlist;

	drop_leavers(audit, after);
	if (audit->modules_row >= audit->nr_rows)
		return;
	for (size_t i = 0; i < list->nr; i++)
		if (list->array[i].is_unreadable &&
		    modlist_has_live(after, &list->array[i]))
			cannot_be_followed(audit, audit->modules_row);
	note_movers(audit, after);
}
