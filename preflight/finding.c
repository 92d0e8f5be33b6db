/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A finding: one thing that preflight says of a module. */
#include "preflight/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/region.h"
#include "module/modsym.h"
#include "pagetable/errorcode.h"
#include "preflight/owner.h"

static const char *const verdict_names[FINDING_NR_VERDICTS] = {
	[FINDING_WOULD_FAULT] = "would-fault", [FINDING_BYPASS] = "bypass",
	[FINDING_SUSPECT] = "suspect",	       [FINDING_REFUSED] = "refused",
	[FINDING_UNDECIDED] = "undecided",     [FINDING_CLEAN] = "clean",
};

const char *finding_verdict_name(enum finding_verdict verdict)
{
	return verdict_names[verdict];
}

const char *finding_access_name(enum finding_access access)
{
	static const char *const names[] = {
		[FINDING_STORE] = "store",
		[FINDING_READ_MODIFY_WRITE] = "read-modify-write",
		[FINDING_CALL] = "call",
		[FINDING_READ] = "read",
		[FINDING_FETCH] = "fetch",
	};

	return names[access];
}

struct finding *finding_add(struct findings *findings, enum finding_verdict verdict,
			    const char *kind)
{
	struct finding *finding;

	if (array_reserve(&findings->array, findings->nr, &findings->room,
			  sizeof(*findings->array)) < 0) {
		findings->has_failed = true;
		return NULL;
	}
	finding = &findings->array[findings->nr++];
	memset(finding, 0, sizeof(*finding));
	finding->verdict = verdict;
	finding->kind = kind;
	return finding;
}

void finding_note(struct finding *finding, const char *format, ...)
{
	size_t nr = strlen(finding->note);
	va_list args;

	if (nr && nr + 2 < sizeof(finding->note)) {
		memcpy(finding->note + nr, "; ", 3);
		nr += 2;
	}
	va_start(args, format);
	vsnprintf(finding->note + nr, sizeof(finding->note) - nr, format, args);
	va_end(args);
}

void finding_set_site(struct finding *finding, struct addrspace *space, uint64_t va)
{
	const struct modimage *mod = space->mod;
	size_t section = modimage_section_at(mod, va);
	const struct kofile_symbol *symbol;

	finding->has_site = true;
	finding->site.address = va;
	finding->site.section = mod->file->sections[section].name;
	finding->site.section_number = section;
	finding->site.section_offset = va - mod->sections[section].va;
	symbol = modsym_at(mod, va, &finding->site.offset);
	finding->site.function = symbol ? symbol->name : NULL;
}

/* Names the target by the object of the kernel's image where @va is that object's alias
 * in the direct map. Returns the object's address, or @va.
 */
static uint64_t name_target(struct finding *finding, struct addrspace *space, uint64_t va)
{
	struct kernel *kernel = space->kernel;
	struct addrspace_name *name = &finding->target.name;
	const char *region = name->region;
	uint64_t image;

	if (finding->walk.reason != PT_OK ||
	    region_of(kernel, va)->kind != REGION_DIRECT_MAP ||
	    !kernel_image_va(kernel, finding->walk.pa, &image))
		return va;
	addrspace_name(space, image, name);
	name->region = region;
	return image;
}

/* The error code of a store to what is not writable. */
static unsigned store_error(const struct addrspace_rights *rights)
{
	return 1U << ERRORCODE_W | (rights->is_mapped ? 1U << ERRORCODE_P : 0);
}

static void tell_source(struct finding *finding, const struct addrspace_rights *rights)
{
	if (rights->source == MODSECTION_BY_RELEASE)
		finding_note(finding, "that it is sealed follows from the release alone");
	if (rights->source != MODSECTION_NOT_KNOWN)
		return;
	finding->error_code = 0;
	if (finding->verdict < FINDING_UNDECIDED)
		finding->verdict = FINDING_UNDECIDED;
	finding_note(finding,
		     "whether this kernel seals that section once init has returned 0 is "
		     "not known");
}

