/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A static call's trampoline and its key, which are named alike. */
#include "unchanged/statickey.h"

#include <stdio.h>
#include <string.h>

/* include/linux/static_call_types.h */
static const char trampoline[] = "__SCT__", key[] = "__SCK__";

/* What the static call at @va is called; NULL: none begins there. */
static const char *name_of(struct symbols *symbols, uint64_t va)
{
	const struct symbol *symbol = symbols_at(symbols, va);

	return symbol && symbol->address == va &&
			       strncmp(symbol->name, trampoline, strlen(trampoline)) == 0
		       ? symbol->name + strlen(trampoline)
		       : NULL;
}

bool statickey_is_trampoline(struct symbols *symbols, uint64_t va)
{
	return name_of(symbols, va) != NULL;
}

uint64_t statickey_of(struct symbols *symbols, uint64_t va)
{
	const char *name = name_of(symbols, va);
	char key_name[KALLSYMS_NAME_BYTES + sizeof(key)];
	uint64_t ret;

	if (!name)
		return 0;
	snprintf(key_name, sizeof(key_name), "%s%s", key, name);
	return symbols_address(symbols, key_name, &ret) ? ret : 0;
}
