/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A place in code as a log names it: "init_lsm_hooks+0x1cd/0x1f0 [deepin_security]". */
#ifndef KWCHECK_OOPS_SITE_H
#define KWCHECK_OOPS_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SITE_FUNCTION_BYTES = 513, SITE_MODULE_BYTES = 65 };

struct site {
	char function[SITE_FUNCTION_BYTES]; /* "": the log has an address only */
	char module[SITE_MODULE_BYTES];	    /* "": none is named */
	/* "f (kernel/a.c:12) module": scripts/decode_stacktrace.sh put a source line for
	 * the offset.
	 */
	bool has_no_offset;
	uint64_t offset;
	/* To the next symbol, which may be far: kallsyms has no sizes. */
	uint64_t size_bytes;
	bool has_address;
	uint64_t address;
};

/* Is the place behind the function that is named? */
static inline bool site_is_past_end(const struct site *site)
{
	return site->size_bytes && site->offset >= site->size_bytes;
}

/* site_scan - one from *@p; false where none is there whole
 * A name without "+0x1/0x2" or a source line behind it is no site: it may have been cut.
 */
bool site_scan(const char **p, struct site *ret);

#endif
