/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for all that the kernel's loader would refuse in a module. */
#include "preflight/judge_load.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kcore/release.h"
#include "preflight/judge_thismodule.h"

struct refuse {
	struct findings *findings;
	struct addrspace *space;
	struct kernel *kernel;
	const struct modimage *mod;
	const struct kofile *file;
	bool lacks_crc;	       /* that some symbol has no version was told */
	const char *symbol;    /* the undefined one that is looked at; NULL */
	bool may_be_elsewhere; /* a module that cannot be seen may export it */
};

__attribute__((format(printf, 3, 4))) static void
refuse(struct refuse *refuse, const char *kind, const char *format, ...)
{
	struct finding *finding = finding_add(refuse->findings, FINDING_REFUSED, kind);
	va_list args;

	if (!finding)
		return;
	finding->symbol = refuse->symbol;
	va_start(args, format);
	vsnprintf(finding->note, sizeof(finding->note), format, args);
	va_end(args);
}

/* The kernel's own string cannot be read. With CRCs its release may be another one, but
 * that of module_layout, the shape of struct module, outlasts no series.
 */
static void check_release(struct refuse *refuse_, const char *of_module)
{
	const char *of_kernel = refuse_->kernel->release;
	size_t bytes = of_module ? strcspn(of_module, " ") : 0;

	if (!bytes || !*of_kernel ||
	    (strncmp(of_module, of_kernel, bytes) == 0 && !of_kernel[bytes]))
		return;
	if (!kofile_section(refuse_->file, "__versions") ||
	    release_number(of_module) != release_number(of_kernel))
		refuse(refuse_, "vermagic",
		       "version magic '%.100s' is not of this kernel, %.100s (ENOEXEC)",
		       of_module, of_kernel);
}

/* kernel/module/main.c:check_modinfo(): with CRCs the release itself may differ. */
static void check_vermagic(struct refuse *refuse_)
{
	const char *of_module = kofile_modinfo(refuse_->file, "vermagic", NULL);
	const char *of_kernel = refuse_->space->policy.vermagic;
	const char *module_rest, *kernel_rest;

	if (!*of_kernel) {
		check_release(refuse_, of_module);
		return;
	}
	if (!of_module) {
		refuse(refuse_, "vermagic",
		       "no vermagic: the kernel refuses it (ENOEXEC) unless forced");
		return;
	}
	module_rest = of_module;
	kernel_rest = of_kernel;
	if (kofile_section(refuse_->file, "__versions")) {
		module_rest += strcspn(module_rest, " ");
		kernel_rest += strcspn(kernel_rest, " ");
	}
	if (strcmp(module_rest, kernel_rest) != 0)
		refuse(refuse_, "vermagic",
		       "version magic '%.100s' should be '%.100s' (ENOEXEC)", of_module,
		       of_kernel);
}

static bool is_gpl_compatible(const char *license)
{
	/* include/linux/license.h */
	static const char *const licenses[] = {
		"GPL",		"GPL v2",	"GPL and additional rights",
		"Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
	};

	for (size_t i = 0; i < sizeof(licenses) / sizeof(licenses[0]); i++)
		if (license && strcmp(license, licenses[i]) == 0)
			return true;
	return false;
}

static bool imports(const struct kofile *file, const char *namespace)
{
	for (const char *prev = NULL; (prev = kofile_modinfo(file, "import_ns", prev));)
		if (strcmp(prev, namespace) == 0)
			return true;
	return false;
}

/* "module:kvm,kvm-*" names the modules that may use the symbol (6.16); other namespaces
 * are imported. kernel/module/main.c:verify_module_namespace()
 */
static bool may_use(const struct kofile *file, const char *namespace)
{
	static const char prefix[] = "module:";
	const char *name = file->module_name;

	if (strncmp(namespace, prefix, sizeof(prefix) - 1) != 0)
		return imports(file, namespace);
	for (const char *word = namespace + sizeof(prefix) - 1; *word;) {
		size_t bytes = strcspn(word, ","), i = 0;

		while (i < bytes && name[i] &&
		       (word[i] == name[i] || (word[i] == '-' && name[i] == '_')))
			i++;
		if ((i == bytes && !name[i]) || (i + 1 == bytes && word[i] == '*'))
			return true;
		word += bytes + (word[bytes] == ',');
	}
	return false;
}

