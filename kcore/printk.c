/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log, out of its memory: kernel/printk/printk_ringbuffer.h (5.10) and
 * kernel/printk/printk.c (3.5 to 5.9), with the offsets that VMCOREINFO has for this
 * purpose (Documentation/admin-guide/kdump/vmcoreinfo.rst).
 */
#include "kcore/printk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"
#include "kcore/loss.h"

enum {
	MAX_COUNT_BITS = 22, /* 4 million records */
	MAX_SIZE_BITS = 30,
	MAX_TEXT_BYTES = 32 * 1024,
	MAX_STRUCT_BYTES = 4096,
	ID_BYTES = 8, /* that a block of text starts with */
};

/* Bits 62 and 63 of a descriptor's state_var. */
enum { STATE_COMMITTED = 1, STATE_FINALIZED = 2, STATE_SHIFT = 62 };

struct text {
	FILE *file;
	uint64_t lost;
};

/* A record may have several lines; dmesg(1) shows them so, too. What is no text is told
 * apart where it is shown.
 */
static void put_record(struct text *text, uint64_t ns, const char *bytes, size_t nr)
{
	const char *end = bytes + nr;

	do {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *stop = newline ? newline : end;

		fprintf(text->file, "[%5" PRIu64 ".%06" PRIu64 "] ", ns / 1000000000,
			ns / 1000 % 1000000);
		fwrite(bytes, 1, (size_t)(stop - bytes), text->file);
		fputc('\n', text->file);
		bytes = newline ? newline + 1 : end;
	} while (bytes < end);
}

/* Where members lie: VMCOREINFO's names, in the order of the enum. */
enum member {
	RB_DESC_RING,
	RB_TEXT_RING,
	RING_COUNT_BITS,
	RING_DESCS,
	RING_INFOS,
	RING_HEAD_ID,
	RING_TAIL_ID,
	DESC_BYTES,
	DESC_STATE,
	DESC_TEXT,
	LPOS_BEGIN,
	LPOS_NEXT,
	INFO_BYTES,
	INFO_TS,
	INFO_TEXT_LEN,
	DATA_SIZE_BITS,
	DATA_DATA,
	COUNTER,
	NR_MEMBERS,
};

static const char *const member_keys[NR_MEMBERS] = {
	[RB_DESC_RING] = "OFFSET(printk_ringbuffer.desc_ring)",
	[RB_TEXT_RING] = "OFFSET(printk_ringbuffer.text_data_ring)",
	[RING_COUNT_BITS] = "OFFSET(prb_desc_ring.count_bits)",
	[RING_DESCS] = "OFFSET(prb_desc_ring.descs)",
	[RING_INFOS] = "OFFSET(prb_desc_ring.infos)",
	[RING_HEAD_ID] = "OFFSET(prb_desc_ring.head_id)",
	[RING_TAIL_ID] = "OFFSET(prb_desc_ring.tail_id)",
	[DESC_BYTES] = "SIZE(prb_desc)",
	[DESC_STATE] = "OFFSET(prb_desc.state_var)",
	[DESC_TEXT] = "OFFSET(prb_desc.text_blk_lpos)",
	[LPOS_BEGIN] = "OFFSET(prb_data_blk_lpos.begin)",
	[LPOS_NEXT] = "OFFSET(prb_data_blk_lpos.next)",
	[INFO_BYTES] = "SIZE(printk_info)",
	[INFO_TS] = "OFFSET(printk_info.ts_nsec)",
	[INFO_TEXT_LEN] = "OFFSET(printk_info.text_len)",
	[DATA_SIZE_BITS] = "OFFSET(prb_data_ring.size_bits)",
	[DATA_DATA] = "OFFSET(prb_data_ring.data)",
	[COUNTER] = "OFFSET(atomic_long_t.counter)",
};

struct ring {
	struct kernel *kernel;
	size_t at[NR_MEMBERS];
	uint32_t count_bits, size_bits;
	uint64_t descs, infos, data; /* addresses */
	uint64_t head, tail;	     /* ids; the head is the newest record */
};

static bool read_lengths(const struct vmcoreinfo *info, const char *const *keys,
			 size_t nr, size_t *ret)
{
	for (size_t i = 0; i < nr; i++)
		if (vmcoreinfo_length(info, keys[i], &ret[i]) < 0 ||
		    ret[i] > MAX_STRUCT_BYTES)
			return false;
	return true;
}

