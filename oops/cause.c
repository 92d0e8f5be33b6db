/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What patterns of crashes mean: the decision. The facts are in knowledge.c. */
#include "oops/cause.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kcore/release.h"
#include "kcore/x86.h"
#include "oops/knowledge.h"
#include "oops/scan.h"
#include "pagetable/errorcode.h"

/* include/linux/poison.h with CONFIG_ILLEGAL_POINTER_VALUE of x86-64. */
static const uint64_t POISON_BASE = 0xdead000000000000ULL, POISON_END = 0x1000;
/* More than a structure's size behind a NULL pointer is another thing. */
static const uint64_t NULL_AREA = 4096;
static const uint64_t CR4_SMAP = 1ULL << 21, EFLAGS_AC = 1ULL << 18;
enum { FIRST_FLIPPED_BIT = 30 };
/* Further down the call trace a module called much that it did not cause. */
enum { MAX_FRAMES_ABOVE = 4 };
/* The largest kernel stack (KASAN's) and its guard page. */
static const uint64_t MAX_STACK_BYTES = 64 * 1024;
static const uint64_t CR4_CET = 1ULL << 23;

struct question {
	const struct crash *crash;
	const struct tables *tables;
	const struct instruction *instruction;
	const struct hit *target;
	enum errorcode_access access;
	bool was_present, is_user_mode;
	unsigned version;
};

__attribute__((format(printf, 2, 3))) static void note(struct cause *cause,
						       const char *format, ...)
{
	va_list args;

	if (cause->nr_notes == CAUSE_MAX_NOTES)
		return;
	va_start(args, format);
	vsnprintf(cause->notes[cause->nr_notes++], CAUSE_NOTE_BYTES, format, args);
	va_end(args);
}

static bool is_own_module(const struct question *q)
{
	return q->crash->has_site && q->crash->site.module[0] && q->target->module[0] &&
	       strcmp(q->crash->site.module, q->target->module) == 0;
}

/* May the log's entries be believed? Only entries that explain the fault are. */
static bool is_code_page(const struct question *q)
{
	return q->tables->denial == TABLES_NO_RW && q->tables->walk.reason == PT_OK &&
	       !q->tables->walk.nx;
}

static bool is_in_module_area(uint64_t value)
{
	return value >= X86_MODULES_START && value < X86_MODULES_END;
}

/* A pointer into a module's data stored into the image: an append to a list, most often.
 */
static void note_stored_pointer(const struct question *q, struct cause *cause)
{
	const struct instruction *instruction = q->instruction;

	if (!instruction || !instruction->has_source || !instruction->source.has_value ||
	    instruction->memory.size_bytes != 8 ||
	    !is_in_module_area(instruction->source.value))
		return;
	note(cause,
	     "the value stored, 0x%016" PRIx64
	     ", points into the module area: an own structure being linked in",
	     instruction->source.value);
}

static enum cause_kind of_lsm(const struct question *q, struct cause *cause)
{
	const struct lsmpart *lsm = &q->target->lsm;
	const char *assumed = lsm->is_assumed ? " (by this release's usual layout)" : "";

	if (lsm->structure == LSMPART_STATIC_CALLS) {
		if (lsm->field)
			note(cause, "the write goes to a static-call slot's %s: %s",
			     lsm->field, lsm->meaning);
		return CAUSE_LSM_STATIC_CALL;
	}
	if (lsm->structure == LSMPART_HOOK_ARRAY_UNUSED) {
		note(cause,
		     "since 6.12 %s_hooks is read only while booting: even a write that "
		     "succeeds would hook nothing",
		     lsm->owner);
		return CAUSE_LSM_STATIC_CALL;
	}
	if (lsm->structure == LSMPART_HOOK_HEADS)
		note(cause, "the head of an LSM hook list: %s", lsm->meaning);
	else if (lsm->field)
		note(cause, "element %u of %s's hooks, member %s%s: %s", lsm->element,
		     lsm->owner, lsm->field, assumed, lsm->meaning);
	note_stored_pointer(q, cause);
	return CAUSE_LSM_LIST;
}

static enum cause_kind of_image_write(const struct question *q, struct cause *cause)
{
	const struct hit *target = q->target;

