/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbols by a pattern of the shell: apparmor_*, kvm:vmx_?xit. */
#include "kcore/glob.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

static const char specials[] = "*?[";

struct glob {
	const char *name;
	symbols_fn fn;
	void *ctx;
};

bool glob_is_pattern(const char *word)
{
	return word[strcspn(word, specials)] != '\0';
}

static void pass_matching(void *ctx, const struct symbol *symbol)
{
	const struct glob *glob = ctx;

	if (fnmatch(glob->name, symbol->name, 0) == 0)
		glob->fn(glob->ctx, symbol);
}

void glob_each(struct symbols *symbols, const char *name, const char *module,
	       symbols_fn fn, void *ctx)
{
	struct glob glob = {.name = name, .fn = fn, .ctx = ctx};
	bool wants_kernel = !module || *module == '\0' ||
			    fnmatch(module, "vmlinux", 0) == 0;
	const struct symbol *symbol;
	char prefix[64];

	/* The table of names is sought through by how they begin. */
	snprintf(prefix, sizeof(prefix), "%.*s", (int)strcspn(name, "*?[\\"), name);
	if (wants_kernel)
		symbols_each(symbols, prefix, pass_matching, &glob);
	for (size_t i = symbols->own.nr; (symbol = symbols_nth(symbols, i)); i++)
		if (!module ||
		    (symbol->module && fnmatch(module, symbol->module, 0) == 0))
			pass_matching(&glob, symbol);
}
