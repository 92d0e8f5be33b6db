/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a module's section. */
#include "kcore/modsection.h"

#include <ctype.h>
#include <elf.h>
#include <string.h>

#include "kcore/release.h"

/* include/linux/module.h */
static const uint64_t SHF_RO_AFTER_INIT = 0x00200000;

/* Rights of each kind: kernel/module/strict_rwx.c (5.10: kernel/module.c). */
static const struct {
	const char *name;
	const char *rights[MODULE_NR_PHASES];
	int mem_index;
} kinds[MODSECTION_NR_KINDS] = {
	[MODSECTION_NONE] = {"not loaded", {"---", "---"}, -1},
	[MODSECTION_TEXT] = {"module text", {"r-x", "r-x"}, 0},
	[MODSECTION_RODATA] = {"module rodata", {"r--", "r--"}, 2},
	[MODSECTION_RO_AFTER_INIT] = {"module ro_after_init", {"rw-", "r--"}, 3},
	[MODSECTION_DATA] = {"module data", {"rw-", "rw-"}, 1},
	[MODSECTION_INIT_TEXT] = {"module init text", {"r-x", "---"}, 4},
	[MODSECTION_INIT_RODATA] = {"module init rodata", {"r--", "---"}, 6},
	[MODSECTION_INIT_DATA] = {"module init data", {"rw-", "---"}, 5},
	[MODSECTION_PER_CPU] = {"module per-CPU", {"rw-", "rw-"}, -1},
};

/* The sections that a kernel seals after init, by their names; they are writable in the
 * file. Without CONFIG_HAVE_STATIC_CALL_INLINE there are no .static_call_sites.
 */
static const struct {
	const char *name;
	unsigned since;	 /* 0: before the oldest supported release */
	bool needs_mark; /* came together with module_mark_ro_after_init() */
} sealed[] = {
	/* 444d13ff10fb ("modules: add ro_after_init support"), 4.8 */
	{".data..ro_after_init", 0, false},
	/* kernel/module.c:layout_and_allocate(), 4.20 */
	{"__jump_table", RELEASE(4, 20), false},
	/* 60b57b9cb002 ("module: Make .static_call_sites read-only after init"), 6.16 */
	{".static_call_sites", RELEASE(6, 16), true},
};
enum { NR_SEALED = sizeof(sealed) / sizeof(sealed[0]) };

/* What else there is by name, the more specific first. The loader itself asks for the
 * names that have is_loader, whatever the flags: kernel/module/main.c:
 * rewrite_section_headers(), setup_load_info(), layout_sections(). Without
 * CONFIG_MODULE_UNLOAD it would leave out .exit; distributions have it.
 */
static const struct {
	const char *start;
	enum modsection_kind kind;
	bool is_loader;
	bool is_whole; /* start is the whole name */
} names[] = {
	{".modinfo", MODSECTION_NONE, true, true},
	{"__versions", MODSECTION_NONE, true, true},
	{"__version_ext_", MODSECTION_NONE, true, false},
	{".data..percpu", MODSECTION_PER_CPU, true, true},
	{".init.text", MODSECTION_INIT_TEXT, false, false},
	{".init.rodata", MODSECTION_INIT_RODATA, false, false},
	{".init", MODSECTION_INIT_DATA, false, false},
	{".text", MODSECTION_TEXT, false, false},
	{".exit.text", MODSECTION_TEXT, false, false},
	{".noinstr.text", MODSECTION_TEXT, false, false},
	{".static_call.text", MODSECTION_TEXT, false, false},
	{".rodata", MODSECTION_RODATA, false, false},
	{"__param", MODSECTION_RODATA, false, false},
	{"__ksymtab", MODSECTION_RODATA, false, false},
	{"__kcrctab", MODSECTION_RODATA, false, false},
	{"__mcount_loc", MODSECTION_RODATA, false, false},
	{".note", MODSECTION_RODATA, false, false},
	{".orc_unwind", MODSECTION_RODATA, false, false},
	{".eh_frame", MODSECTION_RODATA, false, false},
	{".smp_locks", MODSECTION_RODATA, false, false},
	{".altinstructions", MODSECTION_RODATA, false, false},
	{"__ex_table", MODSECTION_RODATA, false, false},
	{".bss", MODSECTION_DATA, false, false},
	{".data", MODSECTION_DATA, false, false},
	{".gnu.linkonce.this_module", MODSECTION_DATA, false, false},
};
enum { NR_NAMES = sizeof(names) / sizeof(names[0]) };

const char *modsection_name(enum modsection_kind kind)
{
	return kinds[kind].name;
}

const char *modsection_rights(enum modsection_kind kind, enum module_phase phase)
{
	return kinds[kind].rights[phase];
}

bool modsection_is_writable(enum modsection_kind kind, enum module_phase phase)
{
	return kinds[kind].rights[phase][1] == 'w';
}

bool modsection_is_code(enum modsection_kind kind)
{
	return kinds[kind].rights[MODULE_PHASE_INIT][2] == 'x';
}

int modsection_mem_index(enum modsection_kind kind)
{
	return kinds[kind].mem_index;
}

static bool is_section_name(const char *name)
{
	if (*name != '.' && *name != '_')
		return false;
	for (; *name; name++)
		if (!isgraph((unsigned char)*name))
			return false;
	return true;
}

