/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel may have put at a place that it patches. */
#include "unchanged/siteforms.h"

#include <string.h>

#include "audit/names.h"
#include "audit/patched.h"
#include "unchanged/outside.h"
#include "unchanged/statickey.h"

enum {
	BRANCH_BYTES = 5,
	CALL_THUNK_BYTES = 16,
	THUNK_BYTES = 32, /* arch/x86/include/asm/nospec-branch.h: RETPOLINE_THUNK_SIZE */
	NR_REGISTERS = 16,
	CALL_OPERAND = 2, /* of opcode ff; 4: a jump */
	JUMP_BRANCH = 1,
	JUMP = 0xe9,
};
static const uint64_t KEY_FLAGS = 3;

/* Thunks of indirect branches, one after the other by register
 * (arch/x86/lib/retpoline.S); the last two count the depth of calls, since 6.2.
 */
static const char *const thunks[] = {"__x86_indirect_thunk_array",
				     "__x86_indirect_call_thunk_array",
				     "__x86_indirect_jump_thunk_array"};

static const char return_thunk[] = "x86_return_thunk", pv_ops[] = "pv_ops",
		  tracer[] = "ftrace_trace_function",
		  depth_start[] = "skl_call_thunk_template",
		  depth_end[] = "skl_call_thunk_tail";

/* What a native kernel puts in the place of a call, up to 5.12
 * (arch/x86/kernel/paravirt_patch.c).
 */
static const struct {
	const char *group, *ops, *member;
	unsigned nr;
	unsigned char code[6];
} natives[] = {
	{"irq", "pv_irq_ops", "save_fl", 2, {0x9c, 0x58}},
	{"irq", "pv_irq_ops", "restore_fl", 2, {0x57, 0x9d}},
	{"irq", "pv_irq_ops", "irq_disable", 1, {0xfa}},
	{"irq", "pv_irq_ops", "irq_enable", 1, {0xfb}},
	{"cpu", "pv_cpu_ops", "wbinvd", 2, {0x0f, 0x09}},
	{"cpu", "pv_cpu_ops", "swapgs", 3, {0x0f, 0x01, 0xf8}},
	{"cpu", "pv_cpu_ops", "usergs_sysret64", 6, {0x0f, 0x01, 0xf8, 0x48, 0x0f, 0x07}},
	{"mmu", "pv_mmu_ops", "read_cr2", 3, {0x0f, 0x20, 0xd0}},
	{"mmu", "pv_mmu_ops", "read_cr3", 3, {0x0f, 0x20, 0xd8}},
	{"mmu", "pv_mmu_ops", "write_cr3", 3, {0x0f, 0x22, 0xdf}},
	{"lock", "pv_lock_ops", "queued_spin_unlock", 3, {0xc6, 0x07, 0x00}},
	{"lock", "pv_lock_ops", "vcpu_is_preempted", 2, {0x31, 0xc0}},
};

/* One site. */
struct place {
	struct audit *audit;
	const struct sites *sites;
	const struct site *site;
	const unsigned char *built, *now; /* site->nr_bytes of each */
	struct patched code;		  /* what now begins with */
};

void siteforms_want(struct audit *audit)
{
	for (size_t i = 0; i < sizeof(thunks) / sizeof(thunks[0]); i++)
		audit_want(audit, thunks[i]);
	audit_want(audit, return_thunk);
	audit_want(audit, pv_ops);
	audit_want(audit, tracer);
	audit_want(audit, depth_start);
	audit_want(audit, depth_end);
}

/* Has what begins at @va such a name? */
static bool is_named(const struct audit *audit, uint64_t va, const char *words)
{
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, va);

	return symbol && symbol->address == va && strstr(symbol->name, words);
}

/* Bytes that count the depth, and how many. false: this kernel has none. */
static bool depth_code(const struct audit *audit, uint64_t *ret_va, size_t *ret_bytes)
{
	uint64_t end;

	if (!audit_symbol(audit, depth_start, ret_va) ||
	    !audit_symbol(audit, depth_end, &end) || end <= *ret_va ||
	    end - *ret_va > CALL_THUNK_BYTES)
		return false;
	*ret_bytes = end - *ret_va;
	return true;
}

