/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has no symbol on a kernel whose kallsyms lists functions only, or nothing. */
#include "audit/nameless.h"

#include <stdio.h>

/* Does kallsyms list functions only? "_sdata" is data's own. */
static bool lists_functions_only(const struct audit *audit)
{
	struct symbols *symbols = &audit->kernel->symbols;
	uint64_t va;

	return audit->kernel->has_symbols && symbols_address(symbols, "_stext", &va) &&
	       !symbols_address(symbols, "init_mm", &va) &&
	       !symbols_address(symbols, "_sdata", &va);
}

const char *nameless_why(const struct audit *audit)
{
	if (!audit->kernel->has_symbols)
		return audit->kernel->symbols_error.message;
	return lists_functions_only(audit)
		       ? "kallsyms lists functions only: CONFIG_KALLSYMS_ALL is off"
		       : "no such symbols";
}

void nameless_tell(struct audit *audit, enum audit_group group, const char *name)
{
	struct audit_row row = {.group = group, .verdict = AUDIT_SEALED};

	if (audit->kernel->has_symbols && !lists_functions_only(audit))
		return;
	snprintf(row.name, sizeof(row.name), "%s", name);
	audit_undecided(audit, audit_add_row(audit, &row), "%s", nameless_why(audit));
}
