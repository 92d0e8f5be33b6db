/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security hooks as linked lists: security_hook_heads, 4.17 to 6.11. */
#include "audit/lsmlist.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/hooknames.h"
#include "audit/lsmlayout.h"
#include "audit/names.h"
#include "audit/pages.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"

/* One struct hlist_head per hook; 229 in 5.10, 239 in 6.1. */
enum { HEAD_BYTES = HOOKNAMES_HEAD_BYTES, MAX_HEADS = 1024 };
/* There are at most as many elements as LSMs, a dozen; a longer list is a loop. */
enum { MAX_ELEMENTS = 64 };

/* Kernels that could disable SELinux at run time, up to 6.3: include/linux/lsm_hooks.h,
 * __lsm_ro_after_init.
 */
static const char writable_words[] =
	"; heads and arrays are writable by configuration "
	"(SECURITY_WRITABLE_HOOKS=y, up to 6.3); code, constants and system calls stay "
	"sealed";

struct head {
	const char *name;
	uint32_t offset;
};

struct heads {
	struct lsm *lsm;
	uint64_t address;
	uint32_t size_bytes;
	size_t row;
	bool has_btf;
	struct head array[MAX_HEADS];
	size_t nr;
};

static int keep_member(void *ctx, const char *member, uint32_t offset,
		       uint32_t size_bytes)
{
	struct heads *heads = ctx;

	if (size_bytes != HEAD_BYTES || heads->nr == MAX_HEADS)
		return -ERANGE;
	heads->array[heads->nr++] = (struct head){.name = member, .offset = offset};
	if (heads->size_bytes < offset + size_bytes)
		heads->size_bytes = offset + size_bytes;
	return 0;
}

/* Without BTF: every word up to the next symbol may be a head; code gives the names. */
static void find_heads_by_code(struct heads *heads)
{
	struct audit *audit = heads->lsm->audit;
	_cleanup_free_ const char **names = calloc(MAX_HEADS, sizeof(*names));
	uint64_t size_bytes = audit_symbol_size(audit, heads->address);
	size_t last = 0;

	if (!names)
		return;
	if (size_bytes > MAX_HEADS * HEAD_BYTES)
		size_bytes = MAX_HEADS * HEAD_BYTES;
	if (hooknames_find(audit, heads->address, size_bytes / HEAD_BYTES, names) < 0)
		return;
	for (size_t i = 0; i < size_bytes / HEAD_BYTES; i++)
		if (names[i])
			last = i + 1;
	for (size_t i = 0; i < last; i++)
		heads->array[heads->nr++] = (struct head){
			.name = names[i] ? names[i] : hooknames_unknown(audit, i),
			.offset = (uint32_t)(i * HEAD_BYTES),
		};
	heads->size_bytes = (uint32_t)(last * HEAD_BYTES);
}

/* Tells that a list is broken. With BTF that is a finding. Without BTF the assumed layout
 * may be wrong, which must not look like an attack: the row is undecided.
 */
static void tell_broken(const struct heads *heads, const struct head *head, uint64_t at,
			const char *what)
{
	struct audit *audit = heads->lsm->audit;
	char place[128];

	audit_place(audit, at, place, sizeof(place));
	if (heads->has_btf)
		audit_find(audit, heads->row, AUDIT_LIST_BROKEN, at, 0,
			   "the list of hook %s is broken at %s: %s", head->name, place,
			   what);
	else
		audit_undecided(
			audit, heads->row,
			"the list of hook %s is broken at %s (%s), or its layout is "
			"another: this kernel has no BTF to tell",
			head->name, place, what);
}

/* Checks the element whose list node is at @node, and fills in @hook. true: the walk may
 * go on from it.
 */
static bool check_element(const struct heads *heads, const struct head *head,
			  uint64_t node, uint64_t pprev, struct lsm_hook *hook)
{
	const struct lsm_layout *layout = &heads->lsm->layout;
	const struct mappings *mappings = &heads->lsm->audit->mappings;
	uint64_t element = node - layout->list, back, own_head;

	if (mappings_read_word(mappings, node + 8, &back) < 0 ||
	    mappings_read_word(mappings, element + layout->head, &own_head) < 0 ||
	    mappings_read_word(mappings, element + layout->hook, &hook->callback) < 0) {
		tell_broken(heads, head, node, "the element is not mapped");
		return false;
	}
	if (back != pprev)
		tell_broken(heads, head, node,
			    "its back-pointer does not lead to the element before it");
	if (own_head != heads->address + head->offset)
		tell_broken(heads, head, node, "it names another list as its own");
	hook->element = element;
	return heads->has_btf ||
	       (back == pprev && own_head == heads->address + head->offset);
}