void finding_set_target(struct finding *finding, struct addrspace *space, uint64_t va,
			bool is_exact)
{
	struct addrspace_rights rights;

	finding->has_target = true;
	finding->target.address = va;
	finding->target.is_exact = is_exact;
	addrspace_name(space, va, &finding->target.name);
	addrspace_rights(space, va, MODULE_PHASE_LIVE, &rights);
	finding->target.is_own = rights.owner != ADDRSPACE_KERNEL;
	if (!rights.is_writable) {
		finding->error_code = store_error(&rights);
		tell_source(finding, &rights);
	}
	if (rights.owner != ADDRSPACE_KERNEL)
		return;
	pt_walk(&space->kernel->pt, va, &finding->walk);
	finding->has_walk = true;
	finding->is_poisoned = kernel_is_walk_poisoned(space->kernel, &finding->walk);
	owner_describe(space->kernel, name_target(finding, space, va),
		       finding->target.owner, sizeof(finding->target.owner));
}

static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	if (x->site.address != y->site.address)
		return x->site.address < y->site.address ? -1 : 1;
	if (x->target.is_exact != y->target.is_exact)
		return x->target.is_exact ? -1 : 1;
	return x->target.address < y->target.address   ? -1
	       : x->target.address > y->target.address ? 1
						       : 0;
}

static bool is_same_string(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Does @exact say more of the object that @finding only names? */
static bool is_blurred(const struct finding *finding, const struct finding *exact)
{
	return finding->has_target && exact->has_target && !finding->target.is_exact &&
	       exact->target.is_exact && finding->target.name.symbol &&
	       is_same_string(finding->target.name.symbol, exact->target.name.symbol) &&
	       is_same_string(finding->target.name.module, exact->target.name.module);
}

static bool says_no_more(const struct finding *later, const struct finding *worse)
{
	return later->has_site && worse->has_site &&
	       later->site.address == worse->site.address &&
	       later->has_target == worse->has_target &&
	       (later->target.address == worse->target.address ||
		is_blurred(later, worse)) &&
	       (later->verdict != worse->verdict ||
		strcmp(later->kind, worse->kind) == 0);
}

void finding_sort(struct findings *findings)
{
	size_t nr = 0;

	if (findings->nr == 0)
		return;
	qsort(findings->array, findings->nr, sizeof(*findings->array), compare);
	for (size_t i = 0; i < findings->nr; i++) {
		bool is_new = true;

		for (size_t j = 0; j < nr && is_new; j++)
			is_new = !says_no_more(&findings->array[i], &findings->array[j]);
		if (is_new && nr++ != i)
			findings->array[nr - 1] = findings->array[i];
	}
	findings->nr = nr;
}

static void add_lines(struct finding *finding, struct sourcelines *lines)
{
	struct sourceline found[SOURCELINE_MAX_FRAMES];
	size_t nr = sourcelines_find(
		lines, finding->site.function, finding->site.section_number,
		finding->site.section_offset, found, SOURCELINE_MAX_FRAMES);

	finding->site.lines = nr ? calloc(nr, sizeof(*found)) : NULL;
	if (!finding->site.lines)
		return;
	memcpy(finding->site.lines, found, nr * sizeof(*found));
	finding->site.nr_lines = nr;
}

void finding_add_lines(struct findings *findings, const struct kofile *file)
{
	enum { MAX_LOOKED_UP = 64 };
	struct sourcelines *lines;
	unsigned char *copy;

	if (findings->nr == 0 || !kofile_section(file, ".debug_line"))
		return;
	/* libdw relocates in place, and a hostile file's sections may overlap. */
	copy = malloc(file->size_bytes);
	if (!copy)
		return;
	memcpy(copy, file->bytes, file->size_bytes);
	lines = sourcelines_open_bytes(copy, file->size_bytes);
	for (size_t i = 0; i < findings->nr && i < MAX_LOOKED_UP; i++)
		if (findings->array[i].has_site)
			add_lines(&findings->array[i], lines);
	sourcelines_close(lines);
	free(copy);
}

void finding_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->nr; i++)
		free(findings->array[i].site.lines);
	free(findings->array);
	memset(findings, 0, sizeof(*findings));
}