bool siteforms_leads(const struct audit *audit, uint64_t target, uint64_t function)
{
	uint32_t is, wanted;
	size_t nr_bytes;
	uint64_t va;

	if (target == function)
		return true;
	return target < function && function - target <= CALL_THUNK_BYTES &&
	       depth_code(audit, &va, &nr_bytes) && function - target == nr_bytes &&
	       mappings_read(&audit->mappings, va, &wanted, sizeof(wanted)) == 0 &&
	       mappings_read(&audit->mappings, target, &is, sizeof(is)) == 0 &&
	       is == wanted;
}

/* Is at @va a jump by register @number: a thunk against ITS? */
static bool is_jump_by(const struct audit *audit, uint64_t va, int number)
{
	unsigned char code[3], at = number >= 8;

	return mappings_read(&audit->mappings, va, code, sizeof(code)) == 0 &&
	       (!at || code[0] == 0x41) && code[at] == 0xff &&
	       code[at + 1] == 0xe0 + number % 8;
}

bool siteforms_is_thunk_of(const struct audit *audit, uint64_t va, int number)
{
	return siteforms_register(audit, va) == number || is_jump_by(audit, va, number);
}

int siteforms_register(const struct audit *audit, uint64_t va)
{
	for (size_t i = 0; i < sizeof(thunks) / sizeof(thunks[0]); i++) {
		uint64_t start;

		if (audit_symbol(audit, thunks[i], &start) && va >= start &&
		    va - start < THUNK_BYTES * NR_REGISTERS &&
		    (va - start) % THUNK_BYTES == 0)
			return (int)((va - start) / THUNK_BYTES);
	}
	return -1;
}

bool siteforms_is_return_thunk(const struct audit *audit, uint64_t va)
{
	uint64_t thunk;

	if (audit_symbol(audit, return_thunk, &thunk) &&
	    mappings_read_word(&audit->mappings, thunk, &thunk) == 0 && thunk == va)
		return true;
	return is_named(audit, va, "return_thunk");
}

/* K8's nops have prefixes, P6's an operand (arch/x86/include/asm/nops.h). */
unsigned siteforms_filling(const unsigned char *code, size_t nr)
{
	static const struct {
		unsigned char operand, nr;
	} operands[] = {{0x00, 3}, {0x40, 4}, {0x44, 5}, {0x80, 7}, {0x84, 8}};
	static const unsigned char zero[5] = {0};
	unsigned n = 0;

	if (nr && code[0] == 0xcc)
		return 1;
	while (n < nr && (code[n] == 0x66 || code[n] == 0x2e))
		n++;
	if (n < nr && code[n] == 0x90)
		return n + 1;
	if (n + 3 > nr || code[n] != 0x0f || code[n + 1] != 0x1f)
		return 0;
	for (size_t i = 0; i < sizeof(operands) / sizeof(operands[0]); i++)
		if (code[n + 2] == operands[i].operand && n + operands[i].nr <= nr &&
		    memcmp(code + n + 3, zero, operands[i].nr - 3U) == 0)
			return n + operands[i].nr;
	return 0;
}

/* Is the place from @at on nothing but nops and breakpoints? */
static bool is_filled(const struct place *place, unsigned at)
{
	while (at < place->site->nr_bytes) {
		unsigned n = siteforms_filling(place->now + at,
					       place->site->nr_bytes - at);

		if (n == 0)
			return false;
		at += n;
	}
	return true;
}

static bool is_code(const struct place *place, const unsigned char *code, unsigned nr)
{
	return nr <= place->site->nr_bytes && memcmp(place->now, code, nr) == 0 &&
	       is_filled(place, nr);
}

static bool is_call(const struct place *place)
{
	return place->code.kind == PATCHED_CALL;
}

