/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/guards.h"

#include <criterion/criterion.h>

#include "small.h"

#define KERNEL                        \
	"ffffffff81000000 T _text\n"  \
	"ffffffff81000000 T _stext\n" \
	"ffffffff81000400 T _etext\n"
#define CR4 "ffffffff81400200 d cr4_pinned_bits\n"
#define IBT                                  \
	"ffffffff81000080 T ibt_selftest\n"  \
	"ffffffff81400000 D boot_cpu_data\n" \
	"ffffffff81400208 d ibt_fatal\n"
#define KCFI                                        \
	"ffffffff81000100 T handle_cfi_failure\n"   \
	"ffffffff81000200 T do_one_initcall\n"      \
	"ffffffff81000240 T initcall_blacklisted\n" \
	"ffffffff81000280 T report_cfi_failure\n"   \
	"ffffffff810002c0 T __warn\n"
#define CFI_MODE "ffffffff81400210 d cfi_mode\n"
#define CFI_WARN "ffffffff81400218 d cfi_warn\n"

enum { CAPABILITY = 8, WORD = 18, BIT = 20, CET = 23 };

static uint64_t cr4, words, is_fatal, cfi_mode, cfi_warns;
static const char *code, *reports;
static size_t code_bytes;

static void fill(void)
{
	small_put(SMALL_DATA + 0x200, cr4);
	small_put(SMALL_DATA + 0x208, is_fatal);
	small_put(SMALL_DATA + CAPABILITY + WORD * sizeof(uint32_t), words);
	small_put(SMALL_DATA + 0x210, cfi_mode);
	small_put(SMALL_DATA + 0x218, cfi_warns);
	if (code)
		small_put_bytes(SMALL_TEXT + 0x200, code, code_bytes);
	if (reports)
		small_put_bytes(SMALL_TEXT + 0x280, reports, 16);
}

static struct guards find(const char *kallsyms, struct btf *btf)
{
	struct guards guards;
	struct small small;

	small_open(&small, kallsyms, fill, btf);
	guards_find(&guards, &small.kernel);
	small_close(&small);
	return guards;
}

Test(kcore_guards, wp_with_cet)
{
	cr4 = 1 << CET;
	cr_expect(find(KERNEL CR4, NULL).keeps_wp);
	cr_expect(find(KERNEL CR4, NULL).pins_cr0);
	cr4 = ~(1ULL << CET);
	cr_expect_not(find(KERNEL CR4, NULL).keeps_wp);
	cr_expect_not(find(KERNEL, NULL).keeps_wp);
	cr_expect_not(find(KERNEL, NULL).pins_cr0);
}

Test(kcore_guards, ibt)
{
	struct guards guards;

	cr4 = 1 << CET;
	words = 1 << BIT;
	is_fatal = 1;
	guards = find(KERNEL CR4 IBT, small_cpu_types(CAPABILITY));
	cr_expect(guards.knows_endbr && guards.wants_endbr && !guards.only_warns);
	/* What its types do not tell may be either. */
	guards = find(KERNEL CR4 IBT, NULL);
	cr_expect(guards.may_want_endbr && !guards.wants_endbr);
	/* ibt=warn, ibt=off, a CPU without it, a kernel without it. */
	is_fatal = 0;
	guards = find(KERNEL CR4 IBT, small_cpu_types(CAPABILITY));
	cr_expect(guards.wants_endbr && guards.only_warns);
	words = 0;
	guards = find(KERNEL CR4 IBT, small_cpu_types(CAPABILITY));
	cr_expect(guards.knows_endbr && !guards.wants_endbr);
	words = 1 << BIT;
	cr4 = 0;
	guards = find(KERNEL CR4 IBT, small_cpu_types(CAPABILITY));
	cr_expect(guards.knows_endbr && !guards.wants_endbr && !guards.may_want_endbr);
	cr4 = 1 << CET;
	guards = find(KERNEL CR4, small_cpu_types(CAPABILITY));
	cr_expect(!guards.knows_endbr && !guards.wants_endbr);
}

#define CHECK(hash) "\x41\xba" hash "\x45\x03\x53\xf1\x74\x02\x0f\x0b"

Test(kcore_guards, the_type_of_init)
{
	static const char one[] = "\x49\x89\xdb" CHECK("\x5a\x3a\x4e\xc9"),
			  two[] = CHECK("\x5a\x3a\x4e\xc9") CHECK("\x5b\x3a\x4e\xc9");
	struct guards guards;

	code = one;
	code_bytes = sizeof(one);
	guards = find(KERNEL KCFI, NULL);
	cr_expect(guards.checks_types);
	cr_expect_eq(guards.init_type, 0x36b1c5a6, "%x", guards.init_type);
	cr_expect_eq(guards.type_at, -15);
	code = two;
	code_bytes = sizeof(two);
	cr_expect_eq(find(KERNEL KCFI, NULL).init_type, 0);
	code = NULL;
	cr_expect_eq(find(KERNEL KCFI, NULL).init_type, 0);
	cr_expect_not(find(KERNEL, NULL).checks_types);
}

Test(kcore_guards, types_that_nobody_checks)
{
	/* enum cfi_mode: auto, off, kcfi, fineibt */
	static const bool checks[] = {true, false, true, true};

	for (cfi_mode = 0; cfi_mode < 4; cfi_mode++) {
		cr_expect_eq(find(KERNEL KCFI CFI_MODE, NULL).checks_types,
			     checks[cfi_mode], "%d", (int)cfi_mode);
		cr_expect(find(KERNEL KCFI, NULL).checks_types);
	}
}

Test(kcore_guards, types_that_are_logged_only)
{
	/* nop; call __warn, from 0x281; and the same to one byte further */
	static const char permissive[16] = "\x90\xe8\x3a\0\0\0\xc3",
			  other[16] = "\x90\xe8\x3b\0\0\0\xc3";

	reports = permissive;
	cr_expect(find(KERNEL KCFI, NULL).only_reports);
	cr_expect(find(KERNEL KCFI, NULL).checks_types);
	/* cfi_warn decides where there is one. */
	cr_expect_not(find(KERNEL KCFI CFI_WARN, NULL).only_reports);
	reports = other;
	cr_expect_not(find(KERNEL KCFI, NULL).only_reports);
	cfi_warns = 1;
	cr_expect(find(KERNEL KCFI CFI_WARN, NULL).only_reports);
}
