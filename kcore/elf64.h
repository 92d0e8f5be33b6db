/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF's structures of 64-bit files: their sizes, as the System V gABI (chapters 4 and 5)
 * fixes them, whatever header compiles. A table is gone through by these, or by the size
 * of an entry that its file tells, never by sizeof.
 */
#ifndef KWCHECK_KCORE_ELF64_H
#define KWCHECK_KCORE_ELF64_H

#include <elf.h>

enum {
	ELF64_EHDR_BYTES = 64,
	ELF64_PHDR_BYTES = 56,
	ELF64_SHDR_BYTES = 64,
	ELF64_SYM_BYTES = 24,
	ELF64_RELA_BYTES = 24,
	ELF64_NHDR_BYTES = 12, /* of a note; name and contents follow, padded to 4 */
};

_Static_assert(sizeof(Elf64_Ehdr) == ELF64_EHDR_BYTES, "Elf64_Ehdr");
_Static_assert(sizeof(Elf64_Phdr) == ELF64_PHDR_BYTES, "Elf64_Phdr");
_Static_assert(sizeof(Elf64_Shdr) == ELF64_SHDR_BYTES, "Elf64_Shdr");
_Static_assert(sizeof(Elf64_Sym) == ELF64_SYM_BYTES, "Elf64_Sym");
_Static_assert(sizeof(Elf64_Rela) == ELF64_RELA_BYTES, "Elf64_Rela");
_Static_assert(sizeof(Elf64_Nhdr) == ELF64_NHDR_BYTES, "Elf64_Nhdr");

#endif
