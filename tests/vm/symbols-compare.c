// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compares the symbols that kwcheck decodes from the kernel's memory with /proc/kallsyms,
 * line by line. Runs in a guest, as root.
 *
 *	symbols-compare [--min N] [--lists]	compare; N: of the kernel's own, at least;
 *						--lists: some of BPF, ftrace and kprobes
 *						must be there, and the text not needed
 *	symbols-compare --order ...		the kernel's order of names must be found
 *	symbols-compare --bpf COMMAND...	run COMMAND while a BPF program is loaded
 *
 * Of each line, in their order: address, type and name; that a search by name finds it;
 * and that a search by its address finds a symbol there. Ends with one line that says it
 * all. Exit status: 0 no difference; 1 otherwise; 2 where the comparison itself failed.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "kcore/open.h"

#define EXIT_BROKEN 2
#define NR_PRINTED 20

struct line {
	uint64_t address;
	char type;
	char name[KALLSYMS_NAME_BYTES];
	char module[64]; /* "" for the kernel's own */
};

static size_t nr_different;

__attribute__((format(printf, 3, 4))) static void
differ(size_t nr_line, const struct line *line, const char *format, ...)
{
	va_list args;

	if (++nr_different > NR_PRINTED)
		return;
	printf("line %zu: %016" PRIx64 " %c %s %s: ", nr_line, line->address, line->type,
	       line->name, line->module);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* Not kwcheck's own parser. */
static bool parse_line(const char *text, struct line *ret)
{
	struct line line = {0};
	int nr = sscanf(text, "%" SCNx64 " %c %511s [%63[^]]]", &line.address, &line.type,
			line.name, line.module);

	*ret = line;
	return nr >= 3;
}

static bool is_found_by_name(struct symbols *symbols, const struct line *line)
{
	const char *module = *line->module ? line->module : "vmlinux";
	const struct symbol *symbol = NULL;

	while ((symbol = symbols_find(symbols, line->name, module, symbol)))
		if (symbol->address == line->address && symbol->type == line->type)
			return true;
	return false;
}

/* By the kernel's own order of names, which symbols_find() leaves after some searches. */
static bool is_found_by_order(struct kallsyms *table, const char *name, size_t at)
{
	size_t i = kallsyms_find(table, name, 0);

	while (i < at)
		i = kallsyms_find(table, name, i + 1);
	return i == at;
}

static void compare_line(struct symbols *symbols, size_t i, const struct line *line)
{
	const struct symbol *symbol = symbols_nth(symbols, i);

	if (!symbol) {
		differ(i + 1, line, "no such symbol");
		return;
	}
	if (symbol->address != line->address || symbol->type != line->type ||
	    strcmp(symbol->name, line->name) ||
	    strcmp(symbol->module ? symbol->module : "", line->module))
		differ(i + 1, line, "kwcheck has %016" PRIx64 " %c %s", symbol->address,
		       symbol->type, symbol->name);
	if (!is_found_by_name(symbols, line))
		differ(i + 1, line, "not found by its name");
	if (i < symbols->own.nr && i % 31 == 0 && symbols->table->order &&
	    !is_found_by_order(symbols->table, line->name, i))
		differ(i + 1, line, "not found by the order of names");
	symbol = symbols_at(symbols, line->address);
	if (!symbol || symbol->address != line->address)
		differ(i + 1, line, "not found by its address");
}

/* What kallsyms calls the owners of code made at run time. */
static const char *const makers[] = {"bpf", "__builtin__ftrace", "__builtin__kprobes"};

enum { NR_MAKERS = sizeof(makers) / sizeof(makers[0]) };

/* Returns false where it is a module's. */
static bool count_made(const char *module, size_t nr_made[NR_MAKERS])
{
	for (size_t i = 0; i < NR_MAKERS; i++)
		if (strcmp(module, makers[i]) == 0) {
			nr_made[i]++;
			return true;
		}
	return false;
}

static bool lists_are_there(const struct symbols *symbols,
			    const size_t nr_made[NR_MAKERS])
{
	for (size_t i = 0; i < NR_MAKERS; i++)
		if (nr_made[i] == 0) {
			printf("none of %s\n", makers[i]);
			return false;
		}
	if (symbols->text || symbols->first_text)
		puts("the text was read");
	return !symbols->text && !symbols->first_text;
}

static int compare(size_t nr_min, bool needs_lists, bool needs_order)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	struct source source;
	struct kernel kernel;
	struct error error = {0};
	size_t nr_own = 0, nr_others = 0, nr_module = 0, nr_made[NR_MAKERS] = {0};
	size_t longest = 0;
	char text[1024];
	struct line line;

	if (!file)
		err(EXIT_BROKEN, "/proc/kallsyms");
	if (source_open_live(&source, "", &error) < 0)
		errx(EXIT_BROKEN, "%s", error.message);
	source.symbols = SOURCE_SYMBOLS_MEMORY;
	if (kernel_open(&kernel, &source, &error) < 0)
		errx(EXIT_BROKEN, "%s", error.message);
	if (!kernel.has_symbols)
		errx(EXIT_BROKEN, "%s", kernel.symbols_error.message);
	if (needs_order && !kernel.symbols.table->order)
		errx(EXIT_BROKEN, "the order of names was not found");
	while (fgets(text, sizeof(text), file)) {
		if (!parse_line(text, &line))
			errx(EXIT_BROKEN, "/proc/kallsyms: not a line of it: %s", text);
		compare_line(&kernel.symbols, nr_own + nr_others, &line);
		if (*line.module) {
			nr_others++;
			nr_module += !count_made(line.module, nr_made);
		} else {
			nr_own++;
			if (strlen(line.name) > longest)
				longest = strlen(line.name);
		}
	}
	fclose(file);
	if (symbols_nth(&kernel.symbols, nr_own + nr_others))
		differ(nr_own + nr_others + 1, &(struct line){.type = '-'},
		       "kwcheck has more than the file");
	if (kernel.symbols.own.nr != nr_own)
		differ(nr_own, &line, "the kernel's own are %zu, not %zu",
		       kernel.symbols.own.nr, nr_own);
	if (needs_lists && !lists_are_there(&kernel.symbols, nr_made))
		nr_different++;
	if (nr_own < nr_min || nr_module == 0)
		printf("too few: %zu of the kernel's own, %zu of modules\n", nr_own,
		       nr_module);
	printf("symbols: %zu of the kernel, the longest of %zu characters, %zu of modules "
	       "and others, %zu differences\n",
	       nr_own, longest, nr_others, nr_different);
	kernel_close(&kernel);
	source_close(&source);
	return nr_different || nr_own < nr_min || nr_module == 0 ? 1 : 0;
}

/* The program lives as long as somebody has its descriptor. */
static int run_with_bpf(char **command)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uintptr_t)insns,
		.insn_cnt = sizeof(insns) / sizeof(*insns),
		.license = (uintptr_t) "GPL",
	};
	int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

	if (fd < 0 || fcntl(fd, F_SETFD, 0) < 0)
		err(EXIT_BROKEN, "bpf");
	execvp(command[0], command);
	err(EXIT_BROKEN, "%s", command[0]);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"bpf", no_argument, NULL, 'b'},
		{"lists", no_argument, NULL, 'l'},
		{"order", no_argument, NULL, 'o'},
		{"min", required_argument, NULL, 'm'},
		{0},
	};
	size_t nr_min = 80000;
	bool needs_lists = false, needs_order = false;
	int c;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (c == 'b' && optind < argc)
			return run_with_bpf(argv + optind);
		if (c == 'l')
			needs_lists = true;
		else if (c == 'o')
			needs_order = true;
		else if (c == 'm')
			nr_min = strtoull(optarg, NULL, 0);
		else
			return EXIT_BROKEN;
	}
	return compare(nr_min, needs_lists, needs_order);
}
