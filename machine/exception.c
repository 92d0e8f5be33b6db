/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel makes of an exception. */
#include "machine/exception.h"

#ifdef KWCHECK_UNICORN

#include <stddef.h>
#include <string.h>

#include "kcore/kcficheck.h"
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

/* Puts the registers below the stack, as an exception at @rip does. 0: there is none. */
static uint64_t push_registers(struct machine *machine, uint64_t rip)
{
	uint64_t regs[REGS_WORDS] = {0}, rsp = machine_register(machine, X86_RSP);
	uint64_t at = (rsp - 512 - sizeof(regs)) & ~(uint64_t)15;

	for (unsigned i = 0; i < NR_GENERAL; i++)
		regs[i] = machine_register(machine, regs_order[i]);
	regs[REGS_RIP] = rip;
	regs[REGS_CS] = KERNEL_CS;
	regs[REGS_FLAGS] = machine_register(machine, MACHINE_RFLAGS);
	regs[REGS_RSP] = rsp;
	regs[REGS_SS] = KERNEL_SS;
	return machine_write(machine, at, regs, sizeof(regs)) < 0 ? 0 : at;
}

/* Asks with the stack below the registers that were just put there. */
static bool ask_below(struct machine *machine, uint64_t at, uint64_t rip,
		      const char *function, size_t nr, const uint64_t arguments[],
		      uint64_t *ret)
{
	uint64_t rsp = machine_register(machine, X86_RSP);
	bool has_returned;

	machine_set_register(machine, X86_RSP, at);
	has_returned = ask(machine, function, nr, arguments, ret);
	machine_set_register(machine, X86_RSP, rsp);
	machine_set_register(machine, MACHINE_RIP, rip);
	machine->run.rip = rip;
	return has_returned;
}

/* arch/x86/mm/extable.c:fixup_exception() */
bool exception_fixup(struct machine *machine, uint64_t rip)
{
	struct machine_fault fault = machine->run.fault;
	uint64_t regs[REGS_WORDS], at = push_registers(machine, rip), is_fixed;
	uint64_t trap = fault.exception == MACHINE_KEEPS_WP ? TRAP_PROTECTION
							    : TRAP_PAGE_FAULT;
	uint64_t arguments[] = {at, trap, fault.error_code, fault.address};
	bool was_fixed;

	if (!at)
		return false;
	was_fixed = ask_below(machine, at, rip, "fixup_exception", 4, arguments,
			      &is_fixed) &&
		    (int)is_fixed && machine_read(machine, at, regs, sizeof(regs)) == 0;
	machine->run.fault = fault;
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

/* ud2, ud1, udb, or a locked conditional jump, which is #UD, too. */
struct trap {
	bool is_one;
	unsigned size_bytes;
	int entry_register; /* it has the address of the entry in the table; -1: none */
	bool is_of_types;   /* it never has an entry: FineIBT and kCFI alone use it */
};

/* The length of ud1 is that of opcode, ModRM and what belongs to it; compilers use
 * register forms, and one with a displacement of 4 bytes (7.x: WARN's format). With
 * (%edx) it stands for a WARN with arguments, whose entry is in its register:
 * arch/x86/kernel/traps.c:decode_bug(), BUG_UD1_WARN, since 6.19; BUG_UDB and BUG_LOCK,
 * since 6.16.
 */
static void read_trap(const unsigned char bytes[8], struct trap *ret)
{
	unsigned at = 0, mod, rm, rex = 0;
	bool is_short = false, is_locked = false;

	while (at < 2 &&
	       (bytes[at] == 0x67 || bytes[at] == 0xf0 || (bytes[at] & 0xf0) == 0x40)) {
		is_short |= bytes[at] == 0x67;
		is_locked |= bytes[at] == 0xf0;
		rex = (bytes[at] & 0xf0) == 0x40 ? bytes[at] : 0;
		at++;
	}
	*ret = (struct trap){.entry_register = -1};
	ret->is_of_types = bytes[at] == 0xd6 || (is_locked && bytes[at] >> 4 == 7);
	ret->is_one = ret->is_of_types || (bytes[at] == 0x0f && (bytes[at + 1] == 0x0b ||
								 bytes[at + 1] == 0xb9));
	ret->size_bytes = at + (bytes[at] == 0xd6 ? 1 : 2);
	if (ret->is_of_types || bytes[at + 1] == 0x0b)
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
	*ret = 0;
	if (trap->is_of_types)
		return true;
	if (trap->entry_register >= 0) {
		*ret = machine_register(machine, (unsigned)trap->entry_register);
		return true;
	}
	if (ask(machine, "find_bug", 1, &rip, ret))
		return true;
	machine_stop(machine, MACHINE_TRAP, "the kernel's find_bug() is not to be found");
	return false;
}

/* The instructions before the trap say who is called, and what type is wanted. */
static bool read_callers_check(struct machine *machine, uint64_t rip,
			       struct machine_fault *fault)
{
	static const unsigned traps[] = {KCFICHECK_UD2, KCFICHECK_UDB};
	unsigned char bytes[KCFICHECK_BYTES];
	struct kcficheck check;

	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		if (machine_read(machine, rip - traps[i], bytes, sizeof(bytes)) < 0 ||
		    !kcficheck_read(bytes, &check) || check.trap_at != traps[i])
			continue;
		fault->address = machine_register(machine, check.register_nr);
		fault->wanted_type = check.type;
		fault->knows_callee = true;
		fault->knows_type = machine_read(machine,
						 fault->address +
							 (uint64_t)(int64_t)check.type_at,
						 &fault->type, sizeof(fault->type)) == 0;
		return true;
	}
	return false;
}