static bool read_at(struct kernel *kernel, uint64_t va, void *ret, size_t size_bytes)
{
	return kernel_read_cached(kernel, va, ret, size_bytes) == 0;
}

static bool read_ring(struct ring *ring, uint64_t prb)
{
	struct kernel *kernel = ring->kernel;
	const size_t *at = ring->at;
	uint64_t rb, descs, text;

	if (!read_at(kernel, prb, &rb, sizeof(rb)))
		return false;
	descs = rb + at[RB_DESC_RING];
	text = rb + at[RB_TEXT_RING];
	return read_at(kernel, descs + at[RING_COUNT_BITS], &ring->count_bits, 4) &&
	       read_at(kernel, descs + at[RING_DESCS], &ring->descs, 8) &&
	       read_at(kernel, descs + at[RING_INFOS], &ring->infos, 8) &&
	       read_at(kernel, descs + at[RING_HEAD_ID] + at[COUNTER], &ring->head, 8) &&
	       read_at(kernel, descs + at[RING_TAIL_ID] + at[COUNTER], &ring->tail, 8) &&
	       read_at(kernel, text + at[DATA_SIZE_BITS], &ring->size_bits, 4) &&
	       read_at(kernel, text + at[DATA_DATA], &ring->data, 8) &&
	       ring->count_bits > 0 && ring->count_bits <= MAX_COUNT_BITS &&
	       ring->size_bits > 0 && ring->size_bits <= MAX_SIZE_BITS;
}

/* The block of text from @begin to @next, which are positions that only grow: a block
 * that would reach past the ring's end starts at its start. false: it has none.
 */
static bool find_text(const struct ring *ring, uint64_t begin, uint64_t next,
		      uint64_t *ret_va, uint64_t *ret_bytes)
{
	uint64_t size = (uint64_t)1 << ring->size_bits;
	uint64_t at = begin & (size - 1);

	if (begin & 1 || next - begin > 2 * size || next == begin)
		return false;
	*ret_bytes = next - begin;
	if (begin >> ring->size_bits != (next - 1) >> ring->size_bits) {
		at = 0;
		*ret_bytes = next & (size - 1);
	}
	*ret_va = ring->data + at;
	return *ret_bytes > ID_BYTES;
}

/* The record of that id, if it is whole and still there. */
static void put_id(struct ring *ring, uint64_t id, struct text *text)
{
	const size_t *at = ring->at;
	uint64_t index = id & (((uint64_t)1 << ring->count_bits) - 1);
	uint64_t desc = ring->descs + index * at[DESC_BYTES];
	uint64_t info = ring->infos + index * at[INFO_BYTES];
	uint64_t state, ns, begin, next, va, bytes, block_id;
	static char buf[MAX_TEXT_BYTES];
	uint16_t text_bytes;

	if (!read_at(ring->kernel, desc + at[DESC_STATE] + at[COUNTER], &state, 8) ||
	    !read_at(ring->kernel, desc + at[DESC_TEXT] + at[LPOS_BEGIN], &begin, 8) ||
	    !read_at(ring->kernel, desc + at[DESC_TEXT] + at[LPOS_NEXT], &next, 8) ||
	    !read_at(ring->kernel, info + at[INFO_TS], &ns, 8) ||
	    !read_at(ring->kernel, info + at[INFO_TEXT_LEN], &text_bytes, 2)) {
		text->lost++;
		return;
	}
	if ((state >> STATE_SHIFT != STATE_COMMITTED &&
	     state >> STATE_SHIFT != STATE_FINALIZED) ||
	    (state ^ id) << 2 != 0)
		return;
	if (!find_text(ring, begin, next, &va, &bytes)) {
		put_record(text, ns, "", 0);
		return;
	}
	if (text_bytes > bytes - ID_BYTES)
		text_bytes = (uint16_t)(bytes - ID_BYTES);
	if (text_bytes > sizeof(buf))
		text_bytes = sizeof(buf);
	if (!read_at(ring->kernel, va, &block_id, sizeof(block_id)) ||
	    (block_id ^ id) << 2 != 0 ||
	    !read_at(ring->kernel, va + ID_BYTES, buf, text_bytes)) {
		text->lost++;
		return;
	}
	put_record(text, ns, buf, text_bytes);
}

