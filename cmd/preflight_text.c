/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of "preflight" for people. */
#include "cmd/preflight.h"

#include <inttypes.h>
#include <string.h>

#include "cmd/kernelwords.h"
#include "cmd/preflight_fold.h"
#include "preflight/judge_signature.h"

/* Findings of one kind shown without -v; there may be thousands. */
enum { MAX_SHOWN = 12 };

static const char *const colors[FINDING_NR_VERDICTS] = {
	[FINDING_WOULD_FAULT] = "1;31", [FINDING_BYPASS] = "1;31",
	[FINDING_SUSPECT] = "1;33",	[FINDING_REFUSED] = "1;33",
	[FINDING_UNDECIDED] = "1;33",	[FINDING_CLEAN] = "1;32",
};

static void print_verdict(FILE *out, const struct text *text,
			  enum finding_verdict verdict)
{
	const char *name = finding_verdict_name(verdict);

	if (text->has_color)
		fprintf(out, "\033[%sm%s\033[0m", colors[verdict], name);
	else
		fputs(name, out);
}

static void print_offset(FILE *out, uint64_t offset)
{
	if (offset)
		fprintf(out, "+0x%" PRIx64, offset);
}

static void print_site(FILE *out, const struct finding *finding)
{
	text_safe(out, finding->site.function ? finding->site.function
					      : finding->site.section);
	fprintf(out, "+0x%" PRIx64,
		finding->site.function ? finding->site.offset
				       : finding->site.section_offset);
	if (finding->site.function) {
		fputs(" (", out);
		text_safe(out, finding->site.section);
		fputc(')', out);
	}
}

static void print_target(FILE *out, const struct finding *finding)
{
	const struct addrspace_name *name = &finding->target.name;

	if (!finding->target.is_exact)
		fputs("somewhere in ", out);
	if (name->module) {
		text_safe(out, name->module);
		fputc(':', out);
	}
	if (name->symbol) {
		text_safe(out, name->symbol);
		print_offset(out, name->offset);
	} else {
		fputs("no symbol", out);
	}
	if (!finding->target.is_own)
		fprintf(out, "  %016" PRIx64, finding->target.address);
	fputs("  ", out);
	text_safe(out, name->region);
}

static void print_access(FILE *out, const struct finding *finding)
{
	const char *to = " to ";

	switch (finding->access) {
	case FINDING_CALL:
		fputs("calls ", out);
		text_safe(out, finding->callee ? finding->callee : "something");
		fputs(" on", out);
		to = " ";
		break;
	case FINDING_READ_MODIFY_WRITE:
		fputs("reads and writes", out);
		break;
	case FINDING_STORE:
		fputs("writes", out);
		break;
	case FINDING_READ:
		fputs("reads", out);
		to = " at ";
		break;
	case FINDING_FETCH:
		fputs("runs code at ", out);
		return;
	}
	if (finding->size_bytes)
		fprintf(out, " %u byte%s", finding->size_bytes,
			finding->size_bytes == 1 ? "" : "s");
	fputs(to, out);
}

static void print_walk(FILE *out, const struct kernelfacts *facts,
		       const struct finding *finding)
{
	unsigned levels = facts->format.levels;

	for (unsigned i = 0; i < finding->walk.nr_steps; i++) {
		const struct pt_step *step = &finding->walk.steps[i];

		fprintf(out, "    %s %3u  %016" PRIx64 "  %016" PRIx64 "%s\n",
			pt_level_name(step->level, levels), step->index, step->entry_pa,
			step->value,
			finding->walk.denied_by == (int)i ? "  <- no RW" : "");
	}
}

static void print_oops(FILE *out, const struct finding *finding)
{
	if (finding->verdict == FINDING_WOULD_FAULT && finding->error_code &&
	    !finding->target.is_own)
		kernelwords_page_fault(out, "    ", finding->target.address,
				       finding->error_code);
}

