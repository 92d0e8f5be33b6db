/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/elfcore.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"

static int open_fake(struct fake *fake, struct elfcore *core, struct error *err)
{
	fake_write(fake);
	return elfcore_open(core, fake->core_fd, "fake-core", false, err);
}

Test(kcore_elfcore, segments_and_notes)
{
	struct fake fake = {0};
	struct error err = {0};
	struct elfcore core;
	const struct elfcore_note *note;

	cr_assert_eq(open_fake(&fake, &core, &err), 0, "%s", err.message);
	cr_assert_eq(core.nr_segments, 2);
	/* The image's segment is the last resort for physical reads. */
	cr_expect_eq(core.segments[0].va, FAKE_DIRECT_MAP);
	cr_expect_eq(core.segments[1].va, FAKE_STEXT);
	note = elfcore_note(&core, "VMCOREINFO", 0);
	cr_assert_not_null(note);
	cr_expect_eq(memcmp(note->data, fake_vmcoreinfo, strlen(fake_vmcoreinfo)), 0);
	cr_expect_null(elfcore_note(&core, "VMCOREINFO", 1));
	cr_expect_null(elfcore_note(&core, "CORE", 0));
	elfcore_close(&core);
	fake_close(&fake);
}

Test(kcore_elfcore, reads_by_both_addresses)
{
	struct fake fake = {0};
	struct error err = {0};
	struct elfcore core;
	uint64_t by_pa = 0, by_va = 0;
	char page[16];

	cr_assert_eq(open_fake(&fake, &core, &err), 0);
	cr_expect_eq(elfcore_read_pa(&core, FAKE_ROOT_PA + 511 * 8, &by_pa, 8), 0);
	cr_expect_eq(by_pa, 0x2067);
	cr_expect_eq(elfcore_read_va(&core, FAKE_DIRECT_MAP + 0x1ff8, &by_va, 8), 0);
	cr_expect_eq(by_va, by_pa);
	cr_expect_eq(elfcore_read_pa(&core, FAKE_RAM_BYTES - 8, page, 8), 0);
	cr_expect_eq(elfcore_read_pa(&core, FAKE_RAM_BYTES - 8, page, 16), -EFAULT);
	cr_expect_eq(elfcore_read_pa(&core, UINT64_MAX - 3, page, 8), -EFAULT);
	cr_expect_eq(elfcore_read_va(&core, 0, page, 8), -EFAULT);
	cr_expect(elfcore_has_pa(&core, 0));
	cr_expect_not(elfcore_has_pa(&core, FAKE_RAM_BYTES));
	cr_expect(elfcore_is_ram(&core, 0));
	cr_expect_not(elfcore_is_ram(&core, FAKE_RAM_BYTES));
	elfcore_close(&core);
	fake_close(&fake);
}

static void expect_refused(struct fake *fake, enum error_code code)
{
	struct error err = {0};
	struct elfcore core;

	cr_expect_lt(open_fake(fake, &core, &err), 0);
	cr_expect_eq(err.code, code, "%s: %s", error_code_name(err.code), err.message);
	fake_close(fake);
}

Test(kcore_elfcore, refuses_other_files)
{
	expect_refused(&(struct fake){.machine = EM_AARCH64}, ERROR_WRONG_ARCHITECTURE);
	expect_refused(&(struct fake){.type = ET_EXEC}, ERROR_MALFORMED_CORE);
	expect_refused(&(struct fake){.cut_bytes = FAKE_RAM_BYTES + 8192 - 100},
		       ERROR_TRUNCATED_CORE);
	expect_refused(&(struct fake){.cut_bytes = FAKE_RAM_BYTES + 8192},
		       ERROR_MASKED_KCORE);
}

/* What is there of a dump that was cut short is read; the rest is told from what never
 * was.
 */
Test(kcore_elfcore, cut_short)
{
	struct fake fake = {.cut_bytes = 4097};
	struct error err = {0};
	struct elfcore core;
	uint64_t entry;

	cr_assert_eq(open_fake(&fake, &core, &err), 0, "%s", err.message);
	cr_expect(core.is_cut);
	cr_expect_eq(elfcore_read_pa(&core, FAKE_ROOT_PA + 511 * 8, &entry, 8), 0);
	cr_expect_eq(entry, 0x2067);
	cr_expect_eq(elfcore_read_pa(&core, FAKE_RAM_BYTES - 8, &entry, 8), -ENODATA);
	cr_expect_eq(elfcore_read_pa(&core, FAKE_RAM_BYTES - 4104, &entry, 8), -ENODATA);
	cr_expect_eq(elfcore_read_pa(&core, FAKE_RAM_BYTES - 4112, &entry, 8), 0);
	cr_expect_eq(elfcore_read_pa(&core, FAKE_RAM_BYTES, &entry, 8), -EFAULT);
	cr_expect_eq(core.nr_missing, 2);
	cr_expect_eq(core.missing_pa, FAKE_RAM_BYTES - 4104);
	elfcore_close(&core);
	fake_close(&fake);
}

