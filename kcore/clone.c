/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that compilers make of a function's or an object's name. */
#include "kcore/clone.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char cfi_prefix[] = "__cfi_";
static const char llvm_suffix[] = ".llvm.";

/* What may follow a name, and behind it a number. */
static const char *const suffixes[] = {".llvm", ".isra", ".constprop",
				       ".part", ".cold", ".lto_priv"};

/* Past one suffix and its number; NULL: none that is known. */
static const char *skip_suffix(const char *text)
{
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t bytes = strlen(suffixes[i]);
		const char *end = text + bytes;

		if (strncmp(text, suffixes[i], bytes) != 0 || (*end && *end != '.'))
			continue;
		if (*end == '.' && isdigit((unsigned char)end[1]))
			end += 1 + strspn(end + 1, "0123456789");
		return end;
	}
	return NULL;
}

bool clone_is_of(const char *symbol, const char *name)
{
	size_t bytes = strlen(name);

	if (strncmp(symbol, cfi_prefix, sizeof(cfi_prefix) - 1) == 0 &&
	    strcmp(symbol + sizeof(cfi_prefix) - 1, name) == 0)
		return true;
	if (strncmp(symbol, name, bytes) != 0 || symbol[bytes] != '.')
		return false;
	for (const char *at = symbol + bytes; (at = skip_suffix(at));)
		if (*at == '\0')
			return true;
	return false;
}

bool clone_is_same(const char *symbol, const char *name)
{
	size_t bytes = strlen(name);
	const char *number = symbol + bytes + sizeof(llvm_suffix) - 1;

	return strncmp(symbol, name, bytes) == 0 &&
	       strncmp(symbol + bytes, llvm_suffix, sizeof(llvm_suffix) - 1) == 0 &&
	       *number && number[strspn(number, "0123456789")] == '\0';
}

struct search {
	const char *name;
	symbols_fn fn;
	void *ctx;
};

static void pass_clone(void *ctx, const struct symbol *symbol)
{
	const struct search *search = ctx;

	if (clone_is_of(symbol->name, search->name))
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
		snprintf(text, sizeof(text), "%s%s", cfi_prefix, name);
		symbols_each(symbols, text, pass_clone, &search);
	}
	if (is_own && module)
		return;
	for (size_t i = symbols->own.nr; (symbol = symbols_nth(symbols, i)); i++)
		if (symbol->module && (!module || strcmp(symbol->module, module) == 0))
			pass_clone(&search, symbol);
}
