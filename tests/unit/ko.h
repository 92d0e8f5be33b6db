/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small module file, made of what a test says. */
#ifndef KWCHECK_TESTS_KO_H
#define KWCHECK_TESTS_KO_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "module/kofile.h"

/* Sections are numbered from 1 in the order given; the symbol, string and relocation
 * tables come behind.
 */
struct ko_section {
	const char *name;
	uint64_t flags;
	uint32_t type; /* 0: SHT_PROGBITS */
	const void *data;
	uint64_t size_bytes;
	const Elf64_Rela *rela;
	size_t nr_rela;
};

struct ko_symbol {
	const char *name;
	uint16_t section;
	uint64_t value;
	uint8_t type, bind;
	uint64_t size_bytes;
};

struct ko {
	struct ko_section sections[12];
	size_t nr_sections;
	struct ko_symbol symbols[12]; /* numbered from 1 */
	size_t nr_symbols;
};

/* Nothing but code, which begins with init_module. */
struct ko ko_of_code(const unsigned char *code, size_t size_bytes);

/* The file's bytes, malloc'ed. */
unsigned char *ko_bytes(const struct ko *ko, size_t *size_bytes);

/* The file, written to a memfd and parsed. @ret is closed by kofile_close(). */
void ko_parse(const struct ko *ko, struct kofile *ret);

/* Any bytes as a file to kofile_read(). */
void ko_wrap(const void *bytes, size_t size_bytes, struct kofile *ret);

#endif
