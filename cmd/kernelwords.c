/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel would log of a fault, in its own words. */
#include "cmd/kernelwords.h"

#include <inttypes.h>

#include "kcore/pagecache.h"
#include "pagetable/errorcode.h"

void kernelwords_page_fault(FILE *out, const char *indent, uint64_t address,
			    unsigned error_code)
{
	static const char *const accesses[] = {[ERRORCODE_READ] = "read access",
					       [ERRORCODE_WRITE] = "write access",
					       [ERRORCODE_FETCH] = "instruction fetch"};

	fprintf(out,
		"%sBUG: %s address: %016" PRIx64 "\n"
		"%s#PF: supervisor %s in kernel mode\n"
		"%s#PF: error_code(0x%04x) - %s\n",
		indent,
		address < PAGE_BYTES ? "kernel NULL pointer dereference,"
				     : "unable to handle page fault for",
		address, indent, accesses[errorcode_access(error_code)], indent,
		error_code,
		errorcode_has(error_code, ERRORCODE_P) ? "permissions violation"
						       : "not-present page");
}

void kernelwords_non_canonical(FILE *out, uint64_t address)
{
	fprintf(out,
		"general protection fault, probably for non-canonical address "
		"0x%" PRIx64 "\n",
		address);
}
