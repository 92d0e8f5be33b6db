/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that could lead out of a text: none is missed that an instruction has. */
#include "unchanged/wayout.h"

#include <criterion/criterion.h>
#include <string.h>

#include "insn/decode.h"
#include "small.h"

enum { TEXT_BYTES = 0x400, MIDDLE = 0x180 };

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000100 t evil\t[evil]\n";

static const uint64_t EVIL = SMALL_MODULE + 0x100;

static struct small small;
static unsigned char text[TEXT_BYTES];
static struct wayout wayout;

/* Places in the text, and in data. */
static const uint64_t PLACES[] = {SMALL_TEXT + MIDDLE + 6, SMALL_TEXT + MIDDLE + 16,
				  SMALL_DATA};

static void fill(void)
{
	for (size_t i = 0; i < sizeof(PLACES) / sizeof(PLACES[0]); i++)
		small_put(PLACES[i], EVIL);
	small_put_pa(SMALL_MODULE_ENTRY_PA, 0x120000 | SMALL_RO_X);
}

static void open_small(void)
{
	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	wayout_open(&wayout, &small.audit, text, SMALL_TEXT, TEXT_BYTES);
}

static void put(size_t at, const void *bytes, size_t nr)
{
	memset(text, 0x90, sizeof(text));
	memcpy(text + at, bytes, nr);
}

/* @code, of @nr bytes, with a field that says EVIL at @field, wherever it lies. */
static void expect(const char *code, size_t nr, size_t field, size_t field_bytes,
		   bool is_relative)
{
	for (size_t at = 0; at + nr <= TEXT_BYTES; at++) {
		uint64_t value = is_relative ? EVIL - (SMALL_TEXT + at + nr) : EVIL;
		size_t is;

		put(at, code, nr);
		memset(text + at + field, 0x80, field_bytes);
		cr_assert_eq(wayout_next(&wayout, 0), TEXT_BYTES);
		memcpy(text + at + field, &value, field_bytes);
		is = wayout_next(&wayout, 0);
		cr_assert(is >= at && is < at + nr, "%zu: %zu", at, is);
		cr_assert_eq(wayout_next(&wayout, at + nr), TEXT_BYTES);
	}
}

Test(unchanged_wayout, every_place)
{
	open_small();
	expect("\xe8\0\0\0\0", 5, 1, 4, true);
	expect("\xe9\0\0\0\0", 5, 1, 4, true);
	expect("\x0f\x80\0\0\0\0", 6, 2, 4, true);
	expect("\x0f\x8f\0\0\0\0", 6, 2, 4, true);
	expect("\x48\x8d\x05\0\0\0\0", 7, 3, 4, true);
	expect("\x4c\x8d\x3d\0\0\0\0", 7, 3, 4, true);
	expect("\x68\0\0\0\0", 5, 1, 4, false);
	expect("\x48\xb8\0\0\0\0\0\0\0\0", 10, 2, 8, false);
	expect("\x49\xbf\0\0\0\0\0\0\0\0", 10, 2, 8, false);
	expect("\x48\xc7\xc0\0\0\0\0", 7, 3, 4, false);
	expect("\x48\xc7\x43\x10\0\0\0\0", 8, 4, 4, false);
	expect("\x48\xc7\x44\x24\x10\0\0\0\0", 9, 5, 4, false);
	expect("\x48\xc7\x84\x24\0\1\0\0\0\0\0\0", 12, 8, 4, false);
	expect("\x48\xc7\x04\x25\0\0\0\0\0\0\0\0", 12, 8, 4, false);
	expect("\x48\xc7\x05\0\0\0\0\0\0\0\0", 11, 7, 4, false);
	small_close(&small);
}

