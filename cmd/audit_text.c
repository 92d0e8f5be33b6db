/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit for people: a short table, worst first, one sentence per finding. */
#include "cmd/audit_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/table.h"
#include "kcore/cleanup.h"

static const char *const verdict_colors[] = {
	[AUDIT_INFO] = "0",
	[AUDIT_SEALED] = "1;32",
	[AUDIT_UNKNOWN] = "1;33",
	[AUDIT_UNSEALED] = "1;31",
};

/* The verdicts as a person reads them; JSON has audit_verdict_name(). */
static const char *const verdict_words[] = {
	[AUDIT_INFO] = "info",
	[AUDIT_SEALED] = "sealed",
	[AUDIT_UNKNOWN] = "unknown",
	[AUDIT_UNSEALED] = "UNSEALED",
};

const char *audit_text_verdict(enum audit_verdict verdict)
{
	return verdict_words[verdict];
}

const char *audit_text_color(enum audit_verdict verdict)
{
	return verdict_colors[verdict];
}

static void print_verdict(const struct text *text, enum audit_verdict verdict)
{
	if (text->has_color)
		printf("\033[%sm%s\033[0m", verdict_colors[verdict],
		       verdict_words[verdict]);
	else
		fputs(verdict_words[verdict], stdout);
}

static int compare_rows(const void *a, const void *b, void *audit_ptr)
{
	const struct auditfacts *audit = audit_ptr;
	size_t i = *(const size_t *)a, j = *(const size_t *)b;
	const struct audit_row *x = &audit->rows[i], *y = &audit->rows[j];

	if (x->verdict != y->verdict)
		return x->verdict > y->verdict ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return i < j ? -1 : i > j;
}

/* Is the row only counted in a line for its whole group? The sealed rows of some groups
 * are many and alike. -v prints every row; so does a group that was asked for by name.
 */
static bool is_summed_up(const struct auditfacts *audit, const struct audit_row *row,
			 bool is_verbose)
{
	bool is_whole = audit->groups == (1u << AUDIT_NR_GROUPS) - 1;

	return !is_verbose && is_whole && row->verdict <= AUDIT_SEALED &&
	       (row->group == AUDIT_DISPATCH || row->group == AUDIT_MODULES ||
		row->group == AUDIT_LEVERS || row->group == AUDIT_CPU);
}

enum {
	VERDICT,
	GROUP,
	OBJECT,
	FOUND,
	ADDRESS,
	PAGES,
	WHAT,
	SYMBOL,
	HOOKS,
	EXPECTED,
	SINCE,
	WHY,
	NR_COLUMNS
};

static const struct table_column columns[NR_COLUMNS] = {
	[VERDICT] = {.name = "VERDICT"},
	[GROUP] = {.name = "GROUP"},
	[OBJECT] = {.name = "OBJECT"},
	[FOUND] = {.name = "FOUND", .yields = 1},
	[ADDRESS] = {.name = "ADDRESS", .yields = 2},
	[PAGES] = {.name = "PAGES", .is_right = true, .yields = 3},
	[WHAT] = {.name = "WHAT"},
	[SYMBOL] = {.name = "SYMBOL", .is_asked = true},
	[HOOKS] = {.name = "HOOKS", .is_right = true, .is_asked = true},
	[EXPECTED] = {.name = "EXPECTED", .is_asked = true},
	[SINCE] = {.name = "SINCE", .is_asked = true},
	[WHY] = {.name = "WHY", .is_asked = true},
};

int audit_text_check_output(const struct options *options, struct error *err)
{
	return table_check(columns, NR_COLUMNS, options, err);
}

/* "68 hooks apparmor_hooks (detail)", as far as there is any of it. */
static void add_what(const struct audit_row *row, struct table *table)
{
	bool has_symbol = row->symbol[0] && strcmp(row->symbol, row->name) != 0;
	bool has_detail = row->detail[0] &&
			  (row->verdict != AUDIT_SEALED || !row->nr_hooks);
	char hooks[32] = "";

	if (row->nr_hooks)
		snprintf(hooks, sizeof(hooks), "%u hook%s", row->nr_hooks,
			 row->nr_hooks == 1 ? "" : "s");
	table_cell(table, WHAT, "%s%s%s%s%s%s%s", hooks, *hooks && has_symbol ? " " : "",
		   has_symbol ? row->symbol : "",
		   has_detail && (*hooks || has_symbol) ? " " : "", has_detail ? "(" : "",
		   has_detail ? row->detail : "", has_detail ? ")" : "");
}

