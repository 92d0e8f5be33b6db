/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/kernelfacts.h"

#include <criterion/criterion.h>

#include "fake.h"

Test(cmd_kernelfacts, of_an_open_kernel)
{
	struct fake fake = {0};
	struct error err = {0};
	struct kernelfacts facts;
	struct kernel kernel;
	struct source source;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	kernel_note(&kernel, "one %s", "more");
	kernelfacts_of(&kernel, &facts);
	kernel_close(&kernel);
	fake_close(&fake);
	/* Nothing of it is the kernel's any more. */
	cr_expect_str_eq(facts.release, "6.1.0-fake-amd64");
	cr_expect_str_eq(facts.root_name, "swapper_pg_dir");
	cr_expect_eq(facts.root_pa, FAKE_ROOT_PA);
	cr_expect_eq(facts.format.levels, 4);
	cr_expect_str_eq(facts.symbols_from, "kallsyms");
	cr_expect_not(facts.is_live);
	cr_assert_gt(facts.nr_notes, 0);
	cr_expect_str_eq(facts.notes[facts.nr_notes - 1], "one more");
}
