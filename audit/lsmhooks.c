/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registered hooks of security modules, each of its owner. */
#include "audit/lsmhooks.h"

#include <stdio.h>
#include <string.h>

#include "audit/names.h"
#include "audit/pages.h"
#include "audit/redirect.h"

static const char elements_why[] =
	"decides which functions a security check calls; a write would add or remove one";

/* struct security_hook_list where there is no BTF: 4.17 to 6.11 without RANDSTRUCT.
 * lsmlayout_prove() tests it on every element.
 */
static const struct lsm_layout list_layout = {
	.size_bytes = 40,
	.list = 0,
	.head = 16,
	.hook = 24,
	.owner = 32,
};

/* The same from 6.12 on. */
static const struct lsm_layout call_layout = {
	.size_bytes = 24,
	.scalls = 0,
	.hook = 8,
	.owner = 16,
	.is_owner_id = true,
};

/* Returns whether BTF tells all of it. */
static bool read_layout(const struct types *types, bool has_static_calls,
			struct lsm_layout *ret)
{
	static const char type[] = "security_hook_list";
	struct lsm_layout layout = {0};

	if (types_size(types, type, &layout.size_bytes) < 0 ||
	    types_offset(types, type, "hook", &layout.hook) < 0)
		return false;
	if (has_static_calls
		    ? types_offset(types, type, "scalls", &layout.scalls) < 0
		    : types_offset(types, type, "list", &layout.list) < 0 ||
			      types_offset(types, type, "head", &layout.head) < 0)
		return false;
	layout.is_owner_id = types_offset(types, type, "lsmid", &layout.owner) == 0;
	if (!layout.is_owner_id && types_offset(types, type, "lsm", &layout.owner) < 0)
		return false;
	*ret = layout;
	return true;
}

void lsmhooks_open(struct lsm *ret, struct audit *audit, bool has_static_calls)
{
	*ret = (struct lsm){
		.audit = audit,
		.layout = has_static_calls ? call_layout : list_layout,
		.has_static_calls = has_static_calls,
		.last_owner = LSM_MAX_OWNERS,
	};
	ret->has_btf = read_layout(&audit->kernel->types, has_static_calls, &ret->layout);
}

/* Reads the name of an element's owner. Member "lsm", up to 6.7, points to the name;
 * "lsmid", since 6.8, points to the name's pointer. Without BTF both are tried, and the
 * one that gives text is right.
 */
void lsmhooks_read_owner(const struct lsm *lsm, uint64_t element,
			 char name[LSM_NAME_BYTES])
{
	const struct mappings *mappings = &lsm->audit->mappings;
	uint64_t at;

	name[0] = '\0';
	if (mappings_read_word(mappings, element + lsm->layout.owner, &at) < 0)
		return;
	if (!lsm->layout.is_owner_id &&
	    mappings_read_string(mappings, at, name, LSM_NAME_BYTES) == 0 && name[0])
		return;
	if (mappings_read_word(mappings, at, &at) < 0 ||
	    mappings_read_string(mappings, at, name, LSM_NAME_BYTES) < 0)
		name[0] = '\0';
}

size_t lsmhooks_owner_of(struct lsm *lsm, uint64_t element)
{
	struct audit_row row = {
		.group = AUDIT_LSM,
		.verdict = lsm->is_writable ? AUDIT_INFO : AUDIT_SEALED,
		.expected = lsm->is_writable ? NULL : "r--",
		.why = elements_why,
		.since = "4.12",
	};
	char name[LSM_NAME_BYTES];
	struct lsm_owner *owner;

	lsmhooks_read_owner(lsm, element, name);
	if (name[0] == '\0')
		strcpy(name, "?");
	for (size_t i = 0; i < lsm->nr_owners; i++)
		if (strcmp(lsm->owners[i].name, name) == 0)
			return i;
	if (lsm->nr_owners == LSM_MAX_OWNERS)
		return LSM_MAX_OWNERS;
	owner = &lsm->owners[lsm->nr_owners];
	strcpy(owner->name, name);
	snprintf(row.name, sizeof(row.name), "%s", name);
	owner->row = audit_add_row(lsm->audit, &row);
	return lsm->nr_owners++;
}

