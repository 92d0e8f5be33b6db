// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes sealed bytes of the kernel past their seal, and stays; what was there comes
 * back with rmmod. Nothing that it changes may be run meanwhile, but for tables whose
 * function does the same.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <asm/desc_defs.h>
#include <asm/pgtable.h>

#include "wp.h"

static char *kind = "jump";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "how to lead target to damage_evil()");
static unsigned long target;
module_param(target, ulong, 0);
static unsigned long other;
module_param(other, ulong, 0);
MODULE_PARM_DESC(other, "a function that a call is led to; 0: damage_evil()");
static unsigned long from;
module_param(from, ulong, 0);
MODULE_PARM_DESC(from, "kind=switch: the function whose branch is led elsewhere");
static char *by = "wp";
module_param(by, charp, 0);
MODULE_PARM_DESC(by,
		 "how to write: wp (CR0.WP), vmap, poke or entry (of the page table)");
static unsigned long poke;
module_param(poke, ulong, 0);
MODULE_PARM_DESC(poke, "by=poke: text_poke()");

enum { MAX_BYTES = 16, SEARCHED = 1024, SEARCHED_SWITCH = 16384 };
static u8 old[MAX_BYTES];
static unsigned long at;
static size_t nr;

noinline long damage_evil(void);
noinline long damage_evil(void)
{
	return -ENOSYS;
}

static bool is_image(unsigned long va)
{
	return va >= 0xffffffff80000000 && va < 0xffffffffc0000000;
}

/* A second mapping of the frames. */
static void write_by_vmap(const u8 *bytes)
{
	unsigned long first = at & PAGE_MASK;
	struct page *pages[2];
	void *map;
	int i;

	for (i = 0; i < 2; i++)
		pages[i] = is_image(at) ? virt_to_page((void *)(first + i * PAGE_SIZE))
					: vmalloc_to_page((void *)first);
	map = vmap(pages, is_image(at) ? 2 : 1, VM_MAP, PAGE_KERNEL);
	if (!map)
		return;
	memcpy(map + (at - first), bytes, nr);
	vunmap(map);
}

/* The entry, made writable and put back. */
static void write_by_entry(const u8 *bytes)
{
	unsigned int level;
	pte_t *entry = lookup_address(at, &level), old_entry;
	unsigned long flags;

	if (!entry)
		return;
	local_irq_save(flags);
	old_entry = *entry;
	entry->pte |= _PAGE_RW;
	asm volatile("invlpg (%0)" : : "r"(at) : "memory");
	memcpy((void *)at, bytes, nr);
	*entry = old_entry;
	asm volatile("invlpg (%0)" : : "r"(at) : "memory");
	local_irq_restore(flags);
}

static void write_sealed(const u8 *bytes)
{
	unsigned long flags, cr0;

	if (!strcmp(by, "vmap")) {
		write_by_vmap(bytes);
	} else if (!strcmp(by, "poke")) {
		((void *(*)(void *, const void *, size_t))poke)((void *)at, bytes, nr);
	} else if (!strcmp(by, "entry")) {
		write_by_entry(bytes);
	} else {
		cr0 = wp_off(&flags);
		memcpy((void *)at, bytes, nr);
		wp_on(cr0, flags);
	}
}

static int change(const void *bytes, size_t size)
{
	nr = size;
	memcpy(old, (void *)at, nr);
	write_sealed(bytes);
	return 0;
}

static int put_branch(u8 opcode, unsigned long to)
{
	u8 bytes[5] = {opcode};
	s32 rel = (s32)(to - (at + 5));

	memcpy(bytes + 1, &rel, 4);
	return change(bytes, sizeof(bytes));
}

/* movabs $evil, %rax; jmp *%rax */
static int put_register_jump(unsigned long to)
{
	u8 bytes[12] = {0x48, 0xb8, [10] = 0xff, 0xe0};

	memcpy(bytes + 2, &to, 8);
	return change(bytes, sizeof(bytes));
}

/* push $evil; ret */
static int put_push(unsigned long to)
{
	u8 bytes[6] = {0x68, [5] = 0xc3};
	s32 low = (s32)to;

	memcpy(bytes + 1, &low, 4);
	return change(bytes, sizeof(bytes));
}

