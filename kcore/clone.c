/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that compilers make of a function's or an object's name. */
#include "kcore/clone.h"

#include <stdio.h>
#include <string.h>

#include "kcore/clonename.h"

struct search {
	const char *name;
	symbols_fn fn;
	void *ctx;
};

static void pass_clone(void *ctx, const struct symbol *symbol)
{
	const struct search *search = ctx;

	if (clonename_is_of(symbol->name, search->name))
		search->fn(search->ctx, symbol);
}

void clone_each(struct symbols *symbols, const char *name, const char *module,
		symbols_fn fn, void *ctx)
{
	bool is_own = !module || *module == '\0' || strcmp(module, "vmlinux") == 0;
	struct search search = {.name = name, .fn = fn, .ctx = ctx};
	const struct symbol *symbol;
	char text[KALLSYMS_NAME_BYTES + 16];

	if (is_own) {
		snprintf(text, sizeof(text), "%s.", name);
		symbols_each(symbols, text, pass_clone, &search);
		snprintf(text, sizeof(text), CLONENAME_CFI "%s", name);
		symbols_each(symbols, text, pass_clone, &search);
	}
	if (is_own && module)
		return;
	for (size_t i = symbols->own.nr; (symbol = symbols_nth(symbols, i)); i++)
		if (symbol->module && (!module || strcmp(symbol->module, module) == 0))
			pass_clone(&search, symbol);
}
