/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel makes of an exception. */
#include "machine/exception.h"

#ifdef KWCHECK_UNICORN

#include <stddef.h>
#include <string.h>

#include "machine/call.h"
#include "machine/emulate.h"

/* arch/x86/include/asm/ptrace.h: struct pt_regs, since 2.6.25. */
enum { REGS_WORDS = 21 };

static const enum x86_register regs_order[] = {
	X86_R15, X86_R14, X86_R13, X86_R12, X86_RBP, X86_RBX, X86_R11, X86_R10,
	X86_R9,	 X86_R8,  X86_RAX, X86_RCX, X86_RDX, X86_RSI, X86_RDI};

enum {
	REGS_RIP = 16,
	REGS_CS = 17,
	REGS_FLAGS = 18,
	REGS_RSP = 19,
	REGS_SS = 20,
	NR_GENERAL = 15,
};

static const uint64_t KERNEL_CS = 0x10, KERNEL_SS = 0x18, TRAP_PROTECTION = 13,
		      TRAP_PAGE_FAULT = 14;

/* vm.mmap_min_addr, as distributions set it. */
static const uint64_t LOWEST_USER_ADDRESS = 0x10000;

static bool ask(struct machine *machine, const char *function, size_t nr,
		const uint64_t arguments[], uint64_t *ret)
{
	struct machine_result result;
	uint64_t va;

	if (!symbols_address(&machine->kernel->symbols, function, &va))
		return false;
	machine_call(machine, va, nr, arguments, &result);
	*ret = result.value;
	if (result.end == MACHINE_RETURNED)
		return true;
	machine_forgive(machine);
	machine_stop(machine, MACHINE_TRAP, "the kernel's %s() did not return", function);
	return false;
}

/* arch/x86/mm/extable.c:fixup_exception() */
bool exception_fixup(struct machine *machine, uint64_t rip)
{
	struct machine_fault fault = machine->run.fault;
	uint64_t regs[REGS_WORDS] = {0}, rsp = machine_register(machine, X86_RSP);
	uint64_t at = (rsp - 512 - sizeof(regs)) & ~(uint64_t)15, is_fixed;
	uint64_t trap = fault.exception == MACHINE_KEEPS_WP ? TRAP_PROTECTION
							    : TRAP_PAGE_FAULT;
	uint64_t arguments[] = {at, trap, fault.error_code, fault.address};
	bool was_fixed;

	for (unsigned i = 0; i < NR_GENERAL; i++)
		regs[i] = machine_register(machine, regs_order[i]);
	regs[REGS_RIP] = rip;
	regs[REGS_CS] = KERNEL_CS;
	regs[REGS_FLAGS] = machine_register(machine, MACHINE_RFLAGS);
	regs[REGS_RSP] = rsp;
	regs[REGS_SS] = KERNEL_SS;
	if (machine_write(machine, at, regs, sizeof(regs)) < 0)
		return false;
	/* Below the registers that were just put on the stack. */
	machine_set_register(machine, X86_RSP, at);
	was_fixed = ask(machine, "fixup_exception", 4, arguments, &is_fixed) &&
		    (int)is_fixed && machine_read(machine, at, regs, sizeof(regs)) == 0;
	machine_set_register(machine, X86_RSP, rsp);
	machine_set_register(machine, MACHINE_RIP, rip);
	machine->run.fault = fault;
	machine->run.rip = rip;
	if (!was_fixed)
		return false;
	machine->run.met_user_memory |= trap == TRAP_PAGE_FAULT &&
					fault.address >= LOWEST_USER_ADDRESS &&
					!(fault.address >> 63);
	for (unsigned i = 0; i < NR_GENERAL; i++)
		machine_set_register(machine, regs_order[i], regs[i]);
	machine_set_register(machine, X86_RSP, regs[REGS_RSP]);
	machine_set_register(machine, MACHINE_RIP, regs[REGS_RIP]);
	return true;
}

/* ud2 or ud1. */
struct trap {
	bool is_one;
	unsigned size_bytes;
	int entry_register; /* it has the address of the entry in the table; -1: none */
};

/* ud1's length: opcode, ModRM and what belongs to it; compilers use register forms, and
 * one with a displacement of 4 bytes (7.x: WARN's format). With (%edx) it stands for a
 * WARN with arguments, whose entry is in its register: arch/x86/kernel/traps.c:
 * decode_bug(), BUG_UD1_WARN, since 6.19.
 */
static void read_trap(const unsigned char bytes[8], struct trap *ret)
{
	unsigned at = 0, mod, rm, rex = 0;
	bool is_short = false;

	while (at < 2 &&
	       (bytes[at] == 0x67 || bytes[at] == 0xf0 || (bytes[at] & 0xf0) == 0x40)) {
		is_short |= bytes[at] == 0x67;
		rex = (bytes[at] & 0xf0) == 0x40 ? bytes[at] : 0;
		at++;
	}
	*ret = (struct trap){.entry_register = -1};
	ret->is_one = bytes[at] == 0x0f &&
		      (bytes[at + 1] == 0x0b || bytes[at + 1] == 0xb9);
	ret->size_bytes = at + 2;
	if (bytes[at + 1] == 0x0b)
		return;
	mod = bytes[at + 2] >> 6;
	rm = bytes[at + 2] & 7;
	ret->size_bytes = at + 3;
	if (mod != 3 && rm == 4)
		ret->size_bytes++;
	if (mod == 1)
		ret->size_bytes++;
	else if (mod == 2 || (mod == 0 && rm == 5))
		ret->size_bytes += 4;
	if (is_short && mod == 0 && rm == 2 && !(rex & 1))
		ret->entry_register = (bytes[at + 2] >> 3 & 7) + (rex & 4 ? 8 : 0);
}

/* The trap's entry in __bug_table; 0: it has none. false: the run is over. */
static bool find_entry(struct machine *machine, uint64_t rip, const struct trap *trap,
		       uint64_t *ret)
{
	if (trap->entry_register >= 0) {
		*ret = machine_register(machine, (unsigned)trap->entry_register);
		return true;
	}
	if (ask(machine, "find_bug", 1, &rip, ret))
		return true;
	machine_stop(machine, MACHINE_TRAP, "the kernel's find_bug() is not to be found");
	return false;
}

/* lib/bug.c:report_bug(): the entry's flags say whether the kernel goes on. */
bool exception_invalid(struct machine *machine, uint64_t rip, bool *is_bug)
{
	static const uint16_t BUGFLAG_WARNING = 1;
	unsigned char bytes[8] = {0};
	uint64_t entry;
	uint32_t offset;
	uint16_t flags = 0;
	struct trap trap;

	if (machine_read(machine, rip, bytes, sizeof(bytes)) < 0)
		machine_read(machine, rip, bytes, 2);
	read_trap(bytes, &trap);
	if (!trap.is_one) {
		emulate_insn(machine, rip);
		return !machine->run.has_ended;
	}
	if (!find_entry(machine, rip, &trap, &entry))
		return false;
	machine->run.rip = rip;
	machine_set_register(machine, MACHINE_RIP, rip);
	*is_bug = true;
	if (!entry ||
	    types_offset(&machine->kernel->types, "bug_entry", "flags", &offset) < 0 ||
	    machine_read(machine, entry + offset, &flags, sizeof(flags)) < 0 ||
	    !(flags & BUGFLAG_WARNING))
		return false;
	*is_bug = false;
	machine->run.nr_warnings++;
	machine_set_register(machine, MACHINE_RIP, rip + trap.size_bytes);
	return true;
}

#endif
