/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions only init can reach. */
#include "dataflow/reach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "insn/expand.h"
#include "kcore/array.h"
#include "module/relocate.h"

/* A reference from code or data to code. */
struct reference {
	uint64_t from, to; /* from 0: data */
};

struct references {
	struct reference *array;
	size_t nr, room;
};

static int add(struct references *references, uint64_t from, uint64_t to)
{
	if (array_reserve(&references->array, references->nr, &references->room,
			  sizeof(*references->array)) < 0)
		return -ENOMEM;
	references->array[references->nr++] = (struct reference){.from = from, .to = to};
	return 0;
}

/* Collects branches, and immediates that are a function's address. */
static int collect_code(const struct code *code, struct references *references)
{
	struct insn scratch;
	int r = 0;

	for (size_t i = 0; i < code->nr_sections; i++) {
		const struct code_section *section = &code->sections[i];

		for (size_t j = section_next_notable(section, 0, section->nr_insns);
		     r == 0 && j < section->nr_insns;
		     j = section_next_notable(section, j + 1, section->nr_insns)) {
			const struct insn *insn = expand_peek(section, j, &scratch);
			bool is_branch = insn->src == INSN_IMMEDIATE &&
					 (insn->op == INSN_CALL || insn->op == INSN_JMP ||
					  insn->op == INSN_JCC);

			if ((is_branch || insn->imm_symbol) &&
			    code_section_of(code, (uint64_t)insn->imm))
				r = add(references, section_va(section, insn),
					(uint64_t)insn->imm);
			if (r == 0 && insn->disp_symbol &&
			    code_section_of(code, (uint64_t)insn->disp))
				r = add(references, section_va(section, insn),
					(uint64_t)insn->disp);
		}
	}
	return r;
}

static int collect_data(const struct code *code, struct references *references)
{
	const struct modimage *mod = code->mod;
	const struct kofile *file = mod->file;
	int r = 0;

	for (size_t i = 1; i < file->nr_sections; i++) {
		const struct kofile_section *section = &file->sections[i];

		if (!code_is_data(mod, i))
			continue;
		for (size_t j = 0; r == 0 && j < section->nr_rela; j++) {
			Elf64_Rela rela;
			uint64_t target;

			kofile_rela(section, j, &rela);
			/* A reference to .init.text is struct module's init, which is
			 * what init-only means.
			 */
			if (!relocate_target(mod, &rela, &target) ||
			    !code_section_of(code, target))
				continue;
			if (mod->sections[modimage_section_at(mod, target)].kind !=
			    MODSECTION_INIT_TEXT)
				r = add(references, 0, target);
		}
	}
	return r;
}

static struct reach_function *function_of(const struct reach *reach, uint64_t va)
{
	size_t nr = array_below(reach->functions, reach->nr_functions,
				sizeof(*reach->functions),
				offsetof(struct reach_function, va), va + 1);

	return nr ? &reach->functions[nr - 1] : NULL;
}

static bool is_init_text(const struct code *code, uint64_t va)
{
	const struct modimage *mod = code->mod;

	return modimage_kind_at(mod, va) == MODSECTION_INIT_TEXT;
}

static int list_functions(struct reach *reach)
{
	const struct code *code = reach->code;
	size_t nr = 0;

	for (size_t i = 0; i < code->nr_sections; i++)
		for (size_t j = 0; j <= code->sections[i].nr_insns / 64; j++)
			nr += (size_t)__builtin_popcountll(
				code->sections[i].functions[j]);
	reach->functions = calloc(nr ? nr : 1, sizeof(*reach->functions));
	if (!reach->functions)
		return -ENOMEM;
	/* Sections are placed in ascending order of kind, not of number. */
	for (size_t i = 0; i < code->nr_sections; i++) {
		const struct code_section *section = &code->sections[i];

		for (size_t j = section_next(section->functions, 0, section->nr_insns);
		     j < section->nr_insns;
		     j = section_next(section->functions, j + 1, section->nr_insns))
			reach->functions[reach->nr_functions++] = (struct reach_function){
				.va = section->va + section->starts[j].offset,
				.is_init_only = true};
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct reach_function *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

/* Takes the claim from every function that something else refers to, until none falls. */
static void settle(struct reach *reach, const struct references *references)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < references->nr; i++) {
			const struct reference *reference = &references->array[i];
			struct reach_function *to = function_of(reach, reference->to);
			const struct reach_function *from;

			if (!to || !to->is_init_only)
				continue;
			from = reference->from ? function_of(reach, reference->from)
					       : NULL;
			if (from == to)
				continue;
			if (from && (from->is_init_only ||
				     is_init_text(reach->code, reference->from)))
				continue;
			to->is_init_only = false;
			changed = true;
		}
	}
}

int reach_open(struct reach *ret, const struct code *code)
{
	struct reach reach = {.code = code};
	struct references references = {0};
	unsigned char *is_referred = NULL;
	int r = list_functions(&reach);

	if (r == 0)
		r = collect_code(code, &references);
	if (r == 0)
		r = collect_data(code, &references);
	if (r == 0) {
		qsort(reach.functions, reach.nr_functions, sizeof(*reach.functions),
		      compare);
		is_referred = calloc(reach.nr_functions + 1, 1);
		r = is_referred ? 0 : -ENOMEM;
	}
	if (r == 0) {
		/* A function that nothing refers to is reached in a way that is not seen
		 * here.
		 */
		for (size_t i = 0; i < references.nr; i++) {
			struct reach_function *to = function_of(&reach,
								references.array[i].to);

			if (to)
				is_referred[to - reach.functions] = 1;
		}
		for (size_t i = 0; i < reach.nr_functions; i++)
			reach.functions[i].is_init_only = is_referred[i];
		settle(&reach, &references);
		*ret = reach;
	} else {
		free(reach.functions);
	}
	free(is_referred);
	free(references.array);
	return r;
}

void reach_close(struct reach *reach)
{
	free(reach->functions);
	memset(reach, 0, sizeof(*reach));
}

bool reach_is_init_only(const struct reach *reach, uint64_t va)
{
	const struct reach_function *function;

	if (is_init_text(reach->code, va))
		return true;
	function = function_of(reach, va);
	return function && function->is_init_only;
}
