/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the tables of symbols lie in a core of a kernel that does not say it. */
#include "kcore/symbolhunt.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"
#include "kcore/pagecache.h"
#include "kcore/x86.h"

enum {
	TOKENS = KALLSYMS_NR_TOKENS,
	MARKED_NAMES = 256,   /* a marker is the offset of every 256th name */
	MAX_NAME_BYTES = 513, /* with its length; KSYM_NAME_LEN is 512 since 6.1 */
	/* Debian's image has 27 to 60 MiB, its tables 3 to 6. */
	MAX_IMAGE_BYTES = 256 * 1024 * 1024,
	BEFORE_BYTES = 24 * 1024 * 1024,
	BEHIND_BYTES = 8 * 1024 * 1024,
	/* Runs of digits that are looked around. Kernels have a handful. */
	MAX_TRIES = 256,
};

/* Each letter that occurs in names is a token of its own, at the letter's number. No
 * kernel's symbols lack a digit.
 */
static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";

/* A part of the image. */
struct part {
	unsigned char *bytes;
	uint64_t va, stext;
	size_t nr;
};

/* Offsets in a part. scripts/kallsyms.c: write_src() has the tables in this order:
 * offsets and relative_base (up to 6.4), num_syms, names, markers, seqs_of_names (6.2 to
 * 6.4, and later releases of 6.1), tokens, index, offsets and relative_base (since 6.5;
 * the base is gone in 7.x). Each is aligned to 8, in 7.x to 4.
 */
struct found {
	size_t nr_at, names, markers, tokens, index, offsets, base;
	size_t nr, nr_markers;
	unsigned alignment;
	unsigned marker_bytes; /* 8 up to 4.19 */
	bool has_base;
};

static size_t aligned(size_t at, unsigned alignment)
{
	return (at + alignment - 1) & ~(size_t)(alignment - 1);
}

static uint64_t number_at(const struct part *part, size_t at, unsigned bytes)
{
	uint64_t number = 0;

	memcpy(&number, part->bytes + at, bytes);
	return number;
}

/* @digits_at: of the token '0'. The index behind the tokens must be that of each. */
static bool find_tokens(const struct part *part, size_t digits_at, struct found *ret)
{
	size_t at = digits_at, end;

	for (unsigned i = '0'; i < TOKENS; i++) {
		const unsigned char *nul = memchr(part->bytes + at, '\0', part->nr - at);

		if (!nul)
			return false;
		at = (size_t)(nul - part->bytes) + 1;
	}
	end = at;
	ret->index = aligned(end, ret->alignment);
	if (ret->index + TOKENS * sizeof(uint16_t) > part->nr)
		return false;
	at = number_at(part, ret->index + '0' * sizeof(uint16_t), sizeof(uint16_t));
	if (at > digits_at)
		return false;
	ret->tokens = at = digits_at - at;
	for (unsigned i = 0; i < TOKENS; i++) {
		if (number_at(part, ret->index + i * sizeof(uint16_t),
			      sizeof(uint16_t)) != at - ret->tokens)
			return false;
		at += strnlen((const char *)part->bytes + at, part->nr - at) + 1;
	}
	return at == end && ret->tokens % ret->alignment == 0;
}

/* Markers ascend from 0 on, up to the tokens. */
static bool find_markers(const struct part *part, unsigned bytes, struct found *ret)
{
	size_t at = ret->tokens;
	uint64_t above = UINT64_MAX;

	ret->marker_bytes = bytes;
	if (at >= bytes && number_at(part, at - bytes, bytes) == 0)
		at -= bytes; /* padding */
	ret->nr_markers = 0;
	while (at >= bytes && above > 0) {
		uint64_t marker = number_at(part, at - bytes, bytes);

		if (marker >= above)
			return false;
		above = marker;
		at -= bytes;
		ret->nr_markers++;
	}
	ret->markers = at;
	return above == 0 && at % ret->alignment == 0 && ret->nr_markers > 1;
}

