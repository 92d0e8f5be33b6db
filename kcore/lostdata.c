/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of the kernel's own data that a compressed dump ought to have. */
#include "kcore/lostdata.h"

#include "kcore/region.h"
#include "kcore/x86.h"

static bool is_kept(enum region_kind kind)
{
	return kind == REGION_RODATA || kind == REGION_RO_AFTER_INIT ||
	       kind == REGION_DATA || kind == REGION_BSS;
}

size_t lostdata_count(const struct kernel *kernel)
{
	const struct elfcore *core = &kernel->core;
	uint64_t va = kernel->labels[LABEL_START_RODATA], end = kernel->labels[LABEL_END];
	size_t nr = 0;

	/* Of zeros kdump's compressed form has one page for all. */
	if (!core->packed || core->is_cut || core->lacks_part || !va || end < va ||
	    kernel_is_captured(kernel))
		return 0;
	for (; va < end; va += PAGE_BYTES) {
		uint64_t pa = va + kernel->image_to_pa;

		nr += is_kept(region_of(kernel, va)->kind) && elfcore_is_ram(core, pa) &&
		      !elfcore_has_pa(core, pa);
	}
	return nr;
}

/* Linux 6.6 keeps the mark of a huge page where other compound pages have something else,
 * and makedumpfile takes those for user data (github.com/makedumpfile/makedumpfile, issue
 * 21).
 */
void lostdata_note(struct kernel *kernel)
{
	size_t nr = lostdata_count(kernel);

	if (nr)
		kernel_note(kernel,
			    "%zu pages of the kernel's own data are not in the dump: of "
			    "6.6 makedumpfile takes some for huge pages of users, and -d "
			    "23 keeps those; what would be there is unknown",
			    nr);
}