	if (target->lsm.structure != LSMPART_NONE)
		return of_lsm(q, cause);
	if (target->has_symbol && strstr(target->symbol, "sys_call_table")) {
		note(cause, "slot %" PRIu64 " of %s%s%s", target->offset / 8,
		     target->symbol, target->entry[0] ? ", now " : "", target->entry);
		return CAUSE_SYSCALL_TABLE;
	}
	switch (target->section) {
	case HIT_TEXT:
		return CAUSE_KERNEL_TEXT;
	case HIT_RO_AFTER_INIT:
		note_stored_pointer(q, cause);
		return CAUSE_KERNEL_RO_AFTER_INIT;
	case HIT_RODATA:
		note_stored_pointer(q, cause);
		return CAUSE_KERNEL_CONST;
	case HIT_FREED_INIT:
	case HIT_FREED_GAP:
		return CAUSE_FREED_INIT;
	default:
		break;
	}
	cause->is_likely = target->source == HIT_FROM_NOTHING;
	/* Memory that is executable and read-only is text, also where no symbol says so.
	 */
	if (is_code_page(q))
		return CAUSE_KERNEL_TEXT;
	note_stored_pointer(q, cause);
	return CAUSE_KERNEL_SEALED;
}

static enum cause_kind of_module_write(const struct question *q, struct cause *cause)
{
	const struct hit *target = q->target;

	if (target->module[0] && q->crash->site.module[0] && !is_own_module(q))
		note(cause, "the memory belongs to %s, the code that writes to %s",
		     target->module, q->crash->site.module);
	switch (target->section) {
	case HIT_TEXT:
		return CAUSE_MODULE_TEXT;
	case HIT_RODATA:
		return CAUSE_MODULE_CONST;
	case HIT_RO_AFTER_INIT:
		if (target->is_section_by_release)
			note(cause,
			     "that %s is sealed once init has returned follows from the "
			     "release alone",
			     target->section_name);
		if (q->crash->is_module_starting && is_own_module(q))
			note(cause,
			     "the module's init function has not returned yet, and "
			     "still the page is sealed");
		return CAUSE_MODULE_RO_AFTER_INIT;
	default:
		return is_code_page(q) ? CAUSE_MODULE_TEXT : CAUSE_MODULE_SEALED;
	}
}

static enum cause_kind of_write(const struct question *q, struct cause *cause)
{
	switch (q->target->kind) {
	case HIT_IMAGE:
		return of_image_write(q, cause);
	case HIT_MODULES:
		return of_module_write(q, cause);
	case HIT_KERNEL:
		if (!crash_is_xen_pv(q->crash))
			return CAUSE_UNKNOWN;
		cause->is_likely = true;
		return CAUSE_XEN_PV;
	default:
		return CAUSE_UNKNOWN;
	}
}

/* Which register was NULL, and what the offset is. */
static void note_null(const struct question *q, struct cause *cause)
{
	const struct instruction *instruction = q->instruction;
	uint64_t address = q->crash->address;

	for (size_t i = 0; instruction && i < instruction->nr_operands; i++)
		if (instruction->operands[i].has_value &&
		    instruction->operands[i].value == 0 && instruction->has_memory &&
		    strstr(instruction->memory.expression,
			   instruction->operands[i].name)) {
			note(cause, "%s is NULL%s", instruction->operands[i].name,
			     address ? "; the offset is a member's place in what it "
				       "should point to"
				     : "");
			return;
		}
	if (address)
		note(cause,
		     "offset 0x%" PRIx64
		     " from NULL: a member of the structure that the pointer lacks",
		     address);
}

/* PTI sets NX in the kernel's own copy of the user half's root entries
 * (arch/x86/mm/pti.c:__pti_set_user_pgtbl()): the page itself may be executable.
 */
static void note_pti(const struct question *q, struct cause *cause)
{
	const struct tables *tables = q->tables;

	if (tables->denial == TABLES_NX && tables->denied_by == 0 &&
	    tables->walk.steps[0].value & PT_USER)
		note(cause,
		     "NX in the root's entry is PTI's own, for the whole user half: "
		     "it does not tell that the page is data");
}

