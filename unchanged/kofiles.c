/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loaded modules against the files that they were loaded from. */
#include "unchanged/kofiles.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/modregions.h"
#include "kcore/cleanup.h"
#include "module/exports.h"
#include "module/relocate.h"
#include "unchanged/afterinit.h"
#include "unchanged/comparison.h"
#include "unchanged/siteforms.h"
#include "unchanged/text.h"

/* A module's functions whose addresses are looked at. */
enum { MAX_PROOFS = 64 };

static const char build_id[] = ".note.gnu.build-id",
		  after_init[] = ".data..ro_after_init";

/* What the loader, or the module itself, writes to before it is sealed: tables that are
 * sorted, keys that are put in place of trampolines, formats that are made unique, codes
 * whose lengths are made alike (kernel/module/main.c: post_relocation(); what listens to
 * MODULE_STATE_COMING).
 */
static const char *const written[] = {
	"__jump_table",	  ".static_call_sites", "__ex_table",	    ".orc_unwind",
	"__mcount_loc",	  "__trace_printk_fmt", ".altinstructions", "__bug_table",
	".orc_unwind_ip", "__tracepoints_ptrs", ".call_sites",
};

/* What is the same for all modules. */
struct pass {
	struct audit *audit;
	struct modsection_rules rules;
	struct modregions_layout layout;
	struct exports exports;
	const struct owner_records *records;
};

/* One module. */
struct member {
	struct pass *pass;
	const struct modlist_member *module;
	struct modimage mod;
	struct image image;
	struct comparison comparison;
	struct afterinit afterinit;
	uint64_t nr_left; /* bytes that are the loader's own, or init's */
};

static int resolve(void *ctx, const char *name, uint64_t *ret)
{
	struct pass *pass = ctx;
	const struct exported *exported = exports_find(&pass->exports, name);

	if (!exported)
		return -ENOENT;
	*ret = exported->address;
	return 0;
}

/* The sections side by side, as one image that is where the module is. */
static int make_image(struct image *ret, const struct modimage *mod)
{
	struct image image = {0};
	uint64_t at = 0;

	for (int kind = MODSECTION_TEXT; kind <= MODSECTION_DATA; kind++)
		image.nr_bytes += mod->regions[kind].size_bytes;
	image.bytes = malloc(image.nr_bytes + MODIMAGE_SLACK_BYTES);
	if (!image.bytes)
		return -ENOMEM;
	for (int kind = MODSECTION_TEXT; kind <= MODSECTION_DATA; kind++) {
		const struct modimage_region *region = &mod->regions[kind];

		memcpy(image.bytes + at, region->image, region->size_bytes);
		image.loads[image.nr_loads++] = (struct image_load){
			.va = region->va, .offset = at, .size_bytes = region->size_bytes};
		at += region->size_bytes;
	}
	for (size_t i = 1; i < mod->file->nr_sections; i++) {
		struct image_section *section = &image.sections[image.nr_sections];

		if (mod->sections[i].kind < MODSECTION_TEXT ||
		    mod->sections[i].kind > MODSECTION_DATA)
			continue;
		if (image.nr_sections == IMAGE_MAX_SECTIONS) {
			image_close(&image);
			return -E2BIG;
		}
		*section = (struct image_section){
			.va = mod->sections[i].va,
			.size_bytes = mod->file->sections[i].size_bytes,
			.has_bytes = true,
		};
		snprintf(section->name, sizeof(section->name), "%s",
			 mod->file->sections[i].name);
		image.nr_sections++;
	}
	*ret = image;
	return 0;
}

/* Does the relocation need an address that nobody knows any more: of what was freed after
 * init, or of a symbol that is not exported?
 */
static bool is_lost(const struct modimage *mod, const Elf64_Rela *rela, bool has_per_cpu)
{
	size_t number = ELF64_R_SYM(rela->r_info);
	const struct kofile_symbol *symbol = &mod->file->symbols[number];
	enum modsection_kind kind;

	if (!mod->is_resolved[number])
		return true;
	if (symbol->section == SHN_UNDEF || symbol->section >= mod->file->nr_sections)
		return false;
	kind = mod->sections[symbol->section].kind;
	return kind == MODSECTION_NONE || kind == MODSECTION_INIT_TEXT ||
	       kind == MODSECTION_INIT_RODATA || kind == MODSECTION_INIT_DATA ||
	       (kind == MODSECTION_PER_CPU && !has_per_cpu);
}

