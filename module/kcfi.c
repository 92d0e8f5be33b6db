/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kCFI: an indirect call is made only if the target's type hash is the caller's. */
#include "module/kcfi.h"

uint64_t kcfi_nr_calls(const struct kofile *file)
{
	const struct kofile_section *traps = kofile_section(file, ".kcfi_traps");

	/* An s32 each, relative to itself. */
	return traps ? traps->size_bytes / sizeof(int32_t) : 0;
}

bool kcfi_is_rehashed(struct kernel *kernel)
{
	uint32_t seed;

	return kernel_read_variable(kernel, "cfi_seed", &seed, sizeof(seed)) == 0 &&
	       seed != 0;
}
