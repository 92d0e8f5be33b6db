/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A few bytes of code, run in the small kernel of fake.h: pages of five kinds behind
 * FAKE_SMALL.
 */
#include "machine/machine.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>

#include "fake.h"
#include "machine/call.h"
#include "machine/unicorn.h"

#define CODE (FAKE_SMALL + 0x2000)
#define STACK (FAKE_SMALL + 0x3000)
#define CONST (FAKE_SMALL + 0x4000)
#define ALIAS (FAKE_SMALL + 0x5000) /* of CONST's frame, writable */
#define VARIABLES (FAKE_SMALL + 0x6000)
#define NOTHING (FAKE_SMALL + 0x7000)

enum { CODE_PA = 0x10000, CONST_PA = 0x12000, VARIABLES_PA = 0x13000 };
enum { CONST_VALUE = 0x55 };

static const char kallsyms[] = "ffffffff7f007008 D nr_cpu_ids\n"
			       "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000080 T entry_SYSCALL_64\n"
			       "ffffffff811fff00 T _etext\n"
			       "ffffffff81606000 D __per_cpu_offset\n";

/* The same kernel with CONFIG_SMP=n. fixed_percpu_data is CONST. */
static const char up_kallsyms[] = "ffffffff81000000 T _text\n"
				  "ffffffff81000000 T _stext\n"
				  "ffffffff81000080 T entry_SYSCALL_64\n"
				  "ffffffff811fff00 T _etext\n"
				  "ffffffff81400000 D init_task\n"
				  "ffffffff81604000 D fixed_percpu_data\n";

static unsigned char *code;
static struct fake fake;
static struct kernel kernel;
static struct landmarks landmarks;
static struct machine machine;

static const struct machine_limits limits = {
	.instructions = 100000, .milliseconds = 5000, .pages = 1024, .depth = 64};

static void put(unsigned char *ram, uint64_t pa, uint64_t value)
{
	memcpy(ram + pa, &value, sizeof(value));
}

static void fill(unsigned char *ram)
{
	put(ram, FAKE_SMALL_TABLE_PA + 2 * 8, 0x0000000000010121);
	put(ram, FAKE_SMALL_TABLE_PA + 3 * 8, 0x8000000000011163);
	put(ram, FAKE_SMALL_TABLE_PA + 4 * 8, 0x8000000000012121);
	put(ram, FAKE_SMALL_TABLE_PA + 5 * 8, 0x8000000000012163);
	put(ram, FAKE_SMALL_TABLE_PA + 6 * 8, 0x8000000000013163);
	put(ram, FAKE_SMALL_TABLE_PA + 8 * 8, 0x80000000fed00173); /* of a device */
	put(ram, FAKE_DOMAIN_TYPE_PA + 8, 1);			   /* nr_cpu_ids */
	put(ram, CONST_PA, CONST_VALUE);
	memcpy(ram + CODE_PA, code, 64);
}

static void open_listing(const char *names, const char *bytes, size_t nr,
			 unsigned variant)
{
	static unsigned char room[64];
	struct error err = {0};
	struct source source;

	memset(room, 0xcc, sizeof(room));
	memcpy(room, bytes, nr);
	code = room;
	fake = (struct fake){.fill = fill, .kallsyms = names};
	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	cr_assert_null(unicorn_load());
	landmarks_find(&landmarks, &kernel);
	cr_assert_eq(machine_open(&machine, &kernel, &landmarks, &limits, 0, variant), 0);
	machine_set_stack(&machine, STACK + 0x1000, FAKE_SMALL + 0x100000);
}

static void open_with(const char *bytes, size_t nr, unsigned variant)
{
	open_listing(kallsyms, bytes, nr, variant);
}

static void close_all(void)
{
	machine_close(&machine);
	kernel_close(&kernel);
	fake_close(&fake);
}

TestSuite(machine_machine, .fini = close_all);

#define OPEN(bytes) open_with(bytes, sizeof(bytes) - 1, 0)

static struct machine_result result;

