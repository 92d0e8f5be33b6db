/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a sealed object is, in words. */
#include "preflight/owner.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kcore/region.h"

enum { MAX_NAME_BYTES = 64 };

static bool ends_with(const char *name, const char *end)
{
	size_t bytes = strlen(name), end_bytes = strlen(end);

	return bytes > end_bytes && strcmp(name + bytes - end_bytes, end) == 0;
}

static bool read_name(struct kernel *kernel, uint64_t va, char *ret)
{
	for (size_t i = 0; i < MAX_NAME_BYTES; i++) {
		if (kernel_read(kernel, va + i, &ret[i], 1) < 0)
			return false;
		if (!ret[i])
			return i > 0;
		if (ret[i] < 0x20 || ret[i] >= 0x7f)
			return false;
	}
	return false;
}

/* The LSM that an entry names: .lsm is a string until 6.7, .lsmid points to one since. */
static bool read_lsm(struct kernel *kernel, uint64_t entry, char *ret)
{
	uint32_t at;
	uint64_t pointer;

	if (types_offset(&kernel->types, "security_hook_list", "lsm", &at) == 0)
		return kernel_read(kernel, entry + at, &pointer, sizeof(pointer)) == 0 &&
		       read_name(kernel, pointer, ret);
	if (types_offset(&kernel->types, "security_hook_list", "lsmid", &at) < 0)
		return false;
	return kernel_read(kernel, entry + at, &pointer, sizeof(pointer)) == 0 &&
	       kernel_read(kernel, pointer, &pointer, sizeof(pointer)) == 0 &&
	       read_name(kernel, pointer, ret);
}

/* An array of struct security_hook_list: which entry, which hook, which LSM. */
static void describe_hooks(struct kernel *kernel, const struct symbol *symbol,
			   uint64_t va, char *text, size_t text_bytes)
{
	char lsm[MAX_NAME_BYTES] = "";
	const struct symbol *hook;
	uint32_t size, at;
	uint64_t entry, pointer;

	if (types_size(&kernel->types, "security_hook_list", &size) < 0 || size == 0 ||
	    types_offset(&kernel->types, "security_hook_list", "hook", &at) < 0)
		return;
	entry = symbol->address + (va - symbol->address) / size * size;
	if (kernel_read(kernel, entry + at, &pointer, sizeof(pointer)) < 0)
		return;
	hook = symbols_at(&kernel->symbols, pointer);
	if (!hook || hook->address != pointer)
		return;
	if (!read_lsm(kernel, entry, lsm))
		snprintf(lsm, sizeof(lsm), "some LSM");
	snprintf(text, text_bytes,
		 "entry %" PRIu64 " of the hooks of %s, whose hook is %s",
		 (entry - symbol->address) / size, lsm, hook->name);
}

static void describe_member(struct kernel *kernel, const struct symbol *symbol,
			    const char *type, const char *what, uint64_t va, char *text,
			    size_t text_bytes)
{
	const char *member;
	uint32_t start;

	if (types_member(&kernel->types, type, (uint32_t)(va - symbol->address), &member,
			 &start) == 0 &&
	    *member)
		snprintf(text, text_bytes, "%s of hook %s", what, member);
}

void owner_describe(struct kernel *kernel, uint64_t va, char *text, size_t text_bytes)
{
	const struct symbol *symbol = symbols_at(&kernel->symbols, va);
	uint64_t switch_dispatch;

	*text = '\0';
	if (!symbol || symbol->module)
		return;
	if (strcmp(symbol->name, "security_hook_heads") == 0)
		describe_member(kernel, symbol, "security_hook_heads", "list head", va,
				text, text_bytes);
	else if (strcmp(symbol->name, "static_calls_table") == 0)
		describe_member(kernel, symbol, "lsm_static_calls_table", "static calls",
				va, text, text_bytes);
	else if (strcmp(symbol->name, "sys_call_table") == 0 &&
		 symbols_address(&kernel->symbols, "x64_sys_call", &switch_dispatch))
		snprintf(text, text_bytes,
			 "inert: this kernel dispatches system calls by a switch "
			 "(x64_sys_call), not by this table");
	else if (ends_with(symbol->name, "_hooks") &&
		 region_of(kernel, va)->kind == REGION_RO_AFTER_INIT)
		describe_hooks(kernel, symbol, va, text, text_bytes);
}
