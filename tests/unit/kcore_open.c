/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/open.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"

static int open_fake(struct fake *fake, struct kernel *kernel, struct error *err)
{
	struct source source;

	fake_write(fake);
	source = fake_source(fake);
	return kernel_open(kernel, &source, err);
}

Test(kcore_open, opens_a_sound_core)
{
	struct fake fake = {0};
	struct kernel kernel;
	struct error err = {0};
	struct pt_walk walk;

	cr_assert_eq(open_fake(&fake, &kernel, &err), 0, "%s", err.message);
	cr_expect_str_eq(kernel.release, "6.1.0-fake-amd64");
	cr_expect_eq(kernel.pt.root_pa, FAKE_ROOT_PA);
	cr_expect_eq(kernel.pt.format.levels, 4);
	cr_expect_eq(kernel.root.kind, ROOT_SWAPPER);
	cr_expect_eq(kernel.labels[LABEL_END_RODATA], 0xffffffff81400000);
	pt_walk(&kernel.pt, FAKE_RO_AFTER_INIT, &walk);
	cr_expect_eq(walk.verdict, PT_READ_ONLY);
	pt_walk(&kernel.pt, FAKE_DATA, &walk);
	cr_expect_eq(walk.verdict, PT_WRITABLE);
	kernel_close(&kernel);
	fake_close(&fake);
}

/* Without CONFIG_DYNAMIC_PHYSICAL_MASK there is no such variable and nothing to say. One
 * that cannot be found, for kallsyms lists functions only, is another matter.
 */
Test(kcore_open, no_variable_for_the_mask_of_addresses)
{
	static const char *const lists[] = {
		NULL, "ffffffff81000000 T _text\nffffffff81000000 T _stext\n"};

	for (size_t i = 0; i < 2; i++) {
		struct fake fake = {.kallsyms = lists[i]};
		struct kernel kernel;
		struct error err = {0};
		bool is_noted = false;

		cr_assert_eq(open_fake(&fake, &kernel, &err), 0, "%s", err.message);
		for (size_t j = 0; j < kernel.nr_notes; j++)
			is_noted |= strstr(kernel.notes[j], "physical_mask") != NULL;
		cr_expect_eq(is_noted, i == 1);
		kernel_close(&kernel);
		fake_close(&fake);
	}
}

/* BTF that is there and cannot be used is not the same as none: a note says so. */
static void expect_btf_note(const void *btf, size_t bytes, const char *words)
{
	struct fake fake = {0};
	struct kernel kernel;
	struct error err = {0};
	struct source source;

	fake_write(&fake);
	source = fake_source(&fake);
	source.btf_fd = memfd_create("btf", MFD_CLOEXEC);
	cr_assert_eq(write(source.btf_fd, btf, bytes), (ssize_t)bytes);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	cr_expect_null(kernel.types.btf);
	cr_assert_gt(kernel.nr_notes, 0);
	cr_expect_not_null(strstr(kernel.notes[0], words), "%s", kernel.notes[0]);
	close(source.btf_fd);
	kernel_close(&kernel);
	fake_close(&fake);
}

Test(kcore_open, says_why_btf_is_not_used)
{
	/* One type of kind 50, whose length nothing tells. */
	static const uint32_t of_the_future[] = {
		0x1eb9f, 24, 0, 12, 12, 4, 0, 50U << 24, 0, 0,
	};

	expect_btf_note(of_the_future, sizeof(of_the_future), "newer kwcheck");
	expect_btf_note(of_the_future, sizeof(of_the_future) - 4, "damaged");
	expect_btf_note("ELF", 3, "damaged");
}

static void expect_refused(struct fake *fake, enum error_code code)
{
	struct kernel kernel;
	struct error err = {0};

	cr_expect_lt(open_fake(fake, &kernel, &err), 0);
	cr_expect_eq(err.code, code, "%s: %s", error_code_name(err.code), err.message);
	cr_expect_neq(err.message[0], '\0');
	fake_close(fake);
}

