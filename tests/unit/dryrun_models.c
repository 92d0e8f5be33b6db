/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/models.h"

#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "kcore/kernel.h"

Test(dryrun_models, every_row_has_a_reason_and_a_name_of_its_own)
{
	const char *name, *reason, *other, *ignored;
	size_t nr = 0;

	for (; models_row(nr, &name, &reason); nr++) {
		cr_expect_gt(strlen(reason), 10, "%s", name);
		for (size_t i = 0; i < nr; i++) {
			models_row(i, &other, &ignored);
			cr_expect_str_neq(name, other);
		}
	}
	cr_expect_gt(nr, 100);
}

static const struct {
	const char *reason, *name;
} lines[] = {
#define MODEL(why, symbol, does) {#why, #symbol},
#include "dryrun/models.def"
#undef MODEL
};

Test(dryrun_models, the_rows_are_sorted_by_reason_and_name)
{
	for (size_t i = 1; i < sizeof(lines) / sizeof(lines[0]); i++) {
		int by_reason = strcmp(lines[i - 1].reason, lines[i].reason);

		cr_expect(by_reason < 0 || (by_reason == 0 &&
					    strcmp(lines[i - 1].name, lines[i].name) < 0),
			  "%s", lines[i].name);
	}
}

Test(dryrun_models, a_compilers_suffix_is_found)
{
	static struct models models;
	struct fake fake = {.kallsyms = "ffffffff81000000 T _text\n"
					"ffffffff81000000 T _stext\n"
					"ffffffff81000100 T msleep\n"
					"ffffffff81000200 t __queue_work.isra.0\n"};
	struct error err = {0};
	struct kernel kernel;
	struct source source;
	size_t nr_found = 0;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	models_find(&models, &kernel);
	for (size_t i = 0; i < models.nr; i++) {
		const char *name, *reason;

		if (!models.addresses[i])
			continue;
		nr_found++;
		cr_assert(models_row(i, &name, &reason));
		cr_expect_str_eq(name, models.addresses[i] == 0xffffffff81000100
					       ? "msleep"
					       : "__queue_work.isra.0");
	}
	cr_expect_eq(nr_found, 2);
	kernel_close(&kernel);
	fake_close(&fake);
}
