/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What patterns of crashes mean: the decision. The facts are in knowledge.c. */
#include "oops/cause.h"

#include <inttypes.h>
#include <string.h>

#include "kcore/release.h"
#include "kcore/x86.h"
#include "oops/hint.h"
#include "oops/knowledge.h"
#include "oops/pointer.h"
#include "oops/protection.h"
#include "oops/report.h"

static const uint64_t CR4_SMAP = 1ULL << 21, EFLAGS_AC = 1ULL << 18;
enum { FIRST_FLIPPED_BIT = 30 };
/* Further down the call trace a module called much that it did not cause. */
enum { MAX_FRAMES_ABOVE = 4 };
/* The largest kernel stack (KASAN's) and its guard page. */
static const uint64_t MAX_STACK_BYTES = 64 * 1024;
static const uint64_t STACK_BYTES = 16 * 1024;

static bool is_kernel_pointer(uint64_t value)
{
	return value >> 47 == 0x1ffff;
}

static bool is_own_module(const struct cause_question *q)
{
	return q->crash->has_site && q->crash->site.module[0] && q->target->module[0] &&
	       strcmp(q->crash->site.module, q->target->module) == 0;
}

/* May the log's entries be believed? Only entries that explain the fault are. */
static bool is_code_page(const struct cause_question *q)
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
static void note_stored_pointer(const struct cause_question *q, struct cause *cause)
{
	const struct instruction *instruction = q->instruction;

	if (!instruction || !instruction->has_source || !instruction->source.has_value ||
	    instruction->memory.size_bytes != 8 ||
	    !is_in_module_area(instruction->source.value))
		return;
	cause_note(cause,
		   "the value stored, 0x%016" PRIx64
		   ", points into the module area: an own structure being linked in",
		   instruction->source.value);
}

static enum cause_kind of_lsm(const struct cause_question *q, struct cause *cause)
{
	const struct lsmpart *lsm = &q->target->lsm;
	const char *assumed = lsm->is_assumed ? " (by this release's usual layout)" : "";

	if (lsm->structure == LSMPART_STATIC_CALLS) {
		if (lsm->field)
			cause_note(cause, "the write goes to a static-call slot's %s: %s",
				   lsm->field, lsm->meaning);
		return CAUSE_LSM_STATIC_CALL;
	}
	if (lsm->structure == LSMPART_HOOK_ARRAY_UNUSED) {
		cause_note(
			cause,
			"since 6.12 %s_hooks is read only while booting: even a write that "
			"succeeds would hook nothing",
			lsm->owner);
		return CAUSE_LSM_STATIC_CALL;
	}
	if (lsm->structure == LSMPART_HOOK_HEADS)
		cause_note(cause, "the head of an LSM hook list: %s", lsm->meaning);
	else if (lsm->has_element && !lsm->field)
		cause_note(
			cause,
			"element %u of %s's hooks; which member is not known: the kernel's "
			"structures may be laid out at random",
			lsm->element, lsm->owner);
	else if (lsm->field)
		cause_note(cause, "element %u of %s's hooks, member %s%s: %s",
			   lsm->element, lsm->owner, lsm->field, assumed, lsm->meaning);
	note_stored_pointer(q, cause);
	return CAUSE_LSM_LIST;
}

static enum cause_kind of_image_write(const struct cause_question *q, struct cause *cause)
{
	const struct hit *target = q->target;

