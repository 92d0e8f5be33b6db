/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an emulator may touch, over the small kernel of fake.h: asked for as it is missed,
 * or mapped, whichever the library at hand can do.
 */
#include "machine/tlb.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "machine/call.h"
#include "machine/unicorn.h"
#include "machine/machine.h"

/* Code, a read-only page, a writable one, and nothing. */
#define CODE (FAKE_SMALL + 0x8000)
#define CONST (FAKE_SMALL + 0x9000)
#define STACK (FAKE_SMALL + 0xa000)
#define NOTHING (FAKE_SMALL + 0xb000)

enum { CODE_PA = 0x40000, CONST_PA = 0x41000, STACK_PA = 0x42000 };

static struct fake fake;
static struct kernel kernel;
static struct machine machine;
static struct machine_result result;

static void put(unsigned char *ram, uint64_t pa, uint64_t value)
{
	memcpy(ram + pa, &value, sizeof(value));
}

static uint64_t entry_pa(uint64_t va)
{
	return FAKE_SMALL_TABLE_PA + va / PAGE_BYTES % 512 * 8;
}

static void fill(unsigned char *ram)
{
	put(ram, entry_pa(CODE), CODE_PA | 0x121);
	put(ram, entry_pa(CONST), CONST_PA | 0x8000000000000121);
	put(ram, entry_pa(STACK), STACK_PA | 0x8000000000000163);
}

static int fetch(void *ctx, uint64_t pa, void *buf, size_t size_bytes)
{
	return elfcore_read_pa(ctx, pa, buf, size_bytes);
}

static void setup(void)
{
	static const struct machine_limits limits = {
		.instructions = 1000, .milliseconds = 5000, .pages = 1024, .depth = 8};
	struct error err = {0};
	struct source source;

	fake = (struct fake){.fill = fill};
	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	cr_assert_null(unicorn_load());
	cr_assert_eq(machine_open_memory(&machine, unicorn_get(), &kernel, fetch,
					 &kernel.core, &kernel.pt, &limits),
		     0);
	machine_set_stack(&machine, STACK + PAGE_BYTES, NOTHING + 0x1000);
}

static void teardown(void)
{
	machine_close(&machine);
	kernel_close(&kernel);
	fake_close(&fake);
}

TestSuite(machine_tlb, .init = setup, .fini = teardown);

#define RUN(bytes, rdi) run(bytes, sizeof(bytes) - 1, rdi)

static void run(const char *bytes, size_t nr, uint64_t rdi)
{
	uint64_t arguments[] = {rdi, 7};

	cr_assert_eq(machine_write(&machine, CODE, bytes, nr), 0);
	machine_call(&machine, CODE, 2, arguments, &result);
}

#define STORE "\x48\x89\x37\xc3"	/* mov %rsi,(%rdi); ret */
#define LOAD "\x48\x8b\x07\xc3"		/* mov (%rdi),%rax; ret */
#define STORE_16 "\x48\x0f\xc7\x0f\xc3" /* cmpxchg16b (%rdi); ret: two stores */

static void set_entry(uint64_t va, uint64_t value)
{
	unsigned char *bytes;

	cr_assert_eq(overlay_frame(&machine.overlay, entry_pa(va), &bytes), 0);
	memcpy(bytes, &value, sizeof(value));
}

Test(machine_tlb, what_the_tables_map_is_there)
{
	struct pt_walk walk;

	cr_expect_eq(tlb_map(&machine.tlb, CONST + 5, false, &walk), 0);
	cr_expect_eq(walk.pa, CONST_PA);
	cr_expect_eq(tlb_map(&machine.tlb, NOTHING, false, &walk), -EFAULT);
	cr_assert_eq(tlb_map(&machine.tlb, CODE, false, &walk), 0);
	cr_expect_not_null(tlb_page(&machine.tlb, CODE + 5));
	cr_expect_eq(tlb_page(&machine.tlb, CODE + 5), tlb_page(&machine.tlb, CODE));
	cr_expect_null(tlb_page(&machine.tlb, NOTHING));
	cr_expect_null(tlb_page(&machine.tlb, 16));
}