/* Calls @mark for the bytes of section @i that are not to be compared. */
static void each_lost(struct member *member, size_t i,
		      void (*mark)(void *ctx, uint64_t va, uint64_t nr_bytes), void *ctx)
{
	const struct modimage *mod = &member->mod;
	const struct kofile_section *section = &mod->file->sections[i];
	bool has_per_cpu = mod->regions[MODSECTION_PER_CPU].va != 0;

	for (size_t j = 0; j < section->nr_rela; j++) {
		Elf64_Rela rela;
		uint64_t type;

		kofile_rela(section, j, &rela);
		type = ELF64_R_TYPE(rela.r_info);
		if (is_lost(mod, &rela, has_per_cpu))
			mark(ctx, mod->sections[i].va + rela.r_offset,
			     type == R_X86_64_64 || type == R_X86_64_PC64 ? 8 : 4);
	}
}

/* Does each function of it lie where the kernel's names have it? That the kernel laid the
 * module out as it is done here is not taken for granted.
 */
static bool is_laid_out(const struct member *member)
{
	struct symbols *symbols = &member->pass->audit->kernel->symbols;
	const struct modimage *mod = &member->mod;
	size_t nr_right = 0, nr_wrong = 0;

	for (size_t i = 1; i < mod->file->nr_symbols && nr_right < MAX_PROOFS; i++) {
		const struct kofile_symbol *symbol = &mod->file->symbols[i];
		uint64_t va = mod->symbols[i];
		const struct symbol *at;

		if (symbol->type != STT_FUNC ||
		    symbol->section >= mod->file->nr_sections ||
		    mod->sections[symbol->section].kind != MODSECTION_TEXT)
			continue;
		at = symbols_at(symbols, va);
		if (at && at->address == va && at->module &&
		    strcmp(at->module, member->module->name) == 0)
			nr_right++;
		else
			nr_wrong++;
	}
	return nr_wrong == 0 || nr_right > 16 * nr_wrong;
}

/* --- text --- */

static void mark_lost(void *ctx, uint64_t va, uint64_t nr_bytes)
{
	sites_mark(ctx, va, nr_bytes);
}

/* Branches that were patched in and leave both the module and the kernel's image. */
static void check_leavers(struct member *member, const struct sites *sites,
			  const unsigned char *now)
{
	struct audit *audit = member->pass->audit;

	for (size_t i = 0; i < sites->nr_judged; i++) {
		const struct site *site = &sites->array[i];
		uint64_t target = sites_branch(sites, site, now);
		const struct symbol *symbol = symbols_at(&audit->kernel->symbols,
							 site->va);
		const struct owner_branch branch = {
			.va = site->va,
			.target = target,
			.function = symbol ? symbol->address : site->va,
		};

		if (target && site->kind != SITE_KEY && site->kind != SITE_CALL &&
		    target - sites->va >= sites->size_bytes &&
		    outside_is_code(audit, target) &&
		    owner_of(audit, member->pass->records, &branch) == OWNER_NONE)
			comparison_differs(&member->comparison, site->va, site->nr_bytes);
	}
}

static int compare_text(struct member *member, const char **why)
{
	struct audit *audit = member->pass->audit;
	const struct modimage_region *region = &member->mod.regions[MODSECTION_TEXT];
	_cleanup_free_ unsigned char *now = malloc(region->size_bytes + 1);
	struct sites sites;
	int r = now ? text_read(audit, region->va, region->size_bytes, now) : -ENOMEM;

	if (r == -EFAULT)
		*why = "its text cannot be read, or is not in this file";
	if (r < 0)
		return r;
	probes_lift(&member->pass->records->probes, region->va, now, region->size_bytes);
	r = sites_take(&sites, audit, &member->image, region->va, region->size_bytes,
		       NULL, why);
	if (r < 0)
		return r;
	siteforms_lift_thunks(&sites, audit, &member->image, now);
	member->comparison.nr_sites = sites.nr;
	for (size_t i = 1; r == 0 && i < member->mod.file->nr_sections; i++) {
		const struct modimage_section *section = &member->mod.sections[i];
		uint64_t at = section->va - region->va;

		if (section->kind != MODSECTION_TEXT)
			continue;
		each_lost(member, i, mark_lost, &sites);
		r = comparison_bytes(&member->comparison, now + at, section->va,
				     member->mod.file->sections[i].size_bytes,
				     sites.may + at);
	}
	comparison_sites(&member->comparison, &sites, now);
	check_leavers(member, &sites, now);
	sites_free(&sites);
	return r;
}

