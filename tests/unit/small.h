/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small kernel whose every byte a test can write: the fake of fake.h with all sections
 * in its RAM, for what looks into the kernel's memory.
 *
 *	SMALL_TEXT     2M  r-x  in RAM at 0x200000
 *	SMALL_RODATA   4K  r--  at 0x100000
 *	SMALL_SEALED   8K  r--  at 0x110000, .data..ro_after_init
 *	SMALL_DATA    16K  rw-  at 0x130000
 *	SMALL_MODULE   4K  rw-  at 0x120000, in the module area; nothing after it
 *
 * The direct map has what is read-only above read-only, too, and the rest writable.
 */
#ifndef KWCHECK_TESTS_SMALL_H
#define KWCHECK_TESTS_SMALL_H

#include <stddef.h>
#include <stdint.h>

#include "audit/audit.h"
#include "fake.h"

#define SMALL_TEXT FAKE_STEXT
#define SMALL_RODATA FAKE_RODATA
#define SMALL_SEALED FAKE_RO_AFTER_INIT
#define SMALL_DATA FAKE_DATA
#define SMALL_MODULE 0xffffffffc0000000ULL

#define SMALL_RO_NX 0x8000000000000121ULL
#define SMALL_RW_NX 0x8000000000000163ULL
#define SMALL_RO_X 0x0000000000000121ULL

/* Entries of page tables: of SMALL_SEALED's second page, of SMALL_MODULE and the page
 * after it.
 */
#define SMALL_SEALED_2_ENTRY_PA (0x8000ULL + 257 * 8)
#define SMALL_MODULE_ENTRY_PA 0xa000ULL
#define SMALL_MODULE_2_ENTRY_PA 0xa008ULL
/* RAM that nothing uses, as frames and as table pages. */
#define SMALL_FREE_PA 0x140000ULL

struct btf;

struct small {
	struct fake fake;
	struct source source;
	struct kernel kernel;
	struct audit audit;
};

/* small_open - @kallsyms; what @fill writes with small_put*(); @btf: NULL or libbpf's,
 * which is freed
 */
void small_open(struct small *small, const char *kallsyms, void (*fill)(void),
		struct btf *btf);
/* And audits its @groups, 0 for none; close with small_close() either way. */
void small_audit(struct small *small, unsigned groups, const struct audit_words *words);
void small_close(struct small *small);

/* For small_open(): struct cpuinfo_x86 with its words of capabilities at @offset. */
struct btf *small_cpu_types(unsigned offset);

/* For @fill. */
void small_put(uint64_t va, uint64_t value);
void small_put_bytes(uint64_t va, const void *bytes, size_t nr);
/* e8 or e9 at @va to @target. */
void small_put_branch(uint64_t va, unsigned char opcode, uint64_t target);
void small_put_pa(uint64_t pa, uint64_t value);

/* The row of that name, which must be there. */
const struct audit_row *small_row(const struct small *small, const char *name);
/* The findings are of these kinds, in this order. */
void small_expect(const struct small *small, size_t nr, const enum audit_kind kinds[]);
/* One finding of @kind whose sentence has @words in it. */
void small_expect_one(const struct small *small, enum audit_kind kind, const char *words);

#endif