Test(kcore_open, refuses_what_does_not_fit_together)
{
	expect_refused(&(struct fake){.image_pa_error = 0x200000}, ERROR_SELF_TEST);
	/* _stext not executable, absent, elsewhere, user-accessible. */
	expect_refused(&(struct fake){.stext_entry = 0x80000000020001a1},
		       ERROR_SELF_TEST);
	expect_refused(&(struct fake){.stext_entry = 0x1000}, ERROR_SELF_TEST);
	expect_refused(&(struct fake){.stext_entry = 0x22001a1}, ERROR_SELF_TEST);
	expect_refused(&(struct fake){.vmcoreinfo = "OSRELEASE=5.0\n"},
		       ERROR_NO_VMCOREINFO);
	expect_refused(
		&(struct fake){.vmcoreinfo = "SYMBOL(_stext)=ffffffff81000000\n"
					     "SYMBOL(swapper_pg_dir)=ffffffff90001000\n"
					     "NUMBER(phys_base)=16777216\n"},
		ERROR_SELF_TEST);
	expect_refused(
		&(struct fake){.vmcoreinfo = "SYMBOL(_stext)=ffffffff81000000\n"
					     "SYMBOL(swapper_pg_dir)=ffffffff7f001000\n"
					     "NUMBER(pgtable_l5_enabled)=1\n"
					     "NUMBER(phys_base)=16777216\n"},
		ERROR_SELF_TEST);
}

Test(kcore_open, refuses_xen_pv)
{
	static const char kallsyms[] = "ffffffff7f007000 D xen_domain_type\n"
				       "ffffffff81000000 T _text\n";

	expect_refused(&(struct fake){.kallsyms = kallsyms, .domain_type = 1},
		       ERROR_XEN_PV);
}

Test(kcore_open, tables_of_a_xen_pv_domain_hold_machine_frames)
{
	struct fake fake = {
		.kallsyms = fake_xen_kallsyms, .domain_type = 1, .fill = fake_fill_xen};
	struct kernel kernel;
	struct error err = {0};
	struct pt_walk walk;
	uint64_t word;

	cr_assert_eq(open_fake(&fake, &kernel, &err), 0, "%s", err.message);
	pt_walk(&kernel.pt, FAKE_DATA, &walk);
	cr_expect_eq(walk.verdict, PT_WRITABLE);
	cr_expect_eq(walk.pa, 0x2400000, "0x%lx", walk.pa);
	cr_expect_not(walk.user);
	pt_walk(&kernel.pt, FAKE_RODATA, &walk);
	cr_expect_eq(walk.verdict, PT_READ_ONLY);
	pt_walk(&kernel.pt, FAKE_DIRECT_MAP + FAKE_ROOT_PA, &walk);
	cr_expect_eq(walk.pa, FAKE_ROOT_PA);
	cr_expect_eq(kernel_read(&kernel, FAKE_DIRECT_MAP + FAKE_XEN_LIST_PA, &word, 8),
		     0);
	cr_expect_eq(word, FAKE_XEN_FIRST_MFN);
	kernel_close(&kernel);
	fake_close(&fake);
}

/* A domain whose list of frames lacks those of its tables. */
static void make_stranger(unsigned char *ram)
{
	fake_fill_xen(ram);
	memset(ram + FAKE_XEN_LIST_PA, 0xff, 8 * 16);
}

Test(kcore_open, machine_frames_that_are_not_the_domains_are_not_read)
{
	expect_refused(&(struct fake){.kallsyms = fake_xen_kallsyms,
				      .domain_type = 1,
				      .fill = make_stranger},
		       ERROR_SELF_TEST);
}

