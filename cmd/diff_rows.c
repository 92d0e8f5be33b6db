/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between two kernels: rows, and how they are printed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/diff.h"
#include "cmd/json.h"
#include "cmd/text.h"
#include "kcore/array.h"

/* Names of one change that a text tells without -v. */
enum { MAX_SHOWN = 20 };

static const char *const kind_names[] = {
	[DIFF_SYMBOL] = "symbol", [DIFF_PART] = "part",	    [DIFF_HOOK] = "hook",
	[DIFF_TARGET] = "target", [DIFF_MODULE] = "module",
};

static const char *const change_names[] = {
	[DIFF_SEALED] = "sealed",     [DIFF_UNSEALED] = "unsealed",
	[DIFF_CHANGED] = "changed",   [DIFF_UNKNOWN] = "unknown",
	[DIFF_APPEARED] = "appeared", [DIFF_GONE] = "gone",
	[DIFF_SAME] = "same",
};

const char *diff_kind_name(enum diff_kind kind)
{
	return kind_names[kind];
}

const char *diff_change_name(enum diff_change change)
{
	return change_names[change];
}

enum diff_change diff_change_of(const char *a, const char *b)
{
	if (!a)
		return b ? DIFF_APPEARED : DIFF_SAME;
	if (!b)
		return DIFF_GONE;
	if (strcmp(a, "unknown") == 0 || strcmp(b, "unknown") == 0)
		return DIFF_UNKNOWN;
	if (strcmp(a, b) == 0)
		return DIFF_SAME;
	if (strcmp(b, "sealed") == 0)
		return DIFF_SEALED;
	return strcmp(a, "sealed") == 0 ? DIFF_UNSEALED : DIFF_CHANGED;
}

int diff_add(struct diff *diff, const struct diff_row *row)
{
	bool is_told = row->kind == DIFF_TARGET || row->kind == DIFF_MODULE ||
		       row->change != DIFF_SAME;

	diff->counts[row->kind][row->change]++;
	if (!is_told)
		return 0;
	if (array_reserve(&diff->rows, diff->nr_rows, &diff->room, sizeof(*diff->rows)) <
	    0)
		return -ENOMEM;
	diff->rows[diff->nr_rows++] = *row;
	return 0;
}

void diff_free(struct diff *diff)
{
	free(diff->rows);
	*diff = (struct diff){0};
}

int diff_status(const struct diff *diff)
{
	int status = EXIT_YES;

	for (int kind = 0; kind < DIFF_NR_KINDS; kind++) {
		const size_t *counts = diff->counts[kind];

		if (counts[DIFF_SEALED] || counts[DIFF_UNSEALED] || counts[DIFF_CHANGED])
			status |= EXIT_NO;
		if (counts[DIFF_UNKNOWN])
			status |= EXIT_UNDECIDED;
	}
	return status;
}

/* --- for people --- */

static const char *value_of(const json_t *report, const char *key)
{
	return json_string_value(json_object_get(json_object_get(report, "kernel"), key));
}

static void print_side(char letter, const json_t *report)
{
	const char *release = value_of(report, "release"),
		   *file = value_of(report, "file");

	printf("%c: ", letter);
	text_safe(stdout, release ?: "?");
	if (file) {
		fputs(", from ", stdout);
		text_safe(stdout, file);
	} else {
		fputs(", running", stdout);
	}
	putchar('\n');
}

static void print_row(const struct diff_row *row)
{
	fputs("  ", stdout);
	if (row->owner) {
		text_safe(stdout, row->owner);
		fputs(": ", stdout);
	}
	text_safe(stdout, row->name);
	if (row->change == DIFF_SAME)
		printf("  %s in both", row->a ?: "in neither");
	else if (row->a && row->b)
		printf("  A: %s, B: %s", row->a, row->b);
	else
		printf("  %s", row->a ?: row->b);
	putchar('\n');
}

