/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An explained crash for people: what happened, where, what was hit, the walk, the cause.
 */
#include "cmd/oops_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/oops_say.h"
#include "pagetable/errorcode.h"

static void heading(const struct text *text, const char *words)
{
	if (text->has_color)
		printf("\n\033[1m%s\033[0m\n", words);
	else
		printf("\n%s\n", words);
}

static void print_title(const struct text *text, const struct explanation *e, size_t i,
			size_t nr)
{
	const struct crash *crash = e->crash;

	if (text->has_color)
		fputs("\033[1m", stdout);
	printf("crash %zu of %zu", i + 1, nr);
	if (crash->has_time)
		printf(", %" PRIu64 ".%06" PRIu64 " s after boot",
		       crash->time_us / 1000000, crash->time_us % 1000000);
	if (crash->number == 1)
		fputs(", the first of its boot", stdout);
	else if (crash->number)
		printf(", number %u of its boot: %u came before", crash->number,
		       crash->number - 1);
	if (crash->is_warning)
		fputs(crash->is_followed && !crash->panic[0]
			      ? ", a warning: the kernel went on"
			      : ", a warning",
		      stdout);
	puts(text->has_color ? "\033[0m" : "");
	fputs("  ", stdout);
	text_safe(stdout, crash->headline);
	putchar('\n');
}

static void print_error_code(const struct text *text, const struct explanation *e)
{
	const struct crash *crash = e->crash;
	struct errorcode_flag flags[ERRORCODE_MAX_FLAGS];
	size_t nr = errorcode_flags(crash->error_code, flags);

	if (!crash->has_error_code || crash->kind != CRASH_PAGE_FAULT)
		return;
	printf("  error code %04" PRIx64 ":", crash->error_code);
	for (size_t i = 0; i < nr; i++)
		printf(" %s=%d", flags[i].name,
		       errorcode_has(crash->error_code, flags[i].bit));
	putchar('\n');
	for (size_t i = 0; i < nr && text->is_verbose; i++)
		printf("    %-4s %s\n", flags[i].name, flags[i].meaning);
	if (errorcode_unknown(crash->error_code))
		printf("    bits 0x%" PRIx64 " are not known here\n",
		       errorcode_unknown(crash->error_code));
}

static void print_process(const struct crash *crash)
{
	if (!crash->has_pid && strchr(crash->taint, 'D'))
		puts("  an earlier crash came first: explain that one before this");
	if (!crash->has_pid)
		return;
	fputs("  by ", stdout);
	text_safe(stdout, crash->comm[0] ? crash->comm : "a process");
	printf(", PID %u", crash->pid);
	if (crash->has_cpu)
		printf(", on CPU %u", crash->cpu);
	if (crash->release[0]) {
		fputs("; kernel ", stdout);
		text_safe(stdout, crash->release);
	}
	if (crash->taint[0]) {
		fputs(", tainted ", stdout);
		text_safe(stdout, crash->taint);
	}
	putchar('\n');
	if (crash->number > 1 || strchr(crash->taint, 'D'))
		puts("  an earlier crash came first: explain that one before this");
}

static void print_what(const struct text *text, const struct explanation *e)
{
	const struct crash *crash = e->crash;
	char words[256];

	heading(text, "What happened");
	oops_say_what(e, words, sizeof(words));
	text_wrapped("", 2, words);
	if (e->missing)
		printf("  too damaged to explain: the log has lost %s\n", e->missing);
	if (e->refusal)
		printf("  not explained: %s\n", e->refusal);
	if (crash->detail[0] && strcmp(crash->detail, crash->headline) != 0) {
		text_wrapped("", 2, crash->detail);
	}
	if (crash->bug_at[0]) {
		fputs("  at ", stdout);
		text_safe(stdout, crash->bug_at);
		putchar('\n');
	}
	print_error_code(text, e);
	print_process(crash);
	if (crash->panic[0]) {
		fputs("  then the kernel panicked: ", stdout);
		text_safe(stdout, crash->panic);
		putchar('\n');
	}
}

static void print_site(const struct site *site)
{
	if (site->function[0]) {
		text_safe(stdout, site->function);
		if (!site->has_no_offset)
			printf("+0x%" PRIx64, site->offset);
		if (site_is_past_end(site))
			fputs(" (past its end)", stdout);
		if (site->module[0]) {
			fputs(" in module ", stdout);
			text_safe(stdout, site->module);
		}
	} else {
		printf("address %016" PRIx64 ", no function", site->address);
	}
}

