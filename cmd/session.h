/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run over targets: open, ask, render, sum up. */
#ifndef KWCHECK_CMD_SESSION_H
#define KWCHECK_CMD_SESSION_H

#include "cmd/result.h"
#include "cmd/text.h"

/* session_open - the kernel that @options ask about, opened with what privileges there
 * are
 *
 * Files that a verb itself needs are opened before this: afterwards nothing can be. The
 * privileges are gone afterwards; where it fails, that holds for a verb that works
 * without a kernel, unless @err says ERROR_PRIVILEGES. Both @source and @kernel are
 * closed by session_close() after success. Returns 0, or -errno with @err filled.
 */
int session_open(const struct options *options, struct source *source,
		 struct kernel *kernel, struct error *err);
unsigned session_workers(void); /* CPUs that this process may use: workers of a verb */
void session_close(struct source *source, struct kernel *kernel);

/* session_run - answers every operand of @options
 * @render: prints one result as text; JSON is the same for every verb of targets.
 * Returns the exit status.
 */
typedef void (*session_text_fn)(const struct text *text, const struct result *result,
				size_t i, size_t nr);
int session_run(const struct options *options, session_text_fn render);

/* Tells a failure that no result stands for, as JSON or on standard error; returns the
 * exit status it calls for.
 */
int session_fail(const struct options *options, const struct error *err);

#endif
