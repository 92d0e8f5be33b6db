/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One crash explained. */
#include "oops/explanation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/release.h"
#include "kcore/x86.h"
#include "pagetable/errorcode.h"

/* What the CPU sets in an entry by itself. */
static const uint64_t ACCESSED_AND_DIRTY = 1ULL << 5 | 1ULL << 6;

/* How many bytes before RIP the Code: line starts (arch/x86/kernel/dumpstack.c:
 * PROLOGUE_SIZE); the address in "Unable to access opcode bytes at" is that one.
 */
static const uint64_t PROLOGUE_BYTES = 42;

enum { SMALL_BYTES = 4096, NEAR_BYTES = 4096, MAX_IMAGE_BYTES = 256 << 20 };

static const char *find_missing(const struct crash *crash)
{
	if (crash->is_null_told)
		return NULL;
	if (crash->is_headless)
		return "its beginning, which says what happened";
	if (crash->is_mixed)
		return "which line is of which report: two were printed at one time";
	if (crash->kind == CRASH_UNKNOWN)
		return "what kind of crash it was";
	if (crash->kind != CRASH_PAGE_FAULT)
		return NULL;
	if (crash->address_from == CRASH_ADDRESS_UNKNOWN)
		return crash->has_error_code
			       ? "the address that faulted"
			       : "the address that faulted and the error code";
	/* A NULL pointer's head says enough, unless it was called. */
	if (crash->is_null_worded && crash->address < SMALL_BYTES && crash->has_site &&
	    crash->site.function[0])
		return NULL;
	return crash->has_error_code ? NULL : "the error code";
}

/* Nothing was mapped there: that is what an error code would say, unless the address was
 * called, and then RIP has no function.
 */
static bool is_told_by_tables(const struct explanation *explanation)
{
	const struct crash *crash = explanation->crash;

	return explanation->status == EXPLANATION_DAMAGED &&
	       crash->kind == CRASH_PAGE_FAULT && !crash->has_error_code &&
	       !crash->is_headless && !crash->is_mixed && !crash->is_table_line_cut &&
	       crash->address_from != CRASH_ADDRESS_UNKNOWN && crash->has_site &&
	       crash->site.function[0] &&
	       explanation->tables.denial == TABLES_NOT_PRESENT;
}

enum { INT3 = 0xcc };

/* Behind an int3 RIP is at the next instruction: the breakpoint is the byte before. */
static const char *step_back(const struct crash *crash, struct crash_code *code)
{
	if (strcmp(crash->die, "int3") != 0 || code->at < 0)
		return NULL;
	if (code->at == 0 || code->bytes[code->at - 1] != INT3)
		return "RIP is behind an int3 that is not in the log's bytes";
	code->at--;
	return NULL;
}

/* Why the marked bytes are not what crashed; NULL: they are. */
static const char *find_innocence(const struct crash *crash,
				  const struct instruction *instruction)
{
	if (crash->kind == CRASH_PAGE_FAULT && crash->has_error_code &&
	    errorcode_access(crash->error_code) == ERRORCODE_FETCH)
		return "the bytes at RIP were not executed: fetching them faulted";
	if (crash->kind == CRASH_MISSING_ENDBR)
		return "RIP is in the kernel's own reporter, not at the call";
	if (crash->kind == CRASH_LOCKUP || crash->kind == CRASH_RCU_STALL ||
	    crash->kind == CRASH_WORKQUEUE)
		return "the code at RIP was interrupted: it did not crash";
	if (crash->kind == CRASH_FIRMWARE)
		return "it was the firmware's, not the kernel's";
	if (crash->kind >= CRASH_BAD_PAGE)
		return "RIP is where the report was made: it did not crash";
	if (crash->kind == CRASH_REFCOUNT || crash->kind == CRASH_UBSAN ||
	    crash->kind == CRASH_CRED)
		return "RIP is in the kernel's own reporter";
	if (crash->kind == CRASH_LIST_CORRUPTION &&
	    strncmp(crash->site.function, "__list_", 7) == 0)
		return "RIP is in the kernel's own check of lists";
	if (crash->kind == CRASH_DOUBLE_FAULT && instruction && !instruction->has_memory)
		return "the instruction at RIP touches no memory: delivering an interrupt or "
		       "exception there faulted";
	return NULL;
}

