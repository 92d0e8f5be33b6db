/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for what a kernel asks of the functions that it calls by pointers. */
#include "preflight/judge_branches.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "insn/code.h"
#include "kcore/array.h"
#include "module/kcfi.h"
#include "module/modsym.h"
#include "module/relocate.h"

enum { ENDBR_BYTES = 4, HASH_BYTES = 4, MAX_KEPT = 3 };

/* Addresses of functions that lack something. */
struct lacking {
	uint64_t *array;
	size_t nr, room;
};

struct branches {
	struct findings *findings;
	struct addrspace *space;
	const struct guards *guards;
	uint64_t init, exit; /* 0: none */
	struct lacking endbr;
};

static bool has_endbr(const struct modimage *mod, uint64_t va)
{
	static const unsigned char endbr64[ENDBR_BYTES] = {0xf3, 0x0f, 0x1e, 0xfa};
	unsigned char bytes[ENDBR_BYTES];

	return modimage_read(mod, va, bytes, sizeof(bytes)) == 0 &&
	       memcmp(bytes, endbr64, sizeof(bytes)) == 0;
}

/* arch/x86/kernel/alternative.c:apply_seal_endbr(): the loader takes the endbr64 of these
 * away; objtool lists what no pointer leads to. Entries are an s32 relative to
 * themselves.
 */
static bool is_sealed_away(const struct modimage *mod, uint64_t va)
{
	const struct kofile *file = mod->file;
	const struct kofile_section *list = kofile_section(file, ".ibt_endbr_seal");

	for (size_t i = 0; list && i < list->nr_rela; i++) {
		Elf64_Rela rela;
		uint64_t target;

		kofile_rela(list, i, &rela);
		if (relocate_target(mod, &rela, &target) && target == va)
			return true;
	}
	return false;
}