/* A length of 0x80 and more has a second byte: kcore/kallsyms.c. */
static size_t name_end(const struct part *part, size_t at)
{
	const unsigned char *bytes = part->bytes + at;

	return bytes[0] & 0x80 ? at + 2 + ((bytes[0] & 0x7fU) | (size_t)bytes[1] << 7)
			       : at + 1 + bytes[0];
}

/* Do ret->nr names begin at ret->names, with the markers where they say, and end before
 * the markers?
 */
static bool are_names(const struct part *part, const struct found *found)
{
	size_t at = found->names;

	for (size_t i = 0; i < found->nr; i++) {
		if (at >= found->markers ||
		    (i % MARKED_NAMES == 0 &&
		     number_at(part,
			       found->markers + i / MARKED_NAMES * found->marker_bytes,
			       found->marker_bytes) != at - found->names))
			return false;
		at = name_end(part, at);
	}
	return aligned(at, found->alignment) == found->markers;
}

/* The base is the lowest address of the image. */
static bool is_base(const struct part *part, size_t at)
{
	uint64_t base = number_at(part, at, 8);

	return base >= X86_IMAGE_BASE && base <= part->stext;
}

/* Where the symbols' addresses are: before the number of names, or behind the index. */
static bool find_offsets(const struct part *part, struct found *ret)
{
	size_t bytes = ret->nr * sizeof(int32_t);

	ret->has_base = true;
	if (ret->alignment == 8 && ret->names >= 16 &&
	    aligned(bytes, 8) <= ret->names - 16) {
		ret->base = ret->names - 16;
		ret->offsets = ret->base - aligned(bytes, 8);
		if (is_base(part, ret->base))
			return true;
	}
	ret->offsets = aligned(ret->index + TOKENS * sizeof(uint16_t), ret->alignment);
	ret->base = aligned(ret->offsets + bytes, 8);
	if (ret->base + 8 > part->nr)
		return false;
	ret->has_base = is_base(part, ret->base);
	return true;
}

/* The last marker says about how far before the markers names begin, and the number of
 * names is right before them.
 */
static bool find_names(const struct part *part, struct found *ret)
{
	uint64_t last = number_at(
		part, ret->markers + (ret->nr_markers - 1) * ret->marker_bytes,
		ret->marker_bytes);

	for (size_t back = 0; back < (size_t)MARKED_NAMES * (MAX_NAME_BYTES + 1) &&
			      last + back + ret->alignment <= ret->markers;
	     back++) {
		ret->names = ret->markers - last - back;
		if (ret->names % ret->alignment != 0)
			continue;
		ret->nr_at = ret->names - ret->alignment;
		ret->nr = number_at(part, ret->nr_at, 4);
		if (ret->nr > 0 &&
		    number_at(part, ret->nr_at, ret->alignment) == ret->nr &&
		    (ret->nr - 1) / MARKED_NAMES + 1 == ret->nr_markers &&
		    are_names(part, ret))
			return find_offsets(part, ret);
	}
	return false;
}

/* Do names begin at @at, with all between them and the tokens? */
static bool are_before_seqs(const struct part *part, size_t at, struct found *ret)
{
	ret->names = ret->markers = at;
	for (size_t i = 0; i < ret->nr && ret->markers < ret->tokens; i++)
		ret->markers = name_end(part, ret->markers);
	ret->markers = aligned(ret->markers, ret->alignment);
	ret->nr_markers = (ret->nr - 1) / MARKED_NAMES + 1;
	at = aligned(ret->markers + ret->nr_markers * ret->marker_bytes, ret->alignment);
	return aligned(at + 3 * ret->nr, ret->alignment) == ret->tokens &&
	       are_names(part, ret);
}

/* With seqs_of_names nothing before the tokens tells where it begins. The base and the
 * number of names, side by side, are looked for.
 */
static bool find_before_seqs(const struct part *part, struct found *ret)
{
	for (size_t at = ret->tokens; at >= 32; at -= 8) {
		ret->nr_at = at - 16;
		ret->nr = number_at(part, ret->nr_at, 8);
		if (ret->nr > 0 && ret->nr < ret->tokens - at &&
		    is_base(part, ret->nr_at - 8) && are_before_seqs(part, at - 8, ret))
			return find_offsets(part, ret);
	}
	return false;
}

