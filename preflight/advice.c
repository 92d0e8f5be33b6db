/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What to do about what preflight says of a module. */
#include "preflight/advice.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pagetable/errorcode.h"

/* A kind of finding; where several verdicts go with it, each has its row. */
static const struct {
	const char *kind;
	enum finding_verdict verdict; /* FINDING_NR_VERDICTS: any */
	const char *advice;
} kinds[] = {
	{"bug", FINDING_NR_VERDICTS,
	 "mend what the BUG() says: the kernel ends whatever task runs there; the registers "
	 "and the call trace show how it came to it"},
	{"name", FINDING_NR_VERDICTS,
	 "look in its source for what it does with that name; kprobes, ftrace and the BPF "
	 "LSM need no sealed object"},
	{"lookup", FINDING_NR_VERDICTS,
	 "ask on a kernel with CONFIG_KALLSYMS_ALL, or look in its source for what it does "
	 "with a 0"},
	{"planted", FINDING_NR_VERDICTS,
	 "look in its source for what is written through that pointer; what only reads is "
	 "harmless"},
	{"passed", FINDING_NR_VERDICTS,
	 "look in its source for what that function does with the pointer; if it only "
	 "reads, its prototype should say const"},
	{"kernel-set-to-readonly", FINDING_BYPASS,
	 "do not load it on a machine that matters: it turns off for good what keeps the "
	 "kernel's constants sealed"},
	{"parameter", FINDING_REFUSED,
	 "give a value that the parameter takes ('modinfo -p' lists them)"},
	{"parameter", FINDING_UNDECIDED,
	 "have a dry run, which runs the parameter's set function: with Unicorn, on the "
	 "running kernel or a core with all of its memory (capture --memory)"},
	{"vermagic", FINDING_NR_VERDICTS,
	 "build it for this kernel, with the headers of its release (dkms: 'dkms install -k "
	 "RELEASE')"},
	{"module-size", FINDING_NR_VERDICTS,
	 "build it with the headers of exactly this kernel: its configuration gives struct "
	 "module another size"},
	{"no-module", FINDING_NR_VERDICTS,
	 "give the .ko that the kernel's build makes, not one of its objects"},
	{"unknown-symbol", FINDING_REFUSED,
	 "build it for this kernel; where another module exports the symbol, install that "
	 "one or give its file beside this one; what nothing exports any more it has to do "
	 "without"},
	{"unknown-symbol", FINDING_UNDECIDED,
	 "give the file of the module that exports it, as it was built, or say where the "
	 "modules of that kernel are (--moddir); or ask a kernel with CONFIG_KALLSYMS_ALL"},
	{"missing-module", FINDING_NR_VERDICTS,
	 "mend the module that it needs first: build that one for this kernel, too"},
	{"gpl-only-symbol", FINDING_NR_VERDICTS,
	 "do without that symbol: it is for modules whose MODULE_LICENSE() is compatible "
	 "with the GPL"},
	{"symbol-crc", FINDING_NR_VERDICTS,
	 "build it anew against this kernel's Module.symvers (its headers) and, for symbols "
	 "of other modules, against theirs (KBUILD_EXTRA_SYMBOLS)"},
	{"no-symbol-version", FINDING_NR_VERDICTS,
	 "build it with this kernel's Module.symvers (its headers) and, for symbols of other "
	 "modules, with theirs (KBUILD_EXTRA_SYMBOLS)"},
	{"symbol-namespace", FINDING_NR_VERDICTS,
	 "add MODULE_IMPORT_NS() for that namespace, if the module may use it, and build it "
	 "again"},
	{"duplicate-export", FINDING_NR_VERDICTS,
	 "unload the module that exports the symbol already, or rename it in this one"},
	{"relocation-type", FINDING_NR_VERDICTS,
	 "build it with the kernel's own makefiles and flags, and do not edit or strip the "
	 "result"},
	{"relocation-place", FINDING_NR_VERDICTS,
	 "build it with the kernel's own makefiles and flags, and do not edit or strip the "
	 "result"},
	{"relocation-overflow", FINDING_NR_VERDICTS,
	 "build it with the kernel's own makefiles and flags (-mcmodel=kernel)"},
	{"common-symbol", FINDING_NR_VERDICTS,
	 "build it with -fno-common, as the kernel's own makefiles do"},
	{"writable-code", FINDING_NR_VERDICTS,
	 "let that section be written or executed, not both"},
	{"modules-disabled", FINDING_NR_VERDICTS,
	 "boot again: nothing takes kernel.modules_disabled back"},
	{"module-layout", FINDING_NR_VERDICTS,
	 "build it with the headers of exactly this kernel: its configuration lays struct "
	 "module out in another way"},
	{"cr0-wp", FINDING_WOULD_FAULT,
	 "do without clearing CR0.WP, which CPUs with CET do not take; kprobes, ftrace, the "
	 "BPF LSM and live patches need no lifting"},
	{"cr0-wp", FINDING_SUSPECT,
	 "do without clearing CR0.WP, which CPUs with CET do not take; kprobes, ftrace, the "
	 "BPF LSM and live patches need no lifting"},
	{"ibt", FINDING_NR_VERDICTS,
	 "build it with the headers of a kernel with CONFIG_X86_KERNEL_IBT "
	 "(-fcf-protection=branch), or boot with ibt=off"},
	{"btf", FINDING_REFUSED,
	 "build it with this kernel's headers and vmlinux, or take its types away: 'objcopy "
	 "-R .BTF -R .BTF.base'"},
	{"kcfi", FINDING_NR_VERDICTS,
	 "build it with this kernel's headers and clang (LLVM=1), as the kernel was, and give "
	 "functions the types of what calls them"},
	{"signature", FINDING_UNDECIDED,
	 "ask on the running kernel, or make a new capture of it; insmod says what it thinks "
	 "of the signature"},
	{"signature", FINDING_NR_VERDICTS,
	 "sign it with a key that the kernel trusts (scripts/sign-file, kmodsign; 'mokutil "
	 "--import' adds a key), or boot without module.sig_enforce"},
	{"lockdown", FINDING_NR_VERDICTS,
	 "sign it with a key that the kernel trusts (scripts/sign-file, kmodsign; 'mokutil "
	 "--import' adds a key), or boot without Secure Boot and lockdown="},
	{"blacklist", FINDING_NR_VERDICTS,
	 "take its name out of module_blacklist= on the kernel's command line"},
	{"not-tested", FINDING_NR_VERDICTS,
	 "make a new capture on that machine, or ask there"},
};

