/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel ought to have sealed, and whether it has: all checks, one after another.
 */
#include "audit/audit.h"

#include <stdio.h>
#include <string.h>

#include "audit/cpu.h"
#include "audit/dispatch.h"
#include "audit/executable.h"
#include "audit/image.h"
#include "audit/levers.h"
#include "audit/looks.h"
#include "audit/lsm.h"
#include "audit/modules.h"
#include "audit/names.h"
#include "audit/pages.h"
#include "audit/tables.h"

/* A check fills rows of one group; a new one is a row here. */
static const struct {
	enum audit_group group;
	void (*want)(struct audit *audit);
	void (*run)(struct audit *audit);
} checks[] = {
	{AUDIT_LSM, lsm_want, lsm_check},
	{AUDIT_IMAGE, image_want, image_check},
	{AUDIT_DISPATCH, dispatch_want, dispatch_check},
	{AUDIT_CPU, cpu_want, cpu_check},
	{AUDIT_MODULES, NULL, modules_check},
	{AUDIT_EXECUTABLE, NULL, executable_check},
	{AUDIT_TABLES, NULL, tables_check},
	{AUDIT_LEVERS, levers_want, levers_check},
};

/* The groups that say something of each module. */
static const unsigned OF_MODULES = 1u << AUDIT_MODULES | 1u << AUDIT_UNCHANGED;

/* The list of modules is read before everything else and after it. Modules that stayed
 * were what they are all the while.
 */
static int settle(struct audit *audit)
{
	struct modlist after;
	int r;

	if (!audit->kernel->is_live) {
		modules_settle(audit, &audit->modlist);
		return 0;
	}
	if (!(audit->groups & OF_MODULES))
		return 0;
	r = modlist_take(&after, audit->kernel);
	if (r < 0)
		return r;
	modules_settle(audit, &after);
	modlist_free(&after);
	return 0;
}

/* What rows from @first on could not know, because the core has not got a page that they
 * need, says so.
 */
static void tell_missing(struct audit *audit, size_t first)
{
	const char *words = kernel_missing_words(audit->kernel,
						 audit->kernel->core.missing_pa);

	for (size_t i = first; i < audit->nr_rows; i++) {
		struct audit_row *row = &audit->rows[i];
		char detail[sizeof(row->detail)];

		if (row->verdict != AUDIT_UNKNOWN)
			continue;
		/* The rest may not have room. */
		memcpy(detail, row->detail, sizeof(detail));
		snprintf(row->detail, sizeof(row->detail), "excluded: a page %s%s%.80s",
			 words, *detail ? "; " : "", detail);
	}
}

static void run_check(struct audit *audit, void (*run)(struct audit *audit))
{
	uint64_t nr_missing = audit->kernel->core.nr_missing;
	size_t first = audit->nr_rows;

	run(audit);
	if (audit->kernel->core.nr_missing > nr_missing)
		tell_missing(audit, first);
}

static void run_above(struct audit *audit, const struct audit_check *above)
{
	uint64_t nr_missing = audit->kernel->core.nr_missing;
	size_t first = audit->nr_rows;

	above->run(audit, above->ctx);
	if (audit->kernel->core.nr_missing > nr_missing)
		tell_missing(audit, first);
}

static int run_checks(struct audit *audit, const struct audit_check *above)
{
	bool has_above = above && audit->groups & 1u << above->group;
	int r;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (audit->groups & 1u << checks[i].group && checks[i].want)
			checks[i].want(audit);
	if (has_above && above->want)
		above->want(audit);
	audit_look_up(audit);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (audit->groups & 1u << checks[i].group)
			run_check(audit, checks[i].run);
	if (has_above)
		run_above(audit, above);
	r = settle(audit);
	if (r < 0)
		return r;
	pages_finish(audit);
	executable_compare(audit);
	return audit->failed;
}

static int look(struct audit *ret, struct kernel *kernel, unsigned groups,
		const struct audit_words *words, const struct audit_check *above)
{
	struct audit audit = {.kernel = kernel,
			      .groups = groups,
			      .words = *words,
			      .modules_row = AUDIT_NO_ROW,
			      .rodata_off_row = AUDIT_NO_ROW,
			      .wx_row = AUDIT_NO_ROW};
	int r = 0;

	if (groups & OF_MODULES)
		r = modlist_take(&audit.modlist, kernel);
	if (r == 0)
		r = mappings_take(&audit.mappings, kernel);
	if (r == 0)
		r = run_checks(&audit, above);
	if (r < 0)
		audit_free(&audit);
	else
		*ret = audit;
	return r;
}

int audit_run(struct audit *ret, struct kernel *kernel, unsigned groups,
	      const struct audit_words *words, const struct audit_check *above)
{
	struct audit now, before;
	bool has_before = false;
	int r = look(&now, kernel, groups, words, above);

	for (unsigned nr = 1; r == 0 && kernel->is_live && nr < LOOKS_MAX &&
			      !looks_agree(&now, has_before ? &before : NULL);
	     nr++) {
		if (has_before)
			audit_free(&before);
		before = now;
		has_before = true;
		kernel_forget(kernel);
		r = look(&now, kernel, groups, words, above);
		if (r == 0)
			looks_merge(&now, &before);
	}
	if (r == 0 && kernel->is_live)
		looks_finish(&now, has_before ? &before : NULL);
	if (r == 0 && kernel->unsteady_note)
		looks_distrust(&now);
	if (has_before)
		audit_free(&before);
	if (r == 0)
		*ret = now;
	return r;
}