static void print_finding(FILE *out, const struct text *text,
			  const struct finding *finding)
{
	fputs("  ", out);
	print_verdict(out, text, finding->verdict);
	fprintf(out, " [%s]", finding->kind);
	if (finding->has_site) {
		fputs(" at ", out);
		print_site(out, finding);
	}
	fputc('\n', out);
	text_lines(out, "    ", finding->site.lines, finding->site.nr_lines);
	if (finding->has_target) {
		fputs("    ", out);
		print_access(out, finding);
		print_target(out, finding);
		fputc('\n', out);
		if (finding->target.owner[0]) {
			fputs("    ", out);
			text_safe(out, finding->target.owner);
			fputc('\n', out);
		}
	}
	if (finding->note[0]) {
		fputs("    ", out);
		text_safe(out, finding->note);
		fputc('\n', out);
	}
	if (text->is_verbose && finding->has_walk)
		print_walk(out, text->facts, finding);
	if (text->is_verbose)
		print_oops(out, finding);
}

static void print_findings(FILE *out, const struct text *text,
			   const struct preflight *preflight)
{
	const struct findings *findings = &preflight->findings;
	struct preflight_fold fold;
	size_t nr_shown = 0, nr_hidden = 0;

	preflight_fold_open(&fold, findings);
	for (size_t i = 0; i < findings->nr; i++) {
		const struct finding *finding = &findings->array[i];

		if (finding->verdict == FINDING_CLEAN && !finding->is_always_told &&
		    !text->is_verbose)
			continue;
		if (!text->is_verbose && preflight_fold_head(&fold, finding))
			continue;
		if (nr_shown == MAX_SHOWN && !text->is_verbose) {
			nr_hidden++;
			continue;
		}
		print_finding(out, text, finding);
		if (!text->is_verbose)
			preflight_fold_print(out, &fold, finding);
		nr_shown++;
	}
	if (nr_hidden)
		fprintf(out, "  and %zu more; -v shows them\n", nr_hidden);
}

static void print_abilities(FILE *out, const struct preflight *preflight)
{
	const char *before = "  it ";

	for (unsigned i = 0; i < ABILITY_NR; i++)
		if (preflight->abilities >> i & 1) {
			fprintf(out, "%s%s", before, ability_words(i));
			before = ", ";
		}
	if (preflight->abilities)
		fputc('\n', out);
}

/* Who signed it, and which of the kernel's keys says so. */
static void print_signature(FILE *out, const struct signature *signature)
{
	if (signature->state == SIGNATURE_NONE)
		return;
	fprintf(out, "  signature: %s", judge_signature_state_name(signature->state));
	if (*signature->digest)
		fprintf(out, ", %s", signature->digest);
	if (signature->key) {
		fputs(", ", out);
		text_safe(out, signature->key->name);
		fputs(" of ", out);
		text_safe(out, signature->key->keyring);
	} else if (*signature->signer) {
		fputs(", signed by ", out);
		text_safe(out, signature->signer);
		fprintf(out, ", key %s", signature->key_id);
	}
	fputc('\n', out);
}

enum finding_verdict preflight_verdict(const struct preflight_answer *answer)
{
	return answer->preflight ? answer->preflight->verdict : FINDING_UNDECIDED;
}

static void print_advice(FILE *out, const char *advice)
{
	fputs("  what to do: ", out);
	text_safe(out, advice);
	fputc('\n', out);
}

void preflight_text(FILE *out, const struct text *text,
		    const struct preflight_answer *answer)
{
	const struct preflight *preflight = answer->preflight;
	const char *reason = preflight ? preflight->reason : answer->error.message;

	text_safe(out, answer->file->path);
	fputs("  ", out);
	print_verdict(out, text, preflight_verdict(answer));
	fputc('\n', out);
	if (*reason) {
		fputs("  ", out);
		text_safe(out, reason);
		fputc('\n', out);
	}
	if (!preflight) {
		if (answer->trial)
			preflight_trial_text(out, answer->trial);
		print_advice(out, advice_of_failure());
		return;
	}
	print_findings(out, text, preflight);
	print_abilities(out, preflight);
	preflight_dryrun_text(out, text, answer);
	if (answer->trial)
		preflight_trial_text(out, answer->trial);
	if (text->is_verbose)
		print_signature(out, &preflight->signature);
	if (text->is_verbose)
		fprintf(out,
			"  %zu instructions in %zu sections, %zu parameters; %zu steps "
			"followed\n",
			preflight->code.nr_insns, preflight->code.nr_sections,
			preflight->parameters.nr, preflight->nr_steps);
	print_advice(out, preflight->advice);
}