static void decode_instruction(struct explanation *ret)
{
	struct crash_code code = ret->crash->code;
	const char *innocence = step_back(ret->crash, &code);
	int r = instruction_decode(ret->crash, &code, true, &ret->instruction);

	if (!innocence)
		innocence = find_innocence(ret->crash, r == 0 ? &ret->instruction : NULL);
	ret->is_mark_innocent = innocence;
	ret->has_instruction = r == 0 && !innocence;
	if (r == -EINVAL)
		ret->no_instruction = "the Code: bytes end inside it or are damaged";
	else if (r == -EILSEQ)
		ret->no_instruction =
			"the code may be 32-bit firmware's (EFI mixed mode)";
	else if (r == -ENOSYS)
		ret->no_instruction = "kwcheck was built without Zydis";
	else if (r < 0)
		ret->no_instruction =
			ret->crash->code.is_unreadable
				? "the kernel could not read the bytes at RIP"
			: ret->crash->code.nr
				? "which of the Code: bytes is RIP's, marked <..>, the "
				  "log has lost"
				: "the log has no Code: bytes";
	if (innocence)
		ret->no_instruction = innocence;
	if (ret->has_instruction && ret->instruction.has_rip) {
		ret->has_rip = true;
		ret->rip = ret->instruction.rip;
	} else if (ret->crash->site.has_address) {
		ret->has_rip = true;
		ret->rip = ret->crash->site.address;
	} else if (ret->crash->code.has_address) {
		ret->has_rip = true;
		ret->rip = ret->crash->code.address + PROLOGUE_BYTES;
	}
}

static const struct explanation_module *
find_module(const struct explanation_sources *sources, const char *name)
{
	for (size_t i = 0; i < sources->nr_modules; i++)
		if (sources->modules[i].fd >= 0 &&
		    (sources->modules[i].is_given ||
		     strcmp(sources->modules[i].name, name) == 0))
			return &sources->modules[i];
	return NULL;
}

/* The module's file: bytes to compare, or to decode where the log has none. */
static void read_modfile(const struct explanation_sources *sources,
			 struct explanation *ret)
{
	const struct crash *crash = ret->crash;
	const struct modfile *file = &ret->modfile;
	int r;

	if (!crash->has_site || !crash->site.module[0] || !crash->site.function[0])
		return;
	ret->module = find_module(sources, crash->site.module);
	if (!ret->module)
		return;
	r = modfile_read(ret->module->fd, &crash->site, &crash->code, &ret->modfile);
	if (r < 0) {
		ret->no_modfile = r == -ENOENT ? "the function is not in it"
					       : "not an uncompressed x86-64 module";
		return;
	}
	ret->has_modfile = true;
	if (ret->has_instruction || ret->is_mark_innocent ||
	    file->match == MODFILE_DIFFERENT)
		return;
	ret->is_instruction_from_file = ret->has_instruction =
		instruction_decode(crash, &file->code, !file->target[0],
				   &ret->instruction) == 0;
}

/* RIP is where an instruction starts; frames of the call trace are behind their calls. */
static void read_vmlinux(const struct explanation_sources *sources,
			 struct explanation *ret)
{
	struct explanation_vmlinux *vmlinux = &ret->vmlinux;
	const struct crash *crash = ret->crash;

