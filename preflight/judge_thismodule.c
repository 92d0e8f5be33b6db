/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for the struct module that a file brings along: whether it is the kernel's. */
#include "preflight/judge_thismodule.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char section_name[] = ".gnu.linkonce.this_module";

enum { POINTER_BYTES = 8, BUILD_BYTES = 160 };

/* The release and the compiler, as the file says; all that a struct module of another
 * shape leaves to look for.
 */
static const char *built_for(const struct kofile *file, char ret[BUILD_BYTES])
{
	const char *vermagic = kofile_modinfo(file, "vermagic", NULL);
	const struct kofile_section *section = kofile_section(file, ".comment");
	const char *compiler = "";

	/* Strings, the first of which is empty with some linkers. */
	for (uint64_t at = 0; section && section->data && !*compiler;) {
		const char *string = kofile_string(section, at);

		if (!string)
			break;
		compiler = string;
		at += strlen(string) + 1;
	}
	snprintf(ret, BUILD_BYTES, "built for %.*s%s%.70s",
		 vermagic ? (int)strcspn(vermagic, " ") : 20,
		 vermagic ? vermagic : "a kernel not named", *compiler ? " by " : "",
		 compiler);
	return ret;
}

static void refuse(struct findings *findings, const char *kind, const char *note)
{
	struct finding *finding = finding_add(findings, FINDING_REFUSED, kind);

	if (finding)
		finding_note(finding, "%s", note);
}

static void check_bytes(struct findings *findings, struct addrspace *space,
			const struct kofile_section *section)
{
	const struct policy_module *module = &space->policy.module;
	char build[BUILD_BYTES];
	struct finding *finding;

	if (!module->bytes || section->size_bytes == module->bytes)
		return;
	if (module->checks_bytes) {
		finding = finding_add(findings, FINDING_REFUSED, "module-size");
		if (finding)
			finding_note(finding,
				     "%s section size must match the kernel's built "
				     "struct module size at run time: %" PRIu64
				     " instead of %u (ENOEXEC)",
				     section_name, section->size_bytes, module->bytes);
	} else {
		bool is_short = section->size_bytes < module->bytes;

		finding = finding_add(findings,
				      is_short ? FINDING_SUSPECT : FINDING_CLEAN,
				      "module-size");
		if (finding)
			finding_note(finding,
				     "its struct module has %" PRIu64
				     " bytes instead of %u; this kernel does not look "
				     "(up to 6.3)%s",
				     section->size_bytes, module->bytes,
				     is_short ? ", and writes behind its end" : "");
		if (finding)
			finding->is_always_told = true;
	}
	if (finding)
		finding_note(finding, "%s", built_for(space->mod->file, build));
}

/* Has the loader filled in, or the file itself, what a pointer at @offset goes to? */
static bool is_filled(const struct addrspace *space, const struct kofile_section *section,
		      uint64_t offset)
{
	static const unsigned char zeros[POINTER_BYTES];
	const struct policy_module *module = &space->policy.module;
	bool has_text = space->mod->regions[MODSECTION_TEXT].size_bytes != 0;

	for (size_t i = 0; i < module->nr_filled; i++) {
		const struct policy_filled *filled = &module->filled[i];

		if (offset < filled->offset + filled->bytes &&
		    filled->offset < offset + POINTER_BYTES &&
		    (has_text || !filled->wants_text))
			return true;
	}
	return section->data && memcmp(section->data + offset, zeros, sizeof(zeros)) != 0;
}

/* One relocation of the section: the address of init, or of exit. */
static void check_entry(struct findings *findings, struct addrspace *space,
			const struct kofile_section *section, const Elf64_Rela *rela)
{
	const struct policy_module *module = &space->policy.module;
	const char *name = space->mod->file->symbols[ELF64_R_SYM(rela->r_info)].name;
	bool is_exit = strcmp(name, "cleanup_module") == 0;
	uint32_t offset = is_exit ? module->exit : module->init;
	bool is_refused;
	char build[BUILD_BYTES];
	struct finding *finding;

	if (ELF64_R_TYPE(rela->r_info) != R_X86_64_64 || !offset ||
	    (!is_exit && strcmp(name, "init_module") != 0) || rela->r_offset == offset ||
	    rela->r_offset > section->size_bytes - POINTER_BYTES)
		return;
	is_refused = is_filled(space, section, rela->r_offset);
	finding = finding_add(findings, is_refused ? FINDING_REFUSED : FINDING_SUSPECT,
			      "module-layout");
	if (!finding)
		return;
	if (is_refused)
		finding_note(finding,
			     "invalid relocation target, existing value is nonzero for "
			     "type 1 (ENOEXEC): in %s",
			     section_name);
	finding_note(finding,
		     "its struct module has %s at 0x%" PRIx64
		     ", this kernel's at 0x%" PRIx32 "%s",
		     is_exit ? "exit" : "init", (uint64_t)rela->r_offset, offset,
		     is_refused ? ""
		     : is_exit	? ": it is overwritten there, and exit is not found"
				: ": another member is overwritten, and "
				  "init does not run");
	finding_note(finding, "%s", built_for(space->mod->file, build));
}

static size_t count(const struct kofile *file)
{
	size_t nr = 0;

	for (size_t i = 1; i < file->nr_sections; i++)
		nr += strcmp(file->sections[i].name, section_name) == 0;
	return nr;
}

void judge_thismodule(struct findings *findings, struct addrspace *space)
{
	const struct policy_module *module = &space->policy.module;
	const struct kofile *file = space->mod->file;
	const struct kofile_section *section = kofile_section(file, section_name);

	if (!section || (module->checks_bytes && count(file) > 1)) {
		refuse(findings, "no-module",
		       module->checks_bytes
			       ? "Exactly one .gnu.linkonce.this_module section must "
				 "exist. (ENOEXEC)"
			       : "No module found in object: no "
				 ".gnu.linkonce.this_module (ENOEXEC)");
		return;
	}
	if (module->checks_bytes && section->type == SHT_NOBITS)
		refuse(findings, "no-module",
		       ".gnu.linkonce.this_module section must have a size set "
		       "(ENOEXEC)");
	else if (!(section->flags & SHF_ALLOC))
		refuse(findings, "no-module",
		       module->checks_bytes
			       ? ".gnu.linkonce.this_module must occupy memory during "
				 "process execution (ENOEXEC)"
			       : "No module found in object: .gnu.linkonce.this_module "
				 "is not loaded (ENOEXEC)");
	check_bytes(findings, space, section);
	for (size_t i = 0; section->size_bytes >= POINTER_BYTES && i < section->nr_rela;
	     i++) {
		Elf64_Rela rela;

		kofile_rela(section, i, &rela);
		check_entry(findings, space, section, &rela);
	}
}