static void walk_list(struct heads *heads, const struct head *head)
{
	struct lsm *lsm = heads->lsm;
	uint64_t pprev = heads->address + head->offset, node;

	if (mappings_read_word(&lsm->audit->mappings, pprev, &node) < 0) {
		audit_undecided(lsm->audit, heads->row,
				"the head of hook %s cannot be read", head->name);
		return;
	}
	lsmhooks_begin(lsm);
	for (unsigned index = 0; node != 0; index++) {
		struct lsm_hook hook = {.name = head->name, .index = index};

		if (index == MAX_ELEMENTS) {
			tell_broken(heads, head, node, "it does not end: a loop");
			return;
		}
		if (!check_element(heads, head, node, pprev, &hook))
			return;
		lsmhooks_add(lsm, lsmhooks_owner_of(lsm, hook.element), &hook);
		pprev = node;
		if (mappings_read_word(&lsm->audit->mappings, node, &node) < 0)
			return;
	}
}

/* All elements, by their nodes alone. Returns 0, -ENOENT or -ENOMEM. */
static int prove_layout(struct heads *heads)
{
	struct lsm *lsm = heads->lsm;
	_cleanup_free_ struct lsmlayout_element *elements = NULL;
	size_t nr = 0, room = 0;

	for (size_t i = 0; i < heads->nr; i++) {
		uint64_t head = heads->address + heads->array[i].offset, node = head;

		for (unsigned j = 0; j < MAX_ELEMENTS; j++) {
			if (mappings_read_word(&lsm->audit->mappings, node, &node) < 0 ||
			    node == 0)
				break;
			if (array_reserve(&elements, nr, &room, sizeof(*elements)) < 0)
				return -ENOMEM;
			elements[nr++] = (struct lsmlayout_element){node, head};
		}
	}
	return lsmlayout_prove(lsm, elements, nr);
}

static void walk_lists(struct heads *heads)
{
	int r = prove_layout(heads);

	if (r == -ENOENT)
		lsmlayout_refuse(heads->lsm, heads->row,
				 "the elements of the hook lists do not look like any "
				 "known security_hook_list");
	if (r == -ENOMEM)
		heads->lsm->audit->failed = r;
	for (size_t i = 0; r == 0 && i < heads->nr; i++)
		walk_list(heads, &heads->array[i]);
}

void lsmlist_check(struct lsm *lsm, uint64_t address)
{
	static const char type[] = "security_hook_heads";
	_cleanup_free_ struct heads *heads = NULL;
	const struct audit_row row = {
		.group = AUDIT_LSM,
		.verdict = lsm->is_writable ? AUDIT_INFO : AUDIT_SEALED,
		.name = "hook list heads",
		.symbol = "security_hook_heads",
		.address = address,
		.expected = lsm->is_writable ? NULL : "r--",
		.why = "every security check starts at a head; a write would add or remove "
		       "hooks",
		.since = "4.12",
	};
	struct audit *audit = lsm->audit;

	size_t index = audit_add_row(audit, &row);

	if (index >= audit->nr_rows)
		return;
	heads = calloc(1, sizeof(*heads));
	if (!heads) {
		audit->failed = -ENOMEM;
		return;
	}
	*heads = (struct heads){.lsm = lsm, .address = address, .row = index};
	heads->has_btf = types_members(&audit->kernel->types, type, keep_member, heads) ==
			 0;
	if (!heads->has_btf) {
		heads->nr = 0;
		heads->size_bytes = 0;
		find_heads_by_code(heads);
	}
	audit->rows[heads->row].size_bytes = heads->size_bytes;
	snprintf(audit->rows[heads->row].detail, sizeof(audit->rows[heads->row].detail),
		 "%zu hooks, found by %s%s", heads->nr,
		 heads->has_btf ? "BTF" : "the code of security_*()",
		 lsm->is_writable ? writable_words : "");
	if (heads->nr == 0) {
		audit_undecided(audit, heads->row,
				"no BTF, and the code of security_*() refers to no head");
		return;
	}
	pages_check(audit, heads->row, address, heads->size_bytes);
	walk_lists(heads);
}
