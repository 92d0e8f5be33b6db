/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a crash of this kernel's present boot? */
#include "oops/boot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kcore/x86.h"

/* TAINT_DIE: include/linux/panic.h. Set by the first oops of a boot, never cleared. */
static const uint64_t TAINT_DIE_BIT = 1ULL << 7;
/* Time stamps of a log and the clock of uptime drift apart by suspend and by NTP. */
static const uint64_t UPTIME_SLACK_US = 60ULL * 1000000;
/* Lines of a report that are looked for in the kernel's own log. */
enum { REPORT_LINES = 200, MIN_FOUND = 3 };

__attribute__((format(printf, 4, 5))) static void check(struct boot *boot,
							const char *name,
							enum boot_outcome outcome,
							const char *format, ...)
{
	struct boot_check *ret = &boot->checks[boot->nr_checks];
	va_list args;

	if (boot->nr_checks == BOOT_MAX_CHECKS)
		return;
	boot->nr_checks++;
	ret->name = name;
	ret->outcome = outcome;
	va_start(args, format);
	vsnprintf(ret->text, sizeof(ret->text), format, args);
	va_end(args);
}

static void check_release(const struct kernel *kernel, const struct boot_facts *facts,
			  const struct crash *crash, struct boot *boot)
{
	size_t build_bytes = strcspn(crash->build, " ");

	if (!crash->release[0])
		return;
	if (strcmp(crash->release, kernel->release) != 0) {
		check(boot, "release", BOOT_REFUTES,
		      "the log is of %.70s, the kernel is %.70s", crash->release,
		      kernel->release);
		return;
	}
	if (kernel->is_live && facts->version[0] && build_bytes &&
	    (strncmp(crash->build, facts->version, build_bytes) != 0 ||
	     !strchr(" ", facts->version[build_bytes]))) {
		check(boot, "release", BOOT_REFUTES,
		      "the log is of build %.60s, the kernel is build %.60s",
		      crash->build, facts->version);
		return;
	}
	check(boot, "release", BOOT_AGREES, "release %.100s", crash->release);
}

static bool is_same_line(const struct log_line *a, const struct log_line *b)
{
	return strcmp(a->text, b->text) == 0 &&
	       (!a->has_time || !b->has_time || a->time_us == b->time_us);
}

/* Does the line belong to one boot only? Its values are such that no other boot would
 * have them.
 */
static bool is_telling(const struct log_line *line)
{
	return strncmp(line->text, "RSP: ", 5) == 0 ||
	       strncmp(line->text, "RAX: ", 5) == 0 ||
	       strncmp(line->text, "RDX: ", 5) == 0 ||
	       strncmp(line->text, "RBP: ", 5) == 0 ||
	       strncmp(line->text, "FS:  ", 5) == 0 ||
	       strncmp(line->text, "CR2: ", 5) == 0 ||
	       strncmp(line->text, "BUG: ", 5) == 0;
}

static void check_own_log(const struct boot_facts *facts, const struct log *log,
			  const struct crash *crash, struct boot *boot)
{
	size_t nr_telling = 0, nr_found = 0, end = crash->first_line + REPORT_LINES;

	if (facts->is_dumped_log) {
		check(boot, "kernel-log", BOOT_PROVES,
		      "the log was read out of the dump itself");
		return;
	}
	if (facts->is_own_log) {
		check(boot, "kernel-log", BOOT_PROVES,
		      "the log was read from the running kernel");
		return;
	}
	if (!facts->own)
		return;
	for (size_t i = crash->first_line; i < end && i < log->nr; i++) {
		bool is_found = false;

		if (!is_telling(&log->lines[i]))
			continue;
		nr_telling++;
		for (size_t j = 0; j < facts->own->nr && !is_found; j++)
			is_found = is_same_line(&log->lines[i], &facts->own->lines[j]);
		nr_found += is_found;
		if (strstr(log->lines[i].text, "CR4: "))
			break;
	}
	if (nr_found >= MIN_FOUND)
		check(boot, "kernel-log", BOOT_PROVES,
		      "%zu of the report's %zu lines with addresses stand in the running "
		      "kernel's log",
		      nr_found, nr_telling);
	else
		check(boot, "kernel-log", BOOT_SAYS_NOTHING,
		      "the running kernel's log does not have the report (any more)");
}

