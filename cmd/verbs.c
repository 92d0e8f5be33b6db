/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs: what kwcheck can do. */
#include "cmd/verbs.h"

#include <string.h>

#include "cmd/priv.h"

const struct verb verbs[] = {
	{.name = "check",
	 .bit = VERB_CHECK,
	 .operands = "TARGET...",
	 .summary = "say whether a write to each target would fault",
	 .run = check_run},
	{.name = "walk",
	 .bit = VERB_WALK,
	 .operands = "TARGET...",
	 .summary = "show the page-table walk of each target, level by level",
	 .run = walk_run},
	{.name = "oops",
	 .bit = VERB_OOPS,
	 .operands = "[FILE|DIR|-]...",
	 .summary = "explain the crashes of kernel logs (the kernel's own without FILE)",
	 .works_without_kernel = true,
	 .run = oops_run},
	{.name = "capture",
	 .bit = VERB_CAPTURE,
	 .operands = "FILE",
	 .summary = "write page tables, names and data of the kernel to a file",
	 .run = capture_run},
	{.name = "audit",
	 .bit = VERB_AUDIT,
	 .operands = "[GROUP]...",
	 .summary = "say whether what the kernel seals after boot is sealed",
	 .run = audit_run_verb},
	{.name = "map",
	 .bit = VERB_MAP,
	 .operands = "",
	 .summary = "list what the kernel half of the page tables maps, as ranges",
	 .run = map_run},
	{.name = "preflight",
	 .bit = VERB_PREFLIGHT,
	 .operands = "MODULE [NAME=VALUE]... ...",
	 .summary = "say whether a module would write to sealed memory if it were loaded",
	 .needs = PRIV_FORK | PRIV_JIT,
	 .run = preflight_run},
};
const size_t nr_verbs = sizeof(verbs) / sizeof(verbs[0]);

const struct verb *verb_find(const char *word)
{
	for (size_t i = 0; i < nr_verbs; i++)
		if (strcmp(verbs[i].name, word) == 0)
			return &verbs[i];
	return NULL;
}
