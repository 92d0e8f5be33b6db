/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables that the CPU reads: IDT with its alias, GDT and TSS in cpu_entry_area. */
#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "000000000000b000 A gdt_page\n"
			       "000000000000c000 A cpu_tss_rw\n"
			       "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 T asm_exc_page_fault\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81200000 d idt_table\n"
			       "ffffffff81201000 d after_idt_table\n"
			       "ffffffff81300000 D __start_ro_after_init\n"
			       "ffffffff81300010 d idt_descr\n"
			       "ffffffff81300020 d after_idt_descr\n"
			       "ffffffff81302000 D __end_ro_after_init\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400010 D __per_cpu_offset\n"
			       "ffffffff81400020 D nr_cpu_ids\n"
			       "ffffffff81400030 D __cpu_possible_mask\n"
			       "ffffffff81400040 D init_mm\n"
			       "ffffffff81404000 D _edata\n"
			       "ffffffff81500000 T __init_begin\n"
			       "ffffffff81500100 T early_idt_handler_array\n"
			       "ffffffff81500200 T after_early_idt_handler_array\n"
			       "ffffffff81501000 T __init_end\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000100 t evil_fault\t[evil]\n";

static const uint64_t ENTRY_AREA = 0xfffffe0000000000, IDT = SMALL_RODATA,
		      IDT_DESCR = SMALL_SEALED + 0x10, HANDLER = SMALL_TEXT + 0x100,
		      LEFTOVER = 0xffffffff81500120, EVIL = SMALL_MODULE + 0x100;
/* Entries of cpu_entry_area's last table: the IDT's alias, the GDT, the TSS. */
static const uint64_t ENTRIES_PA = 0xf000, GDT_PA = SMALL_FREE_PA,
		      TSS_PA = SMALL_FREE_PA + 0x1000;

static void (*damage)(void);

/* Intel SDM vol. 3A 6.14.1: a present 64-bit interrupt gate. */
static void put_gate(unsigned vector, uint64_t handler)
{
	uint64_t low = (handler & 0xffff) | 0x10 << 16 | 0x8e00ULL << 32 |
		       (handler >> 16 & 0xffff) << 48;

	small_put(IDT + 16 * vector, low);
	small_put(IDT + 16 * vector + 8, handler >> 32);
}

static void put_descr(uint64_t address)
{
	small_put_bytes(IDT_DESCR + 2, &address, sizeof(address));
}

static void fill(void)
{
	small_put_pa(FAKE_ROOT_PA + 508 * 8, 0xd067);
	small_put_pa(0xd000, 0xe067);
	small_put_pa(0xe000, ENTRIES_PA | 0x67);
	small_put_pa(ENTRIES_PA, 0x100000 | SMALL_RO_NX);
	small_put_pa(ENTRIES_PA + 8, GDT_PA | SMALL_RO_NX);
	small_put_pa(ENTRIES_PA + 16, TSS_PA | SMALL_RO_NX);
	small_put(SMALL_DATA + 0x10, FAKE_DIRECT_MAP + GDT_PA - 0xb000);
	small_put(SMALL_DATA + 0x20, 1);
	small_put(SMALL_DATA + 0x30, 1);
	put_descr(ENTRY_AREA);
	put_gate(14, HANDLER);
	put_gate(200, HANDLER);
	put_gate(9, LEFTOVER); /* no exception uses it */
	if (damage)
		damage();
}

static void audit_with(void (*damage_it)(void), struct small *small)
{
	damage = damage_it;
	small_open(small, kallsyms, fill, NULL);
	small_audit(small, 1u << AUDIT_CPU, NULL);
}

static void expect_one(void (*damage_it)(void), enum audit_kind kind, const char *words)
{
	struct small small;

	audit_with(damage_it, &small);
	small_expect_one(&small, kind, words);
	small_close(&small);
}

Test(audit_cpu, sound_tables)
{
	struct small small;

	audit_with(NULL, &small);
	small_expect(&small, 0, NULL);
	cr_expect_eq(audit_status(&small.audit), 0);
	cr_expect_str_eq(small_row(&small, "interrupt table")->detail,
			 "3 gates, all checked to lead to kernel text");
	cr_expect_eq(small_row(&small, "interrupt table in use")->verdict, AUDIT_SEALED);
	cr_expect_eq(small_row(&small, "segment table (GDT)")->address,
		     ENTRY_AREA + 0x1000);
	cr_expect_eq(small_row(&small, "task state (TSS)")->address, ENTRY_AREA + 0x2000);
	small_close(&small);
}

static void turn_gate(void)
{
	put_gate(14, EVIL);
}

Test(audit_cpu, a_gate_into_a_module)
{
	expect_one(turn_gate, AUDIT_HANDLER_OUTSIDE,
		   "interrupt vector 14 leads to evil_fault [evil]");
}

/* The same place behind a vector that is used is a finding. */
static void keep_early_gate(void)
{
	put_gate(200, LEFTOVER);
}

Test(audit_cpu, a_gate_into_freed_memory)
{
	expect_one(keep_early_gate, AUDIT_HANDLER_OUTSIDE, "interrupt vector 200 leads");
}

static void move_table(void)
{
	put_descr(EVIL);
}

Test(audit_cpu, the_cpus_use_another_table)
{
	expect_one(move_table, AUDIT_TABLE_MOVED,
		   "the CPUs were given an interrupt table at evil_fault");
}

static void change_alias(void)
{
	small_put_pa(ENTRIES_PA, (SMALL_FREE_PA + 0x2000) | SMALL_RO_NX);
	/* Read-only everywhere: nothing but its place is wrong. */
	small_put_pa(0xb000 + 0x142 * 8, (SMALL_FREE_PA + 0x2000) | SMALL_RO_NX);
}

Test(audit_cpu, the_alias_maps_another_frame)
{
	expect_one(change_alias, AUDIT_TABLE_MOVED,
		   "the interrupt table in use lies in physical page 0x142000, the "
		   "kernel's own in 0x100000");
}

static void open_gdt(void)
{
	small_put_pa(ENTRIES_PA + 8, GDT_PA | SMALL_RW_NX);
}

Test(audit_cpu, a_writable_gdt)
{
	expect_one(open_gdt, AUDIT_WRITABLE,
		   "the segment table (GDT) of CPU 0 can be written where the CPU reads "
		   "it, at 0xfffffe0000001000");
}

static void open_idt_alias(void)
{
	small_put_pa(ENTRIES_PA, 0x100000 | SMALL_RW_NX);
}

Test(audit_cpu, a_writable_idt_alias)
{
	expect_one(open_idt_alias, AUDIT_WRITABLE_ALIAS, "at 0xfffffe0000000000");
}

static void lose_tss(void)
{
	small_put_pa(ENTRIES_PA + 16, 0);
}

Test(audit_cpu, what_is_not_there_is_unknown)
{
	struct small small;

	audit_with(lose_tss, &small);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "task state (TSS)")->verdict, AUDIT_UNKNOWN);
	cr_expect_eq(audit_status(&small.audit), 2);
	small_close(&small);
}
