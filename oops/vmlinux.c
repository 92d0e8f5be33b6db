/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF file of the kernel that crashed, with its DWARF. */
#include "oops/vmlinux.h"

#include <ctype.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/elf64.h"
#include "kcore/kernelfile.h"
#include "oops/scan.h"

enum { BANNER_BYTES = 512, MAX_BUILD_ID_BYTES = 32 };
/* SHA-1 and SHA-256 in hexadecimal digits, and nothing between. */
enum { MIN_ID_DIGITS = 16 };

/* What is looked at of one ELF file. */
struct file {
	Elf *elf;
	size_t shstrndx;
	Elf_Data *symbols;
	size_t symbol_strings; /* section index of their names */
	size_t nr_symbols;
	unsigned char id[MAX_BUILD_ID_BYTES];
	size_t id_bytes; /* 0: it has none */
	bool has_dwarf;
};

struct vmlinux {
	struct file file;	   /* the one that was named */
	struct file debug;	   /* with its DWARF; of symbols, where that has none */
	char banner[BANNER_BYTES]; /* "Linux version ..."; "": not in the file */
	struct sourcelines *lines;
};

static void take_section(struct file *file, Elf_Scn *scn, const GElf_Shdr *header)
{
	const char *name = elf_strptr(file->elf, file->shstrndx, header->sh_name);

	if (header->sh_type == SHT_NOTE && !file->id_bytes)
		file->id_bytes = kernelfile_build_id(elf_getdata(scn, NULL), file->id,
						     sizeof(file->id));
	if (header->sh_type == SHT_SYMTAB && !file->symbols) {
		file->symbols = elf_getdata(scn, NULL);
		file->symbol_strings = header->sh_link;
		file->nr_symbols = file->symbols ? file->symbols->d_size / ELF64_SYM_BYTES
						 : 0;
	}
	if (name && header->sh_type == SHT_PROGBITS &&
	    (strcmp(name, ".debug_info") == 0 || strcmp(name, ".zdebug_info") == 0))
		file->has_dwarf = true;
}

static bool open_file(int fd, struct file *ret)
{
	GElf_Ehdr header;
	Elf_Scn *scn = NULL;

	elf_version(EV_CURRENT);
	ret->elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	if (!ret->elf || elf_kind(ret->elf) != ELF_K_ELF ||
	    !gelf_getehdr(ret->elf, &header) || header.e_machine != EM_X86_64 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN) ||
	    elf_getshdrstrndx(ret->elf, &ret->shstrndx) < 0)
		return false;
	while ((scn = elf_nextscn(ret->elf, scn))) {
		GElf_Shdr section;

		if (gelf_getshdr(scn, &section))
			take_section(ret, scn, &section);
	}
	return true;
}

static void close_file(struct file *file)
{
	if (file->elf)
		elf_end(file->elf);
	*file = (struct file){0};
}

static bool is_same_build(const struct file *a, const struct file *b)
{
	return a->id_bytes && a->id_bytes == b->id_bytes &&
	       memcmp(a->id, b->id, a->id_bytes) == 0;
}

static const struct file *symbols_of(const struct vmlinux *vmlinux)
{
	return vmlinux->file.symbols ? &vmlinux->file : &vmlinux->debug;
}

/* init/version.c:linux_banner, which a debug file without contents does not have. */
static void take_banner(struct vmlinux *vmlinux)
{
	const struct file *file = symbols_of(vmlinux);

	for (size_t i = 0; i < file->nr_symbols; i++) {
		GElf_Sym symbol;
		GElf_Shdr header;
		Elf_Data *data;
		Elf_Scn *scn;
		const char *name;

		if (!gelf_getsym(file->symbols, (int)i, &symbol) || !symbol.st_size)
			continue;
		name = elf_strptr(file->elf, file->symbol_strings, symbol.st_name);
		if (!name || strcmp(name, "linux_banner") != 0)
			continue;
		scn = elf_getscn(vmlinux->file.elf, symbol.st_shndx);
		data = scn && gelf_getshdr(scn, &header) && header.sh_type == SHT_PROGBITS
			       ? elf_getdata(scn, NULL)
			       : NULL;
		if (!data || !data->d_buf ||
		    symbol.st_value - header.sh_addr >= data->d_size ||
		    symbol.st_size > data->d_size - (symbol.st_value - header.sh_addr))
			return;
		snprintf(vmlinux->banner, sizeof(vmlinux->banner), "%.*s",
			 (int)strnlen((const char *)data->d_buf + symbol.st_value -
					      header.sh_addr,
				      symbol.st_size < BANNER_BYTES ? symbol.st_size
								    : BANNER_BYTES - 1),
			 (const char *)data->d_buf + symbol.st_value - header.sh_addr);
		vmlinux->banner[strcspn(vmlinux->banner, "\n")] = '\0';
		return;
	}
}