static void add_lacking(struct branches *branches, struct lacking *lacking, uint64_t va)
{
	if (array_reserve(&lacking->array, lacking->nr, &lacking->room,
			  sizeof(*lacking->array)) < 0)
		branches->findings->has_failed = true;
	else
		lacking->array[lacking->nr++] = va;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Each once, ascending. */
static void tidy(struct lacking *lacking)
{
	size_t nr = 0;

	if (lacking->nr)
		qsort(lacking->array, lacking->nr, sizeof(*lacking->array), compare);
	for (size_t i = 0; i < lacking->nr; i++)
		if (nr == 0 || lacking->array[nr - 1] != lacking->array[i])
			lacking->array[nr++] = lacking->array[i];
	lacking->nr = nr;
}

/* Does a function start at @va? Trampolines of static calls are only jumped to. */
static bool is_function(const struct modimage *mod, uint64_t va)
{
	size_t section = modimage_section_at(mod, va);
	const struct kofile_symbol *symbol;
	uint64_t offset;

	if (!section || !modsection_is_code(mod->sections[section].kind) ||
	    strcmp(mod->file->sections[section].name, ".static_call.text") == 0)
		return false;
	symbol = modsym_at(mod, va, &offset);
	return symbol && symbol->type == STT_FUNC && offset == 0;
}

static void look_at(struct branches *branches, uint64_t va)
{
	const struct modimage *mod = branches->space->mod;

	if (va == branches->init || va == branches->exit || !is_function(mod, va) ||
	    (has_endbr(mod, va) && !is_sealed_away(mod, va)))
		return;
	add_lacking(branches, &branches->endbr, va);
}

/* Is it an instruction that takes an address: lea symbol(%rip), or an immediate? */
static bool takes_address(const struct kofile_section *section, const Elf64_Rela *rela)
{
	uint32_t type = ELF64_R_TYPE(rela->r_info);
	const unsigned char *at;

	if (type == R_X86_64_64 || type == R_X86_64_32S || type == R_X86_64_32)
		return true;
	if (type != R_X86_64_PC32 || !section->data || rela->r_offset < 2 ||
	    rela->r_offset > section->size_bytes)
		return false;
	at = section->data + rela->r_offset;
	return at[-2] == 0x8d && (at[-1] & 0xc7) == 0x05;
}

/* Of PC32 the addend counts from the field; the target is 4 bytes further. */
static bool target_of(const struct modimage *mod, const Elf64_Rela *rela, uint64_t *ret)
{
	if (!relocate_target(mod, rela, ret))
		return false;
	if (ELF64_R_TYPE(rela->r_info) == R_X86_64_PC32)
		*ret += 4;
	return true;
}

/* What the module's data and code hold the address of may be called by it. The kernel's
 * own lists say nothing of that, nor do fix-ups.
 */
static void look_at_pointers(struct branches *branches)
{
	const struct modimage *mod = branches->space->mod;
	const struct kofile *file = mod->file;

	for (size_t i = 1; i < file->nr_sections; i++) {
		const struct kofile_section *section = &file->sections[i];
		bool is_code = modsection_is_code(mod->sections[i].kind);

		if ((!is_code && !code_is_data(mod, i)) ||
		    strcmp(section->name, "__ex_table") == 0 ||
		    strncmp(section->name, "__ksymtab", 9) == 0)
			continue;
		for (size_t j = 0; j < section->nr_rela; j++) {
			Elf64_Rela rela;
			uint64_t target;

			kofile_rela(section, j, &rela);
			if ((is_code ? takes_address(section, &rela)
				     : ELF64_R_TYPE(rela.r_info) == R_X86_64_64) &&
			    target_of(mod, &rela, &target))
				look_at(branches, target);
		}
	}
}

static void name_lacking(struct finding *finding, const struct modimage *mod,
			 const struct lacking *lacking)
{
	char names[160] = "";
	size_t nr = 0;

	for (size_t i = 0; i < lacking->nr && i < MAX_KEPT; i++) {
		uint64_t offset;
		const struct kofile_symbol *symbol = modsym_at(mod, lacking->array[i],
							       &offset);

		nr += (size_t)snprintf(names + nr, sizeof(names) - nr, "%s%.40s",
				       i ? ", " : "", symbol ? symbol->name : "?");
	}
	if (lacking->nr > MAX_KEPT)
		finding_note(finding, "%s and %zu more", names, lacking->nr - MAX_KEPT);
	else
		finding_note(finding, "%s", names);
}

/* How bad it is that the functions have no endbr64, and what to say of it. */
static enum finding_verdict weigh(const struct guards *guards, bool is_init,
				  const char **ret)
{
	if (guards->may_want_endbr) {
		*ret = "whether IBT is on here cannot be told (no BTF)";
		return FINDING_UNDECIDED;
	}
	if (!guards->wants_endbr) {
		*ret = "IBT is not on here; where it is, such a call ends in \"Missing "
		       "ENDBR\"";
		return FINDING_CLEAN;
	}
	if (guards->only_warns) {
		*ret = "\"Missing ENDBR\" is logged when they are called (ibt=warn)";
		return FINDING_CLEAN;
	}
	*ret = "\"Missing ENDBR\": a call of it ends in BUG()";
	return is_init ? FINDING_WOULD_FAULT : FINDING_SUSPECT;
}

static void tell_endbr(const struct branches *branches, const struct lacking *lacking,
		       bool is_init, const char *when)
{
	const char *words;
	enum finding_verdict verdict = weigh(branches->guards, is_init, &words);
	struct finding *finding;

	if (lacking->nr == 0)
		return;
	finding = finding_add(branches->findings, verdict, "ibt");
	if (!finding)
		return;
	finding->is_always_told = true;
	finding_set_site(finding, branches->space, lacking->array[0]);
	finding_note(finding, "no endbr64 where the kernel calls %s", when);
	name_lacking(finding, branches->space->mod, lacking);
	finding_note(finding, "%s", words);
}

static void judge_ibt(struct branches *branches)
{
	const struct modimage *mod = branches->space->mod;
	struct lacking init = {0};

	if (!branches->guards->knows_endbr)
		return;
	if (branches->init &&
	    (!has_endbr(mod, branches->init) || is_sealed_away(mod, branches->init)))
		add_lacking(branches, &init, branches->init);
	if (branches->exit &&
	    (!has_endbr(mod, branches->exit) || is_sealed_away(mod, branches->exit)))
		add_lacking(branches, &branches->endbr, branches->exit);
	look_at_pointers(branches);
	tidy(&branches->endbr);
	tell_endbr(branches, &init, true, "init");
	tell_endbr(branches, &branches->endbr, false, "by a pointer");
	free(init.array);
	free(branches->endbr.array);
}

/* The 4 bytes before a function that are compared. *@is_typed: the compiler's instruction
 * for them is there, mov $hash, %eax, which is never run.
 */
static uint32_t read_type(const struct branches *branches, uint64_t va, bool *is_typed)
{
	const struct modimage *mod = branches->space->mod;
	/* Where do_one_initcall() looks, else where the compiler puts it. */
	int8_t at = branches->guards->type_at ?: -HASH_BYTES;
	uint64_t hash_va = va + (uint64_t)(int64_t)at;
	unsigned char opcode = 0;
	uint32_t hash = 0;

	*is_typed = modimage_section_at(mod, hash_va - 1) ==
			    modimage_section_at(mod, va) &&
		    modimage_read(mod, hash_va - 1, &opcode, 1) == 0 && opcode == 0xb8;
	modimage_read(mod, hash_va, &hash, sizeof(hash));
	return hash;
}

/* The call of init. Others are compared by a dry run. */
static void judge_kcfi(const struct branches *branches)
{
	const struct guards *guards = branches->guards;
	struct finding *finding;
	bool is_typed;
	uint32_t type;

	if (!guards->checks_types || !branches->init)
		return;
	type = read_type(branches, branches->init, &is_typed);
	if (is_typed)
		type = kcfi_rehash(type, kcfi_seed(branches->space->kernel));
	if (guards->init_type ? type == guards->init_type : is_typed)
		return;
	finding = finding_add(branches->findings,
			      guards->only_reports ? FINDING_CLEAN : FINDING_WOULD_FAULT,
			      "kcfi");
	if (!finding)
		return;
	finding->is_always_told = true;
	finding_set_site(finding, branches->space, branches->init);
	if (is_typed)
		finding_note(finding,
			     "CFI failure at do_one_initcall (target: init, of type "
			     "0x%08" PRIx32 "; expected type: 0x%08" PRIx32 ")",
			     type, guards->init_type);
	else
		finding_note(finding,
			     "CFI failure at do_one_initcall (target: init, of no type): "
			     "the module was built without kCFI, which this kernel "
			     "checks");
	if (guards->only_reports)
		finding_note(finding, "it is logged, and the call is made (cfi=warn)");
}

void judge_branches(struct findings *findings, struct addrspace *space)
{
	const struct landmarks *landmarks = &space->landmarks;
	struct branches branches = {
		.findings = findings, .space = space, .guards = &landmarks->guards};

	modsym_entry(space->mod, false, landmarks->module_init, &branches.init);
	modsym_entry(space->mod, true, landmarks->module_exit, &branches.exit);
	judge_ibt(&branches);
	judge_kcfi(&branches);
}