static bool is_branch(const struct place *place)
{
	return is_call(place) ||
	       (place->code.kind == PATCHED_JUMP && place->code.length == BRANCH_BYTES);
}

static enum siteform known(bool is_known)
{
	return is_known ? SITEFORM_KNOWN : SITEFORM_OTHER;
}

/* --- one kind each --- */

static enum siteform judge_lock(const struct place *place)
{
	return known(place->now[0] == 0xf0 || place->now[0] == 0x3e);
}

static enum siteform judge_seal(const struct place *place)
{
	unsigned char bytes[PATCHED_BYTES] = {0};

	memcpy(bytes, place->now, place->site->nr_bytes);
	return known(patched_skip_endbr(bytes) == place->site->nr_bytes);
}

/* A variable that nobody but the places themselves has, as compilers leave it: is the
 * value that of most of them?
 */
static enum siteform judge_votes(const struct place *place)
{
	const struct sites *sites = place->sites;
	size_t nr = 0, nr_same = 0;

	for (size_t i = 0; i < sites->nr_judged; i++) {
		const struct site *other = &sites->array[i];

		int64_t away = (int64_t)(other->va - place->site->va);

		if (other->kind != SITE_CONSTANT || other->key != place->site->key ||
		    other->va - sites->va + other->nr_bytes > sites->size_bytes)
			continue;
		nr++;
		nr_same += memcmp(place->now + away, place->now, other->nr_bytes) == 0;
	}
	return nr < 2 ? SITEFORM_BEYOND : known(2 * nr_same > nr);
}

/* include/asm-generic/runtime-const.h: an immediate is what the variable is. */
static enum siteform judge_constant(const struct place *place)
{
	unsigned char value[8];
	unsigned nr = place->site->nr_bytes;

	if (place->site->leads == 0)
		return judge_votes(place);
	if (nr > sizeof(value) ||
	    mappings_read(&place->audit->mappings, place->site->leads, value, nr) < 0)
		return SITEFORM_BEYOND;
	return known(memcmp(place->now, value, nr) == 0);
}

/* Of the kernel's own functions two are called there, and the compiler's until the first
 * boot code takes that out (kernel/trace/ftrace.c: ftrace_get_addr_new()).
 */
static enum siteform judge_ftrace(const struct place *place)
{
	static const char *const names[] = {"ftrace_caller", "ftrace_regs_caller",
					    "__fentry__"};
	const struct symbol *symbol = symbols_at(&place->audit->kernel->symbols,
						 place->code.target);

	if (place->code.kind == PATCHED_NOP)
		return SITEFORM_KNOWN;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_branch(place) && symbol && symbol->address == place->code.target &&
		    strcmp(symbol->name, names[i]) == 0)
			return SITEFORM_KNOWN;
	return SITEFORM_OTHER;
}

/* ftrace's own calls, which lead to whom it serves. Until ftrace first writes one it is
 * the compiler's, by way of what counts the depth of calls.
 */
static enum siteform judge_tracer(const struct place *place)
{
	struct patched built = patched_decode(place->built, place->site->va);
	uint64_t function;

	if (place->code.kind == PATCHED_NOP)
		return SITEFORM_KNOWN;
	return known(
		is_branch(place) &&
		(is_named(place->audit, place->code.target, "ftrace") ||
		 siteforms_leads(place->audit, place->code.target, built.target) ||
		 (audit_symbol(place->audit, tracer, &function) &&
		  mappings_read_word(&place->audit->mappings, function, &function) == 0 &&
		  place->code.target == function)));
}

static enum siteform judge_return(const struct place *place)
{
	if (place->now[0] == 0xc3)
		return known(is_filled(place, 1));
	return known(place->now[0] == 0xe9 &&
		     siteforms_is_return_thunk(place->audit, place->code.target));
}

/* arch/x86/kernel/alternative.c: patch_retpoline(): the same branch by the register
 * itself, perhaps behind lfence, filled up by prefixes or nops; of a condition, behind a
 * jump over it.
 */
