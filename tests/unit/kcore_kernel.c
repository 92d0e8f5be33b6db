/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/kernel.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fake.h"

static int open_fake(struct fake *fake, struct kernel *kernel, struct error *err)
{
	struct source source;

	fake_write(fake);
	source = fake_source(fake);
	return kernel_open(kernel, &source, err);
}

static struct fake fake;
static struct kernel kernel;

/* What the tests below read, at FAKE_FREE_PA and at the end of the page before. */
static void fill(unsigned char *ram)
{
	strcpy((char *)ram + FAKE_FREE_PA - 3, "a name over two pages");
	memset(ram + FAKE_FREE_PA + PAGE_BYTES - 4, 'x', 4);
	memset(ram + FAKE_RAM_BYTES - 4, 'x', 4);
}

static void setup(void)
{
	struct error err = {0};

	fake = (struct fake){.fill = fill};
	cr_assert_eq(open_fake(&fake, &kernel, &err), 0, "%s", err.message);
}

static void teardown(void)
{
	kernel_close(&kernel);
	fake_close(&fake);
}

Test(kcore_kernel, reads_go_through_the_walk, .init = setup, .fini = teardown)
{
	static int (*const reads[])(struct kernel *, uint64_t, void *,
				    size_t) = {kernel_read, kernel_read_cached};
	char text[8];
	uint64_t value;

	for (size_t i = 0; i < 2; i++) {
		/* The direct map's view of the root table. */
		cr_expect_eq(reads[i](&kernel, FAKE_DIRECT_MAP + FAKE_ROOT_PA + 511 * 8,
				      &value, 8),
			     0);
		cr_expect_eq(value, 0x2067);
		/* Over the end of a page. */
		cr_expect_eq(
			reads[i](&kernel, FAKE_DIRECT_MAP + FAKE_FREE_PA - 3, text, 6),
			0);
		cr_expect_eq(memcmp(text, "a name", 6), 0);
		cr_expect_eq(reads[i](&kernel, FAKE_SMALL + 0x2000, &value, 8), -EFAULT);
		cr_expect_eq(reads[i](&kernel, 0x8000000000000000, &value, 8), -EFAULT);
		/* The last byte is mapped, what follows it is not. */
		cr_expect_eq(reads[i](&kernel, FAKE_DIRECT_MAP + FAKE_RAM_BYTES - 1,
				      &value, 8),
			     -EFAULT);
	}
}

Test(kcore_kernel, a_string_ends_at_its_nul, .init = setup, .fini = teardown)
{
	const uint64_t at = FAKE_DIRECT_MAP + FAKE_FREE_PA,
		       end = FAKE_DIRECT_MAP + FAKE_RAM_BYTES - 4;
	char text[32];

	cr_expect_eq(kernel_read_string(&kernel, kernel_read, at - 3, text, sizeof(text)),
		     0);
	cr_expect_str_eq(text, "a name over two pages");
	cr_expect_eq(kernel_read_string(&kernel, kernel_read, at - 3, text, 21), -EFAULT,
		     "no room for its NUL");
	cr_expect_eq(kernel_read_string(&kernel, kernel_read, end, text, 4), -EFAULT);
	cr_expect_eq(kernel_read_string(&kernel, kernel_read, end, text, sizeof(text)),
		     -EFAULT, "it runs into what is not mapped");
}

Test(kcore_kernel, addresses_of_frames, .init = setup, .fini = teardown)
{
	uint64_t va;

	cr_expect(kernel_direct_map(&kernel, FAKE_RAM_BYTES - 1, &va));
	cr_expect_eq(va, FAKE_DIRECT_MAP + FAKE_RAM_BYTES - 1);
	cr_expect_not(kernel_direct_map(&kernel, FAKE_RAM_BYTES, &va));
	cr_expect(kernel_image_va(&kernel, 0x2000000, &va));
	cr_expect_eq(va, FAKE_STEXT);
	cr_expect_not(kernel_image_va(&kernel, 0x2000000 - 1, &va));
}

