/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables of any bytes: pt_walk() and pt_sweep() against a second walker, which is
 * slow, written after Intel's manual (SDM vol. 3A 4.5 to 4.7), and shares no line with
 * them.
 */
#include <errno.h>
#include <string.h>

#include "pagetable/sweep.h"
#include "tests/fuzz/target.h"

enum { NR_FRAMES = 16, MAX_SET = 12, ENTRY_BYTES = 11, HEAD_BYTES = 12 };

struct frames {
	uint64_t words[NR_FRAMES][512];
	struct {
		unsigned frame, index;
	} set[MAX_SET];
	unsigned nr_set;
};

static int read_word(void *ctx, uint64_t pa, bool fresh, uint64_t *ret)
{
	const struct frames *frames = ctx;

	(void)fresh;
	if (pa / 4096 >= NR_FRAMES)
		return -EFAULT;
	*ret = frames->words[pa / 4096][pa / 8 % 512];
	return 0;
}

static uint64_t bits(uint64_t value, unsigned first, unsigned last)
{
	return value >> first & (~0ULL >> (63 - (last - first)));
}

/* What the manual says of one address. */
struct truth {
	enum pt_verdict verdict;
	enum pt_reason reason;
	bool is_mapped;
	uint64_t pa, span;
	bool writable, user, nx;
};

static struct truth fault(enum pt_reason reason, unsigned shift)
{
	return (struct truth){.verdict = reason == PT_UNREADABLE ? PT_UNKNOWN
								 : PT_UNMAPPED,
			      .reason = reason,
			      .span = 1ULL << shift};
}

/* Bits that must be zero in a present entry: 51 down to MAXPHYADDR; 63 where EFER.NXE is
 * clear; 7 of the two upper levels; what is below the address of a large page, but for
 * its PAT. The C-bit of AMD's is none of the address.
 */
static bool is_reserved(const struct pt_format *format, uint64_t entry, unsigned shift)
{
	bool is_large = shift > 12 && shift <= 30 && bits(entry, 7, 7);

	for (unsigned bit = 12; bit < 52; bit++) {
		bool is_set = bits(entry, bit, bit) && !bits(format->enc_mask, bit, bit);

		if (is_set &&
		    (bit >= format->phys_bits || (is_large && bit > 12 && bit < shift)))
			return true;
	}
	return (shift > 30 && bits(entry, 7, 7)) ||
	       (format->no_nx && bits(entry, 63, 63));
}

static struct truth look_up(const struct frames *frames, const struct pt_format *format,
			    uint64_t root, uint64_t va)
{
	unsigned top = format->levels == 5 ? 56 : 47, shift = top - 8;
	uint64_t table = root, upper = bits(va, top, 63);
	struct truth truth = {.writable = true, .user = true};

	if (upper != 0 && upper != bits(~0ULL, top, 63))
		return fault(PT_NON_CANONICAL, 12);
	for (;; shift -= 9) {
		uint64_t entry, address;

		if (table / 4096 >= NR_FRAMES)
			return fault(PT_UNREADABLE, shift);
		entry = frames->words[table / 4096][bits(va, shift, shift + 8)];
		if (!bits(entry, 0, 0))
			return fault(PT_NOT_PRESENT, shift);
		if (is_reserved(format, entry, shift))
			return fault(PT_RESERVED_BIT, shift);
		truth.writable &= bits(entry, 1, 1);
		truth.user &= bits(entry, 2, 2);
		truth.nx |= bits(entry, 63, 63);
		address = bits(entry, 12, 51) << 12 & ~format->enc_mask;
		if (shift > 12 && !(shift <= 30 && bits(entry, 7, 7))) {
			table = address;
			continue;
		}
		truth.is_mapped = true;
		truth.span = 1ULL << shift;
		truth.pa = (address >> shift << shift) + bits(va, 0, shift - 1);
		truth.reason = format->pks && !truth.user && bits(entry, 59, 62)
				       ? PT_PROTECTION_KEY
				       : PT_OK;
		truth.verdict = truth.reason == PT_PROTECTION_KEY ? PT_UNKNOWN
				: truth.writable		  ? PT_WRITABLE
								  : PT_READ_ONLY;
		return truth;
	}
}

static void compare_walk(const struct frames *frames, const struct pagetable *pt,
			 uint64_t va)
{
	struct truth truth = look_up(frames, &pt->format, pt->root_pa, va);
	struct pt_walk walk;

	pt_walk(pt, va, &walk);
	if (walk.verdict != truth.verdict || walk.reason != truth.reason ||
	    walk.span != truth.span)
		fuzz_fail("tables: %lx: %s (%s), and it is %s (%s)", va,
			  pt_verdict_name(walk.verdict), pt_reason_name(walk.reason),
			  pt_verdict_name(truth.verdict), pt_reason_name(truth.reason));
	if (truth.is_mapped && (walk.pa != truth.pa || walk.writable != truth.writable ||
				walk.user != truth.user || walk.nx != truth.nx))
		fuzz_fail("tables: %lx: at %lx, and it is at %lx, or has other rights",
			  va, walk.pa, truth.pa);
}

struct sweep {
	const struct frames *frames;
	const struct pagetable *pt;
	uint64_t va;	   /* asked of: is it in a leaf? */
	uint64_t next;	   /* below it nothing may come any more */
	unsigned nr_holds; /* leaves that hold va */
};