static const char lsm_advice[] =
	"hook the security modules by what is made for it: BPF LSM (5.7), a kprobe or ftrace "
	"on the security_* function, or an LSM built into the kernel";

/* Memory of one sort, by how the target's region, symbol or owner is called. */
static const struct {
	const char *region, *symbol; /* words in them; NULL: any */
	bool is_own;
	const char *advice;
} memories[] = {
	{"ro_after_init", NULL, true,
	 "write it in init only, or declare it without __ro_after_init"},
	{"text", NULL, true,
	 "leave its own code as it is: a static key, a static call or a function pointer "
	 "changes what runs"},
	{NULL, NULL, true,
	 "declare it without const, write to a copy, or make it __ro_after_init and write it "
	 "in init only"},
	{NULL, "security_hook_heads", false, lsm_advice},
	{NULL, "static_calls_table", false, lsm_advice},
	{"ro_after_init", "_hooks", false, lsm_advice},
	{NULL, "sys_call_table", false,
	 "watch system calls by kprobes, ftrace or the tracepoints sys_enter and sys_exit; "
	 "the table is sealed"},
	{"text", NULL, false,
	 "hook the kernel's code by kprobes, ftrace or a live patch, which open it for "
	 "themselves"},
	{NULL, NULL, false,
	 "do not write it: the kernel sealed it for good; change it by the kernel's own "
	 "interface, or hook the functions that read it by kprobes or ftrace"},
};

