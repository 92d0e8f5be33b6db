/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an audit found, for those who print or compare it: without the kernel. */
#include "cmd/auditfacts.h"

#include <string.h>

void auditfacts_of(const struct audit *audit, struct auditfacts *ret)
{
	*ret = (struct auditfacts){
		.groups = audit->groups,
		.rows = audit->rows,
		.nr_rows = audit->nr_rows,
		.findings = audit->findings,
		.nr_findings = audit->nr_findings,
		.notices = audit->notices,
		.nr_notices = audit->nr_notices,
		.slots = audit->slots,
		.nr_slots = audit->nr_slots,
		.nr_transient = audit->nr_transient,
	};
}

size_t auditfacts_namesakes(const struct auditfacts *audit, size_t i)
{
	size_t nr = 0;

	for (size_t j = 0; j < i; j++)
		nr += audit->rows[j].group == audit->rows[i].group &&
		      strcmp(audit->rows[j].name, audit->rows[i].name) == 0;
	return nr;
}
