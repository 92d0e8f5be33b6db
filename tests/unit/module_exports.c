/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/exports.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "small.h"

/* Two entries for all, one for the GPL-compatible, and one of a module's. */
static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 T plain\n"
			       "ffffffff81000200 T twice\n"
			       "ffffffff81000300 T gpl_only\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81200100 R __start___ksymtab\n"
			       "ffffffff81200100 r __ksymtab_plain\n"
			       "ffffffff8120010c r __ksymtab_twice\n"
			       "ffffffff81200118 R __stop___ksymtab\n"
			       "ffffffff81200118 R __start___ksymtab_gpl\n"
			       "ffffffff81200118 r __ksymtab_gpl_only\n"
			       "ffffffff81200124 R __stop___ksymtab_gpl\n"
			       "ffffffff81200140 R __start___kcrctab\n"
			       "ffffffff81200148 R __start___kcrctab_gpl\n"
			       "ffffffff81200200 R namespace\n"
			       "ffffffff81201000 R __end_rodata\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000000 t twice\t[other]\n"
			       "ffffffffc0000100 r __ksymtab_twice\t[other]\n"
			       "ffffffffc000010c r __ksymtab_of_other\t[other]\n";

static void put_entry(uint64_t at, uint64_t value, uint64_t namespace)
{
	int32_t entry[3] = {(int32_t)(value - at), 0,
			    namespace ? (int32_t)(namespace - (at + 8)) : 0};

	small_put_bytes(at, entry, sizeof(entry));
}

static void fill(void)
{
	static const uint32_t crcs[] = {0x11111111, 0x22222222, 0x33333333};

	put_entry(SMALL_RODATA + 0x100, SMALL_TEXT + 0x100, 0);
	put_entry(SMALL_RODATA + 0x10c, SMALL_TEXT + 0x200, SMALL_RODATA + 0x200);
	put_entry(SMALL_RODATA + 0x118, SMALL_TEXT + 0x300, 0);
	small_put_bytes(SMALL_RODATA + 0x140, crcs, sizeof(crcs));
	put_entry(SMALL_MODULE + 0x100, SMALL_MODULE, 0);
	put_entry(SMALL_MODULE + 0x10c, SMALL_MODULE + 0x10, 0);
}

static struct small small;
static struct exports exports;

static void setup(void)
{
	small_open(&small, kallsyms, fill, NULL);
	cr_assert_eq(exports_read(&exports, &small.kernel), 0);
}

static void teardown(void)
{
	exports_close(&exports);
	small_close(&small);
}

TestSuite(module_exports, .init = setup, .fini = teardown);

Test(module_exports, the_kernels)
{
	const struct exported *export = exports_find(&exports, "plain");

	cr_expect(exports.is_complete);
	cr_assert_not_null(export);
	cr_expect_eq(export->address, SMALL_TEXT + 0x100);
	cr_expect_null(export->module);
	cr_expect_not(export->is_gpl_only);
	cr_expect_eq(export->namespace, 0);
	cr_expect(export->has_crc);
	cr_expect_eq(export->crc, 0x11111111);
	export = exports_find(&exports, "gpl_only");
	cr_assert_not_null(export);
	cr_expect(export->is_gpl_only);
	cr_expect_eq(export->crc, 0x33333333);
	cr_expect_null(exports_find(&exports, "gpl"));
	cr_expect_null(exports_find(&exports, "_text"));
}

/* The loader finds the kernel's own first. */
Test(module_exports, one_that_a_module_has_too)
{
	const struct exported *export = exports_find(&exports, "twice");

	cr_assert_not_null(export);
	cr_expect_null(export->module);
	cr_expect_eq(export->address, SMALL_TEXT + 0x200);
	cr_expect_eq(export->namespace, SMALL_RODATA + 0x200);
	cr_expect_eq(export->crc, 0x22222222);
}

