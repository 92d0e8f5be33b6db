/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A .ko file: its bytes, its sections, its symbols. Untrusted from the first byte. */
#ifndef KWCHECK_MODULE_KOFILE_H
#define KWCHECK_MODULE_KOFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kcore/elf64.h"
#include "kcore/error.h"

enum { KOFILE_SHA256_BYTES = 32 };
/* include/uapi/linux/elf.h: a symbol that livepatch will resolve. */
enum { KOFILE_SHN_LIVEPATCH = 0xff20 };

struct kofile_section {
	const char *name; /* "" where the name lies outside the string table */
	uint32_t type;
	uint64_t flags;
	uint64_t size_bytes;
	uint64_t align; /* at least 1 */
	uint64_t entry_bytes;
	uint32_t link, info;
	const unsigned char *data; /* size_bytes of it; NULL for SHT_NOBITS */
	/* Its relocations, as SHT_RELA sections name it by sh_info: the first of them. */
	const unsigned char *rela; /* Elf64_Rela, unaligned */
	size_t nr_rela;
};

struct kofile_symbol {
	const char *name;
	uint64_t value, size_bytes;
	uint16_t section; /* one of SHN_UNDEF, SHN_ABS, SHN_COMMON and
			   * KOFILE_SHN_LIVEPATCH, or below nr_sections */
	uint8_t type, bind;
};

struct kofile {
	char *path; /* as given, for messages */
	int fd;
	bool is_moved; /* @fd is borrowed, and the bytes begin at @at */
	uint64_t at;
	unsigned char *raw; /* as it lies on disk; freed by kofile_parse() */
	size_t raw_bytes;
	bool has_sha256;
	unsigned char sha256[KOFILE_SHA256_BYTES]; /* of raw */
	const char *packed;			   /* unpack_kind() of raw */
	unsigned char *bytes;			   /* unpacked */
	size_t size_bytes;
	struct kofile_section *sections;
	size_t nr_sections;
	struct kofile_symbol *symbols; /* entry 0 is the null symbol */
	size_t nr_symbols;
	const char *module_name; /* .modinfo name=, or from this_module; "" if neither */
	bool is_signed;		 /* it ends in the signature marker */
	size_t signed_bytes;	 /* and what comes before that, in bytes */
};

/* Is @name what the file of a module is called: .ko, and as it may be packed? */
bool kofile_is_name(const char *name);

/* kofile_open - opens @path, and no more: for as long as the privileges are there
 * Regular files only. Returns 0, or -errno with @err filled.
 */
int kofile_open(struct kofile *ret, const char *path, struct error *err);

/* kofile_take - the same of a descriptor that somebody else has opened: file->fd, with
 * file->path for messages
 */
int kofile_take(struct kofile *file, struct error *err);

/* kofile_move - copies the bytes to the end of @to and closes the file's own descriptor
 * @to: stays the caller's and must outlive @file. Returns 0, or -errno with @err filled:
 * the file is as it was.
 */
int kofile_move(struct kofile *file, int to, struct error *err);

/* kofile_read - its bytes, once; the descriptor stays open
 * Processes that share the descriptor do not disturb each other. Returns 0, or -errno
 * with @err filled.
 */
int kofile_read(struct kofile *file, struct error *err);

/* Between kofile_read() and kofile_parse(): the hash of what was read. */
void kofile_hash(struct kofile *file);

/* kofile_parse - unpacks what kofile_read() read and checks the ELF tables against the
 * bytes
 *
 * Afterwards every pointer in @file lies in file->bytes, every index in range. Returns 0,
 * or -errno with @err filled (not a 64-bit x86 relocatable, truncated, malformed).
 */
int kofile_parse(struct kofile *file, struct error *err);

/* Gives back what kofile_read() and kofile_parse() took: it may be read once more. */
void kofile_forget(struct kofile *file);
void kofile_close(struct kofile *file);

/* kofile_modinfo - the next value of @key in .modinfo after @prev (NULL: the first)
 * NULL: no more.
 */
const char *kofile_modinfo(const struct kofile *file, const char *key, const char *prev);

/* First section of that name, or NULL. */
const struct kofile_section *kofile_section(const struct kofile *file, const char *name);

/* kofile_rela - relocation @i of @section. Its symbol's index is below nr_symbols, its
 * offset may be anything.
 */
static inline void kofile_rela(const struct kofile_section *section, size_t i,
			       Elf64_Rela *ret)
{
	memcpy(ret, section->rela + i * ELF64_RELA_BYTES, ELF64_RELA_BYTES);
}

/* A NUL-terminated string that starts at @offset of @section, or NULL. */
const char *kofile_string(const struct kofile_section *section, uint64_t offset);

/* Does the module link against @name? */
bool kofile_imports(const struct kofile *file, const char *name);

#endif
