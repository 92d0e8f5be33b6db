/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which bytes of a text could lead out of it. */
#include "unchanged/wayout.h"

#include <string.h>

#include "kcore/region.h"
#include "kcore/x86.h"

enum {
	/* So near to its ends a short jump leads out of the text. */
	EDGE_BYTES = 256,
	BLOCK_BYTES = 16,
};

/* Displacements, and immediates of 32 bits, reach from here to the top. */
static const uint64_t NEAR = 0xffffffff00000000;
static const uint64_t IMAGE_PAGE_MASK = (1 << 21) - 1;

typedef uint32_t words __attribute__((vector_size(BLOCK_BYTES)));
typedef unsigned char bytes __attribute__((vector_size(BLOCK_BYTES)));

static void widen(struct wayout_window *window, uint64_t start, uint64_t end)
{
	uint64_t old_end = window->va + window->size_bytes;

	if (start >= end)
		return;
	if (window->size_bytes == 0) {
		window->va = start;
		window->size_bytes = end - start;
		return;
	}
	window->va = start < window->va ? start : window->va;
	window->size_bytes = (end > old_end ? end : old_end) - window->va;
}

static bool is_executable(const struct mapping *mapping)
{
	return mapping && mapping->reason == PT_OK && !mapping->nx;
}

void wayout_open(struct wayout *ret, const struct audit *audit, const unsigned char *text,
		 uint64_t va, uint64_t size_bytes)
{
	const struct mappings *mappings = &audit->mappings;
	const struct mapping *mapping = mappings_from(mappings, NEAR);
	uint64_t image_end = audit->kernel->labels[LABEL_END] | IMAGE_PAGE_MASK;
	struct wayout wayout = {
		.audit = audit, .text = text, .va = va, .size_bytes = size_bytes};

	for (; mapping && mapping < mappings->array + mappings->nr; mapping++) {
		/* The last page of all ends at 0. */
		uint64_t start = mapping->va, last = start + mapping->size_bytes - 1;
		size_t i = start > image_end;

		if (!is_executable(mapping) ||
		    region_of(audit->kernel, start)->kind == REGION_VSYSCALL)
			continue;
		if (start < va)
			widen(&wayout.windows[i], start, last < va ? last + 1 : va);
		if (last >= va + size_bytes)
			widen(&wayout.windows[i],
			      start > va + size_bytes ? start : va + size_bytes,
			      last == UINT64_MAX ? last : last + 1);
	}
	*ret = wayout;
}

static words load(const unsigned char *at)
{
	words ret;

	memcpy(&ret, at, sizeof(ret));
	return ret;
}

/* Could one of the block's displacements or immediates be in a window? */
static bool has_value(const struct wayout *wayout, const unsigned char *code, uint32_t va)
{
	const words steps = {0, 4, 8, 12};
	words hit = {0};

	for (size_t i = 0; i < sizeof(wayout->windows) / sizeof(wayout->windows[0]);
	     i++) {
		const struct wayout_window *window = &wayout->windows[i];
		uint32_t start = (uint32_t)window->va;
		uint32_t nr = window->size_bytes < UINT32_MAX
				      ? (uint32_t)window->size_bytes
				      : UINT32_MAX;

		for (uint32_t at = 0; nr && at < sizeof(uint32_t); at++) {
			words value = load(code + at) - start;
			words end = steps + (va + at + (uint32_t)sizeof(uint32_t));

			hit |= (words)(value < nr) | (words)(value + end < nr);
		}
	}
	return hit[0] | hit[1] | hit[2] | hit[3];
}

/* Could one be behind an opcode that names the place of its target, or that has eight
 * bytes?
 */
static bool has_opcode(const unsigned char *code)
{
	bytes third = (bytes)load(code - 3), second = (bytes)load(code - 2),
	      first = (bytes)load(code - 1);
	words hit = (words)((second == 0xff) & ((first & 0xc7) == 0x05)) |
		    (words)((third == 0xff) & ((first & 0x3f) == 0x25)) |
		    (words)(((second & 0xf8) == 0x48) & ((first & 0xf8) == 0xb8));

	return hit[0] | hit[1] | hit[2] | hit[3];
}

static bool is_code(const struct wayout *wayout, uint64_t va)
{
	return va - wayout->va >= wayout->size_bytes &&
	       is_executable(mappings_at(&wayout->audit->mappings, va));
}