static void call_with(uint64_t argument)
{
	machine_call(&machine, CODE, 1, &argument, &result);
}

Test(machine_machine, a_value_comes_back)
{
	OPEN("\xb8\x2a\x00\x00\x00\xc3"); /* mov $42,%eax; ret */
	call_with(0);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, 42);
	cr_expect_eq(machine.run.nr_instructions, 2);
}

Test(machine_machine, a_store_to_a_constant_faults_where_it_stands)
{
	OPEN("\x90\x90\x48\x89\x37\xc3"); /* nop; nop; mov %rsi,(%rdi); ret */
	call_with(CONST + 16);
	cr_expect_eq(result.end, MACHINE_FAULTED);
	cr_expect_eq(result.registers[MACHINE_RIP], CODE + 2);
	cr_expect_eq(result.fault.address, CONST + 16);
	cr_expect_eq(result.fault.access, MACHINE_WRITE);
	cr_expect_eq(result.fault.size_bytes, 8);
	cr_expect_eq(result.fault.error_code, 3);
	cr_expect_eq(result.registers[X86_RDI], CONST + 16);
}

/* Those of the instruction before, which 2.1.4 loses. */
Test(machine_machine, flags_where_a_store_faults)
{
	static const uint64_t STATUS_FLAGS = 0x8d5;

	/* mov $1,%eax; add $2,%eax; mov %rsi,(%rdi); ret */
	OPEN("\xb8\x01\x00\x00\x00\x83\xc0\x02\x48\x89\x37\xc3");
	call_with(CONST + 16);
	cr_expect_eq(result.end, MACHINE_FAULTED);
	cr_expect_eq(result.registers[MACHINE_RFLAGS] & STATUS_FLAGS, 4, "%" PRIx64,
		     result.registers[MACHINE_RFLAGS]);
}

Test(machine_machine, nothing_is_mapped_there)
{
	OPEN("\x48\x8b\x07\xc3"); /* mov (%rdi),%rax; ret */
	call_with(NOTHING);
	cr_expect_eq(result.end, MACHINE_FAULTED);
	cr_expect_eq(result.fault.address, NOTHING);
	cr_expect_eq(result.fault.error_code, 0);
	cr_expect_eq(result.fault.access, MACHINE_READ);
}

/* gs leads to the stack protector's value, and per-CPU variables are where they are
 * called.
 */
Test(machine_machine, the_only_cpu)
{
	/* mov %gs:0,%rax; ret */
	static const char read_gs[] = "\x65\x48\x8b\x04\x25\x00\x00\x00\x00\xc3";

	open_listing(up_kallsyms, read_gs, sizeof(read_gs) - 1, 0);
	call_with(0);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, CONST_VALUE);
	cr_expect_eq(machine.per_cpu, 0);
	cr_expect_eq(machine_reset(&machine, 1), 0);
	machine_set_stack(&machine, STACK + 0x1000, FAKE_SMALL + 0x100000);
	call_with(0);
	cr_expect_eq(result.value, CONST_VALUE);
}

Test(machine_machine, a_null_pointer)
{
	OPEN("\x48\x89\x37\xc3");
	call_with(16);
	cr_expect_eq(result.end, MACHINE_FAULTED);
	cr_expect_eq(result.fault.address, 16);
	cr_expect_eq(result.fault.error_code, 2);
}

Test(machine_machine, a_non_canonical_address)
{
	OPEN("\x48\x89\x37\xc3");
	call_with(0xdead000000000100);
	cr_expect_eq(result.end, MACHINE_FAULTED);
	cr_expect(result.fault.is_non_canonical);
}

Test(machine_machine, data_is_not_executed)
{
	OPEN("\xff\xe7"); /* jmp *%rdi */
	call_with(VARIABLES + 8);
	cr_expect_eq(result.end, MACHINE_FAULTED);
	cr_expect_eq(result.fault.access, MACHINE_FETCH);
	cr_expect_eq(result.fault.error_code, 0x11);
	cr_expect_eq(result.registers[MACHINE_RIP], VARIABLES + 8);
}

