/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/lsmpart.h"

#include <criterion/criterion.h>

#include "kcore/release.h"

Test(oops_lsmpart, by_the_usual_layout)
{
	static const struct {
		const char *symbol;
		uint64_t offset;
		unsigned version;
		enum lsmpart_structure structure;
		unsigned element;
		const char *field;
	} rows[] = {
		{"apparmor_hooks", 0x2d0, RELEASE(4, 19), LSMPART_HOOK_ARRAY, 18,
		 "list.next"},
		{"apparmor_hooks", 0x2d0 + 8, RELEASE(5, 10), LSMPART_HOOK_ARRAY, 18,
		 "list.pprev"},
		{"tomoyo_hooks", 24, RELEASE(6, 11), LSMPART_HOOK_ARRAY, 0, "hook"},
		{"tomoyo_hooks", 39, RELEASE(6, 1), LSMPART_HOOK_ARRAY, 0, "lsm"},
		{"apparmor_hooks", 0x30, RELEASE(6, 12), LSMPART_HOOK_ARRAY_UNUSED, 2,
		 "scalls"},
		{"static_calls_table", 32 * 11 + 16, RELEASE(7, 3), LSMPART_STATIC_CALLS,
		 0, "hl"},
		{"security_hook_heads", 8, RELEASE(5, 10), LSMPART_HOOK_HEADS, 0,
		 "first"},
		/* The release unknown: which array, but not which element. */
		{"apparmor_hooks", 0x2d0, 0, LSMPART_HOOK_ARRAY, 0, NULL},
		{"netfilter_hooks", 0, RELEASE(5, 10), LSMPART_NONE, 0, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lsmpart lsm;

		lsmpart_find(NULL, rows[i].symbol, rows[i].offset, 0, rows[i].version,
			     &lsm);
		cr_expect_eq(lsm.structure, rows[i].structure, "%zu", i);
		cr_expect_eq(lsm.element, rows[i].element, "%zu", i);
		if (rows[i].field)
			cr_expect_str_eq(lsm.field, rows[i].field);
		else
			cr_expect_null(lsm.field, "%zu", i);
	}
}
