/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is sealed, against what was built. */
#include "unchanged/unchanged.h"

#include "unchanged/pointers.h"
#include "unchanged/text.h"

static void run(struct audit *audit, void *ctx)
{
	(void)ctx;
	text_check(audit);
	pointers_check(audit);
}

const struct audit_check unchanged_check = {
	.group = AUDIT_UNCHANGED,
	.want = text_want,
	.run = run,
};
