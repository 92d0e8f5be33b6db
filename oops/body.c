/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of a crash report between its headline and its end mark. */
#include "oops/body.h"

#include <ctype.h>
#include <string.h>

#include "kcore/release.h"
#include "oops/scan.h"
#include "pagetable/errorcode.h"

/* "#PF: supervisor write access in kernel mode", "#PF: error_code(0x0003) - ..." */
static bool scan_pf(struct crash *crash, const char *p)
{
	uint64_t code;

	/* Git takes lines that start with '#' for its own; trackers for headings. */
	scan_word(&p, "/");
	scan_word(&p, "#");
	if (!scan_word(&p, "PF:"))
		return false;
	scan_word(&p, " ");
	if (scan_word(&p, "error_code(0x")) {
		if (scan_hex(&p, 4, 16, &code) && *p == ')') {
			crash->has_error_code = crash->has_all_error_bits = true;
			crash->error_code = code;
		}
		return true;
	}
	if (strstr(p, " in kernel mode"))
		crash->mode = CRASH_MODE_KERNEL;
	else if (strstr(p, " in user mode"))
		crash->mode = CRASH_MODE_USER;
	return true;
}

/* Until 4.11 there was no P4D: "PGD 3c415067 PUD 3c416063". With four levels newer
 * kernels print the PGD's entry for it. Where the names stand on two lines only an old
 * headline ("... at ADDRESS", to 5.1) shows that none was lost between them.
 */
static void fold_p4d(struct crash *crash, bool is_same_line)
{
	const struct crash_entry *pgd = &crash->tables[CRASH_TABLE_PGD];
	struct crash_entry *p4d = &crash->tables[CRASH_TABLE_P4D];

	if (!pgd->has_value || p4d->has_value || p4d->is_bad ||
	    !crash->tables[CRASH_TABLE_PUD].has_value)
		return;
	if (is_same_line || strstr(crash->headline, " at "))
		*p4d = *pgd;
}

/* "PGD 3fc0e067 P4D 3fc0e067 PUD 3fc0f063 PMD 34367063 PTE 800000003faf0061", written in
 * pieces that other messages may part. arch/x86/mm/fault.c:dump_pagetable().
 */
static bool scan_tables(struct crash *crash, const struct log_line *line)
{
	enum { MAX_DIGITS = 16 };
	static const char *const names[CRASH_NR_TABLES] = {
		[CRASH_TABLE_PGD] = "PGD ", [CRASH_TABLE_P4D] = "P4D ",
		[CRASH_TABLE_PUD] = "PUD ", [CRASH_TABLE_PMD] = "PMD ",
		[CRASH_TABLE_PTE] = "PTE ",
	};
	const char *p = line->text;
	int last = -1;
	bool is_folded = false;

	for (int i = 0; i < CRASH_NR_TABLES; i++) {
		struct crash_entry *entry = &crash->tables[i];
		const char *digits;
		uint64_t value;

		if (!scan_word(&p, names[i])) {
			if (last >= 0 && i != CRASH_TABLE_P4D)
				break;
			continue;
		}
		is_folded |= i == CRASH_TABLE_PUD && last == CRASH_TABLE_PGD;
		last = i;
		digits = p;
		/* "*pte = 0" of other reports is not ours; neither is a second set. */
		if (scan_word(&p, "BAD"))
			entry->is_bad = true;
		else if (!scan_hex(&p, 1, 16, &value) || !strchr(" ", *p))
			break;
		/* A table's row may have been closed behind what was cut. All digits show
		 * that nothing was.
		 */
		else if (!line->is_whole && p - digits < MAX_DIGITS &&
			 p[strspn(p, " |")] == '\0')
			crash->is_table_line_cut = true;
		else if (!entry->has_value) {
			entry->has_value = true;
			/* "BAD" of the next line, glued to it: digits are small. */
			entry->value = strncmp(p - 3, "BAD", 3) == 0 ? value >> 12
								     : value;
		}
		while (*p == ' ')
			p++;
	}
	if (last >= 0)
		fold_p4d(crash, is_folded);
	return last >= 0;
}