static const char *const verdicts[FINDING_NR_VERDICTS] = {
	[FINDING_WOULD_FAULT] =
		"mend the pointer: nothing is mapped there, or nothing that "
		"can be used so; the registers and the call trace show how it "
		"came to it",
	[FINDING_BYPASS] =
		"do not load it on a machine that matters: while the protection is lifted "
		"every stray write goes through; kprobes, ftrace, the BPF LSM and live "
		"patches need no lifting",
	[FINDING_SUSPECT] =
		"find out whether that code runs: its parameters as NAME=VALUE, --exit and "
		"--call=FUNCTION make the dry run come to it",
	[FINDING_REFUSED] = "mend what the kernel's words say",
	[FINDING_UNDECIDED] = "look at the place in its source, or load it in a virtual "
			      "machine first",
	[FINDING_CLEAN] = "nothing",
};

static const char *const causes[ADVICE_NR_CAUSES] = {
	[ADVICE_UNSEEN] =
		"ask where that can be seen: on the running kernel, or one with "
		"CONFIG_KALLSYMS_ALL and BTF",
	[ADVICE_BOUNDED] =
		"load it in a virtual machine first: no option makes the reading "
		"of its code go on",
};

static bool has(const char *text, const char *word)
{
	return !word || (text && strstr(text, word));
}

/* Of a store, or of a fault at memory that the page tables seal. */
static const char *of_memory(const struct finding *finding)
{
	const struct addrspace_name *name = &finding->target.name;

	for (size_t i = 0; i < sizeof(memories) / sizeof(memories[0]); i++)
		if (memories[i].is_own == finding->target.is_own &&
		    has(name->region, memories[i].region) &&
		    has(name->symbol, memories[i].symbol))
			return memories[i].advice;
	return NULL;
}

static bool is_sealed(const struct finding *finding)
{
	static const unsigned WRITE = 1U << ERRORCODE_P | 1U << ERRORCODE_W;

	return finding->has_target && (finding->error_code & WRITE) == WRITE;
}

const char *advice_of_finding(const struct finding *finding)
{
	const char *advice = NULL;

	if (finding->verdict == FINDING_UNDECIDED && finding->is_absent)
		return "give its file beside this one, or say where the modules of that "
		       "kernel are (--moddir)";
	if (finding->verdict == FINDING_REFUSED && finding->is_absent)
		return "install that module ('depmod' after it), or give its file beside "
		       "this one";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, finding->kind) == 0 &&
		    (kinds[i].verdict == FINDING_NR_VERDICTS ||
		     kinds[i].verdict == finding->verdict))
			return kinds[i].advice;
	if (finding->verdict == FINDING_WOULD_FAULT && is_sealed(finding))
		advice = of_memory(finding);
	return advice ?: verdicts[finding->verdict];
}

__attribute__((format(printf, 2, 3))) static void append(char text[ADVICE_TEXT_BYTES],
							 const char *format, ...)
{
	size_t nr = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + nr, ADVICE_TEXT_BYTES - nr, format, args);
	va_end(args);
}

static bool is_any(const struct finding *finding, const char *const list[], size_t nr)
{
	for (size_t i = 0; finding->verdict == FINDING_REFUSED && i < nr; i++)
		if (strcmp(finding->kind, list[i]) == 0)
			return true;
	return false;
}

/* It was built for another kernel. */
static bool is_of_build(const struct finding *finding)
{
	static const char *const list[] = {"vermagic", "module-size", "symbol-crc",
					   "no-symbol-version"};

	return is_any(finding, list, sizeof(list) / sizeof(list[0]));
}