static enum siteform judge_indirect(const struct place *place)
{
	static const unsigned char lfence[] = {0x0f, 0xae, 0xe8};
	const unsigned char *built = place->built, *now = place->now;
	bool has_prefix = built[0] == 0x2e, is_condition = built[0] == 0x0f;
	unsigned nr = place->site->nr_bytes, at = has_prefix || is_condition;
	bool is_a_call = built[at] == 0xe8;
	int32_t rel32;
	int number;

	memcpy(&rel32, built + at + 1, sizeof(rel32));
	number = siteforms_register(place->audit,
				    place->site->va + at + 5 + (uint64_t)(int64_t)rel32);
	if (number < 0)
		return SITEFORM_BEYOND;
	/* Another thunk of the same register. */
	if (memcmp(now, built, at + 1) == 0) {
		uint64_t target;

		memcpy(&rel32, now + at + 1, sizeof(rel32));
		target = place->site->va + at + 5 + (uint64_t)(int64_t)rel32;
		return known(siteforms_is_thunk_of(place->audit, target, number));
	}
	at = 0;
	if (is_condition) {
		if (now[0] != (0x70 | ((built[1] & 0xf) ^ 1)) || now[1] != nr - 2)
			return SITEFORM_OTHER;
		at = 2;
	}
	if (memcmp(now + at, lfence, sizeof(lfence)) == 0)
		at += sizeof(lfence);
	while (at < nr && now[at] == 0x2e)
		at++;
	if (number >= 8 && (at >= nr || now[at++] != 0x41))
		return SITEFORM_OTHER;
	return known(at + 2 <= nr && now[at] == 0xff &&
		     now[at + 1] == (is_a_call ? 0xd0 : 0xe0) + number % 8 &&
		     is_filled(place, at + 2));
}

/* A static key's place is a jump where the key is on or where it is off, as the table
 * says (include/linux/jump_label.h: jump_label_type()).
 */
static enum siteform judge_switch(const struct place *place)
{
	uint32_t count;
	bool is_jump = place->code.kind == PATCHED_JUMP;

	if ((!is_jump && place->code.kind != PATCHED_NOP) ||
	    place->code.length != place->site->nr_bytes ||
	    (is_jump && place->code.target != place->site->leads))
		return SITEFORM_OTHER;
	if (mappings_read(&place->audit->mappings, place->site->key & ~KEY_FLAGS, &count,
			  sizeof(count)) < 0)
		return SITEFORM_BEYOND;
	return known(is_jump ==
		     ((count != 0) != ((place->site->key & JUMP_BRANCH) != 0)));
}

/* A module that is not given a key names the key's trampoline in its place, which is
 * replaced when it is loaded (kernel/static_call_inline.c: static_call_add_module()).
 */
static uint64_t key_of(const struct place *place)
{
	struct symbols *symbols = &place->audit->kernel->symbols;
	uint64_t va = place->site->key & ~KEY_FLAGS;

	return statickey_is_trampoline(symbols, va) ? statickey_of(symbols, va) : va;
}

/* Functions whose code is put there itself, of which two came in 6.19 and later
 * (arch/x86/kernel/static_call.c: __static_call_transform()).
 */
static const struct {
	const char *function;
	unsigned char code[BRANCH_BYTES];
} bodies[] = {
	{"return0", {0x2e, 0x2e, 0x2e, 0x31, 0xc0}},
	{"return0", {0x66, 0x66, 0x48, 0x31, 0xc0}}, /* 5.11 to 6.0 */
	{"WARN_trap", {0x67, 0x48, 0x0f, 0xb9, 0x3a}},
	{"native_queued_spin_unlock", {0x3e, 0x3e, 0xc6, 0x07, 0x00}},
};

static bool is_body(const struct place *place, uint64_t function)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (is_code(place, bodies[i].code, BRANCH_BYTES) &&
		    is_named(place->audit, function, bodies[i].function))
			return true;
	return false;
}