/* " Tainted: G           OE     4.19.82-wwh #1 Debian 4.19": what died and where. */
static void scan_kernel(struct crash *crash, const char *p, const struct log_line *line)
{
	static const char loaded[] = " Kdump: loaded";
	const char *tainted = strstr(p, " Tainted: "), *c;
	size_t nr = 0, bytes;

	c = tainted ? tainted : strstr(p, " Not tainted ");
	/* Whoever left the release out. */
	if (!c && line->is_whole && (c = strstr(p, " Not tainted")) && c[12])
		c = NULL;
	if (!c)
		return;
	bytes = (size_t)(c - p);
	/* Since 4.11, where a crash kernel waits (lib/dump_stack.c). */
	if (bytes > strlen(loaded) &&
	    strncmp(c - strlen(loaded), loaded, strlen(loaded)) == 0)
		bytes -= strlen(loaded);
	if (bytes < sizeof(crash->comm))
		memcpy(crash->comm, p, bytes);
	c += strlen(tainted ? " Tainted: " : " Not tainted");
	c += !tainted && *c == ' ';
	/* RHEL has dashes for what it does not use. */
	for (; *c == ' ' || *c == '-' || isupper((unsigned char)*c); c++)
		if (*c != ' ' && *c != '-' && nr + 1 < sizeof(crash->taint))
			crash->taint[nr++] = *c;
	if (!*c && !line->is_whole)
		memset(crash->taint, 0, sizeof(crash->taint));
	/* A release that "#" does not follow may be cut. */
	p = c;
	scan_text(&p, " ", crash->release, sizeof(crash->release));
	while (*p == ' ')
		p++;
	if (*p != '#') {
		crash->release[0] = '\0';
		return;
	}
	if (!line->is_whole)
		return;
	scan_rest(p, crash->build, sizeof(crash->build));
	for (nr = strlen(crash->build); nr && crash->build[nr - 1] == ' '; nr--)
		crash->build[nr - 1] = '\0';
}

/* To 4.x the vendor, the product and the board follow the build on the "Pid:" line: "#1
 * LENOVO 2901A3G/2901A3G", "#1 Debian 3.2.65-1 VMware, Inc. ...".
 */
static void split_hardware(struct crash *crash)
{
	char *p = crash->build + strcspn(crash->build, " ");

	if (strncmp(p, " Debian ", 8) == 0) {
		p += 8;
		p += strcspn(p, " ");
	}
	if (*p != ' ')
		return;
	scan_rest(p + 1, crash->hardware, sizeof(crash->hardware));
	*p = '\0';
}

/* "CPU: 0 PID: 8366 Comm: insmod Tainted: ...". Until 3.9 "CPU 0" and, on a line of its
 * own, "Pid: 8366, comm: insmod Tainted: ...".
 */
static bool scan_cpu(struct crash *crash, const struct log_line *line)
{
	const char *p = line->text, *c;
	unsigned uid;

	if (crash->has_cpu)
		return false;
	if (scan_word(&p, "Pid: ")) {
		if (!scan_decimal(&p, &crash->pid) || !scan_word(&p, ", comm: "))
			return false;
		/* Without its number the CPU would be said to be the first. */
		crash->has_cpu = crash->has_old_cpu;
		crash->has_pid = true;
		scan_kernel(crash, p, line);
		split_hardware(crash);
		return true;
	}
	if (scan_word(&p, "CPU ") && scan_decimal(&p, &crash->cpu)) {
		crash->has_old_cpu = true;
		return true;
	}
	if (!scan_word(&p, "CPU: ") || !scan_decimal(&p, &crash->cpu))
		return false;
	c = p;
	if (scan_word(&c, " UID: ") && scan_decimal(&c, &uid))
		p = c;
	if (!scan_word(&p, " PID: ") || !scan_decimal(&p, &crash->pid) ||
	    !scan_word(&p, " Comm: "))
		return false;
	crash->has_cpu = crash->has_pid = true;
	scan_kernel(crash, p, line);
	return true;
}

