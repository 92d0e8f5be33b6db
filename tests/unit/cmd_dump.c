/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <string.h>

#include "insn/decode.h"
#include "run.h"

#define CORE "--core=tests/data/captures/6.1.zst "

static struct run run;

static void expect_dump(const char *arguments, int status, const char *told)
{
	const char *where;

	run_kwcheck(&run, arguments);
	where = status == 64 || (status == 2 && !*run.out) ? run.err : run.out;
	cr_expect_eq(run.status, status, "%s: %d", arguments, run.status);
	cr_expect_not_null(strstr(where, told), "%s: %s", arguments, where);
}

Test(cmd_dump, bytes_of_what_is_named)
{
	expect_dump(CORE "dump linux_banner+0/20", 0,
		    "linux_banner at 0xffffffff9ad61900, 20 bytes\n");
	cr_expect_not_null(
		strstr(run.out,
		       "\nffffffff9ad61900  4c 69 6e 75 78 20 76 65 72 73 69 6f 6e 20 36 "
		       "2e  |Linux version 6.|\n"
		       "ffffffff9ad61910  31 2e 30 2d "
		       "                                     "
		       "|1.0-|\n"),
		"%s", run.out);
	expect_dump(CORE "dump 0xffffffff9ad61905", 0, "linux_banner+0x5 at ");
	cr_expect_not_null(strstr(run.out, ", 64 bytes\n"), "%s", run.out);
	expect_dump(CORE "dump 0xffffffff9ad61906+3", 0, "|ver|");
	expect_dump(CORE "dump linux_banner", 0,
		    " bytes more up to the next symbol: --length=N\n");
	expect_dump(CORE "dump linux_banner --length=5", 0, "|Linux|\n");
	expect_dump(CORE "-q dump linux_banner", 0, "");
	cr_expect_str_empty(run.out);
}

Test(cmd_dump, instructions)
{
	if (decode_missing())
		cr_skip_test("%s", decode_missing());
	/* The last one is told whole, though it ends behind the bytes asked for. */
	expect_dump(CORE "dump --disassemble linux_banner --length=1", 0,
		    " +0x0     4c 69 6e 75 78 20 76 65        "
		    "imul r13, [rsi+0x75], 0x65762078\n");
	expect_dump(CORE "-J dump --disassemble linux_banner --length=1", 0,
		    "\"lines\":[{\"address\":\"0xffffffff9ad61900\","
		    "\"bytes\":\"4c696e7578207665\",\"instruction\":"
		    "\"imul r13, [rsi+0x75], 0x65762078\",\"target\":null,"
		    "\"missing\":null}]");
}

Test(cmd_dump, what_is_not_there)
{
	expect_dump(CORE "dump __x64_sys_getpid", 2,
		    "the memory is not in this capture: make it with capture --text\n");
	expect_dump(CORE "-J dump __x64_sys_getpid", 2, "\"bytes\":null,");
	expect_dump(CORE "dump 0xffffffff00000000", 2,
		    "64 bytes: the memory is not mapped");
	expect_dump(CORE "dump 0x1000", 2, "0x1000: cannot be known: ");
	expect_dump(CORE "dump gdt_page", 2, "ask with --cpu=N");
	expect_dump(CORE "dump gdt_page --cpu=0 --length=16", 2,
		    "note: CPU 0's copy of a per-CPU symbol\n");
	expect_dump(CORE "dump linux_bannre", 2, "did you mean linux_banner");
	expect_dump(CORE "dump 0xffffffff9ad61900+0x100001", 64, "ask for less of it");
	expect_dump(CORE "dump", 64, "nothing to dump: no TARGET is given; try '");
	expect_dump(CORE "dump linux_banner --length=0", 64, "--length");
	expect_dump(CORE "dump linux_banner --length=1M", 64, "--length");
	expect_dump(CORE "dump 0xffffffff9ad61900-0x1", 64, "malformed target");
	expect_dump(CORE "check linux_banner --disassemble", 64,
		    "--disassemble does not go with check");
}

Test(cmd_dump, a_target_without_answer_leaves_the_others_theirs)
{
	expect_dump(CORE "dump nothing_of_that_name linux_banner --length=5", 2,
		    "|Linux|\n");
	cr_expect_not_null(strstr(run.err, "nothing_of_that_name: no such symbol"));
}