static void print_near(const struct explanation *e)
{
	uint64_t offset = (uint64_t)llabs(e->near_offset);

	printf("  %s", registers_name(e->near));
	if (offset)
		printf("%s0x%" PRIx64, e->near_offset < 0 ? "-" : "+", offset);
	puts(" is the address that faulted");
}

static void print_instruction(const struct text *text, const struct explanation *e)
{
	const struct instruction *in = &e->instruction;
	char words[256];

	if (!e->has_instruction) {
		printf("  the instruction is not known: %s\n", e->no_instruction);
		if (e->has_near)
			print_near(e);
		return;
	}
	if (in->nr_before && text->is_verbose)
		puts("  what came before is a guess: where it begins is not in the log");
	for (size_t i = 0; i < in->nr_before && text->is_verbose; i++)
		printf("     ? %s\n", in->before[i]);
	printf("  -> %s%s\n", in->text,
	       e->is_instruction_from_file ? "  (from the module's file)" : "");
	for (size_t i = 0; i < in->nr_after && text->is_verbose; i++)
		printf("       %s\n", in->after[i]);
	oops_say_access(e, words, sizeof(words));
	if (words[0])
		printf("  %s\n", words);
	if (in->match == INSTRUCTION_IMPLICIT)
		puts("  the access is the CPU's own, of a descriptor or of the stack: no operand\n"
		     "  shows it");
	if (in->match == INSTRUCTION_DISAGREES && !in->has_memory)
		puts("  but it touches no memory: bytes or RIP are of another moment, or damaged");
	else if (in->match == INSTRUCTION_DISAGREES)
		puts("  but that is not the address that faulted: registers or bytes are of\n"
		     "  another moment, or damaged");
}

static void print_modfile(const struct explanation *e)
{
	static const char *const matches[] = {
		[MODFILE_UNCHECKED] = "not compared: the log has no bytes",
		[MODFILE_SAME] = "its bytes are the log's",
		[MODFILE_PATCHED] =
			"the instruction is the log's, other bytes were patched",
		[MODFILE_DIFFERENT] = "its bytes are not the log's: another build",
	};
	const struct modfile *file = &e->modfile;

	if (!e->module)
		return;
	fputs("  file ", stdout);
	text_safe(stdout, e->module->path);
	printf(": %s\n", e->has_modfile ? matches[file->match] : e->no_modfile);
	if (!e->has_modfile || file->match == MODFILE_DIFFERENT)
		return;
	printf("  %s+0x%" PRIx64, file->section,
	       file->function_start + e->crash->site.offset);
	if (file->target[0]) {
		fputs("; the operand there is ", stdout);
		text_safe(stdout, file->target);
		fputs(" in ", stdout);
		text_safe(stdout, file->target_section);
	}
	putchar('\n');
	text_lines(stdout, "  ", file->frames, file->nr_frames);
}

static void print_vmlinux(const struct explanation *e)
{
	static const char *const words[] = {
		[VMLINUX_UNCHECKED] = "not proved to be this kernel's",
		[VMLINUX_SAME] = "of this kernel",
		[VMLINUX_OTHER] = "of another kernel, so no line is given",
	};
	const struct explanation_vmlinux *vmlinux = &e->vmlinux;

	if (!e->has_vmlinux)
		return;
	printf("  --vmlinux: %s: ", words[vmlinux->match]);
	text_safe(stdout, vmlinux->reason);
	putchar('\n');
	text_lines(stdout, "  ", vmlinux->site.array, vmlinux->site.nr);
	if (!vmlinux->site.nr && vmlinux->match != VMLINUX_OTHER &&
	    !e->crash->site.module[0])
		printf("  no source line: %s\n", vmlinux->site.why_not);
}

/* Frames with lines are worth their room. */
static void print_trace(const struct text *text, const struct explanation *e)
{
	const struct crash *crash = e->crash;

	for (size_t i = 0; i < crash->nr_frames; i++) {
		const struct vmlinux_lines *lines = &e->vmlinux.frames[i];

		if (!text->is_verbose && !lines->nr)
			continue;
		printf("    %s ", crash->frames[i].is_guess ? "?" : " ");
		print_site(&crash->frames[i].site);
		putchar('\n');
		text_lines(stdout, "        ", lines->array, lines->nr);
	}
}

