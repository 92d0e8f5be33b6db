/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbols of a BPF program, of ftrace's trampolines and of a page of kprobes. */
#include "kcore/generated.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400010 d bpf_kallsyms\n"
			       "ffffffff81400020 d ftrace_ops_trampoline_list\n"
			       "ffffffff81400030 d ftrace_mod_maps\n"
			       "ffffffff81400040 d kprobe_insn_slots\n"
			       "ffffffff81400060 d kprobe_optinsn_slots\n"
			       "ffffffff81400080 D init_mm\n"
			       "ffffffff81603000 B _end\n";

static const uint64_t BPF = SMALL_DATA + 0x10, TRAMPOLINES = SMALL_DATA + 0x20,
		      MAPS = SMALL_DATA + 0x30, SLOTS = SMALL_DATA + 0x40,
		      OPT_SLOTS = SMALL_DATA + 0x60, PROGRAM = SMALL_DATA + 0x1000,
		      OPS = SMALL_DATA + 0x1100, MORE_OPS = SMALL_DATA + 0x1180,
		      PAGE = SMALL_DATA + 0x1200, NAME = SMALL_DATA + 0x1300;

static void (*damage)(void);

static struct btf *make_btf(void)
{
	struct btf *btf = btf__new_empty();
	int word = btf__add_int(btf, "unsigned long", 8, 0);
	static const struct {
		const char *type, *members[3];
		unsigned bits[3];
	} types[] = {
		{"bpf_ksym", {"start", "name", "lnode"}, {0, 128, 512}},
		{"ftrace_ops", {"list", "trampoline"}, {64, 192}},
		{"kprobe_insn_cache", {"sym", "pages"}, {0, 64}},
		{"kprobe_insn_page", {"list", "insns"}, {0, 128}},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		btf__add_struct(btf, types[i].type, 96);
		for (size_t j = 0; j < 3 && types[i].members[j]; j++)
			btf__add_field(btf, types[i].members[j], word, types[i].bits[j],
				       0);
	}
	return btf;
}

static void fill(void)
{
	small_put(BPF, PROGRAM + 64);
	small_put(PROGRAM, SMALL_MODULE);
	small_put_bytes(PROGRAM + 16, "bpf_prog_1234_allow", 20);
	small_put(PROGRAM + 64, BPF);
	/* One of the two has no trampoline of its own. */
	small_put(TRAMPOLINES, OPS + 8);
	small_put(OPS + 8, MORE_OPS + 8);
	small_put(MORE_OPS + 8, TRAMPOLINES);
	small_put(MORE_OPS + 24, SMALL_MODULE + 0x100);
	small_put(MAPS, MAPS);
	small_put(SLOTS, NAME);
	small_put(SLOTS + 8, PAGE);
	small_put(PAGE, SLOTS + 8);
	small_put(PAGE + 16, SMALL_MODULE + 0x200);
	small_put_bytes(NAME, "kprobe_insn_page", 17);
	small_put(OPT_SLOTS, NAME);
	small_put(OPT_SLOTS + 8, OPT_SLOTS + 8);
	if (damage)
		damage();
}

static int list(const char *symbols, struct btf *btf, char *text, size_t text_bytes)
{
	struct symbol_array array = {0};
	struct strings names = {0};
	struct small small;
	size_t used = 0;
	int r;

	small_open(&small, symbols, fill, btf);
	r = generated_symbols(&small.kernel, &array, &names);
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

Test(kcore_generated, as_kallsyms_lists_them)
{
	char text[512];

	cr_assert_eq(list(kallsyms, make_btf(), text, sizeof(text)), 0);
	cr_expect_str_eq(text,
			 "ffffffffc0000100 t ftrace_trampoline [__builtin__ftrace]\n"
			 "ffffffffc0000000 t bpf_prog_1234_allow [bpf]\n"
			 "ffffffffc0000200 t kprobe_insn_page [__builtin__kprobes]\n");
}

static void trace_init_functions(void)
{
	small_put(MAPS, MAPS + 8);
}

static void loop(void)
{
	small_put(PROGRAM + 64, PROGRAM + 64);
}

static void lose(void)
{
	small_put(OPS + 8, 0x1000);
}

static void nameless(void)
{
	small_put(SLOTS, 0);
}

Test(kcore_generated, what_cannot_be_had_fails)
{
	static const struct {
		void (*damage)(void);
		int r;
	} damages[] = {{trace_init_functions, -ENOTSUP},
		       {loop, -ELOOP},
		       {lose, -EFAULT},
		       {nameless, -EFAULT}};
	char text[64];

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		damage = damages[i].damage;
		cr_expect_eq(list(kallsyms, make_btf(), text, sizeof(text)), damages[i].r,
			     "%zu", i);
	}
}

/* A list under another name must not read as an empty one. */
Test(kcore_generated, without_a_list_or_btf_nothing_is_known)
{
	char text[64], fewer[sizeof(kallsyms)];

	cr_expect_eq(list(kallsyms, NULL, text, sizeof(text)), -ENOENT);
	memcpy(fewer, kallsyms, sizeof(fewer));
	memcpy(strstr(fewer, "kprobe_optinsn_slots"), "kprobe_optinsn_caches", 20);
	cr_expect_eq(list(fewer, make_btf(), text, sizeof(text)), -ENOENT);
}
