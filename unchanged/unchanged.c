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
	static const struct unchanged_files none;
	const struct unchanged_files *files = ctx ?: &none;

	text_check(audit);
	pointers_check(audit);
	if (files->image)
		compare_check(audit, files->image);
	if (files->modules)
		kofiles_check(audit, files->modules);
}

struct audit_check unchanged_check(struct unchanged_files *files)
{
	return (struct audit_check){
		.group = AUDIT_UNCHANGED,
		.want = want,
		.run = run,
		.ctx = files,
	};
}
