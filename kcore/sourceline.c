/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source lines of a place in an ELF file's code. */
#include "kcore/sourceline.h"

#ifdef KWCHECK_LIBDW
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <elfutils/version.h>
#endif
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/cleanup.h"

#ifdef KWCHECK_LIBDW

bool sourcelines_are_built_in(void)
{
	return true;
}

/* No file is looked for: all there is to know is in the one at hand. */
static int find_no_elf(Dwfl_Module *module, void **user, const char *name,
		       Dwarf_Addr base, char **file_name, Elf **elf)
{
	(void)module, (void)user, (void)name, (void)base, (void)file_name, (void)elf;
	return -1;
}

static int find_no_debuginfo(Dwfl_Module *module, void **user, const char *name,
			     Dwarf_Addr base, const char *file, const char *link,
			     GElf_Word crc, char **found)
{
	(void)module, (void)user, (void)name, (void)base, (void)file, (void)link,
		(void)crc, (void)found;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_no_elf,
	.find_debuginfo = find_no_debuginfo,
	.section_address = dwfl_offline_section_address,
};

struct sourcelines {
	Dwfl *dwfl;
	Dwfl_Module *module;
};

static void put(char *to, const char *from)
{
	snprintf(to, SOURCELINE_TEXT_BYTES, "%s", from ? from : "");
}

/* libdwfl lays the sections of a relocatable file out: where @section begins. */
static bool section_start(Dwfl_Module *module, size_t section, Dwarf_Addr *ret)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(module, &bias);
	Elf_Scn *scn = elf ? elf_getscn(elf, section) : NULL;
	GElf_Shdr header;

	if (!scn || !gelf_getshdr(scn, &header))
		return false;
	*ret = header.sh_addr + bias;
	return true;
}

/* The compilation unit that @at is in. libdw before 0.191 goes by .debug_aranges, which
 * clang leaves out: the units are searched then.
 */
static Dwarf_Die *find_unit(Dwfl_Module *module, Dwarf_Addr at, Dwarf_Addr *bias)
{
	Dwarf_Die *cu = dwfl_module_addrdie(module, at, bias);

	if (cu)
		return cu;
	while ((cu = dwfl_module_nextcu(module, cu, bias)))
		if (dwarf_haspc(cu, at - *bias) > 0)
			return cu;
	return NULL;
}

static void take_line(Dwarf_Die *cu, Dwarf_Addr at, struct sourceline *frame)
{
	Dwarf_Line *line = dwarf_getsrc_die(cu, at);

	if (!line)
		return;
	dwarf_lineno(line, &frame->line);
	put(frame->file, dwarf_linesrc(line, NULL, NULL));
}

/* Where an inlined function was called: the line of the frame outside of it. */
static void take_call(Dwarf_Die *cu, Dwarf_Die *inlined, struct sourceline *frame)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number;
	Dwarf_Files *files;
	size_t nr_files;

	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &number) ==
	    0)
		frame->line = (int)number;
	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &number) ==
		    0 &&
	    dwarf_getsrcfiles(cu, &files, &nr_files) == 0 && number < nr_files)
		put(frame->file, dwarf_filesrc(files, number, NULL, NULL));
}

static size_t take_chain(Dwarf_Die *cu, Dwarf_Addr at, struct sourceline *ret,
			 size_t room)
{
	Dwarf_Die *innermost = NULL, *scopes = NULL;
	size_t nr = 0;
	int n = dwarf_getscopes(cu, at, &innermost);

	if (n > 0)
		n = dwarf_getscopes_die(&innermost[0], &scopes);
	for (int i = 0; i < n && nr < room; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		put(ret[nr++].function, dwarf_diename(&scopes[i]));
		if (tag == DW_TAG_subprogram)
			break;
		if (nr < room)
			take_call(cu, &scopes[i], &ret[nr]);
	}
	free(innermost);
	free(scopes);
	return nr;
}