static enum cause_kind of_fetch(const struct question *q, struct cause *cause)
{
	if (q->crash->address < NULL_AREA)
		return CAUSE_EXECUTE_NULL;
	if (q->target->kind == HIT_USER) {
		note_pti(q, cause);
		return CAUSE_EXECUTE_USER;
	}
	if (!q->was_present)
		return CAUSE_EXECUTE_UNMAPPED;
	if (q->target->has_symbol)
		note(cause, "%s is data: a pointer to it was called as a function",
		     q->target->symbol);
	return CAUSE_EXECUTE_DATA;
}

static enum cause_kind of_absent(const struct question *q, struct cause *cause)
{
	if (q->target->kind == HIT_USER)
		return CAUSE_USER_UNMAPPED;
	if (q->target->section == HIT_FREED_INIT && q->target->kind == HIT_IMAGE)
		return CAUSE_FREED_INIT;
	if (q->target->section == HIT_FREED_GAP)
		return CAUSE_FREED_INIT;
	if (q->target->module[0] && !is_own_module(q))
		note(cause, "the address was in module %s", q->target->module);
	return CAUSE_KERNEL_UNMAPPED;
}

/* SMAP lets the kernel touch the user's page where AC is set, or where it is off. */
static bool is_smap_off(const struct crash *crash)
{
	const struct registers *registers = &crash->registers;

	return (registers_has(registers, REGISTER_CR4) &&
		!(registers->value[REGISTER_CR4] & CR4_SMAP)) ||
	       (registers_has(registers, REGISTER_EFLAGS) &&
		registers->value[REGISTER_EFLAGS] & EFLAGS_AC);
}

static bool is_user_access(const struct question *q)
{
	if (q->tables->denial == TABLES_SMAP)
		return true;
	return q->was_present && q->target->kind == HIT_USER &&
	       q->tables->denial != TABLES_PERMITTED && !is_smap_off(q->crash) &&
	       !crash_is_xen_pv(q->crash);
}

/* The entries permit what faulted. "Oops: 0003" leaves out bit 31, the reverse map's. */
static enum cause_kind of_permitted(const struct question *q, struct cause *cause)
{
	cause->is_likely = true;
	note(cause, "the entries in the log permit the access that faulted");
	if (crash_is_xen_pv(q->crash) && q->access == ERRORCODE_WRITE)
		return CAUSE_XEN_PV;
	if (!q->crash->has_all_error_bits && (!q->version || q->version >= RELEASE(6, 9)))
		note(cause, "without the \"#PF: error_code\" line nobody knows whether "
			    "SEV-SNP's reverse map (bit 31) forbade it");
	return CAUSE_CHANGED;
}

static enum cause_kind of_page_fault(const struct question *q, struct cause *cause)
{
	if (errorcode_has(q->crash->error_code, ERRORCODE_RSVD))
		return CAUSE_PAGE_TABLE;
	/* User mode here means a fault of user space that killed the kernel's entry path.
	 */
	if (q->is_user_mode)
		return CAUSE_UNKNOWN;
	if (q->access == ERRORCODE_FETCH)
		return of_fetch(q, cause);
	if (q->crash->address < NULL_AREA) {
		note_null(q, cause);
		return CAUSE_NULL;
	}
	if (errorcode_has(q->crash->error_code, ERRORCODE_RMP))
		return CAUSE_RMP;
	if (is_user_access(q)) {
		if (q->tables->walk.reason == PT_OK && q->tables->walk.writable)
			note(cause, "every level allows user mode to write there: only "
				    "SMAP refused, as EFLAGS.AC was clear");
		return CAUSE_USER_ACCESS;
	}
	if (!q->was_present)
		return of_absent(q, cause);
	if (q->tables->denial == TABLES_PERMITTED)
		return of_permitted(q, cause);
	if (errorcode_has(q->crash->error_code, ERRORCODE_PK) ||
	    errorcode_has(q->crash->error_code, ERRORCODE_SS) ||
	    errorcode_has(q->crash->error_code, ERRORCODE_SGX))
		return CAUSE_UNKNOWN;
	return q->access == ERRORCODE_WRITE ? of_write(q, cause) : CAUSE_UNKNOWN;
}

/* mov cr0 with WP clear: while CR4.CET is set the CPU refuses it (Intel SDM vol. 2B, MOV
 * to control registers), and Xen refuses it to a PV guest.
 */
static enum cause_kind of_cr0(const struct question *q, struct cause *cause)
{
	const struct registers *registers = &q->crash->registers;
	uint64_t value = q->instruction->cr0_value;
	bool has_cr4 = registers_has(registers, REGISTER_CR4);

