/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small kernel, and the image that it is held against. */
#include "unchanged/compare.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "builtimage.h"
#include "insn/decode.h"
#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 t victim\n"
			       "ffffffff81000180 t helper\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81200040 R words\n"
			       "ffffffff81200100 R __start___jump_table\n"
			       "ffffffff81200110 R __stop___jump_table\n"
			       "ffffffff81300000 D __start_ro_after_init\n"
			       "ffffffff81300080 d an_lsm_hooks\n"
			       "ffffffff813000c0 d others\n"
			       "ffffffff81301000 D __start_static_call_sites\n"
			       "ffffffff81301010 D __stop_static_call_sites\n"
			       "ffffffff81302000 D __end_ro_after_init\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n";

enum { TEXT_BYTES = 0x400, CONSTANT_BYTES = 0x200 };
static const uint64_t KEY = SMALL_DATA + 0x200, HELPER = SMALL_TEXT + 0x180,
		      VICTIM = SMALL_TEXT + 0x100;

static unsigned char text[TEXT_BYTES], constants[CONSTANT_BYTES];
static uint64_t sealed[0x2000 / 8];
static void (*damage)(void);

/* A note with the build-id 1, 2, 3, 4. */
static const unsigned char notes[] = {4, 0, 0,	 0,   4,   0, 0, 0, 3, 0,
				      0, 0, 'G', 'N', 'U', 0, 1, 2, 3, 4};

static void fill(void)
{
	small_put_bytes(SMALL_TEXT, text, sizeof(text));
	small_put_bytes(SMALL_RODATA, constants, sizeof(constants));
	small_put_bytes(SMALL_RODATA + 0x400, notes, sizeof(notes));
	small_put_bytes(SMALL_SEALED, sealed, sizeof(sealed));
	if (damage)
		damage();
}

/* Site 0x120 is an alternative of three bytes, 0x130 a lock, 0x140 a switch's nop that
 * may become a jump to 0x1a0.
 */
static void build(struct builtimage *built, unsigned char id)
{
	static unsigned char other_notes[sizeof(notes)];
	const uint64_t init = SMALL_DATA + 0x100000;
	const int32_t alternative[] = {(int32_t)(SMALL_TEXT + 0x120 - init),
				       (int32_t)(init + 0x100 - (init + 4)), 0},
		      lock = (int32_t)(SMALL_TEXT + 0x130 - (init + 0x200)),
		      jump[] = {(int32_t)(SMALL_TEXT + 0x140 - (SMALL_RODATA + 0x100)),
				(int32_t)(SMALL_TEXT + 0x1a0 - (SMALL_RODATA + 0x104)),
				(int32_t)(KEY - (SMALL_RODATA + 0x108)), 0};
	unsigned char entry[14] = {0};
	const struct builtimage_section sections[] = {
		{".text", SMALL_TEXT, text, sizeof(text)},
		{".rodata", SMALL_RODATA, constants, sizeof(constants)},
		{".notes", SMALL_RODATA + 0x400, other_notes, sizeof(other_notes)},
		{".altinstructions", init, entry, sizeof(entry)},
		{".altinstr_replacement", init + 0x100, "\x90\x90\x90", 3},
		{".smp_locks", init + 0x200, &lock, sizeof(lock)},
		{".data..ro_after_init", SMALL_SEALED, sealed, sizeof(sealed)},
	};

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)(i * 7);
	text[0x130] = 0xf0;
	memcpy(text + 0x140, "\x0f\x1f\x44\0\0", 5);
	memcpy(constants + 0x100, jump, sizeof(jump));
	sealed[0] = HELPER;
	sealed[1] = SMALL_RODATA;
	sealed[0x80 / 8] = HELPER;
	/* Two static calls, of which none is in the text. */
	sealed[0x1000 / 8] = 0x0000100000002000;
	sealed[0x1008 / 8] = 0x0000300000004000;
	memcpy(constants + 0x40, "a text", 6);
	memcpy(other_notes, notes, sizeof(notes));
	other_notes[sizeof(notes) - 1] = id;
	memcpy(entry, alternative, sizeof(alternative));
	entry[12] = entry[13] = 3;
	builtimage_make(built, sections, 7, NULL, 0);
}

static struct small small;
static const struct owner_records no_records;

static void check(void (*damage_it)(void), unsigned char id)
{
	static struct builtimage built;
	struct compare_file file = {.name = "vmlinuz"};

	build(&built, id);
	damage = damage_it;
	file.fd = memfd_create("vmlinuz", MFD_CLOEXEC);
	cr_assert_eq(write(file.fd, built.bytes, built.nr_bytes),
		     (ssize_t)built.nr_bytes);
	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	compare_check(&small.audit, &no_records, &file);
	close(file.fd);
}

static void expect(void (*damage_it)(void), const char *words)
{
	check(damage_it, 4);
	if (words)
		small_expect_one(&small, AUDIT_BYTES_CHANGED, words);
	else
		small_expect(&small, 0, NULL);
	cr_expect_eq(audit_status(&small.audit), words ? 1 : 0);
	small_close(&small);
}

