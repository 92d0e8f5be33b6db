/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/pointer.h"

#include <criterion/criterion.h>
#include <string.h>

Test(oops_pointer, by_the_address_alone)
{
	static const struct {
		uint64_t address;
		enum pointer_kind kind;
	} rows[] = {
		{0, POINTER_NULL},
		{0xfff, POINTER_NULL},
		{0x1000, POINTER_OTHER},
		{0x7f0000001000, POINTER_OTHER},
		{0xffff888000000000, POINTER_OTHER},
		{0xffffffffffffefff, POINTER_OTHER},
		{0xfffffffffffff000, POINTER_NEGATIVE},
		{0xfffffffffffffff4, POINTER_NEGATIVE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pointer pointer = pointer_find(NULL, rows[i].address);

		cr_expect_eq(pointer.kind, rows[i].kind, "%zu", i);
		cr_expect_null(pointer.base);
	}
}

/* [rax+rbx*8+displacement] */
static struct instruction access(uint64_t rax, bool has_rbx, uint64_t rbx)
{
	struct instruction in = {.has_memory = true,
				 .match = INSTRUCTION_AGREES,
				 .nr_operands = has_rbx ? 2 : 1};

	strcpy(in.memory.expression, has_rbx ? "rax+rbx*8+0x8" : "rax+0x8");
	strcpy(in.operands[0].name, "rax");
	in.operands[0].has_value = true;
	in.operands[0].value = rax;
	strcpy(in.operands[1].name, "rbx");
	in.operands[1].has_value = true;
	in.operands[1].value = rbx;
	return in;
}

Test(oops_pointer, by_the_register)
{
	static const struct {
		uint64_t rax, rbx, address;
		bool has_rbx;
		enum pointer_kind kind;
		const char *base;
	} rows[] = {
		{0, 0, 8, false, POINTER_NULL, "rax"},
		/* A displacement may be large. */
		{0, 0, 0x2828, false, POINTER_NULL, "rax"},
		{3, 0, 0xb, false, POINTER_SMALL, "rax"},
		{-18ULL, 0, -10ULL, false, POINTER_NEGATIVE, "rax"},
		{-1ULL, 0, 0x33f, false, POINTER_NEGATIVE, "rax"},
		{0xffff888000000000, 0, 0xffff888000000008, false, POINTER_OTHER, "rax"},
		{0, 5, 0x30, true, POINTER_NULL, "rax"},
		{0, 0xffff8a101d6b40f0, 0xffff8a101d6b40f8, true, POINTER_OTHER, "rbx"},
		/* Which of the two is the pointer is not known. */
		{3, 5, 0x33, true, POINTER_NULL, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct instruction in = access(rows[i].rax, rows[i].has_rbx, rows[i].rbx);
		struct pointer pointer = pointer_find(&in, rows[i].address);

		cr_expect_eq(pointer.kind, rows[i].kind, "%zu", i);
		cr_expect_eq(pointer.base != NULL, rows[i].base != NULL, "%zu", i);
		if (pointer.base && rows[i].base)
			cr_expect_str_eq(pointer.base->name, rows[i].base);
	}
}

/* Registers of another moment prove nothing. */
Test(oops_pointer, that_disagrees)
{
	struct instruction in = access(3, false, 0);

	in.match = INSTRUCTION_DISAGREES;
	cr_expect_eq(pointer_find(&in, 0x10).kind, POINTER_NULL);
	cr_expect_null(pointer_find(&in, 0x10).base);
}

Test(oops_pointer, poison)
{
	struct registers registers = {0};

	cr_expect(pointer_is_list_poison(0xdead000000000100));
	cr_expect(pointer_is_list_poison(0xdead000000000122));
	cr_expect_not(pointer_is_list_poison(0xdead000000000108));
	cr_expect(pointer_is_poison(0xdead000000000108));
	cr_expect_not(pointer_is_poison(0xdead4ead00000000));
	cr_expect_eq(pointer_poison(&registers), REGISTER_NR);
	registers.value[REGISTER_RDI] = 0xdead000000000100;
	cr_expect_eq(pointer_poison(&registers), REGISTER_NR);
	registers.known = 1U << REGISTER_RDI;
	cr_expect_eq(pointer_poison(&registers), REGISTER_RDI);
}

Test(oops_pointer, filling)
{
	cr_expect_not_null(strstr(pointer_filling(0x6b6b6b6b6b6b6bdb), "freed slab"));
	cr_expect_not_null(strstr(pointer_filling(0xcccccccccccccccc), "init memory"));
	cr_expect_not_null(strstr(pointer_filling(0x5a5a5a5a5a5a5a52), "never set"));
	cr_expect_null(pointer_filling(0xdead000000000100));
	cr_expect_null(pointer_filling(0x6b6b6b6b00000000));
}

/* include/linux/poison.h to 4.2, whose kernels are those of RHEL 6 and 7. */
Test(oops_pointer, poison_of_old_kernels)
{
	struct registers registers = {.known = 1U << REGISTER_R11 | 1U << REGISTER_RBX};

	cr_expect(pointer_is_list_poison(0xdead000000100100));
	cr_expect(pointer_is_list_poison(0xdead000000200200));
	cr_expect_not(pointer_is_list_poison(0xdead000000100108));
	cr_expect(pointer_is_poison(0xdead000000100108));
	cr_expect(pointer_is_poison(0xdead0000002001e8));
	cr_expect_not(pointer_is_poison(0xdead000000300300));
	/* What is left in R11 is of somebody before. */
	registers.value[REGISTER_R11] = 0xdead000000100100;
	cr_expect_eq(pointer_poison(&registers), REGISTER_NR);
	registers.value[REGISTER_RBX] = 0xdead000000100100;
	cr_expect_eq(pointer_poison(&registers), REGISTER_RBX);
}

Test(oops_pointer, blanks_of_a_text_screen)
{
	cr_assert_not_null(pointer_filling(0x0720072007200720));
	cr_expect_not_null(strstr(pointer_filling(0x0720072007200710), "text screen"));
	cr_expect_null(pointer_filling(0x0720072007210720));
}