Test(machine_machine, an_alias_is_the_same_memory)
{
	/* movq $7,0x1000(%rdi); mov (%rdi),%rax; ret */
	OPEN("\x48\xc7\x87\x00\x10\x00\x00\x07\x00\x00\x00\x48\x8b\x07\xc3");
	call_with(CONST);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, 7);
}

Test(machine_machine, what_the_cpu_tells)
{
	/* mov $0xc0000082,%ecx; rdmsr; shl $32,%rdx; or %rdx,%rax; ret */
	OPEN("\xb9\x82\x00\x00\xc0\x0f\x32\x48\xc1\xe2\x20\x48\x09\xd0\xc3");
	call_with(0);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, 0xffffffff81000080);
	cr_expect_eq(machine.run.nr_invented, 0);
	close_all();
	/* sidt -10(%rsp); mov -8(%rsp),%rax; ret */
	OPEN("\x0f\x01\x4c\x24\xf6\x48\x8b\x44\x24\xf8\xc3");
	call_with(0);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, 0xfffffe0000000000);
}

Test(machine_machine, with_wp_clear_it_goes_through_and_is_noted)
{
	uint64_t value = 0;

	/* mov %cr0,%rax; and $~0x10000,%rax; mov %rax,%cr0; movq $9,(%rdi); ret */
	OPEN("\x0f\x20\xc0\x48\x25\xff\xff\xfe\xff\x0f\x22\xc0"
	     "\x48\xc7\x07\x09\x00\x00\x00\xc3");
	call_with(CONST);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_assert_eq(machine.run.nr_bypasses, 1);
	cr_expect_eq(machine.run.bypasses[0].address, CONST);
	cr_expect_str_eq(machine.run.bypasses[0].means, "CR0.WP");
	cr_expect_eq(machine_read(&machine, CONST, &value, sizeof(value)), 0);
	cr_expect_eq(value, 9);
	/* The kernel itself is as it was. */
	cr_expect_eq(kernel_read(&kernel, CONST, &value, sizeof(value)), 0);
	cr_expect_eq(value, CONST_VALUE);
}

Test(machine_machine, flags_after_a_store_with_wp_clear)
{
	/* The same; mov $1,%eax; add $2,%eax; mov %rdx,(%rdi); setc %al; movzbl %al,%eax;
	 * ret
	 */
	OPEN("\x0f\x20\xc0\x48\x25\xff\xff\xfe\xff\x0f\x22\xc0"
	     "\xb8\x01\x00\x00\x00\x83\xc0\x02\x48\x89\x17\x0f\x92\xc0"
	     "\x0f\xb6\xc0\xc3");
	call_with(CONST);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(machine.run.nr_bypasses, 1);
	cr_expect_eq(result.value, 0);
}

/* The page's first store: its translation is asked for in the middle of the block. */
Test(machine_machine, flags_after_a_store_that_fills_the_tlb)
{
	/* mov $1,%eax; add $2,%eax; mov %rsi,(%rdi); setc %al; movzbl %al,%eax; ret */
	OPEN("\xb8\x01\x00\x00\x00\x83\xc0\x02\x48\x89\x37"
	     "\x0f\x92\xc0\x0f\xb6\xc0\xc3");
	call_with(VARIABLES + 8);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, 0);
}

/* cpuid is done in software. */
Test(machine_machine, flags_over_an_instruction_in_software)
{
	/* mov $1,%eax; add $2,%eax; cpuid; setc %al; movzbl %al,%eax; ret */
	OPEN("\xb8\x01\x00\x00\x00\x83\xc0\x02\x0f\xa2"
	     "\x0f\x92\xc0\x0f\xb6\xc0\xc3");
	call_with(0);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, 0);
}