static int see_leaf(void *ctx, const struct pt_leaf *leaf)
{
	struct sweep *sweep = ctx;
	uint64_t last = leaf->va + (leaf->size_bytes - 1);

	if (!leaf->size_bytes || leaf->va < sweep->next || last < leaf->va)
		fuzz_fail("sweep: %lx is not behind what came before", leaf->va);
	sweep->next = last + 1;
	sweep->nr_holds += leaf->va <= sweep->va && sweep->va <= last;
	for (int i = 0; i < 2; i++) {
		uint64_t va = i ? last : leaf->va;
		struct truth truth = look_up(sweep->frames, &sweep->pt->format,
					     sweep->pt->root_pa, va);

		/* A leaf that leads nowhere is the entry that leads there; a walk is told
		 * of the entry that it did not find.
		 */
		if (truth.reason == PT_UNREADABLE)
			truth.span <<= 9;
		if (truth.reason != leaf->reason || truth.span != leaf->span)
			fuzz_fail("sweep: %lx: %s of %lx, and it is %s of %lx", va,
				  pt_reason_name(leaf->reason), leaf->span,
				  pt_reason_name(truth.reason), truth.span);
		if (truth.is_mapped && (truth.writable != leaf->writable ||
					truth.user != leaf->user || truth.nx != leaf->nx))
			fuzz_fail("sweep: %lx: other rights", va);
		if (truth.reason == PT_OK && truth.pa - (va - leaf->va) != leaf->pa)
			fuzz_fail("sweep: %lx: elsewhere", va);
	}
	/* At the end of the address space there is nothing behind. */
	return last == UINT64_MAX ? 2 : 0;
}

/* Half of the address space that @va is in. */
static void compare_sweep(const struct frames *frames, const struct pagetable *pt,
			  uint64_t va)
{
	uint64_t half = pt_kernel_half(pt->format.levels);
	uint64_t first = va >> 63 ? half : 0, last = va >> 63 ? UINT64_MAX : ~half;
	struct truth truth = look_up(frames, &pt->format, pt->root_pa, va);
	struct sweep sweep = {.frames = frames, .pt = pt, .va = va};
	bool is_told = truth.reason != PT_NOT_PRESENT;

	if (truth.reason == PT_NON_CANONICAL)
		return;
	pt_sweep(pt, first, last, NULL, NULL, see_leaf, &sweep);
	if (sweep.nr_holds != is_told)
		fuzz_fail("sweep: %lx is in %u leaves, and it is %s", va, sweep.nr_holds,
			  pt_reason_name(truth.reason));
}

/* An entry: a frame, an index, a value whose address is most often one of the frames. */
static void fill(struct frames *frames, const unsigned char *bytes, size_t nr_bytes)
{
	while (nr_bytes >= ENTRY_BYTES && frames->nr_set < MAX_SET) {
		unsigned frame = bytes[0] % NR_FRAMES;
		unsigned index = (unsigned)(bytes[1] | bytes[2] << 8) % 512;
		uint64_t value;

		memcpy(&value, bytes + 3, sizeof(value));
		if (bytes[2] & 0x80)
			value &= ~0x000fffffffff0000ULL;
		if (bytes[2] & 0x40)
			value |= 1;
		frames->words[frame][index] = value;
		frames->set[frames->nr_set].frame = frame;
		frames->set[frames->nr_set++].index = index;
		bytes += ENTRY_BYTES;
		nr_bytes -= ENTRY_BYTES;
	}
}

/* An address whose indices are those of entries: others lead nowhere. */
static uint64_t address_of(const struct frames *frames, unsigned levels, uint64_t seed)
{
	uint64_t va = seed % 4096;

	for (unsigned level = 0; frames->nr_set && level < levels; level++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		va |= (uint64_t)frames->set[(seed >> 33) % frames->nr_set].index
		      << (12 + 9 * level);
	}
	if (va >> (levels == 5 ? 56 : 47) & 1)
		va |= ~0ULL << (levels == 5 ? 57 : 48);
	return va;
}

/* The format, an address, and the entries. */
void fuzz_tables(const unsigned char *bytes, size_t nr_bytes)
{
	static struct frames frames;
	struct pagetable pt = {.read = read_word, .ctx = &frames};
	uint64_t va;

	if (nr_bytes < HEAD_BYTES)
		return;
	pt.format.levels = bytes[0] & 1 ? 5 : 4;
	pt.format.no_nx = bytes[0] & 2;
	pt.format.pks = bytes[0] & 4;
	pt.format.enc_mask = bytes[0] & 8 ? 1ULL << (bytes[1] % 16 + 32) : 0;
	pt.format.phys_bits = 36 + bytes[2] % 17;
	pt.format.pa_mask = ((1ULL << 52) - 1) & ~pt.format.enc_mask;
	pt.root_pa = (uint64_t)(bytes[3] % NR_FRAMES) << 12;
	memcpy(&va, bytes + 4, sizeof(va));
	fill(&frames, bytes + HEAD_BYTES, nr_bytes - HEAD_BYTES);
	compare_walk(&frames, &pt, va);
	for (unsigned i = 0; i < 8; i++)
		compare_walk(&frames, &pt, address_of(&frames, pt.format.levels, va + i));
	/* A sweep takes a thousand times as long as a walk. */
	if (bytes[0] & 0x80)
		compare_sweep(&frames, &pt, address_of(&frames, pt.format.levels, va));
	while (frames.nr_set) {
		frames.nr_set--;
		frames.words[frames.set[frames.nr_set].frame]
			    [frames.set[frames.nr_set].index] = 0;
	}
}