	if (!sources->vmlinux)
		return;
	ret->has_vmlinux = true;
	vmlinux->match = vmlinux_compare(sources->vmlinux, sources->log, crash,
					 vmlinux->reason);
	vmlinux->site.why_not = "the file is of another kernel";
	if (vmlinux->match == VMLINUX_OTHER)
		return;
	vmlinux->site.why_not = crash->has_site_line ? "the RIP line is cut or damaged"
						     : "the RIP line is not in the log";
	if (crash->has_site)
		vmlinux_find(sources->vmlinux, &crash->site, false, &vmlinux->site);
	for (size_t i = 0; i < crash->nr_frames; i++)
		vmlinux_find(sources->vmlinux, &crash->frames[i].site, true,
			     &vmlinux->frames[i]);
}

/* Takes the target's section from the module's file, where nothing else tells it. */
static void take_section(const struct hit_sources *places, struct explanation *ret)
{
	struct hit *target = &ret->target;

	if (!ret->has_modfile || ret->modfile.match == MODFILE_DIFFERENT ||
	    !ret->modfile.target_section[0] || target->kind != HIT_MODULES ||
	    target->section != HIT_SECTION_UNKNOWN)
		return;
	hit_set_section(target, places, ret->crash->site.module,
			ret->modfile.target_section);
}

static bool find_own_address(const struct explanation *explanation, uint64_t *ret)
{
	const struct instruction *instruction = &explanation->instruction;
	const struct crash *crash = explanation->crash;

	/* 4.19's general protection fault names no address, that of releases before 5.12
	 * leaves the displacement out: the operand tells.
	 */
	if (crash->kind == CRASH_GENERAL_PROTECTION && explanation->has_instruction &&
	    instruction->has_memory && instruction->memory.has_address &&
	    !pt_is_canonical(instruction->memory.address, 4)) {
		*ret = instruction->memory.address;
		return true;
	}
	/* The kernel's "maybe for address" is then what a register held, as of "mov cr0".
	 */
	if (crash->kind == CRASH_GENERAL_PROTECTION && explanation->has_instruction &&
	    (!instruction->has_memory || instruction->is_return))
		return false;
	*ret = crash->address;
	return crash->address_from != CRASH_ADDRESS_UNKNOWN;
}

static bool find_address(const struct explanation *explanation, uint64_t *ret)
{
	uint64_t address = 0;
	bool has_address = find_own_address(explanation, &address);

	if (explanation->crash->kind == CRASH_GENERAL_PROTECTION &&
	    explanation->has_instruction && explanation->instruction.is_shadow_check) {
		*ret = explanation->instruction.shadowed;
		return true;
	}
	if (explanation->crash->kind == CRASH_GENERAL_PROTECTION &&
	    crash_shadowed(explanation->crash, address, ret))
		return true;
	*ret = address;
	return has_address;
}

/* No stack of the kernel's and no object that KASAN or KFENCE knows lies elsewhere. */
static unsigned find_levels(const struct explanation *explanation)
{
	const struct crash *crash = explanation->crash;
	const struct registers *registers = &crash->registers;
	uint64_t stack = registers->value[REGISTER_RSP];

	if (explanation->tables.has_walk)
		return explanation->tables.format.levels;
	if (registers_has(registers, REGISTER_RSP) && crash->kind != CRASH_DOUBLE_FAULT &&
	    stack >> 56 == 0xff && !pt_is_canonical(stack, 4))
		return 5;
	return (crash->kind == CRASH_KASAN || crash->kind == CRASH_KFENCE) &&
			       crash->address_from != CRASH_ADDRESS_UNKNOWN &&
			       crash->address >> 56 == 0xff &&
			       !strstr(crash->detail, "wild-memory-access") &&
			       !pt_is_canonical(crash->address, 4)
		       ? 5
		       : 4;
}

/* A pointer into the same page is likely the operand's base. */
static void find_near(struct explanation *ret)
{
	const struct registers *registers = &ret->crash->registers;

	if (ret->has_instruction || !ret->has_target || ret->target.kind < HIT_IMAGE)
		return;
	for (enum register_name name = 0; name <= REGISTER_R15; name++) {
		int64_t offset = (int64_t)(ret->target.address - registers->value[name]);

		if (!registers_has(registers, name) || offset < -NEAR_BYTES ||
		    offset > NEAR_BYTES ||
		    (ret->has_near && llabs(offset) >= llabs(ret->near_offset)))
			continue;
		ret->has_near = true;
		ret->near = name;
		ret->near_offset = offset;
	}
}