/* A site, if the line's end did not cut it: a module's bracket shows that. */
static bool scan_site(const char **p, const struct log_line *line, struct site *ret)
{
	struct site site = {0};

	if (!site_scan(p, &site) || (!line->is_whole && **p == '\0' && !site.module[0]))
		return false;
	*ret = site;
	return true;
}

/* "RIP: 0010:init_lsm_hooks+0x1cd/0x1f0 [deepin_security]", until 4.9 with the address
 * before the name. "IP: [<ffffffffc0ada31d>] init_lsm_hooks+0x1cd/..." of the same.
 */
static bool scan_rip(struct crash *crash, const struct log_line *line)
{
	const char *p = line->text;
	uint64_t segment;

	if (strcmp(p, "IP:") == 0) {
		crash->is_site_next = !crash->has_site;
		return true;
	}
	if (crash->is_site_next) {
		crash->is_site_next = false;
		crash->has_site = scan_site(&p, line, &crash->site);
		if (crash->has_site)
			return true;
	}
	if (scan_word(&p, "IP: ")) {
		if (!crash->has_site)
			crash->has_site = scan_site(&p, line, &crash->site);
		return true;
	}
	if (!scan_word(&p, "RIP: "))
		return false;
	if (!scan_hex(&p, 4, 4, &segment) || !scan_word(&p, ":"))
		return true;
	if (!crash->has_selector) {
		crash->has_selector = true;
		crash->selector = (unsigned)segment;
	}
	crash->has_site_line = true;
	if (!crash->has_site)
		crash->has_site = scan_site(&p, line, &crash->site);
	if (crash->mode == CRASH_MODE_UNKNOWN)
		crash->mode = segment & 3 ? CRASH_MODE_USER : CRASH_MODE_KERNEL;
	return true;
}

/* "CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033", where the RIP line is lost. */
static void scan_selector(struct crash *crash, const char *p)
{
	uint64_t selector;

	if (crash->has_selector || !scan_word(&p, "CS:"))
		return;
	while (*p == ' ')
		p++;
	if (!scan_hex(&p, 4, 4, &selector) || !scan_word(&p, " DS: "))
		return;
	crash->has_selector = true;
	crash->selector = (unsigned)selector;
}

/* "RSP: 0018:ffffb51a0323fdb0 EFLAGS: 00010202" */
static void scan_stack_selector(struct crash *crash, const char *p)
{
	uint64_t selector, stack;

	if (!scan_word(&p, "RSP: ") || !scan_hex(&p, 4, 4, &selector) ||
	    !scan_word(&p, ":") || !scan_hex(&p, 16, 16, &stack))
		return;
	crash->has_stack_selector = true;
	crash->stack_selector = (unsigned)selector;
}

/* "Code: 00 00 48 <48> 89 0a": arch/x86/kernel/dumpstack.c:show_opcodes(). */
static bool scan_code(struct crash *crash, const char *p)
{
	struct crash_code *code = &crash->code;
	struct crash_code found = {.at = -1};

	if (!scan_word(&p, "Code: "))
		return false;
	if (code->nr || code->is_unreadable)
		return true;
	if (scan_word(&p, "Bad RIP value") ||
	    scan_word(&p, "Unable to access opcode bytes at ")) {
		scan_word(&p, "RIP ");
		code->is_unreadable = true;
		/* The trailing dot shows that it is whole. */
		code->has_address = scan_word(&p, "0x") &&
				    scan_hex(&p, 1, 16, &code->address) && *p == '.';
		return true;
	}
	/* Whoever shortened it kept the end. */
	if (scan_word(&p, "..."))
		scan_word(&p, " ");
	while (found.nr < CRASH_CODE_BYTES) {
		bool is_marked = scan_word(&p, "<");
		uint64_t byte;

		if (!scan_hex(&p, 2, 2, &byte) || (is_marked && !scan_word(&p, ">")) ||
		    !strchr(" ", *p))
			break;
		if (is_marked && found.at < 0)
			found.at = (int)found.nr;
		found.bytes[found.nr++] = (unsigned char)byte;
		if (!scan_word(&p, " "))
			break;
		/* Flowed mail, where the line was broken: a byte that was lost before the
		 * mark does no harm.
		 */
		if (found.at < 0)
			scan_word(&p, " ");
	}
	*code = found;
	return true;
}

