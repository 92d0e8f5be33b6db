/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/result.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake.h"

static struct fake fake;
static struct kernel kernel;
static struct asker asker = {.kernel = &kernel};

static void setup(void)
{
	struct error err = {0};
	struct source source;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
}

static void teardown(void)
{
	kernel_close(&kernel);
	fake_close(&fake);
}

TestSuite(cmd_result, .init = setup, .fini = teardown);

/* One line a result: "verdict reason address size exit". */
static int append(void *ctx, const struct result *result, size_t i, size_t nr)
{
	char *lines = ctx;
	size_t used = strlen(lines);

	cr_expect_lt(i, nr);
	snprintf(lines + used, 1024 - used, "%s%s %s %lx %lu %d", i ? "; " : "",
		 result_verdict_name(result->verdict), result->reason, result->address,
		 result->size_bytes, result_exit_status(result, EXPECT_NONE));
	return 0;
}

static int count_aliases(void *ctx, const struct result *result, size_t i, size_t nr)
{
	size_t *nr_aliases = ctx;

	(void)i;
	(void)nr;
	for (size_t j = 0; j < result->nr_pages; j++)
		*nr_aliases += result->pages[j].nr_aliases;
	return 0;
}

static int note_page(void *ctx, const struct result *result, size_t i, size_t nr)
{
	char *words = ctx;

	(void)i;
	(void)nr;
	cr_expect_eq(result->pages[0].walk.nr_steps, 0,
		     "the tables are not the kernel's");
	snprintf(words, 512, "%s %s %s", result_verdict_name(result->verdict),
		 result->reason, result->explanation);
	return 0;
}

/* Of a kernel that was not booted: rights, and no word of entries. */
Test(cmd_result, of_an_image)
{
	static const char *const answers[][2] = {
		{"vmlinux:apparmor_hooks", "read-only ok a write here will fault once"},
		{"modprobe_path", "writable ok a write here will succeed once"},
		{"0xffffffffc0000000", "unknown not-booted cannot be known: the kernel"},
	};

	kernel.is_unbooted = true;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		char words[512] = "";
		struct error err = {0};

		cr_assert_eq(result_each(&asker, answers[i][0], note_page, words, &err),
			     0, "%s", err.message);
		cr_expect_eq(strncmp(words, answers[i][1], strlen(answers[i][1])), 0,
			     "%s: %s", answers[i][0], words);
	}
}

/* The page tables are swept once, for all words and for all symbols of one. */
Test(cmd_result, aliases_of_all_that_was_expected)
{
	static const char *const words[] = {"bpf_lsm_hooks", "no_such",
					    "modprobe_path", "0xffffffff81400000",
					    "three_pages",   "*_hooks"};
	struct asker wanting = {.kernel = &kernel, .wants_aliases = true};
	uint64_t nr_reads = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		result_expect(&wanting, words[i]);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct error err = {0};
		size_t nr = 0;

		result_each(&wanting, words[i], count_aliases, &nr, &err);
		cr_expect_eq(err.code, i == 1 ? ERROR_NO_SUCH_SYMBOL : ERROR_NONE);
		if (i == 0)
			nr_reads = kernel.core.nr_reads;
	}
	cr_expect_eq(kernel.core.nr_reads, nr_reads);
	asker_close(&wanting);
	wanting.aliases = (struct aliases){0};
	result_each(&wanting, "bpf_lsm_hooks", count_aliases, &nr_reads,
		    &(struct error){0});
	cr_expect(wanting.aliases.is_swept);
	cr_expect_eq(wanting.aliases.nr_frames, 2, "both symbols' frames");
	asker_close(&wanting);
}