static void add_row(const struct text *text, const struct audit_row *row,
		    struct table *table)
{
	table_row(table);
	if (text->has_color)
		table_color(table, VERDICT, audit_text_color(row->verdict));
	table_cell(table, VERDICT, "%s", audit_text_verdict(row->verdict));
	table_cell(table, GROUP, "%s", audit_group_name(row->group));
	table_cell(table, OBJECT, "%s", row->name);
	table_cell(table, FOUND, "%s", row->found);
	if (row->address)
		table_cell(table, ADDRESS, "%016" PRIx64, row->address);
	if (row->nr_pages)
		table_cell(table, PAGES, "%" PRIu64, row->nr_pages);
	add_what(row, table);
	table_cell(table, SYMBOL, "%s", row->symbol);
	if (row->nr_hooks)
		table_cell(table, HOOKS, "%u", row->nr_hooks);
	table_cell(table, EXPECTED, "%s", row->expected ? row->expected : "");
	table_cell(table, SINCE, "%s", row->since ? row->since : "");
	table_cell(table, WHY, "%s", row->why ? row->why : "");
}

static void print_slots(const struct auditfacts *audit, size_t row)
{
	for (size_t i = 0; i < audit->nr_slots; i++) {
		const struct audit_slot *slot = &audit->slots[i];

		if (slot->row != row)
			continue;
		printf("         %-30s %2u  %016" PRIx64 "  ", slot->hook, slot->index,
		       slot->element);
		text_safe(stdout, slot->callback ? slot->callback_place : "nothing");
		puts(slot->is_bad ? "  HIJACKED" : "");
	}
}

static void print_group_sums(const struct text *text, const struct auditfacts *audit)
{
	for (int group = 0; group < AUDIT_NR_GROUPS; group++)
		for (int verdict = AUDIT_SEALED; verdict >= AUDIT_INFO; verdict--) {
			size_t nr = 0;

			for (size_t i = 0; i < audit->nr_rows; i++)
				nr += (int)audit->rows[i].group == group &&
				      (int)audit->rows[i].verdict == verdict &&
				      is_summed_up(audit, &audit->rows[i], false);
			if (nr == 0)
				continue;
			print_verdict(text, (enum audit_verdict)verdict);
			printf(" %s: %zu object%s; 'kwcheck audit %s' lists %s\n",
			       audit_group_name((enum audit_group)group), nr,
			       nr == 1 ? "" : "s",
			       audit_group_name((enum audit_group)group),
			       nr == 1 ? "it" : "them");
		}
}

/* What a note says of the object that it begins with: all behind "NAME (WHAT)". */
static const char *predicate_of(const struct audit_notice *notice)
{
	const char *end = strchr(notice->message, ')');

	return end ? end + 1 : notice->message;
}

static bool is_finding_alike(const struct auditfacts *audit, size_t i, size_t j)
{
	const struct audit_finding *x = &audit->findings[i], *y = &audit->findings[j];

	return x->row == y->row && x->kind == y->kind;
}

static bool is_notice_alike(const struct auditfacts *audit, size_t i, size_t j)
{
	const struct audit_notice *x = &audit->notices[i], *y = &audit->notices[j];

	return x->row == y->row && strcmp(predicate_of(x), predicate_of(y)) == 0;
}

/* What repeats is told once, with a count; -v tells all. Returns how many more there are
 * like number @i of @nr, 0 where each is told; -1: it was told with an earlier one.
 */
static int fold(const struct text *text, const struct auditfacts *audit, size_t i,
		size_t nr,
		bool (*is_alike)(const struct auditfacts *audit, size_t i, size_t j))
{
	enum { TOLD_ONE_BY_ONE = 3 };
	int nr_before = 0, nr_after = 0;

	for (size_t j = 0; j < nr && !text->is_verbose; j++)
		if (j != i && is_alike(audit, i, j)) {
			nr_before += j < i;
			nr_after += j > i;
		}
	if (nr_before + nr_after + 1 <= TOLD_ONE_BY_ONE)
		return 0;
	return nr_before ? -1 : nr_after;
}

