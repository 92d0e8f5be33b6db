/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/lostdata.h"

#include <criterion/criterion.h>
#include <string.h>

enum { PAGE = 4096, RODATA = 16, FREED = 4, DATA = 8, BSS = 8 };

static const uint64_t START = 0xffffffff81800000, START_PA = 0x1800000;
static const uint64_t lacking[] = {START_PA + 3 * PAGE, START_PA + (RODATA + 1) * PAGE,
				   START_PA + (RODATA + FREED + 2) * PAGE,
				   START_PA + (RODATA + FREED + DATA + 7) * PAGE};

/* All but one page of each part. */
static bool has(void *ctx, uint64_t pa)
{
	(void)ctx;
	for (size_t i = 0; i < sizeof(lacking) / sizeof(lacking[0]); i++)
		if (pa == lacking[i])
			return false;
	return true;
}

static const struct elfcore_packed packed = {.has = has};
static struct elfcore_segment ram = {
	.pa = START_PA, .size_bytes = 64 * PAGE, .memory_bytes = 64 * PAGE};
static struct kernel kernel;

static void setup(void)
{
	uint64_t *labels = kernel.labels;

	kernel.image_to_pa = START_PA - START;
	kernel.core = (struct elfcore){
		.packed = &packed, .segments = &ram, .nr_segments = 1};
	labels[LABEL_ETEXT] = START;
	labels[LABEL_START_RODATA] = START;
	labels[LABEL_END_RODATA] = START + RODATA * PAGE;
	labels[LABEL_SDATA] = START + (RODATA + FREED) * PAGE;
	labels[LABEL_EDATA] = labels[LABEL_BSS_START] = START +
							(RODATA + FREED + DATA) * PAGE;
	labels[LABEL_BSS_STOP] = labels[LABEL_END] = START +
						     (RODATA + FREED + DATA + BSS) * PAGE;
}

TestSuite(kcore_lostdata, .init = setup);

/* Constants, data and bss; not what lies between and was given back. */
Test(kcore_lostdata, pages_of_the_kernels_own_are_missed)
{
	cr_assert_eq(lostdata_count(&kernel), 3);
	lostdata_note(&kernel);
	cr_assert_eq(kernel.nr_notes, 1);
	cr_expect_not_null(strstr(kernel.notes[0], "3 pages of the kernel's own data"));
	cr_expect_not_null(strstr(kernel.notes[0], "unknown"), "it is not cut off");
}

Test(kcore_lostdata, what_is_not_there_for_another_reason)
{
	kernel.core.is_cut = true;
	cr_expect_eq(lostdata_count(&kernel), 0);
	kernel.core.is_cut = false;
	kernel.core.lacks_part = true;
	cr_expect_eq(lostdata_count(&kernel), 0);
	kernel.core.lacks_part = false;
	/* An ELF dump leaves out pages of zeros. */
	kernel.core.packed = NULL;
	cr_expect_eq(lostdata_count(&kernel), 0);
	kernel.core.packed = &packed;
	kernel.labels[LABEL_START_RODATA] = 0;
	cr_expect_eq(lostdata_count(&kernel), 0, "its bounds are not known");
	lostdata_note(&kernel);
	cr_expect_eq(kernel.nr_notes, 0);
}
