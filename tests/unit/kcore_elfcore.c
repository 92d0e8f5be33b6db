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
	expect_refused(&(struct fake){.cut_bytes = 1}, ERROR_TRUNCATED_CORE);
	expect_refused(&(struct fake){.cut_bytes = FAKE_RAM_BYTES + 4096},
		       ERROR_TRUNCATED_CORE);
	expect_refused(&(struct fake){.cut_bytes = FAKE_RAM_BYTES + 8192},
		       ERROR_MASKED_KCORE);
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