/* Through a place in the text that has EVIL, or in data, which may. */
Test(unchanged_wayout, places)
{
	const int32_t next = 0, data = (int32_t)(PLACES[2] - (SMALL_TEXT + MIDDLE + 6)),
		      absolute = (int32_t)PLACES[1];

	open_small();
	put(MIDDLE, "\xff\x25", 2);
	memcpy(text + MIDDLE + 2, &next, sizeof(next));
	cr_expect_eq(wayout_next(&wayout, 0), MIDDLE + 2);
	memcpy(text + MIDDLE + 2, &data, sizeof(data));
	cr_expect_eq(wayout_next(&wayout, 0), TEXT_BYTES);
	put(MIDDLE, "\xff\x14\x25", 3);
	memcpy(text + MIDDLE + 3, &absolute, sizeof(absolute));
	cr_expect_eq(wayout_next(&wayout, 0), MIDDLE + 3);
	small_close(&small);
}

/* What the page behind the text's end has is no text, and can run. */
Test(unchanged_wayout, short_jumps_at_the_end)
{
	open_small();
	put(TEXT_BYTES - 2, "\xeb\x10", 2);
	cr_expect_eq(wayout_next(&wayout, 0), TEXT_BYTES - 1);
	put(TEXT_BYTES - 0x20, "\x7f\x10", 2);
	cr_expect_eq(wayout_next(&wayout, 0), TEXT_BYTES);
	put(TEXT_BYTES - 0x20, "\x7f\x1e", 2);
	cr_expect_eq(wayout_next(&wayout, 0), TEXT_BYTES - 0x1f);
	small_close(&small);
}

static uint32_t state = 1;

static unsigned any(unsigned nr)
{
	state = state * 1664525U + 1013904223U;
	return (state >> 8) % nr;
}

/* Does the instruction name EVIL, as text.c reads instructions? */
static bool names_evil(const struct form *form, const unsigned char *code, uint64_t va)
{
	const struct insn *insn = &form->insn;
	const struct form_value *value = &form->imm;
	int64_t own = insn->imm;
	uint64_t raw = 0, target;

	if (form->note == FORM_LOOK && insn->op == INSN_LEA && form->disp.is_relative) {
		value = &form->disp;
		own = insn->disp;
	} else if (form->note != FORM_BRANCH &&
		   ((insn->op != INSN_MOV && insn->op != INSN_PUSH) ||
		    insn->src != INSN_IMMEDIATE || insn->width != 8)) {
		return false;
	}
	memcpy(&raw, code + value->at, value->nr_bytes);
	if (value->is_told)
		own = (int64_t)(raw << value->shift) >> value->shift;
	target = (uint64_t)own + (value->is_relative ? va + insn->bytes : 0);
	return target - SMALL_MODULE < PAGE_BYTES;
}

/* Any bytes, and in them the address in every form that it can have: whatever the
 * decoder makes of that is found.
 */
Test(unchanged_wayout, any_instruction)
{
	static const unsigned char likely[] = {0x48, 0x4c, 0x66, 0xc7, 0x68, 0xe8,
					       0xe9, 0x0f, 0x84, 0x8d, 0x05, 0xb8,
					       0xc0, 0x84, 0x24, 0x25};
	unsigned char code[32];
	size_t nr_found = 0;

	if (decode_missing())
		cr_skip_test("without Zydis");
	open_small();
	for (unsigned turn = 0; turn < 400000; turn++) {
		size_t field = 1 + any(10), nr_bytes = any(4) ? 4 : 8;
		uint64_t value = EVIL, end = SMALL_TEXT + MIDDLE + field + nr_bytes;
		struct form_key key;
		struct form form;

		for (size_t i = 0; i < sizeof(code); i++)
			code[i] = any(3) ? likely[any(sizeof(likely))]
					 : (unsigned char)any(256);
		if (any(2))
			value -= end;
		memcpy(code + field, &value, nr_bytes);
		if (!decode_form(code, sizeof(code), &form, &key) ||
		    !names_evil(&form, code, SMALL_TEXT + MIDDLE))
			continue;
		nr_found++;
		put(MIDDLE, code, form.insn.bytes);
		cr_assert_lt(wayout_next(&wayout, 0), MIDDLE + form.insn.bytes,
			     "%02x %02x %02x %02x", code[0], code[1], code[2], code[3]);
	}
	cr_expect_gt(nr_found, 1000);
	small_close(&small);
}
