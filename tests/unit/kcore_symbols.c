/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/symbols.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"

static int read_text(const char *text, size_t bytes, struct symbols *symbols,
		     struct error *err)
{
	int fd = memfd_create("kallsyms", MFD_CLOEXEC), r;

	cr_assert_eq(write(fd, text, bytes), (ssize_t)bytes);
	lseek(fd, 0, SEEK_SET);
	r = symbols_read(symbols, &(struct listing_text){.fd = fd, .path = "kallsyms"},
			 err);
	close(fd);
	return r;
}

static void load(struct symbols *symbols)
{
	struct error err = {0};

	cr_assert_eq(read_text(fake_kallsyms, strlen(fake_kallsyms), symbols, &err), 0,
		     "%s", err.message);
}

Test(kcore_symbols, every_homonym_is_found)
{
	struct symbols symbols;
	const struct symbol *symbol = NULL;
	static const uint64_t addresses[] = {0xffffffff81200100, 0xffffffff81301000};

	load(&symbols);
	for (size_t i = 0; i < 2; i++) {
		symbol = symbols_find(&symbols, "bpf_lsm_hooks", NULL, symbol);
		cr_assert_not_null(symbol);
		cr_expect_eq(symbol->address, addresses[i]);
	}
	cr_expect_null(symbols_find(&symbols, "bpf_lsm_hooks", NULL, symbol));
	symbols_close(&symbols);
}

Test(kcore_symbols, modules_are_told_apart)
{
	struct symbols symbols;
	const struct symbol *symbol;

	load(&symbols);
	symbol = symbols_find(&symbols, "apparmor_hooks", "testmod", NULL);
	cr_assert_not_null(symbol);
	cr_expect_eq(symbol->address, 0xffffffffc0000000);
	cr_expect_str_eq(symbol->module, "testmod");
	symbol = symbols_find(&symbols, "apparmor_hooks", "vmlinux", NULL);
	cr_assert_not_null(symbol);
	cr_expect_null(symbol->module);
	cr_expect_null(symbols_find(&symbols, "apparmor_hooks", "othermod", NULL));
	cr_expect_null(symbols_find(&symbols, "apparmor_hook", NULL, NULL));
	symbols_close(&symbols);
}

/* The index that many look-ups build must answer as the scan does. */
Test(kcore_symbols, index_agrees_with_scan)
{
	struct symbols scanned, indexed;
	const struct symbol *symbol;

	load(&scanned);
	load(&indexed);
	for (int i = 0; i < 100; i++)
		symbols_find(&indexed, "nothing", NULL, NULL);
	cr_assert_not_null(indexed.by_name.heads);
	for (size_t i = 0; (symbol = symbols_nth(&scanned, i)); i++) {
		const struct symbol *a = NULL, *b = NULL;

		do {
			scanned.nr_lookups = 0;
			a = symbols_find(&scanned, symbol->name, NULL, a);
			b = symbols_find(&indexed, symbol->name, NULL, b);
			cr_assert_eq(a != NULL, b != NULL, "%s", symbol->name);
			if (a)
				cr_expect_eq(a->address, b->address, "%s", symbol->name);
		} while (a);
	}
	symbols_close(&scanned);
	symbols_close(&indexed);
}

Test(kcore_symbols, by_address)
{
	struct symbols symbols;
	uint64_t next;

	load(&symbols);
	cr_expect_str_eq(symbols_at(&symbols, 0xffffffff81000100)->name, "do_one_thing");
	cr_expect_str_eq(symbols_at(&symbols, 0xffffffff810000ff)->name, "_text");
	cr_expect_str_eq(symbols_at(&symbols, 0xffffffffc0000fff)->name, "init_it");
	cr_expect(symbols_next_address(&symbols, 0xffffffff81300000, &next));
	cr_expect_eq(next, 0xffffffff81300ac0);
	cr_expect(symbols_next_address(&symbols, 0xffffffff81603000, &next));
	cr_expect_eq(next, 0xffffffffc0000000);
	cr_expect_not(symbols_next_address(&symbols, 0xffffffffc0000000, &next));
	symbols_close(&symbols);
}