/* A jump with a condition cannot be a return: it leads to one. */
static bool is_return(const struct audit *audit, uint64_t va)
{
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, va);

	return siteforms_is_return_thunk(audit, va) ||
	       (symbol && symbol->address == va &&
		strcmp(symbol->name, "__static_call_return") == 0);
}

static enum siteform judge_static_call(const struct place *place)
{
	uint64_t key = key_of(place), function, target = place->code.target;
	bool is_condition = place->site->nr_bytes > BRANCH_BYTES &&
			    place->now[0] == 0x0f && (place->now[1] & 0xf0) == 0x80;
	int32_t rel32;

	if (key == 0 || mappings_read_word(&place->audit->mappings, key, &function) < 0)
		return SITEFORM_BEYOND;
	if (is_condition) {
		memcpy(&rel32, place->now + 2, sizeof(rel32));
		target = place->site->va + 6 + (uint64_t)(int64_t)rel32;
	}
	/* A call stays one, and a jump; a trampoline of nobody's is built as a return. */
	if ((is_condition || is_branch(place)) &&
	    place->now[0] != (sites_says_more(place->site) ? JUMP : place->built[0]))
		return SITEFORM_OTHER;
	if (is_condition || is_branch(place))
		return known(function ? siteforms_leads(place->audit, target, function)
				      : is_return(place->audit, target));
	if (place->code.kind == PATCHED_RETURN || place->code.kind == PATCHED_NOP)
		return known(function == 0 &&
			     is_filled(place, place->code.kind == PATCHED_RETURN));
	return known(is_body(place, function));
}

/* A call to a function whose depth is counted goes to what lies before it. */
static enum siteform judge_call(const struct place *place)
{
	struct patched built = patched_decode(place->built, place->site->va);

	return known(is_call(place) &&
		     siteforms_leads(place->audit, place->code.target, built.target));
}

static bool is_native(const struct place *place)
{
	const struct types *types = &place->audit->kernel->types;

	for (size_t i = 0; i < sizeof(natives) / sizeof(natives[0]); i++) {
		uint32_t group, member;

		if (is_code(place, natives[i].code, natives[i].nr) &&
		    types_offset(types, "paravirt_patch_template", natives[i].group,
				 &group) == 0 &&
		    types_offset(types, natives[i].ops, natives[i].member, &member) ==
			    0 &&
		    group + member == place->site->leads)
			return true;
	}
	return false;
}

/* Up to 6.7: what the pointer of the operation says, called at once. */
static enum siteform judge_operation(const struct place *place)
{
	static const unsigned char same[] = {0x48, 0x89, 0xf8}, bug[] = {0x0f, 0x0b};
	struct audit *audit = place->audit;
	uint64_t function;

	if (memcmp(place->now, place->built, place->site->nr_bytes) == 0)
		return SITEFORM_KNOWN;
	if (!audit_symbol(audit, pv_ops, &function) ||
	    mappings_read_word(&audit->mappings, function + place->site->leads,
			       &function) < 0)
		return SITEFORM_BEYOND;
	if (is_branch(place) &&
	    is_call(place) == ((place->built[1] >> 3) % 8 == CALL_OPERAND) &&
	    siteforms_leads(audit, place->code.target, function))
		return known(is_filled(place, place->code.length));
	if (is_filled(place, 0))
		return known(is_named(audit, function, "nop"));
	if (is_code(place, same, sizeof(same)))
		return known(is_named(audit, function, "ident"));
	return known((function == 0 && is_code(place, bug, sizeof(bug))) ||
		     is_native(place));
}

static enum siteform (*const judges[SITE_NR])(const struct place *) = {
	[SITE_FTRACE] = judge_ftrace,	    [SITE_TRACER] = judge_tracer,
	[SITE_RETURN] = judge_return,	    [SITE_INDIRECT] = judge_indirect,
	[SITE_TARGET] = judge_switch,	    [SITE_KEY] = judge_static_call,
	[SITE_LOCK] = judge_lock,	    [SITE_SEAL] = judge_seal,
	[SITE_CONSTANT] = judge_constant,   [SITE_CALL] = judge_call,
	[SITE_OPERATION] = judge_operation,
};