static struct sourcelines *begin(void)
{
	struct sourcelines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return NULL;
	lines->dwfl = dwfl_begin(&callbacks);
	if (lines->dwfl)
		dwfl_report_begin(lines->dwfl);
	return lines;
}

static struct sourcelines *end(struct sourcelines *lines)
{
	if (!lines->module) {
		sourcelines_close(lines);
		return NULL;
	}
	dwfl_report_end(lines->dwfl, NULL, NULL);
	return lines;
}

struct sourcelines *sourcelines_open(int fd)
{
	struct sourcelines *lines = begin();
	/* dup(2) is not among the calls that are left once privileges are dropped. */
	_cleanup_fd_ int own_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (!lines)
		return NULL;
	if (lines->dwfl && own_fd >= 0)
		lines->module = dwfl_report_offline(lines->dwfl, "module", "module",
						    own_fd);
	if (lines->module)
		own_fd = -1; /* libdwfl's now */
	return end(lines);
}

struct sourcelines *sourcelines_open_bytes(unsigned char *bytes, size_t size_bytes)
{
	struct sourcelines *lines = begin();

	if (!lines)
		return NULL;
#if _ELFUTILS_PREREQ(0, 188)
	if (lines->dwfl)
		lines->module = dwfl_report_offline_memory(
			lines->dwfl, "module", "module", (char *)bytes, size_bytes);
#else
	/* Debian 11: packed modules have no lines. */
	(void)bytes, (void)size_bytes;
#endif
	return end(lines);
}

void sourcelines_close(struct sourcelines *lines)
{
	if (!lines)
		return;
	dwfl_end(lines->dwfl);
	free(lines);
}

/* At @at as libdwfl laid the file out. */
static size_t find_at(struct sourcelines *lines, const char *function, Dwarf_Addr at,
		      struct sourceline *ret, size_t room)
{
	Dwarf_Addr bias;
	Dwarf_Die *cu;
	size_t nr;

	memset(ret, 0, room * sizeof(*ret));
	cu = find_unit(lines->module, at, &bias);
	if (!cu)
		return 0;
	take_line(cu, at - bias, &ret[0]);
	nr = take_chain(cu, at - bias, ret, room);
	if (nr == 0 && ret[0].file[0]) {
		put(ret[0].function, function);
		nr = 1;
	}
	return nr;
}

size_t sourcelines_find(struct sourcelines *lines, const char *function, size_t section,
			uint64_t offset, struct sourceline *ret, size_t room)
{
	Dwarf_Addr start;

	if (!lines || room == 0 || !section_start(lines->module, section, &start))
		return 0;
	return find_at(lines, function, start + offset, ret, room);
}

size_t sourcelines_find_linked(struct sourcelines *lines, const char *function,
			       uint64_t address, struct sourceline *ret, size_t room)
{
	GElf_Addr bias;

	if (!lines || room == 0 || !dwfl_module_getelf(lines->module, &bias))
		return 0;
	return find_at(lines, function, address + bias, ret, room);
}

#else

bool sourcelines_are_built_in(void)
{
	return false;
}

struct sourcelines *sourcelines_open(int fd)
{
	(void)fd;
	return NULL;
}

struct sourcelines *sourcelines_open_bytes(unsigned char *bytes, size_t size_bytes)
{
	(void)bytes, (void)size_bytes;
	return NULL;
}

void sourcelines_close(struct sourcelines *lines)
{
	(void)lines;
}

size_t sourcelines_find(struct sourcelines *lines, const char *function, size_t section,
			uint64_t offset, struct sourceline *ret, size_t room)
{
	(void)lines, (void)function, (void)section, (void)offset, (void)ret, (void)room;
	return 0;
}

size_t sourcelines_find_linked(struct sourcelines *lines, const char *function,
			       uint64_t address, struct sourceline *ret, size_t room)
{
	(void)lines, (void)function, (void)address, (void)ret, (void)room;
	return 0;
}

#endif
