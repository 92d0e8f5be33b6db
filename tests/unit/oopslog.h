/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel logs explained without a kernel, for tests. */
#ifndef KWCHECK_TESTS_OOPSLOG_H
#define KWCHECK_TESTS_OOPSLOG_H

#include "oops/explanation.h"

/* A log and what was made of it. */
struct oopslog {
	struct log log;
	struct crashes crashes;
};

/* Never fails but for memory. */
void oopslog_read(struct oopslog *ret, const char *bytes, size_t nr_bytes);
void oopslog_close(struct oopslog *oopslog);

/* Crash @i by the log alone and @symbols, or NULL. */
void oopslog_explain(const struct oopslog *oopslog, size_t i, struct symbols *symbols,
		     struct explanation *ret);

/* Does one of its notes hold @words? */
bool oopslog_has_note(const struct cause *cause, const char *words);

/* One of its notes holds @words, and none @no_words; NULL: whatever they hold. @row: of
 * the test's table, for messages.
 */
void oopslog_expect_notes(const struct cause *cause, const char *words,
			  const char *no_words, size_t row);

/* A listing in kallsyms' form. */
void oopslog_symbols(struct symbols *ret, const char *kallsyms);

/* The bytes of tests/data/oops/NAME, to be freed. */
char *oopslog_load(const char *name, size_t *ret_bytes);

/* The names of all logs there, the last one NULL. */
extern const char *const oopslog_names[];

#endif
