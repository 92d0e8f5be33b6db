/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/clonename.h"

#include <criterion/criterion.h>
#include <stddef.h>

Test(kcore_clonename, names_that_compilers_make)
{
	static const char *const of[] = {
		"name.llvm.8808217345", "name.cold",   "name.cold.12",
		"name.isra.0",		"name.part.0", "name.constprop.0.isra.3",
		"name.lto_priv.0",	"__cfi_name",  "name.part.0.cold",
	};
	static const char *const not_of[] = {
		"name",	      "names.cold",  "name.",	     "name.0",	    "name.colder",
		"name.key.3", "__cfi_names", "my_name.cold", "name.isra.x",
	};

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		cr_expect(clonename_is_of(of[i], "name"), "%s", of[i]);
	for (size_t i = 0; i < sizeof(not_of) / sizeof(not_of[0]); i++)
		cr_expect_not(clonename_is_of(not_of[i], "name"), "%s", not_of[i]);
	cr_expect(clonename_is_same("name.llvm.123", "name"));
	cr_expect_not(clonename_is_same("name.llvm.123.cold", "name"));
	cr_expect_not(clonename_is_same("name.cold", "name"));
	cr_expect_not(clonename_is_same("name", "name"));
}