/* --- constants --- */

struct mask {
	uint64_t va, nr_bytes;
	unsigned char *may;
};

static void mask(void *ctx, uint64_t va, uint64_t nr_bytes)
{
	struct mask *mask = ctx;
	uint64_t at = va - mask->va;

	if (at < mask->nr_bytes)
		memset(mask->may + at, 1,
		       nr_bytes < mask->nr_bytes - at ? nr_bytes : mask->nr_bytes - at);
}

static bool is_written(const char *name)
{
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		if (strcmp(name, written[i]) == 0)
			return true;
	return false;
}

/* One section of constants. */
static int compare_section(struct member *member, size_t i, const char **why)
{
	const struct modimage_section *section = &member->mod.sections[i];
	const struct kofile_section *built = &member->mod.file->sections[i];
	struct mask lost = {.va = section->va, .nr_bytes = built->size_bytes};
	size_t nr_patched = member->comparison.nr_patched;
	bool is_after_init = section->kind == MODSECTION_RO_AFTER_INIT;
	_cleanup_free_ unsigned char *now = NULL;
	_cleanup_free_ unsigned char *may = NULL;
	int r;

	is_after_init = is_after_init && strcmp(built->name, after_init) == 0;
	if (!is_after_init &&
	    (section->kind == MODSECTION_RO_AFTER_INIT || is_written(built->name))) {
		member->nr_left += built->size_bytes;
		return 0;
	}
	now = malloc(built->size_bytes);
	if (!now)
		return -ENOMEM;
	if (mappings_read(&member->pass->audit->mappings, section->va, now,
			  built->size_bytes) < 0) {
		*why = "its constants cannot be read, or are not in this file";
		return -EFAULT;
	}
	if (is_after_init)
		return afterinit_words(&member->afterinit, now, section->va,
				       built->size_bytes);
	may = calloc(1, built->size_bytes);
	if (!may)
		return -ENOMEM;
	lost.may = may;
	each_lost(member, i, mask, &lost);
	r = comparison_bytes(&member->comparison, now, section->va, built->size_bytes,
			     may);
	member->comparison.nr_patched = nr_patched;
	return r;
}

static int compare_constants(struct member *member, const char **why)
{
	const struct modimage_region *text = &member->mod.regions[MODSECTION_TEXT];
	int r = 0;

	member->afterinit = (struct afterinit){
		.comparison = &member->comparison,
		.text = text->va,
		.text_bytes = text->size_bytes,
	};
	for (size_t i = 1; r == 0 && i < member->mod.file->nr_sections; i++)
		if (member->mod.sections[i].kind == MODSECTION_RODATA ||
		    member->mod.sections[i].kind == MODSECTION_RO_AFTER_INIT)
			r = compare_section(member, i, why);
	return r;
}

/* --- one module --- */

/* Gives the sections the addresses that they have in memory. */
static int place(struct member *member, const char **why)
{
	struct pass *pass = member->pass;
	struct modregion regions[MODSECTION_NR_KINDS];
	int r;

	*why = "where its sections lie cannot be read";
	r = modregions_read(regions, &pass->audit->mappings, &pass->layout,
			    member->module->address);
	if (r < 0)
		return r;
	for (int kind = MODSECTION_TEXT; kind <= MODSECTION_DATA; kind++)
		modimage_place(&member->mod, kind, regions[kind].va);
	modimage_place(&member->mod, MODSECTION_PER_CPU, regions[MODSECTION_PER_CPU].va);
	*why = "where its sections lie is not known: it is not the file that was loaded, or "
	       "the kernel lays modules out in another way";
	for (int kind = MODSECTION_TEXT; kind < MODSECTION_DATA; kind++)
		if (member->mod.regions[kind].size_bytes > regions[kind].size_bytes)
			return -ESTALE;
	for (size_t i = 1; i < member->mod.file->nr_sections; i++)
		if (strcmp(member->mod.file->sections[i].name,
			   ".gnu.linkonce.this_module") == 0 &&
		    member->mod.sections[i].va != member->module->address)
			return -ESTALE;
	r = relocate_resolve(&member->mod, resolve, pass);
	if (r == 0 && !is_laid_out(member))
		return -ESTALE;
	if (r == 0)
		r = relocate_load(&member->mod);
	if (r == 0)
		r = make_image(&member->image, &member->mod);
	if (r == -E2BIG)
		*why = "it has more sections than are looked at";
	return r;
}

