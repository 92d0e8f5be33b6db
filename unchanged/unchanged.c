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
	struct owner_records records;
	int r = owner_records_take(&records, audit);

	if (r < 0) {
		audit->failed = r;
		return;
	}
	text_check(audit, &records);
	pointers_check(audit);
	if (files->image)
		compare_check(audit, &records, files->image);
	if (files->modules)
		kofiles_check(audit, &records, files->modules);
	owner_records_free(&records);
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