Test(module_exports, a_modules)
{
	const struct exported *export = exports_find(&exports, "of_other");

	cr_assert_not_null(export);
	cr_expect_str_eq(export->module, "other");
	cr_expect_eq(export->address, SMALL_MODULE + 0x10);
	cr_expect_not(export->has_crc);
	cr_assert_eq(exports.nr_modules, 1);
	cr_expect_str_eq(exports.modules[0], "other");
}

/* CONFIG_KALLSYMS_ALL=n: no symbol of data, and of a module its functions only. */
static const char functions[] = "ffffffff81000000 T _text\n"
				"ffffffff81000000 T _stext\n"
				"ffffffffc0000000 t of_module\t[other]\n";
enum { NR_PLAIN = 140, NR_GPL = 10, NAME_BYTES = 8 };

static void fill_nameless(void)
{
	enum { NR = NR_PLAIN + NR_GPL };
	uint64_t crcs = SMALL_SEALED + NR * 12, strings = crcs + NR * 4;

	for (unsigned i = 0; i < NR; i++) {
		uint64_t at = SMALL_SEALED + i * 12, name = strings + i * NAME_BYTES;
		int32_t entry[3] = {(int32_t)(SMALL_TEXT + i - at),
				    (int32_t)(name - (at + 4)), 0};
		uint32_t crc = 0x10000000 + i;
		char text[16] = "";

		snprintf(text, sizeof(text), "%s%03u", i < NR_PLAIN ? "p" : "g", i);
		small_put_bytes(at, entry, sizeof(entry));
		small_put_bytes(crcs + i * 4, &crc, sizeof(crc));
		small_put_bytes(name, text, NAME_BYTES);
	}
}

static void open_nameless(void)
{
	teardown();
	small_open(&small, functions, fill_nameless, NULL);
	cr_assert_eq(exports_read(&exports, &small.kernel), 0);
}

Test(module_exports, without_names)
{
	const struct exported *export;

	open_nameless();
	cr_expect(exports.is_complete);
	cr_expect(exports.lacks_modules);
	cr_expect_eq(exports.nr_own, NR_PLAIN + NR_GPL);
	export = exports_find(&exports, "p007");
	cr_assert_not_null(export);
	cr_expect_eq(export->address, SMALL_TEXT + 7);
	cr_expect_not(export->is_gpl_only);
	cr_expect(export->has_crc);
	cr_expect_eq(export->crc, 0x10000007);
	export = exports_find(&exports, "g145");
	cr_assert_not_null(export);
	cr_expect(export->is_gpl_only);
	cr_expect_eq(export->crc, 0x10000000 + 145);
}

/* What a module exports says nothing of the kernel's own. */
Test(module_exports, of_a_module_only)
{
	teardown();
	small_open(&small,
		   "ffffffff81000000 T _text\n"
		   "ffffffff81000000 T _stext\n"
		   "ffffffff81200100 R __start___ksymtab\n"
		   "ffffffff81200118 R __stop___ksymtab\n"
		   "ffffffffc0000100 r __ksymtab_twice\t[other]\n",
		   fill, NULL);
	cr_assert_eq(exports_read(&exports, &small.kernel), 0);
	cr_expect_eq(exports.nr, 1);
	cr_expect_not(exports.is_complete);
}

/* CONFIG_MODVERSIONS=n: what lies behind the tables is no CRC. */
Test(module_exports, empty_tables_of_crcs)
{
	teardown();
	small_open(&small,
		   "ffffffff81000000 T _text\n"
		   "ffffffff81000000 T _stext\n"
		   "ffffffff81200100 R __start___ksymtab\n"
		   "ffffffff81200100 r __ksymtab_plain\n"
		   "ffffffff81200118 R __stop___ksymtab\n"
		   "ffffffff81200140 R __start___kcrctab\n"
		   "ffffffff81200140 R __stop___kcrctab\n",
		   fill, NULL);
	cr_assert_eq(exports_read(&exports, &small.kernel), 0);
	cr_assert_not_null(exports_find(&exports, "plain"));
	cr_expect_not(exports_find(&exports, "plain")->has_crc);
}