static void print_where(const struct text *text, const struct explanation *e)
{
	const struct crash *crash = e->crash;

	if (!crash->has_site && !e->has_instruction && e->missing)
		return;
	if (e->refusal)
		return;
	heading(text, "Where");
	fputs("  ", stdout);
	if (crash->has_site)
		print_site(&crash->site);
	else
		fputs(crash->has_site_line ? "the RIP line is cut or damaged"
					   : "the RIP line is not in the log",
		      stdout);
	if (crash->is_module_starting)
		fputs(", whose init function was running", stdout);
	else if (crash->is_module_going)
		fputs(", which was being removed", stdout);
	putchar('\n');
	print_instruction(text, e);
	print_modfile(e);
	print_vmlinux(e);
	print_trace(text, e);
}

static void print_lsm(const struct lsmpart *lsm)
{
	if (lsm->structure == LSMPART_NONE)
		return;
	fputs("  an LSM structure", stdout);
	if (lsm->owner[0])
		printf(": the hooks of %s", lsm->owner);
	if (lsm->has_element)
		printf(lsm->structure == LSMPART_STATIC_CALLS ? ", slot %u"
							      : ", element %u",
		       lsm->element);
	if (lsm->field)
		printf(", member %s", lsm->field);
	putchar('\n');
	if (lsm->hook[0] || lsm->callback[0]) {
		fputs("  hook ", stdout);
		text_safe(stdout, lsm->hook[0] ? lsm->hook : "unknown");
		if (lsm->callback[0]) {
			fputs(", calls ", stdout);
			text_safe(stdout, lsm->callback);
		}
		putchar('\n');
	}
}

static void print_target(const struct text *text, const struct explanation *e)
{
	static const char *const sources[] = {
		[HIT_FROM_NOTHING] = "by the address alone; symbols: --kallsyms FILE",
		[HIT_FROM_FILE] = "by the symbols of --kallsyms",
		[HIT_FROM_KERNEL] = "by the kernel's own symbols",
	};
	static const char *const kinds[] = {
		[HIT_UNKNOWN] = "unknown",
		[HIT_NULL_PAGE] = "the page at 0: a NULL pointer plus an offset",
		[HIT_USER] = "the user half",
		[HIT_NON_CANONICAL] = "no address at all (non-canonical)",
		[HIT_IMAGE] = "the kernel image",
		[HIT_MODULES] = "the module area",
		[HIT_KERNEL] = "the kernel half",
	};
	const struct hit *hit = &e->target;

	if (!e->has_target)
		return;
	heading(text, "What was hit");
	printf("  %016" PRIx64, hit->address);
	if (hit->has_symbol) {
		fputs(" = ", stdout);
		if (hit->module[0]) {
			text_safe(stdout, hit->module);
			putchar(':');
		}
		text_safe(stdout, hit->symbol);
		printf("+0x%" PRIx64, hit->offset);
	}
	printf("\n  in %s", kinds[hit->kind]);
	if (hit->section_name[0]) {
		fputs(", section ", stdout);
		text_safe(stdout, hit->section_name);
	} else if (hit->region_name && hit->kind == HIT_KERNEL) {
		printf(", %s", hit->region_name);
	}
	if (hit->kind >= HIT_IMAGE)
		printf(" (%s)", sources[hit->source]);
	putchar('\n');
	if (hit->has_symbol && hit->is_unbounded)
		puts("  (no symbol is listed behind it: it may end before)");
	print_lsm(&hit->lsm);
	if (hit->entry[0]) {
		printf("  slot %" PRIu64 ": ", hit->offset / 8);
		text_safe(stdout, hit->entry);
		putchar('\n');
	}
}

static const char *span_name(uint64_t span)
{
	static const char *const names[PT_MAX_LEVELS] = {"4K", "2M", "1G", "512G",
							 "256T"};

	for (enum pt_level level = PT_PTE; level < PT_MAX_LEVELS; level++)
		if (pt_level_span(level) == span)
			return names[level];
	return "?";
}

static void print_effective(const struct pt_walk *walk)
{
	if (walk->reason != PT_OK && walk->reason != PT_PROTECTION_KEY)
		return;
	printf("  effective: r%c%c, %s; %s page, physical %016" PRIx64 "\n",
	       walk->writable ? 'w' : '-', walk->nx ? '-' : 'x',
	       walk->user ? "user" : "supervisor", span_name(walk->span), walk->pa);
}

static void print_steps(const struct pt_format *format, const struct pt_walk *walk)
{
	for (unsigned i = 0; i < walk->nr_steps; i++) {
		const struct pt_step *step = &walk->steps[i];

		printf("  %s  ", pt_level_name(step->level, format->levels));
		if (pt_is_unreadable(walk->reason) && i + 1 == walk->nr_steps) {
			puts("not in the log");
			continue;
		}
		printf("%016" PRIx64 " ", step->value);
		text_entry_flags(format, step);
		putchar('\n');
	}
	print_effective(walk);
}

