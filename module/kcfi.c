/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kCFI: an indirect call is made only if the target's type hash is the caller's. */
#include "module/kcfi.h"

uint64_t kcfi_nr_calls(const struct kofile *file)
{
	/* scripts/module.lds.S names it anew where a module is linked. */
	const struct kofile_section *linked = kofile_section(file, "__kcfi_traps");
	const struct kofile_section *traps =
		linked ?: kofile_section(file, ".kcfi_traps");

	/* An s32 each, relative to itself. */
	return traps ? traps->size_bytes / sizeof(int32_t) : 0;
}

uint32_t kcfi_seed(struct kernel *kernel)
{
	uint32_t seed;

	return kernel_read_variable(kernel, "cfi_seed", &seed, sizeof(seed)) == 0 ? seed
										  : 0;
}

/* endbr64 or endbr32. */
static bool is_endbr(uint32_t hash)
{
	return (hash & ~0x01000000U) == 0xfa1e0ff3;
}

uint32_t kcfi_rehash(uint32_t hash, uint32_t seed)
{
	if (!seed)
		return hash;
	hash ^= seed;
	while (is_endbr(hash) || is_endbr(-hash)) {
		bool is_odd = hash & 1;

		hash >>= 1;
		if (is_odd)
			hash ^= 0x80200003;
	}
	return hash;
}