static void walk_live(struct kernel *kernel, struct explanation *ret)
{
	const struct pt_walk *then = &ret->tables.walk;
	bool is_live_cut;

	if (ret->crash->kind != CRASH_PAGE_FAULT || !ret->has_target ||
	    !(ret->target.address >> 63) || ret->target.kind == HIT_NON_CANONICAL)
		return;
	pt_walk(&kernel->pt, ret->target.address, &ret->live);
	ret->has_live_walk = true;
	if (!ret->tables.has_walk)
		return;
	is_live_cut = pt_is_unreadable(ret->live.reason);
	for (unsigned i = 0; i < then->nr_steps && i < ret->live.nr_steps; i++) {
		bool is_unread = (then->reason == PT_UNREADABLE &&
				  i + 1 == then->nr_steps) ||
				 (is_live_cut && i + 1 == ret->live.nr_steps);

		/* The root's entry is the process's copy: its software bits are its own.
		 */
		if (!is_unread && (then->steps[i].value ^ ret->live.steps[i].value) &
					  ~ACCESSED_AND_DIRTY)
			ret->changed_levels |= 1U << then->steps[i].level;
	}
	if (then->nr_steps != ret->live.nr_steps && then->reason != PT_UNREADABLE &&
	    !is_live_cut)
		ret->changed_levels |= 1U << then->steps[then->nr_steps - 1].level;
}

/* No image is larger: pointers further apart are not both into it. */
static bool is_beyond_image(uint64_t pointer, uint64_t address)
{
	return pointer >= X86_IMAGE_BASE && pointer < address &&
	       address - pointer > MAX_IMAGE_BYTES;
}

/* The image lies in physical memory as it does in the virtual one, moved by a multiple of
 * 2 MiB (arch/x86/kernel/head64.c:__startup_64()). A PV guest's entries hold Xen's
 * addresses.
 */
static bool is_in_no_image(const struct explanation *e, uint64_t address)
{
	return e->tables.has_walk && e->tables.walk.reason == PT_OK &&
	       e->tables.denial != TABLES_CONTRADICTION && !crash_is_xen_pv(e->crash) &&
	       (address ^ e->tables.walk.pa) % (2 << 20);
}

/* Whose @address between 512 MiB and 1 GiB of the image's mapping is, by where code of
 * the kernel and of modules ran.
 */
static enum hit_middle find_middle(const struct explanation *e, uint64_t address,
				   unsigned version)
{
	const struct crash *crash = e->crash;
	bool is_named = crash->has_site && crash->site.function[0] && e->has_rip;
	bool is_module = crash->site.module[0];

	if (is_in_no_image(e, address))
		return HIT_MIDDLE_MODULES;
	if (is_named && hit_is_middle(e->rip))
		return is_module ? HIT_MIDDLE_MODULES : HIT_MIDDLE_IMAGE;
	if (is_named && is_module && e->rip >= X86_MODULES_START)
		return HIT_MIDDLE_IMAGE;
	if (crash->has_kernel_offset && crash->kernel_offset)
		return HIT_MIDDLE_IMAGE;
	/* "Kernel Offset: disabled": the image is at its first 512 MiB. */
	if (crash->has_kernel_offset || version < RELEASE(4, 12) ||
	    (is_named && !is_module && is_beyond_image(e->rip, address)))
		return HIT_MIDDLE_UNKNOWN;
	for (enum register_name name = 0; name <= REGISTER_R15; name++)
		if (registers_has(&crash->registers, name) &&
		    is_beyond_image(crash->registers.value[name], address))
			return HIT_MIDDLE_UNKNOWN;
	/* What is gone from there may have been a module's, in a kernel without KASLR. */
	return e->tables.denial == TABLES_NOT_PRESENT ? HIT_MIDDLE_UNKNOWN
						      : HIT_MIDDLE_IMAGE;
}