	if (!q->instruction->has_cr0_value || value & X86_CR0_WP)
		return CAUSE_UNKNOWN;
	note(cause,
	     "CR0 was to become 0x%" PRIx64 ": WP is clear in it. That is a value, no "
	     "address",
	     value);
	if (crash_is_xen_pv(q->crash)) {
		note(cause, "a Xen PV guest may not clear CR0.WP");
	} else if (has_cr4 && registers->value[REGISTER_CR4] & CR4_CET) {
		note(cause, "CR4.CET is set: CR0.WP cannot be cleared");
	} else {
		cause->is_likely = true;
		note(cause, "%s",
		     has_cr4 ? "CR4.CET is clear: a hypervisor may have refused it"
			     : "CR4 is not in the log: CET or a hypervisor "
			       "refused it");
	}
	return CAUSE_CR0_WP;
}

static enum cause_kind of_protection(const struct question *q, struct cause *cause)
{
	const struct instruction *instruction = q->instruction;
	uint64_t address = q->crash->address;

	if (instruction && instruction->is_cr0_write)
		return of_cr0(q, cause);
	if (q->crash->address_from == CRASH_ADDRESS_UNKNOWN ||
	    (instruction && !instruction->has_memory)) {
		/* 4.19 does not say the address: the operand does. */
		if (!instruction || !instruction->has_memory ||
		    !instruction->memory.has_address ||
		    pt_is_canonical(instruction->memory.address, 4))
			return CAUSE_UNKNOWN;
		address = instruction->memory.address;
	}
	if (address - POISON_BASE < POISON_END) {
		note(cause, "0x%016" PRIx64 " is a poison value of a list entry",
		     address);
		return CAUSE_LIST_POISON;
	}
	if (q->crash->is_null_worded)
		return CAUSE_NULL;
	return pt_is_canonical(address, 4) ? CAUSE_UNKNOWN : CAUSE_NON_CANONICAL;
}

/* "traps: Missing ENDBR: helper+0x0/0x20 [mine]": the target. The call trace holds the
 * reporter's entry code first, then who called.
 */
static enum cause_kind of_missing_endbr(const struct question *q, struct cause *cause)
{
	const struct crash *crash = q->crash;
	const char *target = crash->detail;
	bool is_behind_entry = false;

	if (scan_past(&target, "ENDBR: ") && *target)
		note(cause, "the branch went to %s", target);
	for (size_t i = 0; i < crash->nr_frames; i++) {
		const struct site *site = &crash->frames[i].site;

		if (crash->frames[i].is_guess || !site->function[0] ||
		    site->has_no_offset)
			continue;
		if (strcmp(site->function, "asm_exc_control_protection") == 0) {
			is_behind_entry = true;
		} else if (is_behind_entry) {
			note(cause, "by the call trace it came from %s+0x%" PRIx64 "%s%s",
			     site->function, site->offset,
			     site->module[0] ? " of module " : "", site->module);
			break;
		}
	}
	return CAUSE_MISSING_ENDBR;
}

/* The guard page is below the stack, and another above: which was hit tells the story. */
static enum cause_kind of_stack(const struct question *q, struct cause *cause)
{
	const struct crash *crash = q->crash;
	bool has_stack = registers_has(&crash->registers, REGISTER_RSP);
	uint64_t stack = crash->registers.value[REGISTER_RSP];

	if (crash->address_from == CRASH_ADDRESS_UNKNOWN)
		return CAUSE_STACK_OVERFLOW;
	if (crash->has_stack_bounds
		    ? crash->address > crash->stack_end
		    : has_stack && stack >> 63 && crash->address > stack &&
			      crash->address - stack <= MAX_STACK_BYTES) {
		note(cause, "the address that was hit, 0x%016" PRIx64 ", is above %s",
		     crash->address, crash->has_stack_bounds ? "the stack's end" : "RSP");
		return CAUSE_STACK_OVERRUN;
	}
	return CAUSE_STACK_OVERFLOW;
}

static enum cause_kind of_double_fault(const struct question *q, struct cause *cause)
{
	const struct registers *registers = &q->crash->registers;

