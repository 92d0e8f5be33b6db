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

/* Where the memory ends that the file is said to have. */
static uint64_t end_of(const struct elfcore *core)
{
	uint64_t end = 0;

	for (size_t i = 0; i < core->nr_segments; i++) {
		const struct elfcore_segment *segment = &core->segments[i];

		if (segment->pa + segment->memory_bytes > end)
			end = segment->pa + segment->memory_bytes;
	}
	return end;
}

int rawlayout_check(struct kernel *kernel, const char *path, struct error *err)
{
	bool is_whole = kernel->core.nr_segments == 1;
	uint64_t end = end_of(&kernel->core), max_pfn;

	if (!kernel->is_raw || end <= LOWEST_HOLE)
		return 0;
	if (kernel_read_variable(kernel, "max_pfn", &max_pfn, sizeof(max_pfn)) < 0) {
		if (is_whole)
			kernel_note(kernel,
				    "raw memory of over 2 GiB, and where its RAM ends is "
				    "not known: with a hole below 4 GiB left out "
				    "(VMware's .vmem) what is above it would be taken "
				    "for other memory");
		return 0;
	}
	if (max_pfn <= end / PAGE_BYTES || max_pfn > INT64_MAX / PAGE_BYTES)
		return 0;
	if (!is_whole)
		return error_set(
			err, ERROR_MALFORMED_CORE, -ENOEXEC,
			"%s: by the .vmss or .vmsn beside it its memory ends at %" PRIu64
			" MiB, and the kernel's RAM at %" PRIu64 " MiB: that file is "
			"another machine's, or damaged",
			path, end >> 20, max_pfn * PAGE_BYTES >> 20);
	return error_set(
		err, ERROR_MALFORMED_CORE, -ENOEXEC,
		"%s: raw memory of %" PRIu64 " MiB of a kernel whose RAM ends at "
		"%" PRIu64 " MiB: a hole below 4 GiB is left out (VMware's .vmem "
		"over 3 GiB, QEMU's memory-backend-file), or the end is; put the .vmss "
		"or .vmsn of the same name beside the .vmem, or make it with QEMU's "
		"'dump-guest-memory' or 'pmemsave 0 0x%" PRIx64
		"', 'avml', or 'kwcheck capture FILE' in the guest",
		path, end >> 20, max_pfn * PAGE_BYTES >> 20, max_pfn * PAGE_BYTES);
}
