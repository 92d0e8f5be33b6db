/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An x86-64 ELF core as bytes: /proc/kcore, a vmcore, or a capture of ours. */
#ifndef KWCHECK_KCORE_ELFCORE_H
#define KWCHECK_KCORE_ELFCORE_H

#include "kcore/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* p_paddr of a segment whose physical address the core does not say. */
#define ELFCORE_NO_PA UINT64_MAX

struct elfcore_segment {
	uint64_t va;
	uint64_t pa;	       /* or ELFCORE_NO_PA */
	uint64_t size_bytes;   /* that the file has; 0: none */
	uint64_t memory_bytes; /* that the segment had in memory: at least size_bytes */
	uint64_t offset;
};

struct elfcore_note {
	const char *name; /* NUL-terminated */
	uint32_t type;
	const void *data; /* size_bytes of it, lives as long as the elfcore */
	size_t size_bytes;
};

struct elfcore {
	int fd; /* borrowed */
	bool is_live;
	unsigned char *head; /* the file's first bytes: headers and notes */
	size_t head_bytes;
	struct elfcore_segment *segments;
	size_t nr_segments;
	struct elfcore_note *notes;
	size_t nr_notes;
	uint64_t nr_reads; /* reads of the file so far */
};

/* elfcore_open - reads the headers and notes of an ELF core
 *
 * @fd: stays the caller's and must outlive @ret.
 * @path: for messages.
 * @is_live: /proc/kcore, whose size means nothing; else segments that reach past the end
 * of the file are refused as truncated. Returns 0, or -errno with @err filled (malformed,
 * truncated, masked, wrong architecture).
 */
int elfcore_open(struct elfcore *ret, int fd, const char *path, bool is_live,
		 struct error *err);
void elfcore_close(struct elfcore *core);

/* Reads @size_bytes at a physical address, through the segments that say theirs.
 * -EFAULT: some byte lies in no such segment. -EIO: the file ended early.
 */
int elfcore_read_pa(struct elfcore *core, uint64_t pa, void *buf, size_t size_bytes);

/* The same at a virtual address. What /proc/kcore cannot read it gives as zeros, so
 * values that matter are better read by physical address after a page walk.
 */
int elfcore_read_va(struct elfcore *core, uint64_t va, void *buf, size_t size_bytes);

/* Is there memory for this physical address? */
bool elfcore_has_pa(const struct elfcore *core, uint64_t pa);

/* Was it RAM, whether the core has it or not? */
bool elfcore_is_ram(const struct elfcore *core, uint64_t pa);

/* The segment that @va belongs to, whether the file has that byte or not; or NULL. */
const struct elfcore_segment *elfcore_segment_of(const struct elfcore *core, uint64_t va);

/* First note of that name and type, or NULL. */
const struct elfcore_note *elfcore_note(const struct elfcore *core, const char *name,
					uint32_t type);

#endif
