/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/hooknames.h"

#include <criterion/criterion.h>

Test(audit_hooknames, functions_that_are_not_namesakes)
{
	cr_expect_str_eq(hooknames_of("file_open"), "file_open");
	cr_expect_str_eq(hooknames_of("prepare_creds"), "cred_prepare");
	cr_expect_str_eq(hooknames_of("inode_init_security"), "inode_init_security");
	cr_expect_str_eq(hooknames_of("old_inode_init_security"), "inode_init_security");
	cr_expect_str_eq(hooknames_of(""), "");
}