/* "<IRQ>  [<ffff...>] name": to 4.8 the stack's name stands before its first frame. */
static const char *skip_stack_name(const char *p)
{
	size_t bytes = *p == '<' ? strcspn(p, ">") : 0;

	if (!bytes || bytes > 8 || p[bytes] != '>')
		return p;
	p += bytes;
	while (*p == '>' || *p == ' ')
		p++;
	return p;
}

/* One line of the call trace. */
static void scan_frame(struct crash *crash, const struct log_line *line)
{
	const char *p = skip_stack_name(line->text);
	struct crash_frame frame = {0};
	bool has_address = false;
	uint64_t address = 0;
	const char *c = p;

	if (crash->nr_frames == CRASH_MAX_FRAMES)
		return;
	/* To 4.8: "[<ffffffff81362323>] ? name+0x10/0x20". */
	if (scan_word(&c, "[<") && scan_hex(&c, 16, 16, &address) &&
	    scan_word(&c, ">] ")) {
		has_address = true;
		p = c;
	}
	frame.is_guess = scan_word(&p, "? ");
	if (!scan_site(&p, line, &frame.site))
		return;
	if (has_address) {
		frame.site.has_address = true;
		frame.site.address = address;
	}
	crash->frames[crash->nr_frames++] = frame;
}

/* "a(OE+) b c(E) [last unloaded: d(O)]": those with flags. */
static void scan_flagged(struct crash *crash, const char *p)
{
	while (*p && *p != '[' && crash->nr_modules < CRASH_MAX_MODULES) {
		struct crash_module *module = &crash->modules[crash->nr_modules];
		char name[SITE_MODULE_BYTES];

		scan_text(&p, "( ", name, sizeof(name));
		if (scan_word(&p, "(")) {
			scan_text(&p, ") ", module->flags, sizeof(module->flags));
			/* One that is cut says less than it did. */
			if (scan_word(&p, ")")) {
				memcpy(module->name, name, sizeof(name));
				crash->nr_modules++;
			}
		}
		while (*p == ' ')
			p++;
	}
}

/* "Modules linked in: a(OE+) b c(E)": the flags of the site's module. */
bool body_scan_modules(struct crash *crash, const char *p)
{
	size_t bytes = strlen(crash->site.module);

	if (!scan_word(&p, "Modules linked in: "))
		return false;
	scan_flagged(crash, p);
	if (!bytes)
		return true;
	while (*p) {
		const char *word = p;

		scan_past(&p, " ");
		if (p == word)
			p += strlen(p);
		if (strncmp(word, crash->site.module, bytes) != 0 || word[bytes] != '(')
			continue;
		word += bytes + 1;
		scan_text(&word, ") ", crash->module_flags, sizeof(crash->module_flags));
		crash->is_module_starting = strchr(crash->module_flags, '+') != NULL;
		crash->is_module_going = strchr(crash->module_flags, '-') != NULL;
		break;
	}
	return true;
}

/* "KASAN: null-ptr-deref in range [0x0000000000000070-0x0000000000000077]": what was to
 * be accessed. mm/kasan/report.c:kasan_non_canonical_hook(), since 5.11.
 */
