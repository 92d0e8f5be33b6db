/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A static call's trampoline and its key, which are named alike. */
#ifndef KWCHECK_UNCHANGED_STATICKEY_H
#define KWCHECK_UNCHANGED_STATICKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "kcore/symbols.h"

/* statickey_is_trampoline - does a static call's trampoline begin at @va? */
bool statickey_is_trampoline(struct symbols *symbols, uint64_t va);

/* statickey_of - the key of the trampoline at @va; 0: there is none of that name */
uint64_t statickey_of(struct symbols *symbols, uint64_t va);

#endif
