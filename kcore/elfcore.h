/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An x86-64 core as bytes: /proc/kcore, a dump of any form, or a capture of ours. */
#ifndef KWCHECK_KCORE_ELFCORE_H
#define KWCHECK_KCORE_ELFCORE_H

#include "kcore/error.h"
#include "kcore/footprint.h"
#include "kcore/ramruns.h"

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
	bool is_cut; /* the file ends before the segment's bytes do */
};

/* How the frames of a dump are read that are not at their segments' offsets. */
struct elfcore_packed {
	/* @size_bytes within one page. -ENODATA: the dump has not got that page. */
	int (*read)(void *ctx, uint64_t pa, void *buf, size_t size_bytes);
	bool (*has)(void *ctx, uint64_t pa);
	void (*close)(void *ctx);
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
	size_t nr_segments, segments_room;
	struct elfcore_note *notes;
	size_t nr_notes;
	uint64_t nr_reads;		     /* reads of the file so far */
	struct ramruns runs;		     /* what a file's segments have, by frame */
	const struct elfcore_packed *packed; /* NULL: frames are at segments' offsets */
	void *packed_ctx;
	bool is_cut;		     /* the file ends before its bytes do */
	bool lacks_part;	     /* of a split dump some files were not given */
	uint64_t nr_missing;	     /* reads of RAM that the core has not got */
	uint64_t missing_pa;	     /* of the last one */
	struct footprint *footprint; /* notes the frames that are read; NULL */
};

/* elfcore_open - reads the headers and notes of an ELF core
 *
 * @fd: stays the caller's and must outlive @ret.
 * @path: for messages.
 * @is_live: /proc/kcore, whose size means nothing; else what segments have past the end
 * of the file is missing, and @ret->is_cut. Returns 0, or -errno with @err filled
 * (malformed, truncated inside its headers, masked, wrong architecture).
 */
int elfcore_open(struct elfcore *ret, int fd, const char *path, bool is_live,
		 struct error *err);
void elfcore_close(struct elfcore *core);

/* For a core of another form than ELF, which starts as zeros. Each returns 0 or -errno,
 * elfcore_index_frames() with @err filled where segments contradict each other.
 * Where it sets @packed, elfcore_close() closes that; where it does not, the segments'
 * bytes are at their offsets in @fd, and elfcore_index_frames() goes last.
 */
int elfcore_add_segment(struct elfcore *core, const struct elfcore_segment *segment);
int elfcore_add_note(struct elfcore *core, const char *name, uint32_t type,
		     const void *data, size_t size_bytes);
int elfcore_index_frames(struct elfcore *core, const char *path, struct error *err);

/* elfcore_hand_over - the end of opening one: @core's frames are indexed and @ret has it
 * @r: how it went so far; below zero, or where the index fails, @core is closed. Returns
 * that.
 */
int elfcore_hand_over(struct elfcore *ret, struct elfcore *core, int r, const char *path,
		      struct error *err);

/* Reads @size_bytes at a physical address, through the segments that say theirs.
 * -EFAULT: some byte lies in no such segment. -ENODATA: it was RAM, and the core has not
 * got it. -EIO: the file ended early.
 */
int elfcore_read_pa(struct elfcore *core, uint64_t pa, void *buf, size_t size_bytes);

/* The same at a virtual address. What /proc/kcore cannot read it gives as zeros, so
 * values that matter are better read by physical address after a page walk.
 */
int elfcore_read_va(struct elfcore *core, uint64_t va, void *buf, size_t size_bytes);

/* elfcore_next - the next bytes from @pa on, of at most @size_bytes, that are no hole
 * @pa, @size_bytes: of whole pages, inside of a segment. @ret_nr: how many bytes of @buf
 * are filled; 0 where there is nothing. Returns how many bytes of memory that takes one
 * further.
 */
uint64_t elfcore_next(struct elfcore *core, uint64_t pa, void *buf, size_t size_bytes,
		      size_t *ret_nr);

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