static void check_running(const struct boot_facts *facts, const struct log *log,
			  const struct crash *crash, struct boot *boot)
{
	check_own_log(facts, log, crash, boot);
	if (facts->boot_id[0] && log->boot_id[0]) {
		bool is_same = strcmp(facts->boot_id, log->boot_id) == 0;

		check(boot, "boot-id", is_same ? BOOT_PROVES : BOOT_REFUTES,
		      is_same ? "the journal's boot id is the running kernel's"
			      : "the journal's boot id is not the running kernel's");
	}
	if (facts->has_tainted && !(facts->tainted & TAINT_DIE_BIT) && !crash->is_warning)
		check(boot, "taint", BOOT_REFUTES,
		      "the running kernel has had no oops since it booted");
	if (facts->has_uptime && crash->has_time &&
	    crash->time_us > facts->uptime_us + UPTIME_SLACK_US)
		check(boot, "uptime", BOOT_REFUTES,
		      "the crash came %" PRIu64
		      " s after boot, the kernel is up for %" PRIu64 " s",
		      crash->time_us / 1000000, facts->uptime_us / 1000000);
}

/* GS holds the per-CPU base: __per_cpu_offset[cpu], in the direct map, which KASLR moves
 * (arch/x86/kernel/setup_percpu.c). Since 6.15 per-CPU symbols are addresses, and the
 * base is still the offset.
 */
static bool check_percpu(struct kernel *kernel, const struct crash *crash,
			 struct boot *boot)
{
	uint64_t offsets, offset;

	if (!crash->has_cpu || crash->cpu >= 8192 ||
	    !registers_has(&crash->registers, REGISTER_GS) ||
	    !symbols_address(&kernel->symbols, "__per_cpu_offset", &offsets) ||
	    kernel_read(kernel, offsets + 8 * (uint64_t)crash->cpu, &offset,
			sizeof(offset)) < 0)
		return false;
	/* In the entry paths GS may still be the user's. */
	if (!(crash->registers.value[REGISTER_GS] >> 63))
		return false;
	if (crash->registers.value[REGISTER_GS] != offset) {
		check(boot, "per-cpu", BOOT_REFUTES,
		      "GS of the log is not CPU %u's per-CPU base in the kernel",
		      crash->cpu);
		return false;
	}
	check(boot, "per-cpu", BOOT_AGREES, "GS is CPU %u's per-CPU base", crash->cpu);
	return true;
}

/* The tables above the image's pages are part of the image: where they lie in physical
 * memory, KASLR chose. Only their place is compared.
 */
static bool check_tables(struct kernel *kernel, const struct crash *crash,
			 struct boot *boot)
{
	const struct pt_format *format = &kernel->pt.format;
	struct tables tables;
	struct pt_walk walk;
	unsigned nr_same = 0;

	if (crash->kind != CRASH_PAGE_FAULT || crash->address < X86_IMAGE_BASE)
		return false;
	tables_read(crash, format, &tables);
	if (!tables.has_walk)
		return false;
	pt_walk(&kernel->pt, crash->address, &walk);
	for (unsigned i = 0; i < walk.nr_steps && i < tables.walk.nr_steps; i++) {
		const struct pt_step *then = &tables.walk.steps[i];
		const struct pt_step *now = &walk.steps[i];

		/* Below the PUD tables come and go: pages are split. */
		if (then->level < PT_PUD || !(then->value & PT_PRESENT) ||
		    pt_entry_is_leaf(then->value, then->level))
			break;
		if (pt_entry_pa(format, then->value, then->level) !=
		    pt_entry_pa(format, now->value, now->level)) {
			check(boot, "tables", BOOT_REFUTES,
			      "the %s entry of the log points elsewhere than the kernel's",
			      pt_level_name(then->level, format->levels));
			return false;
		}
		nr_same++;
	}
	if (!nr_same)
		return false;
	check(boot, "tables", BOOT_AGREES,
	      "the page tables above the image lie at the same physical places");
	return true;
}

