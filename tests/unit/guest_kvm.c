/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/kvm.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char root[] = "/tmp/kwcheck-unit-XXXXXX";

static void shell(const char *commands)
{
	char line[512];

	snprintf(line, sizeof(line), "cd %s && { %s; }", root, commands);
	cr_assert_eq(system(line), 0, "%s", line);
}

static void boot(const char *id)
{
	char line[256];

	snprintf(line, sizeof(line), "echo %s >proc/sys/kernel/random/boot_id", id);
	shell(line);
}

static void setup(void)
{
	cr_assert_not_null(mkdtemp(root));
	shell("mkdir -p proc/sys/kernel/random");
	boot("0b7e3f1c-0000-4000-8000-000000000001");
}

static void teardown(void)
{
	shell("rm -rf proc no-kvm");
	cr_expect_eq(remove(root), 0);
}

TestSuite(guest_kvm, .init = setup, .fini = teardown);

Test(guest_kvm, a_failure_is_remembered_until_the_machine_boots_again)
{
	cr_expect_not(kvm_has_failed(root, root));
	kvm_note_failure(root, root);
	cr_expect(kvm_has_failed(root, root));
	boot("0b7e3f1c-0000-4000-8000-000000000002");
	cr_expect_not(kvm_has_failed(root, root));
	kvm_note_failure(root, root);
	cr_expect(kvm_has_failed(root, root));
}

Test(guest_kvm, what_is_not_whole_is_nothing)
{
	kvm_note_failure(root, root);
	shell("truncate -s 20 no-kvm");
	cr_expect_not(kvm_has_failed(root, root));
	shell("rm no-kvm && ln -s proc/sys/kernel/random/boot_id no-kvm");
	cr_expect_not(kvm_has_failed(root, root), "a link is not followed");
	shell("rm no-kvm proc/sys/kernel/random/boot_id");
	kvm_note_failure(root, root);
	cr_expect_not(kvm_has_failed(root, root));
	cr_expect_not(kvm_has_failed("", root), "no folder");
}
