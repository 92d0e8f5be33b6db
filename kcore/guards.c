/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the CPU and the kernel enforce beside the page tables. */
#include "kcore/guards.h"

#include <string.h>

#include "kcore/x86.h"

enum { IBT = KERNEL_CPU_FEATURE(18, 20) };

/* arch/x86/kernel/cpu/common.c:setup_cr_pinning(), which is after setup_cet(); the mask
 * has had CET since 5.18, the first release that sets it.
 */
static bool has_cet(struct kernel *kernel)
{
	uint64_t bits;

	return kernel_read_variable(kernel, "cr4_pinned_bits", &bits, sizeof(bits)) ==
		       0 &&
	       bits & X86_CR4_CET;
}

/* Without CONFIG_X86_KERNEL_IBT there is no self-test of it. */
static void find_ibt(struct guards *guards, struct kernel *kernel)
{
	uint64_t va;
	uint8_t is_fatal = 1;

	guards->knows_endbr = symbols_address(&kernel->symbols, "ibt_selftest", &va);
	if (!guards->keeps_wp || !guards->knows_endbr)
		return;
	if (kernel_cpu_has(kernel, IBT, &guards->wants_endbr) < 0) {
		guards->may_want_endbr = true;
		return;
	}
	kernel_read_variable(kernel, "ibt_fatal", &is_fatal, sizeof(is_fatal));
	guards->only_warns = !is_fatal;
}

/* The one check of a hash in do_one_initcall(): mov $-hash, %r10d; add -offset(%reg),
 * %r10d; je; ud2. Documentation/... of clang: -fsanitize=kcfi.
 */
static void find_init_type(struct guards *guards, struct kernel *kernel)
{
	enum { MAX_BYTES = 1024 };
	unsigned char code[MAX_BYTES];
	uint64_t va, end;
	struct guards found = {0};
	size_t nr;

	if (!symbols_address(&kernel->symbols, "do_one_initcall", &va) ||
	    !symbols_next_address(&kernel->symbols, va, &end))
		return;
	nr = end - va < MAX_BYTES ? (size_t)(end - va) : MAX_BYTES;
	if (kernel_read(kernel, va, code, nr) < 0)
		return;
	for (size_t i = 0; i + 14 <= nr; i++) {
		uint32_t negative;

		/* The add has a REX prefix, a ModRM of r10d and 8 bits of displacement.
		 */
		if (code[i] != 0x41 || code[i + 1] != 0xba ||
		    (code[i + 6] & 0xf4) != 0x44 || code[i + 7] != 0x03 ||
		    (code[i + 8] & 0xf8) != 0x50 || code[i + 10] != 0x74 ||
		    code[i + 12] != 0x0f || code[i + 13] != 0x0b)
			continue;
		memcpy(&negative, code + i + 2, sizeof(negative));
		if (found.init_type && found.init_type != -negative)
			return;
		found.init_type = -negative;
		found.type_at = (int8_t)code[i + 9];
	}
	guards->init_type = found.init_type;
	guards->type_at = found.type_at;
}

void guards_find(struct guards *ret, struct kernel *kernel)
{
	uint64_t va;

	*ret = (struct guards){
		.keeps_wp = has_cet(kernel),
		.pins_cr0 = symbols_address(&kernel->symbols, "cr_pinning", &va) ||
			    symbols_address(&kernel->symbols, "cr4_pinned_bits", &va),
		.checks_types = symbols_address(&kernel->symbols, "handle_cfi_failure",
						&va),
	};
	find_ibt(ret, kernel);
	if (ret->checks_types)
		find_init_type(ret, kernel);
}