/* Up to where the next remark begins, which may be one in parentheses. */
static void print_first(FILE *out, const char *note)
{
	char first[FINDING_TEXT_BYTES];
	size_t bytes = 0, depth = 0;

	for (; note[bytes] && (note[bytes] != ';' || depth); bytes++) {
		depth += note[bytes] == '(';
		depth -= note[bytes] == ')' && depth;
	}
	snprintf(first, sizeof(first), "%.*s", (int)bytes, note);
	text_safe(out, first);
}

/* The worst finding in some words, its place, and how many are as bad. */
static void print_worst(FILE *out, const struct findings *findings)
{
	const struct finding *worst = &findings->array[0];
	struct preflight_fold fold;
	size_t nr = 0;

	preflight_fold_open(&fold, findings);
	fprintf(out, "[%s] ", worst->kind);
	if (worst->has_target) {
		print_access(out, worst);
		print_target(out, worst);
	} else {
		print_first(out, worst->note);
	}
	preflight_fold_sum(out, &fold, worst);
	if (worst->has_site) {
		fputs(", at ", out);
		print_site(out, worst);
	}
	for (size_t i = 1; i < findings->nr; i++)
		nr += findings->array[i].verdict == worst->verdict &&
		      !preflight_fold_head(&fold, &findings->array[i]);
	if (nr)
		fprintf(out, "; and %zu more", nr);
}

/* What init came to, and what is told of a module though it is clean. */
static void print_clean(FILE *out, const struct preflight *preflight)
{
	const struct findings *findings = &preflight->findings;
	const struct dryrun *dryrun = &preflight->dryrun;

	if (dryrun->is_after_unload && dryrun->outcome != DRYRUN_NOT_RUN)
		fputs("after rmmod of the one that is loaded, ", out);
	if (dryrun->outcome == DRYRUN_NOT_RUN) {
		fputs("no dry run: ", out);
		text_safe(out, dryrun->why);
	} else if (dryrun->needed) {
		text_safe(out, dryrun->needed);
		fprintf(out, ", which it needs, gives %d (%s)", dryrun->value,
			strerror(-dryrun->value));
	} else if (dryrun->value < 0) {
		fprintf(out, "init gives %d (%s)", dryrun->value,
			strerror(-dryrun->value));
	} else {
		fprintf(out, "init gives %d", dryrun->value);
	}
	for (size_t i = 0; i < findings->nr; i++)
		if (findings->array[i].is_always_told) {
			fputs("; ", out);
			print_first(out, findings->array[i].note);
		}
}

const char *preflight_text_color(enum finding_verdict verdict)
{
	return colors[verdict];
}

/* Ends a cell: the next one begins. */
static void end_cell(FILE *out)
{
	fputc('\0', out);
}

void preflight_cells(FILE *out, const struct preflight_answer *answer)
{
	const struct preflight *preflight = answer->preflight;
	enum finding_verdict verdict = preflight_verdict(answer);
	const char *slash = strrchr(answer->file->path, '/');

	text_safe(out, answer->file->path);
	end_cell(out);
	if (!preflight)
		text_safe(out, answer->error.message);
	else if (*preflight->reason)
		text_safe(out, preflight->reason);
	else if (verdict == FINDING_CLEAN)
		print_clean(out, preflight);
	else
		print_worst(out, &preflight->findings);
	if (answer->trial) {
		fputs("; trial: ", out);
		preflight_trial_words(out, answer->trial);
	}
	end_cell(out);
	text_safe(out, slash ? slash + 1 : answer->file->path);
	end_cell(out);
	if (preflight && preflight->findings.nr)
		fputs(preflight->findings.array[0].kind, out);
	end_cell(out);
	if (preflight && preflight->findings.nr && preflight->findings.array[0].has_site)
		print_site(out, &preflight->findings.array[0]);
	end_cell(out);
}
