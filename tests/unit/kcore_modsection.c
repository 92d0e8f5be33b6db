/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/modsection.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <string.h>

#include "kcore/release.h"
#include "small.h"

enum { RW = SHF_ALLOC | SHF_WRITE, RX = SHF_ALLOC | SHF_EXECINSTR };

static const struct modsection_rules nothing;

Test(kcore_modsection, kinds_go_by_flags_not_names)
{
	static const struct {
		const char *name;
		uint64_t flags;
		enum modsection_kind kind;
	} rows[] = {
		{".rodata", SHF_ALLOC, MODSECTION_RODATA},
		{".rodata", RW, MODSECTION_DATA},
		{"anything", RX, MODSECTION_TEXT},
		{".text", 0, MODSECTION_NONE},
		{".init.text", RX, MODSECTION_INIT_TEXT},
		{".init.data", RW, MODSECTION_INIT_DATA},
		{".init.rodata", SHF_ALLOC, MODSECTION_INIT_RODATA},
		{".data..ro_after_init", RW, MODSECTION_RO_AFTER_INIT},
		{".data..ro_after_init", SHF_ALLOC, MODSECTION_RODATA},
		{".data..ro_after_init2", RW, MODSECTION_DATA},
		{"flagged", RW | 0x00200000, MODSECTION_RO_AFTER_INIT},
		{".data..percpu", RW, MODSECTION_PER_CPU},
		{".data..percpu..x", RW, MODSECTION_DATA},
		{"__versions", SHF_ALLOC, MODSECTION_NONE},
		{"__version_ext_crcs", SHF_ALLOC, MODSECTION_NONE},
		{".modinfo", SHF_ALLOC, MODSECTION_NONE},
		{".modinfo2", SHF_ALLOC, MODSECTION_RODATA},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum modsection_source source = MODSECTION_NOT_KNOWN;

		cr_expect_eq(modsection_by_flags(&nothing, rows[i].name, rows[i].flags,
						 &source),
			     rows[i].kind, "%s", rows[i].name);
		cr_expect_eq(source, MODSECTION_BY_RULE, "%s", rows[i].name);
	}
}

Test(kcore_modsection, rights_change_when_init_is_done)
{
	cr_expect_str_eq(modsection_rights(MODSECTION_TEXT, MODULE_PHASE_LIVE), "r-x");
	cr_expect(modsection_is_code(MODSECTION_INIT_TEXT));
	cr_expect_not(modsection_is_code(MODSECTION_DATA));
	cr_expect(modsection_is_writable(MODSECTION_DATA, MODULE_PHASE_LIVE));
	cr_expect(modsection_is_writable(MODSECTION_PER_CPU, MODULE_PHASE_LIVE));
	cr_expect(modsection_is_writable(MODSECTION_RO_AFTER_INIT, MODULE_PHASE_INIT));
	cr_expect_not(
		modsection_is_writable(MODSECTION_RO_AFTER_INIT, MODULE_PHASE_LIVE));
	cr_expect_not(modsection_is_writable(MODSECTION_RODATA, MODULE_PHASE_INIT));
	cr_expect_not(modsection_is_writable(MODSECTION_INIT_DATA, MODULE_PHASE_LIVE));
	cr_expect_not(modsection_is_writable(MODSECTION_NONE, MODULE_PHASE_INIT));
}