/* What a panic said, and what VMCOREINFO says. */
static bool check_offset(const struct kernel *kernel, const struct crash *crash,
			 struct boot *boot)
{
	uint64_t offset;

	if (!crash->has_kernel_offset ||
	    vmcoreinfo_hex(&kernel->info, "KERNELOFFSET", &offset) < 0)
		return false;
	if (offset != crash->kernel_offset)
		check(boot, "kaslr", BOOT_REFUTES,
		      "KASLR moved the log's kernel by 0x%" PRIx64
		      ", this one by 0x%" PRIx64,
		      crash->kernel_offset, offset);
	else
		check(boot, "kaslr", BOOT_AGREES, "KASLR moved both by 0x%" PRIx64,
		      offset);
	return offset == crash->kernel_offset;
}

/* The function that crashed, or one that called it, must be where a symbol of that name
 * and module is; a missing one refutes nothing: modules go.
 */
static void check_size(struct kernel *kernel, const struct crash *crash,
		       struct boot *boot)
{
	const struct site *site = &crash->site;
	const struct symbol *symbol = NULL;
	bool is_there = false, is_fitting = false;

	if (!crash->has_site || !site->function[0] || !kernel->has_symbols)
		return;
	while ((symbol = symbols_find(&kernel->symbols, site->function,
				      site->module[0] ? site->module : "vmlinux",
				      symbol))) {
		uint64_t next;

		is_there = true;
		is_fitting |= symbols_next_address(&kernel->symbols, symbol->address,
						   &next) &&
			      next - symbol->address == site->size_bytes;
	}
	if (is_fitting)
		check(boot, "function", BOOT_AGREES, "%.100s has the log's size",
		      site->function);
	else if (is_there && !site->module[0])
		check(boot, "function", BOOT_REFUTES,
		      "%.100s has another size in the kernel than in the log",
		      site->function);
}

static enum boot_verdict decide(const struct kernel *kernel, const struct boot *boot,
				bool has_addresses)
{
	bool is_proved = false, has_kaslr;
	uint64_t offset = 0;

	for (size_t i = 0; i < boot->nr_checks; i++) {
		if (boot->checks[i].outcome == BOOT_REFUTES)
			return BOOT_OTHER;
		is_proved |= boot->checks[i].outcome == BOOT_PROVES;
	}
	has_kaslr = vmcoreinfo_hex(&kernel->info, "KERNELOFFSET", &offset) == 0 && offset;
	return is_proved || (has_addresses && has_kaslr) ? BOOT_SAME : BOOT_UNKNOWN;
}

void boot_compare(struct kernel *kernel, const struct boot_facts *facts,
		  const struct log *log, const struct crash *crash, struct boot *ret)
{
	struct boot boot = {0};
	bool has_addresses = false;

	if (kernel) {
		check_release(kernel, facts, crash, &boot);
		if (kernel->is_live)
			check_running(facts, log, crash, &boot);
		has_addresses |= check_percpu(kernel, crash, &boot);
		has_addresses |= check_tables(kernel, crash, &boot);
		has_addresses |= check_offset(kernel, crash, &boot);
		check_size(kernel, crash, &boot);
		boot.verdict = decide(kernel, &boot, has_addresses);
	}
	*ret = boot;
}

const char *boot_verdict_name(enum boot_verdict verdict)
{
	static const char *const names[] = {
		[BOOT_UNKNOWN] = "unknown",
		[BOOT_SAME] = "same",
		[BOOT_OTHER] = "other",
	};

	return names[verdict];
}

const char *boot_outcome_name(enum boot_outcome outcome)
{
	static const char *const names[] = {
		[BOOT_SAYS_NOTHING] = "nothing",
		[BOOT_AGREES] = "agrees",
		[BOOT_PROVES] = "proves",
		[BOOT_REFUTES] = "refutes",
	};

	return names[outcome];
}