/* Does a call of ftrace's lead to code that is neither the text's nor the image's? */
static bool is_outside(const struct place *place)
{
	uint64_t target = place->code.target;

	return (place->site->kind == SITE_FTRACE || place->site->kind == SITE_TRACER) &&
	       is_branch(place) &&
	       target - place->sites->va >= place->sites->size_bytes &&
	       outside_is_code(place->audit, target);
}

enum siteform siteforms_of(const struct sites *sites, struct audit *audit,
			   const struct image *image, const struct site *site,
			   const unsigned char *now)
{
	uint64_t at = site->va - sites->va;
	struct place place = {
		.audit = audit,
		.sites = sites,
		.site = site,
		.now = now + at,
		.built = image_at(image, site->va, site->nr_bytes),
	};
	unsigned char bytes[PATCHED_BYTES] = {0};

	if (!place.built || at + site->nr_bytes > sites->size_bytes ||
	    !judges[site->kind])
		return SITEFORM_BEYOND;
	for (unsigned i = 0; i < site->nr_bytes; i++)
		if ((sites->may[at + i] & SITES_COUNT) != 1)
			return SITEFORM_BEYOND;
	memcpy(bytes, place.now,
	       site->nr_bytes < sizeof(bytes) ? site->nr_bytes : sizeof(bytes));
	place.code = patched_decode(bytes, site->va);
	if (!sites_says_more(site) && memcmp(place.now, place.built, site->nr_bytes) == 0)
		return SITEFORM_KNOWN;
	if (is_outside(&place))
		return SITEFORM_KNOWN;
	return judges[site->kind](&place);
}

/* --- the depth of calls --- */

struct lift {
	const struct sites *sites;
	const struct image *image;
	unsigned char *now;
	unsigned char code[CALL_THUNK_BYTES];
	uint64_t va; /* of code */
	size_t nr_bytes, nr;
};

/* Puts back what lies before the function at @function, if that is it. */
static void lift(struct lift *lift, uint64_t function)
{
	enum { MODRM_AT = 3, REL_AT = 4, RIP_RELATIVE = 0x3d };
	uint64_t va = function - lift->nr_bytes, at = va - lift->sites->va;
	struct site site = {.va = va, .nr_bytes = (unsigned)lift->nr_bytes};
	struct place place = {.site = &site,
			      .now = image_at(lift->image, va, site.nr_bytes)};
	unsigned char code[CALL_THUNK_BYTES];
	uint32_t rel32;

	if (at >= lift->sites->size_bytes ||
	    lift->nr_bytes > lift->sites->size_bytes - at)
		return;
	memcpy(code, lift->code, sizeof(code));
	memcpy(&rel32, code + REL_AT, sizeof(rel32));
	rel32 += (uint32_t)(lift->va - va);
	if (code[MODRM_AT] == RIP_RELATIVE)
		memcpy(code + REL_AT, &rel32, sizeof(rel32));
	if (memcmp(lift->now + at, code, lift->nr_bytes) != 0 || !place.now ||
	    !is_filled(&place, 0))
		return;
	memcpy(lift->now + at, place.now, lift->nr_bytes);
	lift->nr++;
}

size_t siteforms_lift_thunks(const struct sites *sites, struct audit *audit,
			     const struct image *image, unsigned char *now)
{
	struct lift pass = {.sites = sites, .image = image, .now = now};

	if (!depth_code(audit, &pass.va, &pass.nr_bytes))
		return 0;
	if (mappings_read(&audit->mappings, pass.va, pass.code, pass.nr_bytes) < 0)
		return 0;
	for (uint64_t va = sites->va;
	     symbols_next_address(&audit->kernel->symbols, va, &va) &&
	     va - sites->va < sites->size_bytes;)
		lift(&pass, va);
	return pass.nr;
}
