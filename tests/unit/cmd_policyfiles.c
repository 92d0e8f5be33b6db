/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/policyfiles.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kcore/capture.h"
#include "small.h"

Test(cmd_policyfiles, of_the_running_kernel)
{
	static struct policyfiles files;
	char root[] = "/tmp/kwcheck-unit-XXXXXX", line[256];

	cr_assert_not_null(mkdtemp(root));
	snprintf(line, sizeof(line),
		 "cd %s && mkdir -p proc/sys/kernel && echo 1 >proc/sys/kernel/"
		 "modules_disabled && echo quiet >proc/cmdline",
		 root);
	cr_assert_eq(system(line), 0);
	policyfiles_read(&files, root);
	cr_expect_str_eq(files.words.modules_disabled, "1\n");
	cr_expect_str_eq(files.words.cmdline, "quiet\n");
	cr_expect_null(files.words.lsm);
	cr_expect_null(files.words.sig_enforce);
	snprintf(line, sizeof(line), "rm -rf %s", root);
	cr_assert_eq(system(line), 0);
}

static void nothing(void)
{
}

/* A line without a value is a file that was not there. */
Test(cmd_policyfiles, of_a_capture)
{
	static const char names[] = "ffffffff81000000 T _text\n"
				    "ffffffff81000000 T _stext\n";
	const struct capture capture = {
		.about = "LSM=lockdown,yama\nLOCKDOWN=\nMODULES_DISABLED=0\nCMDLINE=ro\n",
		.modules = "\n"};
	static struct policyfiles files;
	struct small small;
	struct source again;
	struct kernel kernel;
	struct steady steady;
	struct error err = {0};

	small_open(&small, names, nothing, NULL);
	again = small.source;
	again.core_fd = memfd_create("capture", MFD_CLOEXEC);
	again.kallsyms_fd = -1;
	cr_assert_eq(capture_write(&small.kernel, &capture, again.core_fd, false, &steady,
				   &err),
		     0, "%s", err.message);
	cr_assert_eq(kernel_open(&kernel, &again, &err), 0, "%s", err.message);
	policyfiles_recall(&files, &kernel);
	cr_expect_str_eq(files.words.lsm, "lockdown,yama");
	cr_expect_str_eq(files.words.modules_disabled, "0");
	cr_expect_null(files.words.lockdown);
	cr_expect_null(files.words.sig_enforce);
	kernel_close(&kernel);
	close(again.core_fd);
	small_close(&small);
}
