/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/parameters.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "ko.h"
#include "module/relocate.h"

static const uint64_t BASE = 0xffffffffc0000000, OPS = 0xffffffff81234560;

static int resolve(void *ctx, const char *name, uint64_t *ret)
{
	(void)ctx;
	if (strncmp(name, "param_", 6) != 0)
		return -ENOENT;
	*ret = OPS;
	return 0;
}

/* struct kernel_param of 40 bytes: name at 0, ops at 16, the file's mode at 24, the
 * variable at 32. Symbols of the module below: 1 the names, 2 the variables, 3 the
 * functions, 4 operations of its own, 5 and on the kernel's.
 */
enum { NAMES = 1, VARIABLES, FUNCTIONS, OWN_OPS, INT_OPS, BOOL_OPS, CHARP_OPS };
enum { NR_PARAMETERS = 4 };

#define POINTER(at, symbol, addend)                                            \
	{                                                                      \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, R_X86_64_64), \
		.r_addend = (addend)                                           \
	}
#define PARAMETER(i, name, ops, variable)                               \
	POINTER(40 * (i), NAMES, name), POINTER(40 * (i) + 16, ops, 0), \
		POINTER(40 * (i) + 32, VARIABLES, variable)

static struct kofile file;
static struct modimage mod;

static void setup(void)
{
	static const char names[] = "an_int\0a_bool\0a_string\0own";
	static const Elf64_Rela rela[] = {
		PARAMETER(0, 0, INT_OPS, 0),
		PARAMETER(1, 7, BOOL_OPS, 8),
		PARAMETER(2, 14, CHARP_OPS, 16),
		PARAMETER(3, 23, OWN_OPS, 24),
	};
	/* struct kernel_param_ops: set at 8. */
	static const Elf64_Rela own_ops[] = {POINTER(8, FUNCTIONS, 4)};
	static unsigned char table[40 * NR_PARAMETERS];
	static const unsigned char zeros[32];
	const struct ko ko = {
		.sections = {{"__param", SHF_ALLOC, 0, table, sizeof(table), rela, 12},
			     {".rodata.str1.1", SHF_ALLOC, 0, names, sizeof(names), NULL,
			      0},
			     {".data", SHF_ALLOC | SHF_WRITE, 0, zeros, 32, NULL, 0},
			     {".text", SHF_ALLOC | SHF_EXECINSTR, 0, zeros, 32, NULL, 0},
			     {".rodata", SHF_ALLOC, 0, zeros, 32, own_ops, 1}},
		.nr_sections = 5,
		.symbols = {{"names", 2, 0, STT_OBJECT, STB_LOCAL, sizeof(names)},
			    {"variables", 3, 0, STT_OBJECT, STB_LOCAL, 32},
			    {"functions", 4, 0, STT_FUNC, STB_LOCAL, 32},
			    {"own_ops", 5, 0, STT_OBJECT, STB_LOCAL, 32},
			    {"param_ops_int", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"param_ops_bool", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"param_ops_charp", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 7,
	};
	static const struct modsection_rules rules;

	table[24] = 0x24; /* 0644 */
	table[25] = 0x01;
	ko_parse(&ko, &file);
	cr_assert_eq(modimage_layout(&mod, &file, &rules), 0);
	modimage_move(&mod, BASE, 0);
	cr_assert_eq(relocate_resolve(&mod, resolve, NULL), 0);
	cr_assert_eq(relocate_load(&mod), 0);
	cr_assert_eq(mod.nr_problems, 0);
}

static void teardown(void)
{
	modimage_close(&mod);
	kofile_close(&file);
}

TestSuite(module_parameters, .init = setup, .fini = teardown);

Test(module_parameters, what_the_table_says)
{
	uint64_t variables = mod.sections[3].va;
	struct parameters parameters;

	cr_assert_eq(parameters_read(&parameters, &mod, NULL, 0), 0);
	cr_assert_eq(parameters.nr, NR_PARAMETERS);
	cr_expect_not(parameters_are_given(&parameters));
	cr_expect_str_eq(parameters.array[0].name, "an_int");
	cr_expect_str_eq(parameters.array[0].ops, "param_ops_int");
	cr_expect_eq(parameters.array[0].mode, 0x124);
	cr_expect_eq(parameters.array[0].target, variables);
	cr_expect_eq(parameters.array[0].bytes, 4);
	cr_expect_eq(parameters.array[1].bytes, 1);
	cr_expect_eq(parameters.array[2].bytes, 8);
	cr_expect_eq(parameters.array[2].entry, mod.sections[1].va + 80);
	/* What its own function writes is not known. */
	cr_expect_eq(parameters.array[3].handler, mod.sections[4].va + 4);
	cr_expect_eq(parameters.array[3].target, 0);
	cr_expect_eq(parameters_at(&parameters, variables + 8), &parameters.array[1]);
	cr_expect_null(parameters_at(&parameters, variables + 4));
	cr_expect_null(parameters_at(&parameters, 0));
	parameters_free(&parameters);
}

/* As kernel/params.c takes them. */
Test(module_parameters, values)
{
	static const struct {
		const char *word;
		size_t parameter; /* NR_PARAMETERS: none is given */
		bool has_value;
		uint64_t value;
	} rows[] = {
		{"an_int=5", 0, true, 5},
		{"an-int=0x10", 0, true, 16},
		{"an_int=-1", 0, true, UINT64_MAX},
		{"an_int=5x", 0, false, 0},
		{"an_int=", 0, false, 0},
		{"an_int=99999999999999999999", 0, false, 0},
		{"a_bool", 1, true, 1},
		{"a_bool=N", 1, true, 0},
		{"a_bool=off", 1, true, 0},
		{"an_int=99999999999999", 0, false, 0},
		{"\"an_int\"=5", NR_PARAMETERS, false, 0},
		{"\"an_int=5\"", 0, true, 5},
		{"an_int=\"5\"", 0, true, 5},
		{"-- an_int=5", NR_PARAMETERS, false, 0},
		{"other=1 an_int=5", 0, true, 5},
		{" a_bool  ", 1, true, 1},
		{"a_bool=1", 1, true, 1},
		{"a_string=5", 2, false, 0},
		{"own=5", 3, false, 0},
		{"an_in=5", NR_PARAMETERS, false, 0},
		{"an_integer=5", NR_PARAMETERS, false, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct parameters parameters;

		cr_assert_eq(parameters_read(&parameters, &mod, &rows[i].word, 1), 0);
		for (size_t j = 0; j < NR_PARAMETERS; j++)
			cr_expect_eq(parameters.array[j].is_given, j == rows[i].parameter,
				     "%s: %zu", rows[i].word, j);
		if (rows[i].parameter < NR_PARAMETERS) {
			const struct parameter *given =
				&parameters.array[rows[i].parameter];

			cr_expect_eq(given->has_value, rows[i].has_value, "%s",
				     rows[i].word);
			if (given->has_value)
				cr_expect_eq(given->value, rows[i].value, "%s",
					     rows[i].word);
		}
		parameters_free(&parameters);
	}
}

Test(module_parameters, the_last_of_two_counts)
{
	static const char *const words[] = {"an_int=5", "an_int=7"};
	struct parameters parameters;

	cr_assert_eq(parameters_read(&parameters, &mod, words, 2), 0);
	cr_expect(parameters_are_given(&parameters));
	cr_expect_eq(parameters.array[0].value, 7);
	parameters_free(&parameters);
}

Test(module_parameters, what_becomes_of_each_word)
{
	static const char *const words[] = {"an_int=x", "nosuch=1", "own=2",
					    "a_string=\"two words\"", "a_bool"};
	static const struct {
		const char *name, *value;
		int parameter;
		enum paramvalue_status status;
	} rows[] = {
		{"an_int", "x", 0, PARAMVALUE_REJECTED},
		{"nosuch", "1", -1, PARAMVALUE_NOT_TESTED},
		{"own", "2", 3, PARAMVALUE_NOT_TESTED},
		{"a_string", "two words", 2, PARAMVALUE_TAKEN},
		{"a_bool", NULL, 1, PARAMVALUE_TAKEN},
	};
	struct parameters parameters;

	cr_assert_eq(parameters_read(&parameters, &mod, words, 5), 0);
	cr_assert_eq(parameters.nr_arguments, 5);
	for (size_t i = 0; i < 5; i++) {
		const struct argument *argument = &parameters.arguments[i];

		cr_expect_str_eq(argument->name, rows[i].name);
		if (rows[i].value)
			cr_expect_str_eq(argument->value, rows[i].value);
		else
			cr_expect_null(argument->value);
		cr_expect_eq(argument->parameter,
			     rows[i].parameter < 0
				     ? NULL
				     : &parameters.array[rows[i].parameter]);
		cr_expect_eq(argument->status, rows[i].status, "%s", rows[i].name);
	}
	cr_expect_not(parameters.array[0].is_written);
	cr_expect(parameters.array[1].is_written);
	parameters_free(&parameters);
}

/* struct kparam_array { unsigned max, elemsize, *num; ops; void *elem; } at 0 and struct
 * kparam_string { unsigned maxlen; char *string; } at 32 of .data.
 */
Test(module_parameters, arrays_and_strings)
{
	static const struct {
		const char *word;
		enum paramvalue_status status;
		int errnum;
	} rows[] = {
		{"array=1,2,3", PARAMVALUE_TAKEN, 0},
		{"array=1", PARAMVALUE_TAKEN, 0},
		{"array=1,2,3,4", PARAMVALUE_REJECTED, EINVAL},
		{"array=1,,3", PARAMVALUE_REJECTED, EINVAL},
		{"array=1,99999999999", PARAMVALUE_REJECTED, ERANGE},
		{"array=", PARAMVALUE_REJECTED, EINVAL},
		{"array", PARAMVALUE_REJECTED, EINVAL},
		{"string=1234567", PARAMVALUE_TAKEN, 0},
		{"string=12345678", PARAMVALUE_REJECTED, ENOSPC},
		{"string", PARAMVALUE_REJECTED, EINVAL},
	};
	static const Elf64_Rela table_rela[] = {
		POINTER(0, 1, 0),  POINTER(16, 3, 0), POINTER(32, 2, 0),
		POINTER(40, 1, 6), POINTER(56, 4, 0), POINTER(72, 2, 32),
	};
	static const Elf64_Rela data_rela[] = {POINTER(16, 5, 0), POINTER(24, 2, 48),
					       POINTER(40, 2, 48)};
	static const unsigned char data[64] = {[0] = 3, [4] = 4, [32] = 8};
	static const unsigned char entries[80];
	const struct ko ko = {
		.sections = {{"__param", SHF_ALLOC, 0, entries, 80, table_rela, 6},
			     {".rodata.str1.1", SHF_ALLOC, 0, "array\0string", 13, NULL,
			      0},
			     {".data", SHF_ALLOC | SHF_WRITE, 0, data, 64, data_rela, 3}},
		.nr_sections = 3,
		.symbols = {{"names", 2, 0, STT_OBJECT, STB_LOCAL, 13},
			    {"data", 3, 0, STT_OBJECT, STB_LOCAL, 64},
			    {"param_array_ops", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"param_ops_string", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"param_ops_int", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 5,
	};
	static const struct modsection_rules rules;
	struct kofile of;
	struct modimage image;

	ko_parse(&ko, &of);
	cr_assert_eq(modimage_layout(&image, &of, &rules), 0);
	modimage_move(&image, BASE, 0);
	cr_assert_eq(relocate_resolve(&image, resolve, NULL), 0);
	cr_assert_eq(relocate_load(&image), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct parameters parameters;

		cr_assert_eq(parameters_read(&parameters, &image, &rows[i].word, 1), 0);
		cr_assert_eq(parameters.nr_arguments, 1);
		cr_expect_eq(parameters.arguments[0].status, rows[i].status, "%s",
			     rows[i].word);
		cr_expect_eq(parameters.arguments[0].errnum, rows[i].errnum, "%s",
			     rows[i].word);
		parameters_free(&parameters);
	}
	modimage_close(&image);
	kofile_close(&of);
}
