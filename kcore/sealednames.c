/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of sealed objects, and of the functions that unseal. The names themselves are in
 * sealednames.def: no module of four Debian kernels (16,365) has one of them as a string.
 */
#include "kcore/sealednames.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	bool is_object;
} names[] = {
#define FUNCTION(name) {name, false},
#define OBJECT(name) {name, true},
#include "kcore/sealednames.def"
#undef FUNCTION
#undef OBJECT
};
enum { NR_NAMES = sizeof(names) / sizeof(names[0]) };

/* The index of @name, or NR_NAMES. Every string of a module is asked for. */
static size_t find(const char *name)
{
	size_t i = 0;

	while (i < NR_NAMES &&
	       (*name != *names[i].name || strcmp(name, names[i].name) != 0))
		i++;
	return i;
}

bool sealednames_is_lsm_key(const char *symbol)
{
	return strncmp(symbol, sealednames_lsm_key, sizeof(sealednames_lsm_key) - 1) == 0;
}

bool sealednames_is_object(const char *symbol)
{
	size_t i = find(symbol);

	return i < NR_NAMES && names[i].is_object;
}

bool sealednames_is_telling(const char *name)
{
	return find(name) < NR_NAMES || sealednames_is_lsm_key(name);
}
