/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The logs that oops was given, and their crashes, each once. */
#ifndef KWCHECK_CMD_OOPS_LOGS_H
#define KWCHECK_CMD_OOPS_LOGS_H

#include "cmd/logfiles.h"
#include "cmd/oops_origin.h"
#include "oops/crash.h"

/* A file's log, or that of the parts of pstore in one folder. */
struct oops_log {
	char *path; /* NULL: the running kernel's */
	struct log log;
	struct crashes crashes;
	struct oops_origin *origins; /* of each crash */
};

/* A crash, however often it stands in the logs. */
struct oops_report {
	size_t log, crash; /* numbers of the copy that has most of it */
	size_t nr_copies;
	struct oops_origin origin; /* as the copy says that says most of it */
	size_t *logs;		   /* nr_logs numbers of logs that it is in, ascending */
	size_t nr_logs, logs_room;
};

struct oops_logs {
	struct oops_log *array;
	size_t nr, room;
	struct oops_report *reports; /* in the order of the logs */
	size_t nr_reports, reports_room;
	struct error *errors; /* logs that could not be read, crashes left out */
	size_t nr_errors, errors_room;
	size_t nr_read;	   /* logs, also those without a crash */
	size_t nr_foreign; /* files of folders that are no logs */
	bool is_cut;	   /* a log's bytes behind the first 128 MiB */
	/* Of the last log without a crash: that memory ran out; or "". */
	char shortage[256];
};

/* oops_logs_read - every log of @files, or @own alone where there are none
 * Logs without a crash are not kept. Returns 0 or -ENOMEM; oops_logs_free() is for both.
 */
int oops_logs_read(struct oops_logs *ret, struct logfiles *files,
		   const struct kernellog *own);

/* The crash that @report is of, and its log. */
const struct crash *oops_logs_crash(const struct oops_logs *logs, size_t report);
const struct log *oops_logs_log(const struct oops_logs *logs, size_t report);
void oops_logs_free(struct oops_logs *logs);

#endif