/* Does a call or jump through the place at @slot lead out? Writable data may do so. */
static bool is_place(const struct wayout *wayout, uint64_t slot)
{
	const uint64_t *labels = wayout->audit->kernel->labels;
	uint64_t target;

	return (slot < labels[LABEL_ETEXT] || slot >= labels[LABEL_END]) &&
	       mappings_read_word(&wayout->audit->mappings, slot, &target) == 0 &&
	       is_code(wayout, target);
}

/* How many bytes ModRM, SIB and displacement have that begin at @modrm. */
static unsigned modrm_bytes(const unsigned char *modrm)
{
	unsigned mod = modrm[0] >> 6, rm = modrm[0] & 7, nr = 1;

	if (mod == 3)
		return nr;
	if (rm == 4) {
		nr++;
		rm = modrm[1] & 7;
	}
	return nr + (mod == 1 ? 1 : mod == 2 || rm == 5 ? 4 : 0);
}

/* Is it the immediate of push, or of a mov of eight bytes? */
static bool is_immediate(const unsigned char *value)
{
	enum { MIN = 2, MAX = 7 }; /* back to mov's opcode */

	if (value[-1] == 0x68)
		return true;
	for (int at = MIN; at <= MAX; at++)
		if (value[-at] == 0xc7 && (value[-at - 1] & 0xf8) == 0x48 &&
		    1 + modrm_bytes(value - at + 1) == (unsigned)at)
			return true;
	return false;
}

/* Is it the displacement of a branch, or of lea? */
static bool is_displacement(const unsigned char *value)
{
	return (value[-1] & 0xfe) == 0xe8 ||
	       (value[-2] == 0x0f && (value[-1] & 0xf0) == 0x80) ||
	       (value[-2] == 0x8d && (value[-1] & 0xc7) == 0x05);
}

/* A jump of eight bits, near one of the text's ends. */
static bool is_short(const struct wayout *wayout, const unsigned char *value, uint64_t va)
{
	uint64_t target = va + 1 + (uint64_t)(int64_t)(int8_t)value[0];

	return ((value[-1] & 0xf0) == 0x70 || (value[-1] & 0xfc) == 0xe0 ||
		value[-1] == 0xeb) &&
	       is_code(wayout, target);
}

static bool leads_out(const struct wayout *wayout, uint64_t at)
{
	enum { BEFORE = 8, AFTER = 8 };
	unsigned char code[BEFORE + AFTER] = {0}, *value = code + BEFORE;
	uint64_t first = at < BEFORE ? at : BEFORE, left = wayout->size_bytes - at;
	uint64_t va = wayout->va + at, absolute, target, long_value;
	int32_t short_value;

	memcpy(value - first, wayout->text + at - first,
	       first + (left < AFTER ? left : AFTER));
	memcpy(&short_value, value, sizeof(short_value));
	memcpy(&long_value, value, sizeof(long_value));
	absolute = (uint64_t)(int64_t)short_value;
	target = va + sizeof(short_value) + absolute;
	if ((is_displacement(value) && is_code(wayout, target)) ||
	    (is_immediate(value) && is_code(wayout, absolute)) ||
	    is_short(wayout, value, va))
		return true;
	if ((value[-2] & 0xf8) == 0x48 && (value[-1] & 0xf8) == 0xb8 &&
	    is_code(wayout, long_value))
		return true;
	/* Near and far calls and jumps: /2 to /5. */
	if (value[-2] == 0xff && (value[-1] & 0xc7) == 0x05 && value[-1] >= 0x10 &&
	    value[-1] < 0x30 && is_place(wayout, target))
		return true;
	return value[-3] == 0xff && (value[-2] & 0xc7) == 0x04 &&
	       (value[-1] & 0x3f) == 0x25 && is_place(wayout, absolute);
}

/* Is none in the block at @at, which is at neither end? */
static bool is_quiet(const struct wayout *wayout, uint64_t at)
{
	const unsigned char *code = wayout->text + at;

	return at >= EDGE_BYTES && at + EDGE_BYTES + BLOCK_BYTES <= wayout->size_bytes &&
	       !has_value(wayout, code, (uint32_t)(wayout->va + at)) && !has_opcode(code);
}

uint64_t wayout_next(const struct wayout *wayout, uint64_t at)
{
	uint64_t end;

	for (; at < wayout->size_bytes; at = end) {
		end = wayout->size_bytes - at < BLOCK_BYTES ? wayout->size_bytes
							    : at + BLOCK_BYTES;
		if (is_quiet(wayout, at))
			continue;
		for (; at < end; at++)
			if (leads_out(wayout, at))
				return at;
	}
	return wayout->size_bytes;
}