static const struct {
	const char *word, *lines;
} answers[] = {
	{"do_one_thing", "read-only ok ffffffff81000100 2096640 1"},
	{"testmod:apparmor_hooks", "unmapped not-present ffffffffc0000000 1 1"},
	{"vmlinux:apparmor_hooks", "read-only ok ffffffff81300000 2752 1"},
	{"apparmor_hooks", "read-only ok ffffffff81300000 2752 1; "
			   "unmapped not-present ffffffffc0000000 1 1"},
	{"bpf_lsm_hooks", "read-only ok ffffffff81200100 1048320 1; "
			  "read-only ok ffffffff81301000 1040384 1"},
	{"modprobe_path", "writable ok ffffffff81400100 256 0"},
	{"modprobe_path+0x18/8", "writable ok ffffffff81400118 8 0"},
	{"three_pages", "mixed mixed ffffffff81600000 8192 1"},
	{"three_pages+0xfff/2", "mixed mixed ffffffff81600fff 2 1"},
	{"three_pages+0x1000/0x1000", "read-only ok ffffffff81601000 4096 1"},
	{"gdt_page", "unknown per-cpu-symbol b000 151552 2"},
	{"some_constant", "unknown absolute-symbol 1000000 1 2"},
	{"0x1000", "unknown user-address 1000 1 2"},
	{"0xffffffff81400000", "writable ok ffffffff81400000 1 0"},
	{"0xffffffff813fffff-0xffffffff81400001", "mixed mixed ffffffff813fffff 2 1"},
	{"0xffffffff81200000-0xffffffff81400000",
	 "read-only ok ffffffff81200000 2097152 1"},
	{"0x8000000000000000", "unmapped non-canonical 8000000000000000 1 1"},
	{"0xffffffffffffffff", "unmapped not-present ffffffffffffffff 1 1"},
};

Test(cmd_result, answers)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct error err = {0};
		char lines[1024] = "";

		cr_expect_eq(result_each(&asker, answers[i].word, append, lines, &err), 0,
			     "%s: %s", answers[i].word, err.message);
		cr_expect_str_eq(lines, answers[i].lines, "%s: %s", answers[i].word,
				 lines);
	}
}

static const struct {
	const char *word;
	enum error_code code;
	const char *part;
} refusals[] = {
	{"aparmor_hooks", ERROR_NO_SUCH_SYMBOL, "did you mean apparmor_hooks"},
	{"nomod:apparmor_hooks", ERROR_NO_SUCH_SYMBOL, "no such symbol"},
	{"ffffffff81400000", ERROR_NO_SUCH_SYMBOL, "0xffffffff81400000"},
	{"1234", ERROR_MALFORMED_TARGET, "decimal"},
	{"0xffff888000000000-0xffffffffffffffff", ERROR_NONE, ""},
	{"modprobe_path+0xffffffffffffffff", ERROR_MALFORMED_TARGET, "past the end"},
};

Test(cmd_result, refusals)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct error err = {0};
		char lines[1024] = "";
		int r = result_each(&asker, refusals[i].word, append, lines, &err);

		cr_expect_eq(r < 0, refusals[i].code != ERROR_NONE, "%s",
			     refusals[i].word);
		cr_expect_eq(err.code, refusals[i].code, "%s: %s", refusals[i].word,
			     err.message);
		cr_expect_not_null(strstr(err.message, refusals[i].part), "%s",
				   err.message);
	}
}

static int keep_hint(void *ctx, const struct result *result, size_t i, size_t nr)
{
	(void)nr;
	if (i == 0)
		snprintf(ctx, 512, "%s|%s", result->explanation, result->hint);
	return 0;
}

Test(cmd_result, sentences)
{
	struct error err = {0};
	char text[512];

	result_each(&asker, "apparmor_hooks", keep_hint, text, &err);
	cr_expect_str_eq(text, "a write here faults: the PMD (2M page) has RW clear; "
			       ".data..ro_after_init, sealed after boot|"
			       "kallsyms calls it 'd' (data); the page table decides");
	result_each(&asker, "modprobe_path", keep_hint, text, &err);
	cr_expect_str_eq(text,
			 "a write here succeeds: RW is set at every level (2M page); "
			 ".data, writable by design|");
}

/* Whatever the pages of a freed symbol are used for now: one right, or several. */
Test(cmd_result, freed_memory_is_named_whatever_its_rights)
{
	static const char *const words[] = {"three_pages+0x1000", "three_pages"};
	struct error err = {0};
	char text[512];

	kernel.labels[LABEL_INIT_BEGIN] = 0xffffffff81600000;
	kernel.labels[LABEL_INIT_END] = 0xffffffff81603000;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		result_each(&asker, words[i], keep_hint, text, &err);
		cr_expect_not_null(strstr(text, "|the symbol's memory was freed after "
						"boot: what lies there now is something "
						"else"),
				   "%s", text);
	}
}

