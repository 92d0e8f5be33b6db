/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/headless.h"

#include <criterion/criterion.h>
#include <string.h>

#include "oopslog.h"

/* cmp byte ptr [rbx+0x152ba], 0 */
#define CODE "Code: 53 48 8b 1c c5 00 9a 8d c0 <80> bb ba 52 01 00 00 74 5f\n"
#define REGISTERS                                                             \
	"RSP: 0018:ffffa750811eba60 EFLAGS: 00010286\n"                       \
	"RAX: 0000000000000000 RBX: 0000000000000000 RCX: 0000000000000020\n" \
	"RDX: 0000000000000000 RSI: 0000000000000001 RDI: ffff888004cba000\n" \
	"RBP: ffffa750811eba80 R08: 0000000000000000 R09: 0000000000000000\n" \
	"R10: 0000000000000000 R11: 0000000000000000 R12: ffff888004cba000\n" \
	"R13: 0000000000000000 R14: 0000000000000000 R15: 0000000000000000\n" \
	"FS:  00007f97f674c8c0(0000) GS:ffff9c009fd80000(0000) "              \
	"knlGS:0000000000000000\n"

/* The one crash of @text is @log's first. */
static const struct crash *read_one(struct oopslog *log, const char *text)
{
	oopslog_read(log, text, strlen(text));
	cr_assert_eq(log->crashes.nr, 1);
	return &log->crashes.array[0];
}

static void expect(const char *text, enum crash_kind kind, enum cause_kind cause,
		   uint64_t address)
{
	struct oopslog oopslog;
	struct explanation e;

	read_one(&oopslog, text);
	oopslog_explain(&oopslog, 0, NULL, &e);
	cr_expect_eq(e.crash->kind, kind, "%s", crash_kind_name(e.crash->kind));
	cr_expect_eq(e.cause.kind, cause, "%s", cause_name(e.cause.kind));
	cr_expect_eq(e.crash->address_from == CRASH_ADDRESS_UNKNOWN, !address);
	cr_expect_eq(e.crash->address, address);
	oopslog_close(&oopslog);
}

Test(oops_headless, a_null_pointer_by_its_registers)
{
	/* The registers behind the end mark are of the same crash: RIP accesses CR2. */
	expect("Modules linked in: nvidia(OE) mine(OE)\n"
	       "CR2: 00000000000152ba\n"
	       "---[ end trace 0000000000000000 ]---\n"
	       "RIP: 0010:drop_widget+0x25/0xe0 [mine]\n" CODE REGISTERS
	       "CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033\n",
	       CRASH_PAGE_FAULT, CAUSE_NULL, 0x152ba);
	/* The log begins behind RIP. */
	expect(CODE REGISTERS "CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033\n"
			      "CR2: 00000000000152ba CR3: 0000000816f04003\n",
	       CRASH_PAGE_FAULT, CAUSE_NULL, 0x152ba);
}

/* The frame of a function whose stack had no room for it reaches above RSP. */
Test(oops_headless, a_store_to_the_frame)
{
	expect("Code: 41 54 55 53 48 89 fb 48 81 ec a0 03 00 00 <48> 89 7c 24 20 48 8d\n"
	       "RSP: 0018:ffffa42ec072bdc8 EFLAGS: 00010282\n"
	       "RAX: ffff89f98ebd18d8 RBX: ffff89f98ebd1808 RCX: 0000000000008219\n"
	       "RDX: ffff89f989995678 RSI: 0000000000000001 RDI: ffff89f98ebd1808\n"
	       "CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033\n"
	       "CR2: ffffa42ec072bde8 CR3: 000000001abbe003 CR4: 00000000000206f0\n",
	       CRASH_STACK_OVERFLOW, CAUSE_STACK_OVERFLOW, 0xffffa42ec072bde8);
}