/* Modules' symbols follow unsorted; look-ups by address must not care. */
Test(kcore_symbols, unsorted_tail)
{
	static const char text[] = "ffffffff81000000 T _text\n"
				   "ffffffff81000200 T b\n"
				   "ffffffffc0200000 t z\t[m2]\n"
				   "ffffffffc0100000 t y\t[m1]\n"
				   "ffffffffc0100080 t x\t[m1]\n"
				   "ffffffff81000100 t low\t[bpf]\n";
	struct error err = {0};
	struct symbols symbols;
	uint64_t next;

	cr_assert_eq(read_text(text, strlen(text), &symbols, &err), 0);
	cr_expect_str_eq(symbols_at(&symbols, 0xffffffffc0100090)->name, "x");
	cr_expect_str_eq(symbols_at(&symbols, 0xffffffff81000150)->name, "low");
	cr_expect_str_eq(symbols_at(&symbols, 0xffffffffffffffff)->name, "z");
	cr_expect_null(symbols_at(&symbols, 0xffffffff80000000));
	cr_expect(symbols_next_address(&symbols, 0xffffffff81000000, &next));
	cr_expect_eq(next, 0xffffffff81000100);
	cr_expect(symbols_next_address(&symbols, 0xffffffffc0100080, &next));
	cr_expect_eq(next, 0xffffffffc0200000);
	symbols_close(&symbols);
}

Test(kcore_symbols, many_addresses_in_one_pass)
{
	static const char *const names[] = {"_etext", "_end", "no_such_name",
					    "apparmor_hooks"};
	uint64_t addresses[4];
	struct symbols symbols;

	load(&symbols);
	cr_assert_eq(symbols_addresses(&symbols, 4, names, addresses), 0);
	cr_expect_eq(addresses[0], 0xffffffff811fff00);
	cr_expect_eq(addresses[1], 0xffffffff81603000);
	cr_expect_eq(addresses[2], 0);
	cr_expect_eq(addresses[3], 0xffffffff81300000);
	symbols_close(&symbols);
}

static void count_starts(void *ctx, const struct symbol *symbol)
{
	size_t *nr = ctx;

	cr_expect_eq(strncmp(symbol->name, "__start_", 8), 0, "%s", symbol->name);
	cr_expect_null(symbol->module);
	(*nr)++;
}

static void note_address(void *ctx, size_t name, uint64_t address)
{
	uint64_t *addresses = ctx;

	addresses[name] = address;
}

/* As kallsyms of a 6.12 has it that clang's ThinLTO made. */
Test(kcore_symbols, statics_that_clang_made_visible_are_found)
{
	static const char text[] = "ffffffff81000000 T _text\n"
				   "ffffffff81000010 d modules.llvm.5738214\n"
				   "ffffffff81000020 d twice.llvm.1\n"
				   "ffffffff81000030 d twice.llvm.2\n"
				   "ffffffff81000040 d both.llvm.3\n"
				   "ffffffff81000050 D both\n"
				   "ffffffff81000060 t split.llvm.7.cold\n";
	static const char *const names[] = {"modules", "twice", "both", "split", "_text"};
	static const uint64_t expected[] = {0xffffffff81000010, 0, 0xffffffff81000050, 0,
					    0xffffffff81000000};
	struct symbols symbols;
	struct error err = {0};
	uint64_t found[5] = {0}, va;

	cr_assert_eq(read_text(text, strlen(text), &symbols, &err), 0, "%s", err.message);
	cr_expect_not(symbols_address(&symbols, "modules", &va));
	symbols.has_promoted = true;
	cr_expect_eq(symbols_find_many(&symbols, 5, names, note_address, found), 0);
	for (size_t i = 0; i < 5; i++) {
		cr_expect_eq(found[i], expected[i], "%s", names[i]);
		va = 0;
		cr_expect_eq(symbols_address(&symbols, names[i], &va), expected[i] != 0);
		cr_expect_eq(va, expected[i], "%s", names[i]);
	}
	symbols_close(&symbols);
}

Test(kcore_symbols, each_of_a_prefix)
{
	struct symbols symbols;
	size_t nr = 0;

	load(&symbols);
	symbols_each(&symbols, "__start_", count_starts, &nr);
	cr_expect_eq(nr, 2);
	symbols_close(&symbols);
}

Test(kcore_symbols, nearest_names)
{
	struct symbols symbols;
	struct nearest nearest = {.name = "aparmor_hoks"};

	load(&symbols);
	symbols_nearest(&symbols, &nearest);
	cr_assert_geq(nearest.nr, 1);
	cr_expect_str_eq(nearest.found[0], "apparmor_hooks");
	symbols_close(&symbols);
}

