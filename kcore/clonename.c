/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a name what a compiler made of another one? */
#include "kcore/clonename.h"

#include <ctype.h>
#include <string.h>

static const char cfi_prefix[] = CLONENAME_CFI;
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

bool clonename_is_of(const char *symbol, const char *name)
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

bool clonename_is_same(const char *symbol, const char *name)
{
	size_t bytes = strlen(name);
	const char *number = symbol + bytes + sizeof(llvm_suffix) - 1;

	return strncmp(symbol, name, bytes) == 0 &&
	       strncmp(symbol + bytes, llvm_suffix, sizeof(llvm_suffix) - 1) == 0 &&
	       *number && number[strspn(number, "0123456789")] == '\0';
}