Test(cmd_result, a_poisoned_table_is_named)
{
	struct error err = {0};
	char lines[1024] = "", text[512];

	teardown();
	fake.poisoned_pa = FAKE_SMALL_TABLE_PA;
	setup();
	result_each(&asker, "0xffffffff81602000", append, lines, &err);
	cr_expect_str_eq(lines, "unknown poisoned-table ffffffff81602000 1 2");
	result_each(&asker, "0xffffffff81602000", keep_hint, text, &err);
	cr_expect_not_null(strstr(text, "the PTE table at physical 0x0000000000004000 is "
					"poisoned or offline memory"),
			   "%s", text);
}

static int keep_runs(void *ctx, const struct result *result, size_t i, size_t nr)
{
	char *text = ctx;

	(void)i;
	(void)nr;
	for (size_t j = 0; j < result->nr_runs; j++)
		sprintf(text + strlen(text), "%lx+%lx:%zu ", result->runs[j].address,
			result->runs[j].size_bytes, result->runs[j].nr_pages);
	return 0;
}

/* Xen carries out a write to a page table of the lowest level that the tables deny. */
Test(cmd_result, what_may_be_a_page_table_of_a_xen_domain_is_unknown)
{
	static const struct {
		const char *word, *lines;
	} of_xen[] = {
		{"0xffffffff81200000", "read-only ok ffffffff81200000 1 1"},
		{"0xffffffff81400000", "writable ok ffffffff81400000 1 0"},
		{"0xffffffff81601000", "unknown xen-page-table ffffffff81601000 1 2"},
		{"0xffff888000000000", "writable ok ffff888000000000 1 0"},
		{"0xffff888000200000", "unknown xen-page-table ffff888000200000 1 2"},
	};
	struct error err = {0};

	teardown();
	fake = (struct fake){
		.kallsyms = fake_xen_kallsyms, .domain_type = 1, .fill = fake_fill_xen};
	setup();
	for (size_t i = 0; i < sizeof(of_xen) / sizeof(of_xen[0]); i++) {
		char lines[1024] = "";

		cr_expect_eq(result_each(&asker, of_xen[i].word, append, lines, &err), 0,
			     "%s: %s", of_xen[i].word, err.message);
		cr_expect_str_eq(lines, of_xen[i].lines, "%s", lines);
	}
}

Test(cmd_result, a_mixed_range_lists_its_runs)
{
	struct error err = {0};
	char text[512] = "";

	result_each(&asker, "0xffffffff81200000-0xffffffff81603000", keep_runs, text,
		    &err);
	cr_expect_str_eq(text, "ffffffff81200000+200000:1 ffffffff81400000+200000:1 "
			       "ffffffff81600000+1000:1 ffffffff81601000+1000:1 "
			       "ffffffff81602000+1000:1 ");
}

static int keep_status(void *ctx, const struct result *result, size_t i, size_t nr)
{
	int *status = ctx;

	(void)i;
	(void)nr;
	status[EXPECT_NONE] = result_exit_status(result, EXPECT_NONE);
	status[EXPECT_RO] = result_exit_status(result, EXPECT_RO);
	status[EXPECT_RW] = result_exit_status(result, EXPECT_RW);
	return 0;
}