Test(machine_machine, a_carry_over_a_store_with_wp_clear)
{
	/* mov %cr0,%rax; and $~0x10000,%rax; mov %rax,%cr0; mov $1,%eax; add $-1,%eax;
	 * mov %rdx,(%rdi); setc %al; movzbl %al,%eax; ret
	 */
	OPEN("\x0f\x20\xc0\x48\x25\xff\xff\xfe\xff\x0f\x22\xc0"
	     "\xb8\x01\x00\x00\x00\x83\xc0\xff\x48\x89\x17\x0f\x92\xc0"
	     "\x0f\xb6\xc0\xc3");
	call_with(CONST);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, 1);
}

Test(machine_machine, reset_forgets_what_was_written)
{
	uint64_t value;

	OPEN("\x48\xc7\x87\x00\x10\x00\x00\x07\x00\x00\x00\x48\x8b\x07\xc3");
	call_with(CONST);
	cr_assert_eq(machine_reset(&machine, 0), 0);
	cr_expect_eq(machine_read(&machine, CONST, &value, sizeof(value)), 0);
	cr_expect_eq(value, CONST_VALUE);
	call_with(CONST);
	cr_expect_eq(result.value, 7);
}

/* Of a running kernel all is read anew, and nothing can be gone back to. */
Test(machine_machine, a_running_kernel_is_read_anew)
{
	uint64_t value;

	OPEN("\x48\xc7\x87\x00\x10\x00\x00\x07\x00\x00\x00\x48\x8b\x07\xc3");
	machine_close(&machine);
	kernel.is_live = true;
	cr_assert_eq(machine_open(&machine, &kernel, &landmarks, &limits, 0, 0), 0);
	machine_set_stack(&machine, STACK + 0x1000, FAKE_SMALL + 0x100000);
	call_with(CONST);
	cr_expect_not(machine_can_take(&machine));
	cr_assert_eq(machine_reset(&machine, 0), 0);
	cr_expect_eq(machine_read(&machine, CONST, &value, sizeof(value)), 0);
	cr_expect_eq(value, CONST_VALUE);
	kernel.is_live = false;
}

Test(machine_machine, a_run_goes_on_from_where_it_was_taken)
{
	struct machine_image image;
	uint64_t value = 0;

	OPEN("\xb8\x2a\x00\x00\x00\xc3"); /* mov $42,%eax; ret */
	call_with(0);
	cr_assert_eq(machine_write(&machine, CODE + 1, "\x2b", 1), 0);
	machine_set_register(&machine, X86_RBX, 7);
	machine_invent(&machine, 0, 1);
	cr_assert(machine_can_take(&machine));
	cr_assert_eq(machine_take(&machine, 64, &image), 0);

	call_with(0);
	cr_expect_eq(result.value, 43);
	cr_assert_eq(machine_reset(&machine, 1), 0);
	call_with(0);
	cr_expect_eq(result.value, 42);
	cr_expect_eq(machine.run.nr_instructions, 2);

	cr_assert_eq(machine_restore(&machine, &image), 0);
	cr_expect_eq(machine.variant, 0);
	cr_expect_eq(machine.run.nr_invented, 1);
	cr_expect_eq(machine_register(&machine, X86_RBX), 7);
	cr_expect_eq(machine_read(&machine, CODE + 1, &value, 1), 0);
	cr_expect_eq(value, 43);
	call_with(0);
	cr_expect_eq(result.value, 43);
	cr_expect_eq(machine.run.nr_instructions, 4);
	machine_stop(&machine, MACHINE_UNREADABLE, "it is over");
	cr_expect_not(machine_can_take(&machine));
	machine_image_close(&image);
}

Test(machine_machine, code_that_was_changed_runs_as_changed)
{
	OPEN("\xb8\x2a\x00\x00\x00\xc3");
	call_with(0);
	cr_assert_eq(machine_write(&machine, CODE + 1, "\x2b", 1), 0);
	call_with(0);
	cr_expect_eq(result.value, 43);
	cr_assert_eq(machine_reset(&machine, 0), 0);
	call_with(0);
	cr_expect_eq(result.value, 42);
}

