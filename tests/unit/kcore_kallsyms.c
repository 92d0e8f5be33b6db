/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of three real kernels, whose offsets are of three forms. */
#include "kcore/kallsyms.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kcore/open.h"

static void open_capture(const char *name, struct source *source, struct kernel *kernel)
{
	struct error err = {0};
	char path[64];

	snprintf(path, sizeof(path), "tests/data/captures/%s.zst", name);
	cr_assert_eq(source_open_core(source, path, &err), 0, "%s", err.message);
	cr_assert_eq(kernel_open(kernel, source, &err), 0, "%s", err.message);
}

Test(kcore_kallsyms, forms)
{
	static const struct {
		const char *name;
		enum kallsyms_form form;
		size_t min_symbols;
	} kernels[] = {
		{"6.1", KALLSYMS_ABSOLUTE_PERCPU, 90000},
		{"6.12", KALLSYMS_ABSOLUTE_PERCPU, 150000},
		{"7", KALLSYMS_PC_RELATIVE, 150000},
	};

	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		const struct kallsyms *table;
		char name[KALLSYMS_NAME_BYTES];
		struct source source;
		struct kernel kernel;
		size_t at;

		open_capture(kernels[i].name, &source, &kernel);
		table = kernel.symbols.table;
		cr_assert_not_null(table, "%s", kernels[i].name);
		cr_expect_eq(table->form, kernels[i].form, "%s: %d", kernels[i].name,
			     table->form);
		cr_expect_gt(table->nr, kernels[i].min_symbols);
		at = kallsyms_find(table, "modprobe_path", 0);
		cr_assert_lt(at, table->nr);
		kallsyms_name(table, at, name);
		cr_expect_str_eq(name, "modprobe_path");
		cr_expect_eq(kallsyms_find(table, "modprobe_path", at + 1), table->nr);
		cr_expect_eq(kallsyms_find(table, "modprobe_pat", 0), table->nr);
		kernel_close(&kernel);
		source_close(&source);
	}
}

/* Every name that comes out is found again, at its own or an earlier place. */
Test(kcore_kallsyms, names_are_found_again)
{
	static const char *const names[] = {"_stext", "init_mm", "nothing_of_the_kind"};
	char name[KALLSYMS_NAME_BYTES];
	const struct kallsyms *table;
	struct source source;
	struct kernel kernel;
	uint64_t many[3];

	open_capture("6.1", &source, &kernel);
	table = kernel.symbols.table;
	for (size_t i = 0; i < table->nr; i += 997) {
		char type = kallsyms_name(table, i, name);

		cr_expect(strchr("aAbBdDrRtTvVwW", type), "%s: %c", name, type);
		cr_expect_leq(kallsyms_find(table, name, 0), i, "%s", name);
		cr_expect_eq(kallsyms_find(table, name, i), i, "%s", name);
	}
	cr_assert_eq(symbols_addresses(&kernel.symbols, 3, names, many), 0);
	for (size_t j = 0; j < 2; j++)
		cr_expect_eq(many[j],
			     kallsyms_address(table, kallsyms_find(table, names[j], 0)));
	cr_expect_eq(many[2], 0);
	kernel_close(&kernel);
	source_close(&source);
}

struct count {
	const struct kallsyms *table;
	size_t nr, last;
};

static void count_one(void *ctx, size_t i)
{
	char name[KALLSYMS_NAME_BYTES];
	struct count *count = ctx;

	kallsyms_name(count->table, i, name);
	cr_expect_eq(strncmp(name, "security_", 9), 0, "%s", name);
	cr_expect(count->nr == 0 || i > count->last);
	count->last = i;
	count->nr++;
}

/* The quick ways give what expanding every name gives. */
Test(kcore_kallsyms, quick_ways_miss_nothing)
{
	static char texts[400][KALLSYMS_NAME_BYTES];
	const char *names[400];
	uint64_t many[400], expected[400];
	size_t nr = 0, nr_prefixed = 0;
	char name[KALLSYMS_NAME_BYTES];
	struct count count = {0};
	struct source source;
	struct kernel kernel;

	open_capture("7", &source, &kernel);
	count.table = kernel.symbols.table;
	for (size_t i = 0; i < count.table->nr; i++) {
		kallsyms_name(count.table, i, name);
		nr_prefixed += strncmp(name, "security_", 9) == 0;
		if (i % 499 || nr == 400 || !name[0])
			continue;
		names[nr] = memcpy(texts[nr], name, sizeof(name));
		expected[nr++] = kallsyms_address(count.table,
						  kallsyms_find(count.table, name, 0));
	}
	cr_assert_gt(nr, 300);
	cr_assert_eq(symbols_addresses(&kernel.symbols, nr, names, many), 0);
	for (size_t j = 0; j < nr; j++)
		cr_expect_eq(many[j], expected[j], "%s", names[j]);
	kallsyms_each(count.table, "security_", count_one, &count);
	cr_expect_gt(nr_prefixed, 200);
	cr_expect_eq(count.nr, nr_prefixed);
	kernel_close(&kernel);
	source_close(&source);
}

/* Tables that are said to lie elsewhere are refused, not read as garbage. */
Test(kcore_kallsyms, misplaced_tables)
{
	static const char *const keys[] = {
		"kallsyms_num_syms",	"kallsyms_names",   "kallsyms_token_table",
		"kallsyms_token_index", "kallsyms_offsets", "kallsyms_relative_base"};
	struct source source;
	struct kernel kernel;
	char text[8192];

	open_capture("6.1", &source, &kernel);
	cr_assert_lt(kernel.info.size_bytes, sizeof(text));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		/* Each digit of the address changed in turn; the key's last letter, too.
		 */
		for (int digit = -3; digit < 16; digit++) {
			struct vmcoreinfo info = {.text = text,
						  .size_bytes = kernel.info.size_bytes};
			struct kallsyms table;
			char *at;
			int r;

			memcpy(text, kernel.info.text, kernel.info.size_bytes);
			text[kernel.info.size_bytes] = '\0';
			at = strstr(text, keys[i]);
			cr_assert_not_null(at, "%s", keys[i]);
			at += (int)strlen(keys[i]) + 2 + digit;
			*at = *at == '7' ? '8' : '7';
			r = kallsyms_read(&table, &kernel.core, &info,
					  kernel.image_to_pa);
			/* The base alone may still give _stext by another form: never
			 * wrongly. */
			if (r == 0) {
				cr_expect_eq(kallsyms_address(
						     &table,
						     kallsyms_find(&table, "_stext", 0)),
					     kallsyms_address(
						     kernel.symbols.table,
						     kallsyms_find(kernel.symbols.table,
								   "_stext", 0)),
					     "%s %d", keys[i], digit);
				kallsyms_close(&table);
			}
		}
	}
	kernel_close(&kernel);
	source_close(&source);
}
