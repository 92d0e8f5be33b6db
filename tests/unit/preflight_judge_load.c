/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/judge_load.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

/* call helper; ret */
static const unsigned char code[] = {0xe8, 0, 0, 0, 0, 0xc3};
static const Elf64_Rela rela[] = {
	{.r_offset = 1, .r_info = ELF64_R_INFO(2, R_X86_64_PLT32), .r_addend = -4}};

static const struct exported helper = {.name = "helper",
				       .address = 0xffffffff81000100,
				       .crc = 0x12345678,
				       .has_crc = true};

/* A module that calls helper(), with the sections given besides. */
static void look(struct look *look, const struct ko_section *more, size_t nr_more,
		 const struct exported *export)
{
	struct ko ko = {
		.sections = {{".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, code,
			      sizeof(code), rela, 1}},
		.nr_sections = 1 + nr_more,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"helper", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 2,
	};

	for (size_t i = 0; i < nr_more; i++)
		ko.sections[1 + i] = more[i];
	look_at(look, &ko, export, 1);
}

static bool is_refused_by_crc(const struct ko_section *more, size_t nr_more)
{
	static struct look of;
	bool is_refused;

	look(&of, more, nr_more, &helper);
	is_refused = look_find(&of, "symbol-crc");
	look_away(&of);
	return is_refused;
}

#define ALLOCATED(name_, data_)                                       \
	{                                                             \
		.name = (name_), .flags = SHF_ALLOC, .data = (data_), \
		.size_bytes = sizeof(data_)                           \
	}

Test(preflight_judge_load, crc_of_a_short_name)
{
	/* { u64 crc; char name[56]; } */
	unsigned char versions[2][64] = {{0x11}, {0x78, 0x56, 0x34, 0x12}};
	struct ko_section section = ALLOCATED("__versions", versions);

	strcpy((char *)versions[0] + 8, "module_layout");
	strcpy((char *)versions[1] + 8, "helper");
	cr_expect(!is_refused_by_crc(&section, 1));
	versions[1][0] ^= 1;
	cr_expect(is_refused_by_crc(&section, 1));
}

/* What is in the extended tables counts, whatever the others say. */
Test(preflight_judge_load, crc_of_an_extended_name)
{
	static const char names[] = "module_layout\0helper";
	uint32_t crcs[] = {0x11, 0x12345678};
	unsigned char old[64] = {0x99};
	struct ko_section sections[] = {ALLOCATED("__version_ext_crcs", crcs),
					ALLOCATED("__version_ext_names", names),
					ALLOCATED("__versions", old)};

	strcpy((char *)old + 8, "helper");
	cr_expect(!is_refused_by_crc(sections, 3));
	crcs[1]++;
	cr_expect(is_refused_by_crc(sections, 3));
	/* More names than CRCs, and names without an end. */
	sections[0].size_bytes = 4;
	cr_expect(!is_refused_by_crc(sections, 3));
	sections[0].size_bytes = 8;
	sections[1].size_bytes = sizeof(names) - 1;
	cr_expect(!is_refused_by_crc(sections, 3));
}

/* Built without Module.symvers: the section is there, the symbol is not. */
Test(preflight_judge_load, no_symbol_version)
{
	static const struct exported layout = {.name = "module_layout",
					       .address = 0xffffffff81000100,
					       .crc = 0x11,
					       .has_crc = true};
	static const char *const releases[] = {"6.12.118+deb13-amd64", "5.10.0-46-amd64",
					       "6.12.9-gke"};
	unsigned char versions[64] = {0x78, 0x56, 0x34, 0x12};
	struct ko_section section = ALLOCATED("__versions", versions);
	static struct look of;

	look(&of, &section, 1, &helper);
	cr_expect_not_null(look_find(&of, "no-symbol-version"));
	look_away(&of);
	strcpy((char *)versions + 8, "helper");
	look(&of, &section, 1, &helper);
	cr_expect_null(look_find(&of, "no-symbol-version"));
	look_away(&of);
	for (size_t i = 0; i < 3; i++) {
		struct findings findings = {0};

		look(&of, &section, 1, &layout);
		strcpy(of.kernel.release, releases[i]);
		judge_load(&findings, &of.space, NULL, 0);
		for (size_t j = 0; j < findings.nr; j++)
			if (strcmp(findings.array[j].kind, "no-symbol-version") == 0)
				cr_expect_eq(findings.array[j].verdict,
					     i < 2 ? FINDING_REFUSED : FINDING_UNDECIDED);
		finding_free(&findings);
		look_away(&of);
	}
	/* No versions at all: modprobe --force does that. */
	look(&of, NULL, 0, &helper);
	cr_expect_null(look_find(&of, "no-symbol-version"));
	look_away(&of);
}