/* struct modversion_info: { unsigned long crc; char name[56]; } */
static bool find_short(const struct kofile_section *versions, const char *name,
		       uint32_t *ret)
{
	enum { ENTRY_BYTES = 64, NAME_AT = 8 };

	for (uint64_t at = 0; at + ENTRY_BYTES <= versions->size_bytes;
	     at += ENTRY_BYTES) {
		if (strncmp((const char *)versions->data + at + NAME_AT, name,
			    ENTRY_BYTES - NAME_AT) != 0)
			continue;
		memcpy(ret, versions->data + at, sizeof(*ret));
		return true;
	}
	return false;
}

/* Since 6.14: CRCs in one section, names of any length in another, in the same order. */
static bool find_extended(const struct kofile_section *crcs,
			  const struct kofile_section *names, const char *name,
			  uint32_t *ret)
{
	const char *at;
	uint64_t offset = 0;

	for (uint64_t i = 0; (i + 1) * sizeof(*ret) <= crcs->size_bytes &&
			     (at = kofile_string(names, offset));
	     i++, offset += strlen(at) + 1) {
		if (strcmp(at, name) != 0)
			continue;
		memcpy(ret, crcs->data + i * sizeof(*ret), sizeof(*ret));
		return true;
	}
	return false;
}

/* kernel/module/version.c:check_version(): the extended ones, where there are such. */
static bool find_crc(const struct kofile *file, const char *name, uint32_t *ret)
{
	const struct kofile_section *crcs = kofile_section(file, "__version_ext_crcs");
	const struct kofile_section *names = kofile_section(file, "__version_ext_names");
	const struct kofile_section *versions = kofile_section(file, "__versions");

	if (crcs && crcs->data && names)
		return find_extended(crcs, names, name, ret);
	return versions && versions->data && find_short(versions, name, ret);
}

static bool has_versions(const struct kofile *file)
{
	return kofile_section(file, "__versions") ||
	       kofile_section(file, "__version_ext_crcs");
}

/* Debian's kernels are built from a source that fails closed: "module: Disable matching
 * missing version CRC". The kernel.org source warns and goes on:
 * kernel/module/version.c:check_version(). That Debian's compiler built it says nothing.
 */
static bool is_debian(struct kernel *kernel)
{
	static const char arch[] = "-amd64";
	size_t bytes = strlen(kernel->release);
	char banner[POLICY_TEXT_BYTES];
	uint64_t va;

	if (strstr(kernel->release, "+deb") ||
	    (bytes > strlen(arch) &&
	     strcmp(kernel->release + bytes - strlen(arch), arch) == 0))
		return true;
	return symbols_address(&kernel->symbols, "linux_banner", &va) &&
	       policy_read_text(kernel, va, banner) && strstr(banner, "debian-kernel@");
}

/* Of a module that was built without the kernel's Module.symvers. Told once. */
static void check_has_crc(struct refuse *refuse_, const char *name)
{
	bool is_sure = is_debian(refuse_->kernel);
	struct finding *finding;

	if (refuse_->lacks_crc)
		return;
	refuse_->lacks_crc = true;
	finding = finding_add(refuse_->findings,
			      is_sure ? FINDING_REFUSED : FINDING_UNDECIDED,
			      "no-symbol-version");
	if (finding)
		finding_note(finding,
			     "no symbol version for %.160s: built without the kernel's "
			     "Module.symvers%s",
			     name,
			     is_sure ? " (ENOEXEC)"
				     : "; Debian's kernels refuse that, others warn");
}

/* Does the module call symbol @index? */
static bool is_called(const struct kofile *file, size_t index)
{
	for (size_t i = 1; i < file->nr_sections; i++)
		for (size_t j = 0; j < file->sections[i].nr_rela; j++) {
			Elf64_Rela rela;

			kofile_rela(&file->sections[i], j, &rela);
			if (ELF64_R_SYM(rela.r_info) == index &&
			    ELF64_R_TYPE(rela.r_info) == R_X86_64_PLT32)
				return true;
		}
	return false;
}

/* Is it known that nothing exports symbol @index? Where the table of exports is not
 * known, kallsyms still has every function of the kernel: one that it does not have is
 * not exported.
 */
static bool is_exported_nowhere(const struct refuse *refuse_, size_t index)
{
	const char *name = refuse_->file->symbols[index].name;
	uint64_t va;

	return (refuse_->space->exports->is_complete &&
		!refuse_->space->exports->lacks_modules) ||
	       (refuse_->kernel->has_symbols && is_called(refuse_->file, index) &&
		!symbols_address(&refuse_->kernel->symbols, name, &va));
}

