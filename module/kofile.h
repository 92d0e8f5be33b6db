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

enum { FILE_SHA256_BYTES = 32 };
/* include/uapi/linux/elf.h: a symbol that livepatch will resolve. */
enum { FILE_SHN_LIVEPATCH = 0xff20 };

struct file_section {
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

struct file_symbol {
	const char *name;
	uint64_t value, size_bytes;
	uint16_t section; /* one of SHN_UNDEF, SHN_ABS, SHN_COMMON and FILE_SHN_LIVEPATCH,
			   * or below nr_sections */
	uint8_t type, bind;
};

struct file {
	char *path; /* as given, for messages */
	int fd;
	unsigned char *raw; /* as it lies on disk; freed by file_parse() */
	size_t raw_bytes;
	bool has_sha256;
	unsigned char sha256[FILE_SHA256_BYTES]; /* of raw */
	const char *packed;			 /* packed_kind() of raw */
	unsigned char *bytes;			 /* unpacked */
	size_t size_bytes;
	struct file_section *sections;
	size_t nr_sections;
	struct file_symbol *symbols; /* entry 0 is the null symbol */
	size_t nr_symbols;
	const char *module_name; /* .modinfo name=, or from this_module; "" if neither */
	bool is_signed;		 /* it ends in the signature marker */
};

/* file_open - opens @path, and no more: for as long as the privileges are there
 * Regular files only. Returns 0, or -errno with @err filled.
 */
int file_open(struct file *ret, const char *path, struct error *err);

/* file_read - its bytes, once; the descriptor stays open
 * Processes that share the descriptor do not disturb each other. Returns 0, or -errno
 * with @err filled.
 */
int file_read(struct file *file, struct error *err);

/* Between file_read() and file_parse(): the hash of what was read. */
void file_hash(struct file *file);

/* file_parse - unpacks what file_read() read and checks the ELF tables against the bytes
 *
 * Afterwards every pointer in @file lies in file->bytes, every index in range. Returns 0,
 * or -errno with @err filled (not a 64-bit x86 relocatable, truncated, malformed).
 */
int file_parse(struct file *file, struct error *err);

/* Gives back what file_read() and file_parse() took: it may be read once more. */
void file_forget(struct file *file);
void file_close(struct file *file);

/* file_modinfo - the next value of @key in .modinfo after @prev (NULL: the first)
 * NULL: no more.
 */
const char *file_modinfo(const struct file *file, const char *key, const char *prev);

/* First section of that name, or NULL. */
const struct file_section *file_section(const struct file *file, const char *name);

/* file_rela - relocation @i of @section. Its symbol's index is below nr_symbols, its
 * offset may be anything.
 */
static inline void file_rela(const struct file_section *section, size_t i,
			     Elf64_Rela *ret)
{
	memcpy(ret, section->rela + i * ELF64_RELA_BYTES, ELF64_RELA_BYTES);
}

/* A NUL-terminated string that starts at @offset of @section, or NULL. */
const char *file_string(const struct file_section *section, uint64_t offset);

#endif
