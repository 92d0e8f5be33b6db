/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damage to files, the same for the same seed. */
#ifndef KWCHECK_TESTS_MUTATE_H
#define KWCHECK_TESTS_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* mutate - changes @bytes in a few ways that @seed decides about
 * In a relocatable ELF file mostly the headers, symbols and relocations. Returns the new
 * size: at most @size_bytes.
 */
size_t mutate(unsigned char *bytes, size_t size_bytes, uint64_t seed);

#endif
