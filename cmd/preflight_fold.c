/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings that differ in nothing but the symbol, told as one. */
#include "cmd/preflight_fold.h"

#include <string.h>

#include "cmd/text.h"

static bool is_alike(const struct finding *a, const struct finding *b)
{
	return a->verdict == b->verdict && strcmp(a->kind, b->kind) == 0;
}

/* Is it a symbol that the missing @module may export? */
static bool is_missing(const struct finding *finding, const struct finding *module)
{
	return module && finding->verdict == module->verdict &&
	       strcmp(finding->kind, "unknown-symbol") == 0;
}

void preflight_fold_open(struct preflight_fold *ret, const struct findings *findings)
{
	*ret = (struct preflight_fold){.findings = findings};
	for (size_t i = 0; i < findings->nr; i++) {
		const struct finding *finding = &findings->array[i];
		bool is_new = finding->symbol && ret->nr_heads < PREFLIGHT_FOLD_MAX;

		if (finding->is_absent)
			ret->module = finding;
		for (size_t j = 0; j < ret->nr_heads && is_new; j++)
			is_new = !is_alike(ret->heads[j], finding);
		if (is_new)
			ret->heads[ret->nr_heads++] = finding;
	}
}

const struct finding *preflight_fold_head(const struct preflight_fold *fold,
					  const struct finding *finding)
{
	if (!finding->symbol)
		return NULL;
	if (is_missing(finding, fold->module))
		return fold->module;
	for (size_t i = 0; i < fold->nr_heads; i++)
		if (is_alike(fold->heads[i], finding))
			return fold->heads[i] == finding ? NULL : fold->heads[i];
	return NULL;
}

size_t preflight_fold_count(const struct preflight_fold *fold, const struct finding *head)
{
	size_t nr = 0;

	for (size_t i = 0; i < fold->findings->nr; i++)
		nr += preflight_fold_head(fold, &fold->findings->array[i]) == head;
	return nr;
}

static void print_number(FILE *out, const struct preflight_fold *fold,
			 const struct finding *head, size_t nr)
{
	if (head == fold->module)
		fprintf(out, "%zu symbol%s missing", nr, nr == 1 ? " is" : "s are");
	else
		fprintf(out, "the same of %zu more symbol%s", nr, nr == 1 ? "" : "s");
}

void preflight_fold_print(FILE *out, const struct preflight_fold *fold,
			  const struct finding *head)
{
	enum { MAX_NAMED = 8 };
	size_t nr = preflight_fold_count(fold, head), nr_named = 0;

	if (nr == 0)
		return;
	fputs("    ", out);
	print_number(out, fold, head, nr);
	for (size_t i = 0; i < fold->findings->nr && nr_named < MAX_NAMED; i++) {
		const struct finding *finding = &fold->findings->array[i];

		if (preflight_fold_head(fold, finding) != head)
			continue;
		fputs(nr_named++ ? ", " : ": ", out);
		text_safe(out, finding->symbol);
	}
	if (nr > nr_named)
		fprintf(out, " and %zu more; -v shows them", nr - nr_named);
	fputc('\n', out);
}

void preflight_fold_sum(FILE *out, const struct preflight_fold *fold,
			const struct finding *head)
{
	size_t nr = preflight_fold_count(fold, head);

	if (nr == 0)
		return;
	fputs(" (", out);
	print_number(out, fold, head, nr);
	fputc(')', out);
}