enum { AT_PHOFF = 32, AT_PHENTSIZE = 54, SPARE_AT = 5000 };

static void put(const struct fake *fake, uint64_t at, const void *bytes, size_t nr)
{
	cr_assert_eq(pwrite(fake->core_fd, bytes, nr, (off_t)at), (ssize_t)nr);
}

/* The fake's three program headers once more, @entry_bytes each, what is behind a header
 * that is known 0xff.
 */
static int open_with_entries(uint16_t entry_bytes, struct elfcore *core)
{
	enum { AT_PHDRS = 64, PHDR_BYTES = 56, NR = 3 };
	static const uint64_t at = SPARE_AT;
	unsigned char phdrs[NR * PHDR_BYTES], entries[NR * 512];
	struct fake fake = {0};
	struct error err = {0};
	int r;

	fake_write(&fake);
	cr_assert_eq(pread(fake.core_fd, phdrs, sizeof(phdrs), AT_PHDRS),
		     (ssize_t)sizeof(phdrs));
	memset(entries, 0xff, sizeof(entries));
	for (size_t i = 0; i < NR; i++)
		memcpy(entries + i * entry_bytes, phdrs + i * PHDR_BYTES,
		       entry_bytes < PHDR_BYTES ? entry_bytes : PHDR_BYTES);
	put(&fake, at, entries, NR * entry_bytes);
	put(&fake, AT_PHOFF, &at, sizeof(at));
	put(&fake, AT_PHENTSIZE, &entry_bytes, sizeof(entry_bytes));
	r = elfcore_open(core, fake.core_fd, "x", false, &err);
	cr_expect_eq(err.code, r ? ERROR_MALFORMED_CORE : ERROR_NONE);
	fake_close(&fake);
	return r;
}

Test(kcore_elfcore, program_headers_of_every_length)
{
	static const uint16_t longer[] = {56, 64, 72, 512}, shorter[] = {0, 32, 55};
	struct elfcore core;

	for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		cr_assert_eq(open_with_entries(longer[i], &core), 0, "%u", longer[i]);
		cr_expect_eq(core.nr_segments, 2);
		cr_expect_eq(core.segments[0].va, FAKE_DIRECT_MAP);
		cr_expect_not_null(elfcore_note(&core, "VMCOREINFO", 0));
		elfcore_close(&core);
	}
	for (size_t i = 0; i < sizeof(shorter) / sizeof(shorter[0]); i++)
		cr_expect_eq(open_with_entries(shorter[i], &core), -ENOEXEC, "%u",
			     shorter[i]);
}

/* @words instead of the note segment's contents: how many notes there are then. */
static size_t nr_notes_of(const uint32_t *words, size_t bytes, struct elfcore *core)
{
	enum { AT_NOTE_OFFSET = 64 + 8, AT_NOTE_BYTES = 64 + 32 };
	const uint64_t at = SPARE_AT, size = bytes;
	struct fake fake = {0};
	struct error err = {0};

	fake_write(&fake);
	put(&fake, at, words, bytes);
	put(&fake, AT_NOTE_OFFSET, &at, sizeof(at));
	put(&fake, AT_NOTE_BYTES, &size, sizeof(size));
	cr_assert_eq(elfcore_open(core, fake.core_fd, "x", false, &err), 0, "%s",
		     err.message);
	fake_close(&fake);
	return core->nr_notes;
}

/* Name and contents are padded to 4 bytes each; the last may lack its padding. */
Test(kcore_elfcore, notes_lie_one_after_the_other)
{
	static const uint32_t words[] = {
		4, 5, 7, 0x434241, 0x64636261, 0x65,   /* "ABC", 7: "abcde" */
		0, 0, 8,			       /* no name, nothing */
		2, 6, 9, 0x58,	   0x34333231, 0x3635, /* "X", 9: "123456" */
	};
	struct elfcore core;
	const struct elfcore_note *note;

	for (size_t cut = 0; cut <= 2; cut++) {
		cr_assert_eq(nr_notes_of(words, sizeof(words) - cut, &core), 3);
		note = elfcore_note(&core, "ABC", 7);
		cr_assert_not_null(note);
		cr_expect_eq(note->size_bytes, 5);
		cr_expect_str_eq(note->data, "abcde");
		note = elfcore_note(&core, "", 8);
		cr_assert_not_null(note);
		cr_expect_eq(note->size_bytes, 0);
		note = elfcore_note(&core, "X", 9);
		cr_assert_not_null(note);
		cr_expect_str_eq(note->data, "123456");
		elfcore_close(&core);
	}
	/* What does not fit is none. */
	for (size_t cut = 3; cut <= 24; cut++) {
		cr_expect_eq(nr_notes_of(words, sizeof(words) - cut, &core), 2, "%zu",
			     cut);
		elfcore_close(&core);
	}
}