static void patch_sites(void)
{
	small_put_bytes(SMALL_TEXT + 0x120, "\x0f\x1f\x00", 3);
	small_put_bytes(SMALL_TEXT + 0x130, "\x3e", 1);
	small_put_branch(SMALL_TEXT + 0x140, 0xe9, SMALL_TEXT + 0x1a0);
	small_put(KEY, 1);
	small_put(SMALL_SEALED + 0x10, 0x1234); /* written while booting */
}

static void patch_too_far(void)
{
	small_put_bytes(SMALL_TEXT + 0x120, "\x0f\x1f\x00\x90", 4);
}

/* Neither what was built nor the replacement. */
static void patch_wrongly(void)
{
	small_put_bytes(SMALL_TEXT + 0x120, "\x31\xc0\x90", 3);
}

static void lead_jump_elsewhere(void)
{
	small_put_branch(SMALL_TEXT + 0x140, 0xe9, SMALL_TEXT + 0x1b0);
	small_put(KEY, 1);
}

static void take_lock_away(void)
{
	small_put_bytes(SMALL_TEXT + 0x130, "\x90", 1);
}

static void flip_bit(void)
{
	small_put_bytes(SMALL_TEXT + 0x185, "\xa2", 1);
}

static void cut_text(void)
{
	small_put_bytes(SMALL_RODATA + 0x41, "\0", 1);
}

static void change_text(void)
{
	small_put_bytes(SMALL_RODATA + 0x42, "TEXT", 4);
}

Test(unchanged_compare, bytes)
{
	expect(NULL, NULL);
	expect(patch_sites, NULL);
	expect(patch_too_far,
	       "victim+0x23: 1 byte differs from the image: 90 in place of f5");
	expect(lead_jump_elsewhere, "victim+0x40: 5 bytes differ from the image: e9 6b");
	expect(take_lock_away,
	       "victim+0x30: 1 byte differs from the image: 90 in place of f0");
	expect(flip_bit, "helper+0x5: 1 byte differs from the image: a2 in place of a3");
	expect(cut_text, NULL);
	expect(change_text,
	       "words+0x2: 4 bytes differ from the image: 54 45 58 54 in place of "
	       "74 65 78 74");
}

static void write_at_boot(void)
{
	small_put(SMALL_SEALED, VICTIM);	       /* another function */
	small_put(SMALL_SEALED + 8, SMALL_RODATA + 8); /* another constant */
	small_put(SMALL_SEALED + 16, SMALL_DATA);
	small_put(SMALL_SEALED + 0x80, 0);
	/* Sorted: the first offsets are those of the places that they were built at. */
	small_put(SMALL_SEALED + 0x1000, 0x0000300800004008);
	small_put(SMALL_SEALED + 0x1008, 0x00000ff800001ff8 | 2ULL << 32);
}

static void lead_to_data(void)
{
	small_put(SMALL_SEALED, SMALL_DATA);
}

static void move_table(void)
{
	small_put(SMALL_SEALED + 8, SMALL_DATA);
}

static void lead_hook(void)
{
	small_put(SMALL_SEALED + 0x80, VICTIM);
}

static void change_entry(void)
{
	small_put(SMALL_SEALED + 0x1008, 0x0000300000004010);
}

Test(unchanged_compare, data_sealed_after_boot)
{
	check(write_at_boot, 4);
	small_expect(&small, 0, NULL);
	cr_expect_str_eq(
		small_row(&small, "data sealed after boot against its image")->detail,
		"16 bytes compared, 512 words sealed after init, of which 4 were "
		"written, 1 lead to other functions");
	small_close(&small);
	expect(lead_to_data, "8 bytes differ from the image: 00 00 40 81 ff ff ff ff in "
			     "place of 80 01 00 81");
	expect(move_table, "8 bytes differ from the image");
	expect(lead_hook, "an_lsm_hooks: 8 bytes differ from the image: 00 01 00 81");
	expect(change_entry,
	       "__start_static_call_sites+0x8: 8 bytes differ from the image");
}

Test(unchanged_compare, an_alternative_is_one_of_its_codes)
{
	if (decode_missing())
		cr_skip_test("%s", decode_missing());
	expect(patch_wrongly, "victim+0x20: 3 bytes differ from the image: 31 c0 90");
}

Test(unchanged_compare, another_build)
{
	check(flip_bit, 5);
	small_expect(&small, 0, NULL);
	cr_expect_eq(audit_status(&small.audit), 2);
	cr_expect_str_eq(small_row(&small, "text against its image")->detail,
			 "vmlinuz: it is of another build than the kernel");
	small_close(&small);
}

Test(unchanged_compare, no_image)
{
	const struct compare_file none = {.fd = -1, .name = "there is none"};

	damage = NULL;
	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	compare_check(&small.audit, &no_records, &none);
	cr_expect_eq(audit_status(&small.audit), 0);
	cr_expect_str_eq(small_row(&small, "text against its image")->detail,
			 "not compared: there is none; --image names it");
	small_close(&small);
}
