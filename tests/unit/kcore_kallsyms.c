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
		struct kallsyms *table;
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
	struct kallsyms *table;
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
	struct kallsyms *table;
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

struct same {
	struct kallsyms *one, *other;
	size_t expected[4096], nr, at;
};

static void expect_next(void *ctx, size_t i)
{
	struct same *same = ctx;

	if (same->nr < sizeof(same->expected) / sizeof(same->expected[0]))
		same->expected[same->nr++] = i;
}

static void is_next(void *ctx, size_t i)
{
	struct same *same = ctx;

	cr_expect_eq(i, same->expected[same->at++]);
}

static void expect_found(void *ctx, size_t name, size_t i)
{
	expect_next(ctx, name << 32 | i);
}

static void is_found(void *ctx, size_t name, size_t i)
{
	is_next(ctx, name << 32 | i);
}

static void expect_same_prefixes(struct same *same)
{
	static const char *const prefixes[] = {"security_", "__cfi_", "init_",
					       "",	    "~",      "apparmor_hooks."};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		same->nr = same->at = 0;
		kallsyms_each(same->one, prefixes[i], expect_next, same);
		/* Of the empty prefix there are more than fit. */
		if (same->nr == sizeof(same->expected) / sizeof(same->expected[0]))
			continue;
		kallsyms_each(same->other, prefixes[i], is_next, same);
		cr_expect_eq(same->at, same->nr, "%s", prefixes[i]);
	}
}

static void expect_same_names(struct same *same)
{
	static const char *const absent[] = {
		"", "0", "nothing", "~", "apparmor_hook", "apparmor_hookss"};
	/* Several have the first two. */
	static const char *const many[] = {"__func__.0", "init_once", "_stext",
					   "nothing",	 "_stext",    "modprobe_path"};
	char name[KALLSYMS_NAME_BYTES], again[KALLSYMS_NAME_BYTES];
	struct kallsyms *one = same->one, *other = same->other;

	for (size_t i = 0; i < one->nr; i += 41) {
		size_t from = i % 2 ? i : 0;
		char type = kallsyms_name(one, i, name);

		cr_expect_eq(kallsyms_find(other, name, from),
			     kallsyms_find(one, name, from), "%s", name);
		other->nr_made = 0;
		cr_expect_eq(kallsyms_name(other, i, again), type);
		cr_expect_str_eq(again, name);
	}
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		cr_expect_eq(kallsyms_find(other, absent[i], 0), other->nr);
	same->nr = same->at = 0;
	kallsyms_find_many(one, sizeof(many) / sizeof(many[0]), many, expect_found, same);
	kallsyms_find_many(other, sizeof(many) / sizeof(many[0]), many, is_found, same);
	cr_expect_gt(same->nr, 6);
	cr_expect_eq(same->at, same->nr);
}

/* What the order of names gives is what looking at each name gives. The captures of 6.12
 * and 7 have no such table.
 */
Test(kcore_kallsyms, order_misses_nothing)
{
	static struct same same;
	struct kallsyms table;
	struct elfcore live;
	struct source source;
	struct kernel kernel;

	open_capture("6.1", &source, &kernel);
	live = kernel.core;
	live.is_live = true;
	cr_assert_eq(kallsyms_read(&table, &live, &kernel.info, kernel.image_to_pa), 0);
	cr_assert_null(kernel.symbols.table->order);
	cr_assert_not_null(table.order);
	cr_expect_null(table.name_at);
	same.one = kernel.symbols.table;
	same.other = &table;
	expect_same_names(&same);
	cr_expect_null(table.name_at);
	expect_same_prefixes(&same);
	kallsyms_close(&table);
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
