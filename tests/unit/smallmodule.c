/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smallmodule.h"

#include <bpf/btf.h>

static struct btf *begin_btf(int *number, int *word, int *name, int *list)
{
	struct btf *btf = btf__new_empty();
	int letter;

	*number = btf__add_int(btf, "unsigned int", 4, 0);
	*word = btf__add_int(btf, "unsigned long", 8, 0);
	letter = btf__add_int(btf, "char", 1, BTF_INT_CHAR);
	*name = btf__add_array(btf, *number, letter, 56);
	*list = btf__add_struct(btf, "list_head", 16);
	btf__add_field(btf, "next", *word, 0, 0);
	btf__add_field(btf, "prev", *word, 64, 0);
	return btf;
}

static void add_module(struct btf *btf, int number, int word, int list, int name,
		       const char *member, int type)
{
	btf__add_struct(btf, "module", SMALLMODULE_BYTES);
	btf__add_field(btf, "state", number, 0, 0);
	btf__add_field(btf, "list", list, 64, 0);
	btf__add_field(btf, "name", name, 192, 0);
	btf__add_field(btf, member, type, 640, 0);
	btf__add_field(btf, "percpu", word, 0x180 * 8, 0);
}

/* 6.4 and newer. */
struct btf *smallmodule_btf_of_memory(void)
{
	int number, word, name, list, memory;
	struct btf *btf = begin_btf(&number, &word, &name, &list);

	memory = btf__add_struct(btf, "module_memory", 16);
	btf__add_field(btf, "base", word, 0, 0);
	btf__add_field(btf, "size", number, 64, 0);
	add_module(btf, number, word, list, name, "mem",
		   btf__add_array(btf, number, memory, 7));
	return btf;
}

/* Up to 6.3. */
struct btf *smallmodule_btf_of_layout(void)
{
	static const char *const sizes[] = {"size", "text_size", "ro_size",
					    "ro_after_init_size"};
	int number, word, name, list, layout;
	struct btf *btf = begin_btf(&number, &word, &name, &list);

	layout = btf__add_struct(btf, "module_layout", 24);
	btf__add_field(btf, "base", word, 0, 0);
	for (unsigned i = 0; i < 4; i++)
		btf__add_field(btf, sizes[i], number, 64 + 32 * i, 0);
	add_module(btf, number, word, list, name, "core_layout", layout);
	return btf;
}

void smallmodule_put(void)
{
	small_put(SMALLMODULE_HEAD, SMALLMODULE_LIST);
	small_put(SMALLMODULE_HEAD + 8, SMALLMODULE_LIST);
	small_put(SMALLMODULE_LIST, SMALLMODULE_HEAD);
	small_put(SMALLMODULE_LIST + 8, SMALLMODULE_HEAD);
	small_put_bytes(SMALLMODULE + 24, "good", 5);
	/* Its code is the one page, its constants the next. */
	small_put_pa(SMALL_MODULE_ENTRY_PA, 0x120000 | SMALL_RO_X);
	small_put_pa(SMALL_MODULE_2_ENTRY_PA, 0x121000 | SMALL_RO_NX);
	/* The direct map has both read-only, too. */
	small_put_pa(0xb000 + 0x120 * 8, 0x120000 | SMALL_RO_NX);
	small_put_pa(0xb000 + 0x121 * 8, 0x121000 | SMALL_RO_NX);
}
