/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/kernelwords.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As 5.1 and newer log them. */
Test(cmd_kernelwords, page_faults)
{
	static const struct {
		uint64_t address;
		unsigned error_code;
		const char *words;
	} rows[] = {
		{0xffffffff81200100, 3,
		 " BUG: unable to handle page fault for address: ffffffff81200100\n"
		 " #PF: supervisor write access in kernel mode\n"
		 " #PF: error_code(0x0003) - permissions violation\n"},
		{0x10, 0,
		 " BUG: kernel NULL pointer dereference, address: 0000000000000010\n"
		 " #PF: supervisor read access in kernel mode\n"
		 " #PF: error_code(0x0000) - not-present page\n"},
		{0xffffffff81200100, 0x11,
		 " BUG: unable to handle page fault for address: ffffffff81200100\n"
		 " #PF: supervisor instruction fetch in kernel mode\n"
		 " #PF: error_code(0x0011) - permissions violation\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *bytes = NULL;
		size_t nr_bytes;
		FILE *out = open_memstream(&bytes, &nr_bytes);

		kernelwords_page_fault(out, " ", rows[i].address, rows[i].error_code);
		fclose(out);
		cr_expect_str_eq(bytes, rows[i].words);
		free(bytes);
	}
}
