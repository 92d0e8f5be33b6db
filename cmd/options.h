/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: a verb, options, operands. */
#ifndef KWCHECK_CMD_OPTIONS_H
#define KWCHECK_CMD_OPTIONS_H

#include "cmd/verbs.h"
#include "kcore/error.h"
#include "kcore/source.h"
#include "machine/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exit_status {
	EXIT_YES = 0,
	EXIT_NO = 1,
	EXIT_UNDECIDED = 2, /* NO | UNDECIDED over several targets is 3 */
	EXIT_USAGE = 64,
	EXIT_BUG = 70,
};

enum expect { EXPECT_NONE = 0, EXPECT_RO, EXPECT_RW };
enum color { COLOR_AUTO = 0, COLOR_ALWAYS, COLOR_NEVER };
enum only { ONLY_ALL = 0, ONLY_FINDINGS };

/* What more values of an option that may be given again there are. */
struct option_list {
	const char *words[SOURCE_MAX_PARTS];
	size_t nr;
};

struct option_number {
	bool is_given;
	uint64_t value;
};

struct vm_wish;
struct vm_qemu;

struct options {
	const struct verb *verb; /* check where none was named */
	bool has_verb;
	/* verb_find(), for a verb that asks others: it is one of the verbs itself. */
	const struct verb *(*find_verb)(const char *word);
	const struct verb *meant; /* that the first word may be mistyped of; NULL */
	bool json;
	bool quiet;
	bool verbose;
	bool help;
	bool version;
	enum expect expect;
	enum color color;
	const char *list; /* check: a pattern of names; NULL: targets are asked about */
	bool no_aliases;
	const char *cpu_word;	   /* either of the next two */
	struct option_number cpu;  /* an unsigned */
	const char *vm_cpu;	   /* with kernel: QEMU's model; NULL: its best */
	struct option_number pid;  /* an int, not 0 */
	struct option_number root; /* a physical address */
	bool user_root;
	bool no_btf;
	const char *btf; /* a file with the kernel's types; NULL: its own */
	bool no_sandbox;
	enum source_symbols symbols;
	const char *memory_word;  /* "": of a capture; or the next but one */
	bool small, text, memory; /* of a capture */
	unsigned vm_mib;	  /* with kernel: the virtual machine's memory */
	const char *kernel;	  /* VMLINUZ, RELEASE or "all"; NULL: none is booted */
	const char *kernel_image; /* that was booted: of cmd/look.c, no option */
	bool is_of_image;	  /* the same: core was made of kernel_image, unbooted */
	bool no_boot;		  /* with kernel: by its image alone */
	/* How it was booted, with trial; the same. NULL: it is not booted once more. */
	const struct vm_wish *kernel_wish;
	struct vm_qemu *kernel_qemu;
	const char *against; /* diff: a module's file; NULL */
	struct option_list more_against;
	bool trial;		  /* preflight: load the modules in it, too */
	const char *append;	  /* with kernel: more of its command line; NULL */
	const char *core;	  /* NULL: the running kernel */
	struct option_list parts; /* of core, where it is a split dump */
	const char *vmlinux;	  /* oops: the kernel's file with DWARF, or NULL */
	const char *kallsyms;	  /* oops: symbols of the boot that crashed, or NULL */
	const char *module;	  /* oops: the file of the module that crashed, or NULL */
	struct option_number nth; /* oops: the one crash asked for, from 1; an unsigned */
	const char *output;	  /* audit, map: columns of the table; NULL: its own */
	bool noheadings;	  /* the same */
	const char *hook;	  /* audit: only what this hook calls; NULL */
	enum only only;		  /* audit, preflight */
	const char *baseline;	  /* audit: a JSON of earlier; NULL */
	const char *image; /* audit: the kernel's image; NULL: found by its release */
	bool nrpe;	   /* audit: a plugin's line and status */
	const char *prometheus;		     /* audit: a file to write; NULL */
	bool writable, executable, wx, user; /* map: only such ranges */
	bool sarif;			     /* preflight: a SARIF log */
	struct option_number length;	     /* dump: how many bytes */
	bool disassemble;		     /* dump: as instructions */
	bool json_lines;		     /* map, oops: one object a line */
	bool merge;			     /* oops: of many runs' JSON lines */
	const char *region;		     /* map: only that region; NULL */
	const char *range;		     /* map: 0xA-0xB, 0xA+LENGTH; NULL */
	const char *html;		     /* map: a file to write; NULL */
	bool no_dry_run, run_exit, trace;    /* preflight */
	bool no_modprobe;		     /* preflight: the kernel finds none to run */
	unsigned fail_on; /* preflight: bits of enum finding_verdict; 0: none given */
	const char *call; /* preflight: a function to run; NULL */
	struct machine_limits limits; /* preflight: of the dry run */
	const char *set_version;      /* preflight: a release; NULL: the kernel's */
	const char *moddir;	      /* preflight: NULL: /lib/modules */
	const char *sysroot;	      /* "" for the running system */
	char **operands;	      /* nr_operands of them, in argv */
	size_t nr_operands;
};

/* options_parse - argv to options
 *
 * The verb is the first word that is no option; a word that is no verb, or comes after
 * "--", makes the verb "check". @argv is overwritten: @ret->operands points into it.
 * Returns 0, or -EINVAL with @err filled (ERROR_USAGE); @ret->json is right even then.
 */
int options_parse(struct options *ret, int argc, char **argv, struct error *err);

/* --help: of one verb, or of the whole tool where @verb is NULL. On stdout. */
void options_help(const struct verb *verb);

#endif