Test(kcore_kernel, variables, .init = setup, .fini = teardown)
{
	uint64_t value;

	cr_expect_eq(kernel_read_variable(&kernel, "no_such_variable", &value, 8),
		     -ENOENT);
	/* Its page is not in the core. */
	cr_expect_lt(kernel_read_variable(&kernel, "modprobe_path", &value, 8), 0);
	cr_expect_not(
		kernel_read_image(&kernel, LABEL_NR_CPU_IDS, &value, sizeof(value)));
	cr_expect_eq(kernel_per_cpu(&kernel, 0xb000, 0, &value), -ENOENT);
}

/* CONFIG_SMP=n: no table of offsets, and the symbol is the variable. */
Test(kcore_kernel, the_only_cpu, .init = setup, .fini = teardown)
{
	uint64_t va = 0;

	kernel.labels[LABEL_INIT_TASK] = FAKE_DATA;
	cr_expect_eq(kernel_per_cpu(&kernel, FAKE_DATA + 8, 0, &va), 0);
	cr_expect_eq(va, FAKE_DATA + 8);
	cr_expect_eq(kernel_per_cpu(&kernel, FAKE_DATA + 8, 1, &va), -ERANGE);
}

Test(kcore_kernel, notes_are_kept_while_there_is_room, .init = setup, .fini = teardown)
{
	kernel.nr_notes = 0;
	for (int i = 0; i <= KERNEL_MAX_NOTES; i++)
		kernel_note(&kernel, "note %d", i);
	cr_expect_eq(kernel.nr_notes, KERNEL_MAX_NOTES);
	cr_expect_str_eq(kernel.notes[KERNEL_MAX_NOTES - 1], "note 7");
}

Test(kcore_kernel, zeros_of_a_poisoned_table_are_no_answer)
{
	struct fake bad = {.poisoned_pa = FAKE_SMALL_TABLE_PA};
	struct error err = {0};
	struct pt_walk walk;

	cr_assert_eq(open_fake(&bad, &kernel, &err), 0, "%s", err.message);
	pt_walk(&kernel.pt, FAKE_SMALL + 0x2000, &walk);
	cr_expect_eq(walk.verdict, PT_UNKNOWN);
	cr_expect_eq(walk.reason, PT_UNREADABLE);
	cr_expect_eq(walk.nr_steps, 4);
	/* Zeros in another table, and an entry that is there, are what they are. */
	pt_walk(&kernel.pt, FAKE_SMALL + 0x200000, &walk);
	cr_expect_eq(walk.reason, PT_NOT_PRESENT);
	pt_walk(&kernel.pt, FAKE_SMALL, &walk);
	cr_expect_eq(walk.verdict, PT_WRITABLE);
	kernel_close(&kernel);
	fake_close(&bad);
}

Test(kcore_kernel, a_whole_poisoned_table_is_unreadable)
{
	struct fake sound = {0}, poisoned = {.poisoned_pa = FAKE_FREE_PA};
	uint64_t entries[2][PT_TABLE_ENTRIES];
	struct error err = {0};

	cr_assert_eq(open_fake(&sound, &kernel, &err), 0, "%s", err.message);
	cr_expect_eq(kernel.pt.read_tables(kernel.pt.ctx, FAKE_FREE_PA, 1, entries), 0);
	kernel_close(&kernel);
	fake_close(&sound);
	cr_assert_eq(open_fake(&poisoned, &kernel, &err), 0, "%s", err.message);
	cr_expect_eq(kernel.pt.read_tables(kernel.pt.ctx, FAKE_FREE_PA, 1, entries),
		     -EIO);
	cr_expect_eq(kernel.pt.read_tables(kernel.pt.ctx, FAKE_FREE_PA - PAGE_BYTES, 2,
					   entries),
		     -EIO, "one of two");
	cr_expect_eq(kernel.pt.read_tables(kernel.pt.ctx, FAKE_ROOT_PA, 2, entries), 0);
	kernel_close(&kernel);
	fake_close(&poisoned);
}
