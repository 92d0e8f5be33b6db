/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports that are told only where the log has no crash. */
#include "oops/lesser.h"

#include <ctype.h>
#include <string.h>

#include "oops/scan.h"

enum { MAX_LINES_BEHIND = 3 };

static const char other[] = "another architecture's: kwcheck explains x86-64 alone";

static const char of_32_bits[] = "a 32-bit kernel's: kwcheck explains x86-64 alone";

static const struct {
	const char *word;
	bool is_start;	  /* the line starts with it */
	const char *also; /* stands in the line, too; or NULL */
	enum crash_kind kind;
	const char *foreign;
} rows[] = {
	/* kernel/locking/lockdep.c, kernel/rcu/update.c */
	{"possible circular locking dependency detected", false, NULL, CRASH_LOCKDEP,
	 NULL},
	{"possible recursive locking detected", false, NULL, CRASH_LOCKDEP, NULL},
	{"possible irq lock inversion dependency", false, NULL, CRASH_LOCKDEP, NULL},
	{"inconsistent lock state", false, NULL, CRASH_LOCKDEP, NULL},
	{"bad unlock balance detected", false, NULL, CRASH_LOCKDEP, NULL},
	{"suspicious RCU usage", false, NULL, CRASH_LOCKDEP, NULL},
	{"[ BUG: Invalid wait context ]", true, NULL, CRASH_LOCKDEP, NULL},
	/* kernel/hung_task.c */
	{"INFO: task ", true, " blocked for more than ", CRASH_HUNG_TASK, NULL},
	/* arch/x86/kernel/cpu/mce/, drivers/edac/, drivers/firmware/efi/cper.c */
	{"mce: [Hardware Error]: ", true, NULL, CRASH_MACHINE_CHECK, NULL},
	{"[Hardware Error]: ", false, NULL, CRASH_MACHINE_CHECK, NULL},
	{"CPU ", true, ": Machine Check Exception: ", CRASH_MACHINE_CHECK, NULL},
	{"EDAC ", true, "HANDLING MCE MEMORY ERROR", CRASH_MACHINE_CHECK, NULL},
	{"EDAC MC", true, " CE ", CRASH_MACHINE_CHECK, NULL},
	{"EDAC MC", true, " UE ", CRASH_MACHINE_CHECK, NULL},
	/* kernel/panic.c */
	{"Kernel panic - not syncing", true, NULL, CRASH_PANIC, NULL},
	/* arch/{arm,arm64,riscv,mips,loongarch}/mm/fault.c */
	{"Unable to handle kernel ", false, " at virtual address ", CRASH_FOREIGN, other},
	{"Internal error: ", true, " [#", CRASH_FOREIGN, other},
	/* arch/powerpc/mm/fault.c, arch/s390/kernel/dumpstack.c */
	{"Unable to handle kernel ", false, " for data at address ", CRASH_FOREIGN,
	 other},
	{"BUG: Unable to handle kernel ", true, NULL, CRASH_FOREIGN, other},
	{"Unable to handle kernel pointer dereference in virtual kernel address space",
	 true, NULL, CRASH_FOREIGN, other},
	{"Oops: Kernel access of bad area, sig: ", true, NULL, CRASH_FOREIGN, other},
	/* arch/x86/kernel/doublefault_32.c */
	{"PANIC: double fault, gdt at ", true, NULL, CRASH_FOREIGN, of_32_bits},
	{"double fault, gdt at ", true, NULL, CRASH_FOREIGN, of_32_bits},
	{"double fault, tss at ", true, NULL, CRASH_FOREIGN, of_32_bits},
	{"----[ Xen-", false, NULL, CRASH_FOREIGN,
	 "the Xen hypervisor's own: kwcheck explains Linux"},
	{"panic(cpu ", true, " caller ", CRASH_FOREIGN,
	 "macOS's: kwcheck explains Linux"},
	{"Fatal trap ", true, " while in kernel mode", CRASH_FOREIGN,
	 "of a BSD: kwcheck explains Linux"},
};

static bool is_place(const char *p)
{
	const char *colon = memchr(p, ':', strcspn(p, " "));

	return colon && colon > p && isdigit((unsigned char)colon[1]);
}

/* "WARNING: CPU: 0 PID: 85 at FILE:LINE fn+0x1/0x2 [mine]", to 3.10 "WARNING: at
 * FILE:LINE fn+0x1/0x2()", since 6.17 "WARNING: FILE:LINE at fn+0x1/0x2, CPU#0: x/85".
 */
static bool scan_warning(const char *p, struct crash *ret)
{
	if (!scan_word(&p, "WARNING: "))
		return false;
	if (scan_word(&p, "CPU: ") && !scan_past(&p, " at "))
		return false;
	scan_word(&p, "at ");
	if (!is_place(p))
		return false;
	scan_text(&p, " ", ret->bug_at, sizeof(ret->bug_at));
	scan_word(&p, " ");
	scan_word(&p, "at ");
	ret->has_site = site_scan(&p, &ret->site);
	ret->kind = CRASH_WARNING;
	return true;
}