Test(machine_tlb, a_page_that_becomes_writable_is_so_after_a_flush)
{
	RUN(LOAD, CONST);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	set_entry(CONST, CONST_PA | 0x8000000000000163);
	machine_flush(&machine);
	RUN(STORE, CONST);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	set_entry(CONST, CONST_PA | 0x8000000000000121);
	machine_flush(&machine);
	RUN(STORE, CONST);
	cr_expect_eq(result.end, MACHINE_FAULTED);
	cr_expect_eq(result.fault.error_code, 3);
}

Test(machine_tlb, a_page_that_moves_is_where_it_is_after_a_flush)
{
	RUN(STORE, STACK + 8);
	set_entry(CONST, STACK_PA | 0x8000000000000121);
	machine_flush(&machine);
	RUN(LOAD, CONST + 8);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, 7);
}

Test(machine_tlb, to_write_despite_the_tables_is_for_one_page_and_one_time)
{
	struct pt_walk walk;

	cr_assert_eq(tlb_map(&machine.tlb, CONST, true, &walk), 0);
	RUN(STORE, CONST);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_assert_eq(tlb_drop(&machine.tlb, CONST), 0);
	RUN(STORE, CONST);
	cr_expect_eq(result.end, MACHINE_FAULTED);
}

Test(machine_tlb, code_that_is_changed_from_outside_runs_as_changed)
{
	for (unsigned char i = 1; i < 4; i++) {
		/* jmp .+2; mov $i,%eax; ret: a block of its own */
		char code[] = "\xeb\x00\xb8\x00\x00\x00\x00\xc3";

		code[3] = (char)i;
		RUN(code, 0);
		cr_expect_eq(result.value, i);
	}
}

Test(machine_tlb, code_that_the_kernel_changed_runs_as_changed)
{
	unsigned char *bytes;

	RUN("\xeb\x00\xb8\x01\x00\x00\x00\xc3", 0);
	cr_expect_eq(result.value, 1);
	cr_assert_eq(overlay_frame(&machine.overlay, CODE_PA, &bytes), 0);
	bytes[3] = 2;
	tlb_forget_block(&machine.tlb,
			 CODE_PA / OVERLAY_BLOCK_BYTES * OVERLAY_BLOCK_BYTES);
	machine_call(&machine, CODE, 0, NULL, &result);
	cr_expect_eq(result.value, 2);
}

Test(machine_tlb, the_first_of_two_stores_is_the_one_that_faults)
{
	RUN(STORE_16, CONST + 0x40);
	cr_expect_eq(result.end, MACHINE_FAULTED);
	cr_expect_eq(result.fault.address, CONST + 0x40);
	cr_expect_eq(result.registers[MACHINE_RIP], CODE);
}

Test(machine_tlb, an_access_over_two_pages_faults_on_the_second)
{
	RUN(LOAD, STACK + PAGE_BYTES - 4);
	cr_expect_eq(result.end, MACHINE_FAULTED);
	cr_expect_eq(result.fault.address, STACK + PAGE_BYTES);
	cr_expect_eq(result.registers[MACHINE_RIP], CODE);
}

/* The emulator's own windows are no addresses of the kernel's. */
Test(machine_tlb, addresses_that_nothing_has)
{
	static const uint64_t addresses[] = {8, 1ULL << 60, 1ULL << 61,
					     0xdead000000000100, 0x7fffffffe000};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		RUN(STORE, addresses[i]);
		cr_expect_neq(result.end, MACHINE_RETURNED, "%zu", i);
		if (result.end == MACHINE_FAULTED)
			cr_expect_eq(result.fault.address, addresses[i]);
	}
}
