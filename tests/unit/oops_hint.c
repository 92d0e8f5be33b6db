/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/hint.h"

#include <criterion/criterion.h>
#include <string.h>

#include "oopslog.h"

struct by_text {
	const char *text;
	enum cause_kind cause;
	const char *note; /* in one of them; NULL: there is none */
};

static void expect_causes(const struct by_text rows[], size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		struct oopslog oopslog;
		struct explanation e;
		bool is_noted = false;

		oopslog_read(&oopslog, rows[i].text, strlen(rows[i].text));
		cr_assert_eq(oopslog.crashes.nr, 1, "%zu", i);
		oopslog_explain(&oopslog, 0, NULL, &e);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		for (size_t n = 0; n < e.cause.nr_notes && rows[i].note; n++)
			is_noted |= strstr(e.cause.notes[n], rows[i].note) != NULL;
		cr_expect_eq(rows[i].note ? is_noted : e.cause.nr_notes == 0, true,
			     "%zu: %s", i, e.cause.notes[0]);
		oopslog_close(&oopslog);
	}
}

/* "rep movsb", and what a copy without it leaves in RDX. */
Test(oops_hint, negative_lengths)
{
	static const struct by_text rows[] = {
		{"BUG: unable to handle page fault for address: ffff888004cba000\n"
		 "#PF: error_code(0x0003) - permissions violation\n"
		 "Oops: 0003 [#1] SMP NOPTI\n"
		 "RIP: 0010:memmove+0x1e/0x1b0\n"
		 "Code: 48 89 d1 <f3> a4 e9 26 14 1b 00 66 2e 0f 1f 84 00 00 00\n"
		 "RAX: ffff888004c9903c RBX: ffff888004c99000 RCX: fffffffffffdf000\n"
		 "RDX: ffffffffffffffc4 RSI: ffff888004cba00c RDI: ffff888004cba000\n",
		 CAUSE_LENGTH, "memmove was given, is -60"},
		{"BUG: unable to handle page fault for address: ffffc900022a1000\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "Oops: 0000 [#1] SMP NOPTI\n"
		 "RIP: 0010:__memcpy+0x40/0x130\n"
		 "RDX: ffffffffffe00200 RSI: ffffc900022a1000 RDI: ffff888004cba000\n",
		 CAUSE_LENGTH, "-2096640"},
		/* A copy of 16 bytes that counts down in steps of 32. */
		{"BUG: unable to handle page fault for address: ffffc900022a1000\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "Oops: 0000 [#1] SMP NOPTI\n"
		 "RIP: 0010:__memcpy+0x40/0x130\n"
		 "RDX: fffffffffffffff0 RSI: ffffc900022a1000 RDI: ffff888004cba000\n",
		 CAUSE_KERNEL_UNMAPPED, NULL},
		{"BUG: unable to handle page fault for address: ffffc900022a1000\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "Oops: 0000 [#1] SMP NOPTI\n"
		 "RIP: 0010:memcpy_names+0x40/0x130 [mine]\n"
		 "RDX: 0000000000000010 RSI: ffffc900022a1000 RDI: ffff888004cba000\n",
		 CAUSE_KERNEL_UNMAPPED, NULL},
	};

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
}

/* sar gs:[rip+0x2b6a81f], 5 */
Test(oops_hint, code_that_was_copied)
{
	static const struct by_text rows[] = {
		{"BUG: unable to handle page fault for address: ffff88817ae18880\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "Oops: Oops: 0002 [#1] SMP PTI\n"
		 "Code: 48 83 ef 05 <65> 48 c1 3d 1f a8 b6 02 05 48 8b 15 f6 00 00 00\n",
		 CAUSE_MISPLACED, "the CPU's own"},
	};

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
}

Test(oops_hint, low_addresses_and_accessors)
{
	static const struct by_text rows[] = {
		{"BUG: unable to handle page fault for address: 000000000000ac80\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "Oops: 0002 [#1] SMP NOPTI\n",
		 CAUSE_USER_UNMAPPED, "no program has memory below 64 KiB"},
		{"BUG: unable to handle page fault for address: 0000000000020c80\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "Oops: 0002 [#1] SMP NOPTI\n",
		 CAUSE_USER_UNMAPPED, "may as well be NULL"},
		{"BUG: unable to handle page fault for address: 0000000020081000\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "Oops: 0002 [#1] SMP NOPTI\n"
		 "RIP: 0010:clear_user_rep_good+0x1c/0x30\n"
		 "Call Trace:\n",
		 CAUSE_USER_UNMAPPED, "exception table"},
		{"BUG: unable to handle page fault for address: 0000000020081000\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "Oops: 0002 [#1] SMP NOPTI\n"
		 "RIP: 0010:clear_user_stats+0x1c/0x30 [mine]\n"
		 "Call Trace:\n",
		 CAUSE_USER_UNMAPPED, NULL},
	};

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
}

/* shr rdx, 0xc; shl rdx, 0x6; add rdx, [rip+...]; lock or byte ptr [rdx+1], 0x10 */
Test(oops_hint, a_page_structure)
{
	static const struct by_text rows[] = {
		{"BUG: unable to handle page fault for address: ffffcfcfbe194e41\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "Oops: 0002 [#1] PREEMPT SMP NOPTI\n"
		 "RIP: 0010:probe+0x367/0xb20 [mine]\n"
		 "Code: 48 01 f2 48 c1 ea 0c 48 c1 e2 06 48 03 15 19 7e 4f d0 <f0> 80 4a "
		 "01 10 48 05 00 10 00 00\n"
		 "RAX: ffffb2d1c2000000 RBX: ffff9fd9c0c4d000 RCX: 0000000000000000\n"
		 "RDX: ffffcfcfbe194e40 RSI: ffff9fd900000000 RDI: ffffb2d1c2800000\n",
		 CAUSE_KERNEL_UNMAPPED, "rdx the page structure"},
		/* Another register's. */
		{"BUG: unable to handle page fault for address: ffffcfcfbe194e41\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "Oops: 0002 [#1] PREEMPT SMP NOPTI\n"
		 "RIP: 0010:probe+0x367/0xb20 [mine]\n"
		 "Code: 48 01 f2 48 c1 e8 0c 48 c1 e0 06 48 03 05 19 7e 4f d0 <f0> 80 4a "
		 "01 10 48 05 00 10 00 00\n"
		 "RAX: ffffb2d1c2000000 RBX: ffff9fd9c0c4d000 RCX: 0000000000000000\n"
		 "RDX: ffffcfcfbe194e40 RSI: ffff9fd900000000 RDI: ffffb2d1c2800000\n",
		 CAUSE_KERNEL_UNMAPPED, NULL},
	};

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
}