Test(preflight_judge_load, what_nothing_exports)
{
	static const struct exported other = {.name = "other", .address = 1};
	static struct look of;

	look(&of, NULL, 0, &other);
	cr_expect_not_null(look_find(&of, "unknown-symbol"));
	cr_expect_eq(of.inspect.verdict, FINDING_REFUSED);
	look_away(&of);
}

/* A loaded module may export it, and which of its symbols it does is not known. */
Test(preflight_judge_load, what_a_loaded_module_may_export)
{
	static const struct exported other = {.name = "other", .address = 1};
	struct findings findings = {0};
	static struct look of;

	look(&of, NULL, 0, &other);
	of.exports.lacks_modules = true;
	judge_load(&findings, &of.space, NULL, 0);
	finding_sort(&findings);
	for (size_t i = 0; i < findings.nr; i++)
		if (strcmp(findings.array[i].kind, "unknown-symbol") == 0) {
			cr_expect_eq(findings.array[i].verdict, FINDING_UNDECIDED);
			cr_expect_not_null(strstr(findings.array[i].note,
						  "whether a loaded module does"));
			finding_free(&findings);
			look_away(&of);
			return;
		}
	cr_assert_fail("nothing is said of it");
}

/* Without a table of exports: a function that kallsyms lacks is exported nowhere. */
Test(preflight_judge_load, a_function_that_is_not_there)
{
	static struct look of;
	struct ko ko = {
		.sections = {{".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, code,
			      sizeof(code), rela, 1}},
		.nr_sections = 1,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"no_such_function", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"no_such_object", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 3,
	};

	look_at(&of, &ko, NULL, 0);
	cr_assert_not_null(look_find(&of, "unknown-symbol"));
	cr_expect_not_null(strstr(look_find(&of, "unknown-symbol")->note,
				  "Unknown symbol no_such_function"));
	cr_expect_eq(of.inspect.verdict, FINDING_REFUSED);
	look_away(&of);
	ko.symbols[1].name = "helper";
	look_at(&of, &ko, NULL, 0);
	cr_expect_null(look_find(&of, "unknown-symbol"));
	look_away(&of);
}

Test(preflight_judge_load, gpl_only)
{
	struct exported gpl_only = helper;
	static const char proprietary[] = "license=Proprietary", gpl[] = "license=GPL v2";
	struct ko_section of_gpl = ALLOCATED(".modinfo", gpl);
	struct ko_section of_proprietary = ALLOCATED(".modinfo", proprietary);
	static struct look of;

	gpl_only.is_gpl_only = true;
	look(&of, &of_gpl, 1, &gpl_only);
	cr_expect_null(look_find(&of, "gpl-only-symbol"));
	look_away(&of);
	look(&of, &of_proprietary, 1, &gpl_only);
	cr_expect_not_null(look_find(&of, "gpl-only-symbol"));
	look_away(&of);
}

Test(preflight_judge_load, what_is_exported_already)
{
	static const struct {
		const char *owner, *expected;
	} rows[] = {
		{NULL, "exports duplicate symbol offered (owned by kernel) (ENOEXEC)"},
		{"another",
		 "exports duplicate symbol offered (owned by another) (ENOEXEC)"},
		{"itself", NULL},
	};
	const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0},
			     {".modinfo", SHF_ALLOC, 0, "name=itself", 12, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"offered", 1, 0, STT_FUNC, STB_GLOBAL, 1},
			    {"__ksymtab_offered", 1, 0, STT_OBJECT, STB_LOCAL, 0},
			    {"__ksymtab_new", 1, 0, STT_OBJECT, STB_LOCAL, 0}},
		.nr_symbols = 3,
	};
	static struct look of;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct exported exported = {
			.name = "offered", .module = rows[i].owner, .address = 1};
		const struct finding *found;

		look_at(&of, &ko, &exported, 1);
		found = look_find(&of, "duplicate-export");
		cr_assert_eq(found != NULL, rows[i].expected != NULL);
		if (found) {
			cr_expect_eq(found->verdict, FINDING_REFUSED);
			cr_expect_str_eq(found->note, rows[i].expected);
		}
		look_away(&of);
	}
}

