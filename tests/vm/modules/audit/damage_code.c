// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes sealed bytes of the kernel with CR0.WP cleared, and stays; what was there comes
 * back with rmmod. Nothing that it changes may be run meanwhile, but for tables whose
 * function does the same.
 */
#include <linux/module.h>
#include <linux/string.h>

#include "wp.h"

static char *kind = "jump";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "how to lead target to damage_evil()");
static unsigned long target;
module_param(target, ulong, 0);
static unsigned long other;
module_param(other, ulong, 0);
MODULE_PARM_DESC(other, "a function that a call is led to; 0: damage_evil()");

enum { MAX_BYTES = 16, SEARCHED = 1024 };
static u8 old[MAX_BYTES];
static unsigned long at;
static size_t nr;

noinline long damage_evil(void);
noinline long damage_evil(void)
{
	return -ENOSYS;
}

static void write_sealed(const u8 *bytes)
{
	unsigned long flags, cr0 = wp_off(&flags);

	memcpy((void *)at, bytes, nr);
	wp_on(cr0, flags);
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

static bool is_image(unsigned long va)
{
	return va >= 0xffffffff80000000 && va < 0xffffffffc0000000;
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
	unsigned long from = target + 16;

	for (at = from; at < from + SEARCHED; at++) {
		unsigned long called = at + 5 + (long)*(s32 *)(at + 1);

		/* Compilers align functions. */
		if (*(u8 *)at == 0xe8 && is_image(called) && called % 16 == 0 &&
		    (called > target ? called - target : target - called) < 0x1000000)
			return to ? put_branch(0xe8, to) : change(nops, sizeof(nops));
	}
	return -ENOENT;
}

/* The first pointer into the image. */
static int lead_pointer(unsigned long to)
{
	for (at = target; at < target + SEARCHED; at += 8)
		if (is_image(*(unsigned long *)at))
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
	if (!strcmp(kind, "fentry")) {
		if (memcmp((void *)at, endbr, sizeof(endbr)) == 0)
			at += sizeof(endbr);
		return put_branch(0xe8, to);
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
