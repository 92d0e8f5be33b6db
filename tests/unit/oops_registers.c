/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/registers.h"

#include <criterion/criterion.h>

Test(oops_registers, the_dump)
{
	struct registers registers = {0};

	cr_expect(registers_scan("RSP: 0018:ffffa763c332fcb0 EFLAGS: 00010246",
				 &registers));
	cr_expect(registers_scan("RAX: 0000000000000000 RBX: 0000000000000000 RCX: "
				 "ffffffffc0ae2020",
				 &registers));
	cr_expect(registers_scan("RDX: ffffffffaa6f0210 RSI: ffffffffc0adfaa9 RDI: "
				 "ffffffffc0ae2458",
				 &registers));
	cr_expect(registers_scan("FS:  00007fdf33491200(0000) GS:ffff9ac97bc00000(0000) "
				 "knlGS:0000000000000000",
				 &registers));
	cr_expect(registers_scan("CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033",
				 &registers));
	cr_expect_not(registers_scan("Code: 00", &registers));
	cr_expect_eq(registers.value[REGISTER_RSP], 0xffffa763c332fcb0);
	cr_expect_eq(registers.value[REGISTER_EFLAGS], 0x10246);
	cr_expect_eq(registers.value[REGISTER_RCX], 0xffffffffc0ae2020);
	cr_expect_eq(registers.value[REGISTER_RDX], 0xffffffffaa6f0210);
	cr_expect_eq(registers.value[REGISTER_GS], 0xffff9ac97bc00000);
	cr_expect_eq(registers.value[REGISTER_FS], 0x7fdf33491200);
	cr_expect_eq(registers.value[REGISTER_CR0], 0x80050033);
	cr_expect(registers_has(&registers, REGISTER_RAX));
	cr_expect_not(registers_has(&registers, REGISTER_CR2));
	/* Of two the first. */
	registers_scan(
		"RAX: 0000000000000001 RBX: 0000000000000000 RCX: 0000000000000000",
		&registers);
	cr_expect_eq(registers.value[REGISTER_RAX], 0);
}

Test(oops_registers, cut_values_are_none)
{
	struct registers registers = {0};

	registers_scan("RDX: ffffffffaa6f021", &registers);
	registers_scan("RAX: 0000000000000000x RBX: 00000000000000000", &registers);
	registers_scan("RSP: 001:ffffa763c332fcb0 EFLAGS: 0001024", &registers);
	cr_expect_eq(registers.known, 0, "%x", registers.known);
}