static bool scan_kasan_range(struct crash *crash, const char *p)
{
	uint64_t start;

	if (!scan_word(&p, "KASAN: ") || !scan_past(&p, " in range [0x") ||
	    !scan_hex(&p, 16, 16, &start) || *p != '-')
		return false;
	crash->has_shadowed = true;
	crash->shadowed = start;
	return true;
}

/* "task: A task.stack: B" of 4.9 to 4.13, "task: A ti: B task.ti: C" of 3.10 to 4.8,
 * "Process insmod (pid: 85, threadinfo B, task A)" before.
 */
static bool scan_task_stack(struct crash *crash, const char *p)
{
	uint64_t task, stack;

	if (scan_word(&p, "task: ")) {
		if (!scan_hex(&p, 16, 16, &task) ||
		    (!scan_word(&p, " task.stack: ") && !scan_word(&p, " ti: ")))
			return false;
	} else if (!scan_word(&p, "Process ") || !scan_past(&p, " (pid: ") ||
		   !scan_past(&p, ", threadinfo ")) {
		return false;
	}
	if (!scan_hex(&p, 16, 16, &stack) || !(stack >> 63) || !strchr(" ,", *p))
		return false;
	if (!crash->has_task_stack) {
		crash->has_task_stack = true;
		crash->task_stack = stack;
	}
	return true;
}

/* "Workqueue: events nrc_check_start [nrc]"; what a printk() names behind it is left out.
 */
static bool scan_work(struct crash *crash, const struct log_line *line)
{
	const char *p = line->text;
	struct site site = {0};

	if (!scan_word(&p, "Workqueue: "))
		return false;
	if (crash->workqueue[0] || !line->is_whole)
		return true;
	scan_text(&p, " ", crash->workqueue, sizeof(crash->workqueue));
	if (!scan_word(&p, " "))
		return true;
	scan_word(&p, "0x");
	if (scan_hex(&p, 16, 16, &site.address)) {
		site.has_address = true;
	} else {
		scan_text(&p, " ", site.function, sizeof(site.function));
		if (scan_word(&p, " ["))
			scan_text(&p, "]", site.module, sizeof(site.module));
	}
	crash->work = site;
	return true;
}