	if (target->lsm.structure != LSMPART_NONE)
		return of_lsm(q, cause);
	if (target->has_symbol && strstr(target->symbol, "sys_call_table")) {
		cause_note(cause, "slot %" PRIu64 " of %s%s%s", target->offset / 8,
			   target->symbol, target->entry[0] ? ", now " : "",
			   target->entry);
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

static enum cause_kind of_module_write(const struct cause_question *q,
				       struct cause *cause)
{
	const struct hit *target = q->target;

	if (target->module[0] && q->crash->site.module[0] && !is_own_module(q))
		cause_note(cause, "the memory belongs to %s, the code that writes to %s",
			   target->module, q->crash->site.module);
	switch (target->section) {
	case HIT_TEXT:
		return CAUSE_MODULE_TEXT;
	case HIT_RODATA:
		return CAUSE_MODULE_CONST;
	case HIT_RO_AFTER_INIT:
		if (target->is_section_by_release)
			cause_note(
				cause,
				"that %s is sealed once init has returned follows from the "
				"release alone",
				target->section_name);
		if (q->crash->is_module_starting && is_own_module(q))
			cause_note(cause,
				   "the module's init function has not returned yet, and "
				   "still the page is sealed");
		return CAUSE_MODULE_RO_AFTER_INIT;
	default:
		return is_code_page(q) ? CAUSE_MODULE_TEXT : CAUSE_MODULE_SEALED;
	}
}

/* Nothing else makes a page of page structures read-only (mm/hugetlb_vmemmap.c). */
static bool is_sealed_vmemmap(const struct cause_question *q)
{
	const struct tables *tables = q->tables;

	return q->target->region_name && strstr(q->target->region_name, "vmemmap") &&
	       tables->denial == TABLES_NO_RW && tables->denied_by >= 0 &&
	       tables->walk.steps[tables->denied_by].level == PT_PTE;
}

static bool is_in_direct_map(const struct hit *target)
{
	return target->region_name && strstr(target->region_name, "direct map");
}

/* A page that is mapped apart from the direct map, where nothing else that is known of
 * lies. A log without RSP leaves the area unknown.
 */
static bool is_read_only_mapping(const struct cause_question *q)
{
	const struct tables *tables = q->tables;
	const char *region = q->target->region_name;

	return tables->denial == TABLES_NO_RW && tables->walk.reason == PT_OK &&
	       tables->denied_by >= 0 &&
	       tables->walk.steps[tables->denied_by].level == PT_PTE &&
	       (region ? strncmp(region, "vmalloc", 7) == 0
		       : !registers_has(&q->crash->registers, REGISTER_RSP));
}

static enum cause_kind of_write(const struct cause_question *q, struct cause *cause)
{
	switch (q->target->kind) {
	case HIT_IMAGE:
		return of_image_write(q, cause);
	case HIT_MODULES:
		return of_module_write(q, cause);
	case HIT_KERNEL:
		cause->is_likely = true;
		if (crash_is_xen_pv(q->crash))
			return CAUSE_XEN_PV;
		if (hit_is_middle(q->crash->address))
			return CAUSE_SEALED;
		if (is_sealed_vmemmap(q))
			return CAUSE_VMEMMAP;
		if (q->instruction && q->instruction->match == INSTRUCTION_IMPLICIT &&
		    q->crash->address >= X86_CPU_ENTRY_AREA &&
		    q->crash->address < X86_CPU_ENTRY_AREA_END)
			return CAUSE_DESCRIPTOR;
		if (is_in_direct_map(q->target) && q->tables->denial == TABLES_NO_RW)
			return CAUSE_DIRECT_MAP;
		if (is_read_only_mapping(q))
			return CAUSE_VMAP;
		cause->is_likely = false;
		return CAUSE_UNKNOWN;
	default:
		return CAUSE_UNKNOWN;
	}
}

/* What the pointer was, where its value tells; CAUSE_UNKNOWN where it does not. */
static enum cause_kind of_pointer(const struct cause_question *q, struct cause *cause)
{
	uint64_t address = q->crash->address;
	struct pointer pointer = pointer_find(q->instruction, address);
	const struct instruction_operand *base = pointer.base;

	switch (pointer.kind) {
	case POINTER_NULL:
		if (base)
			cause_note(
				cause, "%s is NULL%s", base->name,
				!address ? ""
				: address >> 63
					? ", less an offset: a list entry or member "
					  "that is NULL, whose container was taken"
					: "; the offset is a member's place in what it "
					  "should point to");
		else if (address)
			cause_note(
				cause,
				"0x%" PRIx64
				" is a member's offset from NULL, or from another small "
				"number",
				address);
		return CAUSE_NULL;
	case POINTER_SMALL:
		/* Members that are structures lie at multiples of 8: &NULL->lock. */
		cause->is_likely = base->value % 8 == 0;
		cause_note(cause, "%s is 0x%" PRIx64 "%s", base->name, base->value,
			   cause->is_likely
				   ? ": the address of a member of NULL, unless it is a "
				     "number in a pointer's place"
				   : ", no NULL and no address");
		return cause->is_likely ? CAUSE_NULL : CAUSE_SMALL;
	case POINTER_NEGATIVE:
		if (base)
			cause_note(cause, "%s is %" PRId64, base->name,
				   (int64_t)base->value);
		else
			cause_note(cause, "the address is %" PRId64 " as a number",
				   (int64_t)address);
		return CAUSE_NEGATIVE;
	case POINTER_OTHER:
		break;
	}
	return CAUSE_UNKNOWN;
}

/* PTI sets NX in the kernel's own copy of the user half's root entries
 * (arch/x86/mm/pti.c:__pti_set_user_pgtbl()): the page itself may be executable.
 */
static void note_pti(const struct cause_question *q, struct cause *cause)
{
	const struct tables *tables = q->tables;

	if (tables->denial == TABLES_NX && tables->denied_by == 0 &&
	    tables->walk.steps[0].value & PT_USER)
		cause_note(
			cause,
			"NX in the root's entry is PTI's own, for the whole user half: "
			"it does not tell that the page is data");
}

/* Where the image is linked to, by System.map. */
static bool is_link_address(uint64_t address)
{
	return address - 0xffffffff81000000 < 64 << 20;
}

static void note_link_address(const struct cause_question *q, struct cause *cause)
{
	if (q->target->kind == HIT_IMAGE && is_link_address(q->crash->address) &&
	    (!q->crash->has_kernel_offset || q->crash->kernel_offset))
		cause_note(cause,
			   "an address of System.map or of another boot lies there; "
			   "where KASLR moved the image nothing does");
}

/* The kernel itself names what it could not execute. */
static void note_named_code(const struct crash *crash, const struct hit *target,
			    struct cause *cause)
{
	const char *name = crash->site.function;

	if (!name[0] || site_is_past_end(&crash->site))
		return;
	if (target->kind == HIT_IMAGE)
		cause_note(cause,
			   "%s is a variable, or a function of .init.text: that is freed "
			   "once the kernel has booted",
			   name);
	else if (crash->site.module[0])
		cause_note(cause,
			   "%s of module %s is a variable, or a function whose page is "
			   "not executable: an init function that was freed, or "
			   "a kernel that never made the module's code executable",
			   name, crash->site.module);
}

static bool is_on_stack(const struct hit *target)
{
	return target->region_name && strncmp(target->region_name, "the stack ", 10) == 0;
}

/* Who called: the first frame that is sure, behind the exception's own. */
static void note_calling(const struct crash *crash, struct cause *cause)
{
	for (size_t i = 0; i < crash->nr_frames; i++) {
		const struct site *site = &crash->frames[i].site;

		if (crash->frames[i].is_guess || !site->function[0] ||
		    site->has_no_offset || report_is_checker(site))
			continue;
		if (!strstr(site->function, "page_fault") &&
		    !strstr(site->function, "error_entry"))
			cause_note_site(cause, "by the call trace it was called from",
					site, "");
		return;
	}
}

static enum cause_kind of_fetch(const struct cause_question *q, struct cause *cause)
{
	if (!q->crash->site.function[0] && !q->was_present)
		note_calling(q->crash, cause);
	if (q->crash->address && q->crash->address < QUESTION_NULL_BYTES) {
		cause_note(cause, "0x%" PRIx64 " was called or jumped to",
			   q->crash->address);
		return CAUSE_SMALL;
	}
	if (!q->crash->address)
		return CAUSE_EXECUTE_NULL;
	if (q->target->kind == HIT_USER) {
		note_pti(q, cause);
		return CAUSE_EXECUTE_USER;
	}
	if (!q->was_present) {
		note_link_address(q, cause);
		return CAUSE_EXECUTE_UNMAPPED;
	}
	if (is_on_stack(q->target))
		cause_note(
			cause,
			"what ran is on a kernel stack: a return address or a function "
			"pointer was overwritten, or RSP was off when it returned");
	else if (q->target->has_symbol)
		cause_note(cause,
			   "%s is there: a variable that was called as a function, or "
			   "__init code that was freed",
			   q->target->symbol);
	else
		note_named_code(q->crash, q->target, cause);
	return CAUSE_EXECUTE_DATA;
}

/* Since 5.16 the kernel names the guard page below a stack only. A stack ends at a
 * multiple of its size, 16 KiB or more.
 */
static bool is_above_stack(const struct crash *crash)
{
	uint64_t stack = crash->registers.value[REGISTER_RSP];

	return registers_has(&crash->registers, REGISTER_RSP) && stack >> 56 == 0xff &&
	       crash->address - ((stack | (STACK_BYTES - 1)) + 1) < 4096;
}

/* mm/page_alloc.c:debug_pagealloc_unmap_pages(): an entry elsewhere is empty. */
static bool is_freed_page(const struct cause_question *q)
{
	const struct tables *tables = q->tables;

	return q->crash->is_pagealloc && tables->denial == TABLES_NOT_PRESENT &&
	       tables->denied_by >= 0 &&
	       tables->walk.steps[tables->denied_by].level == PT_PTE &&
	       tables->walk.steps[tables->denied_by].value != 0;
}

/* A 32-bit number that was negative, added to a pointer as if it were a size. */
static void note_negative_size(const struct cause_question *q, struct cause *cause)
{
	const struct registers *registers = &q->crash->registers;

	for (enum register_name size = 0; size <= REGISTER_R15; size++) {
		uint64_t value = registers->value[size];

		if (!registers_has(registers, size) || value > UINT32_MAX ||
		    (int32_t)value >= 0 || (int32_t)value < -4096)
			continue;
		for (enum register_name base = 0; base <= REGISTER_R15; base++) {
			if (!registers_has(registers, base) || base == size ||
			    !is_kernel_pointer(registers->value[base]) ||
			    registers->value[base] + value != q->crash->address)
				continue;
			cause_note(
				cause,
				"the address is %s plus %s, which is %d as a number of "
				"32 bits: a negative size or index",
				registers_name(base), registers_name(size),
				(int32_t)value);
			return;
		}
	}
}

/* Nothing is mapped from the espfix stacks to the firmware. One bit away may lie what was
 * meant.
 */
static void note_hole(const struct cause_question *q, struct cause *cause)
{
	const uint64_t hole = 0xffffff8000000000;
	uint64_t address = q->crash->address;

	if (address < hole || address >= X86_EFI)
		return;
	for (int bit = FIRST_FLIPPED_BIT; bit < 39; bit++) {
		uint64_t other = address ^ 1ULL << bit;

		if (other < X86_IMAGE_BASE || other >= X86_MODULES_END)
			continue;
		cause_note(
			cause,
			"nothing is ever mapped there, and bit %d alone makes it 0x%" PRIx64
			" in the mapping of the kernel and its modules: failing memory or a "
			"stray write",
			bit, other);
		return;
	}
}

/* KASAN's check read the shadow of what was to be accessed: of the kernel's half it lies
 * between the page structures and the CPUs' entry areas (mm.rst), one byte for eight.
 */
static const uint64_t SHADOW_OFFSET = 0xdffffc0000000000;

/* An inlined check keeps the offset in a register, and the address shifted in another. */
static bool has_check_registers(const struct crash *crash)
{
	const struct registers *registers = &crash->registers;
	bool has_offset = false, has_shifted = false;

	for (enum register_name name = 0; name <= REGISTER_R15; name++) {
		if (!registers_has(registers, name))
			continue;
		has_offset |= registers->value[name] == SHADOW_OFFSET;
		has_shifted |= registers->value[name] == crash->address - SHADOW_OFFSET;
	}
	return has_offset && has_shifted;
}

static void note_shadow(const struct cause_question *q, struct cause *cause)
{
	static const char *const checks[] = {"kasan_check_range", "check_memory_region",
					     "memory_is_", "__asan_", "__kasan_check_"};
	const struct crash *crash = q->crash;
	uint64_t shadowed = (crash->address - SHADOW_OFFSET) * 8;
	bool is_check = (q->instruction && q->instruction->is_shadow_check) ||
			has_check_registers(crash);

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		is_check |= strncmp(crash->site.function, checks[i], strlen(checks[i])) ==
			    0;
	if (is_check && crash->address >= 0xffffec0000000000 &&
	    crash->address < 0xfffffc0000000000)
		cause_note(cause,
			   "the address is that of KASAN's shadow alone: 0x%016" PRIx64
			   " was to be accessed, or checked%s",
			   shadowed,
			   is_in_module_area(shadowed)
				   ? ", where modules are: of one that is gone"
				   : "");
}

static enum cause_kind of_absent(const struct cause_question *q, struct cause *cause)
{
	enum cause_kind kind = of_pointer(q, cause);

	if (kind != CAUSE_UNKNOWN)
		return kind;
	if (is_above_stack(q->crash)) {
		cause->is_likely = true;
		cause_note(cause,
			   "0x%016" PRIx64 " is right above the stack that RSP is on",
			   q->crash->address);
		return CAUSE_STACK_OVERRUN;
	}
	if (q->target->kind == HIT_USER) {
		hint_user(q, q->crash->address, cause);
		return CAUSE_USER_UNMAPPED;
	}
	if (q->target->section == HIT_FREED_INIT && q->target->kind == HIT_IMAGE)
		return CAUSE_FREED_INIT;
	if (q->target->section == HIT_FREED_GAP)
		return CAUSE_FREED_INIT;
	if (q->target->module[0] && !is_own_module(q))
		cause_note(cause, "the address was in module %s", q->target->module);
	if (q->target->region_name && strstr(q->target->region_name, "page structures"))
		cause_note(cause,
			   "a page structure that is not there is of a page that is "
			   "none: a number between or beyond the memory that there is");
	note_shadow(q, cause);
	hint_page_structure(q, cause);
	note_negative_size(q, cause);
	note_hole(q, cause);
	note_link_address(q, cause);
	if (is_freed_page(q))
		cause_note(cause, "DEBUG_PAGEALLOC is on, and the PTE was left with its "
				  "PRESENT bit taken: the page had been freed");
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

static bool is_user_access(const struct cause_question *q)
{
	if (q->tables->denial == TABLES_SMAP)
		return true;
	return q->was_present && q->target->kind == HIT_USER &&
	       q->tables->denial != TABLES_PERMITTED && !is_smap_off(q->crash) &&
	       !crash_is_xen_pv(q->crash);
}

/* The entries permit what faulted. "Oops: 0003" leaves out bit 31, the reverse map's. */
static enum cause_kind of_permitted(const struct cause_question *q, struct cause *cause)
{
	cause->is_likely = true;
	cause_note(cause, "the entries in the log permit the access that faulted");
	if (crash_is_xen_pv(q->crash) && q->access == ERRORCODE_WRITE)
		return CAUSE_XEN_PV;
	if (!q->crash->has_all_error_bits &&
	    (!q->version || q->version >= RELEASE(6, 9))) {
		cause_note(
			cause,
			"they changed after the fault, or SEV-SNP's reverse map forbade "
			"it: its bit is in the \"#PF: error_code\" line alone");
		cause->is_likely = false;
		return CAUSE_UNKNOWN;
	}
	return CAUSE_CHANGED;
}

/* Since 4.19 the frame of an entry that is not present is kept inverted, against L1TF
 * (arch/x86/include/asm/pgtable-invert.h). In the direct map the address tells the frame.
 */
static bool is_inverted(const struct cause_question *q, uint64_t *ret)
{
	const uint64_t frame = 0x000ffffffffff000, gib = 1 << 30;
	const struct pt_walk *walk = &q->tables->walk;
	uint64_t physical;

	if (!q->tables->has_walk || !walk->nr_steps ||
	    walk->steps[walk->nr_steps - 1].level != PT_PTE || !(q->crash->address >> 63))
		return false;
	*ret = ~walk->steps[walk->nr_steps - 1].value & frame;
	physical = *ret | (q->crash->address & 0xfff);
	return (q->crash->address - physical) % gib == 0;
}

static enum cause_kind of_reserved(const struct cause_question *q, struct cause *cause)
{
	uint64_t frame;

	if (is_inverted(q, &frame)) {
		cause_note(cause,
			   "the PTE's frame is inverted, as the kernel keeps it while an "
			   "entry is not present: 0x%" PRIx64
			   " is meant, and PRESENT was "
			   "set without putting it right",
			   frame);
		return CAUSE_PAGE_TABLE;
	}
	if (q->tables->has_walk && q->tables->walk.reason == PT_OK) {
		cause->is_likely = true;
		cause_note(
			cause,
			"no entry of the log has such a bit: they changed, it is above "
			"what this CPU addresses, or a hypervisor that emulates made "
			"the error code up");
	}
	return CAUSE_PAGE_TABLE;
}

/* KVM writes the other vendor's hypercall instruction over the one that this CPU does not
 * have (arch/x86/kvm/x86.c:emulator_fix_hypercall()), as if the guest had stored it.
 */
static bool is_hypercall_patch(const struct cause_question *q)
{
	return q->instruction && q->instruction->is_hypercall &&
	       q->access == ERRORCODE_WRITE && q->was_present;
}

/* "NULL pointer dereference" is any address of the first page, an excerpt's all. */
static enum cause_kind of_null_word(const struct cause_question *q, struct cause *cause)
{
	enum cause_kind kind = of_pointer(q, cause);

	return kind == CAUSE_UNKNOWN ? CAUSE_NULL : kind;
}

/* An address that lies within 2 GiB of the code by its distance from it. Of the image and
 * of modules that is how each variable is reached, and what was freed there, too.
 */
static bool is_named_by_code(const struct cause_question *q)
{
	return q->instruction && q->instruction->has_rip && !q->was_present &&
	       !q->instruction->is_branch && q->target->kind != HIT_IMAGE &&
	       q->target->kind != HIT_MODULES && !hit_is_middle(q->crash->address) &&
	       q->crash->mode != CRASH_MODE_USER;
}

static enum cause_kind of_page_fault(const struct cause_question *q, struct cause *cause)
{
	if (errorcode_has(q->crash->error_code, ERRORCODE_RSVD))
		return of_reserved(q, cause);
	/* User mode here means a fault of user space that killed the kernel's entry path.
	 */
	if (q->is_user_mode)
		return CAUSE_UNKNOWN;
	if (q->access == ERRORCODE_FETCH)
		return of_fetch(q, cause);
	if (is_named_by_code(q))
		return CAUSE_MISPLACED;
	if (q->crash->address < QUESTION_NULL_BYTES)
		return of_null_word(q, cause);
	if (hint_is_negative_length(q, cause))
		return CAUSE_LENGTH;
	if (!q->was_present && hint_is_percpu(q)) {
		cause->is_likely = true;
		cause_note(
			cause,
			"the variable is the CPU's own: the code runs where it was not "
			"built for, or GS does not hold the CPU's base");
		return CAUSE_MISPLACED;
	}
	if (is_hypercall_patch(q))
		return CAUSE_HYPERCALL;
	if (errorcode_has(q->crash->error_code, ERRORCODE_RMP))
		return CAUSE_RMP;
	if (is_user_access(q)) {
		if (q->tables->walk.reason == PT_OK &&
		    (q->tables->walk.writable || q->access == ERRORCODE_READ))
			cause_note(
				cause, "%s",
				q->tables->denial == TABLES_SMAP
					? "every level allows user mode that access: only SMAP "
					  "refused, as EFLAGS.AC was clear"
					: "every level allows user mode that access: of what "
					  "the CPU checks SMAP alone is left");
		return CAUSE_USER_ACCESS;
	}
	if (!q->was_present && q->tables->denial == TABLES_PERMITTED) {
		cause->is_likely = true;
		cause_note(
			cause,
			"by the error code nothing was mapped, by the entries it is: they "
			"were filled in since, or a hypervisor made the fault up, as KVM "
			"does for string instructions on a device in an SEV guest");
		return CAUSE_CHANGED;
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

/* The guard page is below the stack, and another above: which was hit tells the story. */
static enum cause_kind of_stack(const struct cause_question *q, struct cause *cause)
{
	const struct crash *crash = q->crash;
	bool has_stack = registers_has(&crash->registers, REGISTER_RSP);
	uint64_t stack = crash->registers.value[REGISTER_RSP];

	/* A function's own frame reaches above RSP. */
	if (crash->address_from == CRASH_ADDRESS_UNKNOWN ||
	    (!crash->has_stack_bounds && instruction_stores_to_stack(q->instruction)))
		return CAUSE_STACK_OVERFLOW;
	if (crash->has_stack_bounds
		    ? crash->address > crash->stack_end
		    : has_stack && stack >> 63 && crash->address > stack &&
			      crash->address - stack <= MAX_STACK_BYTES) {
		cause_note(cause,
			   "the address that was hit, 0x%016" PRIx64 ", is above %s",
			   crash->address,
			   crash->has_stack_bounds ? "the stack's end" : "RSP");
		return CAUSE_STACK_OVERRUN;
	}
	return CAUSE_STACK_OVERFLOW;
}

/* A function that stands more than once in the trace, at the same place: not by chance,
 * and not the entry of an exception.
 */
static const struct site *find_cycle(const struct crash *crash)
{
	for (size_t i = 0; i < crash->nr_frames; i++) {
		const struct site *site = &crash->frames[i].site;

		if (crash->frames[i].is_guess || strstr(site->function, "asm_") ||
		    strstr(site->function, "exc_") || !site->function[0])
			continue;
		for (size_t k = i + 1; k < crash->nr_frames; k++)
			if (!crash->frames[k].is_guess &&
			    crash->frames[k].site.offset == site->offset &&
			    strcmp(crash->frames[k].site.function, site->function) == 0)
				return site;
	}
	return NULL;
}

static enum cause_kind of_recursion(const struct crash *crash, struct cause *cause)
{
	const struct site *site = find_cycle(crash);

	if (!site)
		return CAUSE_UNKNOWN;
	cause->is_likely = true;
	cause_note(cause,
		   "%s+0x%" PRIx64 " stands in the call trace more than once: recursion",
		   site->function, site->offset);
	return CAUSE_STACK_OVERFLOW;
}

/* Entering an exception pushes five words or six. An instruction that touches no memory
 * in a function, which was called, can fault twice by that alone: RSP is not at the top
 * of an empty stack there.
 */
static bool has_no_room(const struct cause_question *q, struct cause *cause)
{
	uint64_t stack = q->crash->registers.value[REGISTER_RSP];

	if (q->instruction || q->crash->code.at < 0 ||
	    stack % 4096 >= 6 * sizeof(stack) || !q->crash->site.function[0] ||
	    strstr(q->crash->site.function, "entry") ||
	    strstr(q->crash->site.function, "asm_"))
		return false;
	cause->is_likely = true;
	cause_note(cause,
		   "RSP is 0x%016" PRIx64
		   ": what entering an exception pushes goes to the "
		   "page below, where the stack's guard is",
		   stack);
	return true;
}

static enum cause_kind of_double_fault(const struct cause_question *q,
				       struct cause *cause)
{
	const struct registers *registers = &q->crash->registers;

	if (q->crash->mode == CRASH_MODE_USER)
		return CAUSE_DELIVERY;
	if (!registers_has(registers, REGISTER_RSP))
		return of_recursion(q->crash, cause);
	if (registers->value[REGISTER_RSP] >> 56 == 0xff) {
		if (has_no_room(q, cause))
			return CAUSE_STACK_OVERFLOW;
		if (!instruction_stores_to_stack(q->instruction))
			return of_recursion(q->crash, cause);
		cause->is_likely = true;
		cause_note(cause,
			   "the instruction at RIP stores to the stack, at 0x%016" PRIx64
			   ", and that faulted",
			   q->instruction->memory.address);
		return CAUSE_STACK_OVERFLOW;
	}
	cause_note(cause, "RSP is 0x%" PRIx64 ": the function at RIP may be anybody's",
		   registers->value[REGISTER_RSP]);
	return CAUSE_STACK_LOST;
}

/* The firmware's code runs in a mapping of its own: since 3.19 from -4 GiB down, in mixed
 * mode at its physical address, where the pages are the kernel's
 * (arch/x86/platform/efi/efi_64.c).
 */
static bool is_firmware(const struct cause_question *q)
{
	const struct crash *crash = q->crash;
	const struct tables *tables = q->tables;
	uint64_t rip = crash->site.address;

	if (crash->site.function[0] || crash->mode == CRASH_MODE_USER)
		return false;
	if (crash->has_site && crash->site.has_address && rip >= X86_EFI &&
	    rip < X86_EFI_END)
		return true;
	return crash->kind == CRASH_PAGE_FAULT && q->access == ERRORCODE_FETCH &&
	       q->was_present && q->target->kind == HIT_USER &&
	       tables->walk.reason == PT_OK && tables->has_walk && !tables->walk.user &&
	       tables->walk.pa == crash->address;
}

static enum cause_kind decide(const struct cause_question *q, struct cause *cause)
{
	if (is_firmware(q)) {
		cause->is_likely = true;
		cause_note(cause, "0x%" PRIx64 " is in the firmware's mapping",
			   q->crash->site.has_address ? q->crash->site.address
						      : q->crash->address);
		return CAUSE_EFI;
	}
	switch (q->crash->kind) {
	case CRASH_PAGE_FAULT:
		if (!q->crash->has_error_code &&
		    (q->crash->is_null_worded || q->crash->is_null_told))
			return of_null_word(q, cause);
		if (!q->crash->has_error_code &&
		    q->tables->denial == TABLES_NOT_PRESENT) {
			cause->is_likely = true;
			return of_absent(q, cause);
		}
		return q->crash->has_error_code &&
				       q->crash->address_from != CRASH_ADDRESS_UNKNOWN
			       ? of_page_fault(q, cause)
			       : CAUSE_UNKNOWN;
	case CRASH_GENERAL_PROTECTION:
		return protection_cause(q, cause);
	case CRASH_BUG:
		return report_of_bug(q, cause);
	case CRASH_LIST_CORRUPTION:
		return report_of_list(q, cause);
	case CRASH_CFI:
		return report_of_call(q, cause);
	case CRASH_MISSING_ENDBR:
		return report_of_endbr(q, cause);
	case CRASH_CR0_WP:
		cause_note(
			cause,
			"native_write_cr0() set CR0.WP again: the write that was to follow "
			"faults");
		return CAUSE_CR0_WP;
	case CRASH_STACK_OVERFLOW:
		return of_stack(q, cause);
	case CRASH_DOUBLE_FAULT:
		return of_double_fault(q, cause);
	case CRASH_INVALID_OPCODE:
		return report_of_opcode(q, cause);
	case CRASH_TRAP:
		return report_of_trap(q, cause);
	case CRASH_BAD_PAGETABLE:
		return CAUSE_PAGE_TABLE;
	default:
		return report_cause(q, cause);
	}
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
static void note_flipped_bit(const struct cause_question *q, struct cause *cause)
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
			cause_note(cause,
				   "%s=%016" PRIx64
				   " differs by bit %d alone from the page of "
				   "%s=%016" PRIx64
				   ", as failing memory or a stray write makes it",
				   bad->name, bad->value,
				   __builtin_ctzll((bad->value ^ good) & ~0xfffULL),
				   registers_name(name), good);
			return;
		}
	}
}

/* NULL with one bit set. Lower bits may be a number or a program's own address. */
static bool is_null_but_for_a_bit(uint64_t value)
{
	return value >> FIRST_FLIPPED_BIT && (value & (value - 1)) == 0;
}

/* A register that points into the page may be the base: more than one bit is set then. */
static bool is_page_held(const struct crash *crash, uint64_t page)
{
	const struct registers *registers = &crash->registers;

	for (enum register_name name = 0; name <= REGISTER_R15; name++)
		if (registers_has(registers, name) && registers->value[name] != page &&
		    (registers->value[name] & ~0xfffULL) == page)
			return true;
	return false;
}

static void note_bit_of_null(const struct cause_question *q, struct cause *cause)
{
	const struct instruction *in = q->instruction;
	uint64_t page = q->crash->address & ~0xfffULL;

	if (cause->kind != CAUSE_USER_UNMAPPED && cause->kind != CAUSE_NON_CANONICAL)
		return;
	for (size_t i = 0; in && i < in->nr_operands; i++)
		if (in->has_memory && in->operands[i].has_value &&
		    strstr(in->memory.expression, in->operands[i].name) &&
		    is_null_but_for_a_bit(in->operands[i].value))
			page = in->operands[i].value;
	if (q->crash->address_from != CRASH_ADDRESS_UNKNOWN &&
	    is_null_but_for_a_bit(page) && (in || !is_page_held(q->crash, page)))
		cause_note(cause,
			   "0x%" PRIx64
			   " is NULL but for bit %d: failing memory or a stray "
			   "write makes that, where NULL is an end or nothing",
			   page, __builtin_ctzll(page));
}

static const char *flags_of(const struct crash *crash, const char *module)
{
	for (size_t i = 0; i < crash->nr_modules; i++)
		if (strcmp(crash->modules[i].name, module) == 0)
			return crash->modules[i].flags;
	return "";
}

/* Who calls runs while the kernel's function loops or waits. */
static bool is_stuck(enum crash_kind kind)
{
	return kind == CRASH_LOCKUP || kind == CRASH_RCU_STALL;
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

/* "modprobe" and the like, whose frames the log may have lost. */
static bool is_loader(const char *comm)
{
	static const char *const names[] = {
		"insmod",	 "modprobe",	  "rmmod",	    "kmod",
		"systemd-udevd", "(udev-worker)", "systemd-modules"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(comm, names[i]) == 0)
			return true;
	return false;
}

/* The one module that was coming or going, where the call trace names nobody. */
static void note_moving_module(const struct crash *crash, struct cause *cause)
{
	const struct crash_module *moving = NULL;

	/* Another module may have been handed something by the one that moves. */
	if (cause->suspect || crash->is_module_starting || crash->is_module_going ||
	    !can_be_handed_over(crash->kind) || !is_loader(crash->comm))
		return;
	for (size_t i = 0; i < crash->nr_modules; i++) {
		if (!strpbrk(crash->modules[i].flags, "+-"))
			continue;
		if (moving)
			return;
		moving = &crash->modules[i];
	}
	if (moving)
		cause_note(
			cause, "module %s was being %s by %s: the suspect", moving->name,
			strchr(moving->flags, '+') ? "loaded" : "unloaded", crash->comm);
}

/* A core function crashes of what it is given. Who gave it is suspected where it is no
 * part of the kernel's tree, or had not even been set up.
 */
static void find_suspect(const struct crash *crash, struct cause *cause)
{
	unsigned nr_above = 0;

	if ((!can_be_handed_over(crash->kind) && !is_stuck(crash->kind)) ||
	    !crash->has_site)
		return;
	if (crash->site.module[0]) {
		if ((!crash->is_module_starting && !crash->is_module_going) ||
		    is_stuck(crash->kind))
			return;
		cause->suspect = &crash->site;
		cause->suspicion = crash->is_module_starting
					   ? "the module crashed while it was loaded"
					   : "the module crashed while it was unloaded";
		return;
	}
	for (size_t i = 0; i < crash->nr_frames && nr_above < MAX_FRAMES_ABOVE; i++) {
		const struct site *site = &crash->frames[i].site;
		const char *flags = flags_of(crash, site->module);

		if (crash->frames[i].is_guess || !site->function[0])
			continue;
		if (!site->module[0]) {
			nr_above += !report_is_checker(site);
			continue;
		}
		if (!strpbrk(flags, "O+-"))
			return;
		cause->suspect = site;
		cause->suspicion =
			is_stuck(crash->kind)
				? "a module from out of the tree, or one that was coming "
				  "or going, ran on the CPU that was stuck"
			: strchr(flags, '-')
				? "a module that was being unloaded called the "
				  "kernel's function that crashed"
			: strchr(flags, '+')
				? "a module that was being loaded called the "
				  "kernel's function that crashed"
				: "a module from out of the tree called the "
				  "kernel's function that crashed";
		return;
	}
}

/* The allocators keep their lists in the free objects themselves. */
static void note_allocator(const struct cause_question *q, struct cause *cause)
{
	static const char *const names[] = {
		"__kmalloc",	"kmalloc_trace",   "kmem_cache_alloc", "___slab_alloc",
		"__slab_alloc", "get_freepointer", "__kvmalloc",
	};
	const struct site *site = &q->crash->site;

	if (site->module[0] ||
	    (cause->kind != CAUSE_NON_CANONICAL && cause->kind != CAUSE_KERNEL_UNMAPPED &&
	     cause->kind != CAUSE_USER_UNMAPPED &&
	     (q->crash->kind != CRASH_GENERAL_PROTECTION ||
	      cause->kind != CAUSE_UNKNOWN)))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(site->function, names[i], strlen(names[i])) != 0)
			continue;
		cause_note(cause,
			   "%s follows links inside free objects: most likely one was "
			   "written to after it was freed, or beyond the one before, and "
			   "who allocates now is the victim (slub_debug=FZP, KASAN)",
			   site->function);
		return;
	}
}

/* What lies in the kernel's list of timers or work belongs to others. */
static void note_timers(const struct cause_question *q, struct cause *cause)
{
	static const char *const names[] = {
		"get_next_timer_interrupt",
		"__next_timer_interrupt",
		"run_timer_softirq",
		"__run_timers",
		"expire_timers",
		"call_timer_fn",
		"detach_if_pending",
		"enqueue_timer",
		"internal_add_timer",
		"__internal_add_timer",
		"cascade",
		"collect_expired_timers",
		"__collect_expired_timers",
		"timerqueue_add",
		"timerqueue_del",
		"insert_work",
		"pwq_activate_delayed_work",
	};
	const struct site *site = &q->crash->site;

	if (site->module[0] || !site->function[0] ||
	    (q->crash->kind != CRASH_PAGE_FAULT &&
	     q->crash->kind != CRASH_GENERAL_PROTECTION))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t bytes = strlen(names[i]);

		if (strncmp(site->function, names[i], bytes) != 0 ||
		    !strchr(".", site->function[bytes]))
			continue;
		cause_note(
			cause,
			"%s follows the links of timers or work that others queued: most "
			"likely one was freed, cleared or set up anew while queued, or its "
			"module is gone (DEBUG_OBJECTS_TIMERS)",
			site->function);
		return;
	}
}

/* Whose work a kworker ran, where RIP does not tell a module. */
static void note_work(const struct crash *crash, struct cause *cause)
{
	const struct site *work = &crash->work;

	if (crash->site.module[0] || strncmp(crash->comm, "kworker", 7) != 0)
		return;
	if (work->module[0])
		cause_note(cause,
			   "it ran in a work item of module %s: %s, of workqueue %s",
			   work->module, work->function, crash->workqueue);
	else if (work->has_address && is_in_module_area(work->address))
		cause_note(cause,
			   "it ran in a work item of a module, at 0x%016" PRIx64
			   ", of workqueue %s",
			   work->address, crash->workqueue);
}

/* A string that printf() was given is read where it formats it. */
static void note_formatted(const struct cause_question *q, struct cause *cause)
{
	static const char *const names[] = {"string", "string_nocheck"};
	const struct crash *crash = q->crash;

	if (crash->site.module[0] ||
	    (crash->kind != CRASH_PAGE_FAULT && crash->kind != CRASH_GENERAL_PROTECTION))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t bytes = strlen(names[i]);

		if (strncmp(crash->site.function, names[i], bytes) != 0 ||
		    !strchr(".", crash->site.function[bytes]))
			continue;
		cause_note(cause,
			   "%s formats for printf(): a string it was given with %%s "
			   "is not there, or no string",
			   crash->site.function);
		return;
	}
}

