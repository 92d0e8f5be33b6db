/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of the module that crashed: bytes and relocations. */
#include "oops/modfile.h"

#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdio.h>
#include <string.h>

#include "kcore/cleanup.h"
#include "kcore/elf64.h"
#include "oops/instruction.h"

/* As many bytes before the place as the kernel prints, and as many in all. */
enum { CODE_BEFORE = 42, CODE_ALL = 64, MAX_INSTRUCTION = 15 };

/* What is looked at of one ELF file. */
struct file {
	Elf *elf;
	size_t shstrndx;
	Elf_Data *symbols;
	size_t symbol_strings; /* section index of their names */
	size_t nr_symbols;
};

static void cleanup_elf(Elf **elf)
{
	elf_end(*elf);
}

static bool section_header(const struct file *file, size_t index, GElf_Shdr *ret)
{
	Elf_Scn *scn = elf_getscn(file->elf, index);

	return scn && gelf_getshdr(scn, ret);
}

static const char *section_name(const struct file *file, size_t index)
{
	GElf_Shdr header;
	const char *name = NULL;

	if (section_header(file, index, &header))
		name = elf_strptr(file->elf, file->shstrndx, header.sh_name);
	return name ? name : "";
}

static Elf_Data *section_data(const struct file *file, size_t index, GElf_Shdr *header)
{
	Elf_Scn *scn = elf_getscn(file->elf, index);

	if (!scn || !gelf_getshdr(scn, header) || header->sh_type == SHT_NOBITS)
		return NULL;
	return elf_getdata(scn, NULL);
}

static int open_file(int fd, struct file *ret)
{
	GElf_Ehdr header;
	Elf_Scn *scn = NULL;

	elf_version(EV_CURRENT);
	ret->elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!ret->elf || elf_kind(ret->elf) != ELF_K_ELF ||
	    !gelf_getehdr(ret->elf, &header) || header.e_machine != EM_X86_64 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_type != ET_REL ||
	    elf_getshdrstrndx(ret->elf, &ret->shstrndx) < 0)
		return -ENOEXEC;
	while ((scn = elf_nextscn(ret->elf, scn))) {
		GElf_Shdr section;

		if (!gelf_getshdr(scn, &section) || section.sh_type != SHT_SYMTAB)
			continue;
		ret->symbols = elf_getdata(scn, NULL);
		ret->symbol_strings = section.sh_link;
		ret->nr_symbols = ret->symbols ? ret->symbols->d_size / ELF64_SYM_BYTES
					       : 0;
		return 0;
	}
	return -ENOEXEC;
}

/* Marks the bytes of @section from @start that a relocation fills in when loading. */
static void mark_relocated(const struct file *file, size_t section, uint64_t start,
			   bool relocated[CODE_ALL])
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(file->elf, scn))) {
		GElf_Shdr header;
		Elf_Data *data;
		GElf_Rela rela;

		if (!gelf_getshdr(scn, &header) || header.sh_type != SHT_RELA ||
		    header.sh_info != section)
			continue;
		data = elf_getdata(scn, NULL);
		for (int i = 0; data && gelf_getrela(data, i, &rela); i++) {
			size_t bytes = GELF_R_TYPE(rela.r_info) == R_X86_64_64 ? 8 : 4;

			for (size_t j = 0; j < bytes; j++)
				if (rela.r_offset + j - start < CODE_ALL)
					relocated[rela.r_offset + j - start] = true;
		}
	}
}

/* The bytes from CODE_BEFORE before @place, as many as the section has. */
static bool take_code(const struct file *file, size_t section, uint64_t place,
		      struct crash_code *code, bool relocated[CODE_ALL])
{
	GElf_Shdr header;
	Elf_Data *data = section_data(file, section, &header);
	uint64_t start = place > CODE_BEFORE ? place - CODE_BEFORE : 0;

	if (!data || !data->d_buf || place >= data->d_size)
		return false;
	*code = (struct crash_code){.at = (int)(place - start)};
	code->nr = data->d_size - start < CODE_ALL ? data->d_size - start : CODE_ALL;
	memcpy(code->bytes, (const char *)data->d_buf + start, code->nr);
	memset(relocated, 0, CODE_ALL * sizeof(*relocated));
	mark_relocated(file, section, start, relocated);
	return true;
}

static void compare(const struct crash_code *log, const bool relocated[CODE_ALL],
		    size_t instruction_bytes, struct modfile *ret)
{
	const struct crash_code *code = &ret->code;
	bool is_instruction_same = true;

	if (log->at < 0)
		return;
	for (size_t i = 0; i < code->nr; i++) {
		/* Both are aligned at the mark. */
		size_t j = i + (size_t)log->at - (size_t)code->at;

		if (relocated[i] || j >= log->nr)
			continue;
		ret->nr_compared++;
		if (code->bytes[i] == log->bytes[j])
			continue;
		ret->nr_different++;
		if (i - (size_t)code->at < instruction_bytes)
			is_instruction_same = false;
	}
	if (ret->nr_compared == 0)
		return;
	ret->match = !is_instruction_same ? MODFILE_DIFFERENT
		     : ret->nr_different  ? MODFILE_PATCHED
					  : MODFILE_SAME;
}

static void name_symbol(const struct file *file, const GElf_Sym *symbol, int64_t addend,
			struct modfile *ret)
{
	const char *name = elf_strptr(file->elf, file->symbol_strings, symbol->st_name);
	size_t section = symbol->st_shndx;