Test(machine_machine, unknown_instructions_are_done_in_software)
{
	OPEN("\xf3\x48\x0f\xb8\xc7\xc3"); /* popcnt %rdi,%rax; ret */
	call_with(0xf0f1);
	cr_expect_eq(result.end, MACHINE_RETURNED, "%s", result.why);
	cr_expect_eq(result.value, 9);
}

Test(machine_machine, a_port_is_not_read)
{
	open_with("\xec\x0f\xb6\xc0\xc3", 5, 0); /* in (%dx),%al; movzbl %al,%eax; ret */
	call_with(0);
	cr_expect_eq(result.value, 0xff);
	cr_expect_eq(machine.run.nr_invented, 1);
	cr_assert_eq(machine_reset(&machine, 1), 0);
	call_with(0);
	cr_expect_eq(result.value, 0);
}

Test(machine_machine, it_ends_when_it_does_not_end)
{
	OPEN("\xeb\xfe"); /* jmp . */
	call_with(0);
	cr_expect_eq(result.end, MACHINE_STOPPED);
	cr_expect_eq(result.reason, MACHINE_INSTRUCTIONS);
}

Test(machine_machine, recursion_ends)
{
	/* sub $0,%rax (4 bytes) eight times, so that the call is no call ahead; call CODE
	 */
	OPEN("\x48\x83\xe8\x00\x48\x83\xe8\x00\xe8\xf3\xff\xff\xff");
	call_with(0);
	cr_expect_eq(result.end, MACHINE_STOPPED);
	cr_expect_eq(result.reason, MACHINE_DEPTH);
}

Test(machine_machine, other_vectors_are_unsupported)
{
	OPEN("\xc5\xfd\xef\xc0\xc3"); /* vpxor %ymm0,%ymm0,%ymm0 */
	call_with(0);
	cr_expect_eq(result.end, MACHINE_STOPPED);
	cr_expect_eq(result.reason, MACHINE_UNSUPPORTED);
}

static void on_watch(void *ctx, struct machine *at, uint64_t address, unsigned id)
{
	struct machine_result inner;
	uint64_t argument = machine_argument(at, 0);

	cr_expect_eq(address, CODE + 16);
	*(unsigned *)ctx = id;
	machine_call(at, CODE + 32, 1, &argument, &inner);
	machine_leave(at, inner.value + 1);
}

Test(machine_machine, a_watched_function_is_left_with_a_value)
{
	unsigned id = 0;
	const uint64_t addresses[] = {0, CODE + 16};
	char bytes[40];

	memset(bytes, '\xcc', sizeof(bytes));
	memcpy(bytes, "\xe8\x0b\x00\x00\x00\xc3", 6);  /* call +16; ret */
	memcpy(bytes + 32, "\x48\x8d\x47\x02\xc3", 5); /* lea 2(%rdi),%rax; ret */
	open_with(bytes, sizeof(bytes), 0);
	machine.hooks.watch = on_watch;
	machine.hooks.ctx = &id;
	cr_assert_eq(machine_watch_all(&machine, addresses, 2, 100), 0);
	call_with(5);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(id, 101);
	cr_expect_eq(result.value, 8);
}

static void note_jump(void *ctx, struct machine *at, uint64_t site, uint64_t target)
{
	(void)at;
	cr_expect_eq(site, CODE);
	*(uint64_t *)ctx = target;
}

Test(machine_machine, a_jump_is_told)
{
	uint64_t target = 0;

	OPEN("\xe9\x03\x00\x00\x00\xcc\xcc\xcc\xc3"); /* jmp .+8; ...; ret */
	machine.hooks.ctx = &target;
	machine.hooks.jumped = note_jump;
	call_with(0);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(target, CODE + 8);
}

