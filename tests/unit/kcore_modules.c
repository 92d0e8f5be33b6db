/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbols of one loaded module, from its tables in memory. */
#include "kcore/modules.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400010 d modules\n"
			       "ffffffff81400020 D init_mm\n"
			       "ffffffff81603000 B _end\n";

/* struct module: state 0, list 8, name 24, kallsyms 88, syms 96, num_syms 104. */
static const uint64_t HEAD = SMALL_DATA + 0x10, MODULE = SMALL_DATA + 0x1000,
		      LIST = SMALL_DATA + 0x1008, TABLE = SMALL_DATA + 0x1200,
		      SYMBOLS = SMALL_DATA + 0x1300, LETTERS = SMALL_DATA + 0x1400,
		      EXPORTS = SMALL_DATA + 0x1500, EXPORT_NAME = SMALL_DATA + 0x1600,
		      /* The last bytes that are mapped there. */
	STRINGS = SMALL_MODULE + 0x1000 - 25;
static const char strings[] = "\0init\0shared\0shared_too";

static void (*damage)(void);

static struct btf *make_btf(void)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "unsigned int", 4, 0),
	    word = btf__add_int(btf, "unsigned long", 8, 0);

	btf__add_struct(btf, "module", 0x100);
	btf__add_field(btf, "state", number, 0, 0);
	btf__add_field(btf, "list", word, 64, 0);
	btf__add_field(btf, "name", word, 192, 0);
	btf__add_field(btf, "kallsyms", word, 704, 0);
	btf__add_field(btf, "syms", word, 768, 0);
	btf__add_field(btf, "num_syms", number, 832, 0);
	btf__add_struct(btf, "mod_kallsyms", 32);
	btf__add_field(btf, "symtab", word, 0, 0);
	btf__add_field(btf, "num_symtab", number, 64, 0);
	btf__add_field(btf, "strtab", word, 128, 0);
	btf__add_field(btf, "typetab", word, 192, 0);
	btf__add_struct(btf, "kernel_symbol", 12);
	btf__add_field(btf, "value_offset", number, 0, 0);
	btf__add_field(btf, "name_offset", number, 32, 0);
	return btf;
}

static void put_symbol(unsigned i, uint32_t name, uint64_t value, char letter)
{
	const Elf64_Sym symbol = {.st_name = name, .st_value = value};

	small_put_bytes(SYMBOLS + i * sizeof(symbol), &symbol, sizeof(symbol));
	small_put_bytes(LETTERS + i, &letter, 1);
}

static void put_offset(uint64_t va, uint64_t target)
{
	int32_t offset = (int32_t)(target - va);

	small_put_bytes(va, &offset, sizeof(offset));
}

static void fill(void)
{
	small_put(HEAD, LIST);
	small_put(LIST, HEAD);
	small_put_bytes(MODULE + 24, "good", 5);
	small_put(MODULE + 88, TABLE);
	small_put(MODULE + 96, EXPORTS);
	small_put(MODULE + 104, 1);
	small_put(TABLE, SYMBOLS);
	small_put(TABLE + 8, 4);
	small_put(TABLE + 16, STRINGS);
	small_put(TABLE + 24, LETTERS);
	small_put_bytes(STRINGS, strings, sizeof(strings));
	put_symbol(0, 0, 0, '?'); /* every table's first: without a name */
	put_symbol(1, 1, SMALL_MODULE, 't');
	put_symbol(2, 6, SMALL_MODULE + 0x40, 't');
	/* Where an exported one lies, but not of its name. */
	put_symbol(3, 13, SMALL_MODULE + 0x40, 'D');
	put_offset(EXPORTS, SMALL_MODULE + 0x40);
	put_offset(EXPORTS + 4, EXPORT_NAME);
	small_put_bytes(EXPORT_NAME, "shared", 7);
	if (damage)
		damage();
}

/* Returns what modules_symbols() does; the symbols as text. */
static int list(struct btf *btf, char *text, size_t text_bytes)
{
	struct symbol_array array = {0};
	struct strings names = {0};
	struct small small;
	size_t used = 0;
	int r;

	small_open(&small, kallsyms, fill, btf);
	r = modules_symbols(&small.kernel, &array, &names);
	text[0] = '\0';
	for (size_t i = 0; r == 0 && i < array.nr; i++)
		used += (size_t)snprintf(text + used, text_bytes - used,
					 "%lx %c %s [%s]\n", array.array[i].address,
					 array.array[i].type, array.array[i].name,
					 array.array[i].module);
	free(array.array);
	strings_close(&names);
	small_close(&small);
	return r;
}

Test(kcore_modules, as_kallsyms_lists_them)
{
	char text[512];

	cr_assert_eq(list(make_btf(), text, sizeof(text)), 0);
	cr_expect_str_eq(text, "ffffffffc0000000 t init [good]\n"
			       "ffffffffc0000040 T shared [good]\n"
			       "ffffffffc0000040 d shared_too [good]\n");
}

static void unform(void)
{
	small_put(MODULE, 3);
}

Test(kcore_modules, an_unformed_module_has_none)
{
	char text[512];

	damage = unform;
	cr_expect_eq(list(make_btf(), text, sizeof(text)), 0);
	cr_expect_str_eq(text, "");
}

static void lose_list(void)
{
	small_put(LIST, 0x1000);
}

static void lose_table(void)
{
	small_put(MODULE + 88, SMALL_MODULE + 0x1000);
}

static void too_many(void)
{
	small_put(TABLE + 8, 0xffffffff);
}

static void name_outside(void)
{
	put_symbol(1, 5000, SMALL_MODULE, 't');
}

static void loop(void)
{
	small_put(LIST, LIST);
}

static void too_many_exports(void)
{
	small_put(MODULE + 104, 0x7fffffff);
}

/* Half a list is no list: the text is read then. */
Test(kcore_modules, what_makes_no_sense_fails)
{
	static const struct {
		void (*damage)(void);
		int r;
	} damages[] = {
		{lose_list, -EFAULT}, {lose_table, -EFAULT},
		{too_many, -EFAULT},  {name_outside, -EFAULT},
		{loop, -ELOOP},	      {too_many_exports, -EFAULT},
	};
	char text[512];

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		damage = damages[i].damage;
		cr_expect_eq(list(make_btf(), text, sizeof(text)), damages[i].r, "%zu",
			     i);
	}
}

Test(kcore_modules, without_btf_nothing_is_known)
{
	char text[512];

	cr_expect_eq(list(NULL, text, sizeof(text)), -ENOENT);
}
