/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs: what kwcheck can do. */
#include "cmd/verbs.h"

#include <ctype.h>
#include <string.h>

#include "cmd/priv.h"
#include "kcore/nearest.h"

const struct verb verbs[] = {
	{.name = "check",
	 .bit = VERB_CHECK,
	 .operands = "TARGET...",
	 .summary = "say whether a write to each target would fault",
	 .example = "kwcheck apparmor_hooks",
	 .verbose = "add the kernel, and each walk of its tables",
	 .help = VERBS_TARGETS_HELP,
	 .run = check_run},
	{.name = "walk",
	 .bit = VERB_WALK,
	 .operands = "TARGET...",
	 .summary = "show the page-table walk of each target, level by level",
	 .example = "kwcheck walk apparmor_hooks",
	 .verbose = "add the kernel, and how many reads it took",
	 .help = VERBS_TARGETS_HELP,
	 .run = walk_run},
	{.name = "oops",
	 .bit = VERB_OOPS,
	 .operands = "[FILE|DIR|-]...",
	 .summary = "explain the crashes of kernel logs (the kernel's own without FILE)",
	 .example = "kwcheck oops crash.txt",
	 .verbose = "add more lines of the log, and each reason why boots are one or two",
	 .help = "Exit status: 0 every crash explained, 1 no crash in any log, 2 one recognised\n"
		 "but too damaged to explain, or a log not read, 3 both 1 and 2, 64 usage, 70 a\n"
		 "bug of kwcheck. See kwcheck(8).\n",
	 .works_without_kernel = true,
	 .run = oops_run},
	{.name = "capture",
	 .bit = VERB_CAPTURE,
	 .operands = "FILE",
	 .summary = "write page tables, names and data of the kernel to a file",
	 .example = "kwcheck capture --text kernel.zst",
	 .help = "Exit status: 0 written, 2 nothing was written, 64 usage, 70 a bug of kwcheck.\n"
		 "See kwcheck(8).\n",
	 .run = capture_run},
	{.name = "audit",
	 .bit = VERB_AUDIT,
	 .operands = "[GROUP]...",
	 .summary = "say whether what the kernel seals after boot is sealed",
	 .example = "kwcheck audit lsm",
	 .verbose = "every row, and when a finding may be rightful",
	 .help = "Groups (all, where none is named; several are separated by blanks or commas):\n"
		 "  all         each of these\n"
		 "  lsm         the hooks of security modules: lists, static calls, callbacks\n"
		 "  image       the sections of the kernel's image\n"
		 "  dispatch    tables of functions: system calls, IDT, operations\n"
		 "  cpu         GDT, TSS, entry area, vsyscall page\n"
		 "  modules     each loaded module's sections\n"
		 "  executable  BPF, kprobes, ftrace; what is writable and executable anywhere\n"
		 "  tables      page tables: aliases, Dirty bits, what cannot be followed\n"
		 "  levers      writable by design: told, never judged\n"
		 "  unchanged   code and constants, against what was built\n"
		 "\n"
		 "Exit status: 0 no finding, 1 a finding, 2 something is unknown, 3 both,\n"
		 "64 usage, 70 a bug of kwcheck. See kwcheck(8).\n",
	 .run = audit_run_verb},
	{.name = "map",
	 .bit = VERB_MAP,
	 .operands = "",
	 .instead =
		 "--region=NAME or --range=0xA-0xB takes a part, and 'kwcheck TARGET' asks of a symbol",
	 .summary = "list what the kernel half of the page tables maps, as ranges",
	 .example = "kwcheck map --wx",
	 .verbose = "add the kernel, and its root table",
	 .help = "Exit status: 0 all is told, 2 a part is unknown, 64 usage, 70 a bug of kwcheck.\n"
		 "See kwcheck(8).\n",
	 .run = map_run},
	{.name = "dmesg",
	 .bit = VERB_DMESG,
	 .operands = "",
	 .instead = "of a dump 'kwcheck dmesg --core=FILE' prints the log",
	 .summary = "print the kernel's log out of its memory (--core: a dump's)",
	 .example = "kwcheck dmesg --core=vmcore",
	 .help = "Exit status: 0 all is told, 2 no log, or a record could not be read, 64 usage,\n"
		 "70 a bug of kwcheck. See kwcheck(8).\n",
	 .run = dmesg_run},
	{.name = "dump",
	 .bit = VERB_DUMP,
	 .operands = "TARGET...",
	 .summary = "print the bytes of each target, or its instructions",
	 .example = "kwcheck dump --disassemble __x64_sys_getpid",
	 .verbose = "add the kernel, and how many reads it took",
	 .help = "Targets are those of check: NAME, NAME+OFFSET/LENGTH, 0xADDRESS, 0xA-0xB, ...\n"
		 "\n"
		 "Exit status: 0 all bytes told, 2 some could not be read, 64 usage, 70 a bug of\n"
		 "kwcheck. See kwcheck(8).\n",
	 .run = dump_run},
	{.name = "diff",
	 .bit = VERB_DIFF,
	 .operands = "A B",
	 .summary = "say what is sealed in one kernel and not in another",
	 .example = "kwcheck diff live /boot/vmlinuz-7.3.4",
	 .verbose = "list what is in one of both only",
	 .help = "A and B are each one of:\n"
		 "  live     the running kernel\n"
		 "  FILE     a capture or a dump; or a vmlinuz, which is booted in QEMU\n"
		 "  RELEASE  of an installed kernel, which is booted in QEMU\n"
		 "\n"
		 "Exit status: 0 what is in both is sealed alike, 1 it is not, 2 something is\n"
		 "unknown or could not be asked, 3 both 1 and 2, 64 usage, 70 a bug of kwcheck.\n"
		 "See kwcheck(8).\n",
	 .needs = PRIV_FORK,
	 .run = diff_run},
	{.name = "preflight",
	 .bit = VERB_PREFLIGHT,
	 .operands = "MODULE [NAME=VALUE]... ...",
	 .summary = "say whether a module would write to sealed memory if it were loaded",
	 .example = "kwcheck preflight ./mine.ko",
	 .verbose = "all of each module, with registers and walks",
	 .help = "Verdicts, the worst that was found in a module:\n"
		 "  would-fault  a store to read-only memory that this load runs, or the dry run\n"
		 "               ended in a fault\n"
		 "  bypass       it lifts the protection: CR0.WP, a page-table entry, a second\n"
		 "               mapping\n"
		 "  suspect      such a store behind a condition, in a callback or in exit; a\n"
		 "               sealed object's name or address where it has no business\n"
		 "  refused      the kernel would not load it; the reason is in its words\n"
		 "  undecided    not all could be seen; the reason stands behind it\n"
		 "  clean        none of these\n"
		 "Each ends in what to do. Several modules get one line each, worst first; -v\n"
		 "tells all of each, with registers and walks.\n"
		 "\n"
		 "Exit status: 0 all clean, 1 one would fault, bypasses, is suspect or refused,\n"
		 "2 undecided, or a module was not looked at, 3 both 1 and 2, 64 usage, 70 a bug\n"
		 "of kwcheck. With --fail-on 1 is for the verdicts named there, of a module or of\n"
		 "any of its findings, and 2 for modules that were not looked at. See kwcheck(8).\n",
	 .needs = PRIV_FORK | PRIV_JIT | PRIV_HEAR,
	 .run = preflight_run},
};
const size_t nr_verbs = sizeof(verbs) / sizeof(verbs[0]);

const struct verb *verb_find(const char *word)
{
	for (size_t i = 0; i < nr_verbs; i++)
		if (strcmp(verbs[i].name, word) == 0)
			return &verbs[i];
	return NULL;
}

const struct verb *verb_guess(const char *word)
{
	struct nearest nearest = {0};
	char lower[16];
	size_t i;

	for (i = 0; i < sizeof(lower) - 1 && word[i]; i++)
		lower[i] = (char)tolower((unsigned char)word[i]);
	lower[i] = '\0';
	if (word[i] || i < 3)
		return NULL;
	nearest.name = lower;
	for (i = 0; i < nr_verbs; i++)
		nearest_offer(&nearest, verbs[i].name);
	return nearest.nr && nearest.distances[0] <= 2 ? verb_find(nearest.found[0])
						       : NULL;
}