/* The file itself, or the debug file that belongs to it. Returns the descriptor; -1. */
static int find_dwarf(struct vmlinux *vmlinux, const int fds[], size_t nr)
{
	if (vmlinux->file.has_dwarf)
		return fds[0];
	for (size_t i = 1; i < nr; i++) {
		if (open_file(fds[i], &vmlinux->debug) && vmlinux->debug.has_dwarf &&
		    is_same_build(&vmlinux->file, &vmlinux->debug))
			return fds[i];
		close_file(&vmlinux->debug);
	}
	return -1;
}

int vmlinux_open(struct vmlinux **ret, const int fds[], size_t nr, const char *path,
		 struct error *err)
{
	struct vmlinux *vmlinux = calloc(1, sizeof(*vmlinux));
	int fd, r = 0;

	if (!vmlinux)
		return -ENOMEM;
	if (!sourcelines_are_built_in()) {
		r = error_set(err, ERROR_NOT_BUILT_IN, -ENOTSUP,
			      "%.300s: this kwcheck was built without libdw, which reads "
			      "source lines",
			      path);
	} else if (!open_file(fds[0], &vmlinux->file)) {
		r = error_set(err, ERROR_FILE, -ENOEXEC,
			      "%.300s: no ELF file of an x86-64 kernel (vmlinux, not "
			      "compressed; not the vmlinuz of /boot)",
			      path);
	} else if ((fd = find_dwarf(vmlinux, fds, nr)) < 0) {
		r = error_set(
			err, ERROR_FILE, -ENODATA,
			"%.300s: it has no DWARF, and no debug file of its build id "
			"is beside it or in /usr/lib/debug; install the kernel's "
			"debug package, or build with CONFIG_DEBUG_INFO",
			path);
	} else if (!symbols_of(vmlinux)->nr_symbols) {
		r = error_set(err, ERROR_FILE, -ENODATA,
			      "%.300s: its symbols were stripped; give the file of the "
			      "kernel's debug package",
			      path);
	} else {
		take_banner(vmlinux);
		vmlinux->lines = sourcelines_open(fd);
	}
	if (r < 0) {
		vmlinux_close(vmlinux);
		return r;
	}
	*ret = vmlinux;
	return 0;
}

void vmlinux_close(struct vmlinux *vmlinux)
{
	if (!vmlinux)
		return;
	sourcelines_close(vmlinux->lines);
	close_file(&vmlinux->debug);
	close_file(&vmlinux->file);
	free(vmlinux);
}

/* "Linux version 6.1.0-56-amd64 (builder) ...": the third word; "" where it is none. */
static void release_of(const char *banner, char *ret, size_t room)
{
	*ret = '\0';
	if (scan_word(&banner, "Linux version "))
		scan_text(&banner, " ", ret, room);
}

/* 1: the log's build id is the file's; -1: another; 0: none in the log. CONFIG_
 * STACKTRACE_BUILD_ID puts it behind the release, 40 digits and more.
 */
static int compare_id(const struct file *file, const struct crash *crash)
{
	const char *p = crash->build;

	while (*p) {
		size_t digits = 0, bytes = strcspn(p, " ");

		while (isxdigit((unsigned char)p[digits]))
			digits++;
		if (digits == bytes && digits >= MIN_ID_DIGITS && file->id_bytes) {
			char own[2 * MAX_BUILD_ID_BYTES + 1];

			for (size_t i = 0; i < file->id_bytes; i++)
				snprintf(own + 2 * i, 3, "%02x", file->id[i]);
			return strlen(own) == digits && strncmp(own, p, digits) == 0 ? 1
										     : -1;
		}
		p += bytes;
		p += strspn(p, " ");
	}
	return 0;
}

/* Is @word, up to a blank, a word of @text? */
static bool has_word(const char *text, const char *word)
{
	size_t bytes = strcspn(word, " ");

	for (const char *c = strstr(text, " "); c; c = strstr(c + 1, " "))
		if (strncmp(c + 1, word, bytes) == 0 && strchr(" ", c[1 + bytes]))
			return true;
	return false;
}

/* "#1", and of Debian "Debian 6.1.192-2" behind it, stand in the banner, too. */
static bool has_other_build(const char *banner, const struct crash *crash)
{
	const char *package = strstr(crash->build, "Debian ");

	if (crash->build[0] == '#' && strchr(banner, '#') &&
	    !has_word(banner, crash->build))
		return true;
	return package && strstr(banner, "Debian ") &&
	       !has_word(banner, package + strlen("Debian "));
}

/* The banner in @log, of the release that crashed: 1: one is the file's; -1: there are
 * others only; 0: none.
 */
static int compare_banner(const struct vmlinux *vmlinux, const struct log *log,
			  const char *release)
{
	int outcome = 0;

	for (size_t i = 0; i < log->nr; i++) {
		const char *text = log->lines[i].text;
		char other[128];

		if (strncmp(text, "Linux version ", 14) != 0 || !log->lines[i].is_whole)
			continue;
		if (strcmp(text, vmlinux->banner) == 0)
			return 1;
		release_of(text, other, sizeof(other));
		if (strcmp(other, release) == 0)
			outcome = -1;
	}
	return outcome;
}

