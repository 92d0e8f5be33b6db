/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether raw memory lies in its file as it lay in the machine. */
#include "kcore/rawlayout.h"

#include <errno.h>
#include <inttypes.h>

#include "kcore/pagecache.h"

/* No machine's hole begins lower: QEMU's q35 has it from 2 GiB on, where it has more than
 * 2.75 GiB (hw/i386/pc_q35.c), VMware from 3 GiB on.
 */
static const uint64_t LOWEST_HOLE = 2ULL << 30;

int rawlayout_check(struct kernel *kernel, const char *path, struct error *err)
{
	uint64_t file_bytes, max_pfn;

	if (!kernel->is_raw || kernel->core.nr_segments != 1)
		return 0;
	file_bytes = kernel->core.segments[0].size_bytes;
	if (file_bytes <= LOWEST_HOLE)
		return 0;
	if (kernel_read_variable(kernel, "max_pfn", &max_pfn, sizeof(max_pfn)) < 0) {
		kernel_note(kernel,
			    "raw memory of over 2 GiB, and where its RAM ends is not "
			    "known: with a hole below 4 GiB left out (VMware's .vmem) "
			    "what is above it would be taken for other memory");
		return 0;
	}
	if (max_pfn <= file_bytes / PAGE_BYTES || max_pfn > INT64_MAX / PAGE_BYTES)
		return 0;
	return error_set(
		err, ERROR_MALFORMED_CORE, -ENOEXEC,
		"%s: raw memory of %" PRIu64 " MiB of a kernel whose RAM ends at "
		"%" PRIu64 " MiB: a hole below 4 GiB is left out (VMware's .vmem "
		"over 3 GiB, QEMU's memory-backend-file), or the end is; make it "
		"with QEMU's 'dump-guest-memory' or 'pmemsave 0 0x%" PRIx64
		"', 'avml', or 'kwcheck capture FILE' in the guest",
		path, file_bytes >> 20, max_pfn * PAGE_BYTES >> 20, max_pfn * PAGE_BYTES);
}
