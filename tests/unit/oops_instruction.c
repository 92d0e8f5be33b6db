/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/instruction.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A page fault whose code is @bytes, hexadecimal, the mark before byte @at. */
static struct crash crash_of(const char *bytes, int at, uint64_t address, uint64_t code)
{
	struct crash crash = {
		.kind = CRASH_PAGE_FAULT,
		.address_from = CRASH_ADDRESS_HEADLINE,
		.address = address,
		.has_error_code = true,
		.error_code = code,
		.code = {.at = at},
	};
	unsigned byte;
	int n;

	while (sscanf(bytes, "%2x%n", &byte, &n) == 1) {
		crash.code.bytes[crash.code.nr++] = (unsigned char)byte;
		bytes += n;
	}
	return crash;
}

static void set(struct crash *crash, enum register_name name, uint64_t value)
{
	crash->registers.value[name] = value;
	crash->registers.known |= 1U << name;
}

Test(oops_instruction, the_store_of_2020)
{
	struct crash crash = crash_of("48 89 51 08 48 89 0a 48 83 c1 28", 4,
				      0xffffffffaa6f0210, 3);
	struct instruction in;

	set(&crash, REGISTER_RCX, 0xffffffffc0ae2020);
	set(&crash, REGISTER_RDX, 0xffffffffaa6f0210);
	cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
	cr_expect_str_eq(in.text, "mov [rdx], rcx");
	cr_expect_eq(in.size_bytes, 3);
	cr_expect(in.memory.is_write);
	cr_expect_not(in.memory.is_read);
	cr_expect_eq(in.memory.size_bytes, 8);
	cr_expect_eq(in.memory.address, 0xffffffffaa6f0210);
	cr_expect_str_eq(in.memory.expression, "rdx");
	cr_expect_eq(in.match, INSTRUCTION_AGREES);
	cr_expect(in.has_source);
	cr_expect_str_eq(in.source.name, "rcx");
	cr_expect_eq(in.source.value, 0xffffffffc0ae2020);
	cr_assert_eq(in.nr_before, 1);
	cr_expect_str_eq(in.before[0], "mov [rcx+0x8], rdx");
	cr_assert_eq(in.nr_after, 1);
	cr_expect_str_eq(in.after[0], "add rcx, 0x28");
}

Test(oops_instruction, operands)
{
	static const struct {
		const char *bytes;
		uint64_t rax, rcx, address, code;
		const char *text, *expression;
		unsigned size_bytes;
		enum instruction_match match;
	} rows[] = {
		{"48 c7 40 18 34 12 00 00", 0x1000, 0, 0x1018, 2,
		 "mov qword ptr [rax+0x18], 0x1234", "rax+0x18", 8, INSTRUCTION_AGREES},
		{"8b 40 f8", 0x1000, 0, 0xff8, 0, "mov eax, [rax-0x8]", "rax-0x8", 4,
		 INSTRUCTION_AGREES},
		{"88 0c 88", 0x1000, 0x10, 0x1040, 2, "mov [rax+rcx*4], cl", "rax+rcx*4",
		 1, INSTRUCTION_AGREES},
		/* The fault is in the second page that the access touches. */
		{"48 89 08", 0x1ffc, 0, 0x2000, 2, "mov [rax], rcx", "rax", 8,
		 INSTRUCTION_AGREES},
		{"48 89 08", 0x1ff8, 0, 0x2000, 2, "mov [rax], rcx", "rax", 8,
		 INSTRUCTION_DISAGREES},
		{"f0 48 ff 08", 0x1000, 0, 0x1000, 2, "lock dec [rax]", "rax", 8,
		 INSTRUCTION_AGREES},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct crash crash = crash_of(rows[i].bytes, 0, rows[i].address,
					      rows[i].code);
		struct instruction in;

		set(&crash, REGISTER_RAX, rows[i].rax);
		set(&crash, REGISTER_RCX, rows[i].rcx);
		cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0, "%zu",
			     i);
		cr_expect_str_eq(in.text, rows[i].text);
		cr_expect_str_eq(in.memory.expression, rows[i].expression);
		cr_expect_eq(in.memory.size_bytes, rows[i].size_bytes, "%zu", i);
		cr_expect_eq(in.match, rows[i].match, "%zu: %s", i, rows[i].text);
	}
}

Test(oops_instruction, a_copy_faults_at_either_end)
{
	/* rep movsb: reads [rsi], writes [rdi] */
	struct crash crash = crash_of("f3 a4", 0, 0x2000, 2);
	struct instruction in;

	set(&crash, REGISTER_RSI, 0x1000);
	set(&crash, REGISTER_RDI, 0x2000);
	cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
	cr_expect(in.memory.is_write);
	cr_expect_eq(in.match, INSTRUCTION_AGREES);
	crash.error_code = 0;
	crash.address = 0x1000;
	cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
	cr_expect(in.memory.is_read);
	cr_expect_eq(in.match, INSTRUCTION_AGREES);
}

