/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel text with branches that lead out of it, and with those that may. */
#include "unchanged/text.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] =
	"ffffffff81000000 T _text\n"
	"ffffffff81000000 T _stext\n"
	"ffffffff81000100 t victim\n"
	"ffffffff81000180 t helper\n"
	"ffffffff810001c0 T __SCT__call\n"
	"ffffffff81000400 T _etext\n"
	"ffffffff81200000 R __start_rodata\n"
	"ffffffff81200800 R __start_static_call_sites\n"
	"ffffffff81200810 R __stop_static_call_sites\n"
	"ffffffff81302000 R __end_rodata\n"
	"ffffffff81400000 D _sdata\n"
	"ffffffff81400100 D init_mm\n"
	"ffffffff81400200 d __SCK__call\n"
	"ffffffff81400400 d kprobe_table\n"
	"ffffffff81400800 d ftrace_pages_start\n"
	"ffffffff81603000 B _end\n"
	"ffffffffc0000000 t ftrace_trampoline\t[__builtin__ftrace]\n"
	"ffffffffc0000100 t evil\t[evil]\n"
	"ffffffffc0000200 t bpf_trampoline_77\t[bpf]\n"
	"ffffffffc0000300 t kprobe_optinsn_page\t[__builtin__kprobes]\n";

static const uint64_t VICTIM = SMALL_TEXT + 0x100, MIDDLE = SMALL_TEXT + 0x110,
		      EVIL = SMALL_MODULE + 0x100, KEY = SMALL_DATA + 0x200,
		      TABLE = SMALL_DATA + 0x400, PAGES = SMALL_DATA + 0x800,
		      PROBE = SMALL_DATA + 0x900, GROUP = SMALL_DATA + 0xa00,
		      RECORDS = SMALL_DATA + 0xb00, NAMELESS = SMALL_MODULE + 0x2000;

static void (*put)(void);
static struct small small;

static void fill(void)
{
	small_put_pa(SMALL_MODULE_ENTRY_PA, 0x120000 | SMALL_RO_X);
	/* A page further on, with nothing before it. */
	small_put_pa(SMALL_MODULE_2_ENTRY_PA + 8, SMALL_FREE_PA | SMALL_RO_X);
	for (uint64_t va = SMALL_TEXT; va < SMALL_TEXT + 0x400; va += 8)
		small_put(va, 0x9090909090909090);
	put();
}

static void check(struct btf *btf)
{
	struct owner_records records;

	small_open(&small, kallsyms, fill, btf);
	small_audit(&small, 0, NULL);
	cr_assert_eq(owner_records_take(&records, &small.audit), 0);
	text_check(&small.audit, &records);
	owner_records_free(&records);
}

/* One finding that has @words in it; NULL: none, and the row is sealed. */
static void expect(void (*put_it)(void), struct btf *btf, const char *words)
{
	put = put_it;
	check(btf);
	if (words)
		small_expect_one(&small, AUDIT_BRANCH_OUTSIDE, words);
	else
		small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "branches of kernel text")->verdict,
		     words ? AUDIT_UNSEALED : AUDIT_SEALED);
	small_close(&small);
}

static void put_nothing(void)
{
	small_put_branch(VICTIM, 0xe8, SMALL_TEXT + 0x180);
	/* To where nothing is mapped: data between functions may look so. */
	small_put_branch(MIDDLE, 0xe9, SMALL_MODULE + 0x100000);
}

static void put_jump(void)
{
	small_put_branch(VICTIM, 0xe9, EVIL);
}

static void put_call(void)
{
	small_put_branch(MIDDLE, 0xe8, EVIL + 0x10);
}

static void put_conditional(void)
{
	int32_t rel32 = (int32_t)(EVIL - (MIDDLE + 6));

	small_put_bytes(MIDDLE, "\x0f\x84", 2);
	small_put_bytes(MIDDLE + 2, &rel32, 4);
}

static void put_register(void)
{
	small_put_bytes(VICTIM, "\x48\xb8", 2); /* movabs, %rax */
	small_put_bytes(VICTIM + 2, &EVIL, 8);
	small_put_bytes(VICTIM + 10, "\xff\xe0", 2);
}

static void put_push(void)
{
	small_put_bytes(VICTIM, "\x68", 1);
	small_put_bytes(VICTIM + 1, &EVIL, 4);
	small_put_bytes(VICTIM + 5, "\xc3", 1);
}

static void put_slot(void)
{
	small_put_bytes(VICTIM, "\xff\x25\0\0\0\0", 6); /* jmp *0(%rip) */
	small_put_bytes(VICTIM + 6, &EVIL, 8);
}

static void put_lea(void)
{
	int32_t rel32 = (int32_t)(EVIL - (MIDDLE + 7));

	small_put_bytes(MIDDLE, "\x48\x8d\x05", 3);
	small_put_bytes(MIDDLE + 3, &rel32, 4);
}

