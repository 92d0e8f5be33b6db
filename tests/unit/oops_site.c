/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/site.h"

#include <criterion/criterion.h>
#include <string.h>

Test(oops_site, forms)
{
	static const struct {
		const char *text, *function, *module;
		uint64_t offset, size_bytes, address;
	} rows[] = {
		{"init_lsm_hooks+0x1cd/0x1f0 [deepin_security]", "init_lsm_hooks",
		 "deepin_security", 0x1cd, 0x1f0, 0},
		{"do_syscall_64+0x33/0x80", "do_syscall_64", "", 0x33, 0x80, 0},
		{"t+0x18/0xff0 [f01_hlist 0123abcd]", "t", "f01_hlist", 0x18, 0xff0, 0},
		{"count.constprop.0+0x1a/0x30", "count.constprop.0", "", 0x1a, 0x30, 0},
		{"0xffffffffc0358000", "", "", 0, 0, 0xffffffffc0358000},
		{"0x400000", "", "", 0, 0, 0x400000},
		{"          (null)", "", "", 0, 0, 0},
		{"[<ffffffffa0000010>]  [<ffffffffa0000010>] f+0x10/0x20 [m]", "f", "m",
		 0x10, 0x20, 0xffffffffa0000010},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *p = rows[i].text;
		struct site site = {0};

		cr_assert(site_scan(&p, &site), "%s", rows[i].text);
		cr_expect_str_eq(site.function, rows[i].function);
		cr_expect_str_eq(site.module, rows[i].module);
		cr_expect_eq(site.offset, rows[i].offset);
		cr_expect_eq(site.size_bytes, rows[i].size_bytes);
		if (site.has_address)
			cr_expect_eq(site.address, rows[i].address);
		cr_expect_eq(site.has_address, !*rows[i].function || rows[i].address);
	}
}

Test(oops_site, one_that_is_cut_is_none)
{
	static const char *const texts[] = {
		"init_lsm_hooks",
		"init_lsm_hooks+0x",
		"init_lsm_hooks+0x1cd",
		"init_lsm_hooks+0x1cd/",
		"init_lsm_hooks+0x1cd/0x",
		"init_lsm_hooks+0x1cd/0x1f",
		"init_lsm_hooks+0x1cd/0x1f0 [deepin",
		"init_lsm_hooks+0x1cd/0x1f0 [",
		"",
		"+0x1/0x2",
		"a b+0x1/0x2",
		"f+0xfffffffffffffffff/0x1",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *p = texts[i];
		struct site site;

		cr_expect_not(site_scan(&p, &site), "%s", texts[i]);
		cr_expect_eq(p, texts[i]);
	}
}

/* Source lines for offsets, as scripts/decode_stacktrace.sh writes them. */
Test(oops_site, decoded)
{
	static const struct {
		const char *text, *function, *module;
	} rows[] = {
		{"f (kernel/a.c:12)", "f", ""},
		{"f.cold (kernel/a.c:12 (discriminator 4))", "f.cold", ""},
		{"f (/src/a.c:12) mine", "f", "mine"},
		{"f (/src/a.c:12 (discriminator 1)) mine", "f", "mine"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *p = rows[i].text;
		struct site site;

		cr_assert(site_scan(&p, &site), "%s", rows[i].text);
		cr_expect(site.has_no_offset);
		cr_expect_str_eq(site.function, rows[i].function);
		cr_expect_str_eq(site.module, rows[i].module, "%s: %s", rows[i].text,
				 site.module);
	}
	for (const char *const *text =
		     (const char *const[]){"f (not a line)", "f (a.c:12", "f", NULL};
	     *text; text++) {
		const char *p = *text;
		struct site site;

		cr_expect_not(site_scan(&p, &site), "%s", *text);
	}
}

/* Who leaves lines out writes "[...]". */
Test(oops_site, brackets_that_are_no_module)
{
	const char *p = "notifier_call_chain+0x58/0xc0 [...]";
	struct site site;

	cr_assert(site_scan(&p, &site));
	cr_expect_str_eq(site.function, "notifier_call_chain");
	cr_expect_str_empty(site.module);
}

/* As it was to 2.6.28. */
Test(oops_site, a_module_before_the_name)
{
	const char *p = "[<ffffffffa00997be>] :ir_widget:widget_free+0x26/0x3e";
	struct site site;

	cr_assert(site_scan(&p, &site));
	cr_expect_str_eq(site.function, "widget_free");
	cr_expect_str_eq(site.module, "ir_widget");
	cr_expect_eq(site.offset, 0x26);
	p = "[<ffffffffa00997be>] :ir_widget:";
	cr_assert(site_scan(&p, &site));
	cr_expect_str_eq(site.function, "");
	cr_expect_str_eq(site.module, "");
}

/* A browser took what is between '<' and '>' for a tag. */
Test(oops_site, an_address_that_was_taken_for_a_tag)
{
	const char *p = "[] kmem_cache_widget+0x68/0x1e0";
	struct site site;

	cr_assert(site_scan(&p, &site));
	cr_expect_str_eq(site.function, "kmem_cache_widget");
	cr_expect_not(site.has_address);
	p = "[]  [] kmem_cache_widget+0x68/0x1e0";
	cr_assert(site_scan(&p, &site));
	cr_expect_eq(site.offset, 0x68);
}