/* jmp *0(%rip), and the address behind it */
static int put_slot_jump(unsigned long to)
{
	u8 bytes[14] = {0xff, 0x25};

	memcpy(bytes + 6, &to, 8);
	return change(bytes, sizeof(bytes));
}

static int flip_bit(void)
{
	u8 byte = *(u8 *)at ^ 1;

	return change(&byte, 1);
}

/* The first near call behind the entry: to @to, or 0 for no call at all. */
static int lead_call(unsigned long to)
{
	static const u8 nops[5] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
	unsigned long start = target + 16;

	for (at = start; at < start + SEARCHED; at++) {
		unsigned long called = at + 5 + (long)*(s32 *)(at + 1);

		/* Compilers align functions. */
		if (*(u8 *)at == 0xe8 && is_image(called) && called % 16 == 0 &&
		    (called > target ? called - target : target - called) < 0x1000000)
			return to ? put_branch(0xe8, to) : change(nops, sizeof(nops));
	}
	return -ENOENT;
}

/* The branch to from() in a switch. */
static int lead_switch(unsigned long to)
{
	for (at = target; at < target + SEARCHED_SWITCH; at++)
		if ((*(u8 *)at & 0xfe) == 0xe8 && at + 5 + (long)*(s32 *)(at + 1) == from)
			return put_branch(*(u8 *)at, to);
	return -ENOENT;
}

/* mov $2, %edi becomes mov $3, %edi. */
static int change_immediate(void)
{
	static const u8 code[] = {0xbf, 2, 0, 0, 0};

	for (at = target; at < target + SEARCHED; at++)
		if (memcmp((void *)at, code, sizeof(code)) == 0) {
			at++;
			return flip_bit();
		}
	return -ENOENT;
}

/* clac or its nops, at an entry, become stac. */
static int change_alternative(void)
{
	static const u8 stac[] = {0x0f, 0x01, 0xcb};

	return change(stac, sizeof(stac));
}

/* A gate of the interrupt table. */
static int lead_gate(unsigned long to)
{
	gate_desc gate = *(gate_desc *)at;

	gate.offset_low = (u16)to;
	gate.offset_middle = (u16)(to >> 16);
	gate.offset_high = (u32)(to >> 32);
	return change(&gate, sizeof(gate));
}

/* The first pointer to something of the kernel's. */
static int lead_pointer(unsigned long to)
{
	for (at = target; at < target + SEARCHED; at += 8)
		if (*(unsigned long *)at >= 0xffffffff80000000)
			return change(&to, sizeof(to));
	return -ENOENT;
}

static int __init damage_init(void)
{
	static const u8 endbr[] = {0xf3, 0x0f, 0x1e, 0xfa};
	unsigned long to = other ? other : (unsigned long)damage_evil;

	at = target;
	if (!strcmp(kind, "jump"))
		return put_branch(0xe9, to);
	if (!strcmp(kind, "register"))
		return put_register_jump(to);
	if (!strcmp(kind, "push"))
		return put_push(to);
	if (!strcmp(kind, "slot"))
		return put_slot_jump(to);
	if (!strcmp(kind, "gate"))
		return lead_gate(to);
	if (!strcmp(kind, "switch"))
		return lead_switch(to);
	if (!strcmp(kind, "immediate"))
		return change_immediate();
	if (!strcmp(kind, "fentry") || !strcmp(kind, "alternative")) {
		if (memcmp((void *)at, endbr, sizeof(endbr)) == 0)
			at += sizeof(endbr);
		return *kind == 'f' ? put_branch(0xe8, to) : change_alternative();
	}
	if (!strcmp(kind, "call"))
		return lead_call(to);
	if (!strcmp(kind, "no-call"))
		return lead_call(0);
	if (!strcmp(kind, "bit"))
		return flip_bit();
	if (!strcmp(kind, "pointer"))
		return lead_pointer(to);
	return -EINVAL;
}

static void __exit damage_exit(void)
{
	write_sealed(old);
}

module_init(damage_init);
module_exit(damage_exit);
MODULE_LICENSE("GPL");