	if (!registers_has(registers, REGISTER_RSP) ||
	    registers->value[REGISTER_RSP] >> 56 == 0xff ||
	    q->crash->mode == CRASH_MODE_USER)
		return CAUSE_UNKNOWN;
	note(cause, "RSP is 0x%" PRIx64 ": the function at RIP may be anybody's",
	     registers->value[REGISTER_RSP]);
	return CAUSE_STACK_LOST;
}

/* The checkers themselves, above the code that they report. */
static bool is_checker(const char *function)
{
	static const char *const starts[] = {
		"dump_stack",	 "show_stack",	  "ubsan_",	"__ubsan_",
		"kasan_",	 "__kasan_",	  "__asan_",	"print_",
		"kfence_",	 "refcount_",	  "asm_exc_",	"exc_",
		"handle_bug",	 "report_bug",	  "__warn",	"check_memory_region",
		"do_error_trap", "do_invalid_op", "invalid_op", "__report_bug",
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(function, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static void note_caller(const struct question *q, struct cause *cause)
{
	const struct crash *crash = q->crash;

	for (size_t i = 0; i < crash->nr_frames; i++) {
		const struct site *site = &crash->frames[i].site;

		if (crash->frames[i].is_guess || !site->function[0] ||
		    site->has_no_offset || is_checker(site->function))
			continue;
		note(cause, "by the call trace it was found in %s+0x%" PRIx64 "%s%s",
		     site->function, site->offset, site->module[0] ? " of module " : "",
		     site->module);
		return;
	}
}

static enum cause_kind of_report(const struct question *q, struct cause *cause)
{
	static const enum cause_kind causes[CRASH_NR_KINDS] = {
		[CRASH_KASAN] = CAUSE_KASAN,   [CRASH_KFENCE] = CAUSE_KFENCE,
		[CRASH_UBSAN] = CAUSE_UBSAN,   [CRASH_REFCOUNT] = CAUSE_REFCOUNT,
		[CRASH_CRED] = CAUSE_CRED,     [CRASH_WORKQUEUE] = CAUSE_WORKQUEUE,
		[CRASH_LOCKUP] = CAUSE_LOCKUP, [CRASH_RCU_STALL] = CAUSE_RCU_STALL,
	};
	const struct crash *crash = q->crash;

	if (crash->access[0])
		note(cause, "%s", crash->access);
	if (crash->is_beside_stack) {
		note(cause, "the same task's stack was used up next: that comes first");
		return CAUSE_STACK_OVERFLOW;
	}
	if (crash->kind == CRASH_UBSAN || crash->kind == CRASH_REFCOUNT)
		note_caller(q, cause);
	return causes[crash->kind];
}

static enum cause_kind decide(const struct question *q, struct cause *cause)
{
	switch (q->crash->kind) {
	case CRASH_PAGE_FAULT:
		return q->crash->has_error_code &&
				       q->crash->address_from != CRASH_ADDRESS_UNKNOWN
			       ? of_page_fault(q, cause)
			       : CAUSE_UNKNOWN;
	case CRASH_GENERAL_PROTECTION:
		return of_protection(q, cause);
	case CRASH_BUG:
		return CAUSE_BUG;
	case CRASH_LIST_CORRUPTION:
		return CAUSE_LIST_CORRUPTION;
	case CRASH_CFI:
		return CAUSE_CFI;
	case CRASH_MISSING_ENDBR:
		return of_missing_endbr(q, cause);
	case CRASH_CR0_WP:
		note(cause,
		     "native_write_cr0() set CR0.WP again: the write that was to follow "
		     "faults");
		return CAUSE_CR0_WP;
	case CRASH_STACK_OVERFLOW:
		return of_stack(q, cause);
	case CRASH_DOUBLE_FAULT:
		return of_double_fault(q, cause);
	case CRASH_BAD_PAGETABLE:
		return CAUSE_PAGE_TABLE;
	default:
		return of_report(q, cause);
	}
}

static bool is_kernel_pointer(uint64_t value)
{
	return value >> 47 == 0x1ffff;
}

/* Memory that fails, or one stray write, changes a bit. Only bits above any object's size
 * count: of two pointers into one object others differ by right.
 */
static bool is_one_bit_off(uint64_t bad, uint64_t good)
{
	uint64_t bits = (bad ^ good) & ~0xfffULL;

	return bits >> FIRST_FLIPPED_BIT && (bits & (bits - 1)) == 0;
}

/* A register that the operand's address is made of, beside one that would have been
 * right.
 */
static void note_flipped_bit(const struct question *q, struct cause *cause)
{
	const struct instruction *in = q->instruction;
	const struct registers *registers = &q->crash->registers;
	bool is_wild = q->crash->kind == CRASH_GENERAL_PROTECTION ||
		       (q->crash->kind == CRASH_PAGE_FAULT && !q->was_present);

	if (!in || !is_wild || !in->has_memory || in->match != INSTRUCTION_AGREES)
		return;
	for (size_t i = 0; i < in->nr_operands; i++) {
		const struct instruction_operand *bad = &in->operands[i];

		if (!bad->has_value || !strstr(in->memory.expression, bad->name))
			continue;
		for (enum register_name name = 0; name <= REGISTER_R15; name++) {
			uint64_t good = registers->value[name];

			if (!registers_has(registers, name) || !is_kernel_pointer(good) ||
			    !is_one_bit_off(bad->value, good))
				continue;
			note(cause,
			     "%s=%016" PRIx64 " differs by bit %d alone from the page of "
			     "%s=%016" PRIx64
			     ", as failing memory or a stray write makes it",
			     bad->name, bad->value,
			     __builtin_ctzll((bad->value ^ good) & ~0xfffULL),
			     registers_name(name), good);
			return;
		}
	}
}

static const char *flags_of(const struct crash *crash, const char *module)
{
	for (size_t i = 0; i < crash->nr_modules; i++)
		if (strcmp(crash->modules[i].name, module) == 0)
			return crash->modules[i].flags;
	return "";
}

static bool can_be_handed_over(enum crash_kind kind)
{
	switch (kind) {
	case CRASH_PAGE_FAULT:
	case CRASH_GENERAL_PROTECTION:
	case CRASH_LIST_CORRUPTION:
	case CRASH_KASAN:
	case CRASH_KFENCE:
	case CRASH_REFCOUNT:
		return true;
	default:
		return false;
	}
}

/* A core function crashes of what it is given. Who gave it is suspected where it is no
 * part of the kernel's tree, or had not even been set up.
 */
static void find_suspect(const struct crash *crash, struct cause *cause)
{
	unsigned nr_above = 0;

	if (!can_be_handed_over(crash->kind) || !crash->has_site)
		return;
	if (crash->site.module[0]) {
		if (!crash->is_module_starting)
			return;
		cause->suspect = &crash->site;
		cause->suspicion = "the module crashed while it was loaded";
		return;
	}
	for (size_t i = 0; i < crash->nr_frames && nr_above < MAX_FRAMES_ABOVE; i++) {
		const struct site *site = &crash->frames[i].site;
		const char *flags = flags_of(crash, site->module);

		if (crash->frames[i].is_guess || !site->function[0])
			continue;
		if (!site->module[0]) {
			nr_above += !is_checker(site->function);
			continue;
		}
		if (!strchr(flags, 'O') && !strchr(flags, '+'))
			return;
		cause->suspect = site;
		cause->suspicion = strchr(flags, '+')
					   ? "a module that was being loaded called the "
					     "kernel's function that crashed"
					   : "a module from out of the tree called the "
					     "kernel's function that crashed";
		return;
	}
}

/* "name+0x180/0x180": kallsyms gives the last symbol before, which ends there. */
static void note_past_end(const struct site *site, struct cause *cause)
{
	if (site->function[0] && site_is_past_end(site))
		note(cause, "RIP is past the end of %s: that is not what ran",
		     site->function);
}

void cause_find(const struct crash *crash, const struct tables *tables,
		const struct instruction *instruction, const struct hit *target,
		unsigned version, struct cause *ret)
{
	struct question q = {
		.crash = crash,
		.tables = tables,
		.instruction = instruction,
		.target = target,
		.version = version,
		.access = errorcode_access(crash->error_code),
		.was_present = errorcode_has(crash->error_code, ERRORCODE_P),
		.is_user_mode = errorcode_has(crash->error_code, ERRORCODE_U),
	};
	struct cause cause = {0};

	note_past_end(&crash->site, &cause);
	cause.kind = decide(&q, &cause);
	note_flipped_bit(&q, &cause);
	find_suspect(crash, &cause);
	knowledge_fill(&cause, version);
	*ret = cause;
}
