/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The logs that oops was given, and their crashes, each once. */
#include "cmd/oops_logs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "oops/duplicate.h"
#include "oops/filekind.h"
#include "oops/memory.h"
#include "oops/pstore.h"

/* Logs with crashes stay in memory until they are explained. */
enum { MAX_KEPT_BYTES = 256 * 1024 * 1024 };

/* What becomes one log: a file, or parts of pstore one behind the other. */
struct batch {
	struct kernellog bytes;
	size_t nr_files;
	char *path;
	bool is_found;
	int64_t written; /* the last of its files; 0: not known */
};

static int keep_error(struct oops_logs *logs, const struct error *err)
{
	if (array_reserve(&logs->errors, logs->nr_errors, &logs->errors_room,
			  sizeof(*logs->errors)) < 0)
		return -ENOMEM;
	logs->errors[logs->nr_errors++] = *err;
	return 0;
}

/* The length of what the path of a part of pstore has in common with its like; 0: it is
 * none.
 */
static size_t pstore_stem(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t stem;

	return pstore_name(name, &stem) ? (size_t)(name - path) + stem : 0;
}

static int append(struct kernellog *log, const struct kernellog *more)
{
	size_t nr = log->nr_bytes + more->nr_bytes + 1;
	char *bytes = realloc(log->bytes, nr);

	if (!bytes)
		return -ENOMEM;
	memcpy(bytes + log->nr_bytes, more->bytes, more->nr_bytes);
	bytes[nr - 1] = '\n';
	log->bytes = bytes;
	log->nr_bytes = nr;
	log->is_cut |= more->is_cut;
	return 0;
}

/* One more file of a batch; what is wrong about it is an error of its own. */
static int read_file(struct oops_logs *logs, struct logfile *file, struct batch *batch)
{
	struct kernellog bytes;
	struct error err = {0};
	int r = logfile_read(file, &bytes, &err);

	if (r == -ENOMSG && file->is_found) {
		logs->nr_foreign++;
		return 0;
	}
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return keep_error(logs, &err);
	if (file->written > batch->written)
		batch->written = file->written;
	if (batch->nr_files++ == 0) {
		batch->bytes = bytes;
		return 0;
	}
	if (batch->nr_files == 2) {
		struct kernellog first = batch->bytes;

		batch->bytes = (struct kernellog){0};
		r = append(&batch->bytes, &first);
		kernellog_free(&first);
	}
	if (r == 0)
		r = append(&batch->bytes, &bytes);
	kernellog_free(&bytes);
	return r;
}

/* @file and, if it is a part of pstore, the others of its folder. Those are marked as
 * taken by having no path.
 */
static int gather(struct oops_logs *logs, struct logfiles *files, size_t i,
		  struct batch *batch)
{
	struct logfile *file = &files->array[i];
	size_t stem = pstore_stem(file->path);
	int r = read_file(logs, file, batch);

	batch->is_found = file->is_found;
	batch->path = strdup(file->path);
	for (size_t j = i + 1; stem && j < files->nr && r == 0; j++) {
		struct logfile *other = &files->array[j];

		if (!other->path || pstore_stem(other->path) != stem ||
		    strncmp(other->path, file->path, stem) != 0)
			continue;
		r = read_file(logs, other, batch);
		free(other->path);
		other->path = NULL;
	}
	if (!batch->path)
		return -ENOMEM;
	if (batch->nr_files > 1)
		strcpy(batch->path + stem, "*");
	return r;
}

/* What is no text, and in which no crash was found. */
static int tell_kind(struct oops_logs *logs, const struct batch *batch)
{
	const struct filekind *kind = filekind_of(batch->bytes.bytes,
						  batch->bytes.nr_bytes);
	struct error err = {0};

	if (!kind)
		return 0;
	logs->nr_read--;
	if (batch->is_found) {
		logs->nr_foreign++;
		return 0;
	}
	error_set(&err, ERROR_FILE, -ENOMSG, "%.300s: %s, and no crash in it; %s",
		  batch->path, kind->name, kind->advice);
	return keep_error(logs, &err);
}

static int tell_dropped(struct oops_logs *logs, const struct oops_log *log)
{
	struct error err = {0};

	if (!log->crashes.nr_dropped)
		return 0;
	error_set(&err, ERROR_FILE, -E2BIG, "%.300s: %zu more crashes were left out",
		  log->path ? log->path : "the kernel's log", log->crashes.nr_dropped);
	return keep_error(logs, &err);
}

/* The report that a crash is one more copy of, or a new one. */
static struct oops_report *report_of(struct oops_logs *logs, const struct crash *crash)
{
	struct oops_report *report;

	for (size_t i = 0; i < logs->nr_reports; i++)
		if (duplicate_is(oops_logs_crash(logs, i), crash))
			return &logs->reports[i];
	if (array_reserve(&logs->reports, logs->nr_reports, &logs->reports_room,
			  sizeof(*logs->reports)) < 0)
		return NULL;
	report = &logs->reports[logs->nr_reports++];
	*report = (struct oops_report){0};
	return report;
}