/* What the log tells of the address space. A PV guest's entries hold Xen's addresses. */
static void take_circumstances(const struct explanation *e, struct hit_sources *places)
{
	const struct crash *crash = e->crash;

	if (e->tables.has_walk && !crash_is_xen_pv(crash) &&
	    (e->tables.walk.reason == PT_OK ||
	     e->tables.walk.reason == PT_PROTECTION_KEY)) {
		places->has_physical = true;
		places->physical = e->tables.walk.pa;
	}
	/* Of a page that was taken out of the mapping the entry keeps the frame. */
	if (e->tables.has_walk && e->tables.denial == TABLES_NOT_PRESENT &&
	    e->tables.denied_by >= 0 && !crash_is_xen_pv(crash) &&
	    e->tables.walk.steps[e->tables.denied_by].level == PT_PTE)
		places->absent_entry = e->tables.walk.steps[e->tables.denied_by].value;
	/* TAINT_RANDSTRUCT, set from the start of such a kernel. */
	places->is_shuffled = strchr(crash->taint, 'T') != NULL;
	places->has_stack = registers_has(&crash->registers, REGISTER_RSP);
	places->stack = crash->registers.value[REGISTER_RSP];
	places->has_task_stack = crash->has_task_stack;
	places->task_stack = crash->task_stack;
	places->registers = &crash->registers;
	places->is_kaslr_off = (crash->has_kernel_offset && !crash->kernel_offset) ||
			       (places->version && places->version < RELEASE(4, 8));
}

void explanation_make(const struct crash *crash,
		      const struct explanation_sources *sources, struct explanation *ret)
{
	struct hit_sources places = {
		.file_symbols = sources->file_symbols,
		.version = release_number(crash->release),
		.levels = 4,
	};
	const struct pt_format *format = NULL;
	uint64_t address = 0;

	*ret = (struct explanation){.crash = crash};
	ret->missing = find_missing(crash);
	ret->status = ret->missing ? EXPLANATION_DAMAGED : EXPLANATION_WHOLE;
	if (crash->foreign && !crash->is_32bit_kernel) {
		ret->status = EXPLANATION_REFUSED;
		ret->missing = NULL;
		ret->refusal = crash->foreign;
		return;
	}
	if (crash->is_32bit_kernel) {
		ret->status = EXPLANATION_REFUSED;
		ret->missing = NULL;
		ret->refusal =
			"a 32-bit kernel's, by its registers and page tables: kwcheck "
			"explains x86-64 alone";
		return;
	}
	boot_compare(sources->kernel, sources->facts, sources->log, crash, &ret->boot);
	if (ret->boot.verdict == BOOT_SAME) {
		places.kernel = sources->kernel;
		places.sections = sources->sections;
		places.nr_sections = sources->nr_sections;
		format = &sources->kernel->pt.format;
	}
	decode_instruction(ret);
	read_modfile(sources, ret);
	read_vmlinux(sources, ret);
	tables_read(crash, format, &ret->tables);
	if (is_told_by_tables(ret)) {
		ret->missing = NULL;
		ret->status = EXPLANATION_WHOLE;
	}
	places.levels = find_levels(ret);
	ret->has_target = find_address(ret, &address);
	take_circumstances(ret, &places);
	if (ret->has_target && hit_is_middle(address))
		places.middle = find_middle(ret, address, places.version);
	if (ret->has_target)
		hit_find(&places, address, &ret->target);
	take_section(&places, ret);
	find_near(ret);
	if (ret->boot.verdict == BOOT_SAME)
		walk_live(sources->kernel, ret);
	if (ret->status == EXPLANATION_WHOLE)
		cause_find(crash, &ret->tables,
			   ret->has_instruction ? &ret->instruction : NULL, &ret->target,
			   places.version, &ret->cause);
}
