/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a name to an address, and from an address to words. */
#include "audit/names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/region.h"

/* A symbol with nothing after it for this long is the last of its mapping. */
static const uint64_t MAX_SYMBOL_BYTES = 16 << 20;

void audit_want(struct audit *audit, const char *name)
{
	if (array_reserve(&audit->wanted, audit->nr_wanted, &audit->wanted_room,
			  sizeof(*audit->wanted)) < 0)
		audit->failed = -ENOMEM;
	else
		audit->wanted[audit->nr_wanted++] = (struct audit_wanted){.name = name};
}

static const struct audit_wanted *find_wanted(const struct audit *audit, const char *name)
{
	for (size_t i = 0; i < audit->nr_wanted; i++)
		if (strcmp(audit->wanted[i].name, name) == 0)
			return &audit->wanted[i];
	return NULL;
}

bool audit_symbol(const struct audit *audit, const char *name, uint64_t *ret)
{
	const struct audit_wanted *wanted = find_wanted(audit, name);

	if (!wanted)
		return symbols_address(&audit->kernel->symbols, name, ret);
	if (wanted->address)
		*ret = wanted->address;
	return wanted->address != 0;
}

bool audit_constant(const struct audit *audit, const char *name, uint64_t *ret)
{
	const struct audit_wanted *wanted = find_wanted(audit, name);

	if (!wanted || !wanted->constant)
		return audit_symbol(audit, name, ret);
	*ret = wanted->constant;
	return true;
}

const char *audit_keep_name(struct audit *audit, const char *name)
{
	char *copy = strdup(name);

	if (!copy || array_reserve(&audit->names, audit->nr_names, &audit->names_room,
				   sizeof(*audit->names)) < 0) {
		audit->failed = -ENOMEM;
		free(copy);
		return "?";
	}
	audit->names[audit->nr_names++] = copy;
	return copy;
}

const char *audit_place(const struct audit *audit, uint64_t va, char *text,
			size_t text_bytes)
{
	struct symbols *symbols = &audit->kernel->symbols;
	const struct symbol *symbol = audit->kernel->has_symbols ? symbols_at(symbols, va)
								 : NULL;
	int n;

	if (!symbol || va - symbol->address >= MAX_SYMBOL_BYTES) {
		snprintf(text, text_bytes, "%s", region_of(audit->kernel, va)->name);
		return text;
	}
	if (va == symbol->address)
		n = snprintf(text, text_bytes, "%.100s", symbol->name);
	else
		n = snprintf(text, text_bytes, "%.100s+0x%" PRIx64, symbol->name,
			     va - symbol->address);
	if (symbol->module && n > 0 && (size_t)n < text_bytes)
		snprintf(text + n, text_bytes - (size_t)n, " [%.56s]", symbol->module);
	return text;
}

uint64_t audit_symbol_size(const struct audit *audit, uint64_t va)
{
	uint64_t next;

	if (!symbols_next_address(&audit->kernel->symbols, va, &next) ||
	    next - va > MAX_SYMBOL_BYTES)
		return 0;
	return next - va;
}

bool audit_is_kernel_text(const struct audit *audit, uint64_t va)
{
	const uint64_t *labels = audit->kernel->labels;

	return labels[LABEL_TEXT] && va >= labels[LABEL_TEXT] && va < labels[LABEL_ETEXT];
}

bool audit_is_constant(const struct audit *audit, uint64_t va)
{
	enum region_kind kind = region_of(audit->kernel, va)->kind;

	return kind == REGION_RODATA || kind == REGION_RO_AFTER_INIT ||
	       kind == REGION_TEXT;
}

static void note_wanted(void *ctx, size_t name, uint64_t address)
{
	struct audit *audit = ctx;
	struct audit_wanted *wanted = &audit->wanted[name];

	if (!wanted->address)
		wanted->address = address;
	if (!wanted->constant && audit_is_constant(audit, address))
		wanted->constant = address;
}

void audit_look_up(struct audit *audit)
{
	_cleanup_free_ const char **names = calloc(audit->nr_wanted + 1, sizeof(*names));

	if (!names) {
		audit->failed = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < audit->nr_wanted; i++)
		names[i] = audit->wanted[i].name;
	if (audit->kernel->has_symbols &&
	    symbols_find_many(&audit->kernel->symbols, audit->nr_wanted, names,
			      note_wanted, audit) < 0)
		audit->failed = -ENOMEM;
}
