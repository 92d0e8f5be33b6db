/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person asks about: one word of the command line or one line of a list. */
#ifndef KWCHECK_CMD_TARGET_H
#define KWCHECK_CMD_TARGET_H

#include "kcore/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TARGET_NAME_BYTES = 513, TARGET_MODULE_BYTES = 65 };

struct target {
	bool is_symbol;
	char name[TARGET_NAME_BYTES];	  /* is_symbol */
	char module[TARGET_MODULE_BYTES]; /* "": any */
	bool has_offset;		  /* NAME+OFFSET: not the whole symbol */
	uint64_t offset;
	uint64_t address; /* !is_symbol */
	/* Bytes asked about; 0 for a whole symbol, whose size the kernel tells. */
	uint64_t size_bytes;
};

/* target_parse - NAME, MODULE:NAME, NAME+OFF, NAME+OFF/LEN, 0xADDR, 0xA-0xB, 0xA+LEN
 * Returns 0, or -EINVAL with @err filled (ERROR_MALFORMED_TARGET).
 */
int target_parse(const char *word, struct target *ret, struct error *err);

/* Is it hexadecimal digits and nothing else: probably an address without 0x? */
bool target_is_bare_hex(const char *word);

/* target_refuse_bare_hex - tells how to ask for such an address, or range of two
 * Returns @r with @err filled with @code.
 */
int target_refuse_bare_hex(const char *word, enum error_code code, int r,
			   struct error *err);

/* A list of words, owned. */
struct target_list {
	char **words;
	size_t nr, room;
};

/* target_list_add - @word itself, or the lines of the file that "@FILE" or "-" (standard
 * input) names: one target a line, blank lines and what a # begins left out. A list
 * without a target is an error: what is asked of nothing would hold.
 * Returns 0, or -errno with @err filled.
 */
int target_list_add(struct target_list *list, const char *word, struct error *err);
void target_list_free(struct target_list *list);

#endif
