/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/judge_data.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

/* In a kernel whose sealed object has a name that no module has business with. */
static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 T param_ops_int\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81200100 R sys_call_table\n"
			       "ffffffff81200200 R next\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81600000 B _end\n";

static struct look look;

static void look_at_data(const struct ko_section *sections, size_t nr_sections,
			 const struct ko_symbol *symbols, size_t nr_symbols)
{
	struct ko ko = {.nr_sections = nr_sections, .nr_symbols = nr_symbols};

	memcpy(ko.sections, sections, nr_sections * sizeof(*sections));
	memcpy(ko.symbols, symbols, nr_symbols * sizeof(*symbols));
	look_at_in(&look, NULL, kallsyms, &ko);
}

static const struct ko_section init_text = {
	".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0};
static const struct ko_symbol init = {"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 1};

static const struct finding *find_name(const char *strings, size_t size_bytes,
				       const char *section, uint64_t flags)
{
	const struct ko_section sections[] = {
		init_text, {section, flags, 0, strings, size_bytes, NULL, 0}};

	look_at_data(sections, 2, &init, 1);
	return look_find(&look, "name");
}

Test(preflight_judge_data, a_telling_string)
{
	static const char strings[] = "other\0sys_call_table\0more";
	const struct finding *name = find_name(strings, sizeof(strings), ".rodata.str1.1",
					       SHF_ALLOC);

	cr_assert_not_null(name);
	cr_expect_eq(name->verdict, FINDING_SUSPECT);
	cr_expect_str_eq(name->site.section, ".rodata.str1.1");
	cr_expect_eq(name->site.section_offset, 6);
	cr_expect_not_null(strstr(name->note, "\"sys_call_table\""), "%s", name->note);
	look_away(&look);
}

Test(preflight_judge_data, strings_that_tell_nothing)
{
	static const char longer[] = "x86_sys_call_table\0sys_call_table_x",
			  endless[] = {'s', 'y', 's', '_', 'c', 'a', 'l',
				       'l', '_', 't', 'a', 'b', 'l', 'e'},
			  whole[] = "sys_call_table";

	cr_expect_null(find_name(longer, sizeof(longer), ".rodata", SHF_ALLOC));
	look_away(&look);
	cr_expect_null(find_name(endless, sizeof(endless), ".rodata", SHF_ALLOC));
	look_away(&look);
	/* Not loaded: nobody reads it. */
	cr_expect_null(find_name(whole, sizeof(whole), ".comment", 0));
	look_away(&look);
}

/* A name that the dataflow saw looked up is told by what was done with the address. */
Test(preflight_judge_data, a_name_that_was_looked_up)
{
	static const char string[] = "sys_call_table";
	const struct finding *name = find_name(string, sizeof(string), ".rodata",
					       SHF_ALLOC);
	struct flow_lookup lookup;
	const struct flow_events events = {.lookups = &lookup, .nr_lookups = 1};
	size_t nr;

	cr_assert_not_null(name);
	lookup = (struct flow_lookup){.string = name->site.address};
	nr = look.inspect.findings.nr;
	judge_data(&look.inspect.findings, &look.space, &look.inspect.parameters,
		   &events);
	cr_expect_eq(look.inspect.findings.nr, nr);
	lookup.string++;
	judge_data(&look.inspect.findings, &look.space, &look.inspect.parameters,
		   &events);
	cr_expect_eq(look.inspect.findings.nr, nr + 1);
	look_away(&look);
}

static const struct finding *find_pointer(const char *symbol)
{
	static const Elf64_Rela rela[] = {
		{.r_offset = 8, .r_info = ELF64_R_INFO(2, R_X86_64_64), .r_addend = 16}};
	const struct ko_section sections[] = {init_text,
					      {".data", SHF_ALLOC | SHF_WRITE, 0,
					       "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, rela,
					       1}};
	const struct ko_symbol symbols[] = {
		init, {symbol, SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}};

	look_at_data(sections, 2, symbols, 2);
	return look_find(&look, "planted");
}

Test(preflight_judge_data, a_pointer_to_a_sealed_object)
{
	const struct finding *planted = find_pointer("sys_call_table");

	cr_assert_not_null(planted);
	cr_expect_eq(planted->verdict, FINDING_SUSPECT);
	cr_expect_eq(planted->target.address, 0xffffffff81200110);
	cr_expect_str_eq(planted->target.name.symbol, "sys_call_table");
	cr_expect_eq(planted->site.section_offset, 8);
	cr_expect_eq(planted->error_code, 0);
	look_away(&look);
	/* Sealed, but modules may well point to it. */
	cr_expect_null(find_pointer("next"));
	look_away(&look);
}

/* A parameter that sets @variable; @mode: of its file in sysfs. */
static const struct finding *find_parameter(const char *section, uint64_t flags,
					    unsigned char mode_high, bool is_written)
{
	static const Elf64_Rela rela[] = {
		{.r_offset = 0, .r_info = ELF64_R_INFO(2, R_X86_64_64)},
		{.r_offset = 16, .r_info = ELF64_R_INFO(4, R_X86_64_64)},
		{.r_offset = 32, .r_info = ELF64_R_INFO(3, R_X86_64_64)},
	};
	unsigned char entry[40] = {0};
	const struct ko_section sections[] = {
		init_text,
		{"__param", SHF_ALLOC, 0, entry, sizeof(entry), rela, 3},
		{".rodata.str1.1", SHF_ALLOC, 0, "value", 6, NULL, 0},
		{section, flags, 0, "\0\0\0\0\0\0\0", 8, NULL, 0}};
	const struct ko_symbol symbols[] = {
		init,
		{"name", 3, 0, STT_OBJECT, STB_LOCAL, 6},
		{"variable", 4, 0, STT_OBJECT, STB_LOCAL, 8},
		{"param_ops_int", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}};
	const struct flow_events events = {0};

	entry[24] = mode_high; /* 0200: writable by root */
	look_at_data(sections, 4, symbols, 4);
	cr_assert_eq(look.inspect.parameters.nr, 1);
	look.inspect.parameters.array[0].is_written = is_written;
	finding_free(&look.inspect.findings);
	judge_data(&look.inspect.findings, &look.space, &look.inspect.parameters,
		   &events);
	return look_find(&look, "parameter");
}

Test(preflight_judge_data, a_parameter_that_sets_a_constant)
{
	enum { RO = SHF_ALLOC, RW = SHF_ALLOC | SHF_WRITE, WRITABLE = 0200 };
	static const struct {
		const char *section;
		uint64_t flags;
		unsigned char mode;
		bool is_written, is_found;
		enum finding_verdict verdict;
	} rows[] = {
		{".rodata", RO, 0, true, true, FINDING_WOULD_FAULT},
		{".rodata", RO, WRITABLE, false, true, FINDING_SUSPECT},
		{".rodata", RO, 0, false, false, 0},
		{".data", RW, WRITABLE, true, false, 0},
		/* Parameters are set before init runs; the file can be written later. */
		{".data..ro_after_init", RW, 0, true, false, 0},
		{".data..ro_after_init", RW, WRITABLE, true, true, FINDING_SUSPECT},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct finding *found = find_parameter(
			rows[i].section, rows[i].flags, rows[i].mode, rows[i].is_written);

		cr_expect_eq(found != NULL, rows[i].is_found, "row %zu", i);
		if (found) {
			cr_expect_eq(found->verdict, rows[i].verdict, "row %zu", i);
			cr_expect_eq(found->size_bytes, 4, "row %zu", i);
			cr_expect_str_eq(found->target.name.symbol, "variable");
		}
		look_away(&look);
	}
}

/* Hook lists that the kernel's configuration leaves writable: a note, once. */
Test(preflight_judge_data, writable_hooks)
{
	static const char sealed[] = "ffffffff81000000 T _text\n"
				     "ffffffff81000000 T _stext\n"
				     "ffffffff81200000 R __start_rodata\n"
				     "ffffffff81200100 R security_hook_heads\n"
				     "ffffffff81201000 R __end_rodata\n"
				     "ffffffff81600000 B _end\n";
	static const char writable[] = "ffffffff81000000 T _text\n"
				       "ffffffff81000000 T _stext\n"
				       "ffffffff81400000 D _sdata\n"
				       "ffffffff81400100 D security_hook_heads\n"
				       "ffffffff81500000 D _edata\n"
				       "ffffffff81600000 B _end\n";
	static const char strings[] = "other\0security_hook_heads\0security_hook_heads";
	struct ko ko = {
		.sections = {init_text,
			     {".rodata.str1.1", SHF_ALLOC, 0, strings, sizeof(strings),
			      NULL, 0}},
		.nr_sections = 2,
		.symbols = {init},
		.nr_symbols = 1,
	};

	look_at_in(&look, NULL, writable, &ko);
	cr_assert_not_null(look_find(&look, "writable-hooks"));
	cr_expect_eq(look_find(&look, "writable-hooks")->verdict, FINDING_CLEAN);
	cr_expect_not_null(strstr(look_find(&look, "writable-hooks")->note,
				  "sealed on kernels without it"));
	look_away(&look);
	look_at_in(&look, NULL, sealed, &ko);
	cr_expect_null(look_find(&look, "writable-hooks"));
	look_away(&look);
	ko.sections[1].data = "my_security_hook_heads";
	ko.sections[1].size_bytes = 23;
	look_at_in(&look, NULL, writable, &ko);
	cr_expect_null(look_find(&look, "writable-hooks"));
	look_away(&look);
}

/* Where kallsyms lists functions only an object is looked up in vain. */
Test(preflight_judge_data, a_lookup_in_vain)
{
	static const char string[] = "any_object";
	struct flow_lookup lookup = {.is_sure = true};
	const struct flow_events events = {.lookups = &lookup, .nr_lookups = 1};
	struct findings findings = {0};

	find_name(string, sizeof(string), ".rodata", SHF_ALLOC);
	lookup.site = look.inspect.mod.sections[1].va;
	look.space.policy.is_nameless = false;
	judge_data(&findings, &look.space, &look.inspect.parameters, &events);
	cr_expect_eq(findings.nr, 0);
	look.space.policy.is_nameless = true;
	judge_data(&findings, &look.space, &look.inspect.parameters, &events);
	cr_assert_eq(findings.nr, 1);
	cr_expect_eq(findings.array[0].verdict, FINDING_UNDECIDED);
	cr_expect_not_null(strstr(findings.array[0].note, "gets 0"));
	finding_free(&findings);
	look_away(&look);
}

/* Whether the module looks a name up by a kprobe is not to be seen without types. */
Test(preflight_judge_data, a_telling_string_without_types)
{
	static const char string[] = "sys_call_table";
	const struct ko ko = {
		.sections = {init_text,
			     {".rodata", SHF_ALLOC, 0, string, sizeof(string), NULL, 0}},
		.nr_sections = 2,
		.symbols = {init,
			    {"register_kprobe", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 2,
	};

	look_at_in(&look, NULL, kallsyms, &ko);
	cr_assert_not_null(look_find(&look, "name"));
	cr_expect_eq(look_find(&look, "name")->verdict, FINDING_UNDECIDED);
	cr_expect_not_null(strstr(look_find(&look, "name")->note, "struct kprobe"));
	look_away(&look);
}