static bool is_core(const struct text *text)
{
	return text->facts && !text->facts->is_live;
}

static void print_live(const struct text *text, const struct explanation *e)
{
	const struct pt_format *format = &e->tables.format;

	if (!e->has_live_walk)
		return;
	printf("  %s:", is_core(text) ? "in the core" : "today");
	if (e->tables.has_walk && !e->changed_levels) {
		puts(" the same, level by level");
		return;
	}
	putchar('\n');
	print_steps(text->facts ? &text->facts->format : format, &e->live);
}

static void print_walk(const struct text *text, const struct explanation *e)
{
	char words[256];

	bool is_page_fault = e->crash->kind == CRASH_PAGE_FAULT;

	if (e->refusal ||
	    (!is_page_fault &&
	     (e->crash->kind != CRASH_BAD_PAGETABLE || !e->tables.has_walk)) ||
	    (!e->tables.has_walk && e->missing))
		return;
	heading(text, "The walk, by the log");
	if (e->tables.has_walk)
		print_steps(&e->tables.format, &e->tables.walk);
	if (!is_page_fault)
		return;
	oops_say_denial(e, words, sizeof(words));
	text_wrapped("", 2, words);
	print_live(text, e);
}

/* Did the check lead to the verdict? Without -v only such checks are printed. */
static bool is_worth_telling(const struct boot *boot, enum boot_outcome outcome)
{
	bool has_proof = false;

	for (size_t i = 0; i < boot->nr_checks; i++)
		has_proof |= boot->checks[i].outcome == BOOT_PROVES;
	switch (boot->verdict) {
	case BOOT_OTHER:
		return outcome == BOOT_REFUTES;
	case BOOT_SAME:
		return outcome == (has_proof ? BOOT_PROVES : BOOT_AGREES);
	case BOOT_UNKNOWN:
		break;
	}
	return outcome != BOOT_SAYS_NOTHING;
}

static void print_boot(const struct text *text, const struct explanation *e)
{
	static const char *const verdicts[] = {
		[BOOT_UNKNOWN] = "not proved; the kernel was not asked",
		[BOOT_SAME] = "yes",
		[BOOT_OTHER] = "no; the kernel was not asked",
	};
	const struct boot *boot = &e->boot;
	char title[96];

	if (!boot->nr_checks)
		return;
	snprintf(title, sizeof(title), "Of %s boot: %s",
		 is_core(text) ? "the core's" : "this", verdicts[boot->verdict]);
	heading(text, title);
	for (size_t i = 0; i < boot->nr_checks; i++) {
		const struct boot_check *check = &boot->checks[i];
		char words[256];

		if (!text->is_verbose && !is_worth_telling(boot, check->outcome))
			continue;
		snprintf(words, sizeof(words), "%s%s%s",
			 text->is_verbose ? boot_outcome_name(check->outcome) : "",
			 text->is_verbose ? ": " : "", check->text);
		text_wrapped("", 2, words);
	}
}

static void print_cause(const struct text *text, const struct explanation *e)
{
	const struct cause *cause = &e->cause;

	if (e->status != EXPLANATION_WHOLE)
		return;
	heading(text, cause->is_likely ? "The cause, most likely" : "The cause");
	text_wrapped("", 2, cause->summary);
	for (size_t i = 0; i < cause->nr_notes; i++)
		text_wrapped("- ", 4, cause->notes[i]);
	if (cause->suspect) {
		fputs("  suspect: ", stdout);
		print_site(cause->suspect);
		printf("\n    %s\n", cause->suspicion);
	}
	if (!cause->nr_ways)
		return;
	heading(text, "Ways out");
	for (size_t i = 0; i < cause->nr_ways; i++) {
		char cost[256];

		text_wrapped("- ", 4, cause->ways[i].what);
		if (strcmp(cause->ways[i].cost, "none") == 0)
			continue;
		snprintf(cost, sizeof(cost), "cost: %s", cause->ways[i].cost);
		text_wrapped("", 4, cost);
	}
}

void oops_text(const struct text *text, const struct explanation *e, size_t i, size_t nr,
	       const char *origin)
{
	if (i > 0)
		putchar('\n');
	print_title(text, e, i, nr);
	if (*origin) {
		fputs("  in ", stdout);
		text_safe(stdout, origin);
		putchar('\n');
	}
	print_what(text, e);
	print_where(text, e);
	print_target(text, e);
	print_walk(text, e);
	print_boot(text, e);
	print_cause(text, e);
}