Test(kcore_open, opens_other_xen_domains)
{
	static const char kallsyms[] = "ffffffff7f007000 D xen_domain_type\n"
				       "ffffffff81000000 T _text\n";
	/* XEN_HVM_DOMAIN 2: its page tables are ordinary ones. */
	struct fake fake = {.kallsyms = kallsyms, .domain_type = 2};
	struct kernel kernel;
	struct error err = {0};

	cr_assert_eq(open_fake(&fake, &kernel, &err), 0, "%s", err.message);
	kernel_close(&kernel);
	fake_close(&fake);
}

Test(kcore_open, addresses_can_be_asked_without_symbols)
{
	struct fake fake = {.kallsyms = "0000000000000000 T _text\n"};
	struct kernel kernel;
	struct error err = {0};

	cr_assert_eq(open_fake(&fake, &kernel, &err), 0, "%s", err.message);
	cr_expect_not(kernel.has_symbols);
	cr_expect_eq(kernel.symbols_error.code, ERROR_KPTR_RESTRICT);
	kernel_close(&kernel);
	fake_close(&fake);
}

enum { NR_EXPORTS = 128, EXPORT_NAME_BYTES = 16 };

/* A table of exports in FAKE_FREE_PA's page and the next, mapped behind FAKE_SMALL. */
static void put_exports(unsigned char *ram)
{
	static const char *const known[] = {"init_task", "physical_mask",
					    "xen_domain_type"};
	uint64_t base = FAKE_SMALL + 0x2000, strings = base + NR_EXPORTS * 12;

	for (int i = 0; i < NR_EXPORTS; i++) {
		uint64_t at = base + (uint64_t)i * 12,
			 name = strings + (uint64_t)i * EXPORT_NAME_BYTES;
		/* The last three of the table, in the order of the alphabet. */
		int n = i - (NR_EXPORTS - 3);
		int32_t fields[3] = {(int32_t)(FAKE_DATA + 0x100 + (uint64_t)i * 8 - at),
				     (int32_t)(name - at - 4), 0};
		char text[EXPORT_NAME_BYTES + 1] = "";

		snprintf(text, sizeof(text), "a%03d", i);
		if (n >= 0)
			snprintf(text, sizeof(text), "%s", known[n]);
		memcpy(ram + FAKE_FREE_PA + i * 12, fields, sizeof(fields));
		memcpy(ram + FAKE_FREE_PA + (strings - base) +
			       (size_t)i * EXPORT_NAME_BYTES,
		       text, EXPORT_NAME_BYTES);
	}
	for (uint64_t i = 0; i < 2; i++) {
		uint64_t entry = (FAKE_FREE_PA + i * 4096) | 0x8000000000000121ULL;

		memcpy(ram + FAKE_SMALL_TABLE_PA + 16 + 8 * i, &entry, sizeof(entry));
	}
}

/* CONFIG_KALLSYMS_ALL=n: what is exported has its address all the same. */
Test(kcore_open, exported_variables_of_a_kernel_that_lists_functions)
{
	struct fake fake = {.fill = put_exports,
			    .kallsyms = "ffffffff81000000 T _text\n"
					"ffffffff81000000 T _stext\n"
					"ffffffff81000100 t function\n"};
	struct kernel kernel;
	struct error err = {0};
	uint64_t va = 0;

	cr_assert_eq(open_fake(&fake, &kernel, &err), 0, "%s", err.message);
	cr_expect(symbols_address(&kernel.symbols, "a007", &va));
	cr_expect_eq(va, FAKE_DATA + 0x100 + 7 * 8);
	cr_expect_eq(kernel.labels[LABEL_INIT_TASK], FAKE_DATA + 0x100 + 125 * 8);
	/* Nothing tells where it ends, so it names no address. */
	cr_expect_null(symbols_find(&kernel.symbols, "a007", NULL, NULL));
	cr_expect_str_eq(symbols_at(&kernel.symbols, va)->name, "function");
	kernel_close(&kernel);
	fake_close(&fake);
}
