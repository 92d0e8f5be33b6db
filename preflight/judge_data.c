/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings from a module's data alone. */
#include "preflight/judge_data.h"

#include <string.h>

#include "insn/code.h"
#include "kcore/region.h"
#include "kcore/sealednames.h"
#include "module/relocate.h"

/* How long the names of sealednames.def are. */
enum { SHORTEST = 9, LONGEST = 96 };

static bool was_looked_up(const struct flow_events *events, uint64_t va)
{
	for (size_t i = 0; i < events->nr_lookups; i++)
		if (events->lookups[i].string == va)
			return true;
	return false;
}

/* Every NUL-terminated string of a section; the first may lack a NUL before it. */
static void check_strings(struct findings *findings, struct addrspace *space,
			  size_t section, const struct flow_events *events, bool is_blind)
{
	const struct kofile_section *of = &space->mod->file->sections[section];
	uint64_t va = space->mod->sections[section].va;
	const char *start = (const char *)of->data, *end = start + of->size_bytes;

	for (const char *string = start, *nul; string < end; string = nul + 1) {
		struct finding *finding;
		uint64_t at = va + (uint64_t)(string - start);

		/* Relocated data is all NULs. */
		nul = string;
		if (!*string)
			continue;
		nul = memchr(string, '\0', (size_t)(end - string));
		if (!nul)
			break;
		if (nul - string < SHORTEST || nul - string > LONGEST ||
		    !sealednames_is_telling(string) || was_looked_up(events, at))
			continue;
		finding = finding_add(
			findings, is_blind ? FINDING_UNDECIDED : FINDING_SUSPECT, "name");
		if (!finding)
			return;
		finding_set_site(finding, space, at);
		finding_note(
			finding,
			"the string \"%s\" is in the module: it names what modules have no "
			"business with, and how it is used could not be followed%s",
			string,
			is_blind
				? ": the layout of struct kprobe, by which the module may "
				  "look names up, is not known (no BTF)"
				: "");
	}
}

/* A kernel that lists functions only finds no object by its name. What the module does
 * with the 0 that it gets is followed by no one.
 */
static void check_lookups(struct findings *findings, struct addrspace *space,
			  const struct flow_events *events)
{
	struct finding *finding;

	if (!space->policy.is_nameless)
		return;
	for (size_t i = 0; i < events->nr_lookups; i++) {
		if (events->lookups[i].address || !events->lookups[i].is_sure)
			continue;
		finding = finding_add(findings, FINDING_UNDECIDED, "lookup");
		if (!finding)
			return;
		finding_set_site(finding, space, events->lookups[i].site);
		finding_note(finding,
			     "looks up a name that kallsyms does not list on this kernel "
			     "(CONFIG_KALLSYMS_ALL is off) and gets 0; what it does then "
			     "was not followed");
	}
}

static bool has_string(const struct kofile_section *section, const char *string)
{
	size_t bytes = strlen(string) + 1;

	for (uint64_t at = 0; section->data && at + bytes <= section->size_bytes; at++)
		if (memcmp(section->data + at, string, bytes) == 0 &&
		    (at == 0 || section->data[at - 1] == '\0'))
			return true;
	return false;
}

static const char heads[] = "security_hook_heads";

/* Does the module look the heads of hook lists up by name, or link against them? */
static bool has_heads(const struct modimage *mod)
{
	const struct kofile *file = mod->file;

	if (kofile_imports(file, heads))
		return true;
	for (size_t i = 1; i < file->nr_sections; i++)
		if (code_is_data(mod, i) && has_string(&file->sections[i], heads))
			return true;
	return false;
}

/* CONFIG_SECURITY_WRITABLE_HOOKS, up to 6.3: a hook that is registered by hand faults on
 * other kernels.
 */