Test(kcore_elfcore, notes_larger_than_their_segment)
{
	uint32_t words[] = {4, 4, 1, 0x434241, 0, 4, 4, 1, 0x434241, 0};
	static const uint32_t sizes[] = {9, 0x7fffffff, 0xfffffffd, 0xffffffff};
	struct elfcore core;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t field = 5; field < 7; field++) {
			uint32_t was = words[field];

			words[field] = sizes[i];
			cr_expect_eq(nr_notes_of(words, sizeof(words), &core), 1);
			elfcore_close(&core);
			words[field] = was;
		}
}

Test(kcore_elfcore, refuses_another_version_of_elf)
{
	struct fake fake = {0};
	struct error err = {0};
	struct elfcore core;

	fake_write(&fake);
	put(&fake, EI_VERSION, "\2", 1);
	cr_expect_eq(elfcore_open(&core, fake.core_fd, "x", false, &err), -ENOEXEC);
	cr_expect_eq(err.code, ERROR_MALFORMED_CORE);
	fake_close(&fake);
}

/* A core cut at any length, and with any one byte of its headers changed, is read or
 * refused: never a crash, never a hang.
 */
Test(kcore_elfcore, survives_damaged_headers)
{
	struct fake fake = {0};
	unsigned char head[512];
	size_t nr_refused = 0;

	fake_write(&fake);
	cr_assert_eq(pread(fake.core_fd, head, sizeof(head), 0), (ssize_t)sizeof(head));
	for (size_t i = 0; i < sizeof(head); i++) {
		static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};

		for (size_t j = 0; j < sizeof(values); j++) {
			struct error err = {0};
			struct elfcore core;

			cr_assert_eq(pwrite(fake.core_fd, &values[j], 1, (off_t)i), 1);
			if (elfcore_open(&core, fake.core_fd, "x", false, &err) == 0) {
				elfcore_close(&core);
			} else {
				cr_expect_neq(err.code, ERROR_NONE, "byte %zu", i);
				nr_refused++;
			}
		}
		cr_assert_eq(pwrite(fake.core_fd, &head[i], 1, (off_t)i), 1);
	}
	cr_expect_gt(nr_refused, 100);
	fake_close(&fake);
}

/* One after another: no two may claim the same memory, or the same bytes for it. */
static int index_two(const struct elfcore_segment *a, const struct elfcore_segment *b)
{
	struct elfcore core = {.fd = -1};
	struct error err = {0};
	int r;

	cr_assert_eq(elfcore_add_segment(&core, a), 0);
	cr_assert_eq(elfcore_add_segment(&core, b), 0);
	r = elfcore_index_frames(&core, "dump", &err);
	cr_expect_eq(err.code, r < 0 ? ERROR_MALFORMED_CORE : ERROR_NONE);
	elfcore_close(&core);
	return r;
}

Test(kcore_elfcore, segments_that_contradict_each_other)
{
#define SEGMENT(at, frames, bytes)                       \
	((struct elfcore_segment){.pa = (frames),        \
				  .offset = (at),        \
				  .size_bytes = (bytes), \
				  .memory_bytes = (bytes)})
	const struct elfcore_segment low = SEGMENT(0x1000, 0, 0x4000);
	struct elfcore_segment image = SEGMENT(0x9000, 0x2000, 0x1000);

	cr_expect_eq(index_two(&low, &SEGMENT(0x5000, 0x10000, 0x4000)), 0);
	/* Twice the same, as QEMU's -p has it. */
	cr_expect_eq(index_two(&low, &SEGMENT(0x2000, 0x1000, 0x1000)), 0);
	cr_expect_eq(index_two(&low, &SEGMENT(0x4000, 0x10000, 0x4000)), -EINVAL);
	cr_expect_eq(index_two(&low, &SEGMENT(0x9000, 0x2000, 0x1000)), -EINVAL);
	/* The kernel's image is in /proc/vmcore a second time. */
	image.va = 0xffffffff81000000;
	cr_expect_eq(index_two(&low, &image), 0);
	image.offset = 0x1800;
	cr_expect_eq(index_two(&low, &image), -EINVAL);
#undef SEGMENT
}
