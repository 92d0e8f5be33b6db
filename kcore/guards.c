/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the CPU and the kernel enforce beside the page tables. */
#include "kcore/guards.h"

#include <string.h>

#include "kcore/kcficheck.h"
#include "kcore/x86.h"

enum { IBT = KERNEL_CPU_FEATURE(18, 20), MAX_FUNCTION_BYTES = 1024 };

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

/* The bytes of a function, as far as they fit. */
static size_t read_function(struct kernel *kernel, const char *name, unsigned char *ret,
			    size_t max_bytes, uint64_t *ret_va)
{
	uint64_t end;
	size_t nr;

	if (!symbols_address(&kernel->symbols, name, ret_va) ||
	    !symbols_next_address(&kernel->symbols, *ret_va, &end))
		return 0;
	nr = end - *ret_va < max_bytes ? (size_t)(end - *ret_va) : max_bytes;
	return kernel_read(kernel, *ret_va, ret, nr) < 0 ? 0 : nr;
}

/* The one check of a hash in do_one_initcall(). */
static void find_init_type(struct guards *guards, struct kernel *kernel)
{
	unsigned char code[MAX_FUNCTION_BYTES];
	struct kcficheck check = {0}, one;
	uint64_t va;
	size_t nr = read_function(kernel, "do_one_initcall", code, sizeof(code), &va);

	for (size_t i = 0; i + KCFICHECK_BYTES <= nr; i++) {
		if (!kcficheck_read(code + i, &one))
			continue;
		if (check.type && check.type != one.type)
			return;
		check = one;
	}
	guards->init_type = check.type;
	guards->type_at = check.type_at;
}

/* Does the function call @callee by its address? */
static bool calls(struct kernel *kernel, const char *name, uint64_t callee)
{
	unsigned char code[MAX_FUNCTION_BYTES];
	uint64_t va;
	size_t nr = read_function(kernel, name, code, sizeof(code), &va);

	for (size_t i = 0; i + 5 <= nr; i++) {
		int32_t by;

		memcpy(&by, code + i + 1, sizeof(by));
		if (code[i] == 0xe8 && va + i + 5 + (uint64_t)(int64_t)by == callee)
			return true;
	}
	return false;
}

/* Is a wrong type logged, and no more? kernel/cfi.c: cfi_warn, since 6.16; before, with
 * CONFIG_CFI_PERMISSIVE, the report calls __warn().
 */
static bool only_reports(struct kernel *kernel)
{
	uint8_t warns;
	uint64_t warn;

	if (kernel_read_variable(kernel, "cfi_warn", &warns, sizeof(warns)) == 0)
		return warns;
	return symbols_address(&kernel->symbols, "__warn", &warn) &&
	       (calls(kernel, "report_cfi_failure", warn) ||
		calls(kernel, "handle_cfi_failure", warn));
}

/* cfi=off leaves the function that would handle a failure. */
static void find_types(struct guards *guards, struct kernel *kernel)
{
	static const uint32_t CFI_OFF = 1; /* arch/x86/include/asm/cfi.h: enum cfi_mode */
	uint32_t mode;
	uint64_t va;

	if (!symbols_address(&kernel->symbols, "handle_cfi_failure", &va) ||
	    (kernel_read_variable(kernel, "cfi_mode", &mode, sizeof(mode)) == 0 &&
	     mode == CFI_OFF))
		return;
	guards->checks_types = true;
	guards->only_reports = only_reports(kernel);
	find_init_type(guards, kernel);
}

void guards_find(struct guards *ret, struct kernel *kernel)
{
	uint64_t va;

	*ret = (struct guards){
		.keeps_wp = has_cet(kernel),
		.pins_cr0 = symbols_address(&kernel->symbols, "cr_pinning", &va) ||
			    symbols_address(&kernel->symbols, "cr4_pinned_bits", &va),
	};
	find_ibt(ret, kernel);
	find_types(ret, kernel);
}