/* A module that calls helper(), beside one that exports it and uses @used. */
struct pair {
	struct look look;
	struct kofile file;
	struct addrspace_needed *needed;
	struct findings findings;
};

static void set_pair(struct pair *pair, const char *used, bool is_loose)
{
	static const struct exported kernels = {.name = "of_the_kernel", .address = 1};
	const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0},
			     {".modinfo", SHF_ALLOC, 0, "name=the_other", 15, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"helper", 1, 0, STT_FUNC, STB_GLOBAL, 1},
			    {"__ksymtab_helper", 1, 0, STT_OBJECT, STB_LOCAL, 0},
			    {used, SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 3,
	};

	memset(pair, 0, sizeof(*pair));
	look(&pair->look, NULL, 0, &kernels);
	ko_parse(&ko, &pair->file);
	cr_assert_eq(addrspace_need(&pair->look.space, &pair->file, &pair->needed), 0);
	pair->needed->is_loose = is_loose;
	addrspace_link(&pair->look.space, &pair->needed, NULL, 1);
}

static const char *note_of(const struct pair *pair, const char *kind,
			   enum finding_verdict verdict)
{
	for (size_t i = 0; i < pair->findings.nr; i++)
		if (strcmp(pair->findings.array[i].kind, kind) == 0 &&
		    pair->findings.array[i].verdict == verdict)
			return pair->findings.array[i].note;
	return NULL;
}

static void drop_pair(struct pair *pair)
{
	finding_free(&pair->findings);
	addrspace_link(&pair->look.space, NULL, NULL, 0);
	addrspace_needed_close(pair->needed);
	kofile_close(&pair->file);
	look_away(&pair->look);
}

Test(preflight_judge_load, what_insmod_alone_refuses)
{
	static struct pair pair;

	for (int is_loose = 0; is_loose < 2; is_loose++) {
		const char *note;

		set_pair(&pair, "of_the_kernel", is_loose);
		judge_order(&pair.findings, &pair.look.space);
		note = note_of(&pair, "needed-module", FINDING_CLEAN);
		cr_assert_not_null(note);
		cr_expect_not_null(strstr(note, "needs module the_other"), "%s", note);
		cr_expect_not_null(strstr(note, is_loose ? "goes first" : "modprobe"),
				   "%s", note);
		cr_expect(pair.findings.array[0].is_always_told);
		drop_pair(&pair);
	}
}

/* The other one gets no further than its own symbols. */
Test(preflight_judge_load, a_needed_module_that_is_refused_itself)
{
	static struct pair pair;

	set_pair(&pair, "of_the_kernel", true);
	judge_load(&pair.findings, &pair.look.space, NULL, 0);
	cr_expect_null(note_of(&pair, "missing-module", FINDING_REFUSED));
	drop_pair(&pair);
	set_pair(&pair, "absent", true);
	judge_load(&pair.findings, &pair.look.space, NULL, 0);
	cr_expect_not_null(note_of(&pair, "missing-module", FINDING_REFUSED));
	drop_pair(&pair);
}

/* The kernel reads the table of exports, not the names of its entries. */
Test(preflight_judge_load, an_exporter_whose_names_were_stripped)
{
	const struct ko exporter = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0},
			     {".modinfo", SHF_ALLOC, 0, "name=stripped", 14, NULL, 0},
			     {"__ksymtab", SHF_ALLOC, 0, "0123456789a", 12, NULL, 0}},
		.nr_sections = 3,
	};
	static struct pair pair;

	set_pair(&pair, "of_the_kernel", true);
	addrspace_needed_close(pair.needed);
	kofile_close(&pair.file);
	ko_parse(&exporter, &pair.file);
	cr_assert_eq(addrspace_need(&pair.look.space, &pair.file, &pair.needed), 0);
	judge_load(&pair.findings, &pair.look.space, NULL, 0);
	cr_expect_not_null(note_of(&pair, "unknown-symbol", FINDING_UNDECIDED));
	cr_expect_null(note_of(&pair, "unknown-symbol", FINDING_REFUSED));
	drop_pair(&pair);
}