Test(cmd_result, expectations)
{
	static const struct {
		const char *word;
		int none, ro, rw;
	} cases[] = {
		{"vmlinux:apparmor_hooks", 1, 0, 1},
		{"modprobe_path", 0, 1, 0},
		{"three_pages", 1, 1, 1},
		{"gdt_page", 2, 2, 2},
		{"testmod:apparmor_hooks", 1, 1, 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = {0};
		int status[3] = {-1, -1, -1};

		result_each(&asker, cases[i].word, keep_status, status, &err);
		cr_expect_eq(status[EXPECT_NONE], cases[i].none, "%s", cases[i].word);
		cr_expect_eq(status[EXPECT_RO], cases[i].ro, "%s", cases[i].word);
		cr_expect_eq(status[EXPECT_RW], cases[i].rw, "%s", cases[i].word);
	}
}

/* What a compiler made of a name is found by the name. A static of clang's ThinLTO stands
 * beside a symbol that has the name itself; parts and variants do not.
 */
Test(cmd_result, names_that_compilers_make)
{
	static const struct {
		const char *word, *lines;
	} of[] = {
		{"only_llvm", "read-only ok ffffffff81000100 256 1"},
		{"only_parts", "read-only ok ffffffff81000200 256 1; "
			       "read-only ok ffffffff81000300 256 1"},
		{"both", "read-only ok ffffffff81000400 256 1; "
			 "read-only ok ffffffff81000600 2095616 1"},
		{"only_parts.cold", "read-only ok ffffffff81000300 256 1"},
	};
	struct error err = {0};
	char text[512];

	teardown();
	fake = (struct fake){

		.kallsyms = "0000000001000000 a fixed\n"
			    "ffffffff81000000 T _text\n"
			    "ffffffff81000000 T _stext\n"
			    "ffffffff81000100 t only_llvm.llvm.1234\n"
			    "ffffffff81000200 t only_parts.isra.0\n"
			    "ffffffff81000300 t only_parts.cold\n"
			    "ffffffff81000400 t both\n"
			    "ffffffff81000500 t both.cold\n"
			    "ffffffff81000600 t both.llvm.77\n"
			    "ffffffff81200000 T _etext\n"
			    "ffffffff81400000 D _sdata\n"
			    "ffffffff81603000 B _end\n"};
	setup();
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		char lines[1024] = "";

		cr_expect_eq(result_each(&asker, of[i].word, append, lines, &err), 0,
			     "%s: %s", of[i].word, err.message);
		cr_expect_str_eq(lines, of[i].lines, "%s: %s", of[i].word, lines);
	}
	result_each(&asker, "only_llvm", keep_hint, text, &err);
	cr_expect_not_null(
		strstr(text, "the compiler made only_llvm.llvm.1234 of the name"));
}

enum { NR_EXPORTS = 128, EXPORT_NAME_BYTES = 8 };

/* A table of exports that no symbol tells of: object_NNN is at FAKE_DATA + 0x100 + N. */
static void put_exports(unsigned char *ram)
{
	uint64_t base = FAKE_SMALL + 0x1000, strings = base + NR_EXPORTS * 12;
	unsigned char *page = ram + FAKE_FREE_PA;
	uint64_t entry = FAKE_FREE_PA | 0x8000000000000121ULL;

	for (int i = 0; i < NR_EXPORTS; i++) {
		uint64_t at = base + (uint64_t)i * 12,
			 name = strings + (uint64_t)i * EXPORT_NAME_BYTES;
		int32_t fields[3] = {(int32_t)(FAKE_DATA + 0x100 + (uint64_t)i - at),
				     (int32_t)(name - at - 4), 0};
		char text[16];

		memcpy(page + i * 12, fields, sizeof(fields));
		snprintf(text, sizeof(text), "obj_%03d", i);
		memcpy(page + (strings - base) + (size_t)i * EXPORT_NAME_BYTES, text, 8);
	}
	memcpy(ram + FAKE_SMALL_TABLE_PA + 8, &entry, sizeof(entry));
}

/* CONFIG_KALLSYMS_ALL=n: what is exported has an address all the same, but no size. */
Test(cmd_result, an_exported_object_without_a_symbol)
{
	struct error err = {0};
	char text[512], lines[1024] = "";

	teardown();
	fake = (struct fake){.fill = put_exports,
			     .kallsyms = "ffffffff81000000 T _text\n"
					 "ffffffff81000000 T _stext\n"
					 "ffffffff81000100 t function\n"};
	setup();
	cr_assert_eq(result_each(&asker, "obj_007", append, lines, &err), 0, "%s",
		     err.message);
	cr_expect_str_eq(lines, "writable ok ffffffff81400107 1 0");
	result_each(&asker, "obj_007", keep_hint, text, &err);
	cr_expect_not_null(strstr(text, "from the table of exports"));
	*lines = '\0';
	cr_assert_eq(result_each(&asker, "obj_007+8/4", append, lines, &err), 0);
	cr_expect_str_eq(lines, "writable ok ffffffff8140010f 4 0");
	cr_expect_lt(result_each(&asker, "obj_999", append, lines, &err), 0);
	cr_expect_eq(err.code, ERROR_NO_KALLSYMS_ALL);
	asker_close(&asker);
}