/* What the kernel had found before: Documentation/admin-guide/tainted-kernels.rst. */
static void note_taint(const struct crash *crash, struct cause *cause)
{
	if (strchr(crash->taint, 'M'))
		cause_note(cause, "a machine check came before (taint M): the hardware");
	/* mm/slub.c:slab_bug() sets it before it prints the taint. */
	if (strchr(crash->taint, 'B') && crash->kind != CRASH_SLAB)
		cause_note(cause,
			   "a damaged page or object was reported before (taint B): that "
			   "report comes first");
}

/* The frame behind the exception's entry code is where it came, if RIP is lost. Most
 * often it has the question mark of what was found on the stack.
 */
static void note_interrupted(const struct crash *crash, struct cause *cause)
{
	static const char *const entries[] = {
		"asm_exc_page_fault", "asm_exc_general_protection", "async_page_fault",
		"page_fault",	      "general_protection",	    "error_entry"};
	bool is_behind = false;

	if (crash->has_site ||
	    (crash->kind != CRASH_PAGE_FAULT && crash->kind != CRASH_GENERAL_PROTECTION))
		return;
	for (size_t i = 0; i < crash->nr_frames; i++) {
		const struct site *site = &crash->frames[i].site;

		if (is_behind && site->function[0] && !site->has_no_offset) {
			cause_note_site(cause, "by the call trace it came in", site, "");
			return;
		}
		for (size_t j = 0; j < sizeof(entries) / sizeof(entries[0]); j++)
			is_behind |= strcmp(site->function, entries[j]) == 0;
	}
}