Test(machine_machine, pages_are_counted)
{
	struct machine_result last;
	uint64_t at = 0;

	OPEN("\x48\x8b\x07\xc3"); /* mov (%rdi),%rax; ret */
	machine.overlay.max_pages = machine.overlay.nr_pages;
	for (uint64_t pa = 0; pa < FAKE_RAM_BYTES; pa += OVERLAY_BLOCK_BYTES) {
		at = FAKE_DIRECT_MAP + pa;
		machine_call(&machine, CODE, 1, &at, &last);
		if (last.end == MACHINE_STOPPED)
			break;
	}
	cr_assert_eq(last.end, MACHINE_STOPPED);
	cr_expect_eq(machine.run.reason, MACHINE_PAGES);
	cr_expect_not_null(strstr(machine.run.why, " pages was reached (--limit=pages)"),
			   "%s", machine.run.why);
}

Test(machine_machine, a_device_is_not_asked)
{
	OPEN("\x8b\x87\xf0\x00\x00\x00\xc3"); /* mov 0xf0(%rdi),%eax; ret */
	call_with(FAKE_SMALL + 0x8000);
	cr_expect_eq(result.end, MACHINE_STOPPED);
	cr_expect_eq(machine.run.reason, MACHINE_DEVICE);
	cr_expect_not_null(strstr(machine.run.why, "physical 0xfed000"), "%s",
			   machine.run.why);
}

/* What is not RAM and lies where a display's memory would: a run with a display reads
 * what it wrote, one without does not, and both are told to be made up.
 */
Test(machine_machine, a_display_may_be_there_or_not)
{
	/* movb $7,0xf0(%rdi); movzbl 0xf0(%rdi),%eax; ret */
	static const char bytes[] = "\xc6\x87\xf0\x00\x00\x00\x07"
				    "\x0f\xb6\x87\xf0\x00\x00\x00\xc3";

	for (unsigned variant = 0; variant < 2; variant++) {
		open_with(bytes, sizeof(bytes) - 1, variant);
		machine.display_pa = 0xfed00000;
		call_with(FAKE_SMALL + 0x8000);
		cr_expect_eq(result.end, MACHINE_RETURNED, "%s", machine.run.why);
		cr_expect_eq(result.value, variant ? 0xff : 7, "%" PRIx64, result.value);
		cr_expect_gt(machine.run.nr_invented, 0u);
		cr_expect_eq(machine.run.nr_bypasses, 0u);
		cr_expect_lt(machine_reset(&machine, !variant), 0,
			     "it must be opened anew");
		if (variant == 0)
			close_all();
	}
}

/* Nor is it, where it lies elsewhere, or one byte behind. */
Test(machine_machine, a_display_has_its_place)
{
	OPEN("\x8b\x87\xf0\x00\x00\x00\xc3"); /* mov 0xf0(%rdi),%eax; ret */
	cr_expect_eq(machine.display_pa, 0xa0000u);
	machine.display_pa = 0xfed00000 - OVERLAY_BLOCK_BYTES;
	call_with(FAKE_SMALL + 0x8000);
	cr_expect_eq(machine.run.reason, MACHINE_DEVICE);
}

Test(machine_machine, no_memory_to_write_and_execute)
{
	const struct scmp_arg_cmp is_both = SCMP_A2(
		SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_WRITE | PROT_EXEC);
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	OPEN("\xc3");
	machine_close(&machine);
	cr_assert_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(mmap), 1,
				      is_both),
		     0);
	cr_assert_eq(seccomp_load(filter), 0);
	seccomp_release(filter);
	/* Unicorn itself would end the process. */
	cr_expect_eq(machine_open(&machine, &kernel, &landmarks, &limits, 0, 0), -ENOSPC);
	cr_expect_not_null(strstr(unicorn_no_room(), "written and executed"));
}

/* mov %cr0,%rax; and $~0x10000,%rax; mov %rax,%cr0; ret */
#define CLEAR_WP "\x0f\x20\xc0\x48\x25\xff\xff\xfe\xff\x0f\x22\xc0"