/* Of FineIBT, where callees compare, the kernel itself knows that.
 * arch/x86/kernel/alternative.c:decode_fineibt_insn(), cfi_get_func_hash(), since 6.9.
 */
static void ask_of_callees_check(struct machine *machine, uint64_t at, uint64_t rip,
				 struct machine_fault *fault)
{
	uint64_t found[2] = {0}, target = at - 64, r;
	uint64_t arguments[] = {at, target, target + 8}, va;

	if (!symbols_address(&machine->kernel->symbols, "decode_fineibt_insn", &va) ||
	    machine_write(machine, target, found, sizeof(found)) < 0 ||
	    !ask_below(machine, target - 64, rip, "decode_fineibt_insn", 3, arguments,
		       &r) ||
	    !(r & 0xff) || machine_read(machine, target, found, sizeof(found)) < 0)
		return;
	fault->address = found[0];
	fault->wanted_type = (uint32_t)found[1];
	fault->knows_callee = true;
	if (!symbols_address(&machine->kernel->symbols, "cfi_get_func_hash", &va) ||
	    !ask_below(machine, target - 64, rip, "cfi_get_func_hash", 1, found, &r))
		return;
	fault->type = (uint32_t)r;
	fault->knows_type = true;
}

/* What the kernel makes of a trap that no BUG() has; as enum bug_trap_type. */
enum types_end { TYPES_RIGHT = 0, TYPES_REPORTED, TYPES_FATAL };

/* arch/x86/kernel/cfi.c:handle_cfi_failure(), since 6.1. *@ret_rip: where it goes on. */
static enum types_end ask_of_types(struct machine *machine, uint64_t rip,
				   struct machine_fault *ret, uint64_t *ret_rip)
{
	uint64_t at, r, va;

	*ret = (struct machine_fault){.exception = MACHINE_WRONG_TYPE,
				      .access = MACHINE_FETCH};
	if (!symbols_address(&machine->kernel->symbols, "handle_cfi_failure", &va))
		return TYPES_RIGHT;
	at = push_registers(machine, rip);
	if (!at || !ask_below(machine, at, rip, "handle_cfi_failure", 1, &at, &r) ||
	    ((uint32_t)r != TYPES_REPORTED && (uint32_t)r != TYPES_FATAL))
		return TYPES_RIGHT;
	machine_read(machine, at + sizeof(uint64_t) * REGS_RIP, ret_rip,
		     sizeof(*ret_rip));
	if ((uint32_t)r == TYPES_FATAL && !read_callers_check(machine, rip, ret)) {
		at = push_registers(machine, rip);
		ask_of_callees_check(machine, at, rip, ret);
	}
	return (enum types_end)r;
}

/* The trap has no entry: it is of a type that is wrong, or nothing goes on. */
static bool exception_types(struct machine *machine, uint64_t rip,
			    const struct trap *trap, bool *is_bug)
{
	struct machine_fault fault;
	uint64_t next = rip;
	enum types_end end = ask_of_types(machine, rip, &fault, &next);

	*is_bug = end == TYPES_RIGHT;
	machine->run.fault = fault;
	if (end != TYPES_REPORTED)
		return false;
	machine->run.nr_warnings++;
	machine_set_register(machine, MACHINE_RIP,
			     next == rip ? rip + trap->size_bytes : next);
	return true;
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
	if (!entry)
		return exception_types(machine, rip, &trap, is_bug);
	*is_bug = true;
	if (types_offset(&machine->kernel->types, "bug_entry", "flags", &offset) < 0 ||
	    machine_read(machine, entry + offset, &flags, sizeof(flags)) < 0 ||
	    !(flags & BUGFLAG_WARNING))
		return false;
	*is_bug = false;
	machine->run.nr_warnings++;
	machine_set_register(machine, MACHINE_RIP, rip + trap.size_bytes);
	return true;
}

#endif