/* What is known of the kernel decides, the kernel's own word first. */
Test(kcore_modsection, since_when_it_is_sealed)
{
	static const struct {
		const char *name;
		struct modsection_rules rules;
		bool is_sealed;
		enum modsection_source source;
	} rows[] = {
		{".data..ro_after_init", {0}, true, MODSECTION_BY_RULE},
		{"__jump_table",
		 {.release = RELEASE(4, 19)},
		 false,
		 MODSECTION_BY_RELEASE},
		{"__jump_table",
		 {.release = RELEASE(4, 20)},
		 true,
		 MODSECTION_BY_RELEASE},
		{"__jump_table", {0}, true, MODSECTION_NOT_KNOWN},
		{".static_call_sites",
		 {.release = RELEASE(6, 12), .has_symbols = true},
		 false,
		 MODSECTION_BY_RELEASE},
		{".static_call_sites",
		 {.release = RELEASE(6, 15)},
		 false,
		 MODSECTION_BY_RELEASE},
		{".static_call_sites",
		 {.release = RELEASE(6, 16)},
		 true,
		 MODSECTION_BY_RELEASE},
		/* Brought back to an older release. */
		{".static_call_sites",
		 {.release = RELEASE(6, 12), .has_symbols = true, .has_mark = true},
		 true,
		 MODSECTION_BY_SYMBOL},
		/* Inlined, or taken out. */
		{".static_call_sites",
		 {.release = RELEASE(7, 3), .has_symbols = true},
		 true,
		 MODSECTION_NOT_KNOWN},
		{".static_call_sites", {0}, true, MODSECTION_NOT_KNOWN},
		{".static_call_sites",
		 {.release = RELEASE(7, 3),
		  .has_symbols = true,
		  .has_mark = true,
		  .listed = {".data..ro_after_init", "later"},
		  .nr_listed = 2},
		 false,
		 MODSECTION_BY_LIST},
		{"later",
		 {.listed = {".data..ro_after_init", "later"}, .nr_listed = 2},
		 true,
		 MODSECTION_BY_LIST},
		{"later", {.release = RELEASE(7, 3)}, false, MODSECTION_BY_RULE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum modsection_source source;
		enum modsection_kind kind = modsection_by_flags(
			&rows[i].rules, rows[i].name, RW, &source);

		cr_expect_eq(kind,
			     rows[i].is_sealed ? MODSECTION_RO_AFTER_INIT
					       : MODSECTION_DATA,
			     "row %zu", i);
		cr_expect_eq(source, rows[i].source, "row %zu: %d", i, source);
	}
}

Test(kcore_modsection, by_name_alone)
{
	static const struct {
		const char *name;
		enum modsection_kind kind;
		enum modsection_source source;
	} rows[] = {
		{".rodata.str1.1", MODSECTION_RODATA, MODSECTION_BY_RULE},
		{".init.text", MODSECTION_INIT_TEXT, MODSECTION_BY_RULE},
		{".init.setup", MODSECTION_INIT_DATA, MODSECTION_BY_RULE},
		{".exit.text", MODSECTION_TEXT, MODSECTION_BY_RULE},
		{".data..read_mostly", MODSECTION_DATA, MODSECTION_BY_RULE},
		{".data..percpu", MODSECTION_PER_CPU, MODSECTION_BY_RULE},
		{".data..ro_after_init", MODSECTION_RO_AFTER_INIT, MODSECTION_BY_RULE},
		{"__jump_table", MODSECTION_RO_AFTER_INIT, MODSECTION_BY_RELEASE},
		{".static_call_sites", MODSECTION_DATA, MODSECTION_BY_RELEASE},
		{"mine", MODSECTION_NONE, MODSECTION_NOT_KNOWN},
	};
	static const struct modsection_rules rules = {.release = RELEASE(6, 12)};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum modsection_source source;

		cr_expect_eq(modsection_by_name(&rules, rows[i].name, &source),
			     rows[i].kind, "%s", rows[i].name);
		cr_expect_eq(source, rows[i].source, "%s", rows[i].name);
	}
}

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 T module_mark_ro_after_init\n"
			       "ffffffff81000200 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81200100 d ro_after_init\n"
			       "ffffffff81200120 d next\n"
			       "ffffffff81603000 B _end\n";

enum { FIRST_AT = 0x200, SECOND_AT = 0x220, UNMAPPED_AT = 0x10000 };
static uint64_t pointers[4];

static void put_list(void)
{
	for (size_t i = 0; i < 4; i++)
		small_put(SMALL_RODATA + 0x100 + 8 * i, pointers[i]);
	small_put_bytes(SMALL_RODATA + FIRST_AT, ".data..ro_after_init", 21);
	small_put_bytes(SMALL_RODATA + SECOND_AT, "__jump_table", 13);
}

static void read_with(uint64_t first, uint64_t second, uint64_t third,
		      struct modsection_rules *ret)
{
	static struct small small;

	pointers[0] = first;
	pointers[1] = second;
	pointers[2] = third;
	small_open(&small, kallsyms, put_list, NULL);
	modsection_read(ret, &small.kernel);
	small_close(&small);
}

Test(kcore_modsection, the_kernels_own_list)
{
	struct modsection_rules rules;

	read_with(SMALL_RODATA + FIRST_AT, SMALL_RODATA + SECOND_AT, 0, &rules);
	cr_assert_eq(rules.nr_listed, 2);
	cr_expect_str_eq(rules.listed[0], ".data..ro_after_init");
	cr_expect_str_eq(rules.listed[1], "__jump_table");
	cr_expect(rules.has_mark);
	cr_expect_eq(rules.release, RELEASE(6, 1));
}

/* Half of a list would say of the rest that it is writable. */
Test(kcore_modsection, a_list_that_cannot_be_read_is_none)
{
	struct modsection_rules rules;

	read_with(SMALL_RODATA + FIRST_AT, SMALL_RODATA + UNMAPPED_AT, 0, &rules);
	cr_expect_eq(rules.nr_listed, 0);
	read_with(SMALL_RODATA + SECOND_AT, SMALL_RODATA + FIRST_AT, 0, &rules);
	cr_expect_eq(rules.nr_listed, 0, "another object of that name");
}

/* Debian's kernels. Looked at live: what 6.12 leaves writable 7.3 has sealed. */
Test(kcore_modsection, of_real_kernels)
{
	static const struct {
		const char *capture;
		bool is_sealed;
		enum modsection_source source;
	} rows[] = {
		{"tests/data/captures/5.10.zst", false, MODSECTION_BY_RELEASE},
		{"tests/data/captures/6.12.zst", false, MODSECTION_BY_RELEASE},
		{"tests/data/captures/7.zst", true, MODSECTION_BY_SYMBOL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct modsection_rules rules;
		enum modsection_source source;
		struct error err = {0};
		struct source from;
		struct kernel kernel;

		cr_assert_eq(source_open_core(&from, rows[i].capture, &err), 0, "%s",
			     err.message);
		cr_assert_eq(kernel_open(&kernel, &from, &err), 0, "%s", err.message);
		modsection_read(&rules, &kernel);
		cr_expect_eq(
			modsection_by_flags(&rules, ".static_call_sites", RW, &source),
			rows[i].is_sealed ? MODSECTION_RO_AFTER_INIT : MODSECTION_DATA,
			"%s", rows[i].capture);
		cr_expect_eq(source, rows[i].source, "%s", rows[i].capture);
		kernel_close(&kernel);
		source_close(&from);
	}
}