static void count(struct member *member)
{
	struct audit_row *row = &member->pass->audit->rows[member->comparison.row];
	size_t n;

	n = strlen(row->detail);
	if (row->verdict != AUDIT_UNKNOWN && member->nr_left)
		snprintf(row->detail + n, sizeof(row->detail) - n,
			 ", %" PRIu64 " that are written while it is loaded are not",
			 member->nr_left);
	afterinit_count(&member->afterinit);
}

static int compare(struct member *member, struct kofile *file, const char **why)
{
	struct error err = {0};
	int r = kofile_read(file, &err);

	if (r == 0)
		r = kofile_parse(file, &err);
	if (r == 0)
		r = modimage_layout(&member->mod, file, &member->pass->rules);
	*why = "its file cannot be read, or is no module";
	if (r == 0)
		r = place(member, why);
	if (r == 0 &&
	    !comparison_is_same_build(member->pass->audit, &member->image, build_id)) {
		*why = "its file is of another build than what is loaded";
		r = -ESTALE;
	}
	if (r < 0)
		return r;
	*why = NULL;
	r = compare_text(member, why);
	return r < 0 ? r : compare_constants(member, why);
}

static void check_member(struct pass *pass, size_t number, const struct kofiles *files)
{
	struct audit *audit = pass->audit;
	struct member member = {
		.pass = pass,
		.module = &audit->modlist.array[number],
		.comparison = {.audit = audit, .than = "its file"},
	};
	const struct kofiles_entry *entry = NULL;
	const char *why = NULL;
	char name[64];
	size_t row;
	int r;

	snprintf(name, sizeof(name), "%.40s against its file", member.module->name);
	row = comparison_row(audit, name, AUDIT_SEALED);
	if (row >= audit->nr_rows)
		return;
	audit->rows[row].member = number + 1;
	member.comparison.row = row;
	member.comparison.image = &member.image;
	for (size_t i = 0; i < files->nr; i++)
		if (strcmp(files->array[i].name, member.module->name) == 0)
			entry = &files->array[i];
	if (!entry || !entry->file) {
		if (entry && entry->why.code)
			audit_undecided(audit, row, "%.180s", entry->why.message);
		else
			audit_undecided(audit, row, "it has no file in %.120s",
					files->tree);
		return;
	}
	r = compare(&member, entry->file, &why);
	comparison_end(&member.comparison, r, why);
	if (r == 0)
		count(&member);
	image_close(&member.image);
	modimage_close(&member.mod);
	kofile_forget(entry->file);
}

static int open_pass(struct pass *pass, struct audit *audit,
		     const struct owner_records *records)
{
	int r;

	*pass = (struct pass){.audit = audit, .records = records};
	r = modregions_find(&pass->layout, &audit->kernel->types);
	if (r == 0)
		r = exports_read(&pass->exports, audit->kernel);
	if (r == 0)
		modsection_read(&pass->rules, audit->kernel);
	return r;
}

void kofiles_check(struct audit *audit, const struct owner_records *records,
		   const struct kofiles *files)
{
	struct pass pass;
	size_t row;
	int r;

	if (!files->has_tree) {
		row = comparison_row(audit, "modules against their files", AUDIT_INFO);
		if (row < audit->nr_rows)
			snprintf(
				audit->rows[row].detail, sizeof(audit->rows[row].detail),
				"not compared: no modules.dep.bin is in %.100s; --moddir "
				"names it",
				files->tree);
		return;
	}
	r = open_pass(&pass, audit, records);
	if (r == -ENOMEM) {
		audit->failed = r;
	} else if (r < 0) {
		row = comparison_row(audit, "modules against their files", AUDIT_SEALED);
		audit_undecided(
			audit, row,
			"no BTF for struct module: where modules lie is not known");
	} else {
		for (size_t i = 0; i < audit->modlist.nr; i++)
			if (audit->modlist.array[i].state == MODLIST_LIVE)
				check_member(&pass, i, files);
		exports_close(&pass.exports);
	}
}