/* "unchecked MSR access error: RDMSR from 0xec0 at rIP: 0x...
 * (native_read_msr+0x7/0x30)": arch/x86/mm/extable.c, since 4.6; a trace follows, and the
 * kernel goes on.
 */
static bool scan_msr(const char *p, struct crash *ret)
{
	const char *line = p;

	if (!scan_word(&p, "unchecked MSR access error: "))
		return false;
	scan_rest(line, ret->detail, sizeof(ret->detail));
	ret->has_site = scan_past(&p, " at rIP: ") && scan_past(&p, " (") &&
			site_scan(&p, &ret->site);
	ret->kind = CRASH_WARNING;
	return true;
}

void lesser_scan_reason(const char *text, char *ret, size_t ret_bytes)
{
	char *next;

	scan_rest(text, ret, ret_bytes);
	/* Who joined lines put the next one behind it. */
	next = strstr(ret, " CPU: ");
	if (next && strstr(next, " PID: "))
		*next = '\0';
}

bool lesser_begins(const struct log_line *line, size_t before, struct crash *ret)
{
	const char *text = line->text;

	ret->kind = CRASH_UNKNOWN;
	/* Whoever left the time out. */
	scan_word(&text, "... ");
	if (line->is_whole && scan_warning(text, ret)) {
		/* Since 4.11 the text stands between "cut here" and this line. */
		if ((before == 1 ||
		     (before > 1 && strstr(line[-2].text, "[ cut here ]"))) &&
		    !strstr(line[-1].text, "[ cut here ]"))
			scan_rest(line[-1].text, ret->detail, sizeof(ret->detail));
	}
	scan_msr(text, ret);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !ret->kind; i++) {
		const char *found = strstr(text, rows[i].word);

		if (!found || (rows[i].is_start && found != text) ||
		    (rows[i].also && !strstr(found, rows[i].also)))
			continue;
		ret->kind = rows[i].kind;
		ret->foreign = rows[i].foreign;
	}
	/* What a panic ends with, where its beginning was lost. */
	if (!ret->kind && scan_word(&text, "---[ end Kernel panic - not syncing: ")) {
		ret->kind = CRASH_PANIC;
		ret->is_end = true;
		scan_text(&text, "", ret->panic, sizeof(ret->panic));
		if (strstr(ret->panic, " ]---"))
			*strstr(ret->panic, " ]---") = '\0';
		return true;
	}
	ret->is_warning = ret->kind == CRASH_WARNING || ret->kind == CRASH_LOCKDEP ||
			  ret->kind == CRASH_HUNG_TASK ||
			  ret->kind == CRASH_MACHINE_CHECK;
	if (ret->kind == CRASH_PANIC && scan_past(&text, "not syncing: "))
		lesser_scan_reason(text, ret->panic, sizeof(ret->panic));
	return ret->kind != CRASH_UNKNOWN;
}

void lesser_scan_text(struct crash *crash, const struct log_line *line, size_t nr_behind)
{
	static const char *const others[] = {"Modules linked in:",
					     "Hardware name: ",
					     "CPU: ",
					     "Pid: ",
					     "Call Trace:",
					     "RIP: "};

	if (crash->kind != CRASH_WARNING || crash->detail[0] ||
	    nr_behind > MAX_LINES_BEHIND || !line->is_whole)
		return;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strncmp(line->text, others[i], strlen(others[i])) == 0)
			return;
	/* What "CPU:" or "Modules linked in:" precede is no text of it. */
	if (!crash->nr_modules && !crash->has_cpu && !crash->pid)
		scan_rest(line->text, crash->detail, sizeof(crash->detail));
}

/* "CPU 0: Machine Check: 0 Bank 4: a600000000020408", EDAC's "HANDLING MCE MEMORY ERROR",
 * "1 CE memory read error on CPU_SrcID#1_Ha#0_Chan#0_DIMM#0 (...)".
 */
void lesser_scan_bank(struct crash *crash, const char *text)
{
	const char *p = text;
	uint64_t status;
	unsigned bank;

	if (strncmp(p, "EDAC MC", 7) == 0 && (strstr(p, " CE ") || strstr(p, " UE "))) {
		crash->is_memory_error = true;
		if (!crash->detail[0])
			scan_rest(p, crash->detail, sizeof(crash->detail));
	}
	if (!scan_past(&p, " Bank ") || !scan_decimal(&p, &bank) ||
	    !scan_word(&p, ": ") || !scan_hex(&p, 16, 16, &status))
		return;
	if (crash->has_bank &&
	    (crash->bank_status & LESSER_BANK_UC || !(status & LESSER_BANK_UC)))
		return;
	crash->has_bank = true;
	crash->bank = bank;
	crash->bank_status = status;
}
