/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A static call's trampoline and its key, which are named alike. */
#include "unchanged/statickey.h"

#include <stdio.h>
#include <string.h>

/* include/linux/static_call_types.h */
static const char trampoline[] = "__SCT__", key[] = "__SCK__";

/* The trampoline at @va; NULL: none begins there. */
static const struct symbol *trampoline_at(struct symbols *symbols, uint64_t va)
{
	const struct symbol *symbol = symbols_at(symbols, va);

	return symbol && symbol->address == va &&
			       strncmp(symbol->name, trampoline, strlen(trampoline)) == 0
		       ? symbol
		       : NULL;
}

bool statickey_is_trampoline(struct symbols *symbols, uint64_t va)
{
	return trampoline_at(symbols, va) != NULL;
}

uint64_t statickey_of(struct symbols *symbols, uint64_t va)
{
	const struct symbol *symbol = trampoline_at(symbols, va);
	char name[KALLSYMS_NAME_BYTES + sizeof(key)];
	uint64_t ret;

	if (!symbol)
		return 0;
	snprintf(name, sizeof(name), "%s%s", key, symbol->name + strlen(trampoline));
	if (!symbol->module)
		return symbols_address(symbols, name, &ret) ? ret : 0;
	/* Modules may call theirs alike. */
	symbol = symbols_find(symbols, name, symbol->module, NULL);
	return symbol ? symbol->address : 0;
}