static int put_ring(struct kernel *kernel, uint64_t prb, struct text *text)
{
	struct ring ring = {.kernel = kernel};
	uint64_t nr;

	if (!read_lengths(&kernel->info, member_keys, NR_MEMBERS, ring.at) ||
	    !read_ring(&ring, prb))
		return -EFAULT;
	nr = (ring.head - ring.tail) << 2 >> 2;
	if (nr >= (uint64_t)1 << ring.count_bits)
		return -EFAULT;
	for (uint64_t i = 0; i <= nr; i++)
		put_id(&ring, (ring.tail + i) << 2 >> 2, text);
	return 0;
}

enum log_member { LOG_BYTES, LOG_TS, LOG_LEN, LOG_TEXT_LEN, NR_LOG_MEMBERS };

static const char *const log_keys[NR_LOG_MEMBERS] = {
	[LOG_BYTES] = "SIZE(printk_log)",
	[LOG_TS] = "OFFSET(printk_log.ts_nsec)",
	[LOG_LEN] = "OFFSET(printk_log.len)",
	[LOG_TEXT_LEN] = "OFFSET(printk_log.text_len)",
};

static bool read_symbol(struct kernel *kernel, const char *name, void *ret,
			size_t size_bytes)
{
	uint64_t va;

	return vmcoreinfo_symbol(&kernel->info, name, &va) == 0 &&
	       read_at(kernel, va, ret, size_bytes);
}

/* Records lie one behind the other; one of length 0 says that the next is at the start.
 */
static int put_log(struct kernel *kernel, struct text *text)
{
	size_t at[NR_LOG_MEMBERS];
	uint32_t size_bytes, first, next, nr_wraps = 0;
	static char buf[MAX_TEXT_BYTES];
	uint64_t log;

	if (!read_lengths(&kernel->info, log_keys, NR_LOG_MEMBERS, at) ||
	    !read_symbol(kernel, "log_buf", &log, sizeof(log)) ||
	    !read_symbol(kernel, "log_buf_len", &size_bytes, sizeof(size_bytes)) ||
	    !read_symbol(kernel, "log_first_idx", &first, sizeof(first)) ||
	    !read_symbol(kernel, "log_next_idx", &next, sizeof(next)) ||
	    size_bytes > 1U << MAX_SIZE_BITS || first > size_bytes || next > size_bytes)
		return -EFAULT;
	while (first != next) {
		uint16_t len, text_bytes;
		uint64_t ns;

		if (!read_at(kernel, log + first + at[LOG_LEN], &len, sizeof(len)) ||
		    !read_at(kernel, log + first + at[LOG_TS], &ns, sizeof(ns)) ||
		    !read_at(kernel, log + first + at[LOG_TEXT_LEN], &text_bytes,
			     sizeof(text_bytes))) {
			text->lost++;
			return 0;
		}
		if (len == 0 && nr_wraps++ == 0) {
			first = 0;
			continue;
		}
		if (len < at[LOG_BYTES] || len > size_bytes - first ||
		    text_bytes > len - at[LOG_BYTES] || text_bytes > sizeof(buf) ||
		    !read_at(kernel, log + first + at[LOG_BYTES], buf, text_bytes)) {
			text->lost++;
			return 0;
		}
		put_record(text, ns, buf, text_bytes);
		first += len;
	}
	return 0;
}

int printk_read(struct kernel *kernel, char **ret, size_t *ret_bytes, uint64_t *ret_lost,
		struct error *err)
{
	struct text text = {0};
	char *bytes = NULL;
	size_t nr_bytes;
	uint64_t prb;
	int r;

	text.file = open_memstream(&bytes, &nr_bytes);
	if (!text.file)
		return -errno;
	r = vmcoreinfo_symbol(&kernel->info, "prb", &prb) == 0
		    ? put_ring(kernel, prb, &text)
		    : put_log(kernel, &text);
	if (loss_close(text.file) < 0)
		r = -ENOMEM;
	if (r == 0 && nr_bytes == 0)
		r = -EFAULT;
	if (r < 0) {
		free(bytes);
		return error_set(
			err, ERROR_UNREADABLE, r,
			"the kernel's log is not in this memory, or its VMCOREINFO does "
			"not say where: a dump of all memory has it, or a capture "
			"without --small");
	}
	*ret = bytes;
	*ret_bytes = nr_bytes;
	*ret_lost = text.lost;
	return 0;
}