Test(machine_machine, wp_stays_with_cet)
{
	OPEN(CLEAR_WP "\xc3");
	call_with(0);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	close_all();
	OPEN(CLEAR_WP "\xc3");
	machine.run.keeps_wp = true;
	call_with(0);
	cr_expect_eq(result.end, MACHINE_FAULTED);
	cr_expect_eq(result.fault.exception, MACHINE_KEEPS_WP);
	cr_expect_eq(result.registers[MACHINE_RIP], CODE + 9);
	close_all();
	/* mov %cr4,%rcx; btr $23,%rcx; mov %rcx,%cr4: what milabs/khook does before. */
	OPEN("\x0f\x20\xe1\x48\x0f\xba\xf1\x17\x0f\x22\xe1" CLEAR_WP "\xc3");
	machine.run.keeps_wp = true;
	call_with(0);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	close_all();
	/* And back while WP is clear, which is a #GP as well: bts $23,%rcx. */
	OPEN("\x0f\x20\xe1\x48\x0f\xba\xf1\x17\x0f\x22\xe1" CLEAR_WP
	     "\x48\x0f\xba\xe9\x17\x0f\x22\xe1\xc3");
	machine.run.keeps_wp = true;
	call_with(0);
	cr_expect_eq(result.end, MACHINE_FAULTED);
	cr_expect_eq(result.fault.exception, MACHINE_KEEPS_WP);
	cr_expect_eq(result.registers[MACHINE_RIP], CODE + 28);
}

/* What IBT tracks, and what it does not. */
Test(machine_machine, indirect_branches_end_at_an_endbr64)
{
	static const struct {
		const char *bytes;
		size_t nr;
		uint64_t target; /* 0: it returns */
	} rows[] = {
#define ROW(bytes, target) {bytes, sizeof(bytes) - 1, (target)}
		/* lea 3(%rip),%rax; call *%rax; ret; endbr64; ret */
		ROW("\x48\x8d\x05\x03\x00\x00\x00\xff\xd0\xc3"
		    "\xf3\x0f\x1e\xfa\xc3",
		    0),
		/* the same, and nop in place of endbr64 */
		ROW("\x48\x8d\x05\x03\x00\x00\x00\xff\xd0\xc3"
		    "\x0f\x1f\x40\x00\xc3",
		    CODE + 10),
		/* lea 2(%rip),%rax; jmp *%rax; nop; ret */
		ROW("\x48\x8d\x05\x02\x00\x00\x00\xff\xe0\x90\x90\xc3", CODE + 9),
		/* with notrack, as switches are compiled */
		ROW("\x48\x8d\x05\x03\x00\x00\x00\x3e\xff\xe0\x90\x90\xc3", 0),
		/* through r11: lea 3(%rip),%r11; jmp *%r11; nop; ret */
		ROW("\x4c\x8d\x1d\x03\x00\x00\x00\x41\xff\xe3\x90\x90\xc3", CODE + 10),
		/* lea 4(%rip),%rax; push %rax; ret: not tracked */
		ROW("\x48\x8d\x05\x02\x00\x00\x00\x50\xc3\x90\xc3", 0),
		/* call 1f; ret; 1: ret: nor is a direct one */
		ROW("\xe8\x01\x00\x00\x00\xc3\xc3", 0),
		/* a ModRM byte of 0xff: cmp $0x10,%edi; cmpw $0x10,%di; cmp $0x10,%r15;
		 * ret
		 */
		ROW("\x83\xff\x10\x66\x83\xff\x10\x49\x83\xff\x10\xc3", 0),
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int mode = 0; mode < 3; mode++) {
			bool is_enforced = mode == 1;

			open_with(rows[i].bytes, rows[i].nr, 0);
			machine.guards.wants_endbr = mode > 0;
			machine.guards.only_warns = mode == 2;
			call_with(0);
			cr_expect_eq(result.end,
				     rows[i].target && is_enforced ? MACHINE_FAULTED
								   : MACHINE_RETURNED,
				     "%zu, mode %d", i, mode);
			if (rows[i].target && is_enforced) {
				cr_expect_eq(result.fault.exception, MACHINE_NO_ENDBR);
				cr_expect_eq(result.fault.address, rows[i].target);
				cr_expect_eq(result.registers[MACHINE_RIP],
					     rows[i].target);
			}
			close_all();
		}
	}
	open_with("\xc3", 1, 0);
}