/* arch/x86/kernel/process_32.c:__show_regs(), and dump_pagetable() of 32-bit kernels. */
static bool is_of_32bit_kernel(const char *p)
{
	static const char *const starts[] = {
		"EIP: ",   "EIP is at ", "EIP:    ",	"*pdpt = ",
		"*pde = ", "EAX: ",	 "printing eip"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(p, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* arch/{arm64,riscv,powerpc,s390}/kernel/: what their dumps of registers start with. */
static bool is_of_others(const char *p)
{
	static const char *const starts[] = {
		"pstate: ", "pc : ", "epc : ", "Krnl PSW ", "NIP [c0", "NIP:  c0"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(p, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

void body_scan(struct crash *crash, const struct log_line *line)
{
	const char *p = line->text;

	crash->is_32bit_kernel |= is_of_32bit_kernel(p);
	if (is_of_others(p))
		crash->foreign = "another architecture's: kwcheck explains x86-64 alone";
	crash->is_stack_overrun |= strncmp(p, "Thread overran stack",
					   strlen("Thread overran stack")) == 0;
	if (scan_kasan_range(crash, p) || scan_pf(crash, p) || scan_tables(crash, line) ||
	    scan_cpu(crash, line) || scan_rip(crash, line) || scan_code(crash, p) ||
	    scan_task_stack(crash, p) || scan_work(crash, line))
		return;
	/* Words that are cut are no name. */
	if (scan_word(&p, "Hardware name: ") && line->is_whole)
		scan_rest(p, crash->hardware, sizeof(crash->hardware));
	else if (registers_scan(p, &crash->registers))
		scan_selector(crash, p);
	if (!crash->has_stack_selector)
		scan_stack_selector(crash, line->text);
}

bool body_scan_is_of_report(const struct log_line *line)
{
	static const char *const words[] = {
		"Oops: ",    "CPU: ",  "Pid: ",	  "Hardware name: ", "RIP: 001",
		"RIP: e030", "Code: ", "RSP: 00", "---[ end trace "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(line->text, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

bool body_is_garbled(const struct log_line *line)
{
	static const char *const words[] = {
		"BUG: ",       "RIP: 00", "RSP: 00",   "RAX: ", "RDX: ",
		"RBP: ",       "R10: ",	  "R13: ",     "CPU: ", "Hardware name: ",
		"Call Trace:", "Code: ",  "#PF: ",     "PGD ",	"Modules linked in:",
		"CR2: ",       "CS:  ",	  "Oops: 000", "FS:  ", "---[ end trace ",
	};

	/* "/#PF: " begins with what a tracker left before it. */
	enum { MIN_BEFORE = 4 };

	for (const char *c = strchr(line->text, ':'); c; c = strchr(c + 1, ':'))
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			size_t at = strcspn(words[i], ":");

			if (words[i][at] && (size_t)(c - line->text) >= at + MIN_BEFORE &&
			    strncmp(c - at, words[i], strlen(words[i])) == 0)
				return true;
		}
	return false;
}

static bool is_other_site(const struct site *one, const struct site *two)
{
	return strcmp(one->function, two->function) != 0 || one->offset != two->offset ||
	       (one->has_address && two->has_address && one->address != two->address);
}

/* Most lines are not worth a struct crash. */
static bool can_differ(const char *p)
{
	return strncmp(p, "CPU: ", 5) == 0 || strncmp(p, "RIP: ", 5) == 0 ||
	       (isupper((unsigned char)p[0]) && (p[2] == ':' || p[3] == ':'));
}

bool body_is_of_another(const struct crash *crash, const struct log_line *line)
{
	struct crash other;

	if (!line->is_whole || !can_differ(line->text))
		return false;
	other = (struct crash){.code = {.at = -1}};
	if (scan_cpu(&other, line))
		return crash->has_cpu && other.has_cpu &&
		       (crash->cpu != other.cpu || crash->pid != other.pid);
	if (scan_rip(&other, line))
		return crash->has_site && other.has_site && crash->site.function[0] &&
		       other.site.function[0] && is_other_site(&crash->site, &other.site);
	if (!registers_scan(line->text, &other.registers))
		return false;
	for (enum register_name name = 0; name < REGISTER_NR; name++)
		if (registers_has(&crash->registers, name) &&
		    registers_has(&other.registers, name) &&
		    crash->registers.value[name] != other.registers.value[name])
			return true;
	return false;
}

bool body_is_of_user(const struct crash *crash, const struct log_line *line)
{
	bool is_kernel = crash->mode == CRASH_MODE_KERNEL || crash->kind == CRASH_BUG ||
			 crash->kind == CRASH_LIST_CORRUPTION ||
			 crash->kind == CRASH_CFI ||
			 (crash->kind == CRASH_PAGE_FAULT && crash->has_error_code &&
			  !errorcode_has(crash->error_code, ERRORCODE_U));
	const char *p = line->text;
	uint64_t selector;

	if (!is_kernel)
		return false;
	/* Its RIP line may be lost. */
	if (strstr(p, " ORIG_RAX: 0000") || strncmp(p, "RSP: 002b:", 10) == 0)
		return true;
	return scan_word(&p, "RIP: ") && scan_hex(&p, 4, 4, &selector) && *p == ':' &&
	       (selector == 0x33 || selector == 0x23);
}

int body_rank(const struct log_line *line)
{
	static const struct {
		const char *word;
		int rank;
	} rows[] = {
		{"#PF: error_code", BODY_RANK_ERROR_CODE},
		{"#PF: ", BODY_RANK_MODE},
		{"PGD ", BODY_RANK_TABLES},
		{"CPU: ", BODY_RANK_PROCESS},
		{"Hardware name: ", BODY_RANK_HARDWARE},
		/* Of user space, behind the trace. */
		{"RIP: 0033:", BODY_RANK_TRACE},
		{"RIP: 0023:", BODY_RANK_TRACE},
		{"RSP: 002b:", BODY_RANK_TRACE},
		{"RIP: ", BODY_RANK_SITE},
		{"---[ end trace ", BODY_RANK_TRACE},
		{"Call Trace:", BODY_RANK_TRACE},
	};
	int of_registers;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(line->text, rows[i].word, strlen(rows[i].word)) == 0)
			return rows[i].rank;
	of_registers = registers_line(line->text);
	return of_registers < 0 ? BODY_RANK_NONE : BODY_RANK_REGISTERS + of_registers;
}

bool body_is_frame(const struct log_line *line)
{
	const char *p = skip_stack_name(line->text);
	struct site site;

	/* Most lines are not worth a look at their names. */
	if (!strstr(p, "+0x") || strchr(p, ':'))
		return false;
	scan_word(&p, "? ");
	return site_scan(&p, &site) && site.function[0] && *p == '\0';
}

static bool is_of_old_kernel(const struct crash *crash)
{
	unsigned release = release_number(crash->release);

	return release ? release < RELEASE(4, 18)
		       : crash->has_site && crash->site.has_address &&
				 crash->site.function[0];
}

bool body_is_last_rip(const struct log_line *line)
{
	return strncmp(line->text, "RIP: ", 5) == 0 && strstr(line->text, " RSP: ffff") &&
	       strstr(line->text, "+0x");
}

/* Up to 4.17 the bytes stand behind the trace, up to 4.9 addresses in brackets before
 * names. Since then bytes there are of user space, and its RIP is before them.
 */
static bool scan_late_code(struct crash *crash, const char *p)
{
	uint64_t selector;
	const char *c = p;

	if (scan_word(&c, "RIP: ") && scan_hex(&c, 4, 4, &selector) && selector & 3)
		crash->has_user_rip = true;
	if (strncmp(p, "Code: ", 6) != 0)
		return false;
	if (crash->has_user_rip || !is_of_old_kernel(crash))
		return true;
	return scan_code(crash, p);
}

void body_scan_trace(struct crash *crash, const struct log_line *line)
{
	const char *p = line->text;
	const char *c = p;
	uint64_t address;

	if (body_scan_modules(crash, p))
		return;
	/* Of a lockup that panicked the trace alone has where the CPU was interrupted. */
	if ((crash->kind == CRASH_LOCKUP || crash->kind == CRASH_RCU_STALL) &&
	    !crash->has_site && scan_word(&c, "RIP: 0010:")) {
		scan_rip(crash, line);
		return;
	}
	if (scan_late_code(crash, p))
		return;
	/* "RIP: name+0x94/0xa0 RSP: ffff881057eefd60" of 4.10 to 4.17. */
	if (body_is_last_rip(line)) {
		scan_word(&c, "RIP: ");
		if (!crash->has_site)
			crash->has_site = scan_site(&c, line, &crash->site);
		return;
	}
	/* "RIP  [<ffffffff8124e424>] name+0x94/0xa0" comes once more at the end. */
	if (scan_word(&c, "RIP ")) {
		while (*c == ' ')
			c++;
		if (*c == '[' && !crash->has_site)
			crash->has_site = scan_site(&c, line, &crash->site);
		return;
	}
	c = p;
	if (scan_word(&c, "CR2: ") && scan_hex(&c, 16, 16, &address) && *c == '\0') {
		/* Only faults on memory print it: else it is another report's. */
		if (crash->address_from == CRASH_ADDRESS_UNKNOWN &&
		    (crash->kind == CRASH_PAGE_FAULT || crash->kind == CRASH_UNKNOWN ||
		     crash->kind == CRASH_BAD_PAGETABLE ||
		     crash->kind == CRASH_STACK_OVERFLOW)) {
			crash->address_from = CRASH_ADDRESS_LAST_CR2;
			crash->address = address;
		}
		return;
	}
	scan_frame(crash, line);
}
