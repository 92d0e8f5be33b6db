/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/vmcoreinfo.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct vmcoreinfo of(const char *text)
{
	return (struct vmcoreinfo){.text = text, .size_bytes = strlen(text)};
}

static const char real[] = "OSRELEASE=6.1.0-56-amd64\n"
			   "SYMBOL(_stext)=ffffffff9b000000\n"
			   "NUMBER(phys_base)=-696254464\n"
			   "NUMBER(VMALLOC_START)=0xffffa0b300000000\n"
			   "NUMBER(sme_mask)=0\n"
			   "KERNELOFFSET=1a000000\n"
			   "NUMBER(broken)=12x\n"
			   "SYMBOL(broken)=\n"
			   "LAST=no newline";

Test(kcore_vmcoreinfo, reads_what_kernels_write)
{
	struct vmcoreinfo info = of(real);
	char text[32];
	uint64_t hex;
	int64_t number;

	cr_expect_eq(vmcoreinfo_string(&info, "OSRELEASE", text, sizeof(text)), 0);
	cr_expect_str_eq(text, "6.1.0-56-amd64");
	cr_expect_eq(vmcoreinfo_symbol(&info, "_stext", &hex), 0);
	cr_expect_eq(hex, 0xffffffff9b000000);
	cr_expect_eq(vmcoreinfo_number(&info, "phys_base", &number), 0);
	cr_expect_eq(number, -696254464);
	cr_expect_eq(vmcoreinfo_number(&info, "VMALLOC_START", &number), 0);
	cr_expect_eq((uint64_t)number, 0xffffa0b300000000);
	cr_expect_eq(vmcoreinfo_hex(&info, "KERNELOFFSET", &hex), 0);
	cr_expect_eq(hex, 0x1a000000);
	cr_expect_eq(vmcoreinfo_string(&info, "LAST", text, sizeof(text)), 0);
	cr_expect_str_eq(text, "no newline");
}

Test(kcore_vmcoreinfo, says_what_is_missing_or_malformed)
{
	struct vmcoreinfo info = of(real);
	uint64_t hex = 7;
	int64_t number = 7;
	char text[4];

	cr_expect_eq(vmcoreinfo_symbol(&info, "_text", &hex), -ENOENT);
	cr_expect_eq(vmcoreinfo_symbol(&info, "broken", &hex), -EINVAL);
	cr_expect_eq(vmcoreinfo_number(&info, "broken", &number), -EINVAL);
	cr_expect_eq(vmcoreinfo_string(&info, "OSRELEASE", text, sizeof(text)), -ERANGE);
	cr_expect_eq(vmcoreinfo_string(&info, "OSREL", text, sizeof(text)), -ENOENT);
	cr_expect_eq(hex, 7, "written on failure");
	cr_expect_eq(number, 7, "written on failure");
}

Test(kcore_vmcoreinfo, an_empty_note_has_nothing)
{
	struct vmcoreinfo info = of("");
	uint64_t hex;

	cr_expect_eq(vmcoreinfo_symbol(&info, "_stext", &hex), -ENOENT);
}
