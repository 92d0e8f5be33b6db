/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/flat.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static char text[4096];

static void split(const char *line)
{
	size_t nr = strlen(line);

	cr_assert_lt(nr, sizeof(text));
	memcpy(text, line, nr);
	nr = flat_split(text, nr);
	cr_assert_leq(nr, strlen(line));
	text[nr] = '\0';
}

/* Of an old kernel, with the levels that a web page kept. */
Test(oops_flat, one_line)
{
	split("we hit the panic as below: <1>BUG: unable to handle kernel paging request "
	      "at 0000000b819fdb98 <1>IP: [<ffffffff812a588f>] notify_widget+0x13/0x34 "
	      "<4>PGD 94b10067 PUD 0 <0>Oops: 0000 [#1] SMP <4>CPU 3 <4>Modules linked in: "
	      "autofs4(U) hidp(U) Pid: 18, comm: events/3 Not tainted 2.6.32 #1 "
	      "RIP: e030:[<ffffffff812a588f>] [<ffffffff812a588f>] notify_widget+0x13/0x34 "
	      "RSP: e02b:ffff8800e7bf7bd0 EFLAGS: 00010202 RAX: ffff8800e61c8000 RBX: "
	      "ffff8800e62f82c0 RCX: 0000000000000000 Call Trace: [<ffffffff812712c9>] "
	      "send_widget+0x10/0x20 [mine] [<ffffffff8100ea5f>] ? f+0x1/0x2 and that was it");
	cr_expect_str_eq(
		text,
		"we hit the panic as below:\n"
		"<1>BUG: unable to handle kernel paging request at 0000000b819fdb98\n"
		"<1>IP: [<ffffffff812a588f>] notify_widget+0x13/0x34\n"
		"<4>PGD 94b10067 PUD 0\n"
		"<0>Oops: 0000 [#1] SMP\n"
		"<4>CPU 3\n"
		"<4>Modules linked in: autofs4(U) hidp(U)\n"
		"Pid: 18, comm: events/3 Not tainted 2.6.32 #1\n"
		"RIP: e030:[<ffffffff812a588f>] [<ffffffff812a588f>] notify_widget+0x13/0x34\n"
		"RSP: e02b:ffff8800e7bf7bd0 EFLAGS: 00010202\n"
		"RAX: ffff8800e61c8000 RBX: ffff8800e62f82c0 RCX: 0000000000000000\n"
		"Call Trace:\n"
		"[<ffffffff812712c9>] send_widget+0x10/0x20 [mine]\n"
		"[<ffffffff8100ea5f>] ? f+0x1/0x2\n"
		"and that was it");
}

/* As bulletins quote it. */
Test(oops_flat, a_paragraph)
{
	split("before\n"
	      "\n"
	      "    It crashed. ------------[ cut here ]------------ kernel BUG at\n"
	      "    lib/widget.c:56! invalid opcode: 0000 [#1] PREEMPT SMP CPU: 1 PID: 85\n"
	      "    Comm: x Not tainted 6.8.0-rc6 #4 Hardware name: QEMU, BIOS 1 RIP:\n"
	      "    0010:check_widget+0x77/0xc0 RSP: 0018:ffff8881b831bcc0 EFLAGS: 00010282\n"
	      "    RAX: 000000000000004e RBX: ffff888143b6eb80 Call Trace: <TASK> ?\n"
	      "    die+0x2d/0x80 stop_widget+0x1a/0x50 [mine]\n"
	      "\n"
	      "behind\n");
	cr_expect_str_eq(text, "before\n"
			       "\n"
			       "It crashed.\n"
			       "------------[ cut here ]------------\n"
			       "kernel BUG at lib/widget.c:56!\n"
			       "invalid opcode: 0000 [#1] PREEMPT SMP\n"
			       "CPU: 1 PID: 85 Comm: x Not tainted 6.8.0-rc6 #4\n"
			       "Hardware name: QEMU, BIOS 1\n"
			       "RIP: 0010:check_widget+0x77/0xc0\n"
			       "RSP: 0018:ffff8881b831bcc0 EFLAGS: 00010282\n"
			       "RAX: 000000000000004e RBX: ffff888143b6eb80\n"
			       "Call Trace:\n"
			       "<TASK>\n"
			       "? die+0x2d/0x80\n"
			       "stop_widget+0x1a/0x50 [mine]\n"
			       "\n"
			       "behind\n");
}

/* A line of each its own stays, whatever stands before it. */
Test(oops_flat, a_log)
{
	static const char *const logs[] = {
		"[    1.000000] BUG: unable to handle page fault for address: 0\n"
		"[    1.000000] Oops: 0002 [#1] SMP\n"
		"[    1.000000] CPU: 1 PID: 85 Comm: x Not tainted 6.1.0 #1\n"
		"[    1.000000] Hardware name: none\n"
		"[    1.000000] RIP: 0010:f+0x1/0x2\n"
		"[    1.000000] Call Trace:\n",
		"Nov 30 20:00:01 host BUG: unable to handle page fault for address: 0\n"
		"Nov 30 20:00:01 host Oops: 0002 [#1] SMP\n"
		"Nov 30 20:00:01 host CPU: 1 PID: 85 Comm: x Not tainted 6.1.0 #1\n"
		"Nov 30 20:00:01 host Hardware name: none\n"
		"Nov 30 20:00:01 host RIP: 0010:f+0x1/0x2\n"
		"Nov 30 20:00:01 host Call Trace:\n",
	};

	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		split(logs[i]);
		cr_expect_str_eq(text, logs[i], "%zu", i);
	}
}

/* The text ends in a blank, which a line's end takes the place of. */
Test(oops_flat, a_blank_at_the_end)
{
	char filler[256];
	char line[512];

	memset(filler, 'x', sizeof(filler) - 1);
	filler[sizeof(filler) - 1] = '\0';
	snprintf(line, sizeof(line), "BUG: %s Oops: 0002 CPU: 1 Call Trace: f+0x1/0x2 ",
		 filler);
	split(line);
	cr_expect_not_null(strstr(text, "\nf+0x1/0x2\n"));
}
