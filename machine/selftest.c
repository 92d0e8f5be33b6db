/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the emulator at hand run kernel code as a CPU does? */
#include "machine/selftest.h"

#include <stdio.h>

#include "machine/unicorn.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "machine/apart.h"
#include "machine/call.h"
#include "machine/machine.h"

/* A memory of nine pages, and what its tables map, four levels. */
enum {
	PGD_PA = 0x1000,
	PUD_PA = 0x2000,
	PMD_PA = 0x3000,
	PTE_PA = 0x4000,
	CODE_PA = 0x5000,
	CONST_PA = 0x6000,
	DATA_PA = 0x7000,
	STACK_PA = 0x8000,
	MEMORY_BYTES = 0x9000,
};

#define BASE 0xffffffff81600000ULL
#define CODE (BASE + 0x5000)
#define CONST (BASE + 0x6000)
#define DATA (BASE + 0x7000)
#define STACK (BASE + 0x8000)
#define ALIAS (BASE + 0x9000) /* of CONST's page, writable */
#define NOTHING (BASE + 0xa000)
#define MARKER (BASE + 0xb000)

enum { FLAG_PF = 4, STATUS_FLAGS = 0x8d5 }; /* OF, SF, ZF, AF, PF, CF */

#define VALUE 0x1122334455667788ULL

struct test {
	struct machine machine;
	struct machine_result result;
	struct kernel kernel; /* of which nothing is known */
	unsigned char memory[MEMORY_BYTES];
};

/* One function, called with @rdi and VALUE in rsi. */
struct step {
	const char *what;
	char code[16];
	uint64_t rdi;
	enum machine_end end;
	uint64_t value;	  /* MACHINE_RETURNED: in rax */
	uint64_t address; /* MACHINE_FAULTED: its, with error code and rip */
	unsigned error_code;
	uint64_t rip;
	uint64_t flags; /* and the status flags there; 0: whatever they are */
	uint64_t entry; /* CONST's from here on; 0: as it is */
};

static const struct step steps[] = {
	{.what = "a store to a writable page",
	 .code = "\x48\x89\x37\x48\x8b\x07\xc3", /* mov %rsi,(%rdi); mov (%rdi),%rax; ret
						  */
	 .rdi = DATA + 8,
	 .end = MACHINE_RETURNED,
	 .value = VALUE},
	{.what = "a store to a read-only page",
	 .code = "\x90\x48\x89\x37\xc3", /* nop; mov %rsi,(%rdi); ret */
	 .rdi = CONST + 16,
	 .end = MACHINE_FAULTED,
	 .address = CONST + 16,
	 .error_code = 3,
	 .rip = CODE + 1},
	{.what = "a read where nothing is mapped",
	 .code = "\x48\x8b\x07\xc3", /* mov (%rdi),%rax; ret */
	 .rdi = NOTHING + 24,
	 .end = MACHINE_FAULTED,
	 .address = NOTHING + 24,
	 .rip = CODE},
	{.what = "a fetch from a page that is not executable",
	 .code = "\xff\xe7", /* jmp *%rdi */
	 .rdi = DATA + 32,
	 .end = MACHINE_FAULTED,
	 .address = DATA + 32,
	 .error_code = 0x11,
	 .rip = DATA + 32},
	{.what = "a store by another address of the read-only page",
	 /* mov %rsi,(%rdi); mov -0x3000(%rdi),%rax; ret */
	 .code = "\x48\x89\x37\x48\x8b\x87\x00\xd0\xff\xff\xc3",
	 .rdi = ALIAS + 40,
	 .end = MACHINE_RETURNED,
	 .value = VALUE},
	{.what = "a store to the page once it is writable",
	 .code = "\x48\x89\x37\x48\x8b\x07\xc3",
	 .rdi = CONST + 16,
	 .end = MACHINE_RETURNED,
	 .value = VALUE,
	 .entry = CONST_PA | PT_PRESENT | PT_RW | PT_NX},
	{.what = "a store to the page once it is read-only again",
	 .code = "\x48\x89\x37\xc3",
	 .rdi = CONST + 24,
	 .end = MACHINE_FAULTED,
	 .address = CONST + 24,
	 .error_code = 3,
	 .rip = CODE,
	 .entry = CONST_PA | PT_PRESENT | PT_NX},
	{.what = "the flags where a store faults",
	 /* mov $1,%eax; add $2,%eax; mov %rsi,(%rdi); ret */
	 .code = "\xb8\x01\x00\x00\x00\x83\xc0\x02\x48\x89\x37\xc3",
	 .rdi = CONST + 16,
	 .end = MACHINE_FAULTED,
	 .address = CONST + 16,
	 .error_code = 3,
	 .rip = CODE + 8,
	 .flags = FLAG_PF},
};

static void put(struct test *test, uint64_t pa, uint64_t value)
{
	memcpy(test->memory + pa, &value, sizeof(value));
}

static uint64_t entry_pa(uint64_t va)
{
	return PTE_PA + pt_level_index(PT_PTE, va) * 8;
}