Test(unchanged_text, branches_and_addresses)
{
	expect(put_nothing, NULL, NULL);
	expect(put_jump, NULL,
	       "victim (e9 fb ff ff 3e) jumps to evil [evil] (0xffffffffc0000100, ");
	expect(put_call, NULL, "victim+0x10 (e8 fb ff ff 3e) calls evil+0x10 [evil]");
	expect(put_conditional, NULL,
	       "victim+0x10 (0f 84 ea ff ff 3e) jumps to evil [evil]");
	expect(put_register, NULL,
	       "(48 b8 00 01 00 c0 ff ff ff ff) has the address of evil");
	expect(put_push, NULL, "victim (68 00 01 00 c0) has the address of evil [evil]");
	expect(put_slot, NULL,
	       "victim (ff 25 00 00 00 00) jumps, through the place that it names, "
	       "to evil [evil]");
	expect(put_lea, NULL, "has the address of evil [evil]");
}

/* Numbers that happen to lie in the modules' area. */
static void put_constants(void)
{
	const uint64_t mask = SMALL_MODULE;

	small_put_bytes(VICTIM, "\x48\xb8", 2);
	small_put_bytes(VICTIM + 2, &mask, 8);
	small_put_bytes(MIDDLE, "\x69\xc0", 2); /* imul $, %eax, %eax */
	small_put_bytes(MIDDLE + 2, &EVIL, 4);
	small_put_bytes(MIDDLE + 6, "\xb8", 1); /* mov $, %eax */
	small_put_bytes(MIDDLE + 7, &EVIL, 4);
}

/* A module may begin at a round address. */
static void put_round(void)
{
	const uint64_t round = SMALL_MODULE + 0x100000;

	small_put_pa(SMALL_MODULE_ENTRY_PA + 0x100000 / PAGE_BYTES * 8,
		     SMALL_FREE_PA | SMALL_RO_X);
	small_put_bytes(VICTIM, "\x48\xb8", 2);
	small_put_bytes(VICTIM + 2, &round, 8);
}

Test(unchanged_text, a_round_address_is_one)
{
	expect(put_round, NULL, "(48 b8 00 00 10 c0 ff ff ff ff) has the address of");
}

Test(unchanged_text, constants_are_no_addresses)
{
	expect(put_constants, NULL, NULL);
}

static void put_owned(void)
{
	const int32_t site[] = {
		(int32_t)(SMALL_TEXT + 0x190 - (SMALL_RODATA + 0x808)),
		(int32_t)(SMALL_DATA + 0x200 + 1 - (SMALL_RODATA + 0x80c))};

	small_put_branch(VICTIM, 0xe8, SMALL_MODULE);
	small_put_branch(SMALL_TEXT + 0x180, 0xe8, SMALL_MODULE + 0x200);
	small_put(KEY, EVIL);
	small_put_branch(SMALL_TEXT + 0x1c0, 0xe9, EVIL);
	small_put_bytes(SMALL_RODATA + 0x808, site, sizeof(site));
	small_put_branch(SMALL_TEXT + 0x190, 0xe8, EVIL);
}

Test(unchanged_text, the_kernels_own_means)
{
	const struct audit_row *row;

	put = put_owned;
	check(NULL);
	small_expect(&small, 0, NULL);
	row = small_row(&small, "branches of kernel text");
	cr_expect_not_null(strstr(row->detail, "1 of ftrace lead out"), "%s",
			   row->detail);
	cr_expect_not_null(strstr(row->detail, "2 of static calls lead out"), "%s",
			   row->detail);
	cr_expect_not_null(strstr(row->detail, "1 of BPF lead out"), "%s", row->detail);
	cr_assert_eq(small.audit.nr_notices, 1);
	cr_expect_str_eq(small.audit.notices[0].message,
			 "2 places in kernel text lead to evil [evil], by static calls");
	small_close(&small);
}

static void put_other_key(void)
{
	put_owned();
	small_put(KEY, SMALL_TEXT + 0x180);
	small_put(SMALL_TEXT + 0x190, 0x9090909090909090);
}

static void put_ftrace_inside(void)
{
	small_put_branch(MIDDLE, 0xe8, SMALL_MODULE + 0x10); /* not its start */
}

static void put_bpf_inside(void)
{
	small_put_branch(MIDDLE, 0xe8, SMALL_MODULE + 0x200);
}

Test(unchanged_text, the_kernels_means_where_they_do_not_belong)
{
	expect(put_other_key, NULL, "__SCT__call (e9 ");
	expect(put_ftrace_inside, NULL, "calls ftrace_trampoline+0x10");
	expect(put_bpf_inside, NULL, "calls bpf_trampoline_77");
}

static void put_thunk(void)
{
	static unsigned char page[0x40];

	memset(page, 0xcc, sizeof(page));
	memcpy(page + 0x24, "\x41\xff\xe3", 3);
	for (size_t i = 0; i < sizeof(page); i += 8) {
		uint64_t word;

		memcpy(&word, page + i, sizeof(word));
		small_put_pa(SMALL_FREE_PA + i, word);
	}
	small_put_branch(MIDDLE, 0xe8, NAMELESS + 0x24);
}

static void put_other_thunk(void)
{
	put_thunk();
	small_put_branch(MIDDLE, 0xe8, NAMELESS + 0x20);
}

