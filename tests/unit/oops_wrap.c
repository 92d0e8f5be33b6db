/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/wrap.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* @text is read as @lines. */
static void expect_lines(const char *text, const char *const lines[])
{
	struct log log;
	size_t nr = 0;

	cr_assert_eq(log_read(&log, text, strlen(text)), 0);
	while (lines[nr])
		nr++;
	cr_expect_eq(log.nr, nr, "%s: %zu lines", text, log.nr);
	for (size_t i = 0; i < nr && i < log.nr; i++)
		cr_expect_str_eq(log.lines[i].text, lines[i]);
	log_free(&log);
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(oops_wrap, parts_of_a_line_are_joined)
{
	expect_lines(
		"BUG: unable to handle page fault for address:\n ffffffff88832fc0\n",
		LINES("BUG: unable to handle page fault for address: ffffffff88832fc0"));
	expect_lines("Code: 00 <48\n> c7 0\n2 00\n", LINES("Code: 00 <48> c7 02 00"));
	expect_lines("Code: 00\n<48> c7\n", LINES("Code: 00 <48> c7"));
	expect_lines(
		"RAX: 0000000000000000 RBX:\nffffffffc05d6000 RC\nX: ffffffff888\n349f0\n",
		LINES("RAX: 0000000000000000 RBX: ffffffffc05d6000 RCX: "
		      "ffffffff888349f0"));
	expect_lines("PGD 3c415067 P4D\n3c415067 P\nUD 3c4\n16063 PMD 0\n",
		     LINES("PGD 3c415067 P4D 3c415067 PUD 3c416063 PMD 0"));
	expect_lines("RIP: 0010:f (kernel/a.c:370\nkernel/a.c:670 kernel/b.c:748)\n",
		     LINES("RIP: 0010:f (kernel/a.c:370 kernel/a.c:670 kernel/b.c:748)"));
	expect_lines("RIP: 0010:\nt+0x51/0x1000\n[f01_hlist]\n",
		     LINES("RIP: 0010:t+0x51/0x1000 [f01_hlist]"));
}

/* A mailer broke the first line: that it is the longest so far is no terminal's width. */
Test(oops_wrap, a_width_is_that_of_all_lines)
{
	expect_lines(
		"PGD 3fc0e067 P4D 3fc0e067 PUD 3fc0f063 PMD 34367063 PTE\n"
		"800000003faf0061\n"
		"Hardware name: Widgets, Inc. Widget Virtual Platform/44 Desktopss\n"
		"Reference, BIOS 6.00 07/29/2019\n"
		"R10: ffffffffaa63c310 R11: ffffffffaa63c6a0 R12: ffffffffc0ae2fc0\n"
		"R13: ffffffffc0ae2e58 R14: ffffa763c332fe98 R15: ffffffffc0ae2e40\n",
		LINES("PGD 3fc0e067 P4D 3fc0e067 PUD 3fc0f063 PMD 34367063 PTE "
		      "800000003faf0061",
		      "Hardware name: Widgets, Inc. Widget Virtual Platform/44 Desktopss "
		      "Reference, BIOS 6.00 07/29/2019",
		      "R10: ffffffffaa63c310 R11: ffffffffaa63c6a0 R12: ffffffffc0ae2fc0",
		      "R13: ffffffffc0ae2e58 R14: ffffa763c332fe98 R15: ffffffffc0ae2e40"));
}

Test(oops_wrap, other_lines_stay_apart)
{
	expect_lines("[    1.000000] Code: 00 <48> c7\n[    1.000001] 00 11\n",
		     LINES("Code: 00 <48> c7", "00 11"));
	expect_lines("Code: 00 <48> c7\nusb 1-1: new device\n",
		     LINES("Code: 00 <48> c7", "usb 1-1: new device"));
	expect_lines(
		"RAX: 0000000000000000 RBX: 0000000000000000 RCX: 0000000000000000\nfoo\n",
		LINES("RAX: 0000000000000000 RBX: 0000000000000000 RCX: "
		      "0000000000000000",
		      "foo"));
	expect_lines(
		"BUG: unable to handle page fault for address: ffffffff88832fc0\nfoo\n",
		LINES("BUG: unable to handle page fault for address: ffffffff88832fc0",
		      "foo"));
	expect_lines("Hardware name: QEMU\nStarting the login\n",
		     LINES("Hardware name: QEMU", "Starting the login"));
}

Test(oops_wrap, order)
{
	expect_lines("b\nRDX: 1\nRAX: 1\nRSP: 1\na\n",
		     LINES("a", "RSP: 1", "RAX: 1", "RDX: 1", "b"));
	expect_lines("a\nRSP: 1\nRAX: 1\nb\n", LINES("a", "RSP: 1", "RAX: 1", "b"));
}

/* No text is looked at more than a bounded number of times: many small parts of one line
 * make lines of bounded length.
 */
Test(oops_wrap, joined_lines_are_bounded)
{
	enum { NR = 100000 };
	char *text = malloc(NR * 3 + 8);
	struct log log;
	size_t longest = 0;

	strcpy(text, "Code:\n");
	for (size_t i = 0; i < NR; i++)
		memcpy(text + 6 + i * 3, "00\n", 3);
	cr_assert_eq(log_read(&log, text, NR * 3 + 6), 0);
	for (size_t i = 0; i < log.nr; i++)
		if (strlen(log.lines[i].text) > longest)
			longest = strlen(log.lines[i].text);
	cr_expect_leq(longest, 4096);
	cr_expect_gt(longest, 100);
	log_free(&log);
	free(text);
}

/* "journalctl -r" of a report that was cut before its registers. */
Test(oops_wrap, reversed_heads)
{
	expect_lines("#PF: error_code(0x0000) - not-present page\n"
		     "#PF: supervisor read access in kernel mode\n"
		     "scsi host14: usb-storage 1-4:1.0\n"
		     "BUG: kernel NULL pointer dereference, address: 000000000000002f\n",
		     LINES("BUG: kernel NULL pointer dereference, address: "
			   "000000000000002f",
			   "scsi host14: usb-storage 1-4:1.0",
			   "#PF: supervisor read access in kernel mode",
			   "#PF: error_code(0x0000) - not-present page"));
}