static void fill(struct test *test)
{
	static const uint64_t TABLE = 0x63; /* present, writable, accessed, dirty */

	put(test, PGD_PA + pt_level_index(PT_P4D, BASE) * 8, PUD_PA | TABLE);
	put(test, PUD_PA + pt_level_index(PT_PUD, BASE) * 8, PMD_PA | TABLE);
	put(test, PMD_PA + pt_level_index(PT_PMD, BASE) * 8, PTE_PA | TABLE);
	put(test, entry_pa(CODE), CODE_PA | PT_PRESENT);
	put(test, entry_pa(CONST), CONST_PA | PT_PRESENT | PT_NX);
	put(test, entry_pa(DATA), DATA_PA | PT_PRESENT | PT_RW | PT_NX);
	put(test, entry_pa(STACK), STACK_PA | PT_PRESENT | PT_RW | PT_NX);
	put(test, entry_pa(ALIAS), CONST_PA | PT_PRESENT | PT_RW | PT_NX);
}

static int fetch(void *ctx, uint64_t pa, void *buf, size_t size_bytes)
{
	const struct test *test = ctx;

	memset(buf, 0, size_bytes);
	if (pa < MEMORY_BYTES)
		memcpy(buf, test->memory + pa,
		       size_bytes < MEMORY_BYTES - pa ? size_bytes : MEMORY_BYTES - pa);
	return 0;
}

static bool set_entry(struct machine *machine, uint64_t entry)
{
	unsigned char *bytes;

	if (!entry)
		return true;
	if (machine_frame(machine, entry_pa(CONST), &bytes) < 0)
		return false;
	memcpy(bytes, &entry, sizeof(entry));
	machine_flush(machine);
	return true;
}

static bool is_as_told(const struct step *step, const struct machine_result *result)
{
	if (result->end != step->end)
		return false;
	if (step->end == MACHINE_RETURNED)
		return result->value == step->value;
	return result->fault.address == step->address &&
	       result->fault.error_code == step->error_code &&
	       result->registers[MACHINE_RIP] == step->rip &&
	       (!step->flags ||
		(result->registers[MACHINE_RFLAGS] & STATUS_FLAGS) == step->flags);
}

static const char *run_steps(struct test *test)
{
	struct machine *machine = &test->machine;

	machine_set_stack(machine, STACK + PAGE_BYTES, MARKER);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint64_t arguments[] = {steps[i].rdi, VALUE};

		if (!set_entry(machine, steps[i].entry) ||
		    machine_write(machine, CODE, steps[i].code, sizeof(steps[i].code)) <
			    0)
			return "its memory";
		machine_call(machine, CODE, 2, arguments, &test->result);
		if (!is_as_told(&steps[i], &test->result))
			return steps[i].what;
	}
	return NULL;
}

int selftest_run(const struct unicorn *unicorn, const char **ret)
{
	static const struct machine_limits limits = {
		.instructions = 1000, .milliseconds = 5000, .pages = 64, .depth = 8};
	static const struct pagetable pt = {
		.format = {.levels = 4, .phys_bits = 46, .pa_mask = 0x3ffffffff000},
		.root_pa = PGD_PA};
	struct test *test = calloc(1, sizeof(*test));
	int r;

	if (!test)
		return -ENOMEM;
	fill(test);
	r = machine_open_memory(&test->machine, unicorn, &test->kernel, fetch, test, &pt,
				&limits);
	if (r == 0) {
		*ret = run_steps(test);
		machine_close(&test->machine);
	}
	free(test);
	return r;
}

/* What the child leaves for its parent. */
struct outcome {
	int r;
	bool has_failed;
	char words[200];
};

static int run_for(void *ctx)
{
	struct outcome *outcome = ctx;
	const char *failed = NULL;

	outcome->r = selftest_run(unicorn_get(), &failed);
	outcome->has_failed = failed;
	snprintf(outcome->words, sizeof(outcome->words), "%s", failed ? failed : "");
	return outcome->r == -ENOMEM ? APART_FAILED : 0;
}

const char *selftest_load(void)
{
	static char answer[300], words[200];
	const char *failed = unicorn_load();
	struct outcome *outcome;
	int r;

	if (failed)
		return failed;
	outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcome == MAP_FAILED)
		return strerror(errno);
	r = apart_run(run_for, outcome) == APART_FAILED ? -ENOMEM : outcome->r;
	snprintf(words, sizeof(words), "%s", outcome->words);
	failed = outcome->has_failed ? words : NULL;
	munmap(outcome, sizeof(*outcome));
	if (r == -ENOSPC)
		return unicorn_no_room();
	if (r < 0)
		failed = strerror(-r);
	if (!failed)
		return NULL;
	snprintf(answer, sizeof(answer),
		 "%s does not run kernel code as a CPU does (%s): install another "
		 "version of libunicorn2",
		 unicorn_name(), failed);
	return answer;
}

#else

const char *selftest_load(void)
{
	return unicorn_load();
}

#endif

const char *selftest_emulator(void)
{
	return selftest_load() ?: unicorn_name();
}