/* What may go with that. */
static bool comes_with_build(const struct finding *finding)
{
	static const char *const list[] = {"unknown-symbol", "missing-module"};

	return is_of_build(finding) ||
	       is_any(finding, list, sizeof(list) / sizeof(list[0]));
}

/* What goes with a module that is not there. */
static bool comes_with_absence(const struct finding *finding)
{
	return strcmp(finding->kind, "unknown-symbol") == 0;
}

static const struct finding *find_absent(const struct findings *findings)
{
	for (size_t i = 0; i < findings->nr; i++)
		if (findings->array[i].is_absent)
			return &findings->array[i];
	return NULL;
}

static const struct finding *find_build(const struct findings *findings)
{
	for (size_t i = 0; i < findings->nr; i++)
		if (is_of_build(&findings->array[i]))
			return &findings->array[i];
	return NULL;
}

/* Each of the worst, once. A module for another kernel is built anew, then asked again.
 */
static void write_findings(char text[ADVICE_TEXT_BYTES], enum finding_verdict verdict,
			   const struct findings *findings)
{
	const struct finding *build = find_build(findings);
	bool is_absent = find_absent(findings);

	for (size_t i = 0; i < findings->nr; i++) {
		const struct finding *finding = &findings->array[i];
		const char *advice = advice_of_finding(finding);

		if (is_absent && comes_with_absence(finding))
			continue;
		if (finding->verdict == verdict && !strstr(text, advice) &&
		    (finding == build || !build || !comes_with_build(finding)))
			append(text, "%s%s", *text ? "; " : "", advice);
	}
}

/* Must others be loaded before? */
static bool has_order(const struct findings *findings)
{
	for (size_t i = 0; i < findings->nr; i++)
		if (strcmp(findings->array[i].kind, "needed-module") == 0)
			return true;
	return false;
}

static void write_clean(char text[ADVICE_TEXT_BYTES], const struct findings *findings,
			const struct dryrun *dryrun)
{
	if (dryrun->outcome == DRYRUN_NOT_RUN)
		append(text,
		       "nothing in its code keeps it from being loaded; what its init "
		       "comes to was not tried, for the reason above");
	else if (dryrun->needed && dryrun->value < 0)
		append(text, "see why the init of %.60s fails (%s)", dryrun->needed,
		       strerror(-dryrun->value));
	else if (dryrun->has_value && dryrun->value < 0)
		append(text,
		       "no write keeps it from being loaded, but its init gives up (%s): "
		       "see what it wants, a device or a parameter",
		       strerror(-dryrun->value));
	else
		append(text, "nothing: it can be loaded%s%s",
		       has_order(findings) ? ", behind what it needs" : "",
		       dryrun->is_after_unload ? ", after rmmod of the one that is" : "");
}

static const char *of_dry_run(const struct dryrun *dryrun)
{
	switch (dryrun->reason) {
	case MACHINE_INSTRUCTIONS:
	case MACHINE_TIME:
	case MACHINE_PAGES:
	case MACHINE_DEPTH:
		return "raise the bound that it came to (--limit), or load it in a virtual "
		       "machine first";
	case DRYRUN_CHANGED:
		return "ask again when the kernel is quiet, or ask a capture of it";
	default:
		return "load it in a virtual machine first: what its init does from there on "
		       "was not seen";
	}
}

void advice_write(char text[ADVICE_TEXT_BYTES], enum finding_verdict verdict,
		  enum advice_cause cause, const struct findings *findings,
		  const struct dryrun *dryrun)
{
	*text = '\0';
	if (cause == ADVICE_DRY_RUN)
		append(text, "%s", of_dry_run(dryrun));
	else if (cause != ADVICE_FINDINGS)
		append(text, "%s", causes[cause]);
	else if (verdict == FINDING_CLEAN)
		write_clean(text, findings, dryrun);
	else
		write_findings(text, verdict, findings);
}

const char *advice_of_failure(void)
{
	return "mend that and ask again: nothing is known of this module";
}