/* arch/x86/mm/fault.c:page_fault_oops() looks at it. */
static void note_stack_end(const struct crash *crash, struct cause *cause)
{
	if (crash->is_stack_overrun)
		cause_note(cause,
			   "the kernel found the end of this task's stack overwritten: "
			   "it was used up, or something ran over it");
}

/* "name+0x180/0x180": kallsyms gives the last symbol before, which ends there. */
static void note_past_end(const struct site *site, struct cause *cause)
{
	if (site->function[0] && site_is_past_end(site))
		cause_note(cause, "RIP is past the end of %s: that is not what ran",
			   site->function);
}

/* Selectors of the kernel's GDT, and Xen's that a PV guest has. */
static void note_stack_selector(const struct crash *crash, struct cause *cause)
{
	enum { GDT_END = 0x80, XEN_START = 0xe000, XEN_END = 0xe080 };
	unsigned selector = crash->stack_selector;

	if (!crash->has_stack_selector || crash->kind == CRASH_UNKNOWN ||
	    selector < GDT_END || (selector >= XEN_START && selector < XEN_END))
		return;
	cause_note(cause,
		   "SS is %04x, which is no selector of the kernel's: the frame that the "
		   "exception left was written over or misplaced before it was read, and "
		   "RIP, RSP and EFLAGS with it",
		   selector);
}