static void print_more(const struct auditfacts *audit, size_t row, int nr)
{
	if (nr == 0)
		return;
	printf("; %d more like it", nr);
	if (row < audit->nr_rows) {
		fputs(" of ", stdout);
		text_safe(stdout, audit->rows[row].name);
	}
	fputs(" (-v lists them)", stdout);
}

void audit_text_finding(const struct text *text, const struct auditfacts *audit, size_t i)
{
	const struct audit_finding *finding = &audit->findings[i];
	int nr_more = fold(text, audit, i, audit->nr_findings, is_finding_alike);

	if (nr_more < 0)
		return;
	printf("%s%s%s: ", text->has_color ? "\033[1;31m" : "",
	       audit_kind_name(finding->kind), text->has_color ? "\033[0m" : "");
	text_safe(stdout, finding->message);
	print_more(audit, finding->row, nr_more);
	printf(".\n  %s.\n", audit_kind_advice(finding->kind));
	if (text->is_verbose && audit_kind_legitimate(finding->kind))
		printf("  Rightfully: %s.\n", audit_kind_legitimate(finding->kind));
}

static void print_findings(const struct text *text, const struct auditfacts *audit)
{
	for (size_t i = 0; i < audit->nr_findings; i++)
		audit_text_finding(text, audit, i);
	for (size_t i = 0; i < audit->nr_notices; i++) {
		int nr_more = fold(text, audit, i, audit->nr_notices, is_notice_alike);

		if (nr_more < 0)
			continue;
		fputs("note: ", stdout);
		text_safe(stdout, audit->notices[i].message);
		print_more(audit, audit->notices[i].row, nr_more);
		puts(".");
	}
}

static void print_sum(const struct auditfacts *audit)
{
	size_t nr[AUDIT_UNSEALED + 1] = {0};

	for (size_t i = 0; i < audit->nr_rows; i++)
		nr[audit->rows[i].verdict]++;
	if (audit->nr_findings)
		printf("%zu finding%s; ", audit->nr_findings,
		       audit->nr_findings == 1 ? "" : "s");
	else
		fputs("no finding; ", stdout);
	printf("%zu objects sealed, %zu unsealed, %zu undecided", nr[AUDIT_SEALED],
	       nr[AUDIT_UNSEALED], nr[AUDIT_UNKNOWN]);
	if (audit->nr_transient)
		printf("; %zu open for a moment and closed again", audit->nr_transient);
	puts(".");
}

/* What is printed below the rows of the table, with -v. */
struct below {
	const struct auditfacts *audit;
	const size_t *rows; /* of the audit, by the table's */
};

static void print_below(void *ctx, size_t row)
{
	const struct below *below = ctx;

	print_slots(below->audit, below->rows[row]);
}

static void print_table(const struct text *text, const struct auditfacts *audit,
			const struct options *options, size_t *order)
{
	const struct below below = {.audit = audit, .rows = order};
	struct error err = {0};
	struct table table;
	size_t nr = 0;

	if (table_open(&table, columns, NR_COLUMNS, options, &err) < 0)
		return;
	for (size_t i = 0; i < audit->nr_rows; i++) {
		const struct audit_row *row = &audit->rows[order[i]];

		if ((options->only == ONLY_FINDINGS && row->verdict <= AUDIT_SEALED) ||
		    is_summed_up(audit, row, text->is_verbose || table_is_alone(options)))
			continue;
		add_row(text, row, &table);
		order[nr++] = order[i];
	}
	table_print(&table,
		    text->is_verbose && !table_is_alone(options) ? print_below : NULL,
		    (void *)&below);
	table_close(&table);
}

void audit_text_print(const struct text *text, const struct auditfacts *audit,
		      const struct options *options)
{
	_cleanup_free_ size_t *order = calloc(audit->nr_rows + 1, sizeof(*order));

	if (!order)
		return;
	for (size_t i = 0; i < audit->nr_rows; i++)
		order[i] = i;
	qsort_r(order, audit->nr_rows, sizeof(*order), compare_rows, (void *)audit);
	print_table(text, audit, options, order);
	if (table_is_alone(options))
		return;
	if (!text->is_verbose && options->only != ONLY_FINDINGS)
		print_group_sums(text, audit);
	print_findings(text, audit);
	print_sum(audit);
	if (text->facts && options->only != ONLY_FINDINGS)
		text_origin(text->facts);
}