Test(unchanged_text, a_thunk_against_its)
{
	expect(put_thunk, NULL, NULL);
	expect(put_other_thunk, NULL, "victim+0x10");
}

static size_t nr_nameless;

static void put_nameless(void)
{
	for (size_t i = 0; i < nr_nameless; i++)
		small_put_branch(SMALL_TEXT + 0x200 + 8 * i, 0xe9, NAMELESS + 8 * i);
}

/* What has no name may be something of the kernel's that is not known here. */
Test(unchanged_text, memory_without_a_name)
{
	put = put_nameless;
	nr_nameless = 3;
	check(NULL);
	cr_expect_eq(small.audit.nr_findings, 3);
	small_close(&small);
	nr_nameless = 9;
	check(NULL);
	cr_expect_eq(small.audit.nr_findings, 0);
	cr_expect_eq(small_row(&small, "branches of kernel text")->verdict,
		     AUDIT_UNKNOWN);
	cr_expect_eq(strncmp(small_row(&small, "branches of kernel text")->detail,
			     "9 places, ", 10),
		     0);
	small_close(&small);
}

/* kprobe: hlist 0, addr 16, opcode 24, flags 28; 32 bytes. optimized_kprobe: kp 0,
 * optinsn 32, where copied_insn is 0 and insn 8. ftrace_page: next 0, records 8,
 * index 16. dyn_ftrace: ip 0, 16 bytes.
 */
static struct btf *btf_of_records(void)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "unsigned int", 4, 0),
	    word = btf__add_int(btf, "unsigned long", 8, 0), kprobe, arch;

	kprobe = btf__add_struct(btf, "kprobe", 32);
	btf__add_field(btf, "hlist", word, 0, 0);
	btf__add_field(btf, "addr", word, 128, 0);
	btf__add_field(btf, "opcode", number, 192, 0);
	btf__add_field(btf, "flags", number, 224, 0);
	arch = btf__add_struct(btf, "arch_optimized_insn", 16);
	btf__add_field(btf, "copied_insn", word, 0, 0);
	btf__add_field(btf, "insn", word, 64, 0);
	btf__add_struct(btf, "optimized_kprobe", 48);
	btf__add_field(btf, "kp", kprobe, 0, 0);
	btf__add_field(btf, "optinsn", arch, 256, 0);
	btf__add_struct(btf, "ftrace_page", 24);
	btf__add_field(btf, "next", word, 0, 0);
	btf__add_field(btf, "records", word, 64, 0);
	btf__add_field(btf, "index", number, 128, 0);
	btf__add_struct(btf, "dyn_ftrace", 16);
	btf__add_field(btf, "ip", word, 0, 0);
	return btf;
}

static void put_records(void)
{
	small_put(PAGES, GROUP);
	small_put(GROUP + 8, RECORDS);
	small_put(GROUP + 16, 1);
	small_put(RECORDS, VICTIM);
}

static void put_probe(uint64_t va, uint64_t opcode_and_flags, uint64_t rest,
		      uint64_t insn)
{
	small_put(TABLE + 8 * 5, PROBE);
	small_put(PROBE + 16, va);
	small_put(PROBE + 24, opcode_and_flags);
	small_put(PROBE + 32, rest);
	small_put(PROBE + 40, insn);
}

/* Behind the breakpoint the rest of a movabs looks like a jump to evil(). */
static void put_breakpoint(void)
{
	small_put_bytes(MIDDLE, "\xcc\xb8\xe9", 3);
	small_put_branch(MIDDLE + 2, 0xe9, EVIL);
	put_probe(MIDDLE, 0x48, 0, 0);
}

static void put_unregistered(void)
{
	put_breakpoint();
	put_probe(MIDDLE + 1, 0x48, 0, 0);
	small_put_bytes(MIDDLE + 1, "\x90", 1);
}

static void put_optimised(void)
{
	small_put_branch(MIDDLE, 0xe9, SMALL_MODULE + 0x310);
	put_probe(MIDDLE, 0x90 | 4ULL << 32, 0x90909090, SMALL_MODULE + 0x310);
}

static void put_optimised_elsewhere(void)
{
	put_optimised();
	small_put_branch(MIDDLE, 0xe9, SMALL_MODULE + 0x320);
}

static void put_site(void)
{
	put_records();
	small_put_branch(VICTIM, 0xe8, SMALL_MODULE);
}

static void put_no_site(void)
{
	put_records();
	small_put_branch(MIDDLE, 0xe8, SMALL_MODULE);
}

Test(unchanged_text, what_the_kernel_has_on_record)
{
	expect(put_breakpoint, btf_of_records(), NULL);
	expect(put_unregistered, btf_of_records(), "victim+0x12");
	expect(put_optimised, btf_of_records(), NULL);
	expect(put_optimised_elsewhere, btf_of_records(),
	       "jumps to kprobe_optinsn_page+0x20");
	expect(put_site, btf_of_records(), NULL);
	expect(put_no_site, btf_of_records(),
	       "calls ftrace_trampoline [__builtin__ftrace]");
}
