/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/glob.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "kcore/kernel.h"
#include "kcore/open.h"
#include "fake.h"

static struct fake fake;
static struct kernel kernel;

static void setup(void)
{
	struct error err = {0};
	struct source source;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
}

static void teardown(void)
{
	kernel_close(&kernel);
	fake_close(&fake);
}

TestSuite(kcore_glob, .init = setup, .fini = teardown);

static void append(void *ctx, const struct symbol *symbol)
{
	char *names = ctx;
	size_t used = strlen(names);

	snprintf(names + used, 512 - used, "%s%s%s ",
		 symbol->module ? symbol->module : "", symbol->module ? ":" : "",
		 symbol->name);
}

Test(kcore_glob, names_that_match)
{
	static const struct {
		const char *name, *module, *found;
	} wanted[] = {
		{"apparmor_*", NULL, "apparmor_hooks testmod:apparmor_hooks "},
		{"apparmor_*", "vmlinux", "apparmor_hooks "},
		{"apparmor_*", "test*", "testmod:apparmor_hooks "},
		{"apparmor_hook", NULL, ""},
		{"?pparmor_hook[rst]", "", "apparmor_hooks "},
		{"*armor_hooks", "nomod", ""},
		{"three_pages", NULL, "three_pages "},
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		char names[512] = "";

		glob_each(&kernel.symbols, wanted[i].name, wanted[i].module, append,
			  names);
		cr_expect_str_eq(names, wanted[i].found, "%s: %s", wanted[i].name, names);
	}
}

Test(kcore_glob, what_is_a_pattern)
{
	cr_expect(glob_is_pattern("a*") && glob_is_pattern("?") &&
		  glob_is_pattern("[ab]"));
	cr_expect(!glob_is_pattern("apparmor_hooks") && !glob_is_pattern(""));
}