/* A module given beside this one that exports something, but whose names of exports were
 * taken (strip --strip-unneeded); NULL: there is none. The kernel finds them all the
 * same.
 */
static const char *find_stripped(const struct addrspace *space)
{
	for (size_t i = 0; i < space->nr_needed; i++) {
		const struct addrspace_needed *needed = space->needed[i];

		if (needed->nr_exports == 0 &&
		    (kofile_section(needed->file, "__ksymtab") ||
		     kofile_section(needed->file, "__ksymtab_gpl")))
			return needed->file->module_name;
	}
	return NULL;
}

static const char treeless[] =
	"is installed for this kernel is not known: its modules are "
	"not here";

/* A module may export it that only the machine has which the core comes from. */
static void tell_treeless(struct refuse *refuse_, const char *needed, const char *name)
{
	struct finding *finding = finding_add(refuse_->findings, FINDING_UNDECIDED,
					      "unknown-symbol");

	if (!finding)
		return;
	finding->symbol = refuse_->symbol;
	if (needed)
		finding_note(finding, "needs module %.60s", needed);
	finding_note(finding,
		     "nothing that is loaded or given exports %.100s (insmod: Unknown "
		     "symbol); whether a module that does %s",
		     name, treeless);
}

/* @needed: the module that wants it and is to be loaded first; NULL: the one in question.
 */
static void check_unexported(struct refuse *refuse_, const char *needed, const char *name)
{
	const char *stripped = find_stripped(refuse_->space);
	struct finding *finding;

	if (!stripped && needed ? refuse_->space->is_treeless
				: refuse_->may_be_elsewhere) {
		tell_treeless(refuse_, needed, name);
	} else if (stripped) {
		finding = finding_add(refuse_->findings, FINDING_UNDECIDED,
				      "unknown-symbol");
		if (finding)
			finding->symbol = refuse_->symbol;
		if (finding)
			finding_note(finding,
				     "whether %.60s exports %.120s is not known: the "
				     "names of its exports were stripped; give it as it "
				     "was built",
				     stripped, name);
	} else if (needed) {
		refuse(refuse_, "missing-module",
		       "needs module %.60s, which the kernel would refuse: Unknown "
		       "symbol %.160s (err -2): nothing exports it",
		       needed, name);
	} else {
		refuse(refuse_, "unknown-symbol",
		       "Unknown symbol %.200s (err -2): nothing exports it", name);
	}
}

/* The kernel does not export it, and what loaded modules do is not known. */
static void tell_unknown_exporter(struct refuse *refuse_, const char *name)
{
	struct finding *finding = finding_add(refuse_->findings, FINDING_UNDECIDED,
					      "unknown-symbol");

	if (finding)
		finding->symbol = refuse_->symbol;
	if (finding)
		finding_note(finding,
			     "the kernel does not export %.160s; whether a loaded module "
			     "does cannot be told (CONFIG_KALLSYMS_ALL is off)",
			     name);
}

static void check_symbol(struct refuse *refuse_, size_t index)
{
	const char *name = refuse_->file->symbols[index].name;
	const struct exported *export;
	char namespace[POLICY_TEXT_BYTES];
	uint32_t crc;
	bool has_crc;

	if (!addrspace_is_exported(refuse_->space, name, &export)) {
		if (refuse_->file->symbols[index].bind == STB_WEAK)
			return;
		if (is_exported_nowhere(refuse_, index))
			check_unexported(refuse_, NULL, name);
		else if (refuse_->space->exports->lacks_modules)
			tell_unknown_exporter(refuse_, name);
		return;
	}
	if (!export)
		return;
	if (export->is_gpl_only &&
	    !is_gpl_compatible(kofile_modinfo(refuse_->file, "license", NULL)))
		refuse(refuse_, "gpl-only-symbol",
		       "Unknown symbol %.160s (err -2): exported for GPL modules only, and "
		       "the license is '%.60s'",
		       name, kofile_modinfo(refuse_->file, "license", NULL) ?: "");
	has_crc = find_crc(refuse_->file, name, &crc);
	if (export->has_crc && !has_crc && has_versions(refuse_->file))
		check_has_crc(refuse_, name);
	if (export->has_crc && has_crc && crc != export->crc)
		refuse(refuse_, "symbol-crc",
		       "disagrees about version of symbol %.160s: module has 0x%08" PRIx32
		       ", kernel 0x%08" PRIx32 " (err -22)",
		       name, crc, export->crc);
	if (export->namespace &&
	    policy_read_text(refuse_->kernel, export->namespace, namespace) &&
	    *namespace && !may_use(refuse_->file, namespace))
		refuse(refuse_, "symbol-namespace",
		       "uses symbol %.120s from namespace %.60s, but does not import it "
		       "(err -22)",
		       name, namespace);
}