Test(oops_instruction, rip_comes_from_a_relative_operand)
{
	/* mov qword ptr [rip+0x100], 5: 11 bytes */
	struct crash crash = crash_of("48 c7 05 00 01 00 00 05 00 00 00", 0,
				      0xffffffffc0001000, 3);
	struct instruction in;

	cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
	cr_expect(in.has_rip);
	cr_expect_eq(in.rip, 0xffffffffc0001000 - 0x100 - 11);
	/* From a file the field is empty. */
	cr_assert_eq(instruction_decode(&crash, &crash.code, false, &in), 0);
	cr_expect_not(in.has_rip);
	cr_expect_not(in.memory.has_address);
	cr_expect_not(in.has_source);
}

Test(oops_instruction, a_missing_register_checks_nothing)
{
	struct crash crash = crash_of("48 89 0a", 0, 0xffffffffaa6f0210, 3);
	struct instruction in;

	cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
	cr_expect_not(in.memory.has_address);
	cr_expect_eq(in.match, INSTRUCTION_UNCHECKED);
	cr_expect_not(in.source.has_value);
}

Test(oops_instruction, no_whole_instruction)
{
	struct crash crash = crash_of("48 89", 0, 0, 3);
	struct instruction in;

	cr_expect_eq(instruction_decode(&crash, &crash.code, true, &in), -EINVAL);
	cr_expect_eq(instruction_size(&crash.code), 0);
	crash.code.at = -1;
	cr_expect_eq(instruction_decode(&crash, &crash.code, true, &in), -ENODATA);
	crash.code.at = 2;
	cr_expect_eq(instruction_decode(&crash, &crash.code, true, &in), -ENODATA);
}

Test(oops_instruction, any_bytes)
{
	unsigned seed = 7;

	for (int round = 0; round < 20000; round++) {
		struct crash crash = {.kind = round % 2 ? CRASH_PAGE_FAULT
							: CRASH_GENERAL_PROTECTION,
				      .address_from = CRASH_ADDRESS_HEADLINE,
				      .has_error_code = true};
		struct instruction in;

		crash.code.nr = CRASH_CODE_BYTES;
		crash.code.at = round % CRASH_CODE_BYTES;
		crash.registers.known = (uint32_t)(seed >> 7);
		for (size_t i = 0; i < CRASH_CODE_BYTES; i++) {
			seed = seed * 1103515245 + 12345;
			crash.code.bytes[i] = (unsigned char)(seed >> 16);
		}
		if (instruction_decode(&crash, &crash.code, round % 3, &in) == 0) {
			cr_assert_leq(in.size_bytes, 15);
			cr_assert_lt(strlen(in.text), sizeof(in.text));
		}
	}
}

/* The CPU marks a descriptor as accessed: a write to the GDT's read-only mapping. */
Test(oops_instruction, accesses_of_the_cpu_itself)
{
	static const struct {
		const char *bytes;
		uint64_t address;
		enum instruction_match match;
	} rows[] = {
		{"48 cf", 0xfffffe0000001030, INSTRUCTION_IMPLICIT}, /* iretq */
		{"8e d8", 0xfffffe0000001030, INSTRUCTION_IMPLICIT}, /* mov ds, eax */
		{"48 cf", 0xffffc90000124567, INSTRUCTION_DISAGREES},
		{"48 89 08", 0xfffffe0000001030, INSTRUCTION_DISAGREES},
		/* Something was delivered while the stack was gone. */
		{"90", 0xffffc90000123ff8, INSTRUCTION_IMPLICIT},
		{"48 89 08", 0xffffc90000123ff8, INSTRUCTION_IMPLICIT},
		{"50", 0xffffc90000124000, INSTRUCTION_AGREES}, /* push rax */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct crash crash = crash_of(rows[i].bytes, 0, rows[i].address, 3);
		struct instruction in;

		set(&crash, REGISTER_RSP, 0xffffc90000124008);
		set(&crash, REGISTER_RAX, 0xffff888000001000);
		cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
		cr_expect_eq(in.match, rows[i].match, "%zu: %s: %d", i, in.text,
			     in.match);
	}
}