/* kernel/module/strict_rwx.c: static const char *const ro_after_init[], 6.16. Another
 * object of that name does not begin like this.
 */
static size_t read_list(struct kernel *kernel,
			char ret[MODSECTION_MAX_LISTED][MODSECTION_NAME_BYTES])
{
	uint64_t at, end, pointer;
	size_t nr = 0;

	if (!symbols_address(&kernel->symbols, "ro_after_init", &at) ||
	    !symbols_next_address(&kernel->symbols, at, &end))
		return 0;
	for (; nr < MODSECTION_MAX_LISTED && end - at >= sizeof(pointer);
	     at += sizeof(pointer), nr++) {
		if (kernel_read(kernel, at, &pointer, sizeof(pointer)) < 0)
			return 0;
		/* What fills up the space to the next symbol. */
		if (!(pointer >> 63))
			break;
		if (kernel_read_string(kernel, kernel_read, pointer, ret[nr],
				       MODSECTION_NAME_BYTES) < 0)
			return 0;
		if (!is_section_name(ret[nr]))
			break;
	}
	return nr && strcmp(ret[0], sealed[0].name) == 0 ? nr : 0;
}

void modsection_read(struct modsection_rules *ret, struct kernel *kernel)
{
	uint64_t va;

	*ret = (struct modsection_rules){
		.release = release_number(kernel->release),
		.has_symbols = kernel->has_symbols,
	};
	if (!kernel->has_symbols)
		return;
	ret->has_mark = symbols_address(&kernel->symbols, "module_mark_ro_after_init",
					&va);
	ret->nr_listed = read_list(kernel, ret->listed);
}

static bool is_listed(const struct modsection_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->nr_listed; i++)
		if (strcmp(rules->listed[i], name) == 0)
			return true;
	return false;
}

/* Does the kernel seal section number @i of sealed[]? The function's lack tells nothing
 * where the release has it: the compiler may have inlined it.
 */
static bool is_sealed(const struct modsection_rules *rules, size_t i,
		      enum modsection_source *source)
{
	*source = MODSECTION_BY_RULE;
	if (!sealed[i].since)
		return true;
	*source = MODSECTION_BY_SYMBOL;
	if (sealed[i].needs_mark && rules->has_mark)
		return true;
	*source = MODSECTION_BY_RELEASE;
	if (!rules->release || (sealed[i].needs_mark && rules->has_symbols &&
				rules->release >= sealed[i].since))
		*source = MODSECTION_NOT_KNOWN;
	return rules->release >= sealed[i].since;
}

/* A writable section that is loaded, and not for init alone. */
static enum modsection_kind kind_of_data(const struct modsection_rules *rules,
					 const char *name, enum modsection_source *source)
{
	bool seals = false;
	size_t i = 0;

	*source = MODSECTION_BY_LIST;
	if (rules->nr_listed) {
		seals = is_listed(rules, name);
	} else {
		*source = MODSECTION_BY_RULE;
		while (i < NR_SEALED && strcmp(sealed[i].name, name) != 0)
			i++;
		if (i < NR_SEALED)
			seals = is_sealed(rules, i, source);
	}
	return seals || *source == MODSECTION_NOT_KNOWN ? MODSECTION_RO_AFTER_INIT
							: MODSECTION_DATA;
}

/* The row of names[] that @name has, or NR_NAMES. */
static size_t find_name(const char *name, bool is_loader)
{
	size_t i = 0;

	while (i < NR_NAMES &&
	       ((is_loader && !names[i].is_loader) ||
		strncmp(name, names[i].start, strlen(names[i].start)) != 0 ||
		(names[i].is_whole && name[strlen(names[i].start)])))
		i++;
	return i;
}

enum modsection_kind modsection_by_flags(const struct modsection_rules *rules,
					 const char *name, uint64_t flags,
					 enum modsection_source *source)
{
	bool is_init = strncmp(name, ".init", strlen(".init")) == 0;
	size_t i = find_name(name, true);

	*source = MODSECTION_BY_RULE;
	if (!(flags & SHF_ALLOC))
		return MODSECTION_NONE;
	if (i < NR_NAMES)
		return names[i].kind;
	if (flags & SHF_EXECINSTR)
		return is_init ? MODSECTION_INIT_TEXT : MODSECTION_TEXT;
	if (!(flags & SHF_WRITE))
		return is_init ? MODSECTION_INIT_RODATA : MODSECTION_RODATA;
	if (is_init)
		return MODSECTION_INIT_DATA;
	if (flags & SHF_RO_AFTER_INIT)
		return MODSECTION_RO_AFTER_INIT;
	return kind_of_data(rules, name, source);
}

enum modsection_kind modsection_by_name(const struct modsection_rules *rules,
					const char *name, enum modsection_source *source)
{
	bool may_be_sealed = is_listed(rules, name);
	size_t i;

	for (i = 0; i < NR_SEALED; i++)
		may_be_sealed |= strcmp(sealed[i].name, name) == 0;
	if (may_be_sealed)
		return kind_of_data(rules, name, source);
	i = find_name(name, false);
	*source = i < NR_NAMES ? MODSECTION_BY_RULE : MODSECTION_NOT_KNOWN;
	return i < NR_NAMES ? names[i].kind : MODSECTION_NONE;
}