/* kernel/module/version.c:check_modstruct_version() */
static bool check_module_layout(struct refuse *refuse_)
{
	const struct exported *export = exports_find(refuse_->space->exports,
						     "module_layout");
	uint32_t crc;

	if (!export || !export->has_crc ||
	    !find_crc(refuse_->file, "module_layout", &crc))
		return false;
	if (crc != export->crc)
		refuse(refuse_, "symbol-crc",
		       "disagrees about version of symbol module_layout: module has "
		       "0x%08" PRIx32 ", kernel 0x%08" PRIx32 " (ENOEXEC)",
		       crc, export->crc);
	return true;
}

static void check_symbols(struct refuse *refuse)
{
	const struct kofile *file = refuse->file;
	const struct exported *layout = exports_find(refuse->space->exports,
						     "module_layout");
	uint32_t crc;

	/* The loader asks for it first, of every module. */
	if (layout && layout->has_crc && has_versions(file) &&
	    !find_crc(file, layout->name, &crc))
		check_has_crc(refuse, layout->name);
	for (size_t i = 1; i < file->nr_symbols; i++) {
		if (file->symbols[i].section != SHN_UNDEF || !*file->symbols[i].name)
			continue;
		refuse->symbol = file->symbols[i].name;
		check_symbol(refuse, i);
	}
	refuse->symbol = NULL;
}

/* kernel/module/main.c:verify_exported_symbols(). What a module of its own name exports
 * is gone by then: insmod gets EEXIST before.
 */
static void check_exports(struct refuse *refuse_)
{
	const struct kofile *file = refuse_->file;
	const struct kofile_symbol *first = NULL;
	const struct exported *owner = NULL;

	for (size_t i = 1; i < file->nr_symbols; i++) {
		const struct kofile_symbol *symbol = &file->symbols[i];
		const char *name = exports_entry_name(symbol->name);
		const struct exported *other =
			name && symbol->section != SHN_UNDEF
				? exports_find(refuse_->space->exports, name)
				: NULL;

		if (!other ||
		    (other->module && strcmp(other->module, file->module_name) == 0))
			continue;
		/* The kernel goes through the table, and tells the first. */
		if (first &&
		    (symbol->section > first->section ||
		     (symbol->section == first->section && symbol->value > first->value)))
			continue;
		first = symbol;
		owner = other;
	}
	if (first)
		refuse(refuse_, "duplicate-export",
		       "exports duplicate symbol %.160s (owned by %.60s) (ENOEXEC)",
		       owner->name, owner->module ?: "kernel");
}

static void check_problems(struct refuse *refuse_)
{
	const struct modimage *mod = refuse_->mod;
	size_t nr = mod->nr_problems;

	if (nr > MODIMAGE_MAX_PROBLEMS)
		nr = MODIMAGE_MAX_PROBLEMS;
	for (size_t i = 0; i < nr; i++) {
		const struct modimage_problem *problem = &mod->problems[i];
		const char *section = refuse_->file->sections[problem->section].name;

		switch (problem->kind) {
		case MODIMAGE_UNKNOWN_SYMBOL: /* check_symbols() says more */
			break;
		case MODIMAGE_BAD_TYPE:
			refuse(refuse_, "relocation-type",
			       "Unknown rela relocation: %" PRIu32
			       " in %.60s, against %.100s (ENOEXEC)",
			       problem->type, section, problem->symbol);
			break;
		case MODIMAGE_NOT_ZERO:
			refuse(refuse_, "relocation-place",
			       "Skipping invalid relocation target, existing value is "
			       "nonzero, at %.60s+0x%" PRIx64 " (ENOEXEC)",
			       section, problem->offset);
			break;
		case MODIMAGE_OVERFLOW:
			refuse(refuse_, "relocation-overflow",
			       "overflow in relocation type %" PRIu32
			       " at %.60s+0x%" PRIx64
			       ": likely not compiled with -mcmodel=kernel (ENOEXEC)",
			       problem->type, section, problem->offset);
			break;
		case MODIMAGE_BAD_PLACE:
			refuse(refuse_, "relocation-place",
			       "a relocation outside its section, %.60s+0x%" PRIx64
			       ": the kernel does not check that",
			       section, problem->offset);
			break;
		case MODIMAGE_COMMON:
			refuse(refuse_, "common-symbol",
			       "please compile with -fno-common: %.200s (ENOEXEC)",
			       problem->symbol);
			break;
		}
	}
}

