/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel logs explained without a kernel, for tests. */
#include "oopslog.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const oopslog_names[] = {
	"4.19-lsm.txt", "5.10-lsm.txt",	 "6.1-lsm.txt",	 "6.12-lsm.txt",
	"7.3-lsm.txt",	"5.10-many.txt", "7.3-many.txt", NULL,
};

void oopslog_read(struct oopslog *ret, const char *bytes, size_t nr_bytes)
{
	cr_assert_eq(log_read(&ret->log, bytes, nr_bytes), 0);
	cr_assert_eq(crashes_find(&ret->crashes, &ret->log), 0);
}

void oopslog_close(struct oopslog *oopslog)
{
	crashes_free(&oopslog->crashes);
	log_free(&oopslog->log);
}

bool oopslog_has_note(const struct cause *cause, const char *words)
{
	for (size_t i = 0; i < cause->nr_notes; i++)
		if (strstr(cause->notes[i], words))
			return true;
	return false;
}

void oopslog_expect_notes(const struct cause *cause, const char *words,
			  const char *no_words, size_t row)
{
	cr_expect(!words || oopslog_has_note(cause, words), "%zu: %s", row,
		  cause->notes[0]);
	cr_expect(!no_words || !oopslog_has_note(cause, no_words), "%zu: %s", row,
		  cause->notes[0]);
}

void oopslog_symbols(struct symbols *ret, const char *kallsyms)
{
	struct listing_text text = {.fd = -1,
				    .bytes = kallsyms,
				    .size_bytes = strlen(kallsyms),
				    .path = "kallsyms"};
	struct error err = {0};

	cr_assert_eq(symbols_read(ret, &text, &err), 0, "%s", err.message);
}

void oopslog_explain(const struct oopslog *oopslog, size_t i, struct symbols *symbols,
		     struct explanation *ret)
{
	struct boot_facts facts = {0};
	struct explanation_sources sources = {
		.log = &oopslog->log,
		.facts = &facts,
		.file_symbols = symbols,
	};

	cr_assert_lt(i, oopslog->crashes.nr);
	explanation_make(&oopslog->crashes.array[i], &sources, ret);
}

char *oopslog_load(const char *name, size_t *ret_bytes)
{
	char path[256], *bytes;
	FILE *file;
	long size;

	snprintf(path, sizeof(path), "tests/data/oops/%s", name);
	file = fopen(path, "re");
	cr_assert_not_null(file, "%s", path);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	bytes = malloc((size_t)size + 1);
	cr_assert_eq(fread(bytes, 1, (size_t)size, file), (size_t)size);
	bytes[size] = '\0';
	fclose(file);
	*ret_bytes = (size_t)size;
	return bytes;
}