/* Behind "Call Trace:" RIP is of what was interrupted. */
Test(oops_headless, a_trace_without_its_rip)
{
	static const char text[] =
		"CR2: 00007f5e8a2c0000 CR3: 00000003d1e2c000 CR4: "
		"0000000000f50ef0\n"
		"Call Trace:\n"
		" <IRQ>\n"
		" handle_widget+0xc2/0x180 [mine]\n"
		"RIP: 0010:cpuidle_enter_state+0xd3/0x690\n"
		"Code: fb 0f 1f 44 00 00 <45> 85 ed 0f 88 e3 01 00 00\n"
		"RSP: 0018:ffffb2b38118fb60 EFLAGS: 00000246\n";
	struct oopslog oopslog;
	const struct crash *crash = read_one(&oopslog, text);

	cr_expect_eq(crash->kind, CRASH_UNKNOWN);
	cr_expect_not(crash->has_site);
	cr_expect(crash->code.at < 0);
	cr_assert_eq(crash->nr_frames, 1);
	cr_expect_str_eq(crash->frames[0].site.function, "handle_widget");
	oopslog_close(&oopslog);
}

/* RIP and the trace, without the registers between. */
Test(oops_headless, a_trace_with_its_rip)
{
	static const char text[] =
		"RIP: 0010:put_widget+0xb1/0xc0 [mine]\n"
		"PKRU: 55555554\n"
		"Call Trace:\n"
		" <TASK>\n"
		" close_widget+0x1a2/0x270 [mine]\n"
		"RIP: 0033:0x775fc631b4cd\n"
		"Code: Unable to access opcode bytes at 0x775fc631b4a3.\n"
		"RSP: 002b:0000775fa9e6ab60 EFLAGS: 00000293 ORIG_RAX: "
		"0000000000000007\n";
	struct oopslog oopslog;
	const struct crash *crash = read_one(&oopslog, text);

	cr_expect_eq(crash->kind, CRASH_UNKNOWN);
	cr_expect(crash->is_headless);
	cr_expect_str_eq(crash->site.function, "put_widget");
	cr_expect_eq(crash->nr_frames, 1);
	cr_expect_not(crash->code.is_unreadable);
	oopslog_close(&oopslog);
}

Test(oops_headless, what_does_not_fit_tells_less)
{
	/* Another crash's registers: that it was a page fault CR2's own line says. */
	expect("Modules linked in: nvidia(OE) mine(OE)\n"
	       "CR2: 0000000000004000\n"
	       "---[ end trace 0000000000000000 ]---\n"
	       "RIP: 0010:drop_widget+0x25/0xe0 [mine]\n" CODE REGISTERS
	       "CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033\n",
	       CRASH_PAGE_FAULT, CAUSE_UNKNOWN, 0x4000);
	/* The CR2 of a dump is an older fault's. */
	expect(CODE REGISTERS "CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033\n"
			      "CR2: 00007f97f671ca24 CR3: 0000000816f04003\n",
	       CRASH_UNKNOWN, CAUSE_UNKNOWN, 0);
	/* A copy that was about to cross into the page of CR2: no NULL pointer. */
	expect("Code: 48 83 c0 08 48 83 c2 08 <4c> 89 50 f8 48 39 f8 72 ec\n"
	       "RSP: 0000:ffffbea25b123a58 EFLAGS: 00010286\n"
	       "RAX: ffff9af83a8f7002 RBX: ffff9af83a8fdc00 RCX: ffff9af83a8fdc00\n"
	       "RDX: ffff9af83a8f6ffa RSI: ffff9af83a8edc02 RDI: ffff9af83a8fdbf8\n"
	       "CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033\n"
	       "CR2: ffff9af83a8f7000 CR3: 0000000816f04003\n",
	       CRASH_PAGE_FAULT, CAUSE_UNKNOWN, 0xffff9af83a8f7000);
}

/* The last lines of a report of 4.10 to 4.17. */
Test(oops_headless, the_last_rip)
{
	static const char text[] =
		"[  773.060381] Code: 00 01 0f b7 fe 48 09 cf 48 09 d7 <0f> 22 df 0f 1f 40 00\n"
		"[  773.064504] RIP: load_widget+0x7d/0x170 RSP: ffffbe26c1707e70\n"
		"[  773.066236] ---[ end trace 07b30e4a812918a3 ]---\n";
	struct oopslog oopslog;
	const struct crash *crash = read_one(&oopslog, text);

	cr_expect_str_eq(crash->site.function, "load_widget");
	cr_expect_eq(crash->code.at, 11);
	oopslog_close(&oopslog);
}