/* Of a report whose beginning the log has lost. */
static void note_inferred(const struct crash *crash, struct cause *cause)
{
	if (!crash->is_inferred)
		return;
	cause->is_likely |= crash->code.at < 0;
	cause_note(cause, "the log has lost what happened: %s",
		   crash->kind == CRASH_BUG ? "the instruction at RIP is a BUG()'s"
		   : crash->code.at >= 0
			   ? "the instruction at RIP tells it by its operand"
			   : "that CR2 is no address of a program's tells it");
}

void cause_find(const struct crash *crash, const struct tables *tables,
		const struct instruction *instruction, const struct hit *target,
		unsigned version, struct cause *ret)
{
	struct cause_question q = {
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
	note_stack_selector(crash, &cause);
	cause.kind = decide(&q, &cause);
	note_inferred(crash, &cause);
	note_flipped_bit(&q, &cause);
	note_bit_of_null(&q, &cause);
	note_allocator(&q, &cause);
	note_timers(&q, &cause);
	note_formatted(&q, &cause);
	note_work(crash, &cause);
	note_taint(crash, &cause);
	note_stack_end(crash, &cause);
	note_interrupted(crash, &cause);
	find_suspect(crash, &cause);
	note_moving_module(crash, &cause);
	knowledge_fill(&cause, version);
	*ret = cause;
}