/* Part of the image that is still the image's. */
static bool is_in_image(const struct audit *audit, uint64_t va)
{
	const struct kernel *kernel = audit->kernel;
	enum region_kind kind = region_of(kernel, va)->kind;

	return va >= kernel->labels[LABEL_TEXT] && va < kernel->labels[LABEL_END] &&
	       kind != REGION_FREED_INIT && kind != REGION_FREED_GAP;
}

static void count_element(struct lsm *lsm, struct lsm_owner *owner, uint64_t element)
{
	struct symbols *symbols = &lsm->audit->kernel->symbols;
	const struct symbol *symbol = symbols_at(symbols, element);
	uint64_t start = symbol ? symbol->address : element;
	uint64_t end = element + lsm->layout.size_bytes;

	for (size_t i = 0; i < owner->nr_arrays; i++) {
		struct lsm_array *array = &owner->arrays[i];

		if (array->start != start)
			continue;
		if (array->end < end)
			array->end = end;
		return;
	}
	if (owner->nr_arrays < LSM_MAX_ARRAYS)
		owner->arrays[owner->nr_arrays++] = (struct lsm_array){.start = start,
								       .end = end};
}

static void check_callback(struct lsm *lsm, const struct lsm_owner *owner,
			   const struct lsm_hook *hook)
{
	struct audit *audit = lsm->audit;
	char place[128], what[96];

	if (!audit_is_kernel_text(audit, hook->callback)) {
		audit_find(audit, owner->row, AUDIT_CALLBACK_OUTSIDE, hook->callback, 0,
			   "hook %s of %s calls %s, which is not kernel text but %s",
			   hook->name, owner->name,
			   audit_place(audit, hook->callback, place, sizeof(place)),
			   region_of(audit->kernel, hook->callback)->name);
		return;
	}
	lsm->nr_callbacks++;
	pages_check(audit, lsm->callback_row, hook->callback, 1);
	snprintf(what, sizeof(what), "%s's hook %s", owner->name, hook->name);
	redirect_check(audit, owner->row, hook->callback, what);
}

void lsmhooks_begin(struct lsm *lsm)
{
	lsm->last_owner = LSM_MAX_OWNERS;
}

static void note_order(struct lsm *lsm, size_t owner)
{
	if (lsm->last_owner < LSM_MAX_OWNERS && owner < LSM_MAX_OWNERS &&
	    owner != lsm->last_owner)
		lsm->is_before[lsm->last_owner][owner] = true;
	lsm->last_owner = owner;
}

void lsmhooks_add(struct lsm *lsm, size_t owner_index, const struct lsm_hook *hook)
{
	struct audit *audit = lsm->audit;
	struct lsm_owner *owner;
	char place[128];

	note_order(lsm, owner_index);
	if (owner_index >= lsm->nr_owners)
		return;
	owner = &lsm->owners[owner_index];
	if (owner->row >= audit->nr_rows)
		return;
	audit->rows[owner->row].nr_hooks++;
	audit_add_slot(audit, &(struct audit_slot){.row = owner->row,
						   .hook = hook->name,
						   .index = hook->index,
						   .element = hook->element,
						   .callback = hook->callback});
	if (is_in_image(audit, hook->element))
		count_element(lsm, owner, hook->element);
	else
		audit_find(
			audit, owner->row, AUDIT_HOOK_OUTSIDE, hook->element,
			lsm->layout.size_bytes,
			"hook %s of %s is registered by an element outside the kernel: "
			"%s (%s)",
			hook->name, owner->name,
			audit_place(audit, hook->element, place, sizeof(place)),
			region_of(audit->kernel, hook->element)->name);
	check_callback(lsm, owner, hook);
}
