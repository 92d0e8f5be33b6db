/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Code made at run time, W+X and user pages: SMALL_MODULE's page in many forms. */
#include "audit/executable.h"

#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000000 t bpf_prog_1\t[bpf]\n"
			       "ffffffffc0002000 t bpf_prog_gone\t[bpf]\n";

enum { PAGE_PA = 0x120000 };
static const uint64_t RWX = 0x163, USER = 4;

/* Entries of SMALL_MODULE and of the page after it. */
static uint64_t entries[2];

static void fill(void)
{
	small_put_pa(SMALL_MODULE_ENTRY_PA, entries[0]);
	small_put_pa(SMALL_MODULE_2_ENTRY_PA, entries[1]);
	/* The direct map has what is code read-only, too. */
	small_put_pa(0xb000 + 0x120 * 8, PAGE_PA | SMALL_RO_NX);
	small_put_pa(0xb000 + 0x121 * 8, (PAGE_PA + 0x1000) | SMALL_RO_NX);
}

static const char *said;
static unsigned nr_asked;

static const char *ask(void *ctx)
{
	(void)ctx;
	nr_asked++;
	return said;
}

static void audit_with(uint64_t first, uint64_t second, struct small *small)
{
	const struct audit_words words = {.ask_wx_pages = ask};

	entries[0] = first;
	entries[1] = second;
	nr_asked = 0;
	small_open(small, kallsyms, fill, NULL);
	small_audit(small, 1u << AUDIT_EXECUTABLE, &words);
}

Test(audit_executable, code_with_and_without_a_name)
{
	struct small small;

	said = NULL;
	audit_with(PAGE_PA | SMALL_RO_X, (PAGE_PA + 0x2000) | SMALL_RO_X, &small);
	small_expect(&small, 0, NULL);
	cr_expect_str_eq(small_row(&small, "BPF programs")->detail, "1");
	cr_expect_eq(small_row(&small, "BPF programs")->address, SMALL_MODULE);
	cr_expect_str_eq(small_row(&small, "BPF programs")->found, "r-x");
	cr_expect_str_eq(small_row(&small, "kprobe pages")->detail, "0");
	cr_expect_str_eq(small_row(&small, "other executable memory")->detail,
			 "4 KiB without a symbol");
	cr_expect_eq(small_row(&small, "other executable memory")->address,
		     SMALL_MODULE + PAGE_BYTES);
	small_close(&small);
}

/* The kernel warns of a W+X page where it is asked, which may end in a panic. */
Test(audit_executable, a_writable_and_executable_page)
{
	struct small small;

	said = "FAILED\n";
	audit_with(PAGE_PA | SMALL_RO_X, (PAGE_PA + 0x2000) | RWX, &small);
	small_expect_one(&small, AUDIT_WRITABLE_EXECUTABLE,
			 "1 page at 0xffffffffc0001000");
	cr_expect_eq(nr_asked, 0);
	cr_expect_eq(small_row(&small, "writable and executable")->verdict,
		     AUDIT_UNSEALED);
	cr_expect_eq(small_row(&small, "writable and executable")->nr_pages, 1);
	small_close(&small);
}

Test(audit_executable, what_the_kernel_says_is_compared)
{
	struct small small;

	said = "SUCCESS\n";
	audit_with(PAGE_PA | SMALL_RO_X, 0, &small);
	small_expect(&small, 0, NULL);
	cr_expect_eq(nr_asked, 1);
	cr_expect_str_eq(small_row(&small, "writable and executable")->detail,
			 "0 pages; the kernel's check_wx_pages says SUCCESS");
	small_close(&small);
	said = "FAILED\n";
	audit_with(PAGE_PA | SMALL_RO_X, 0, &small);
	small_expect_one(&small, AUDIT_KERNEL_DISAGREES, "check_wx_pages says FAILED");
	small_close(&small);
}

Test(audit_executable, a_page_of_user_space)
{
	struct small small;

	said = NULL;
	audit_with(PAGE_PA | SMALL_RO_X, (PAGE_PA + 0x2000) | SMALL_RW_NX | USER, &small);
	small_expect_one(
		&small, AUDIT_USER_PAGE,
		"1 pages at 0xffffffffc0001000 (module area) can be reached from "
		"user space");
	small_close(&small);
}