/* A host before none; a time of the log before that of its file. */
static bool tells_more(const struct oops_origin *one, const struct oops_origin *two)
{
	if (!one->host[0] != !two->host[0])
		return one->host[0];
	return one->from > two->from;
}

/* The crashes of the last log into the reports. */
static int add_reports(struct oops_logs *logs)
{
	size_t at = logs->nr - 1;
	const struct crashes *crashes = &logs->array[at].crashes;

	for (size_t i = 0; i < crashes->nr; i++) {
		const struct crash *crash = &crashes->array[i];
		struct oops_report *report = report_of(logs, crash);

		if (!report ||
		    array_reserve(&report->logs, report->nr_logs, &report->logs_room,
				  sizeof(*report->logs)) < 0)
			return -ENOMEM;
		if (report->nr_copies++ == 0 ||
		    duplicate_score(crash) >
			    duplicate_score(&logs->array[report->log]
						     .crashes.array[report->crash])) {
			report->log = at;
			report->crash = i;
		}
		if (tells_more(&logs->array[at].origins[i], &report->origin))
			report->origin = logs->array[at].origins[i];
		if (!report->nr_logs || report->logs[report->nr_logs - 1] != at)
			report->logs[report->nr_logs++] = at;
	}
	return 0;
}

static int find_origins(struct oops_log *log, const struct kernellog *bytes,
			int64_t written)
{
	size_t at = 0;

	log->origins = calloc(log->crashes.nr + 1, sizeof(*log->origins));
	if (!log->origins)
		return -ENOMEM;
	for (size_t i = 0; i < log->crashes.nr; i++)
		oops_origin_find(&log->origins[i], bytes->bytes, bytes->nr_bytes, &at,
				 log->crashes.array[i].headline, written);
	return 0;
}

/* @path is the log's from here on. */
static int add_log(struct oops_logs *logs, char *path, const struct kernellog *bytes,
		   int64_t written)
{
	struct oops_log *log;
	int r;

	if (array_reserve(&logs->array, logs->nr, &logs->room, sizeof(*logs->array)) <
	    0) {
		free(path);
		return -ENOMEM;
	}
	log = &logs->array[logs->nr++];
	*log = (struct oops_log){.path = path};
	logs->is_cut |= bytes->is_cut;
	r = log_read(&log->log, bytes->bytes, bytes->nr_bytes);
	if (r == 0)
		r = crashes_find(&log->crashes, &log->log);
	if (r == 0)
		r = find_origins(log, bytes, written);
	if (r == 0)
		r = tell_dropped(logs, log);
	logs->nr_read++;
	return r;
}

static void drop_last(struct oops_logs *logs)
{
	struct oops_log *log = &logs->array[--logs->nr];

	crashes_free(&log->crashes);
	free(log->origins);
	log_free(&log->log);
	free(log->path);
}

static int read_batch(struct oops_logs *logs, struct logfiles *files, size_t i,
		      size_t *kept_bytes)
{
	struct batch batch = {0};
	struct error err = {0};
	int r = gather(logs, files, i, &batch);
	char *path = batch.path;

	if (r == 0 && batch.nr_files && *kept_bytes > MAX_KEPT_BYTES) {
		error_set(&err, ERROR_FILE, -EFBIG,
			  "%.300s: not read, the logs before it are 256 MiB; give it by "
			  "itself",
			  path);
		r = keep_error(logs, &err);
	} else if (r == 0 && batch.nr_files) {
		r = add_log(logs, path, &batch.bytes, batch.written);
		path = NULL;
		if (r == 0 && logs->array[logs->nr - 1].crashes.nr) {
			*kept_bytes += batch.bytes.nr_bytes;
			r = add_reports(logs);
		} else if (r == 0) {
			batch.path = logs->array[logs->nr - 1].path;
			memory_tell(&logs->array[logs->nr - 1].log, logs->shortage,
				    sizeof(logs->shortage));
			r = tell_kind(logs, &batch);
			drop_last(logs);
		}
	}
	free(path);
	kernellog_free(&batch.bytes);
	return r;
}

int oops_logs_read(struct oops_logs *ret, struct logfiles *files,
		   const struct kernellog *own)
{
	size_t kept_bytes = 0;
	int r = 0;

	*ret = (struct oops_logs){0};
	if (own) {
		r = add_log(ret, NULL, own, 0);
		return r == 0 ? add_reports(ret) : r;
	}
	for (size_t i = 0; i < files->nr && r == 0; i++)
		if (files->array[i].path)
			r = read_batch(ret, files, i, &kept_bytes);
	return r;
}

const struct crash *oops_logs_crash(const struct oops_logs *logs, size_t report)
{
	const struct oops_report *of = &logs->reports[report];

	return &logs->array[of->log].crashes.array[of->crash];
}

const struct log *oops_logs_log(const struct oops_logs *logs, size_t report)
{
	return &logs->array[logs->reports[report].log].log;
}

void oops_logs_free(struct oops_logs *logs)
{
	while (logs->nr)
		drop_last(logs);
	for (size_t i = 0; i < logs->nr_reports; i++)
		free(logs->reports[i].logs);
	free(logs->array);
	free(logs->reports);
	free(logs->errors);
	*logs = (struct oops_logs){0};
}