static void check_heads(struct findings *findings, struct addrspace *space)
{
	struct kernel *kernel = space->kernel;
	struct finding *finding;
	uint64_t va;

	if (!symbols_address(&kernel->symbols, heads, &va) ||
	    region_of(kernel, va)->intent != REGION_WRITABLE || !has_heads(space->mod))
		return;
	finding = finding_add(findings, FINDING_CLEAN, "writable-hooks");
	if (!finding)
		return;
	finding->is_always_told = true;
	finding_note(finding,
		     "hook lists are writable on this kernel by its configuration "
		     "(SECURITY_WRITABLE_HOOKS=y, up to 6.3); they are sealed on kernels "
		     "without it, where a store to them faults");
}

static void check_pointer(struct findings *findings, struct addrspace *space,
			  size_t section, const Elf64_Rela *rela)
{
	const struct modimage *mod = space->mod;
	const struct kofile_symbol *symbol =
		&mod->file->symbols[ELF64_R_SYM(rela->r_info)];
	struct finding *finding;
	uint64_t target;

	if (ELF64_R_TYPE(rela->r_info) != R_X86_64_64 || symbol->section != SHN_UNDEF ||
	    !relocate_target(mod, rela, &target) ||
	    !sealednames_is_telling(symbol->name) ||
	    !addrspace_is_foreign_sealed(space, target))
		return;
	finding = finding_add(findings, FINDING_SUSPECT, "planted");
	if (!finding)
		return;
	finding_set_site(finding, space, mod->sections[section].va + rela->r_offset);
	finding_set_target(finding, space, target, true);
	finding->error_code = 0;
	finding_note(
		finding,
		"the module's data holds the address of a sealed object that no module has "
		"business with");
}

/* The kernel writes a parameter's variable: before init runs if it is given, later if its
 * file in sysfs can be written.
 */
static void check_parameter(struct findings *findings, struct addrspace *space,
			    const struct parameter *parameter)
{
	struct addrspace_rights rights;
	struct finding *finding;
	enum finding_verdict verdict = FINDING_SUSPECT;

	if (!parameter->target || (!parameter->is_written && !(parameter->mode & 0222)))
		return;
	addrspace_rights(space, parameter->target, MODULE_PHASE_LIVE, &rights);
	if (!rights.is_mapped || rights.is_writable)
		return;
	if (rights.owner == ADDRSPACE_OWN && rights.kind == MODSECTION_RO_AFTER_INIT) {
		if (!(parameter->mode & 0222))
			return;
	} else if (parameter->is_written) {
		verdict = FINDING_WOULD_FAULT;
	}
	finding = finding_add(findings, verdict, "parameter");
	if (!finding)
		return;
	finding_set_site(finding, space, parameter->entry);
	finding_set_target(finding, space, parameter->target, true);
	finding->access = FINDING_STORE;
	finding->size_bytes = parameter->bytes;
	finding_note(finding, "the kernel itself writes it when parameter %.64s is %s",
		     parameter->name,
		     verdict == FINDING_WOULD_FAULT ? "set, as on this load" : "set");
}

void judge_data(struct findings *findings, struct addrspace *space,
		const struct parameters *parameters, const struct flow_events *events)
{
	const struct modimage *mod = space->mod;
	const struct kofile *file = mod->file;
	bool is_blind = !space->landmarks.kprobe_address &&
			kofile_imports(file, "register_kprobe");

	for (size_t i = 1; i < file->nr_sections; i++) {
		const struct kofile_section *section = &file->sections[i];

		if (!code_is_data(mod, i))
			continue;
		if (section->data)
			check_strings(findings, space, i, events, is_blind);
		for (size_t j = 0; j < section->nr_rela; j++) {
			Elf64_Rela rela;

			kofile_rela(section, j, &rela);
			check_pointer(findings, space, i, &rela);
		}
	}
	check_heads(findings, space);
	check_lookups(findings, space, events);
	for (size_t i = 0; i < parameters->nr; i++)
		check_parameter(findings, space, &parameters->array[i]);
}
