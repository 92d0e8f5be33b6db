/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one sweep of the kernel half found mapped: a snapshot that every check reads. */
#ifndef KWCHECK_AUDIT_MAPPINGS_H
#define KWCHECK_AUDIT_MAPPINGS_H

#include "kcore/kernel.h"
#include "pagetable/sweep.h"

/* Neighbours in address and frame with the same size and rights are one mapping. */
struct mapping {
	uint64_t va, size_bytes;
	uint64_t pa; /* of va; 0 where reason is not PT_OK */
	uint8_t level;
	uint8_t reason; /* enum pt_reason */
	bool writable : 1, user : 1, nx : 1;
	bool dirty : 1; /* read-only, and the CPU has seen a write through it */
};

struct mappings {
	struct kernel *kernel;
	struct mapping *array; /* ascends by va */
	size_t nr, room;
	size_t nr_tables; /* visited, the root among them */
	size_t nr_clones; /* tables seen again, and left out */
};

/* mappings_take - one sweep of the kernel half
 * Returns 0, or -errno (-ENOMEM).
 */
int mappings_take(struct mappings *ret, struct kernel *kernel);
void mappings_free(struct mappings *mappings);

/* The mapping that holds @va, or NULL. */
const struct mapping *mappings_at(const struct mappings *mappings, uint64_t va);

/* The first mapping that ends above @va, or NULL. The mappings of a range follow it in
 * the array.
 */
const struct mapping *mappings_from(const struct mappings *mappings, uint64_t va);

/* Physical address of @va. false: not mapped. */
bool mappings_pa(const struct mappings *mappings, uint64_t va, uint64_t *ret);

/* mappings_read - bytes at a kernel address, through the snapshot
 * Frames come from the kernel's page cache: each is read once in a run.
 * -EFAULT: some byte is not mapped, or its frame is not in the core.
 */
int mappings_read(const struct mappings *mappings, uint64_t va, void *buf,
		  size_t size_bytes);

/* The same for one 64-bit word. */
int mappings_read_word(const struct mappings *mappings, uint64_t va, uint64_t *ret);

/* mappings_read_string - printable text up to its NUL
 * @ret: room for @ret_bytes. -EILSEQ: not text, or longer.
 */
int mappings_read_string(const struct mappings *mappings, uint64_t va, char *ret,
			 size_t ret_bytes);

/* "r--", "rw-", "r-x" or "rwx"; "---": the entry cannot be followed. */
const char *mapping_rights(const struct mapping *mapping);

#endif