/* kernel/module/strict_rwx.c:module_enforce_rwx_sections() */
static void check_sections(struct refuse *refuse_)
{
	static const uint64_t WX = SHF_WRITE | SHF_EXECINSTR;
	const struct kofile *file = refuse_->file;
	for (size_t i = 1; refuse_->space->seals_modules && i < file->nr_sections; i++)
		if ((file->sections[i].flags & WX) == WX)
			refuse(refuse_, "writable-code",
			       "section %.100s has invalid WRITE|EXEC flags (ENOEXEC)",
			       file->sections[i].name);
}

static void check_policy(struct refuse *refuse_)
{
	const struct policy *policy = &refuse_->space->policy;
	const char *name = refuse_->file->module_name;
	char blacklist[POLICY_TEXT_BYTES];

	if (policy->is_disabled)
		refuse(refuse_, "modules-disabled",
		       "kernel.modules_disabled is set: no module can be loaded until the "
		       "next boot (EPERM)");
	memcpy(blacklist, policy->blacklist, sizeof(blacklist));
	if (!*name)
		return;
	for (char *save = NULL, *word = strtok_r(blacklist, ",", &save); word;
	     word = strtok_r(NULL, ",", &save))
		if (strcmp(word, name) == 0)
			refuse(refuse_, "blacklist",
			       "Module %.60s is blacklisted: module_blacklist= on the "
			       "kernel's command line (EPERM)",
			       name);
}

/* A symbol that @file cannot do without and that nothing exports; NULL: none is known. */
static const char *find_unknown(const struct addrspace *space, const struct kofile *file)
{
	const struct exported *export;

	if (!space->exports->is_complete || space->exports->lacks_modules)
		return NULL;
	for (size_t i = 1; i < file->nr_symbols; i++) {
		const struct kofile_symbol *symbol = &file->symbols[i];

		if (symbol->section == SHN_UNDEF && symbol->bind != STB_WEAK &&
		    *symbol->name && !addrspace_is_exported(space, symbol->name, &export))
			return symbol->name;
	}
	return NULL;
}

static void check_unmet(struct refuse *refuse_, const struct judge_unmet unmet[],
			size_t nr_unmet)
{
	bool is_whole = refuse_->space->exports->is_complete &&
			!find_unknown(refuse_->space, refuse_->file);
	bool is_stripped = find_stripped(refuse_->space);

	for (size_t i = 0; i < nr_unmet; i++) {
		bool is_unsure = refuse_->space->is_treeless && !unmet[i].why;
		enum finding_verdict verdict = is_whole ? FINDING_CLEAN
					       : is_stripped || is_unsure
						       ? FINDING_UNDECIDED
						       : FINDING_REFUSED;
		struct finding *finding = finding_add(refuse_->findings, verdict,
						      "missing-module");

		if (!finding)
			return;
		finding->is_absent = !is_whole;
		if (is_unsure)
			finding_note(finding,
				     "needs module %.100s, which is not loaded (insmod: "
				     "Unknown symbol); whether it %s",
				     unmet[i].name, treeless);
		else
			finding_note(finding, "needs module %.100s, %s", unmet[i].name,
				     unmet[i].why
					     ?: "which is neither loaded nor installed");
		if (is_whole)
			finding_note(finding, "so depends= says, but all symbols are "
					      "there without it");
	}
}

/* Those that have to be loaded first must come through the loader themselves. */
static void check_needed(struct refuse *refuse_)
{
	const struct addrspace *space = refuse_->space;

	for (size_t i = 0; i < space->nr_needed; i++) {
		const struct kofile *file = space->needed[i]->file;
		const char *unknown;

		if (addrspace_is_optional(space, i) ||
		    addrspace_is_loaded(space, file->module_name))
			continue;
		unknown = find_unknown(space, file);
		if (unknown)
			check_unexported(refuse_, file->module_name, unknown);
	}
}

