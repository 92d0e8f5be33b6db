/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that the CPU, the calling convention and the kernel's layout fix on x86-64. */
#ifndef KWCHECK_KCORE_X86_H
#define KWCHECK_KCORE_X86_H

#include <stdint.h>

/* General registers, numbered as instructions encode them. Intel SDM vol. 2A 2.1.5. */
enum x86_register {
	X86_RAX = 0,
	X86_RCX,
	X86_RDX,
	X86_RBX,
	X86_RSP,
	X86_RBP,
	X86_RSI,
	X86_RDI,
	X86_R8,
	X86_R9,
	X86_R10,
	X86_R11,
	X86_R12,
	X86_R13,
	X86_R14,
	X86_R15,
	X86_NR_REGISTERS,
};

enum { X86_NR_ARGUMENTS = 6 };

/* Which register has argument n of a function. System V AMD64 psABI 3.2.3. */
static const uint8_t x86_arguments[X86_NR_ARGUMENTS] = {X86_RDI, X86_RSI, X86_RDX,
							X86_RCX, X86_R8,  X86_R9};

/* __START_KERNEL_map: where the image's mapping begins. */
static const uint64_t X86_IMAGE_BASE = 0xffffffff80000000;

/* The modules' area, MODULES_VADDR to MODULES_END. It begins where the image's ends: that
 * has 1 GiB with RANDOMIZE_BASE, and 512 MiB without it.
 */
static const uint64_t X86_MODULES_START = 0xffffffffc0000000;
static const uint64_t X86_MODULES_START_NOKASLR = 0xffffffffa0000000;
static const uint64_t X86_MODULES_END = 0xffffffffff000000;

/* The kernel's half of the address space, with tables of five levels. */
static const uint64_t X86_KERNEL_HALF = 0xff00000000000000;

/* What does not move with KASLR either: Documentation/arch/x86/x86_64/mm.rst. */
static const uint64_t X86_CPU_ENTRY_AREA = 0xfffffe0000000000;
static const uint64_t X86_CPU_ENTRY_AREA_END = 0xfffffe8000000000;
/* The firmware's runtime services. */
static const uint64_t X86_EFI = 0xffffffef00000000;
static const uint64_t X86_EFI_END = 0xffffffff00000000;
static const uint64_t X86_VSYSCALL = 0xffffffffff600000;

/* CR0.WP: a supervisor's write to a read-only page faults. Intel SDM vol. 3A 2.5. */
static const uint64_t X86_CR0_WP = 1 << 16;
static const uint64_t X86_CR4_CET = 1 << 23;

#endif