/* Neither is the module that wants what it may export, and that goes first itself. */
Test(preflight_judge_load, a_needed_module_of_a_stripped_exporter)
{
	static const struct ko stripped = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0},
			     {".modinfo", SHF_ALLOC, 0, "name=stripped", 14, NULL, 0},
			     {"__ksymtab", SHF_ALLOC, 0, "0123456789a", 12, NULL, 0}},
		.nr_sections = 3,
	};
	static struct pair pair;
	static const bool optional[] = {true, false};
	struct kofile file;
	struct addrspace_needed *needed[2];

	set_pair(&pair, "of_nowhere", true);
	judge_load(&pair.findings, &pair.look.space, NULL, 0);
	cr_expect_not_null(note_of(&pair, "missing-module", FINDING_REFUSED));
	finding_free(&pair.findings);
	needed[0] = pair.needed;
	addrspace_link(&pair.look.space, needed, optional, 1);
	judge_load(&pair.findings, &pair.look.space, NULL, 0);
	cr_expect_null(note_of(&pair, "missing-module", FINDING_REFUSED));
	finding_free(&pair.findings);

	ko_parse(&stripped, &file);
	cr_assert_eq(addrspace_need(&pair.look.space, &file, &needed[1]), 0);
	addrspace_link(&pair.look.space, needed, NULL, 2);
	judge_load(&pair.findings, &pair.look.space, NULL, 0);
	cr_expect_null(note_of(&pair, "missing-module", FINDING_REFUSED));
	cr_expect_not_null(note_of(&pair, "unknown-symbol", FINDING_UNDECIDED));
	addrspace_needed_close(needed[1]);
	kofile_close(&file);
	drop_pair(&pair);
}

/* depends= is for depmod's and people's eyes: the kernel asks for symbols. */
Test(preflight_judge_load, a_missing_module_without_a_missing_symbol)
{
	static const struct judge_unmet unmet[] = {{"self", NULL}, {"x", "which is odd"}};
	static struct pair pair;
	const char *note;

	set_pair(&pair, "of_the_kernel", true);
	judge_load(&pair.findings, &pair.look.space, unmet, 2);
	cr_expect_null(note_of(&pair, "missing-module", FINDING_REFUSED));
	cr_expect_not_null(note_of(&pair, "missing-module", FINDING_CLEAN));
	finding_free(&pair.findings);
	addrspace_link(&pair.look.space, NULL, NULL, 0);
	judge_load(&pair.findings, &pair.look.space, unmet, 2);
	note = note_of(&pair, "missing-module", FINDING_REFUSED);
	cr_assert_not_null(note);
	cr_expect_str_eq(note,
			 "needs module self, which is neither loaded nor installed");
	drop_pair(&pair);
}

/* What is installed on the machine that a core comes from is not known here. */
Test(preflight_judge_load, a_core_whose_modules_are_not_here)
{
	static const struct judge_unmet unmet[] = {{"self", NULL}, {"x", "which is odd"}};
	static struct pair pair;

	set_pair(&pair, "of_the_kernel", true);
	addrspace_link(&pair.look.space, NULL, NULL, 0);
	pair.look.space.is_treeless = true;
	judge_load(&pair.findings, &pair.look.space, unmet, 2);
	cr_expect_not_null(note_of(&pair, "missing-module", FINDING_UNDECIDED));
	cr_expect_not_null(note_of(&pair, "missing-module", FINDING_REFUSED));
	cr_expect_not_null(note_of(&pair, "unknown-symbol", FINDING_UNDECIDED));
	cr_expect_null(note_of(&pair, "unknown-symbol", FINDING_REFUSED));
	finding_free(&pair.findings);
	/* Its file names none. */
	judge_load(&pair.findings, &pair.look.space, NULL, 0);
	cr_expect_not_null(note_of(&pair, "unknown-symbol", FINDING_UNDECIDED));
	drop_pair(&pair);

	set_pair(&pair, "absent", true);
	pair.look.space.is_treeless = true;
	judge_load(&pair.findings, &pair.look.space, NULL, 0);
	cr_expect_null(note_of(&pair, "missing-module", FINDING_REFUSED));
	cr_expect_not_null(note_of(&pair, "unknown-symbol", FINDING_UNDECIDED));
	drop_pair(&pair);
}