/* What the kernel has beside its own symbols, now. */
static const char *other;

static int read_other(void *ctx, struct symbol_array *ret, struct strings *names)
{
	const struct symbol symbol = {.address = 0xffffffffc0000000,
				      .name = strings_keep(names, other),
				      .module = strings_keep(names, "good"),
				      .type = 't'};

	(void)ctx;
	return symbol_array_add(ret, &symbol);
}

/* The kernel's own are from a capture's tables. */
Test(kcore_symbols, the_others_are_read_anew)
{
	struct error err = {0};
	struct source source;
	struct kernel kernel;
	struct symbols *symbols = &kernel.symbols;

	cr_assert_eq(source_open_core(&source, "tests/data/captures/6.12.zst", &err), 0,
		     "%s", err.message);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	symbols->source = (struct listing_text){.fd = -1};
	symbols->read_others = read_other;
	for (int is_indexed = 0; is_indexed < 2; is_indexed++) {
		symbols_forget_others(symbols);
		other = "first_of_good";
		if (is_indexed)
			symbols_index(symbols);
		cr_expect_not_null(symbols_find(symbols, "first_of_good", NULL, NULL));
		other = "second_of_good";
		cr_expect_null(symbols_find(symbols, "second_of_good", NULL, NULL));
		symbols_forget_others(symbols);
		cr_expect_not_null(symbols_find(symbols, "second_of_good", NULL, NULL));
		cr_expect_null(symbols_find(symbols, "first_of_good", NULL, NULL));
		cr_expect_str_eq(symbols_at(symbols, 0xffffffffc0000000)->name,
				 "second_of_good");
		cr_expect_not_null(symbols_find(symbols, "_stext", NULL, NULL));
	}
	kernel_close(&kernel);
	source_close(&source);
}

/* 5.10 has its names in /proc/kallsyms alone, and they change while we look. */
Test(kcore_symbols, the_others_of_a_text_are_read_anew)
{
	static const char before[] = "ffffffff81000000 T _stext\n"
				     "ffffffffc0000000 t ftrace_trampoline\t"
				     "[__builtin__ftrace]\n"
				     "ffffffffc0000000 t storm_init\t[storm]\n",
			  after[] = "ffffffff81000000 T _stext\n"
				    "ffffffffc0001000 t f\t[late]\n";
	int fd = memfd_create("kallsyms", MFD_CLOEXEC);
	struct error err = {0};
	struct symbols symbols;
	const struct symbol *own;

	cr_assert_eq(write(fd, before, strlen(before)), (ssize_t)strlen(before));
	lseek(fd, 0, SEEK_SET);
	cr_assert_eq(symbols_read(&symbols,
				  &(struct listing_text){.fd = fd, .path = "kallsyms"},
				  &err),
		     0, "%s", err.message);
	own = symbols_find(&symbols, "_stext", NULL, NULL);
	cr_expect(symbols_has_at(&symbols, 0xffffffffc0000000, "storm"));
	cr_expect(symbols_has_at(&symbols, 0xffffffffc0000000, "__builtin__ftrace"));
	cr_expect_not(symbols_has_at(&symbols, 0xffffffffc0000001, "storm"));
	cr_expect_not(symbols_has_at(&symbols, 0xffffffffc0000000, "late"));
	cr_assert_eq(ftruncate(fd, 0), 0);
	cr_assert_eq(pwrite(fd, after, strlen(after), 0), (ssize_t)strlen(after));
	cr_expect_null(symbols_find(&symbols, "f", "late", NULL),
		       "not before it is asked");
	symbols_forget_others(&symbols);
	cr_expect_null(symbols_find(&symbols, "storm_init", NULL, NULL));
	cr_expect_str_eq(symbols_at(&symbols, 0xffffffffc0001004)->name, "f");
	cr_expect_eq(symbols_find(&symbols, "_stext", NULL, NULL), own);
	cr_expect_str_eq(own->name, "_stext");
	close(fd);
	symbols_forget_others(&symbols);
	cr_expect_str_eq(symbols_at(&symbols, 0xffffffffc0001004)->name, "f",
			 "what cannot be read again stays");
	symbols_close(&symbols);
}
