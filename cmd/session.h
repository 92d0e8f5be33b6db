/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run over targets: open, ask, render, sum up. */
#ifndef KWCHECK_CMD_SESSION_H
#define KWCHECK_CMD_SESSION_H

#include "cmd/json.h"
#include "cmd/result.h"
#include "cmd/text.h"

/* session_open - opens the kernel that @options ask about, then drops the privileges
 *
 * A verb opens its own files before this, because no file can be opened afterwards. If
 * the kernel cannot be opened and the verb works without one, then the privileges are
 * dropped all the same, unless @err says ERROR_PRIVILEGES. session_close() closes @source
 * and
 * @kernel after success. Returns 0, or -errno with @err filled.
 */
int session_open(const struct options *options, struct source *source,
		 struct kernel *kernel, struct error *err);
/* session_open in two steps, for a verb that asks the source something in between. After
 * the first one source_close() closes @source; the second one closes it where it fails.
 */
int session_open_source(const struct options *options, struct source *source,
			struct error *err);
int session_start(const struct options *options, struct source *source,
		  struct kernel *kernel, struct error *err);
void session_close(struct source *source, struct kernel *kernel);

/* How many workers a verb may have: one for each CPU that this process may use. */
unsigned session_workers(void);

/* session_run - answers every operand of @options
 * @render: prints one result as text; JSON is the same for every verb of targets.
 * Returns the exit status.
 */
typedef void (*session_text_fn)(const struct text *text, const struct result *result,
				size_t i, size_t nr);
int session_run(const struct options *options, session_text_fn render);

/* session_read - the same of a verb that answers by the bytes of each result's memory
 * @read: prints, by @json where that is asked for, and returns EXIT_YES or
 * EXIT_UNDECIDED, or -errno with @err filled.
 */
typedef int (*session_read_fn)(const struct options *options, struct kernel *kernel,
			       struct json *json, const struct result *result,
			       struct error *err);
int session_read(const struct options *options, session_read_fn read);

/* Tells a failure for which there is no result, as JSON and on standard error. Returns
 * the exit status that it calls for.
 */
int session_fail(const struct options *options, const struct error *err);

/* One line on standard error. */
void session_tell(const struct error *err);

#endif
