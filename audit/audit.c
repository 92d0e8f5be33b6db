/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel ought to have sealed, and whether it has: all checks, one after another.
 */
#include "audit/audit.h"

#include "audit/cpu.h"
#include "audit/dispatch.h"
#include "audit/executable.h"
#include "audit/image.h"
#include "audit/levers.h"
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

int audit_run(struct audit *ret, struct kernel *kernel, unsigned groups,
	      const struct audit_words *words)
{
	struct audit audit = {.kernel = kernel,
			      .groups = groups,
			      .words = *words,
			      .rodata_off_row = AUDIT_NO_ROW,
			      .wx_row = AUDIT_NO_ROW};
	int r = mappings_take(&audit.mappings, kernel);

	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (groups & 1u << checks[i].group && checks[i].want)
			checks[i].want(&audit);
	audit_look_up(&audit);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (groups & 1u << checks[i].group)
			checks[i].run(&audit);
	pages_finish(&audit);
	executable_compare(&audit);
	if (audit.failed) {
		r = audit.failed;
		audit_free(&audit);
		return r;
	}
	*ret = audit;
	return 0;
}