static bool imports_any(const struct kofile *file)
{
	for (size_t i = 1; i < file->nr_symbols; i++)
		if (file->symbols[i].section == SHN_UNDEF && *file->symbols[i].name)
			return true;
	return false;
}

/* What the kernel has but the core does not hold decides whether it loads the module. */
static void tell_untested(struct refuse *refuse_, bool has_layout)
{
	const struct addrspace *space = refuse_->space;
	const struct policy *policy = &space->policy;
	uint64_t va;
	const struct {
		bool is_lacking;
		const char *what;
	} rows[] = {
		{policy->lacks_vermagic, "the kernel's version magic"},
		{!has_layout && !policy->module.bytes &&
			 symbols_address(&refuse_->kernel->symbols, "__start_BTF", &va),
		 "the size of its struct module"},
		{space->exports->lacks_table && imports_any(refuse_->file),
		 "which symbols it exports"},
		{space->exports->lacks_crcs &&
			 (kofile_section(refuse_->file, "__versions") ||
			  kofile_section(refuse_->file, "__version_ext_crcs")),
		 "their CRCs"},
		{policy->lacks_signature, "whether it lets modules in (signature, "
					  "lockdown, modules_disabled)"},
	};
	struct finding *finding = NULL;

	for (size_t i = 0; i < refuse_->findings->nr; i++)
		if (refuse_->findings->array[i].verdict == FINDING_REFUSED)
			return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].is_lacking)
			continue;
		if (!finding)
			finding = finding_add(refuse_->findings, FINDING_UNDECIDED,
					      "not-tested");
		if (!finding)
			return;
		finding_note(finding, "%s%s",
			     *finding->note ? "" : "not in this core: ", rows[i].what);
	}
	if (finding)
		finding_note(finding, "whether it would be loaded was not tested; a new "
				      "capture holds more");
}

void judge_load(struct findings *findings, struct addrspace *space,
		const struct judge_unmet unmet[], size_t nr_unmet)
{
	struct refuse refuse_ = {
		.findings = findings,
		.space = space,
		.kernel = space->kernel,
		.mod = space->mod,
		.file = space->mod->file,
	};
	bool has_layout;

	refuse_.may_be_elsewhere = space->is_treeless &&
				   (nr_unmet ||
				    !kofile_modinfo(refuse_.file, "depends", NULL));
	check_policy(&refuse_);
	judge_thismodule(findings, space);
	check_sections(&refuse_);
	check_vermagic(&refuse_);
	check_unmet(&refuse_, unmet, nr_unmet);
	check_needed(&refuse_);
	has_layout = check_module_layout(&refuse_);
	check_symbols(&refuse_);
	check_exports(&refuse_);
	check_problems(&refuse_);
	tell_untested(&refuse_, has_layout);
}

/* Does @needed export what the module cannot be linked without? */
static bool is_linked_to(const struct addrspace *space,
			 const struct addrspace_needed *needed)
{
	const struct kofile *file = space->mod->file;

	for (size_t i = 1; i < file->nr_symbols; i++) {
		const struct kofile_symbol *symbol = &file->symbols[i];

		if (symbol->section == SHN_UNDEF && symbol->bind != STB_WEAK &&
		    !exports_find(space->exports, symbol->name) &&
		    addrspace_exporter(space, symbol->name) == needed)
			return true;
	}
	return false;
}

void judge_order(struct findings *findings, struct addrspace *space)
{
	for (size_t i = 0; i < space->nr_needed; i++) {
		const struct addrspace_needed *needed = space->needed[i];
		const char *name = needed->file->module_name;
		struct finding *finding;

		if (addrspace_is_loaded(space, name) || !is_linked_to(space, needed))
			continue;
		finding = finding_add(findings, FINDING_CLEAN, "needed-module");
		if (!finding)
			return;
		finding->is_always_told = true;
		if (needed->is_loose)
			finding_note(
				finding,
				"needs module %.60s, which is not loaded: insmod "
				"refuses it (Unknown symbol) unless %.120s goes first",
				name, needed->file->path);
		else
			finding_note(
				finding,
				"needs module %.60s, which is not loaded: insmod "
				"alone refuses it (Unknown symbol); modprobe, once it "
				"is installed, loads %.60s first",
				name, name);
	}
}