static bool find_form(const struct part *part, size_t digits_at, unsigned alignment,
		      unsigned marker_bytes, struct found *ret)
{
	*ret = (struct found){.alignment = alignment};
	return find_tokens(part, digits_at, ret) &&
	       find_markers(part, marker_bytes, ret) && find_names(part, ret);
}

static bool find_form_of_6_2(const struct part *part, size_t digits_at, struct found *ret)
{
	*ret = (struct found){.alignment = 8, .marker_bytes = 4};
	return find_tokens(part, digits_at, ret) && find_before_seqs(part, ret);
}

static bool find_tables(const struct part *part, size_t digits_at,
			struct kallsyms_places *ret)
{
	struct found found;

	if (!find_form(part, digits_at, 8, 4, &found) &&
	    !find_form(part, digits_at, 8, 8, &found) &&
	    !find_form(part, digits_at, 4, 4, &found) &&
	    !find_form_of_6_2(part, digits_at, &found))
		return false;
	*ret = (struct kallsyms_places){
		.nr = part->va + found.nr_at,
		.names = part->va + found.names,
		.tokens = part->va + found.tokens,
		.index = part->va + found.index,
		.offsets = part->va + found.offsets,
		.base = part->va + found.base,
		.has_base = found.has_base,
	};
	return true;
}

/* Pages that the core has not got are zeros: what would be in them is not found. */
static void read_part(struct part *part, struct elfcore *core, uint64_t image_to_pa)
{
	for (uint64_t at = 0, n; at < part->nr; at += n) {
		size_t left = part->nr - at, nr_read;

		n = elfcore_next(core, part->va + at + image_to_pa, part->bytes + at,
				 left, &nr_read);
		if (nr_read < left)
			memset(part->bytes + at + nr_read, 0,
			       (n < left ? n : left) - nr_read);
	}
}

static bool look_around(struct elfcore *core, uint64_t stext, uint64_t digits_va,
			uint64_t image_to_pa, struct kallsyms_places *ret)
{
	uint64_t page = digits_va & ~(uint64_t)(PAGE_BYTES - 1);
	struct part part = {.va = page - stext > BEFORE_BYTES ? page - BEFORE_BYTES
							      : stext,
			    .stext = stext};
	bool is_found = false;

	part.nr = page + BEHIND_BYTES - part.va;
	part.bytes = malloc(part.nr);
	if (part.bytes) {
		read_part(&part, core, image_to_pa);
		is_found = find_tables(&part, digits_va - part.va, ret);
	}
	free(part.bytes);
	return is_found;
}

int symbolhunt_find(struct elfcore *core, uint64_t stext, uint64_t image_to_pa,
		    struct kallsyms_places *ret)
{
	enum { STEP_BYTES = 1024 * 1024 };
	uint64_t nr_missing = core->nr_missing;
	_cleanup_free_ unsigned char *bytes = malloc(STEP_BYTES + PAGE_BYTES);
	struct part part = {.bytes = bytes, .nr = STEP_BYTES + PAGE_BYTES};
	bool is_found = false;
	unsigned nr_tries = 0;

	stext &= ~(uint64_t)(PAGE_BYTES - 1);
	if (!bytes)
		return -ENOMEM;
	for (part.va = stext; !is_found && part.va - stext < MAX_IMAGE_BYTES;
	     part.va += STEP_BYTES) {
		const unsigned char *at = bytes;

		if (!elfcore_is_ram(core, part.va + image_to_pa))
			break;
		read_part(&part, core, image_to_pa);
		while (!is_found &&
		       (at = memmem(at, (size_t)(bytes + part.nr - at), digits,
				    sizeof(digits))) &&
		       nr_tries++ < MAX_TRIES) {
			is_found = look_around(core, stext,
					       part.va + (uint64_t)(at - bytes),
					       image_to_pa, ret);
			at++;
		}
	}
	core->nr_missing = nr_missing;
	return is_found ? 0 : -ENOENT;
}