/* The kernel of tests/data/captures, which hold nothing of what its loader asks for. */
static enum finding_verdict ask_capture(const char *path, const char *vermagic,
					bool has_crcs, const char *kind)
{
	static unsigned char this_module[1280];
	static struct preflight preflight;
	static struct preflight_kept kept;
	static const struct preflight_context context;
	struct ko ko = {
		/* init begins behind its type, for a kernel with kCFI. */
		.sections = {{".init.text", SHF_ALLOC | SHF_EXECINSTR, 0,
			      "\xb8\xa6\xc5\xb1\x36\xc3", 6, NULL, 0},
			     {".gnu.linkonce.this_module", SHF_ALLOC | SHF_WRITE, 0,
			      this_module, sizeof(this_module), NULL, 0},
			     {".modinfo", SHF_ALLOC, 0, vermagic, strlen(vermagic) + 1,
			      NULL, 0},
			     {"__versions", SHF_ALLOC, 0, this_module, 64, NULL, 0}},
		.nr_sections = has_crcs ? 4 : 3,
		.symbols = {{"init_module", 1, 5, STT_FUNC, STB_GLOBAL, 0}},
		.nr_symbols = 1,
	};
	struct source source;
	struct kernel kernel;
	struct exports exports;
	struct addrspace space;
	struct kofile file;
	struct error err = {0};
	enum finding_verdict verdict;
	bool has_kind = false;

	cr_assert_eq(source_open_core(&source, path, &err), 0, "%s", err.message);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	cr_assert_eq(exports_read(&exports, &kernel), 0);
	cr_assert_eq(addrspace_open(&space, &kernel, &exports), 0);
	ko_parse(&ko, &file);
	cr_assert_eq(preflight_module(&preflight, &kept, &space, &file, &context, &err),
		     0);
	verdict = preflight.verdict;
	for (size_t i = 0; i < preflight.findings.nr; i++)
		has_kind |= strcmp(preflight.findings.array[i].kind, kind) == 0;
	cr_expect(has_kind, "%s: no %s", vermagic, kind);
	preflight_close(&preflight, &space);
	kofile_close(&file);
	addrspace_close(&space);
	exports_close(&exports);
	kernel_close(&kernel);
	source_close(&source);
	return verdict;
}

Test(preflight_judge_load, the_release_alone_refuses)
{
	static const char path[] = "tests/data/captures/7.zst";
	static const char of_6_1[] = "vermagic=6.1.0-57-amd64 SMP preempt mod_unload ";

	cr_expect_eq(ask_capture(path, of_6_1, false, "vermagic"), FINDING_REFUSED);
	cr_expect_eq(ask_capture(path, of_6_1, true, "vermagic"), FINDING_REFUSED);
	/* With CRCs the release may be another one of the same series. */
	cr_expect_eq(ask_capture(path, "vermagic=7.3.0-1-amd64 SMP ", false, "vermagic"),
		     FINDING_REFUSED);
	cr_expect_eq(ask_capture(path, "vermagic=7.3.0-1-amd64 SMP ", true, "not-tested"),
		     FINDING_UNDECIDED);
}

/* A kernel that Debian's compiler built from a source of somebody's: whether it refuses a
 * module without versions is not known.
 */
Test(preflight_judge_load, versions_of_a_kernel_that_is_not_debians)
{
	cr_expect_eq(
		ask_capture(
			"tests/data/captures/kcfi-randstruct.zst",
			"vermagic=6.12.118 SMP mod_unload modversions RANDSTRUCT_"
			"02356ea72777fc55312bfad525689cace05749019a3aa5489e6c9321448e65b9",
			true, "no-symbol-version"),
		FINDING_UNDECIDED);
}

Test(preflight_judge_load, what_a_capture_lacks_is_not_tested)
{
	cr_expect_eq(ask_capture("tests/data/captures/7.zst",
				 "vermagic=7.3.4+deb13-amd64 SMP preempt mod_unload ",
				 false, "not-tested"),
		     FINDING_UNDECIDED);
}

Test(preflight_judge_load, crc_of_struct_module)
{
	struct exported layout = {.name = "module_layout",
				  .address = 0xffffffff81000100,
				  .crc = 0x11,
				  .has_crc = true};
	unsigned char versions[1][64] = {{0x11}};
	struct ko_section section = ALLOCATED("__versions", versions);
	static struct look of;

	strcpy((char *)versions[0] + 8, "module_layout");
	look(&of, &section, 1, &layout);
	cr_expect_null(look_find(&of, "symbol-crc"));
	look_away(&of);
	layout.crc++;
	look(&of, &section, 1, &layout);
	cr_expect_not_null(look_find(&of, "symbol-crc"));
	look_away(&of);
}
