/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/boot.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fake.h"
#include "oopslog.h"

static struct fake fake;
static struct kernel kernel;
static struct source source;

static void setup(void)
{
	struct error err = {0};

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	kernel.is_live = true;
}

static void teardown(void)
{
	kernel_close(&kernel);
	fake_close(&fake);
}

TestSuite(oops_boot, .init = setup, .fini = teardown);

static const char report[] =
	"[   10.000001] BUG: unable to handle page fault for address: ffffffff81300000\n"
	"[   10.000002] #PF: error_code(0x0003) - permissions violation\n"
	"[   10.000003] Oops: 0003 [#1] SMP\n"
	"[   10.000004] RSP: 0018:ffffa763c332fcb0 EFLAGS: 00010246\n"
	"[   10.000005] RAX: 0000000000000001 RBX: 0000000000000002 RCX: 0000000000000003\n"
	"[   10.000006] CR2: ffffffff81300000 CR3: 0000000000001000 CR4: 0000000000000000\n";

static enum boot_verdict compare(struct boot_facts *facts, const char *text,
				 const char *release, struct boot *boot)
{
	struct oopslog oopslog;

	oopslog_read(&oopslog, text, strlen(text));
	cr_assert_eq(oopslog.crashes.nr, 1);
	strcpy(oopslog.crashes.array[0].release, release);
	strcpy(oopslog.crashes.array[0].build, "#1 Debian");
	boot_compare(&kernel, facts, &oopslog.log, oopslog.crashes.array, boot);
	oopslog_close(&oopslog);
	return boot->verdict;
}

Test(oops_boot, nothing_to_go_by)
{
	struct boot_facts facts = {0};
	struct boot boot;

	cr_expect_eq(compare(&facts, report, kernel.release, &boot), BOOT_UNKNOWN);
	boot_compare(NULL, &facts, NULL, NULL, &boot);
	cr_expect_eq(boot.verdict, BOOT_UNKNOWN);
	cr_expect_eq(boot.nr_checks, 0);
}

Test(oops_boot, the_kernels_own_log)
{
	struct boot_facts facts = {.is_own_log = true};
	struct oopslog own;
	struct boot boot;

	cr_expect_eq(compare(&facts, report, kernel.release, &boot), BOOT_SAME);
	facts.is_own_log = false;
	oopslog_read(&own, report, strlen(report));
	facts.own = &own.log;
	cr_expect_eq(compare(&facts, report, kernel.release, &boot), BOOT_SAME);
	/* Another time is another crash. */
	oopslog_close(&own);
	oopslog_read(&own, report + 1, strlen(report) - 1);
	for (size_t i = 0; i < own.log.nr; i++)
		own.log.lines[i].time_us++;
	cr_expect_eq(compare(&facts, report, kernel.release, &boot), BOOT_UNKNOWN);
	oopslog_close(&own);
}

Test(oops_boot, one_refutation_is_enough)
{
	struct boot_facts facts = {.is_own_log = true};
	struct boot boot;

	cr_expect_eq(compare(&facts, report, "4.19.82-wwh", &boot), BOOT_OTHER);
	strcpy(facts.version, "#2 SMP Debian");
	cr_expect_eq(compare(&facts, report, kernel.release, &boot), BOOT_OTHER);
	strcpy(facts.version, "#1 SMP Debian");
	cr_expect_eq(compare(&facts, report, kernel.release, &boot), BOOT_SAME);
	facts.has_tainted = true;
	facts.tainted = 1 << 12;
	cr_expect_eq(compare(&facts, report, kernel.release, &boot), BOOT_OTHER);
	facts.tainted |= 1 << 7;
	cr_expect_eq(compare(&facts, report, kernel.release, &boot), BOOT_SAME);
	facts.has_uptime = true;
	facts.uptime_us = 20 * 1000000;
	cr_expect_eq(compare(&facts, report, kernel.release, &boot), BOOT_SAME);
	{
		char late[sizeof(report)];

		memcpy(late, report, sizeof(late));
		memcpy(late, "[99999.000001]", 14);
		cr_expect_eq(compare(&facts, late, kernel.release, &boot), BOOT_OTHER);
	}
}

Test(oops_boot, a_journals_boot_id)
{
	static const char json[] =
		"{\"_BOOT_ID\":\"0123456789abcdef0123456789abcdef\",\"_TRANSPORT\":\"kernel\","
		"\"MESSAGE\":\"Oops: 0003 [#1] SMP\"}\n";
	struct boot_facts facts = {0};
	struct boot boot;

	strcpy(facts.boot_id, "0123456789abcdef0123456789abcdef");
	cr_expect_eq(compare(&facts, json, kernel.release, &boot), BOOT_SAME);
	facts.boot_id[0] = '1';
	cr_expect_eq(compare(&facts, json, kernel.release, &boot), BOOT_OTHER);
}

Test(oops_boot, the_offset_of_a_panic)
{
	struct boot_facts facts = {.is_own_log = true};
	struct boot boot;
	char text[1024];

	snprintf(text, sizeof(text), "%s%s", report,
		 "[   10.000007] Call Trace:\n"
		 "[   10.000008] Kernel Offset: 0x123000 from 0xffffffff81000000\n");
	cr_expect_eq(compare(&facts, text, kernel.release, &boot),
		     strstr(fake_vmcoreinfo, "KERNELOFFSET") ? BOOT_OTHER : BOOT_SAME);
}

Test(oops_boot, tables_elsewhere)
{
	struct boot_facts facts = {.is_own_log = true};
	struct boot boot;
	char text[1024];

	snprintf(
		text, sizeof(text), "%s%s", report,
		"[   10.000003] PGD dead067 P4D dead067 PUD beef067 PMD 80000000000001a1\n");
	cr_expect_eq(compare(&facts, text, kernel.release, &boot), BOOT_OTHER);
}