static const char *const headings[DIFF_NR_CHANGES] = {
	[DIFF_SEALED] = "sealed in B, and not in A",
	[DIFF_UNSEALED] = "sealed in A, and not in B",
	[DIFF_CHANGED] = "sealed in neither, but not the same",
	[DIFF_UNKNOWN] = "not known in A, in B or in both",
	[DIFF_APPEARED] = "in B only",
	[DIFF_GONE] = "in A only",
};

/* Thousands appear and go from one series to the next: they are counted. */
static bool is_counted_only(const struct options *options, enum diff_kind kind,
			    enum diff_change change)
{
	return !options->verbose && kind == DIFF_SYMBOL && change >= DIFF_UNKNOWN;
}

static void print_change(const struct diff *diff, const struct options *options,
			 enum diff_kind kind, enum diff_change change)
{
	static const char *const plurals[DIFF_NR_KINDS] = {
		[DIFF_SYMBOL] = "symbols",
		[DIFF_PART] = "parts of the security modules",
		[DIFF_HOOK] = "hooks of security modules"};
	size_t nr = diff->counts[kind][change], nr_shown = 0;

	if (!nr)
		return;
	printf("%zu %s %s%s\n", nr, plurals[kind], headings[change],
	       is_counted_only(options, kind, change) ? " (-v lists them)" : ":");
	if (is_counted_only(options, kind, change))
		return;
	for (size_t i = 0; i < diff->nr_rows; i++) {
		if (diff->rows[i].kind != kind || diff->rows[i].change != change)
			continue;
		if (nr_shown++ == MAX_SHOWN && !options->verbose) {
			printf("  and %zu more; -v shows them\n", nr - MAX_SHOWN);
			return;
		}
		print_row(&diff->rows[i]);
	}
}

/* Of modules all is told: it was asked for. */
static void print_against(const struct diff *diff)
{
	for (size_t i = 0; i < diff->nr_rows; i++) {
		const struct diff_row *row = &diff->rows[i];

		if (row->kind != DIFF_MODULE)
			continue;
		text_safe(stdout, row->name);
		printf("  A: %s, B: %s\n", row->a ?: "not looked at",
		       row->b ?: "not looked at");
		for (size_t k = 0; k < diff->nr_rows; k++)
			if (diff->rows[k].kind == DIFF_TARGET &&
			    strcmp(diff->rows[k].owner, row->name) == 0) {
				struct diff_row target = diff->rows[k];

				target.owner = NULL;
				print_row(&target);
			}
	}
}

void diff_print(const struct diff *diff, const struct options *options,
		json_t *const sides[2])
{
	print_side('A', sides[0]);
	print_side('B', sides[1]);
	for (enum diff_kind kind = DIFF_SYMBOL; kind <= DIFF_HOOK; kind++)
		for (int change = 0; change < DIFF_SAME; change++)
			print_change(diff, options, kind, change);
	printf("%zu symbols, %zu parts and %zu hooks are the same\n",
	       diff->counts[DIFF_SYMBOL][DIFF_SAME], diff->counts[DIFF_PART][DIFF_SAME],
	       diff->counts[DIFF_HOOK][DIFF_SAME]);
	print_against(diff);
}

/* --- for programs --- */

void diff_print_json(const struct diff *diff, const struct options *options,
		     json_t *const sides[2], json_t *errors)
{
	json_t *report = json_head(options->verb->name, NULL), *rows = json_array(),
	       *kernels = json_array();
	struct json lost;

	for (int i = 0; i < 2; i++)
		json_array_append(kernels, json_object_get(sides[i], "kernel"));
	for (size_t i = 0; i < diff->nr_rows; i++) {
		const struct diff_row *row = &diff->rows[i];

		json_array_append_new(rows, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}",
						      "kind", kind_names[row->kind],
						      "change", change_names[row->change],
						      "name", json_text(row->name),
						      "owner", json_text(row->owner), "a",
						      json_text(row->a), "b",
						      json_text(row->b)));
	}
	json_object_set_new(report, "kernels", kernels);
	json_object_set_new(report, "results", rows);
	json_object_set(report, "errors", errors);
	if (json_print(stdout, report) == 0) {
		putchar('\n');
		return;
	}
	json_begin(&lost, options->verb->name, NULL);
	json_end(&lost, NULL, 0);
}