__attribute__((format(printf, 3, 4))) static enum vmlinux_match
say(enum vmlinux_match match, char *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason, VMLINUX_REASON_BYTES, format, args);
	va_end(args);
	return match;
}

enum vmlinux_match vmlinux_compare(const struct vmlinux *vmlinux, const struct log *log,
				   const struct crash *crash,
				   char reason[VMLINUX_REASON_BYTES])
{
	int id = compare_id(&vmlinux->file, crash), banner;
	char release[128];

	if (id > 0)
		return say(VMLINUX_SAME, reason, "its build id is the log's");
	if (id < 0)
		return say(VMLINUX_OTHER, reason, "its build id is not the log's");
	if (!vmlinux->banner[0])
		return say(VMLINUX_UNCHECKED, reason,
			   "neither release nor build id could be compared");
	release_of(vmlinux->banner, release, sizeof(release));
	if (crash->release[0] && strcmp(crash->release, release) != 0)
		return say(VMLINUX_OTHER, reason, "it is of %.70s, the log is of %.70s",
			   release, crash->release);
	banner = compare_banner(vmlinux, log, release);
	if (banner < 0 || has_other_build(vmlinux->banner, crash))
		return say(VMLINUX_OTHER, reason,
			   "it is another build of %.70s than "
			   "the log's",
			   release);
	if (banner == 0 && !crash->release[0])
		return say(VMLINUX_UNCHECKED, reason,
			   "the log does not tell which release it is of");
	return say(VMLINUX_SAME, reason,
		   banner ? "its banner is the log's" : "release %.70s is the log's",
		   release);
}

/* How far it is to the next symbol is what the log takes for a function's size. */
static uint64_t distance_to_next(const struct file *file, const GElf_Sym *of)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < file->nr_symbols; i++) {
		GElf_Sym symbol;

		if (gelf_getsym(file->symbols, (int)i, &symbol) &&
		    symbol.st_shndx == of->st_shndx && symbol.st_value > of->st_value &&
		    GELF_ST_TYPE(symbol.st_info) != STT_SECTION &&
		    symbol.st_value - of->st_value < least)
			least = symbol.st_value - of->st_value;
	}
	return least;
}

static bool is_fitting(const struct file *file, const GElf_Sym *symbol,
		       const struct site *site)
{
	return symbol->st_size == site->size_bytes ||
	       distance_to_next(file, symbol) == site->size_bytes;
}

/* Returns NULL, or why there is none. */
static const char *find_place(const struct vmlinux *vmlinux, const struct site *site,
			      uint64_t *ret)
{
	const struct file *file = symbols_of(vmlinux);
	size_t nr_named = 0, nr_fitting = 0;
	GElf_Sym found = {0};

	for (size_t i = 0; i < file->nr_symbols; i++) {
		GElf_Sym symbol;
		const char *name;

		if (!gelf_getsym(file->symbols, (int)i, &symbol) ||
		    symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= SHN_LORESERVE)
			continue;
		name = elf_strptr(file->elf, file->symbol_strings, symbol.st_name);
		if (!name || strcmp(name, site->function) != 0)
			continue;
		nr_named++;
		if (!is_fitting(file, &symbol, site) ||
		    (nr_fitting && symbol.st_value == found.st_value))
			continue;
		nr_fitting++;
		found = symbol;
	}
	if (nr_fitting == 1) {
		*ret = found.st_value + site->offset;
		return NULL;
	}
	if (nr_fitting)
		return "several functions of that name have the log's size";
	return nr_named ? "the function has another size in the file: another build"
			: "the function is not in the file";
}

void vmlinux_find(const struct vmlinux *vmlinux, const struct site *site, bool is_return,
		  struct vmlinux_lines *ret)
{
	uint64_t address = 0;

	ret->nr = 0;
	ret->why_not = NULL;
	if (site->module[0])
		ret->why_not = "it is a module's";
	else if (!site->function[0])
		ret->why_not = "the log names no function";
	else if (site_is_past_end(site))
		ret->why_not = "it is past the end of the function";
	else
		ret->why_not = find_place(vmlinux, site, &address);
	if (ret->why_not)
		return;
	/* A call may be its function's last instruction: what it returns to is behind. */
	if (is_return && site->offset)
		address--;
	ret->nr = sourcelines_find_linked(vmlinux->lines, site->function, address,
					  ret->array, SOURCELINE_MAX_FRAMES);
	if (!ret->nr)
		ret->why_not = "the file has no line for it";
}

const char *vmlinux_match_name(enum vmlinux_match match)
{
	static const char *const names[] = {
		[VMLINUX_UNCHECKED] = "unchecked",
		[VMLINUX_SAME] = "same",
		[VMLINUX_OTHER] = "other",
	};

	return names[match];
}
