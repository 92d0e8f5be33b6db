/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is sealed, against what was built: the rights of a page do not say whether
 * somebody wrote to it past them.
 */
#ifndef KWCHECK_UNCHANGED_UNCHANGED_H
#define KWCHECK_UNCHANGED_UNCHANGED_H

#include "audit/audit.h"
#include "unchanged/compare.h"
#include "unchanged/kofiles.h"

/* What to compare with; NULL: it is not compared. */
struct unchanged_files {
	const struct compare_file *image;
	const struct kofiles *modules;
};

/* unchanged_check - the check of group AUDIT_UNCHANGED, for audit_run()
 * @files: borrowed; NULL: nothing is compared.
 */
struct audit_check unchanged_check(struct unchanged_files *files);

#endif