/* Of two operands the one that the error code tells of; what ins stores is not known. */
Test(oops_instruction, string_instructions_write_to_the_destination)
{
	static const struct {
		const char *bytes, *expression;
		uint64_t code;
	} rows[] = {
		{"f3 48 a5", "rdi", 3}, /* rep movsq */
		{"f3 48 a5", "rsi", 1}, {"f3 a4", "rdi", 2}, {"6c", "rdi", 3}, /* insb */
		{"f3 66 6d", "rdi", 3}, {"6e", "rsi", 1},		       /* outsb */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct crash crash = crash_of(rows[i].bytes, 0, 0, rows[i].code);
		struct instruction in;

		set(&crash, REGISTER_RSI, 0xffff888000001000);
		set(&crash, REGISTER_RDI, 0xffff888000002000);
		set(&crash, REGISTER_RDX, 0x1f0);
		crash.address = rows[i].code & 2 ? 0xffff888000002000
						 : 0xffff888000001000;
		cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
		cr_expect_str_eq(in.memory.expression, rows[i].expression, "%s", in.text);
		cr_expect_eq(in.match, INSTRUCTION_AGREES, "%s", in.text);
		cr_expect_not(in.has_source, "%s: %s", in.text, in.source.name);
	}
}

/* EFI mixed mode. 48 is "dec eax" there, a prefix in 64-bit code. */
Test(oops_instruction, code_of_32_bit)
{
	struct crash crash = crash_of("48 89 08 90", 0, 0x1000, 3);
	struct instruction in;

	set(&crash, REGISTER_RAX, 0x1000);
	crash.has_selector = true;
	crash.selector = 0x08;
	cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
	cr_expect_str_eq(in.text, "dec eax");
	crash.selector = 0x10;
	cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
	cr_expect_str_eq(in.text, "mov [rax], rcx");
	/* Below 4 GiB both may be: the one that fits the address is. */
	crash.has_site = crash.site.has_address = true;
	crash.site.address = 0x7f000000;
	cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
	cr_expect_str_eq(in.text, "mov [rax], rcx");
	crash.address = 0x2000;
	cr_expect_eq(instruction_decode(&crash, &crash.code, true, &in), -EILSEQ);
	crash = crash_of("89 08 90 90", 0, 0xfffffff0, 3);
	crash.has_selector = crash.has_site = crash.site.has_address = true;
	crash.selector = 0x10;
	crash.site.address = 0x7f000000;
	set(&crash, REGISTER_RAX, 0x1fffffff0);
	cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
	cr_expect_str_eq(in.text, "mov [eax], ecx");
	cr_expect_eq(in.memory.address, 0xfffffff0);
}

/* Only of plain stores the source is what is stored, cut to the store's size. */
Test(oops_instruction, what_is_stored)
{
	static const struct {
		const char *bytes, *text;
		bool has_source;
		uint64_t value;
	} rows[] = {
		{"c7 00 ff ff ff ff", "mov dword ptr [rax], 0xffffffff", true,
		 0xffffffff},
		{"48 c7 00 ff ff ff ff", "mov qword ptr [rax], 0xffffffffffffffff", true,
		 UINT64_MAX},
		{"48 81 20 d4 5e ff ff", NULL, false, 0}, /* and */
		{"48 01 08", "add [rax], rcx", false, 0},
		{"48 89 08", "mov [rax], rcx", true, 0x1234},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct crash crash = crash_of(rows[i].bytes, 0, 0xffffea0004a5a000, 3);
		struct instruction in;

		set(&crash, REGISTER_RAX, 0xffffea0004a5a000);
		set(&crash, REGISTER_RCX, 0x1234);
		cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
		cr_expect_eq(in.has_source, rows[i].has_source, "%s", in.text);
		if (rows[i].has_source)
			cr_expect_eq(in.source.value, rows[i].value, "%s", in.text);
	}
	/* A call stores where it returns to. */
	{
		struct crash crash = crash_of("e8 8c cd 0b 00", 0, 0xffffc90009defff8, 2);
		struct instruction in;

		set(&crash, REGISTER_RSP, 0xffffc90009df0000);
		cr_assert_eq(instruction_decode(&crash, &crash.code, true, &in), 0);
		cr_expect_not(in.has_source);
	}
}

/* A long nop names memory that it never touches. */
Test(oops_instruction, a_nop_reads_nothing)
{
	struct crash crash = {.kind = CRASH_DOUBLE_FAULT};
	struct crash_code code = {
		.bytes = {0x0f, 0x1f, 0x44, 0x00, 0x00}, .nr = 5, .at = 0};
	struct instruction instruction;

	cr_assert_eq(instruction_decode(&crash, &code, true, &instruction), 0);
	cr_expect_not(instruction.has_memory);
	/* prefetcht0 [rax] */
	code = (struct crash_code){.bytes = {0x0f, 0x18, 0x08}, .nr = 3, .at = 0};
	cr_assert_eq(instruction_decode(&crash, &code, true, &instruction), 0);
	cr_expect_not(instruction.has_memory);
}
