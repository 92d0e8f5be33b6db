/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is sealed, against what was built. */
#include "unchanged/unchanged.h"

#include "unchanged/pointers.h"
#include "unchanged/text.h"

static void want(struct audit *audit)
{
	text_want(audit);
	compare_want(audit);
}

static void run(struct audit *audit, void *ctx)
{
	text_check(audit);
	pointers_check(audit);
	if (ctx)
		compare_check(audit, ctx);
}

struct audit_check unchanged_check(struct compare_file *file)
{
	return (struct audit_check){
		.group = AUDIT_UNCHANGED,
		.want = want,
		.run = run,
		.ctx = file,
	};
}