	snprintf(ret->target_section, sizeof(ret->target_section), "%s",
		 section && section < SHN_LORESERVE ? section_name(file, section) : "");
	if (GELF_ST_TYPE(symbol->st_info) == STT_SECTION || !name || !*name)
		name = ret->target_section;
	if (addend)
		snprintf(ret->target, sizeof(ret->target), "%.150s%s0x%" PRIx64, name,
			 addend < 0 ? "-" : "+",
			 addend < 0 ? -(uint64_t)addend : (uint64_t)addend);
	else
		snprintf(ret->target, sizeof(ret->target), "%.190s", name);
}

/* The variable at @offset of @section, where a relocation names the section only. */
static bool name_object(const struct file *file, size_t section, uint64_t offset,
			struct modfile *ret)
{
	for (size_t i = 0; i < file->nr_symbols; i++) {
		GElf_Sym symbol;

		if (!gelf_getsym(file->symbols, (int)i, &symbol) ||
		    symbol.st_shndx != section ||
		    GELF_ST_TYPE(symbol.st_info) != STT_OBJECT ||
		    offset - symbol.st_value >= symbol.st_size)
			continue;
		name_symbol(file, &symbol, (int64_t)(offset - symbol.st_value), ret);
		return true;
	}
	return false;
}

/* A relocation inside the instruction tells what its operand points to. A RIP-relative
 * one counts from the instruction's end.
 */
static void find_target(const struct file *file, size_t section, uint64_t place,
			size_t instruction_bytes, struct modfile *ret)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(file->elf, scn))) {
		GElf_Shdr header;
		Elf_Data *data;
		GElf_Rela rela;

		if (!gelf_getshdr(scn, &header) || header.sh_type != SHT_RELA ||
		    header.sh_info != section)
			continue;
		data = elf_getdata(scn, NULL);
		for (int i = 0; data && gelf_getrela(data, i, &rela); i++) {
			unsigned type = GELF_R_TYPE(rela.r_info);
			int64_t addend = rela.r_addend;
			GElf_Sym symbol;

			if (rela.r_offset - place >= instruction_bytes ||
			    !gelf_getsym(file->symbols, (int)GELF_R_SYM(rela.r_info),
					 &symbol))
				continue;
			if (type == R_X86_64_PC32 || type == R_X86_64_PLT32)
				addend += (int64_t)(place + instruction_bytes -
						    rela.r_offset);
			if (!name_object(file, symbol.st_shndx,
					 symbol.st_value + (uint64_t)addend, ret))
				name_symbol(file, &symbol, addend, ret);
			return;
		}
	}
}

/* How good a symbol of the function's name fits: its size is that of the log, which
 * reaches to the next symbol, or its bytes are.
 */
static int rate(const struct site *site, const GElf_Sym *symbol,
		const struct modfile *found)
{
	int score = 1;

	if (symbol->st_size == site->size_bytes)
		score += 1;
	if (found->match == MODFILE_SAME || found->match == MODFILE_PATCHED)
		score += 2;
	return score;
}

static bool look_at(const struct file *file, const GElf_Sym *symbol,
		    const struct site *site, const struct crash_code *code,
		    struct modfile *ret)
{
	bool relocated[CODE_ALL];
	uint64_t place;
	size_t bytes;

	/* Functions written in assembly may have no size. */
	if (site->has_no_offset || (symbol->st_size && site->offset >= symbol->st_size) ||
	    __builtin_add_overflow(symbol->st_value, site->offset, &place))
		return false;
	if (!take_code(file, symbol->st_shndx, place, &ret->code, relocated))
		return false;
	snprintf(ret->section, sizeof(ret->section), "%s",
		 section_name(file, symbol->st_shndx));
	ret->section_number = symbol->st_shndx;
	ret->function_start = symbol->st_value;
	ret->function_bytes = symbol->st_size;
	bytes = instruction_size(&ret->code);
	compare(code, relocated, bytes ? bytes : 1, ret);
	find_target(file, symbol->st_shndx, place, bytes, ret);
	return true;
}

int modfile_read(int fd, const struct site *site, const struct crash_code *code,
		 struct modfile *ret)
{
	_cleanup_(cleanup_elf) Elf *elf = NULL;
	struct file file = {0};
	struct modfile best = {0};
	int best_score = 0, r = open_file(fd, &file);

	elf = file.elf;
	if (r < 0)
		return r;
	for (size_t i = 0; i < file.nr_symbols; i++) {
		struct modfile found = {0};
		const char *name;
		GElf_Sym symbol;

		if (!gelf_getsym(file.symbols, (int)i, &symbol) ||
		    symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= SHN_LORESERVE)
			continue;
		name = elf_strptr(file.elf, file.symbol_strings, symbol.st_name);
		if (!name || strcmp(name, site->function) != 0 ||
		    !look_at(&file, &symbol, site, code, &found) ||
		    rate(site, &symbol, &found) <= best_score)
			continue;
		best_score = rate(site, &symbol, &found);
		best = found;
	}
	if (!best_score)
		return -ENOENT;
	/* Lines of another build are worse than none. */
	if (best.match != MODFILE_DIFFERENT) {
		struct sourcelines *lines = sourcelines_open(fd);

		best.nr_frames = sourcelines_find(lines, site->function,
						  best.section_number,
						  best.function_start + site->offset,
						  best.frames, SOURCELINE_MAX_FRAMES);
		sourcelines_close(lines);
	}
	*ret = best;
	return 0;
}

const char *modfile_match_name(enum modfile_match match)
{
	static const char *const names[] = {
		[MODFILE_UNCHECKED] = "unchecked",
		[MODFILE_SAME] = "same",
		[MODFILE_PATCHED] = "patched",
		[MODFILE_DIFFERENT] = "different",
	};

	return names[match];
}
